"""What the metadata of an OME-Zarr image say: axes, levels, pixel size, channel names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import Findings, warning
from htan_kit.io._pixel_size import pixel_size_from_lengths
from htan_kit.io.formats._zarr_tree import RULE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Multiscale", "labels_of", "multiscale_of"]

_MOST_LEVELS = 64
_MOST_AXES = 8
_NAME = 200  # characters of a name that are kept
_HINT = "Write it again with an OME-Zarr writer (bioformats2raw, ome-zarr-py)."


class Multiscale(NamedTuple):
    """One image of several resolutions: its axes (one letter each), the paths of its levels, its pixel size."""

    version: str
    axes: str
    paths: tuple[str, ...]
    pixel_size_um: float | None


def multiscale_of(written: Any, version: str, path: Path, findings: Findings) -> Multiscale:
    """Read one entry of ``multiscales``.

    Parameters
    ----------
    written
        The entry, as the file has it.
    version
        That of the specification.
    path
        The image, for messages.
    findings
        Where to say why a pixel size was not believed.

    Returns
    -------
    What it says.

    Raises
    ------
    InputError
        It is not what the specification asks for.

    References
    ----------
    OME-Zarr 0.4 and 0.5, "multiscales" metadata: https://ngff.openmicroscopy.org/0.5/

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.findings import Findings
    >>> from htan_kit.io.formats._zarr_multiscale import multiscale_of
    >>> axes = [{"name": "y", "unit": "nanometer"}, {"name": "x", "unit": "nanometer"}]
    >>> level = {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [650, 650]}]}
    >>> multiscale_of({"axes": axes, "datasets": [level]}, "0.4", Path("x.ome.zarr"), Findings())
    Multiscale(version='0.4', axes='yx', paths=('0',), pixel_size_um=0.65)
    """
    if not isinstance(written, dict):
        raise _wrong(path, "an entry is no object")
    axes, units = _axes(written, version, path)
    datasets = written.get("datasets")
    if not isinstance(datasets, list) or not 0 < len(datasets) <= _MOST_LEVELS:
        raise _wrong(path, "it lists no levels, or too many ('datasets')")
    paths = [level.get("path") if isinstance(level, dict) else None for level in datasets]
    if not all(isinstance(at, str) and at for at in paths):
        raise _wrong(path, "a level has no path")
    scale = _scale(datasets[0], len(axes))
    further = _scale(written, len(axes))
    if scale and further:
        scale = [a * b for a, b in zip(scale, further, strict=True)]
    size = _pixel_size(axes, units, scale or further, path, findings)
    return Multiscale(version, axes, tuple(str(at) for at in paths), size)


def _axes(written: dict[str, Any], version: str, path: Path) -> tuple[str, list[str]]:
    """Read names and units; 0.1 and 0.2 had no axes but always five, 0.3 only names."""
    axes = written.get("axes", list("tczyx") if version in {"0.1", "0.2"} else None)
    if not isinstance(axes, list) or not 2 <= len(axes) <= _MOST_AXES:
        raise _wrong(path, "the axes are not named")
    pairs = [(a.get("name"), a.get("unit")) if isinstance(a, dict) else (a, None) for a in axes]
    names = [name.lower() if isinstance(name, str) else "" for name, _ in pairs]
    if len(set(names)) != len(names) or not {"y", "x"} <= set(names) or not all(len(name) == 1 for name in names):
        shown = ", ".join(str(name)[:20] for name, _ in pairs)
        raise InputError.of("image.axes", path, f"Axes {shown} are not those of an image.", "Name them t, c, z, y, x.")
    return "".join(names), [unit if isinstance(unit, str) else "" for _, unit in pairs]


def _scale(described: dict[str, Any], n: int) -> list[float] | None:
    """Give the scale among coordinate transformations, one number an axis; None where there is none."""
    steps = described.get("coordinateTransformations")
    for step in steps if isinstance(steps, list) else []:
        numbers = step.get("scale") if isinstance(step, dict) else None
        if isinstance(numbers, list) and len(numbers) == n and all(isinstance(s, int | float) for s in numbers):
            return [float(s) for s in numbers]
    return None


def _pixel_size(
    axes: str, units: Sequence[str], scale: Sequence[float] | None, path: Path, findings: Findings
) -> float | None:
    if scale is None:
        return None
    sides = {axis: (scale[i], units[i]) for i, axis in enumerate(axes) if axis in "yx"}
    if not all(unit for _, unit in sides.values()):
        shown = f"{sides['x'][0]:g} by {sides['y'][0]:g}"
        message = f"The pixel size {shown} has no unit; it is not used."
        hint = "Give the pixel size (pixel_size_um=, --pixel-size-um or the sheet's column)."
        findings.append(warning("image.pixel-size", path, message, hint, "OME-Zarr 0.4, axes"))
        return None
    return pixel_size_from_lengths(sides["x"], sides["y"], path, findings)


def labels_of(attributes: dict[str, Any]) -> list[str | None]:
    """Read the channels' names (``omero.channels[].label``).

    Parameters
    ----------
    attributes
        Of the image's group.

    Returns
    -------
    One a channel, None where it has none; empty where nothing is written.

    Examples
    --------
    >>> from htan_kit.io.formats._zarr_multiscale import labels_of
    >>> labels_of({"omero": {"channels": [{"label": "DNA_1"}, {"color": "00FF00"}]}})
    ['DNA_1', None]
    """
    omero = attributes.get("omero")
    channels = omero.get("channels") if isinstance(omero, dict) else None
    if not isinstance(channels, list):
        return []
    written = [channel.get("label") if isinstance(channel, dict) else None for channel in channels]
    return [(str(label).strip()[:_NAME] or None) if isinstance(label, str | int) else None for label in written]


def _wrong(path: Path, why: str) -> InputError:
    return InputError.of(RULE, path, f"Its 'multiscales' metadata are not those of an OME-Zarr image: {why}.", _HINT)
