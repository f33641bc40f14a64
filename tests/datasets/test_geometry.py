from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import numpy as np
from skimage.measure import label, regionprops

from htan_kit import datasets
from htan_kit.datasets._geometry import blocks, depth_of, is_nucleus, nucleus_of, region_of
from htan_kit.datasets._layout import REGIONS

if TYPE_CHECKING:
    from htan_kit.datasets import Tissue


def test_blocks_cover_a_plane_once() -> None:
    seen = np.zeros((130, 97), dtype=int)
    for y0, y1, x0, x1 in blocks((130, 97), 40):
        seen[y0:y1, x0:x1] += 1
    assert (seen == 1).all()


def test_every_cell_has_one_connected_piece(tissue: Tissue) -> None:
    labels = tissue.labels()
    assert set(np.unique(labels)) - {0} == set(tissue.cells["cell_id"])
    assert len(np.unique(label(labels, connectivity=1))) - 1 == tissue.n_cells


def test_the_centre_of_a_cell_is_in_the_cell(tissue: Tissue) -> None:
    x, y = (np.round(tissue.cells[c]).astype(int).to_numpy() for c in ("x_px", "y_px"))
    assert (tissue.labels()[y, x] == tissue.cells["cell_id"]).mean() > 0.99


def test_cells_have_the_size_of_cells(tissue: Tissue) -> None:
    inner = [r for r in regionprops(tissue.labels()) if min(r.bbox[:2]) > 0 and r.bbox[2] < 380 and r.bbox[3] < 420]
    area_um2 = np.array([r.area for r in inner]) * tissue.pixel_size_um**2
    assert np.percentile(area_um2, 1) > 25
    assert 60 < np.median(area_um2) < 160
    assert area_um2.max() < 400


def test_a_nucleus_is_inside_its_cell_and_touches_no_other(tissue: Tissue) -> None:
    labels, nuclei = tissue.labels(), tissue.nuclei()
    assert ((nuclei == 0) | (nuclei == labels)).all()
    for a, b in ((nuclei[1:], nuclei[:-1]), (nuclei[:, 1:], nuclei[:, :-1])):
        assert not ((a != b) & (a > 0) & (b > 0)).any()
    assert len(set(np.unique(nuclei)) - {0}) > 0.98 * tissue.n_cells
    share = (nuclei > 0).sum() / (labels > 0).sum()
    assert 0.15 < share < 0.5


def test_codes_say_what_labels_say(tissue: Tissue) -> None:
    window = (0, 380, 0, 420)
    code, labels = tissue.geometry.read("code", window), tissue.labels()
    np.testing.assert_array_equal(depth_of(code) > 0, labels > 0)
    np.testing.assert_array_equal(is_nucleus(code), tissue.nuclei() > 0)
    assert set(np.unique(nucleus_of(code))) == {0, 1, 2}
    assert set(np.unique(region_of(code))) == set(range(len(REGIONS)))
    # The wall is where a neighbour has another label.
    differs = np.zeros(labels.shape, dtype=bool)
    differs[1:] |= labels[1:] != labels[:-1]
    differs[:-1] |= labels[1:] != labels[:-1]
    differs[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    differs[:, :-1] |= labels[:, 1:] != labels[:, :-1]
    inner = np.s_[1:-1, 1:-1]
    np.testing.assert_array_equal((depth_of(code) == 1)[inner], (differs & (labels > 0))[inner])


def test_no_cell_begins_in_the_empty_region(tissue: Tissue) -> None:
    assert (tissue.cells["region"] != "empty").all()
    x, y = (np.round(tissue.cells[c]).astype(int).to_numpy() for c in ("x_px", "y_px"))
    regions = region_of(tissue.geometry.read("code", (0, 380, 0, 420)))
    at = np.array(REGIONS)[regions[y, x]]
    assert (at == tissue.cells["region"].astype(str)).mean() > 0.97


def test_blocks_meet_without_a_seam() -> None:
    # 512 is the edge of a block: cells across it are whole.
    tissue = datasets.simulate("imc", width_px=560, height_px=60, seed=9)
    labels = tissue.labels()
    assert len(np.unique(label(labels, connectivity=1))) - 1 == tissue.n_cells
    assert (labels[:, 511] == labels[:, 512]).mean() > 0.7


def test_a_window_outside_repeats_the_edge(tissue: Tissue) -> None:
    labels = tissue.labels()
    part = tissue.labels((-3, 5, 415, 424))
    assert part.shape == (8, 9)
    np.testing.assert_array_equal(part[3:, :5], labels[:5, 415:])
    np.testing.assert_array_equal(part[0, :5], labels[0, 415:])
    np.testing.assert_array_equal(part[3:, -1], labels[:5, -1])
    assert (tissue.labels((1000, 1002, 1000, 1003)) == labels[-1, -1]).all()


def test_the_files_go_with_the_tissue() -> None:
    tissue = datasets.simulate("imc", width_px=40, height_px=40)
    folder = tissue.geometry.folder
    assert folder.is_dir()
    del tissue
    gc.collect()
    assert not folder.exists()
