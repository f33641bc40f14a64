from __future__ import annotations

import numpy as np

from htan_kit import datasets
from htan_kit.datasets._planting import focus_weight, last_cycle, target_channel


def test_last_cycle() -> None:
    assert last_cycle(datasets.simulate("codex", width_px=40, height_px=40)) == 6
    assert last_cycle(datasets.simulate("imc", width_px=40, height_px=40)) == 0
    assert last_cycle(datasets.simulate("he", width_px=40, height_px=40)) == 0


def test_a_panel_without_the_channel_takes_its_last() -> None:
    short = datasets.simulate("cycif", width_px=40, height_px=40, n_channels=2, defects=("empty_channel",))
    assert target_channel(short, "empty_channel") == 1
    assert target_channel(short, "saturated_channel") == -1


def test_focus_is_lost_in_a_disc() -> None:
    tissue = datasets.simulate("he", width_px=200, height_px=100, defects=("out_of_focus",))
    weight = focus_weight(tissue, (0, 100, 0, 200))
    assert weight[30, 144] == 1
    assert weight[99, 0] == weight[0, 100] == 0
    assert np.isclose(weight.sum(), np.pi * 22**2, rtol=0.05)
