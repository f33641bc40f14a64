"""One hash for a file's content, whoever asks."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from htan_kit.io import hashing

if TYPE_CHECKING:
    from pathlib import Path


def test_a_small_file_is_hashed_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    assert hashing.file_hash(tmp_path / "a") == f"sha256:{hashlib.sha256(b'content').hexdigest()}"


@pytest.mark.parametrize("place", [0, 5_000, 9_999])
def test_a_large_file_is_sampled_over_its_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    monkeypatch.setattr(hashing, "_WHOLE", 1000)
    monkeypatch.setattr(hashing, "_BLOCK", 400)
    file, content = tmp_path / "a", bytearray(10_000)
    file.write_bytes(content)
    first = hashing.file_hash(file)
    assert first.startswith("sha256-sampled:")
    os.utime(file, (1, 1))
    assert hashing.file_hash(file) == first  # a hash is of the content
    content[place] = 1
    file.write_bytes(content)
    assert hashing.file_hash(file) != first


def test_the_size_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "_WHOLE", 1000)
    monkeypatch.setattr(hashing, "_BLOCK", 10)
    (tmp_path / "a").write_bytes(bytes(2000))
    (tmp_path / "b").write_bytes(bytes(2001))
    assert hashing.file_hash(tmp_path / "a") != hashing.file_hash(tmp_path / "b")
