"""A small picture of the image and of its mask, in squidpy's layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.pixels._measurement import measured

if TYPE_CHECKING:
    from htan_kit.assemble._sources import Sources
    from htan_kit.io.image import Image

__all__ = ["spatial_block"]

_COLOURS = {"grey": (0.5, 0.55, 0.65), "green": (0.0, 0.95, 0.2), "magenta": (1.0, 0.1, 0.9)}
_SPOT_PX = 10.0  # squidpy needs a size for its dots where there are no objects


def spatial_block(image: Image, sources: Sources) -> dict[str, Any]:
    """Make ``uns["spatial"][library_id]``: pictures at one scale, scale factors, and what they are made of.

    Parameters
    ----------
    image
        The opened image.
    sources
        The sample it is of.

    Returns
    -------
    ``images`` (``hires`` uint8 (h, w, 3); ``segmentation`` integer (h, w) where there is a mask), ``scalefactors``,
    ``metadata``.
    """
    found = measured(sources.measured.picture)
    small, scale = measured(found.pixels), found.scale
    colours: dict[str, str] = {}
    if image.is_rgb:
        picture = _as_uint8(small, image.dtype)
    else:
        picture, colours = _composite(small, sources)
    images = {"hires": picture}
    if found.labels is not None:
        labels = np.asarray(found.labels)
        images["segmentation"] = labels.astype(np.int32) if labels.max(initial=0) < 2**31 else labels
    diameter = _SPOT_PX
    if sources.objects is not None and len(sources.objects):
        diameter = float(np.sqrt(4 / np.pi * sources.objects["area_px"].median()))
    metadata = {"source_file": image.path.name, "level": 0, **colours}
    if sources.pixel_size_um is not None:
        metadata["pixel_size_um"] = sources.pixel_size_um
    return {
        "images": images,
        "scalefactors": {"tissue_hires_scalef": scale, "spot_diameter_fullres": diameter},
        "metadata": metadata,
    }


def _as_uint8(small: np.ndarray, dtype: np.dtype) -> np.ndarray:
    small = np.nan_to_num(small)  # of tiles that cannot be decoded
    top = np.iinfo(dtype).max if dtype.kind in "iu" else max(float(small.max(initial=0)), 1e-12)
    return np.clip(small / top * 255 + 0.5, 0, 255).astype(np.uint8)


def _composite(small: np.ndarray, sources: Sources) -> tuple[np.ndarray, dict[str, str]]:
    """Nuclei in grey; green and magenta for the two markers that stand out most from their own background.

    Green and magenta stay apart for every kind of colour vision; red and green do not.
    """
    frame = sources.channel_frame
    roles = frame["role"].to_numpy()
    nuclear = np.flatnonzero(roles == "nuclear")[:1]
    others = [i for i in range(len(small)) if roles[i] not in {"nuclear", "blank"}]
    contrast = {i: _contrast(small[i]) for i in others}
    best = sorted(others, key=lambda i: -contrast[i])[:2]
    shown = dict(zip(_COLOURS, [nuclear[0] if len(nuclear) else None, *best], strict=False))
    picture = np.zeros((*small.shape[1:], 3))
    for colour, channel in shown.items():
        if channel is None:
            continue
        low, high = _percentiles(small[channel], 1, 99.7)
        plane = np.clip((small[channel] - low) / max(high - low, 1e-12), 0, 1)
        picture += plane[..., np.newaxis] * _COLOURS[colour]
    names = {colour: str(frame.index[channel]) for colour, channel in shown.items() if channel is not None}
    return (np.clip(np.nan_to_num(picture), 0, 1) * 255 + 0.5).astype(np.uint8), names


def _contrast(plane: np.ndarray) -> float:
    low, high = _percentiles(plane, 50, 99.5)
    return float((high - low) / (abs(low) + 1e-3 * max(abs(high), 1e-12)))


def _percentiles(plane: np.ndarray, low: float, high: float) -> tuple[float, float]:
    there = plane[np.isfinite(plane)]
    return tuple(np.percentile(there, (low, high)).tolist()) if there.size else (0.0, 0.0)
