"""The frames of one DICOM file: where their bytes lie, and how they become pixels."""

from __future__ import annotations

import struct
import threading
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.errors import InputError
from htan_kit.io.formats._dicom_header import RULE

if TYPE_CHECKING:
    from htan_kit.io._bytes import Files
    from htan_kit.io.formats._dicom_header import Instance

__all__ = ["COMPRESSIONS", "Frames", "check_frames"]

COMPRESSIONS = {
    "1.2.840.10008.1.2": "none", "1.2.840.10008.1.2.1": "none", "1.2.840.10008.1.2.2": "none",
    "1.2.840.10008.1.2.5": "rle",
    "1.2.840.10008.1.2.4.50": "jpeg", "1.2.840.10008.1.2.4.51": "jpeg",
    "1.2.840.10008.1.2.4.57": "lossless jpeg", "1.2.840.10008.1.2.4.70": "lossless jpeg",
    "1.2.840.10008.1.2.4.80": "jpeg-ls", "1.2.840.10008.1.2.4.81": "jpeg-ls",
    "1.2.840.10008.1.2.4.90": "jpeg2000", "1.2.840.10008.1.2.4.91": "jpeg2000",
    "1.2.840.10008.1.2.4.201": "htj2k", "1.2.840.10008.1.2.4.202": "htj2k", "1.2.840.10008.1.2.4.203": "htj2k",
}  # fmt: skip
"""Transfer syntax → the compression's name; DICOM PS3.6 annex A."""

_MOST_BYTES = 2**30  # of one frame, decoded
_ITEM = 8  # bytes of an item's tag and length
_SIZ = b"\xff\x4f\xff\x51"  # JPEG 2000: start of codestream and of its sizes


