"""The files of a sample, opened as far as their headers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from htan_kit.assemble._sources import other_size, pixel_size_of
from htan_kit.channels import reconcile
from htan_kit.errors import InputError
from htan_kit.findings import Findings, error
from htan_kit.io._paths import is_file
from htan_kit.io.channel_table import read_channels
from htan_kit.io.image import Image, read_image
from htan_kit.io.mask import Mask
from htan_kit.io.outlines import is_outlines
from htan_kit.io.table_header import MAX_BYTES, TableHeader, read_table_header

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from htan_kit.cohort import Sample

__all__ = ["Files", "Shared", "open_files"]

T = TypeVar("T")

_OF_AN_IMAGE: Final = {"image.ome-xml", "image.axes"}  # said of masks too by the reader; a plain TIFF may be a mask
_KEPT: Final = 100  # channel tables kept for other samples
_REPLACED: Final = "image.ome-xml"  # htan2.l2.ome-tiff says it where HTAN's rules hold


@dataclass(slots=True)
class Shared:
    """What several samples have in common, so that it is read once: channel tables, and tables of several images."""

    channels: dict[tuple[Path, str], tuple[pd.DataFrame | None, Findings]] = field(default_factory=dict)
    tables: dict[Path, TableHeader] = field(default_factory=dict)  # those of several images only
    frames: dict[Any, tuple[pd.DataFrame | None, Findings]] = field(default_factory=dict)  # reconciled
    records: set[int] = field(default_factory=set)  # id() of the records that have been judged


@dataclass(frozen=True)
class Files:
    """The headers of a sample's files; None or left out where there is no such file or it cannot be read.

    Parameters
    ----------
    sample
        The sample.
    image
        The Level 2 image.
    masks
        Every Level 3 mask by name, as an image: it may have several channels.
    tables
        The Level 4 tables.
    channel_frame
        One row a channel, reconciled.
    pixel_size_um
        The side of a pixel in µm.
    findings
        What was found while opening.
    """

    sample: Sample
    image: Image | None
    masks: dict[str, Image]
    tables: tuple[TableHeader, ...]
    channel_frame: pd.DataFrame | None
    pixel_size_um: float | None
    findings: Findings

    @property
    def phase(self) -> int | None:
        """HTAN phase of its records, None without."""
        unit = self.sample.unit
        first = next(iter(unit.files), None) if unit is not None else None
        return first.phase if first is not None else None

    @property
    def mask(self) -> Image | None:
        """The mask that is used."""
        return self.masks.get(self.sample.mask_name)


def open_files(sample: Sample, *, shared: Shared | None = None, max_bytes: int | None = MAX_BYTES) -> Files:
    """Open the files of a sample as far as their headers.

    Parameters
    ----------
    sample
        The sample.
    shared
        What other samples of the cohort have read.
    max_bytes
        The ids of a larger table are not read; None for no limit.

    Returns
    -------
    The headers. What cannot be read is a finding.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._files import open_files
    >>> files = open_files(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> files.tables[0].n_rows, list(files.masks)
    (994, ['cell', 'nucleus'])
    """
    shared = shared or Shared()
    found = Findings(sample.findings)
    image = _try(found, lambda: read_image(sample.image, findings=found) if sample.image else None)
    masks = {name: mask for name, path in sample.masks.items() if (mask := _mask(path, found)) is not None}
    used = masks.get(sample.mask_name)
    if image is not None:
        for mask in masks.values():
            if (mask.height, mask.width) != (image.height, image.width):
                found.extend(other_size(image, Mask(mask)).findings)
    table = _channels(sample, shared, found)
    tables = tuple(t for path in sample.table if (t := _table(path, shared, max_bytes, found)) is not None)
    features = [name for header in tables for name in header.markers] if tables else None
    frame = _reconciled(sample, table, image, features, shared, found)
    size = None
    if image is not None or sample.image is None:  # an image that cannot be read may well say its pixel size
        size = pixel_size_of(sample, image, Mask(used) if used is not None else None, found)
    files = Files(sample, image, masks, tables, frame, size, found)
    return files if files.phase is None else _without_repeats(files)


def _without_repeats(files: Files) -> Files:
    """Drop what a rule of HTAN says again, and more strictly."""
    return replace(files, findings=Findings(f for f in files.findings if f.rule != _REPLACED or f.severity == "error"))


def _mask(path: Path, findings: Findings) -> Image | None:
    own = Findings()
    if is_outlines(path):  # they have no header: reading them is for those who look at pixels
        if not is_file(path):
            findings.append(error("file.exists", path, "There is no such file.", "Check the path."))
        return None
    image = _try(own, lambda: read_image(path, findings=own))
    findings.extend(f for f in own if f.rule not in _OF_AN_IMAGE or f.severity == "error")
    return image


def _channels(sample: Sample, shared: Shared, findings: Findings) -> pd.DataFrame | None:
    path = sample.channels
    if path is None:
        return None
    if (path, sample.panel) not in shared.channels:
        own = Findings()
        if len(shared.channels) >= _KEPT:
            shared.channels.clear()
        table = _try(own, lambda: read_channels(path, panel=sample.panel, findings=own))
        shared.channels[path, sample.panel] = (table, own)
    table, own = shared.channels[path, sample.panel]
    findings.extend(own)
    return table


def _reconciled(
    sample: Sample,
    table: pd.DataFrame | None,
    image: Image | None,
    features: list[str] | None,
    shared: Shared,
    findings: Findings,
) -> pd.DataFrame | None:
    """Reconcile; images of one panel with the same header and the same columns have the same answer."""
    channels = None if image is None else list(image.channels)
    subject = sample.channels.name if sample.channels else sample.name
    said = None if channels is None else tuple(channels), None if features is None else tuple(features)
    place = (subject, sample.channels, sample.panel, *said)
    if place not in shared.frames:
        own = Findings()
        if len(shared.frames) >= _KEPT:
            shared.frames.clear()
        frame = _try(own, lambda: reconcile(table, channels, features, subject=subject, findings=own))
        shared.frames[place] = (frame, own)
    frame, own = shared.frames[place]
    findings.extend(own)
    return frame


def _table(path: Path, shared: Shared, max_bytes: int | None, findings: Findings) -> TableHeader | None:
    header = shared.tables.get(path) or _try(findings, lambda: read_table_header(path, max_bytes=max_bytes))
    if header is not None and (header.n_images or 0) > 1:
        shared.tables[path] = header
    return header


def _try(problems: Findings, action: Callable[[], T]) -> T | None:
    """Run one step; what is wrong with it is collected, so that the user hears of all steps at once."""
    try:
        return action()
    except InputError as problem:
        problems.extend(problem.findings)
        return None
