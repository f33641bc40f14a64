"""What lies in data/sample is what the code makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import tifffile

from htan_kit import datasets
from htan_kit.datasets._cohort import COHORT

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = datasets.sample()
TEXT = sorted(p.relative_to(SAMPLE).as_posix() for p in SAMPLE.rglob("*") if p.suffix in {".md", ".json", ".csv"})
IMAGES = sorted(p.relative_to(SAMPLE).as_posix() for p in SAMPLE.rglob("*.tiff"))

# anndata 0.13 asks pandas 3 for an option that is going away.
pytestmark = pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        # The same whatever the time zone and the working folder.
        patch.setenv("TZ", "Asia/Tokyo")
        return datasets.write_cohort(tmp_path_factory.mktemp("cohort") / "made")


def test_the_same_files(made: Path) -> None:
    def names(folder: Path) -> list[str]:
        return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())

    assert names(made) == names(SAMPLE)


@pytest.mark.parametrize("name", [n for n in TEXT if not n.startswith("level4/")])
def test_text_is_the_same(made: Path, name: str) -> None:
    assert (made / name).read_text("utf-8") == (SAMPLE / name).read_text("utf-8")


@pytest.mark.parametrize("name", IMAGES)
def test_pixels_are_the_same(made: Path, name: str) -> None:
    with tifffile.TiffFile(made / name) as new, tifffile.TiffFile(SAMPLE / name) as old:
        assert new.pages[0].description == old.pages[0].description
        assert len(new.series[0].levels) == len(old.series[0].levels)
        for a, b in zip(new.series[0].levels, old.series[0].levels, strict=True):
            # Labels exactly; grey levels to ±1 where another version of numpy or scipy rounds otherwise.
            allowed = 0 if name.startswith("level3/") else 1
            assert np.abs(a.asarray().astype(float) - b.asarray()).max() <= allowed


@pytest.mark.parametrize("name", [n for n in TEXT if n.startswith("level4/")])
def test_tables_are_the_same(made: Path, name: str) -> None:
    pd.testing.assert_frame_equal(pd.read_csv(made / name), pd.read_csv(SAMPLE / name), rtol=1e-3)


def test_the_h5ad_is_the_same(made: Path) -> None:
    new, old = (ad.read_h5ad(folder / "level4" / "HTA200_2_D6.h5ad") for folder in (made, SAMPLE))
    np.testing.assert_allclose(new.X, old.X, rtol=1e-3)
    pd.testing.assert_index_equal(new.obs_names, old.obs_names, exact=False)


def test_it_is_small() -> None:
    assert sum(p.stat().st_size for p in SAMPLE.rglob("*") if p.is_file()) < 15_000_000


def test_two_participants_and_four_images() -> None:
    assert {entry.participant for entry, _ in COHORT} == {"HTA200_1", "HTA200_2"}
    assert [entry.image_id for entry, _ in COHORT] == ["HTA200_1_D1", "HTA200_1_D5", "HTA200_2_D1", "HTA200_2_D4"]
    assert [arguments["assay"] for _, arguments in COHORT] == ["cycif", "he", "cycif", "imc"]


def test_ids_are_used_once() -> None:
    ids = [
        entry.full(i) for entry, _ in COHORT for i in (entry.image, *entry.masks.values(), *filter(None, [entry.table]))
    ]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", TEXT)
def test_no_dates_in_text(name: str) -> None:
    text = (SAMPLE / name).read_text("utf-8")
    # The README tells the planted date; identifiers of papers hold numbers.
    text = text.replace("2021-05-17T10:20:30", "")
    assert re.search(r"\b(19|20)\d\d[-/.](0\d|1[0-2])[-/.][0-3]\d", text) is None


@pytest.mark.parametrize("name", IMAGES)
def test_dates_in_images_only_where_planted(name: str) -> None:
    with tifffile.TiffFile(SAMPLE / name) as tiff:
        dated = "AcquisitionDate" in tiff.pages[0].description or "DateTime" in tiff.pages[0].tags
    assert dated == (name == "level2/HTA200_2_D1.ome.tiff")


def test_manifests_name_files_that_are_there() -> None:
    for manifest in SAMPLE.glob("manifest_*.csv"):
        table = pd.read_csv(manifest)
        if "FILENAME" in table:
            assert all((SAMPLE / f).is_file() for f in table["FILENAME"])


def test_manifests_tell_the_size_of_the_images() -> None:
    for _, row in pd.read_csv(SAMPLE / "manifest_MultiplexMicroscopyLevel2.csv").iterrows():
        with tifffile.TiffFile(SAMPLE / row["FILENAME"]) as tiff:
            assert tiff.series[0].shape == (row["SIZE_C"], row["SIZE_Y"], row["SIZE_X"])
            assert (len(tiff.series[0].levels) > 1) == row["PYRAMID"]


def test_the_kit_opens_it() -> None:
    from htan_kit.cohort import open_cohort

    cohort = open_cohort(SAMPLE)
    assert set(cohort) == {"HTA200_1_D1", "HTA200_1_D5", "HTA200_2_D1", "HTA200_2_D4"}
    assert set(cohort["HTA200_1_D1"].masks) == {"cell", "nucleus"}
    assert all(sample.miti for sample in cohort.values())


def test_another_seed_is_another_cohort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from htan_kit.datasets import _cohort

    monkeypatch.setattr(_cohort, "COHORT", COHORT[1:2])
    a, b = (datasets.write_cohort(tmp_path / str(s), seed=s) for s in (8, 9))
    name = "level2/HTA200_1_D5.ome.tiff"
    assert (a / name).read_bytes() != (b / name).read_bytes()
    assert (SAMPLE / name).read_bytes() != (a / name).read_bytes()
