from __future__ import annotations

from htan_kit import datasets
from htan_kit.datasets._readme import readme
from htan_kit.datasets._records import Entry


def test_it_tells_every_image_and_every_planted_defect() -> None:
    planted = ("shifted_mask", "lost_cells")
    tissue = datasets.simulate("cycif", width_px=60, height_px=50, defects=planted)
    text = readme([(Entry("HTA200_7", "B1", "D1", {"cell": "D2"}, "D3", "csv", "P1"), tissue)])
    row = next(line for line in text.splitlines() if line.startswith("| HTA200_7_D1"))
    assert "60 × 50" in row
    assert f"| {tissue.n_cells} |" in row
    for name in planted:
        assert f"- `{name}`" in text
        assert all(f"{k} = {v}" in text for k, v in datasets.DEFECTS[name].parameters.items())
    assert "`float_mask`" not in text
    assert "htan-kit simulate data/sample" in text
