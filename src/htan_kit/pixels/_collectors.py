"""What a pass collects: one object that hands each block of pixels to those who asked for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.pixels._perimeter import HALO

if TYPE_CHECKING:
    from htan_kit.pixels._cycles import Cycles
    from htan_kit.pixels._focus import Focus
    from htan_kit.pixels._histogram import Histograms
    from htan_kit.pixels._hull import Hulls
    from htan_kit.pixels._intensity import IntensitySums
    from htan_kit.pixels._moments import Moments
    from htan_kit.pixels._perimeter import Perimeters
    from htan_kit.pixels._quantiles import Quantiles
    from htan_kit.pixels._runs import Segment
    from htan_kit.pixels._tissue import TissueSums

__all__ = ["Collectors"]


@dataclass
class Collectors:
    """What to collect; None for what is not asked for.

    ``intensities`` is by compartment. Objects are seen by one thread, band by band; pixels by many, each into a local
    state of its own, which is merged in order.
    """

    moments: Moments | None = None
    hulls: Hulls | None = None
    perimeters: Perimeters | None = None
    intensities: dict[str, IntensitySums] = field(default_factory=dict)
    histograms: Histograms | None = None
    focus: Focus | None = None
    tissue: TissueSums | None = None
    quantiles: Quantiles | None = None
    cycles: Cycles | None = None
    areas: dict[str, np.ndarray] = field(default_factory=dict)  # pixels of each object in each compartment

    @property
    def halo(self) -> int:
        """Rows around a band that must be known."""
        return HALO if self.perimeters is not None else 0

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
        if self.perimeters is not None and segments:
            around = (len(rows) - (segments[0].blocks[0].shape[0] + 2 * HALO)) // 2
            cut = slice(around, len(rows) - around), slice(around, rows.shape[1] - around)
            self.perimeters.add(rows[cut], segments[-1].n_rows)

    def start(self, segment: Segment) -> dict[str, Any]:
        """Give the empty state of a segment of one channel."""
        state: dict[str, Any] = {name: sums.start(segment.members[name].n) for name, sums in self.intensities.items()}
        for name in ("histograms", "focus", "tissue"):
            if (collector := getattr(self, name)) is not None:
                state[f"/{name}"] = collector.start()
        if self.quantiles is not None:
            state["/quantiles"] = self.quantiles.start(segment.members["cell"])
        return state

    def see(self, state: dict[str, Any], pixels: np.ndarray, segment: Segment, i: int) -> None:
        """Take block i of a segment: a whole buffer, of which the block's size is defined."""
        block = segment.blocks[i]
        for name, sums in self.intensities.items():
            sums.see(state[name], pixels, segment.members[name].runs[i])
        if self.quantiles is not None:
            self.quantiles.see(state["/quantiles"], pixels, segment.members["cell"].runs[i])
        if self.histograms is not None:
            self.histograms.see(state["/histograms"], pixels, block)
        if self.focus is not None:
            self.focus.see(state["/focus"], pixels, block)
        if self.tissue is not None:
            self.tissue.see(state["/tissue"], pixels, block)

    def miss(self, state: dict[str, Any], segment: Segment, i: int) -> None:
        """Note that block i cannot be decoded."""
        for name, sums in self.intensities.items():
            sums.miss(state[name], segment.members[name].runs[i])

    def merge(self, channel: int, state: dict[str, Any], segment: Segment) -> None:
        """Add a state to what was collected; a channel's states come one after the other, in order."""
        for name, sums in self.intensities.items():
            sums.merge(channel, segment.members[name], state[name], segment.n_rows)
        if self.quantiles is not None:
            self.quantiles.merge(channel, segment.members["cell"], state["/quantiles"], segment)
        for name in ("histograms", "focus", "tissue"):
            if (collector := getattr(self, name)) is not None:
                collector.merge(channel, state[f"/{name}"])
