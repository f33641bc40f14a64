from __future__ import annotations

import numpy as np

from htan_kit.datasets import FRACTIONS
from htan_kit.datasets._layout import REGIONS
from htan_kit.datasets._types import DISTANCE_UM, PHENOTYPES, PROLIFERATING, fraction_table


def test_shares_sum_to_1_in_every_region_with_cells() -> None:
    table = fraction_table()
    assert table.shape == (len(REGIONS), len(PHENOTYPES))
    np.testing.assert_allclose(table.sum(axis=1), [0.0] + [1.0] * (len(REGIONS) - 1))
    assert {name for row in FRACTIONS.values() for name in row} == set(PHENOTYPES)


def test_tables_name_the_regions() -> None:
    assert set(DISTANCE_UM) == set(PROLIFERATING) == set(REGIONS)
    assert set(FRACTIONS) == set(REGIONS) - {"empty"}


def test_a_nucleus_fits_into_its_cell() -> None:
    for kind in PHENOTYPES.values():
        assert all(n < c for n, c in zip(kind.nucleus_um, kind.cell_um, strict=True))
