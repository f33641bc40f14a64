"""Digests: the same for the same, another for anything else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from htan_kit.batch import _stamp

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_changed_file_changes_the_digest(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("one")
    first = _stamp.digest_files([file])
    os.utime(file, (1, 1))
    assert _stamp.digest_files([file]) == first
    file.write_text("two")
    assert _stamp.digest_files([file]) != first
    file.unlink()
    assert _stamp.digest_files([file]) != first


def test_a_folder_counts_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "store.zarr").mkdir()
    (tmp_path / "store.zarr" / "chunk").write_text("one")
    first = _stamp.digest_files([tmp_path / "store.zarr"])
    (tmp_path / "store.zarr" / "other").write_text("")
    assert _stamp.digest_files([tmp_path / "store.zarr"]) != first


def test_a_large_file_counts_with_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("htan_kit.io.hashing._WHOLE", 1000)
    monkeypatch.setattr("htan_kit.io.hashing._BLOCK", 100)
    file = tmp_path / "large"
    file.write_bytes(bytes(10_000))
    os.utime(file, (1, 1))
    first = _stamp.digest_files([file])
    assert _stamp.digest_files([file]) == first
    os.utime(file, (2, 2))
    assert _stamp.digest_files([file]) != first
    changed = bytearray(10_000)
    changed[-1] = 1
    file.write_bytes(changed)
    os.utime(file, (1, 1))
    assert _stamp.digest_files([file]) != first


def test_every_part_of_a_stamp_counts() -> None:
    first = _stamp.stamp("a", {"n": 1}, "i")
    assert first == _stamp.stamp("a", {"n": 1}, "i")
    assert first["notebook"] != _stamp.stamp("b", {"n": 1}, "i")["notebook"]
    assert first["parameters"] != _stamp.stamp("a", {"n": 2}, "i")["parameters"]
    assert first["inputs"] != _stamp.stamp("a", {"n": 1}, "j")["inputs"]
    assert first["kit"] == _stamp.digest_kit()


def test_versions_are_those_of_the_packages() -> None:
    import numpy as np

    assert _stamp.versions()["numpy"] == np.__version__
