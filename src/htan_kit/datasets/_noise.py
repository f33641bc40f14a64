"""Noise of cameras and counters, tile by tile: a window has the same noise whatever else is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from htan_kit.datasets._random import STREAM, generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Window = tuple[int, int, int, int]

__all__ = ["camera", "counts", "hot", "normal_field", "uniform_field"]

_TILE: Final = 256
_MANY: Final = 25.0  # counts above which a Poisson variable is as good as normal


def _field(seed: int, stream: int, channel: int, window: Window, kind: str) -> NDArray[np.float32]:
    y0, y1, x0, x1 = window
    out = np.empty((y1 - y0, x1 - x0), dtype=np.float32)
    for ty in range(y0 // _TILE, -(-y1 // _TILE)):
        for tx in range(x0 // _TILE, -(-x1 // _TILE)):
            random = generator(seed, stream, channel, ty, tx)
            size = (_TILE, _TILE)
            tile = random.standard_normal(size, dtype=np.float32) if kind == "normal" else random.random(size)
            a, b = max(ty * _TILE, y0), min((ty + 1) * _TILE, y1)
            c, d = max(tx * _TILE, x0), min((tx + 1) * _TILE, x1)
            part = tile[a - ty * _TILE : b - ty * _TILE, c - tx * _TILE : d - tx * _TILE]
            out[a - y0 : b - y0, c - x0 : d - x0] = part
    return out


def normal_field(seed: int, channel: int, window: Window) -> NDArray[np.float32]:
    """Draw standard normal deviates of a window inside the image."""
    return _field(seed, STREAM.NOISE, channel, window, "normal")


def uniform_field(seed: int, channel: int, window: Window, stream: int = STREAM.NOISE) -> NDArray[np.float32]:
    """Draw uniform numbers of a window inside the image."""
    return _field(seed, stream, channel, window, "uniform")


def camera(
    signal: NDArray[np.float32], z: NDArray[np.float32], *, offset: float, gain: float, read_noise: float
) -> NDArray[np.uint16]:
    """Turn a signal into what a 16-bit camera gives.

    Shot noise is normal with the variance of a Poisson variable: the number of random numbers then does not hang on
    the signal, so that a rounding difference in the signal stays one grey level.
    """
    value = offset + signal + np.sqrt(gain * signal + read_noise * read_noise) * z
    return np.clip(np.floor(value + 0.5), 0, 65535).astype(np.uint16)


def counts(mean: NDArray[np.float32], seed: int, channel: int, window: Window) -> NDArray[np.float32]:
    """Poisson counts by inversion: one uniform number a pixel, for the same reason."""
    u = uniform_field(seed, channel, window).astype(np.float64)
    out = np.zeros(mean.shape)
    few = mean < _MANY
    lam, v = mean[few].astype(np.float64), u[few]
    term = np.exp(-lam)
    total = term.copy()
    k = np.zeros(len(lam))
    going = np.flatnonzero(v >= total)
    step = 0
    while going.size and step < 200:
        step += 1
        term[going] *= lam[going] / step
        total[going] += term[going]
        k[going] = step
        going = going[v[going] >= total[going]]
    out[few] = k
    many = ~few
    if many.any():
        from scipy.special import ndtri

        lam, v = mean[many].astype(np.float64), np.clip(u[many], 1e-9, 1 - 1e-9)
        out[many] = np.maximum(np.floor(lam + np.sqrt(lam) * ndtri(v) + 0.5), 0)
    return out.astype(np.float32)


def hot(
    image: NDArray[Any], seed: int, channel: int, window: Window, *, share: float, low: float, high: float
) -> NDArray[Any]:
    """Make single pixels far too bright: a share of all, with values between low and high."""
    if share <= 0:
        return image
    u = uniform_field(seed, channel, window, STREAM.HOT).astype(np.float64)
    hit = u < share
    out = image.copy()
    out[hit] = np.floor(low + (high - low) * (u[hit] / share)).astype(image.dtype)
    return out
