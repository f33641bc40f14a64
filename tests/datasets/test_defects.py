"""Every defect is seen by a measure that knows nothing of how it was planted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import tifffile
from scipy.ndimage import laplace, median_filter
from skimage.registration import phase_cross_correlation

from htan_kit import datasets
from htan_kit.datasets import DEFECTS
from htan_kit.datasets._cohort import write_sample
from htan_kit.datasets._records import Entry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIZE = {"width_px": 420, "height_px": 380, "seed": 0}


def _pixels(folder: Path, tissue: datasets.Tissue) -> np.ndarray:
    datasets.write_image(tissue, folder / "x.ome.tiff")
    return np.asarray(tifffile.imread(folder / "x.ome.tiff", level=0)).astype(float)


def _channel(tissue: datasets.Tissue, name: str) -> int:
    return [c.name for c in tissue.channels].index(name)


@pytest.fixture(scope="module")
def good(tissue: datasets.Tissue, image: Path) -> np.ndarray:
    return np.asarray(tifffile.imread(image, level=0)).astype(float)


def _bad(name: str, tmp_path: Path) -> tuple[datasets.Tissue, np.ndarray]:
    tissue = datasets.simulate("cycif", **SIZE, defects=(name,))
    return tissue, _pixels(tmp_path, tissue)


def out_of_focus(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _, bad = _bad("out_of_focus", tmp_path)
    y, x = np.mgrid[:380, :420]
    away = np.hypot(x - 0.72 * 420, y - 0.30 * 380)
    for c in (0, 3, 13):
        sharpness, before = (laplace(plane[c])[away < 60].var() for plane in (bad, good))
        assert sharpness < 0.1 * before
        np.testing.assert_array_equal(bad[c][away > 105], good[c][away > 105])


def saturated_channel(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _, bad = _bad("saturated_channel", tmp_path)
    full = (bad == 65535).mean(axis=(1, 2))
    assert full[_channel(tissue, "Vimentin")] > 0.05
    assert np.delete(full, _channel(tissue, "Vimentin")).max() == 0
    assert (good == 65535).sum() == 0


def lost_cells(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    planted, bad = _bad("lost_cells", tmp_path)
    nuclei = tissue.nuclei() > 0
    left = np.zeros_like(nuclei)
    left[:, : int(0.22 * 420)] = True
    first, last = bad[_channel(tissue, "DNA_1")], bad[_channel(tissue, "DNA_4")]
    assert (last - 48)[nuclei & left].mean() < 0.1 * (first - 48)[nuclei & left].mean()
    assert (last - 48)[nuclei & ~left].mean() > 0.7 * (first - 48)[nuclei & ~left].mean()
    assert (planted.cells["lost_from_cycle"] == 4).mean() > 0.2


def misregistered_cycle(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _, bad = _bad("misregistered_cycle", tmp_path)
    shifts = [
        phase_cross_correlation(bad[_channel(tissue, f"DNA_{c}")], bad[0], normalization=None)[0] for c in (2, 3, 4)
    ]
    assert np.abs(shifts[:2]).max() <= 1
    np.testing.assert_allclose(shifts[2], (5, -7), atol=1)


def uneven_illumination(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _, bad = _bad("uneven_illumination", tmp_path)
    # The image lies in the first third of the camera field: its far corner is nearer the middle.
    nuclei = tissue.nuclei() > 0
    near, far = (
        np.median((bad[0] - 48)[part][nuclei[part]] / (good[0] - 48)[part][nuclei[part]])
        for part in (np.s_[:120, :120], np.s_[-120:, -120:])
    )
    assert near < 0.75 * far


def hot_pixels(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _, bad = _bad("hot_pixels", tmp_path)

    def single(plane: np.ndarray) -> float:
        return float((plane - median_filter(plane, 3) > 10_000).mean())

    assert single(good[2]) == 0
    assert 0.0003 < single(bad[2]) < 0.0007


def empty_channel(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _, bad = _bad("empty_channel", tmp_path)
    c = _channel(tissue, "CD8")
    assert np.percentile(bad[c], 99.5) - np.median(bad[c]) < 0.2 * (np.percentile(good[c], 99.5) - np.median(good[c]))
    np.testing.assert_array_equal(np.delete(bad, c, axis=0), np.delete(good, c, axis=0))


def bleed_through(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _, bad = _bad("bleed_through", tmp_path)
    source, target = _channel(tissue, "panCK"), _channel(tissue, "CD20")
    tumour = np.isin(tissue.labels(), tissue.cells.loc[tissue.cells["phenotype"] == "Epithelial", "cell_id"])
    slope = np.polyfit((good[source] - 48)[tumour], (bad[target] - good[target])[tumour], 1)[0]
    assert abs(slope - 0.35) < 0.05


def date_in_header(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _, bad = _bad("date_in_header", tmp_path)
    np.testing.assert_array_equal(bad, good)
    with tifffile.TiffFile(tmp_path / "x.ome.tiff") as tiff:
        assert "<AcquisitionDate>2021-05-17T10:20:30</AcquisitionDate>" in tiff.pages[0].description
        assert "DateTime" in tiff.pages[0].tags


def missing_pixel_size(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _bad("missing_pixel_size", tmp_path)
    with tifffile.TiffFile(tmp_path / "x.ome.tiff") as tiff:
        assert "PhysicalSize" not in tiff.pages[0].description
        assert tiff.pages[0].tags["ResolutionUnit"].value == tifffile.RESUNIT.NONE


def missing_channel_names(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _bad("missing_channel_names", tmp_path)
    with tifffile.TiffFile(tmp_path / "x.ome.tiff") as tiff:
        assert re.search(r"<Channel [^>]*Name=", tiff.pages[0].description) is None


def _sample(name: str, tmp_path: Path) -> tuple[datasets.Tissue, dict[str, list[dict[str, object]]]]:
    tissue = datasets.simulate("cycif", **(SIZE | {"width_px": 300, "height_px": 280}), defects=(name,))
    return tissue, write_sample(
        tissue, tmp_path, entry=Entry("HTA200_1", "B1", "D1", {"cell": "D2"}, "D3", "csv", "P1")
    )


def swapped_channel_rows(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    small, _ = _sample("swapped_channel_rows", tmp_path)
    table = pd.read_csv(tmp_path / "level2" / "HTA200_1_D1_channels.csv")
    wrong = {
        row["Channel Name"]: small.channels[int(row["Channel ID"].rpartition(":")[2])].name
        for _, row in table.iterrows()
        if small.channels[int(row["Channel ID"].rpartition(":")[2])].name != row["Channel Name"]
    }
    assert wrong == {"CD8": "CD68", "CD68": "CD8"}
    assert list(table["Channel ID"]) == [f"Channel:0:{i}" for i in range(16)]


def shifted_mask(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _sample("shifted_mask", tmp_path)
    table = pd.read_csv(tmp_path / "level4" / "HTA200_1_D3.csv").set_index("CellID")
    mask = tifffile.imread(tmp_path / "level3" / "HTA200_1_D2.ome.tiff")
    x, y = np.round(table["X_centroid"]).astype(int), np.round(table["Y_centroid"]).astype(int)
    assert (mask[y, x] == table.index).mean() < 0.3
    inside = (x < 285) & (y < 270)
    assert (mask[y[inside] + 6, x[inside] + 9] == table.index[inside]).mean() > 0.98
    assert mask[:6].max() == mask[:, :9].max() == 0


def float_mask(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _sample("float_mask", tmp_path)
    mask = tifffile.imread(tmp_path / "level3" / "HTA200_1_D2.ome.tiff")
    assert mask.dtype == np.float32
    assert set(np.unique(mask % 1)) == {0.0, 0.25}


def missing_table_rows(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _sample("missing_table_rows", tmp_path)
    ids = set(pd.read_csv(tmp_path / "level4" / "HTA200_1_D3.csv")["CellID"])
    labels = set(np.unique(tifffile.imread(tmp_path / "level3" / "HTA200_1_D2.ome.tiff"))) - {0}
    assert ids < labels
    assert 0.01 < 1 - len(ids) / len(labels) < 0.12


def duplicate_table_ids(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    small, _ = _sample("duplicate_table_ids", tmp_path)
    ids = pd.read_csv(tmp_path / "level4" / "HTA200_1_D3.csv")["CellID"]
    assert 0.003 < ids.duplicated().mean() < 0.06
    assert len(ids) == small.n_cells


def swapped_table_columns(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    small, _ = _sample("swapped_table_columns", tmp_path)
    table = pd.read_csv(tmp_path / "level4" / "HTA200_1_D3.csv")
    # Cells in which "CD3" is far above the rest are those that carry CD20.
    kind = small.cells["phenotype"].astype(str)[(table["CD3"] > 2 * table["CD3"].median()).to_numpy()]
    assert (kind == "B cell").mean() > 0.9
    assert list(table.columns[1:3]) == ["DNA_1", "panCK"]


def broken_parent_id(tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    _, rows = _sample("broken_parent_id", tmp_path)
    known = {r["HTAN_DATA_FILE_ID"] for component in rows.values() for r in component if "HTAN_DATA_FILE_ID" in r}
    parents = rows["MultiplexMicroscopyLevel4"][0]["HTAN_PARENT_ID"]
    assert parents == "HTA200_1_D999"
    assert parents not in known


DETECTORS: dict[str, Callable[[datasets.Tissue, np.ndarray, Path], None]] = {
    f.__name__: f
    for f in (
        out_of_focus, saturated_channel, lost_cells, misregistered_cycle, uneven_illumination, hot_pixels,
        empty_channel, bleed_through, date_in_header, missing_pixel_size, missing_channel_names, swapped_channel_rows,
        shifted_mask, float_mask, missing_table_rows, duplicate_table_ids, swapped_table_columns, broken_parent_id,
    )
}  # fmt: skip


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_seen(name: str, tissue: datasets.Tissue, good: np.ndarray, tmp_path: Path) -> None:
    DETECTORS[name](tissue, good, tmp_path)


def test_every_defect_is_documented() -> None:
    places = {"image", "header", "channels", "mask", "table", "manifest"}
    for name, defect in DEFECTS.items():
        assert defect.description.endswith("."), name
        assert defect.where in places
        assert set(defect.not_for) <= {"cycif", "codex", "imc", "he"}


@pytest.mark.parametrize("assay", ["codex", "imc", "he"])
def test_defects_can_be_planted_together_in_other_assays(assay: str, tmp_path: Path) -> None:
    names = tuple(n for n, d in DEFECTS.items() if assay not in d.not_for)
    tissue = datasets.simulate(assay, width_px=100, height_px=90, defects=names)
    masks = {} if assay == "he" else {"cell": "D2"}
    entry = Entry("HTA200_1", "B1", "D1", masks, "" if assay == "he" else "D3", "csv", "P1")
    assert write_sample(tissue, tmp_path, entry=entry)
    assert (tmp_path / "level2" / "HTA200_1_D1.ome.tiff").exists()
