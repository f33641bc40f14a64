"""OME-Zarr 0.4 (Zarr 2) and 0.5 (Zarr 3): a folder of arrays, one a level, described by JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.findings import Findings, warning
from htan_kit.io._directories import MAX_PAGES
from htan_kit.io._layout import downsample
from htan_kit.io._paths import is_file, is_remote
from htan_kit.io._pixel_size import pixel_size_from_ome
from htan_kit.io._store import Choice, ImageChannel, Level, Opened
from htan_kit.io.formats._zarr_held import check_held
from htan_kit.io.formats._zarr_multiscale import labels_of, multiscale_of
from htan_kit.io.formats._zarr_node import image_node
from htan_kit.io.formats._zarr_tiles import ZarrStore
from htan_kit.io.formats._zarr_tree import MARKERS, RULE, open_tree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from htan_kit.io.formats._zarr_multiscale import Multiscale
    from htan_kit.io.ome import OmeHeader

__all__ = ["matches", "open_format"]

_COLOURS = (["r", "g", "b"], ["red", "green", "blue"])


def matches(path: Path) -> bool:
    """Tell whether the path is a folder that says it is Zarr, by its name or the files of every such folder."""
    if is_remote(path):  # a server does not say what is a folder
        return ".zarr" in str(path)
    return path.is_dir() and (path.suffix.lower() == ".zarr" or any(is_file(path / name) for name in MARKERS))


def open_format(path: Path, choice: Choice, findings: Findings) -> Opened:
    """Open an OME-Zarr image, or one of its label images.

    Parameters
    ----------
    path
        The folder of the image, of a set of images (bioformats2raw), or of a label image.
    choice
        Which image of a set, and which plane of z and t.
    findings
        Where to put what is odd.

    Returns
    -------
    Axes, levels and pixel size from ``multiscales``; names from ``omero``, else from ``OME/METADATA.ome.xml``.

    Raises
    ------
    InputError
        The metadata are missing, damaged, contradict the arrays or lead out of the folder, or one plane a channel is
        not what the axes give.
    """
    tree = open_tree(path)
    node = image_node(tree, choice, findings)
    scale = multiscale_of(node.multiscale, node.version, path, findings)
    paths = tuple("/".join(part for part in (node.at, at) if part) for at in scale.paths)
    arrays = [tree.array(at) for at in paths]
    first, compression = arrays[0]
    levels = _levels(scale, [array for array, _ in arrays], path)
    fixed = _fixed(scale, first.shape, choice, path)
    check_held(tree, paths[0], first, findings)
    n = first.shape[scale.axes.index("c")] if "c" in scale.axes else 1
    if n > MAX_PAGES:
        raise InputError.of("image.axes", path, f"{n:,} channels are more than an image can have.", "Write it again.")
    names = labels_of(node.attributes)
    is_rgb = first.dtype == "uint8" and n == 3 and [str(name).lower() for name in names] in _COLOURS
    store = ZarrStore(
        kind=f"OME-Zarr {scale.version}",
        tree=tree,
        arrays=paths,
        axes=scale.axes,
        fixed=fixed,
        levels=levels,
        chunk=_chunk(scale.axes, first),
        n_channels=1 if is_rgb else n,
        is_rgb=is_rgb,
        dtype=first.dtype.newbyteorder("="),
        compression=compression,
    )
    size = scale.pixel_size_um
    if size is None and node.ome is not None:
        size = pixel_size_from_ome(node.ome, path, findings)
    channels = (ImageChannel(0, samples=3),) if is_rgb else _channels(names, node.ome, n, path, findings)
    return Opened(store, channels, size, node.ome)


def _fixed(scale: Multiscale, shape: Sequence[int], choice: Choice, path: Path) -> dict[str, tuple[int, int]]:
    """Choose (plane, of how many) of every axis but c, y and x: the only one, or the one that is asked for."""
    fixed = {}
    for axis, n in zip(scale.axes, shape, strict=True):
        if axis in "cyx":
            continue
        wanted = {"z": choice.z, "t": choice.t}.get(axis)
        if wanted is None and n > 1:
            hint = f"Choose one with {axis}=." if axis in "zt" else "Export one plane a channel."
            message = f"One plane a channel is expected, found {n} along {axis}."
            raise InputError.of("image.axes", path, message, hint)
        if not 0 <= (wanted or 0) < n:
            message = f"There is no plane {wanted} along {axis}; there are {n}, the first is 0."
            raise InputError.of("image.axes", path, message, "Choose one of them.")
        fixed[axis] = wanted or 0, n
    missing = [axis for axis, wanted in (("z", choice.z), ("t", choice.t)) if wanted and axis not in fixed]
    if missing:
        message = f"There is no axis {missing[0]}, so no plane of it can be chosen."
        raise InputError.of("image.axes", path, message, f"Leave {missing[0]}= out.")
    return fixed


def _levels(scale: Multiscale, arrays: Sequence[Any], path: Path) -> tuple[Level, ...]:
    """Give the sizes, once all arrays have the axes and agree in everything but y and x."""
    levels: list[Level] = []
    for at, array in zip(scale.paths, arrays, strict=True):
        if array.ndim != len(scale.axes):
            message = f"The array {at[:200]!r} has {array.ndim} axes, the metadata name {len(scale.axes)}."
            raise InputError.of("image.axes", path, message, "Write the image again.")
        sizes = dict(zip(scale.axes, array.shape, strict=True))
        height, width = sizes.pop("y"), sizes.pop("x")
        first = levels[0] if levels else Level(height, width, 1.0)
        full = {a: n for a, n in zip(scale.axes, arrays[0].shape, strict=True) if a in "ct"}  # z may be halved too
        same = all(sizes[axis] == n for axis, n in full.items()) and array.dtype == arrays[0].dtype
        if not same or height > first.height or width > first.width:
            message = (
                f"Level {at[:200]!r} has shape {array.shape} of {array.dtype}; it is no smaller copy of the first."
            )
            raise InputError.of(RULE, path, message, "Write the image again.")
        levels.append(Level(height, width, downsample((first.height, first.width), (height, width))))
    return tuple(levels)


def _chunk(axes: str, array: Any) -> tuple[int, int]:
    y, x = axes.index("y"), axes.index("x")
    return min(array.chunks[y], array.shape[y]), min(array.chunks[x], array.shape[x])


def _channels(
    names: Sequence[str | None], ome: OmeHeader | None, n: int, path: Path, findings: Findings
) -> tuple[ImageChannel, ...]:
    """Name the channels: by ``omero``, else by the OME-XML, where they list as many as there are."""
    described = () if ome is None or len(ome.channels) != n else ome.channels
    if names and len(names) != n:
        message = f"The metadata list {len(names)} channels, the pixels have {n}; their names are not used."
        findings.append(warning("image.channels", path, message, "Correct 'omero'; the channel file is used."))
        names = ()
    ids = [channel.id for channel in described] or [None] * n
    given = names or [channel.name for channel in described] or [None] * n
    return tuple(ImageChannel(i, channel_id, name) for i, (channel_id, name) in enumerate(zip(ids, given, strict=True)))
