from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from htan_kit.datasets._raster import cells_of_window, halo_px

if TYPE_CHECKING:
    from htan_kit.datasets import Tissue


def _cells(tissue: Tissue, window: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    return cells_of_window(tissue.shapes, window, seed=tissue.seed, pixel_size_um=tissue.pixel_size_um)


@pytest.mark.parametrize("window", [(0, 50, 0, 60), (131, 200, 77, 191), (300, 380, 350, 420), (100, 101, 100, 101)])
def test_a_window_is_a_piece_of_the_whole(tissue: Tissue, window: tuple[int, int, int, int]) -> None:
    y0, y1, x0, x1 = window
    whole, whole_depth = _cells(tissue, (0, 380, 0, 420))
    part, depth = _cells(tissue, window)
    np.testing.assert_array_equal(part, whole[y0:y1, x0:x1])
    np.testing.assert_array_equal(depth, whole_depth[y0:y1, x0:x1])


def test_no_cell_reaches_further_than_the_halo(tissue: Tissue) -> None:
    index, _ = _cells(tissue, (0, 380, 0, 420))
    y, x = np.nonzero(index >= 0)
    i = index[y, x]
    away = np.maximum(
        np.abs(x - tissue.shapes.x[i] / tissue.pixel_size_um), np.abs(y - tissue.shapes.y[i] / tissue.pixel_size_um)
    )
    assert away.max() <= halo_px(tissue.shapes, tissue.pixel_size_um)


def test_the_nucleus_is_deep_at_its_centre_and_nowhere_outside_cells(tissue: Tissue) -> None:
    index, depth = _cells(tissue, (0, 380, 0, 420))
    assert np.isinf(depth[index < 0]).all()
    assert np.isfinite(depth[index >= 0]).all()
    x = np.clip(np.round(tissue.shapes.nucleus_x / tissue.pixel_size_um).astype(int), 0, 419)
    y = np.clip(np.round(tissue.shapes.nucleus_y / tissue.pixel_size_um).astype(int), 0, 379)
    own = index[y, x] == np.arange(tissue.n_cells)
    assert own.mean() > 0.99
    assert np.median(depth[y, x][own]) < 0.2
