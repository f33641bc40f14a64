"""What a pass collects: one object that hands each block of pixels to those who asked for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.pixels._perimeter import HALO

if TYPE_CHECKING:
    from htan_kit.pixels._block_means import BlockMeans
    from htan_kit.pixels._cycles import Cycles
    from htan_kit.pixels._focus import Focus
    from htan_kit.pixels._histogram import Histograms
    from htan_kit.pixels._hull import Hulls
    from htan_kit.pixels._intensity import IntensitySums
    from htan_kit.pixels._lookup import Lookup
    from htan_kit.pixels._moments import Moments
    from htan_kit.pixels._perimeter import Perimeters
    from htan_kit.pixels._quantiles import Quantiles
    from htan_kit.pixels._runs import Segment
    from htan_kit.pixels._stains import Stains

__all__ = ["Collectors"]

_STAINS = -1  # the key of their state, beside the channels'


@dataclass
class Collectors:
    """What to collect; None for what is not asked for.

    ``intensities`` and ``quantiles`` are by compartment. Objects are seen by one thread, band by band; pixels by many,
    each into a local state of its own, which is merged in order.
    """

    moments: Moments | None = None
    hulls: Hulls | None = None
    perimeters: Perimeters | None = None
    lookup: Lookup | None = None
    intensities: dict[str, IntensitySums] = field(default_factory=dict)
    quantiles: dict[str, Quantiles] = field(default_factory=dict)
    histograms: Histograms | None = None
    focus: Focus | None = None
    tissue: BlockMeans | None = None
    picture: BlockMeans | None = None
    cycles: Cycles | None = None
    stains: Stains | None = None
    areas: dict[str, np.ndarray] = field(default_factory=dict)  # pixels of each object in each compartment

    @property
    def halo(self) -> int:
        """Rows around a band that must be known."""
        return HALO if self.perimeters is not None else 0

    @property
    def together(self) -> tuple[int, ...]:
        """Channels of which a block is needed at the same time."""
        cycles = () if self.cycles is None else self.cycles.channels
        return cycles if self.stains is None else tuple(dict.fromkeys((*cycles, 0, 1, 2)))

    def see_band(self, rows: np.ndarray, segments: list[Segment]) -> None:
        """Take the objects of a band."""
        for segment in segments:
            if self.moments is not None:
                self.moments.add(segment)
            if self.hulls is not None:
                self.hulls.add(segment)
            for name, members in segment.members.items():
                if name == "cell":
                    continue
                area = self.areas.get(name, np.zeros(0, np.int64))
                if len(area) < segment.n_rows:
                    area = np.concatenate([area, np.zeros(2 * segment.n_rows - len(area), np.int64)])
                for runs in members.runs:
                    area[members.rows] += np.bincount(runs.members, runs.lengths, members.n).astype(np.int64)
                self.areas[name] = area
        band = segments[0].blocks[0]
        halo = (len(rows) - band.shape[0]) // 2
        if self.lookup is not None:
            self.lookup.see(rows, band.y0, halo)
        if self.perimeters is not None:
            cut = slice(halo - HALO, len(rows) - halo + HALO), slice(halo - HALO, rows.shape[1] - halo + HALO)
            self.perimeters.add(rows[cut], segments[-1].n_rows)

    def start(self, channels: list[int], segment: Segment) -> dict[int, dict[str, Any]]:
        """Give the empty states of a segment: one a channel, and one for stains where they are wanted."""
        local = {channel: self._start(segment) for channel in channels}
        if self.stains is not None and 0 in local:
            local[_STAINS] = {"/stains": self.stains.start(segment)}
        return local

    def _start(self, segment: Segment) -> dict[str, Any]:
        state: dict[str, Any] = {name: sums.start(segment.members[name]) for name, sums in self.intensities.items()}
        for name, quantiles in self.quantiles.items():
            state[f"/quantiles/{name}"] = quantiles.start(segment.members[name])
        for name in ("histograms", "focus"):
            if (collector := getattr(self, name)) is not None:
                state[f"/{name}"] = collector.start()
        for name in ("tissue", "picture"):
            if (collector := getattr(self, name)) is not None:
                state[f"/{name}"] = collector.start(segment)
        return state

    def see(self, state: dict[str, Any], pixels: np.ndarray, segment: Segment, i: int) -> None:
        """Take block i of a segment: a whole buffer, of which the block's size is defined."""
        block = segment.blocks[i]
        for name, sums in self.intensities.items():
            sums.see(state[name], pixels, segment.members[name].runs[i])
        for name, quantiles in self.quantiles.items():
            quantiles.see(state[f"/quantiles/{name}"], pixels, segment.members[name].runs[i])
        for name in ("histograms", "focus", "tissue", "picture"):
            if (collector := getattr(self, name)) is not None:
                collector.see(state[f"/{name}"], pixels, block)

    def see_together(
        self, local: dict[int, dict[str, Any]], pixels: dict[int, np.ndarray], segment: Segment, i: int
    ) -> None:
        """Take block i of the channels of ``together``; those that cannot be decoded are not in ``pixels``."""
        if self.stains is not None:
            state = local[_STAINS]["/stains"]
            if all(colour in pixels for colour in (0, 1, 2)):
                self.stains.see(state, [pixels[colour] for colour in (0, 1, 2)], segment, i)
            else:
                self.stains.miss(state, segment, i)
        if self.cycles is not None and self.cycles.channels[0] in pixels:
            first, *others = self.cycles.channels
            for channel in others:
                if channel in pixels:
                    self.cycles.compare(channel, pixels[first], pixels[channel], segment.blocks[i])

    def miss(self, state: dict[str, Any], segment: Segment, i: int) -> None:
        """Note that block i cannot be decoded."""
        for name, sums in self.intensities.items():
            sums.miss(state[name], segment.members[name].runs[i])

    def merge(self, channel: int, state: dict[str, Any], segment: Segment) -> None:
        """Add a state to what was collected; a channel's states come one after the other, in order."""
        if channel == _STAINS:
            if self.stains is not None:
                self.stains.merge(state["/stains"], segment)
            return
        for name, sums in self.intensities.items():
            sums.merge(channel, segment.members[name], state[name], segment)
        for name, quantiles in self.quantiles.items():
            quantiles.merge(channel, segment.members[name], state[f"/quantiles/{name}"], segment)
        for name in ("histograms", "focus", "tissue", "picture"):
            if (collector := getattr(self, name)) is not None:
                collector.merge(channel, state[f"/{name}"])
