from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.ndimage import mean as object_mean
from skimage.registration import phase_cross_correlation

from htan_kit import datasets
from htan_kit.datasets._optics import ChannelPlane, cycle_shift

if TYPE_CHECKING:
    from htan_kit.datasets import Tissue

WINDOW = (0, 380, 0, 420)


def _pixels(tissue: Tissue, name: str) -> np.ndarray:
    plane = ChannelPlane.of(tissue, [c.name for c in tissue.channels].index(name))
    return np.asarray(plane.window((0, tissue.shape[0], 0, tissue.shape[1])), dtype=float)


@pytest.mark.parametrize("window", [(0, 100, 0, 90), (101, 260, 130, 333)])
@pytest.mark.parametrize("assay", ["cycif", "imc"])
def test_a_window_is_a_piece_of_the_whole(assay: str, window: tuple[int, int, int, int]) -> None:
    tissue = datasets.simulate(assay, width_px=420, height_px=380, seed=0)
    plane = ChannelPlane.of(tissue, len(tissue.channels) - 1)
    whole, part = plane.window(WINDOW), plane.window(window)
    y0, y1, x0, x1 = window
    difference = np.abs(part.astype(float) - whole[y0:y1, x0:x1])
    # The blur is summed in another order where a window begins: one grey level at most.
    assert difference.max() <= 1
    assert part.dtype == np.dtype(tissue.properties.dtype)


def test_dna_is_in_nuclei(tissue: Tissue) -> None:
    dna, nuclei, labels = _pixels(tissue, "DNA_1"), tissue.nuclei() > 0, tissue.labels() > 0
    background = np.median(dna[~labels])
    assert dna[nuclei].mean() - background > 5 * (dna[labels & ~nuclei].mean() - background)


@pytest.mark.parametrize(
    ("name", "phenotypes"),
    [
        ("panCK", {"Epithelial"}),
        ("CD20", {"B cell"}),
        ("CD3", {"Helper T cell", "Cytotoxic T cell", "Regulatory T cell"}),
        ("CD8", {"Cytotoxic T cell"}),
        ("CD68", {"Macrophage"}),
        ("SMA", {"Stromal"}),
        ("FOXP3", {"Regulatory T cell"}),
    ],
)
def test_markers_tell_the_types_apart(tissue: Tissue, name: str, phenotypes: set[str]) -> None:
    ids = tissue.cells["cell_id"].to_numpy()
    value = object_mean(_pixels(tissue, name), tissue.labels(), ids)
    stays = (tissue.cells["lost_from_cycle"] == 0).to_numpy()
    positive = tissue.cells["phenotype"].isin(phenotypes).to_numpy() & stays
    negative = ~positive & stays
    # Rank of a positive cell among negative ones (area under the ROC curve).
    auc = (value[positive][:, None] > value[negative][None, :]).mean()
    assert auc > 0.97


def test_a_membrane_marker_is_brighter_at_the_wall_than_inside(tissue: Tissue) -> None:
    from htan_kit.datasets._geometry import depth_of

    cd20 = _pixels(tissue, "CD20")
    depth = depth_of(tissue.geometry.read("code", WINDOW))
    b_cells = np.isin(tissue.labels(), tissue.cells.loc[tissue.cells["phenotype"] == "B cell", "cell_id"])
    assert cd20[b_cells & (depth == 1)].mean() > 1.5 * cd20[b_cells & (depth == 3)].mean()


@pytest.mark.parametrize("cycle", [2, 3, 4])
def test_cycles_are_shifted_by_less_than_a_pixel_or_so(tissue: Tissue, cycle: int) -> None:
    first, later = _pixels(tissue, "DNA_1"), _pixels(tissue, f"DNA_{cycle}")
    # Plain correlation: the phase alone is drawn to whole pixels by the noise.
    found, _, _ = phase_cross_correlation(later, first, upsample_factor=50, normalization=None)
    np.testing.assert_allclose(found, cycle_shift(tissue, cycle), atol=0.06)
    assert 0 < np.abs(cycle_shift(tissue, cycle)).max() <= 0.71


def test_light_falls_off_towards_the_edge_of_a_field() -> None:
    tissue = datasets.simulate("cycif", width_px=64, height_px=64)
    plane = ChannelPlane.of(tissue, 1)
    field = plane._lamp((0, 1280, 0, 1280), 0)
    assert field[640, 640] == pytest.approx(1.0, abs=1e-3)
    assert field[0, 0] == pytest.approx(1 - tissue.properties.vignetting, abs=1e-3)


def test_blanks_show_only_the_tissues_own_light() -> None:
    tissue = datasets.simulate("codex", width_px=200, height_px=200, seed=1)
    blank, panck = _pixels(tissue, "Blank_1_488"), _pixels(tissue, "panCK")
    assert blank.max() < 0.4 * panck.max()
    assert blank[tissue.labels() > 0].mean() > blank[tissue.labels() == 0].mean()


def test_imc_gives_whole_counts() -> None:
    tissue = datasets.simulate("imc", width_px=150, height_px=150, seed=1)
    dna = _pixels(tissue, "DNA2")
    np.testing.assert_array_equal(dna, np.floor(dna))
    assert (_pixels(tissue, "CD31") == 0).mean() > 0.5
    # A gas is in the plasma: the same everywhere.
    xenon = _pixels(tissue, "Xe131")
    assert abs(xenon[tissue.labels() > 0].mean() / xenon[tissue.labels() == 0].mean() - 1) < 0.1
