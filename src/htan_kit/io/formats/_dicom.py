"""DICOM whole slide microscopy, as the Imaging Data Commons stores HTAN's: a file a channel and level in a folder."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Findings, warning
from htan_kit.io._layout import downsample
from htan_kit.io._paths import is_file, is_remote
from htan_kit.io._pixel_size import pixel_size_from_lengths
from htan_kit.io._store import Choice, ImageChannel, Level, Opened
from htan_kit.io.formats._dicom_frames import check_frames
from htan_kit.io.formats._dicom_header import RULE, read_instance
from htan_kit.io.formats._dicom_tiles import DicomStore, Plane
from htan_kit.io.formats._series import choose_series

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from htan_kit.io.formats._dicom_header import Instance, OpticalPath

__all__ = ["matches", "open_format"]

_MOST_FILES = 20_000
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # a file can be both; then it is read as what is older in the kit
_NO_SUFFIX = 3  # files looked into, in a folder where none is called .dcm

Sizes = dict[tuple[int, int], list["Instance"]]


def matches(path: Path) -> bool:
    """Tell whether a file is DICOM by its name or its magic bytes, or a folder holds such files."""
    if is_remote(path) or not path.is_dir():
        return path.suffix.lower() == ".dcm" or (not is_remote(path) and _is_dicom(path))
    files = _files_in(path)
    if any(file.suffix.lower() == ".dcm" for file in files):
        return True
    return any(_is_dicom(file) for file in [file for file in files if not file.suffix][:_NO_SUFFIX])


def open_format(path: Path, choice: Choice, findings: Findings) -> Opened:
    """Open a series of whole slide files.

    Parameters
    ----------
    path
        The folder, or one file of the series; its siblings are gathered.
    choice
        Which series (its UID or index) of a folder that holds several, and which focal plane.
    findings
        Where to put what is odd.

    Returns
    -------
    Channels from the optical paths; pixel size from the pixel measures.

    Raises
    ------
    InputError
        No whole slide image is there, files are missing, cut off, or contradict each other, or pydicom is not there.

    References
    ----------
    DICOM PS3.3 A.32.8; Imaging Data Commons, conversion of HTAN: one instance for each channel and pyramid layer.
    """
    found = _series(path, choice, findings)
    for instance in found:
        check_frames(instance)
    levels, planes, paths = _arranged(found, path, findings)
    z = _focal_plane(planes[0][0].files[0], choice, path)
    store = DicomStore(
        tuple(levels),
        tuple(tuple(Plane(plane.files, plane.channel, z) for plane in level) for level in planes),
    )
    samples = 3 if store.is_rgb else 1
    channels = tuple(
        ImageChannel(i, p.identifier or None, None if store.is_rgb else p.name, samples) for i, p in enumerate(paths)
    )
    spacing = planes[0][0].files[0].spacing_mm
    size = None
    if spacing is not None:
        size = pixel_size_from_lengths((spacing[1], "mm"), (spacing[0], "mm"), path, findings)
    return Opened(store, channels, size, None)


def _is_dicom(path: Path) -> bool:
    if not is_file(path):  # a pipe would be waited for
        return False
    try:
        with path.open("rb") as file:
            start = file.read(132)
    except OSError:
        return False
    return start[128:] == b"DICM" and start[:4] not in _TIFF


def _files_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if not file.name.startswith(".") and file.is_file())[:_MOST_FILES]


def _series(path: Path, choice: Choice, findings: Findings) -> list[Instance]:
    """Read the headers of the series that is meant, without overviews, labels and thumbnails."""
    if path.is_dir():
        candidates, own = _files_in(path), None
    else:
        own = read_instance(path)
        if own is None:
            raise _none(path)
        candidates = [file for file in _files_in(path.parent) if file != path] if not is_remote(path) else []
    some = {".dcm"} if any(file.suffix.lower() == ".dcm" for file in candidates) else {".dcm", ""}
    read = [own] + [read_instance(file) for file in candidates if file.suffix.lower() in some and _is_dicom(file)]
    slides = [instance for instance in read if instance is not None and instance.kind == "VOLUME"]
    if own is not None:
        slides = [instance for instance in slides if instance.series == own.series]
    if not slides:
        raise _none(path)
    uids = list(dict.fromkeys(instance.series for instance in slides))
    uid = uids[choose_series(uids, choice.series, path, findings)]
    return [instance for instance in slides if instance.series == uid]


def _none(path: Path) -> InputError:
    message = "There is no DICOM whole slide image (VL Whole Slide Microscopy, VOLUME)."
    return InputError.of(RULE, path, message, "Name the folder of one series, or one of its files.")


def _arranged(
    found: Sequence[Instance], path: Path, findings: Findings
) -> tuple[list[Level], list[list[Plane]], list[OpticalPath]]:
    """Sort files into levels and channels; every channel has to be in every level, else the level is left out."""
    first = max(found, key=lambda instance: instance.width * instance.height)
    if any(
        (i.samples, i.dtype, i.photometric[:3]) != (first.samples, first.dtype, first.photometric[:3]) for i in found
    ):
        message = "The files of the series differ in the type of their pixels."
        raise InputError.of(RULE, path, message, "Keep the files of one image in a folder of their own.")
    by_channel: dict[OpticalPath, dict[tuple[int, int], list[tuple[Instance, int]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for instance in sorted(found, key=lambda i: (i.first_frame, i.number, i.path.name)):
        for number, optical in enumerate(instance.optical_paths):
            by_channel[optical][instance.height, instance.width].append((instance, number))
    paths = _ordered(by_channel, found)
    if first.samples == 3 and len(paths) > 1:
        message = f"A colour image has one optical path; there are {len(paths)}."
        raise InputError.of(RULE, path, message, "Keep the files of one image in a folder of their own.")
    sizes = sorted({size for levels in by_channel.values() for size in levels}, reverse=True)
    levels: list[Level] = []
    planes: list[list[Plane]] = []
    for size in sizes:
        without = [optical for optical in paths if size not in by_channel[optical]]
        if without:
            shown = ", ".join(optical.name or optical.identifier or "?" for optical in without[:10])
            message = f"The level of {size[0]} x {size[1]} px lacks {len(without)} of {len(paths)} channels ({shown})"
            hint = "Download all files of the series."
            if not levels:
                raise InputError.of(RULE, path, f"{message}.", hint)
            findings.append(warning("image.level", path, f"{message}; it is left out.", hint))
            continue
        planes.append([_plane(by_channel[optical][size], optical, path) for optical in paths])
        if len({plane.files[0].frame for plane in planes[-1]}) > 1:
            message = f"Channels of the level of {size[0]} x {size[1]} px have tiles of different sizes."
            raise InputError.of(RULE, path, message, "Convert them to tiles of one size.")
        levels.append(Level(*size, downsample(sizes[0], size)))
    return levels, planes, paths


def _plane(files: Iterable[tuple[Instance, int]], optical: OpticalPath, path: Path) -> Plane:
    """Take the file of a channel in a level, or those of one concatenation."""
    instances = [instance for instance, _ in files]
    numbers = {number for _, number in files}
    if len({instance.concatenation for instance in instances}) > 1 or len(numbers) > 1:
        shown = ", ".join(instance.path.name[:80] for instance in instances[:4])
        message = f"Several files hold channel {optical.name or optical.identifier or '?'} of one level: {shown}."
        raise InputError.of(RULE, path, message, "Keep the files of one image in a folder of their own.")
    first = instances[0]
    tiles = -(-first.height // first.frame[0]) * -(-first.width // first.frame[1])
    need, have = tiles * first.focal_planes * len(first.optical_paths), sum(i.n_frames for i in instances)
    if first.places is None and have < need:
        message = f"Channel {optical.name or optical.identifier or '?'} has {have:,} of {need:,} frames of a level."
        raise InputError.of("image.truncated", path, message, "Download all files of the series.")
    return Plane(tuple(instances), numbers.pop(), 0)


def _ordered(channels: Iterable[OpticalPath], found: Sequence[Instance]) -> list[OpticalPath]:
    """Order channels by number where all identifiers are numbers, else as the instances are numbered."""
    paths = list(channels)
    if len(paths) > 1 and all(re.fullmatch(r"[0-9]{1,9}", p.identifier) for p in paths):
        return sorted(paths, key=lambda p: (int(p.identifier), p.name or ""))
    rank: dict[OpticalPath, tuple[int, int]] = {}
    for instance in found:
        for number, optical in enumerate(instance.optical_paths):
            place = instance.number, number
            rank[optical] = min(rank.get(optical, place), place)
    return sorted(paths, key=lambda p: (*rank[p], p.identifier))


def _focal_plane(first: Instance, choice: Choice, path: Path) -> int:
    n = first.focal_planes if first.places is None else 1 + max(z for _, z, _, _ in first.places)
    if choice.z is None and n > 1:
        message = f"One plane a channel is expected, found {n} focal planes."
        raise InputError.of("image.axes", path, message, "Choose one with z=.")
    if not 0 <= (choice.z or 0) < n or choice.t:
        message = f"There is no such plane: the image has {n} focal planes, the first is 0, and one time point."
        raise InputError.of("image.axes", path, message, "Choose one of them.")
    return choice.z or 0
