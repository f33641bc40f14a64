"""A folder of pictures of one channel each, as MIBI and CODEX pipelines write them: together they are one image."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Findings, error, info
from htan_kit.io._paths import is_inside, is_remote
from htan_kit.io._store import Choice, ImageChannel, Opened
from htan_kit.io.formats import _tiff
from htan_kit.io.formats._tiff_store import TiffStore

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.io.formats._tiff_tiles import Plane

__all__ = ["matches", "open_format"]

_SUFFIXES = {".tif", ".tiff"}
_INSIDE = "TIFs"  # where MIBI pipelines put the channels of a field
_MOST = 2000
_SHOWN = 5
_NO_CHANNEL = re.compile(r"(^|[^a-z0-9])(masks?|seg|segmentation|segmented|labels?|outlines?)$", re.IGNORECASE)
_PER_FILE = {"image.ome-xml", "image.series"}  # said once for the folder, or not worth saying of every file
_HINT = "A folder is one image where every TIFF in it is one channel."


def matches(path: Path) -> bool:
    """Tell whether a folder holds TIFF files, itself or in ``TIFs``."""
    return not is_remote(path) and path.is_dir() and bool(_files(path)[0])


def open_format(path: Path, choice: Choice, findings: Findings) -> Opened:
    """Open a folder whose TIFF files are the channels of an image.

    Parameters
    ----------
    path
        The folder; where it holds no TIFF but a folder ``TIFs`` does, that.
    choice
        Which plane of each file.
    findings
        Where to put what is odd.

    Returns
    -------
    The image: a channel a file, in the natural order of their names (``cyc2`` before ``cyc10``), named for the file.

    Raises
    ------
    InputError
        There is one file only, one holds several channels, or they differ in size or type.
    """
    files, left = _files(path)
    if left:
        names = ", ".join(file.name[:60] for file in left[:_SHOWN])
        message = f"{len(left)} files are called masks or labels, and are no channels: {names}."
        findings.append(info("image.series", path, message))
    if not 1 < len(files) <= _MOST:
        message = f"The folder holds {len(files)} TIFF files that could be channels."
        raise InputError.of("image.folder", path, message, f"{_HINT} Name a file, or open a cohort: hk.open_cohort.")
    opened = []
    for file in files:
        if not is_inside(file, path):
            message = f"{file.name[:100]!r} is a link to a file outside the folder; that is not followed."
            raise InputError.of("image.folder", path, message, "Put the files themselves there.")
        found = Findings()
        try:
            opened.append(_tiff.open_format(file, choice, found))
        except InputError as problem:
            why = next(iter(problem.findings))
            message = f"This is a folder, and {file.name[:100]!r} in it is no channel: {why.message}"
            raise InputError.of("image.folder", path, message, f"{_HINT} {why.hint}") from None
        for finding in found:
            if finding.rule not in _PER_FILE:
                findings.append(finding)
    stores = [each.store for each in opened if isinstance(each.store, TiffStore)]
    _check_alike(path, files, stores)
    sizes = {each.pixel_size_um for each in opened}
    channels = tuple(ImageChannel(i, None, _name(file)) for i, file in enumerate(files))
    return Opened(_together(stores), channels, sizes.pop() if len(sizes) == 1 else None, None)


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    """List the channels, and the files that bear the name of masks."""
    for place in (folder, folder / _INSIDE):
        try:
            here = [file for file in place.iterdir() if file.suffix.lower() in _SUFFIXES and file.name[0] != "."]
        except OSError:
            continue
        here = sorted((file for file in here if file.is_file()), key=_natural)
        if here:
            left = [file for file in here if _NO_CHANNEL.search(_name(file))]
            return [file for file in here if file not in left], left
    return [], []


def _name(file: Path) -> str:
    return re.sub(r"\.ome$", "", file.stem, flags=re.IGNORECASE)


def _natural(file: Path) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d{1,18})", file.name.lower())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _check_alike(path: Path, files: list[Path], stores: list[TiffStore]) -> None:
    """Raise InputError naming every file that is not like most of them."""
    forms = [_form(store) for store in stores]
    usual = Counter(forms).most_common(1)[0][0]
    odd = [(file, form) for file, form in zip(files, forms, strict=True) if form != usual]
    several = [file for file, store in zip(files, stores, strict=True) if store.is_rgb or store.n_channels > 1]
    if several:
        names = ", ".join(file.name[:60] for file in several[:_SHOWN])
        message = f"{len(several)} of {len(files)} TIFF files hold more than one plane: {names}."
        raise InputError.of("image.folder", path, message, f"{_HINT} Name a file, or open a cohort: hk.open_cohort.")
    if odd:
        said = f"{usual[0]} x {usual[1]} px, {usual[2]}"
        raise InputError(
            *(
                error("image.folder", file, f"{f[0]} x {f[1]} px, {f[2]}; most of the folder is {said}.", _HINT)
                for file, f in odd[:20]
            )
        )
    pieces = {(store.chunk, store.tiled) for store in stores}
    if len(pieces) > 1:
        cut = ", ".join(f"{chunk[0]} x {chunk[1]}" for chunk, _ in sorted(pieces))
        message = f"Its files are stored in tiles or strips of different sizes ({cut} px)."
        raise InputError.of("image.folder", path, message, "Write them alike, or as one OME-TIFF.")


def _form(store: TiffStore) -> tuple[int, int, str]:
    return store.levels[0].height, store.levels[0].width, str(store.dtype)


def _together(stores: list[TiffStore]) -> TiffStore:
    """Put the planes of all files behind one another."""
    first, alike = stores[0], {store.levels for store in stores}
    levels = first.levels if len(alike) == 1 else first.levels[:1]
    planes: list[list[Plane]] = [[] for _ in levels]
    before = 0
    for channel, store in enumerate(stores):
        for level, found in enumerate(planes):
            found += [p._replace(file=p.file + before, channels=(channel,)) for p in store.planes[level]]
        before += len(store.sources)
    compression = ", ".join(sorted({store.compression for store in stores}))
    return replace(
        first,
        kind="folder of TIFFs",
        sources=tuple(source for store in stores for source in store.sources),
        levels=levels,
        planes=tuple(tuple(level) for level in planes),
        n_channels=len(stores),
        compression=compression,
    )
