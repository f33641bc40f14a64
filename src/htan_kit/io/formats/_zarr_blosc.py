"""A chunk compressed by Blosc is checked before it is decoded: Blosc trusts what a chunk says of its own length."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["guard_blosc"]

_HEADER = 16
_SLACK = 8  # filters may widen values before they are compressed


def guard_blosc(array: Any) -> None:
    """Make the Blosc codecs of an array refuse chunks that are cut off, or that claim more than a chunk can hold.

    numcodecs hands a chunk to Blosc without its length. One that is cut off (a download that broke) is decoded from
    whatever lies behind it in memory, without an error.

    Parameters
    ----------
    array
        The ``zarr.Array``; its codecs are changed, not those of others.
    """
    most = math.prod(array.chunks) * array.dtype.itemsize * _SLACK
    for codec in _blosc(array.metadata):
        codec.decode = _checked(codec.decode, most)


def _blosc(metadata: Any) -> Iterator[Any]:
    """Find the numcodecs objects that decode, in Zarr 2 and 3, and inside shards."""
    yield from _decoders([getattr(metadata, "compressor", None), *(getattr(metadata, "filters", None) or ())])
    yield from _decoders(getattr(metadata, "codecs", None) or ())


def _decoders(codecs: Iterable[Any]) -> Iterator[Any]:
    for codec in codecs:
        inner = getattr(codec, "_blosc_codec", None) or getattr(codec, "_codec", None) or codec
        if getattr(inner, "codec_id", None) == "blosc":
            yield inner
        yield from _decoders(getattr(codec, "codecs", None) or ())


def _checked(decode: Any, most: int) -> Any:
    def checked(buffer: Any, out: Any = None) -> Any:
        view = memoryview(buffer).cast("B")
        n, _, length = struct.unpack("<3L", view[4:_HEADER]) if len(view) >= _HEADER else (0, 0, -1)
        if length != len(view) or n > most:
            message = f"the chunk has {len(view):,} bytes, its header says {length:,} of {n:,} decoded"
            raise ValueError(message)
        return decode(buffer, out)

    return checked
