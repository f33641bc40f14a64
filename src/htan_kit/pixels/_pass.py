"""The pass over image and mask: bands are prepared one ahead, their tiles decoded and measured by all cores."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.errors import InputError
from htan_kit.io._windows import threads_for
from htan_kit.pixels._compartments import Compartments
from htan_kit.pixels._grid import Block, Grid
from htan_kit.pixels._mask_rows import MaskRows
from htan_kit.pixels._numbering import Numbering
from htan_kit.pixels._runs import Segment
from htan_kit.pixels._source import Source, open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from htan_kit.findings import Findings
    from htan_kit.io.image import Image
    from htan_kit.io.mask import Mask
    from htan_kit.pixels._collectors import Collectors

__all__ = ["Bad", "Pass"]


@dataclass(frozen=True, slots=True)
class Bad:
    """A block of a channel that cannot be decoded, and why."""

    channels: tuple[int, ...]
    block: Block
    reason: str


@dataclass
class Pass:
    """One pass over the files.

    Parameters
    ----------
    image, mask
        What to go over; at least one of them.
    collectors
        What is collected on the way.
    nuclei
        A second mask, of the same size.
    ring_px
        Width of the ring around each object, 0 for none.
    skip
        Where to report tiles that cannot be decoded; None raises at the first.
    workers
        Threads; None for one a core.
    progress
        Called with what goes on and the share done (0 to 1).
    bad
        Filled with the blocks of the image that were left out.
    bad_mask
        Filled with the blocks of the masks that were taken as background.
    numbering
        Filled with the labels.
    """

    image: Image | None
    mask: Mask | None
    collectors: Collectors
    nuclei: Mask | None = None
    ring_px: float = 0.0
    skip: Findings | None = None
    workers: int | None = None
    progress: Callable[[str, float], None] | None = None
    bad: list[Bad] = field(default_factory=list)
    bad_mask: list[Block] = field(default_factory=list)
    numbering: Numbering = field(default_factory=Numbering)
    _last: dict[int, Future[None]] = field(default_factory=dict, init=False)

    def run(self) -> None:
        """Go over all bands.

        Raises
        ------
        InputError
            A tile cannot be decoded and ``skip`` is None, or the mask's values are no labels.
        """
        main = self.image or (self.mask.image if self.mask else None)
        if main is None:
            raise InputError.of("measure.nothing", "measure", "There is neither image nor mask.", "Give one.")
        n_workers = self.workers or threads_for(main.path)
        grid = Grid(main.height, main.width, main.tile_shape)
        with ExitStack() as stack:
            # Left last-in first-out: tasks end before the files they read from are closed.
            source = stack.enter_context(open_source(main, grid)) if self.image else None
            decoders = stack.enter_context(ThreadPoolExecutor(n_workers, "htan-kit-mask"))
            compartments = self._compartments(stack, decoders)
            pool = stack.enter_context(ThreadPoolExecutor(n_workers, "htan-kit"))
            stack.callback(pool.shutdown, wait=True, cancel_futures=True)
            before: list[Future[None]] = []
            parts = max(1, -(-4 * n_workers // len(source.planes))) if source else 1
            for i, band in enumerate(grid.bands):
                segments = self._segments(grid, band, parts, compartments)
                now = [] if source is None else self._submit(pool, source, segments)
                for future in before:
                    future.result()
                before = now
                self._tell("measuring", i / len(grid.bands))
            for future in before:
                future.result()
            self._tell("measuring", 1.0)

    def _compartments(self, stack: ExitStack, pool: ThreadPoolExecutor) -> Compartments | None:
        if self.mask is None:
            return None
        halo = max(self.collectors.halo, int(np.ceil(self.ring_px)))

        def rows_of(mask: Mask, around: int, numbering: Numbering | None) -> MaskRows:
            cut = Grid(*mask.shape, mask.image.tile_shape)
            source = stack.enter_context(open_source(mask.image, cut, mask.dtype.newbyteorder("=")))
            return MaskRows(
                mask, source, halo=around, pool=pool, skip=self.skip, numbering=numbering, bad=self.bad_mask
            )

        nuclei = rows_of(self.nuclei, 0, None) if self.nuclei is not None else None
        return Compartments(rows_of(self.mask, halo, self.numbering), nuclei, self.ring_px)

    def _segments(
        self, grid: Grid, band: tuple[int, int], parts: int, compartments: Compartments | None
    ) -> list[Segment]:
        blocks = grid.blocks(band)
        size = -(-len(blocks) // parts)
        groups = [blocks[i : i + size] for i in range(0, len(blocks), size)]
        if compartments is None:
            return [Segment(i, group, 0) for i, group in enumerate(groups)]
        segments = compartments.segments(band, groups)
        self.collectors.see_band(compartments.band_rows, segments)
        return segments

    def _submit(self, pool: ThreadPoolExecutor, source: Source, segments: list[Segment]) -> list[Future[None]]:
        """Start the tasks of a band: one a plane and segment; planes that are compared with each other share one."""
        place = {channel: plane for plane, channels in enumerate(source.planes) for channel in channels}
        compared = tuple(dict.fromkeys(place[channel] for channel in self.collectors.together))
        alone = [(plane,) for plane in range(len(source.planes)) if plane not in compared]
        futures = []
        for segment in segments:
            for planes in [*([compared] if compared else []), *alone]:
                after = self._last.get(planes[0])
                future = pool.submit(self._measure, source, planes, segment, after)
                self._last[planes[0]] = future
                futures.append(future)
        return futures

    def _measure(self, source: Source, planes: tuple[int, ...], segment: Segment, after: Future[None] | None) -> None:
        """Decode and measure the blocks of a segment, then add them to what came before, in order.

        The order makes sums of floats the same whatever the number of threads. Tasks start in the order in which they
        were submitted, so the one that is waited for is running or done.
        """
        collect = self.collectors
        local = collect.start([channel for plane in planes for channel in source.planes[plane]], segment)
        needed = set(collect.together).intersection(local)
        for i in range(len(segment.blocks)):
            together = {}
            for plane in planes:
                for channel, buffer in self._load(source, plane, segment, i, local):
                    collect.see(local[channel], buffer, segment, i)
                    if channel in needed:
                        together[channel] = buffer.copy()  # the next plane is decoded into the same memory
            if needed:
                collect.see_together(local, together, segment, i)
        if after is not None:
            after.result()
        for channel, state in local.items():
            collect.merge(channel, state, segment)

    def _load(
        self, source: Source, plane: int, segment: Segment, i: int, local: dict[int, dict[str, Any]]
    ) -> Iterable[tuple[int, np.ndarray]]:
        """Decode block i of a plane: its channels and their pixels; none where it cannot be and that is allowed."""
        channels, block = source.planes[plane], segment.blocks[i]
        try:
            return zip(channels, source.load(plane, block), strict=True)
        except InputError as problem:
            if self.skip is None or any(f.rule != "image.decode" for f in problem.findings):
                raise  # a server that fails is no bad tile
            self.bad.append(Bad(channels, block, problem.findings.errors.to_frame()["message"].iloc[0]))
            for channel in channels:
                self.collectors.miss(local[channel], segment, i)
            return ()

    def _tell(self, what: str, share: float) -> None:
        if self.progress is not None:
            self.progress(what, share)
