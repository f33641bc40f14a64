"""The tables of tiles and strips, judged before anything is decoded: long enough, and no bomb."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import warning
from htan_kit.io._tiff import check_whole, open_tiff
from htan_kit.io.formats._tiff_stack import Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from htan_kit.io._ifds import Directory, TiffMap
    from htan_kit.io.formats._tiff_source import TiffSource
    from htan_kit.io.formats._tiff_stack import StoredLevel

__all__ = ["check_pieces"]

_BOMB_BYTES = 2**30  # of one piece, decoded
_BOMB_RATIO = 2000  # deflate reaches 1032
_BOMB_IMAGE_BYTES, _BOMB_IMAGE_RATIO = 2**36, 20_000  # of an image; its tables alone take 12 bytes a tile
_HINT = "Copy or export the file again."
_CODES = {
    "width": (256, 0), "height": (257, 0), "bits": (258, 1), "compression": (259, 1), "samples": (277, 1),
    "rows": (278, 2**32 - 1), "planar": (284, 1), "tile_width": (322, 0), "tile_height": (323, 0), "sign": (339, 1),
}  # fmt: skip
"""Tags that say how the pixels of a page are stored, with their defaults: TIFF 6.0."""


class _Form(NamedTuple):
    width: int
    height: int
    bits: int
    compression: int
    samples: int
    rows: int
    planar: int
    tile_width: int
    tile_height: int
    sign: int

    @property
    def piece(self) -> tuple[int, int]:
        if self.tile_width and self.tile_height:
            return self.tile_height, self.tile_width
        return max(min(self.rows, self.height), 1), self.width

    @property
    def is_plain(self) -> bool:
        """Whether it is stored as rows that are not compressed."""
        return self.compression == 1 and not self.tile_width

    @property
    def page_bytes(self) -> int:
        return self.height * -(-self.width * self.samples * max(self.bits, 1) // 8)

    @property
    def grid(self) -> tuple[object, ...]:
        """What the planes of a level must have in common; rows stored as they are can be cut anywhere."""
        piece = None if self.is_plain else self.piece
        return self.width, self.height, self.bits, self.samples, self.planar, self.sign, piece

    @property
    def n_pieces(self) -> int:
        rows, columns = self.piece
        return -(-self.height // rows) * -(-self.width // max(columns, 1)) * (self.samples if self.planar == 2 else 1)

    @property
    def piece_bytes(self) -> int:
        rows, columns = self.piece
        return rows * columns * (self.samples if self.planar == 1 else 1) * max(self.bits, 1) // 8


def check_pieces(levels: Sequence[StoredLevel], file: TiffSource, nodata: float) -> None:
    """Raise InputError where the tables of tiles cannot hold the image, or tiles claim to be far larger than they are.

    Parameters
    ----------
    levels
        Where the pages of the image lie.
    file
        The TIFF that is being opened; other files of the image are looked through too.
    nodata
        What pieces without bytes are read as, for the warning ``image.sparse-tiles``.

    Raises
    ------
    InputError
        A file is cut off, tables are too short, planes differ in how they are stored, or a decompression bomb.
    """
    found = _tables({place for level in levels for place in level.pages if place}, file)
    full = empty = below = declared = stored = 0
    tiled = False
    for number, level in enumerate(levels):
        places = [place for place in dict.fromkeys(level.pages) if place in found]
        for place in places:
            form, missing, n_bytes = found[place]
            if form.grid != found[places[0]][0].grid:
                message = "Its planes are stored in different ways (size, type or tiles)."
                raise InputError.of("image.axes", file.paths[place.file], message, "Write the image again.")
            if number:
                below += missing
                continue
            tiled = bool(form.tile_width)
            full, empty = full + form.n_pieces, empty + missing
            declared += form.n_pieces * form.piece_bytes
            stored += n_bytes
    if declared > _BOMB_IMAGE_BYTES and declared > _BOMB_IMAGE_RATIO * stored:
        message = f"The image claims {declared:,} bytes of pixels, of which {stored:,} are stored."
        raise InputError.of("image.bomb", file.path, message, _HINT)
    if empty or below:
        kind = "tiles" if tiled else "strips"
        lower = f" and {below:,} of its lower pyramid levels" if below else ""
        message = f"{empty:,} of {full:,} {kind} of the image{lower} hold no bytes; they are read as {nodata:g}."
        hint = "Where that is not background, the writing was interrupted: export the image again."
        file.findings.append(warning("image.sparse-tiles", file.path, message, hint))


def _tables(places: set[Place], file: TiffSource) -> dict[Place, tuple[_Form, int, int]]:
    """Give form, pieces left out and stored bytes of every page; NDPI has tables of its own kind, and is not judged."""
    found: dict[Place, tuple[_Form, int, int]] = {}
    for number, path in enumerate(file.paths):
        with nullcontext(file.tiff) if not number else open_tiff(path) as tiff:
            tiff_map = check_whole(tiff, path) if number else file.tiff_map
            for directory in [d for page in tiff_map.pages for d in page.all()] if tiff_map else []:
                place = Place(number, directory.offset)
                if tiff_map and place in places:
                    form = _Form(*(tiff_map.number(directory, *code) for code in _CODES.values()))
                    found[place] = form, *_check_table(form, tiff_map, directory, path)
    return found


def _check_table(form: _Form, tiff_map: TiffMap, directory: Directory, path: Path) -> tuple[int, int]:
    """Count the pieces that are left out, and the bytes of the others."""
    n, piece, sums = form.n_pieces, form.piece_bytes, tiff_map.sums(directory)
    where = directory.place.capitalize()
    known = sums.n_places if form.is_plain and not sums.n else sums.n  # how long they are follows from the size
    if known < n:
        message = f"{where} has {n:,} tiles or strips, and says of {known:,} where they are."
        raise InputError.of("image.truncated", path, message, _HINT)
    if form.is_plain:
        needed = form.page_bytes - sums.n_missing * piece
        if needed > tiff_map.size:
            message = (
                f"The TIFF file is cut off: {directory.place} takes {needed:,} bytes, the file has {tiff_map.size:,}."
            )
            raise InputError.of("image.truncated", path, message, _HINT)
        return sums.n_missing, max(needed, 0)
    if piece > _BOMB_BYTES and piece > _BOMB_RATIO * sums.largest:
        message = f"{where}: pieces of at most {sums.largest:,} bytes claim {piece:,} bytes of pixels."
        raise InputError.of("image.bomb", path, message, _HINT)
    return sums.n_missing, sums.total
