"""hk.measure: everything in one pass, kept, and measured again when anything is another."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

import htan_kit as hk
from htan_kit.assemble import _kept
from htan_kit.pixels._pass import Pass

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = "HTA200_1_D1"


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, bool]]:
    """Every pass that is run: whether over an image, whether over a mask."""
    run, seen = Pass.run, []

    def counted(self: Pass) -> None:
        seen.append((self.image is not None, self.mask is not None))
        run(self)

    monkeypatch.setattr(Pass, "run", counted)
    return seen


@pytest.fixture
def files(tmp_path: Path, cohort: hk.Cohort) -> dict[str, Path]:
    """Copies that may be changed."""
    sample = cohort[GOOD]
    named = {"image": sample.image, "mask": sample.mask, "channels": sample.channels}
    return {name: shutil.copy(path, tmp_path / path.name) for name, path in named.items() if path is not None}


def test_it_gives_everything(files: dict[str, Path]) -> None:
    found = hk.measure(**files, nucleus=files["mask"], ring_um=1.3, percentiles=[50, 99.9], cycles=True)
    assert set(found.compartments) == {"cell", "nucleus", "cytoplasm", "ring"}
    assert sorted(found.compartments["ring"].quantiles) == [0.5, 0.999]
    for part in ("channels", "histograms", "tiles", "tissue", "cycles", "cycle_cells", "shapes"):
        assert getattr(found, part) is not None
    frame = hk.read_channels(files["channels"])
    nuclear = frame[frame["channel_name"].str.contains("DNA")]
    assert found.cycle_cells["channel_index"].tolist() == nuclear["channel_index"].tolist()[1:]
    assert (found.cycle_cells["shift_median_px"] < 1).all()


def test_the_ring_is_in_um(files: dict[str, Path]) -> None:
    wide = hk.measure(files["image"], files["mask"], ring_um=2.0, pixel_size_um=1.0)
    same = hk.measure(files["image"], files["mask"], ring_um=1.3)  # 2 px of 0.65 µm
    np.testing.assert_array_equal(wide.compartments["ring"].count, same.compartments["ring"].count)


def test_a_mask_alone_and_an_image_alone(files: dict[str, Path]) -> None:
    assert hk.measure(None, files["mask"]).shapes is not None
    assert hk.measure(files["image"]).channels is not None
    with pytest.raises(hk.InputError, match="neither image nor mask"):
        hk.measure(None)


class TestCache:
    def test_the_second_time_nothing_is_decoded(
        self, files: dict[str, Path], tmp_path: Path, passes: list[tuple[bool, bool]]
    ) -> None:
        first = hk.measure(**files, cache=tmp_path / "kept")
        assert passes == [(True, True)]
        second = hk.measure(**files, cache=tmp_path / "kept")
        assert len(passes) == 1
        np.testing.assert_array_equal(first.mean, second.mean)
        assert first.objects.equals(second.objects)
        assert not list((tmp_path / "kept").glob(".tmp*"))

    @pytest.mark.parametrize(
        "change",
        [
            {"percentiles": [50]}, {"ring_um": 2.0}, {"cycles": True}, {"nucleus": "mask"}, {"skip_bad_tiles": True},
            {"ring_um": 2.0, "pixel_size_um": 0.5},
        ],
        ids=str,
    )  # fmt: skip
    def test_another_question_is_measured(
        self, files: dict[str, Path], tmp_path: Path, passes: list[tuple[bool, bool]], change: dict[str, Any]
    ) -> None:
        hk.measure(**files, cache=tmp_path / "kept")
        n = len(passes)
        change = change | ({"nucleus": files["mask"]} if "nucleus" in change else {})
        hk.measure(**files, cache=tmp_path / "kept", **change)
        assert len(passes) > n
        n = len(passes)
        hk.measure(**files, cache=tmp_path / "kept")
        hk.measure(**files, cache=tmp_path / "kept", **change)
        assert len(passes) == n  # both are kept
        assert len(list((tmp_path / "kept").iterdir())) == 2

    def test_a_file_that_changed_is_measured_and_replaces_what_it_was(
        self, files: dict[str, Path], tmp_path: Path, passes: list[tuple[bool, bool]]
    ) -> None:
        before = hk.measure(files["image"], files["mask"], cache=tmp_path / "kept")
        times = files["mask"].stat()
        labels = tifffile.imread(files["mask"])
        labels[labels == labels.max()] = 0
        tifffile.imwrite(files["mask"], labels)
        os.utime(files["mask"], ns=(times.st_atime_ns, times.st_mtime_ns))
        after = hk.measure(files["image"], files["mask"], cache=tmp_path / "kept")
        assert len(passes) == 2
        assert len(after.labels) == len(before.labels) - 1
        assert len(list((tmp_path / "kept").iterdir())) == 1

    def test_another_kit_measures_again(
        self, files: dict[str, Path], tmp_path: Path, passes: list[tuple[bool, bool]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hk.measure(files["image"], cache=tmp_path / "kept")
        monkeypatch.setattr(_kept, "_kit", lambda: {"code": "another"})
        hk.measure(files["image"], cache=tmp_path / "kept")
        assert len(passes) == 2

    @pytest.mark.parametrize(
        "damage",
        [
            lambda folder: (folder / "objects.npy").write_bytes(b"\x00" * 200),
            lambda folder: (folder / "compartments.cell.sum.npy").unlink(),
            lambda folder: (folder / "measurement.json").write_text("{"),
            lambda folder: (folder / "labels.npy").write_bytes((folder / "labels.npy").read_bytes()[:-1]),
        ],
        ids=["garbage", "gone", "head", "short"],
    )
    def test_a_damaged_one_is_measured_again(
        self, files: dict[str, Path], tmp_path: Path, passes: list[tuple[bool, bool]], damage: Callable[[Path], object]
    ) -> None:
        first = hk.measure(files["image"], files["mask"], cache=tmp_path / "kept")
        mean = np.array(first.mean)
        del first
        damage(next((tmp_path / "kept").iterdir()))
        again = hk.measure(files["image"], files["mask"], cache=tmp_path / "kept")
        assert len(passes) == 2
        np.testing.assert_array_equal(again.mean, mean)
        hk.measure(files["image"], files["mask"], cache=tmp_path / "kept")
        assert len(passes) == 2

    def test_a_place_that_cannot_be_written_costs_the_cache_only(self, files: dict[str, Path], tmp_path: Path) -> None:
        (tmp_path / "kept").write_text("a file is in the way")
        findings = hk.Findings()
        found = hk.measure(files["image"], cache=tmp_path / "kept", findings=findings)
        assert found.channels is not None
        assert [f.rule for f in findings if f.severity == "warning"] == ["measure.cache"]

    def test_findings_are_kept_too(self, tmp_path: Path) -> None:
        pixels = np.ones((1, 40, 40), np.float32)
        pixels[0, 0, 0] = np.nan
        tifffile.imwrite(tmp_path / "i.tif", pixels, photometric="minisblack")
        for _ in range(2):
            findings = hk.Findings()
            hk.measure(tmp_path / "i.tif", cache=tmp_path / "kept", findings=findings)
            assert "image.not-finite" in {f.rule for f in findings}

    def test_what_is_open_already_is_not_kept(self, files: dict[str, Path], tmp_path: Path) -> None:
        with pytest.raises(hk.InputError, match="Give paths"):
            hk.measure(hk.read_image(files["image"]), cache=tmp_path / "kept")

    def test_a_text_says_what_it_was_made_from(self, files: dict[str, Path], tmp_path: Path) -> None:
        hk.measure(files["image"], cache=tmp_path / "kept")
        (folder,) = (tmp_path / "kept").iterdir()
        head = json.loads((folder / "measurement.json").read_text())
        assert head["made_from"]["files"]["image"][0].startswith("sha256:")
        assert str(tmp_path) not in json.dumps(head)  # no places of the user's machine
