"""Each way in which a table can be of other objects is planted in the packaged sample, and found."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import tifffile

import htan_kit as hk
from htan_kit.assemble._sources import open_sources
from htan_kit.checks._identity import check_identity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Frame = Callable[[pd.DataFrame], pd.DataFrame]

MARKERS = ["CD3", "CD20", "CD8"]


@pytest.fixture
def checked(sample_dir: Path, tmp_path: Path) -> Callable[[Frame], dict[str, hk.Finding]]:
    """Check the sample with its table changed."""

    def check(change: Frame) -> dict[str, hk.Finding]:
        folder = tmp_path / "cohort"
        shutil.copytree(sample_dir, folder)
        table = folder / "level4" / "HTA200_1_D4.csv"
        change(pd.read_csv(table)).to_csv(table, index=False)
        sample = hk.open_cohort(folder)["HTA200_1_D1"]
        return {finding.rule: finding for finding in check_identity(open_sources(sample))}

    return check


def test_the_good_sample(cohort: hk.Cohort) -> None:
    for library_id in ("HTA200_1_D1", "HTA200_2_D4"):
        assert list(check_identity(open_sources(cohort[library_id]))) == []


def test_the_planted_sample(cohort: hk.Cohort) -> None:
    found = {finding.rule for finding in check_identity(open_sources(cohort["HTA200_2_D1"]))}
    assert "identity.label-missing-in-table" in found
    assert "identity.centroid" not in found


def test_an_image_alone_has_nothing_to_compare(cohort: hk.Cohort) -> None:
    assert list(check_identity(open_sources(cohort["HTA200_1_D5"]))) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.rename(columns={"X_centroid": "Y_centroid", "Y_centroid": "X_centroid"}), "x and y are swapped"),
        (lambda t: t.assign(Y_centroid=559 - t["Y_centroid"]), "y is flipped"),
        (lambda t: t.assign(X_centroid=t["X_centroid"] * 0.65, Y_centroid=t["Y_centroid"] * 0.65), "they are in µm"),
        (lambda t: t.assign(X_centroid=(t["X_centroid"] - 0.5) / 2, Y_centroid=(t["Y_centroid"] - 0.5) / 2),
         "pixels of a level 2 times smaller"),
        (lambda t: t.assign(X_centroid=t["X_centroid"] - 200), "off by -200.0, 0.0 px"),
    ],
)  # fmt: skip
def test_coordinates(checked: Callable[[Frame], dict[str, hk.Finding]], change: Frame, words: str) -> None:
    finding = checked(change)["identity.centroid"]
    assert finding.severity == "error"
    assert words in finding.message
    assert "100% of" in finding.message
    assert words in finding.hint


def test_rows_numbered_from_0(checked: Callable[[Frame], dict[str, hk.Finding]]) -> None:
    found = checked(lambda t: t.assign(CellID=t["CellID"] + 1))
    assert found["identity.ids-renumbered"].message.endswith("ids of the table are labels plus 1.")
    assert "identity.means" not in found


def test_swapped_columns(checked: Callable[[Frame], dict[str, hk.Finding]]) -> None:
    found = checked(lambda t: t.rename(columns={"CD3": "CD20", "CD20": "CD3"}))
    message = found["identity.columns-swapped"].message
    assert "'CD3' holds 'CD20'" in message
    assert "'CD20' holds 'CD3'" in message
    assert "measured in 200 cells" in message
    assert set(found) == {"identity.columns-swapped"}


def test_swapped_columns_of_another_statistic(checked: Callable[[Frame], dict[str, hk.Finding]]) -> None:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        table = table.rename(columns={"CD3": "CD20", "CD20": "CD3"})
        return table.assign(**{name: np.log1p(table[name]) for name in MARKERS})

    found = checked(change)
    assert "'CD3' holds 'CD20'" in found["identity.columns-swapped"].message
    assert found["identity.means-transformed"].message.endswith(": CD8.")


def test_transformed_values(checked: Callable[[Frame], dict[str, hk.Finding]]) -> None:
    found = checked(lambda t: t.assign(**{name: np.arcsinh(t[name] / 5) for name in MARKERS}))
    assert [f.severity for f in found.values()] == ["info"]
    assert "CD20" in found["identity.means-transformed"].message


def test_values_of_nothing(checked: Callable[[Frame], dict[str, hk.Finding]]) -> None:
    noise = np.random.default_rng(0)
    found = checked(lambda t: t.assign(CD3=noise.random(len(t))))
    assert "CD3 (rank correlation" in found["identity.means"].message


def test_areas(checked: Callable[[Frame], dict[str, hk.Finding]]) -> None:
    finding = checked(lambda t: t.assign(Area=t["Area"] * 0.65**2))["identity.areas"]
    assert (finding.severity, finding.message) == ("info", "Areas in 'Area' are in µm², not px.")


def test_areas_of_another_level(checked: Callable[[Frame], dict[str, hk.Finding]]) -> None:
    finding = checked(lambda t: t.assign(Area=t["Area"] / 16))["identity.areas"]
    assert finding.severity == "warning"
    assert "pyramid level 4 times smaller" in finding.message


def test_a_mask_of_another_size_is_an_error_of_its_own(sample_dir: Path, tmp_path: Path) -> None:
    mask = tmp_path / "m.tif"
    tifffile.imwrite(mask, np.ones((5, 5), np.uint8))
    level2, level4 = sample_dir / "level2", sample_dir / "level4"
    with pytest.raises(hk.InputError, match="5 x 5 px"):
        hk.read(image=level2 / "HTA200_1_D1.ome.tiff", mask=mask, table=level4 / "HTA200_1_D4.csv")


@pytest.mark.parametrize("mask", ["deepcell", "ilastik"])
def test_real_cells(real: Path, mask: str) -> None:
    cohort = hk.open_cohort(real / "imc_bodenmiller" / "steinbock", mask=mask)
    assert [f for sample in cohort.samples for f in check_identity(open_sources(sample))] == []
