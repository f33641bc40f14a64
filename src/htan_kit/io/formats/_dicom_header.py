"""What a DICOM whole slide file says of its pixels; the tags that name a patient are not even read."""

from __future__ import annotations

import struct
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RULE", "Instance", "OpticalPath", "read_instance"]

RULE = "image.dicom"
WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"  # VL Whole Slide Microscopy Image Storage, PS3.4 B.5
_DEFLATED = "1.2.840.10008.1.2.1.99"
_NAME = 200  # characters of a name that are kept
_PIXEL_DATA = (0x7FE0, 0x0010)
_LONG = {b"OB", b"OW", b"UN"}  # value representations with a length of 32 bits, PS3.5 7.1.2

_TAGS = [
    "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "InstanceNumber", "ImageType", "Rows", "Columns",
    "NumberOfFrames", "TotalPixelMatrixRows", "TotalPixelMatrixColumns", "TotalPixelMatrixFocalPlanes",
    "DimensionOrganizationType", "NumberOfOpticalPaths", "SamplesPerPixel", "PhotometricInterpretation",
    "PlanarConfiguration", "BitsAllocated", "PixelRepresentation", "ImagedVolumeWidth", "ImagedVolumeHeight",
    "OpticalPathSequence", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
    "SpecimenDescriptionSequence", "ConcatenationUID", "ConcatenationFrameOffsetNumber", "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpticalPath:
    """A channel as a file describes it: the identifier, and a name where there is one."""

    identifier: str
    name: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One file: the size of its matrix and of its frames, its channels, and where its pixels begin.

    ``places`` is None where frames follow each other (TILED_FULL); else (channel, focal plane, y, x) of each frame,
    y and x in px. ``spacing_mm`` is (y, x).
    """

    path: Path
    series: str
    number: int
    kind: str
    syntax: str
    height: int
    width: int
    frame: tuple[int, int]
    n_frames: int
    first_frame: int
    focal_planes: int
    samples: int
    photometric: str
    planar: bool
    dtype: str
    spacing_mm: tuple[Any, Any] | None
    optical_paths: tuple[OpticalPath, ...]
    places: tuple[tuple[int, int, int, int], ...] | None
    concatenation: str
    pixels_at: int
    pixels_length: int | None
    offsets: tuple[bytes, bytes] | None


def read_instance(path: Path) -> Instance | None:
    """Read the header of a DICOM file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    What it says; None where it is not DICOM, or another kind of object than a whole slide image.

    Raises
    ------
    InputError
        pydicom is not installed, or the header is damaged.

    References
    ----------
    DICOM PS3.3 A.32.8 (VL Whole Slide Microscopy Image), C.8.12 (its modules), C.7.6.16 and C.7.6.17.
    """
    try:
        from pydicom import dcmread
        from pydicom.errors import InvalidDicomError
    except ImportError:
        message = "DICOM files are read by pydicom, which is not installed."
        raise InputError.of(RULE, path, message, 'Install it: pip install "htan_kit[dicom]".') from None
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom tells of values that are not as the standard has them, and shows them
        try:
            header = dcmread(file, stop_before_pixels=True, specific_tags=list(_TAGS))
        except InvalidDicomError:
            return None
        except Exception as problem:  # noqa: BLE001 - a damaged file fails in any of a dozen ways
            raise damaged(path, type(problem).__name__) from None
        if header.get("SOPClassUID") != WHOLE_SLIDE:
            return None
        try:
            return _instance(header, path, *_pixel_data(file, header))
        except InputError:
            raise
        except Exception as problem:  # noqa: BLE001 - values of another kind than the standard's
            raise damaged(path, type(problem).__name__) from None


def damaged(path: Path, why: str) -> InputError:
    """Make the error for a header that cannot be read; values are not shown, for they may be a patient's."""
    message = f"The DICOM file is damaged or cut off ({why})."
    return InputError.of("image.truncated", path, message, "Copy or download the file again.")


def _pixel_data(file: Any, header: Any) -> tuple[int, int | None]:
    """Find where the pixels begin and how long they are: None where frames are wrapped one by one."""
    syntax = header.file_meta.TransferSyntaxUID
    order = "<" if syntax.is_little_endian else ">"
    start = file.read(8)
    if len(start) < 8 or struct.unpack(f"{order}HH", start[:4]) != _PIXEL_DATA:
        message = "there are no pixels"
        raise ValueError(message)
    if syntax.is_implicit_VR:
        (length,) = struct.unpack(f"{order}L", start[4:])
    elif start[4:6] in _LONG:
        (length,) = struct.unpack(f"{order}L", file.read(4))
    else:
        message = "pixels of an unknown kind"
        raise ValueError(message)
    return file.tell(), None if length == 0xFFFFFFFF else length


def _instance(header: Any, path: Path, pixels_at: int, pixels_length: int | None) -> Instance:
    syntax = str(header.file_meta.TransferSyntaxUID)
    frame = int(header.Rows), int(header.Columns)
    n_frames = int(header.get("NumberOfFrames") or 1)
    height = int(header.get("TotalPixelMatrixRows") or (frame[0] if n_frames == 1 else 0))
    width = int(header.get("TotalPixelMatrixColumns") or (frame[1] if n_frames == 1 else 0))
    bits, signed = int(header.BitsAllocated), int(header.get("PixelRepresentation") or 0)
    kind = header.get("ImageType") or []
    if syntax == _DEFLATED or bits not in (8, 16, 32) or min(*frame, n_frames, height, width) < 1:
        what = f"{height} x {width} px in {n_frames} frames of {frame[0]} x {frame[1]} px, {bits} bits"
        message = f"Pixels stored as {what} (transfer syntax {syntax[:64]}) cannot be read."
        raise InputError.of(RULE, path, message, "Convert it to an uncompressed or JPEG 2000 whole slide image.")
    paths = _optical_paths(header)
    if int(header.get("NumberOfOpticalPaths") or 0) > len(paths):
        message = f"The file has {int(header.NumberOfOpticalPaths)} channels and describes {len(paths)} of them."
        raise InputError.of(RULE, path, message, "Write it again with one file a channel.")
    offsets = header.get("ExtendedOffsetTable"), header.get("ExtendedOffsetTableLengths")
    return Instance(
        path=path,
        series=str(header.get("SeriesInstanceUID", "")),
        number=int(header.get("InstanceNumber") or 0),
        kind=str(kind[2]) if len(kind) > 2 else "VOLUME",
        syntax=syntax,
        height=height,
        width=width,
        frame=frame,
        n_frames=n_frames,
        first_frame=int(header.get("ConcatenationFrameOffsetNumber") or 0),
        focal_planes=max(1, int(header.get("TotalPixelMatrixFocalPlanes") or 1)),
        samples=int(header.get("SamplesPerPixel") or 1),
        photometric=str(header.get("PhotometricInterpretation", "")),
        planar=bool(header.get("PlanarConfiguration")),
        dtype=f"{'>' if syntax == '1.2.840.10008.1.2.2' else '<'}{'i' if signed else 'u'}{bits // 8}",
        spacing_mm=_spacing(header, height, width),
        optical_paths=paths,
        places=_places(header, paths) if header.get("DimensionOrganizationType") == "TILED_SPARSE" else None,
        concatenation=str(header.get("ConcatenationUID") or header.get("SOPInstanceUID", "")),
        pixels_at=pixels_at,
        pixels_length=pixels_length,
        offsets=(bytes(offsets[0]), bytes(offsets[1])) if offsets[0] and offsets[1] else None,
    )


def _spacing(header: Any, height: int, width: int) -> tuple[Any, Any] | None:
    """Give the distance of pixels in mm along y and x: as measured, else from the size of what was imaged."""
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in (header.get(groups) or [])[:1]:
            for measures in (group.get("PixelMeasuresSequence") or [])[:1]:
                spacing = measures.get("PixelSpacing")
                if spacing is not None and len(spacing) == 2:
                    return float(spacing[0]), float(spacing[1])
    high, wide = header.get("ImagedVolumeHeight"), header.get("ImagedVolumeWidth")
    return (float(high) / height, float(wide) / width) if high and wide else None


def _optical_paths(header: Any) -> tuple[OpticalPath, ...]:
    stains = _stains(header)
    found = []
    for item in header.get("OpticalPathSequence") or []:
        identifier = str(item.get("OpticalPathIdentifier") or "").strip()[:_NAME]
        described = str(item.get("OpticalPathDescription") or "").strip()[:_NAME]
        found.append(OpticalPath(identifier, described or stains.get(identifier)))
    return tuple(found) or (OpticalPath("", None),)


def _stains(header: Any) -> dict[str, str]:
    """Map channel → what it shows, as preparation steps tell it: "Channel" beside "Component investigated".

    The link is that of DICOM CP 2082, as the Imaging Data Commons writes it for HTAN.
    """
    found: dict[str, str] = {}
    for specimen in header.get("SpecimenDescriptionSequence") or []:
        for step in specimen.get("SpecimenPreparationSequence") or []:
            said: dict[str, str] = {}
            for item in step.get("SpecimenPreparationStepContentItemSequence") or []:
                concept = (item.get("ConceptNameCodeSequence") or [{}])[0].get("CodeValue")
                if item.get("TextValue"):
                    said.setdefault(str(concept), str(item.TextValue).strip()[:_NAME])
            if "C44170" in said and "246094008" in said:  # NCIt Channel; SNOMED CT Component investigated
                found.setdefault(said["C44170"], said["246094008"])
    return found


def _places(header: Any, paths: tuple[OpticalPath, ...]) -> tuple[tuple[int, int, int, int], ...]:
    """Say where each frame of a TILED_SPARSE file lies."""
    numbers = {path.identifier: i for i, path in enumerate(paths)}
    shared = (header.get("SharedFunctionalGroupsSequence") or [{}])[0]
    found, depths = [], []
    for group in header.PerFrameFunctionalGroupsSequence:
        position = group.PlanePositionSlideSequence[0]
        which = group.get("OpticalPathIdentificationSequence") or shared.get("OpticalPathIdentificationSequence")
        channel = numbers[str(which[0].OpticalPathIdentifier).strip()[:_NAME]] if which else 0
        depths.append(float(position.get("ZOffsetInSlideCoordinateSystem") or 0))
        y, x = int(position.RowPositionInTotalImagePixelMatrix), int(position.ColumnPositionInTotalImagePixelMatrix)
        found.append((channel, y - 1, x - 1))
    order = {depth: i for i, depth in enumerate(sorted(set(depths)))}
    return tuple((channel, order[depth], y, x) for (channel, y, x), depth in zip(found, depths, strict=True))
