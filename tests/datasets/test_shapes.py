from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.datasets._types import PHENOTYPES

if TYPE_CHECKING:
    from htan_kit.datasets import Tissue


def _axes(quadratic: np.ndarray) -> np.ndarray:
    """Half axes of a dx² + b dx dy + c dy² = 1, from the eigenvalues of its matrix."""
    a, b, c = quadratic.T
    matrices = np.moveaxis(np.array([[a, b / 2], [b / 2, c]]), -1, 0)
    return 1 / np.sqrt(np.linalg.eigvalsh(matrices))


def test_axes_are_those_of_the_type(tissue: Tissue) -> None:
    drawn = _axes(tissue.shapes.cell)
    for number, kind in enumerate(PHENOTYPES.values()):
        mine = drawn[tissue.type_index == number]
        assert len(mine) > 3
        np.testing.assert_allclose(np.median(mine, axis=0), kind.cell_um, rtol=0.08)
    assert tissue.shapes.reach_um >= drawn.max() * 0.995


def test_nuclei_are_smaller_than_cells(tissue: Tissue) -> None:
    assert (_axes(tissue.shapes.nucleus) < _axes(tissue.shapes.cell)).all()


def test_stromal_cells_lie_along_the_fibres(tissue: Tissue) -> None:
    stromal = tissue.type_index == list(PHENOTYPES).index("Stromal")
    a, b, c = tissue.shapes.cell[stromal].T
    x, y = tissue.shapes.x[stromal], tissue.shapes.y[stromal]
    tx, ty = tissue.layout.wall_direction(x, y)
    norm = np.hypot(tx, ty)
    along = (a * tx**2 + b * tx * ty + c * ty**2) / norm**2
    across = (a * ty**2 - b * tx * ty + c * tx**2) / norm**2
    assert (along < across).mean() > 0.99
