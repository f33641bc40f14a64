"""TIFF: OME-TIFF and sets of them, ImageJ's, MIBItiff, QPTIFF, whole slides, or a TIFF whose tags tell its axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Findings, info, warning
from htan_kit.io._layout import check_header, layout_of
from htan_kit.io._store import Choice, ImageChannel, Opened
from htan_kit.io._tiff import check_whole, open_tiff
from htan_kit.io.formats._series import choose_series
from htan_kit.io.formats._tiff_dialects import dialect_of
from htan_kit.io.formats._tiff_pieces import check_pieces
from htan_kit.io.formats._tiff_set import entry_of
from htan_kit.io.formats._tiff_source import TiffSource, store_of

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.io._layout import Layout
    from htan_kit.io.formats._tiff_dialect import Dialect
    from htan_kit.io.formats._tiff_stack import Stack

__all__ = ["matches", "open_format"]


def matches(path: Path) -> bool:
    """Take what no other format takes; opening says what it is instead."""
    return bool(path.name)


def open_format(path: Path, choice: Choice, findings: Findings) -> Opened:
    """Open a TIFF.

    Parameters
    ----------
    path
        The file, any file of a set, or the document that describes a set.
    choice
        Which series and plane.
    findings
        Where to put what is odd.

    Returns
    -------
    Channels and pixel size in µm as the file's own kind of metadata gives them.

    Raises
    ------
    InputError
        Not a TIFF, cut off, an OME-XML that contradicts the pixels, or axes that are not one plane a channel.
    """
    try:
        return _open(path, choice, findings)
    except InputError:
        raise
    except Exception as problem:  # noqa: BLE001 - a damaged file fails in any of a dozen ways, most of them tifffile's
        message = f"The TIFF or what describes it is damaged ({type(problem).__name__}: {str(problem)[:200]})."
        raise InputError.of("image.truncated", path, message, "Write the image again.") from None


def _open(path: Path, choice: Choice, findings: Findings) -> Opened:
    entry = entry_of(path)
    with open_tiff(entry.path, entry.xml) as tiff:
        tiff_map = check_whole(tiff, entry.path)
        if entry.ome is not None:
            check_header(tiff, tiff_map, entry.ome, path, findings)
        file = TiffSource(path, tiff, tiff_map, entry, [entry.path], findings)
        dialect = dialect_of(file)
        if entry.ome is None:
            _no_header(dialect.kind, path, findings)
        stacks = dialect.stacks()
        stack = stacks[choose_series([stack.name for stack in stacks], choice.series, path, findings)]
        layout = layout_of(stack, choice, path)
        store = store_of(dialect.kind, stack, layout, file)
        check_pieces(stack.levels, file, stack.page.nodata)
        size = dialect.pixel_size(stack)
        return Opened(store, _channels(dialect, stack, layout, file), size, dialect.header(stack))


def _no_header(kind: str, path: Path, findings: Findings) -> None:
    how = "axes and channels are taken from the TIFF tags alone" if kind == "TIFF" else f"it is read as {kind}"
    make = warning if ".ome." in path.name.lower() else info
    message = f"There is no OME-XML in the file; {how}."
    findings.append(make("image.ome-xml", path, message, "Level 2 should be an OME-TIFF.", "HTAN Manual, Level 2"))


def _channels(dialect: Dialect, stack: Stack, layout: Layout, file: TiffSource) -> tuple[ImageChannel, ...]:
    n, samples = layout.n_channels, 3 if layout.is_rgb else 1
    written = dialect.names(stack, layout)
    if written and len(written) != n:
        message = (
            f"The {dialect.header_name} lists {len(written)} channels, the pixels have {n}; its names are not used."
        )
        hint = "Correct the header; the channel file is used."
        file.findings.append(warning("image.channels", file.path, message, hint))
        written = []
    if layout.unexplained and not any(name for _, name in written):
        message = f"The file does not say what its {n} pages are; they are taken as channels in page order."
        file.findings.append(warning("image.axes", file.path, message, "Write an OME-TIFF with channel names."))
    if not written:
        return tuple(ImageChannel(index, samples=samples) for index in range(n))
    return tuple(ImageChannel(i, of, name or None, samples) for i, (of, name) in enumerate(written))
