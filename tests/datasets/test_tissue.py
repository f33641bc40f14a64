from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit import datasets

if TYPE_CHECKING:
    from htan_kit.datasets import Tissue


def test_expression_is_lognormal_about_the_level_of_the_type(tissue: Tissue) -> None:
    tissue = datasets.simulate("cycif", width_px=900, height_px=900, seed=0)
    names = [c.name for c in tissue.channels]
    panck = tissue.expression(names.index("panCK"))
    epithelial = (tissue.cells["phenotype"] == "Epithelial") & (tissue.cells["lost_from_cycle"] == 0)
    log = np.log(panck[epithelial.to_numpy()] / tissue.channels[names.index("panCK")].signal)
    assert abs(log.mean()) < 0.05
    assert abs(log.std() - 0.28) < 0.04
    others = ~epithelial & (tissue.cells["lost_from_cycle"] == 0)
    assert panck[others.to_numpy()].max() < np.percentile(panck[epithelial.to_numpy()], 1)


def test_ki67_follows_proliferation(tissue: Tissue) -> None:
    names = [c.name for c in tissue.channels]
    ki67 = tissue.expression(names.index("Ki67"))
    stays = (tissue.cells["lost_from_cycle"] == 0).to_numpy()
    yes = tissue.cells["proliferating"].to_numpy()
    assert ki67[yes & stays].min() > 3 * ki67[~yes & stays].max()


def test_lost_cells_give_no_signal_from_their_cycle_on(tissue: Tissue) -> None:
    lost = tissue.cells["lost_from_cycle"].to_numpy()
    cell = int(np.flatnonzero(lost > 1)[0])
    for i, channel in enumerate(tissue.channels):
        assert (tissue.expression(i)[cell] == 0) == (channel.cycle >= lost[cell])


def test_a_channel_does_not_depend_on_the_others(tissue: Tissue) -> None:
    few = datasets.simulate("cycif", width_px=420, height_px=380, seed=0, n_channels=4)
    kept = ((few.cells["lost_from_cycle"] == 0) & (tissue.cells["lost_from_cycle"] == 0)).to_numpy()
    np.testing.assert_array_equal(few.expression(1)[kept], tissue.expression(1)[kept])


def test_properties(tissue: Tissue) -> None:
    assert tissue.n_cells == len(tissue.cells)
    assert tissue.properties.name == "CyCIF"
    assert list(tissue.cells["phenotype"].cat.categories[tissue.type_index[:5]]) == list(tissue.cells["phenotype"][:5])