def check_frames(instance: Instance) -> None:
    """Raise InputError where the file cannot hold the frames it claims, or a frame is beyond bounds.

    Parameters
    ----------
    instance
        The file's header.

    Raises
    ------
    InputError
        Cut off, larger than 1 GiB a frame, or of a compression or colours that the kit cannot read.
    """
    path = instance.path
    if instance.syntax not in COMPRESSIONS:
        message = f"The compression of its pixels (transfer syntax {instance.syntax[:64]}) is not known."
        raise InputError.of(RULE, path, message, "Convert it to JPEG 2000 or to uncompressed pixels.")
    colours = {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"}
    plain = COMPRESSIONS[instance.syntax] == "none"
    known = {1: {"MONOCHROME2"}, 3: colours - {"YBR_FULL_422"} if plain else colours}.get(instance.samples, set())
    if instance.photometric not in known or (plain != (instance.pixels_length is not None)):
        message = f"Pixels of {instance.samples} samples as {instance.photometric[:20]!r} cannot be read."
        raise InputError.of(RULE, path, message, "MONOCHROME2, or RGB and YBR_FULL of three samples, are.")
    one = frame_bytes(instance)
    if one > _MOST_BYTES:
        size = f"{instance.frame[0]} x {instance.frame[1]} px"
        raise InputError.of(RULE, path, f"A frame of {size} has {one:,} bytes; 1 GiB is the most.", "Write tiles.")
    have = path.stat().st_size - instance.pixels_at
    need = instance.n_frames * (one if plain else _ITEM)
    if need > have or (plain and need > (instance.pixels_length or 0)):
        message = f"The file is cut off: its {instance.n_frames:,} frames need {need:,} bytes, there are {have:,}."
        raise InputError.of("image.truncated", path, message, "Copy or download the file again.")


def frame_bytes(instance: Instance) -> int:
    """Count the bytes of a frame's pixels."""
    return instance.frame[0] * instance.frame[1] * instance.samples * np.dtype(instance.dtype).itemsize


class Frames:
    """Frames of one file, read and decoded for themselves.

    Parameters
    ----------
    instance
        The file's header.
    files
        What reads bytes.
    """

    def __init__(self, instance: Instance, files: Files) -> None:
        self._instance, self._files = instance, files
        self._lock = threading.Lock()
        self._parts: list[list[tuple[int, int]]] | None = None  # (offset, length) of the pieces of each frame
        self._shape = (*instance.frame, instance.samples)
        self._dtype = np.dtype(instance.dtype)

    def decode(self, frame: int) -> np.ndarray:
        """Decode a frame.

        Parameters
        ----------
        frame
            Its 0-based number in the file.

        Returns
        -------
        (rows, columns, samples) in native byte order, colours as RGB.
        """
        instance = self._instance
        if instance.pixels_length is not None:
            n = frame_bytes(instance)
            data = self._files.read(instance.path, instance.pixels_at + frame * n, n)
            stored = np.frombuffer(data, self._dtype)
            if instance.planar and instance.samples > 1:
                pixels = stored.reshape(instance.samples, *instance.frame).transpose(1, 2, 0)
            else:
                pixels = stored.reshape(self._shape)
            return self._coloured(pixels.astype(self._dtype.newbyteorder("="), copy=False))
        parts = self._index()[frame]
        data_of = [bytes(self._files.read(instance.path, offset, length)) for offset, length in parts]
        return self._decompressed(data_of[0] if len(data_of) == 1 else b"".join(data_of))

    def _decompressed(self, data: bytes) -> np.ndarray:
        import imagecodecs

        instance = self._instance
        native = self._dtype.newbyteorder("=")
        shape = self._shape if instance.samples > 1 else self._shape[:2]
        out = np.empty(shape, native)  # the codecs refuse to decode another size into it, before they allocate
        name = COMPRESSIONS[instance.syntax]
        if name == "jpeg":
            colours = None if instance.samples == 1 else "RGB" if instance.photometric == "RGB" else "YCBCR"
            pixels = imagecodecs.jpeg8_decode(data, colorspace=colours, outcolorspace=colours and "RGB", out=out)
        elif name in {"jpeg2000", "htj2k"}:
            _check_codestream(data, instance.frame)
            pixels = imagecodecs.jpeg2k_decode(data, numthreads=1, out=out)
        elif name == "jpeg-ls":
            pixels = imagecodecs.jpegls_decode(data, out=out)
        elif name == "lossless jpeg":
            pixels = imagecodecs.ljpeg_decode(data, out=out)
        else:
            pixels = self._run_lengths(data)
        pixels = np.asarray(pixels).reshape(self._shape)
        # JPEG and JPEG 2000 decoders undo the colour transform that their own streams name.
        return pixels if name in {"jpeg", "jpeg2000", "htj2k"} else self._coloured(pixels)

    def _run_lengths(self, data: bytes) -> np.ndarray:
        import imagecodecs

        flat = np.frombuffer(imagecodecs.dicomrle_decode(data, self._dtype.newbyteorder("<")), self._dtype)
        pixels = flat.reshape(self._instance.samples, *self._instance.frame).transpose(1, 2, 0)  # PS3.5 G.2
        return pixels.astype(self._dtype.newbyteorder("="), copy=False)

    def _coloured(self, pixels: np.ndarray) -> np.ndarray:
        if self._instance.photometric != "YBR_FULL":
            return pixels
        from pydicom.pixels.processing import convert_color_space

        return convert_color_space(np.ascontiguousarray(pixels), "YBR_FULL", "RGB")

    def _index(self) -> list[list[tuple[int, int]]]:
        with self._lock:
            if self._parts is None:
                self._parts = _find_frames(self._instance)
            return self._parts


def _find_frames(instance: Instance) -> list[list[tuple[int, int]]]:
    """Find the pieces of every frame: by the offset tables, else one piece a frame."""
    from pydicom.encaps import parse_basic_offsets, parse_fragments

    size = instance.path.stat().st_size
    with instance.path.open("rb") as file:
        file.seek(instance.pixels_at)
        table = parse_basic_offsets(file)
        first = file.tell()
        if instance.offsets is not None:
            starts, lengths = (np.frombuffer(text, "<u8").tolist() for text in instance.offsets)
            parts = [[(first + s + _ITEM, n)] for s, n in zip(starts, lengths, strict=True)]
        else:
            n, places = parse_fragments(file)
            pieces = []
            for place in places:
                file.seek(place + 4)
                pieces.append((place + _ITEM, struct.unpack("<L", file.read(4))[0]))
            parts = _grouped(pieces, [first + offset for offset in table], instance.n_frames)
    if len(parts) < instance.n_frames or any(offset + n > size for pieces in parts for offset, n in pieces):
        message = f"the file has {len(parts)} whole frames of {instance.n_frames}"
        raise EOFError(message)
    return parts


def _grouped(pieces: list[tuple[int, int]], starts: list[int], n_frames: int) -> list[list[tuple[int, int]]]:
    if len(pieces) == n_frames:
        return [[piece] for piece in pieces]
    if n_frames == 1:
        return [pieces]
    if len(starts) != n_frames:
        message = f"{len(pieces)} pieces hold {n_frames} frames, and no table says which"
        raise ValueError(message)
    places = [offset - _ITEM for offset, _ in pieces]
    cuts = [*(bisect_left(places, start) for start in starts), len(pieces)]
    return [pieces[a:b] for a, b in pairwise(cuts)]


def _check_codestream(data: bytes, frame: tuple[int, int]) -> None:
    """Raise ValueError where a JPEG 2000 stream is of another size than the frame; the decoder would allocate first."""
    at = data.find(_SIZ, 0, 4096)
    if at < 0 or len(data) < at + 24:
        message = "no JPEG 2000 codestream"
        raise ValueError(message)
    width, height, left, top = struct.unpack(">4L", data[at + 8 : at + 24])
    if (height - top, width - left) != frame:
        message = f"the stream holds {height - top} x {width - left} px, the frame {frame[0]} x {frame[1]}"
        raise ValueError(message)
