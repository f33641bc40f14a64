"""Where which tissue is: nests of tumour, their margin, stroma, an immune aggregate, vessels, and nothing.

Everything is a function of the place in µm, so that any tile can be made alone. Sites lie on a jittered grid and
their kinds come round in turn, so that even a small image has every kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from htan_kit.datasets._random import STREAM, generator, grid_noise, point_noise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["REGIONS", "Layout", "make_layout"]

#: Names of the regions; the number of a region is its place here.
REGIONS: Final = ("empty", "stroma", "tumour", "margin", "b_zone", "t_zone", "vessel")
EMPTY, STROMA, TUMOUR, MARGIN, B_ZONE, T_ZONE, VESSEL = range(len(REGIONS))

_SPACING_UM: Final = 170.0  # between sites
_KINDS: Final = ("nest", "aggregate", "nest", "void", "nest", "nest")
_RADIUS_UM: Final = {"nest": (62.0, 96.0), "aggregate": (58.0, 72.0), "void": (30.0, 44.0), "vessel": (15.0, 21.0)}
_MARGIN_UM: Final = 18.0
_WARP_UM: Final = ((70.0, 26.0), (24.0, 8.0))  # (scale, amplitude) of what makes outlines irregular


@dataclass(frozen=True)
class Layout:
    """The sites of one tissue.

    Parameters
    ----------
    seed
        Names the tissue.
    x, y, radius
        (n,) centres and radii of the sites, in µm.
    kind
        (n,) index into the kinds of :func:`make_layout`: 0 nest, 1 aggregate, 2 void, 3 vessel.
    """

    seed: int
    x: Floats
    y: Floats
    radius: Floats
    kind: NDArray[np.int64]

    def near(self, x0: float, y0: float, x1: float, y1: float) -> Layout:
        """Only the sites that reach into a box."""
        reach = self.radius + _MARGIN_UM + sum(a for _, a in _WARP_UM)
        keep = (self.x > x0 - reach) & (self.x < x1 + reach) & (self.y > y0 - reach) & (self.y < y1 + reach)
        return Layout(self.seed, self.x[keep], self.y[keep], self.radius[keep], self.kind[keep])

    def at(self, x: Floats, y: Floats) -> NDArray[np.uint8]:
        """Region numbers at points (n,)."""
        out = np.zeros(len(x), dtype=np.uint8)
        for here in boxes(x, y):
            out[here] = self._at(x[here], y[here])
        return out

    def _at(self, x: Floats, y: Floats) -> NDArray[np.uint8]:
        wx, wy = x, y
        for i, (scale, amplitude) in enumerate(_WARP_UM):
            wx = wx + amplitude * point_noise(x, y, scale, self.seed * 97 + 11 + i)
            wy = wy + amplitude * point_noise(x, y, scale, self.seed * 97 + 21 + i)
        return self._regions(x, y, wx, wy)

    def on_grid(self, x: Floats, y: Floats) -> NDArray[np.uint8]:
        """Region numbers on a grid of columns x (w,) and rows y (h,)."""
        gx, gy = np.broadcast_arrays(x[None, :], y[:, None])
        wx, wy = gx, gy
        for i, (scale, amplitude) in enumerate(_WARP_UM):
            wx = wx + amplitude * grid_noise(x, y, scale, self.seed * 97 + 11 + i)
            wy = wy + amplitude * grid_noise(x, y, scale, self.seed * 97 + 21 + i)
        return self._regions(gx, gy, wx, wy)

    def _regions(self, x: Floats, y: Floats, wx: Floats, wy: Floats) -> NDArray[np.uint8]:
        out = np.full(x.shape, STROMA, dtype=np.uint8)
        if not x.size:
            return out
        near = self.near(float(x.min()), float(y.min()), float(x.max()), float(y.max()))
        rank = np.zeros(x.shape, dtype=np.uint8)  # a later step of the list wins where sites meet
        for cx, cy, radius, kind in zip(near.x, near.y, near.radius, near.kind, strict=True):
            # A vessel keeps its round wall: only the others follow the warp.
            dx, dy = (x - cx, y - cy) if kind == 3 else (wx - cx, wy - cy)
            d2 = dx * dx + dy * dy
            for order, region, limit in _rings(int(kind), float(radius)):
                hit = (d2 < limit * limit) & (rank <= order)
                out[hit] = region
                rank[hit] = order
        return out

    def wall_direction(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Direction (not of unit length) along which long cells lie: around nests, vessels and voids."""
        tx, ty = np.zeros_like(x), np.zeros_like(y)
        for here in boxes(x, y):
            px, py = x[here], y[here]
            near = self.near(float(px.min()), float(py.min()), float(px.max()), float(py.max()))
            tx[here], ty[here] = near._wall_direction(px, py)
        return tx, ty

    def _wall_direction(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        tx = point_noise(x, y, 110.0, self.seed * 97 + 31)
        ty = point_noise(x, y, 110.0, self.seed * 97 + 32)
        for cx, cy, radius, kind in zip(self.x, self.y, self.radius, self.kind, strict=True):
            if kind == 1:
                continue
            dx, dy = x - cx, y - cy
            d2 = dx * dx + dy * dy
            reach = radius + 45.0 if kind != 3 else radius + 4.0
            inside = d2 < reach * reach
            strength = np.where(inside, (2.5 if kind != 3 else 40.0) * (1.0 - d2 / (reach * reach)), 0.0)
            norm = 1.0 / np.sqrt(d2 + 1.0)
            # A direction has no sign: turn the tangent to the side of what is there already.
            px, py = -dy * norm, dx * norm
            sign = np.where(px * tx + py * ty < 0, -1.0, 1.0)
            tx = tx + strength * sign * px
            ty = ty + strength * sign * py
        return tx, ty


def boxes(x: Floats, y: Floats, size_um: float = 512.0) -> Iterator[NDArray[np.int64]]:
    """Group points by box: a point need only be held against the sites near its box."""
    keys = np.floor(y / size_um).astype(np.int64) * 1_000_000 + np.floor(x / size_um).astype(np.int64)
    order = np.argsort(keys, kind="stable")
    yield from (part for part in np.split(order, np.flatnonzero(np.diff(keys[order])) + 1) if len(part))


def _rings(kind: int, radius: float) -> tuple[tuple[int, int, float], ...]:
    """(order, region, radius) of one site, outer ring first."""
    if kind == 0:
        return (1, MARGIN, radius + _MARGIN_UM), (3, TUMOUR, radius)
    if kind == 1:
        return (4, T_ZONE, radius), (5, B_ZONE, 0.66 * radius)
    if kind == 2:
        return ((8, EMPTY, radius),)
    return (6, VESSEL, radius), (7, EMPTY, 0.55 * radius)


def make_layout(seed: int, width_um: float, height_um: float) -> Layout:
    """Place the sites of a tissue of the given size."""
    random = generator(seed, STREAM.SITES)
    nx, ny = max(2, round(width_um / _SPACING_UM)), max(2, round(height_um / _SPACING_UM))
    step_x, step_y = width_um / nx, height_um / ny
    start = int(random.random() * len(_KINDS))
    rows: list[tuple[float, float, float, int]] = []
    kinds = tuple(_RADIUS_UM)
    for i in range(nx * ny):
        # 5 is prime to the length of the list, so that neighbours in both directions differ.
        gy, gx = divmod(i, nx)
        name = _KINDS[(start + gx + 5 * gy * (1 + nx % 2)) % len(_KINDS)] if nx * ny > 4 else _KINDS[i % 4]
        low, high = _RADIUS_UM[name]
        u = random.random(6)
        radius = low + (high - low) * u[2]
        radius = min(radius, 0.46 * min(step_x, step_y))
        x = (gx + 0.5 + 0.22 * (u[0] - 0.5)) * step_x
        y = (gy + 0.5 + 0.22 * (u[1] - 0.5)) * step_y
        rows.append((x, y, radius, kinds.index(name)))
        if i % 2 == 0:  # a vessel where four sites leave room
            low, high = _RADIUS_UM["vessel"]
            rows.append(
                (
                    (gx + 0.95 + 0.15 * (u[3] - 0.5)) * step_x,
                    (gy + 0.95 + 0.15 * (u[4] - 0.5)) * step_y,
                    low + (high - low) * u[5],
                    kinds.index("vessel"),
                )
            )
    table = np.array(rows)
    return Layout(seed, table[:, 0], table[:, 1], table[:, 2], table[:, 3].astype(np.int64))
