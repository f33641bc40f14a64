"""A mask is in pieces or in one, however it is cut into blocks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.mask import Mask, read_mask
from htan_kit.pixels import mask_objects
from htan_kit.pixels._pieces import in_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def cut(labels: np.ndarray, height: int, width: int) -> Any:
    """Stand in for a mask that is read in blocks of a given size."""

    def blocks() -> Iterator[tuple[tuple[int, int, int, int], np.ndarray]]:
        for y in range(0, labels.shape[0], height):
            for x in range(0, labels.shape[1], width):
                part = labels[y : y + height, x : x + width]
                yield (y, y + part.shape[0], x, x + part.shape[1]), part

    return SimpleNamespace(shape=labels.shape, blocks=blocks)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1), st.integers(1, 9), st.integers(1, 9))
def test_as_scipy_counts_the_whole(seed: int, share: float, height: int, width: int) -> None:
    labels = (np.random.default_rng(seed).random((9, 11)) < share).astype(np.int64)
    assert in_pieces(cut(labels, height, width)) == (ndimage.label(labels)[1] > 1)


def test_an_object_across_every_border_is_one_piece() -> None:
    labels = np.zeros((12, 12), np.int64)
    labels[1:11, 1:11] = 1
    labels[3:9, 3:9] = 0  # a ring, and nothing in the middle
    for size in range(1, 13):
        assert not in_pieces(cut(labels, size, size))
    labels[5, 5] = 1
    for size in range(1, 13):
        assert in_pieces(cut(labels, size, size))


def test_a_binary_mask_with_one_piece_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.zeros((64, 64), np.uint8)
    for y in (4, 20, 36, 52):
        labels[y : y + 6, 10:16] = 255
    tifffile.imwrite(tmp_path / "m.tif", labels, tile=(16, 16))
    whole = Mask.blocks
    monkeypatch.setattr(Mask, "blocks", lambda self: whole(self, max_bytes=16 * 64))
    mask = read_mask(tmp_path / "m.tif", findings=Findings())
    assert len(list(mask.blocks())) == 4
    with pytest.raises(InputError, match="it is binary"):
        mask_objects(mask)
    labels[:20] = labels[26:] = 0
    tifffile.imwrite(tmp_path / "one.tif", labels, tile=(16, 16))
    assert len(mask_objects(read_mask(tmp_path / "one.tif", findings=Findings()))) == 1
