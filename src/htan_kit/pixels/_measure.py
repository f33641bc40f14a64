"""One pass over image and mask, many answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Findings, report, warning

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pandas as pd

    from htan_kit.io.image import Image
    from htan_kit.io.mask import Mask
    from htan_kit.pixels._collectors import Collectors
    from htan_kit.pixels._measurement import Measurement
    from htan_kit.pixels._pass import Pass

__all__ = ["measure"]


def measure(
    image: Image | None,
    mask: Mask | None = None,
    *,
    spread: bool = True,
    shapes: bool = True,
    perimeter: bool = True,
    channels: bool = True,
    focus: bool = True,
    tissue: bool = True,
    nuclei: Mask | None = None,
    ring_px: float = 0.0,
    skip_bad_tiles: bool = False,
    workers: int | None = None,
    progress: Callable[[str, float], None] | None = None,
    findings: Findings | None = None,
) -> Measurement:
    """Measure objects, channels and tiles in one pass; each stored tile is decoded once, memory is bounded.

    Memory grows with the width of the image, and by about 250 bytes an object plus 8 (mean) to 32 (with ``spread``) an
    object and channel; not with the height of the image. A file of one strip is held whole, one channel a thread.

    Parameters
    ----------
    image
        The Level 2 image; None for the shapes of a mask alone. RGB counts as three channels.
    mask
        The Level 3 mask of the same size; None for channels and tiles alone.
    spread
        Whether to measure SD, minimum and maximum of each object beside count, sum and mean.
    shapes
        Whether to measure axes, eccentricity, extent, orientation and solidity.
    perimeter
        Whether to measure the perimeter too.
    channels
        Whether to count grey levels, and give what follows from the histograms.
    focus
        Whether to measure sharpness, mean and saturation tile by tile.
    tissue
        Whether to find the tissue.
    nuclei
        A second mask: a pixel of an object that is in any nucleus belongs to the object's ``"nucleus"``, the others
        to its ``"cytoplasm"``. Labels of the two masks need not agree.
    ring_px
        Width of the ``"ring"``: background pixels at most this far (between centres) from the object, which is
        their nearest.
    skip_bad_tiles
        Whether to go on when a tile cannot be decoded. The block of about 512 px around it is left out of that channel
        and a finding names it; objects in it are marked ``in_bad_tile``.
    workers
        Threads; None for one a core. The result does not depend on it.
    progress
        Called with a line of text and the share done (0 to 1); also before kernels are compiled for the first time.
    findings
        Where to put what is odd but survivable; None shows it as Python warnings. The measurement has them anyway.

    Returns
    -------
    The measurement.

    Raises
    ------
    InputError
        The sizes differ, the mask holds no labels, a tile cannot be decoded (which one and of which channel is said).

    References
    ----------
    Shapes and intensities as in scikit-image ``regionprops``; focus as in Pertuz et al. 2013, doi
    10.1016/j.patcog.2012.11.011 (LAP4's variance, TENG).

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import measure
    >>> folder = hk.datasets.sample()
    >>> image = hk.read_image(folder / "level2" / "HTA200_1_D1.ome.tiff")
    >>> found = measure(image, hk.read_mask(folder / "level3" / "HTA200_1_D2.ome.tiff"))
    >>> found.mean.shape == (len(found.labels), image.n_channels)
    True
    """
    from htan_kit.pixels._pass import Pass

    _check(image, mask, nuclei, ring_px)
    found = Findings()
    wants = {"spread": spread, "shapes": shapes, "perimeter": perimeter, "channels": channels, "focus": focus}
    collectors = _collectors(image, mask, nuclei=nuclei, ring=ring_px > 0, tissue=tissue, **wants)
    _announce(progress)
    ring = ring_px if mask is not None else 0.0
    skip = found if skip_bad_tiles else None
    run = Pass(image, mask, collectors, nuclei=nuclei, ring_px=ring, skip=skip, workers=workers, progress=progress)
    run.run()
    result = _result(run, image, mask, found)
    for finding in found:
        report(findings, finding)
    return result


def _check(image: Image | None, mask: Mask | None, nuclei: Mask | None, ring_px: float) -> None:
    main = image if image is not None else mask.image if mask is not None else None
    for other in (mask, nuclei):
        if main is None or other is None:
            continue
        size = main.height, main.width
        if other.shape != size:
            message = f"The mask is {other.shape[0]} x {other.shape[1]} px, the image {size[0]} x {size[1]} px."
            raise InputError.of("mask.size", other.path, message, "Give the mask that was made from this image.")
    if not 0 <= ring_px <= 1000:
        message = f"A ring of {ring_px:g} px cannot be measured."
        raise InputError.of("measure.ring", "ring_px", message, "Give a width from 0 to 1000 px.")


def _collectors(
    image: Image | None, mask: Mask | None, *, nuclei: Mask | None, ring: bool, spread: bool, shapes: bool,
    perimeter: bool, channels: bool, focus: bool, tissue: bool,
) -> Collectors:  # fmt: skip
    from htan_kit.pixels._collectors import Collectors
    from htan_kit.pixels._focus import Focus
    from htan_kit.pixels._grid import Grid
    from htan_kit.pixels._histogram import Histograms
    from htan_kit.pixels._hull import Hulls
    from htan_kit.pixels._intensity import IntensitySums
    from htan_kit.pixels._moments import Moments
    from htan_kit.pixels._perimeter import Perimeters
    from htan_kit.pixels._source import working_dtype
    from htan_kit.pixels._tissue import TissueSums

    collect = Collectors()
    if mask is not None:
        collect.moments = Moments()
        collect.hulls = Hulls() if shapes else None
        collect.perimeters = Perimeters() if shapes and perimeter else None
    if image is None:
        return collect
    n, dtype = (3 if image.is_rgb else image.n_channels), working_dtype(image.dtype)
    grid = Grid(image.height, image.width, image.layout.chunk)
    if mask is not None:
        names = ["cell", *(["ring"] if ring else []), *(["nucleus", "cytoplasm"] if nuclei is not None else [])]
        collect.intensities = {name: IntensitySums(n, dtype, spread=spread) for name in names}
    collect.histograms = Histograms(n, dtype, image.dtype) if channels else None
    collect.focus = Focus(grid, dtype, image.dtype) if focus else None
    collect.tissue = TissueSums(n, image.height, image.width) if tissue else None
    return collect


def _announce(progress: Callable[[str, float], None] | None) -> None:
    if progress is None:
        return
    from htan_kit.pixels._kernel import kernels_are_cached
    from htan_kit.pixels._numbering import _number

    if not kernels_are_cached([_number]):
        progress("compiling the inner loops, once on this machine", 0.0)


def _result(run: Pass, image: Image | None, mask: Mask | None, found: Findings) -> Measurement:
    import numpy as np
    import pandas as pd

    from htan_kit.pixels._measurement import Measurement
    from htan_kit.pixels._summary import statistics_of

    collect = run.collectors
    labels = run.numbering.labels
    order = np.argsort(labels)
    objects, shapes = pd.DataFrame(), None
    if mask is not None and collect.moments is not None:
        objects = collect.moments.objects(labels, order, mask.shape)
        shapes = _shapes(collect, objects, order) if collect.hulls is not None else None
    compartments, not_finite = {}, None
    for name, sums in collect.intensities.items():
        area = objects["area_px"].to_numpy() if name == "cell" else _areas(collect.areas.get(name), order)
        compartments[name] = sums.result(order, area)
        if name == "cell":
            missed = sums.missed(order)
            objects["in_bad_tile"] = missed.any(axis=1)
            if not sums.whole:
                not_finite = area[:, np.newaxis] - compartments[name].count - missed
    if image is not None:
        _report_bad(run, image, found)
    histograms = collect.histograms
    channels = statistics_of(histograms) if histograms is not None else None
    if image is not None and channels is not None:
        _report_not_finite(image, channels, found)
    return Measurement(
        labels=labels[order], objects=objects, shapes=shapes, compartments=compartments, not_finite=not_finite,
        channels=channels,
        histograms=None if histograms is None else histograms.counts,
        histogram_values=None if histograms is None else histograms.levels,
        tiles=None if collect.focus is None else collect.focus.table(),
        tissue=None if collect.tissue is None or image is None else collect.tissue.result(bright=image.is_rgb),
        findings=found,
    )  # fmt: skip


def _areas(areas: np.ndarray | None, order: np.ndarray) -> np.ndarray:
    import numpy as np

    have = np.zeros(0, np.int64) if areas is None else areas
    return np.concatenate([have, np.zeros(max(0, len(order) - len(have)), np.int64)])[order]


def _shapes(collect: Collectors, objects: pd.DataFrame, order: np.ndarray) -> pd.DataFrame | None:
    import numpy as np

    if collect.moments is None or collect.hulls is None:
        return None
    shapes = collect.moments.axes(order)
    y0, y1 = (objects[side].to_numpy(np.int64) for side in ("y0", "y1"))
    shapes.insert(4, "Solidity", shapes["Area"] / collect.hulls.areas(order, y0, y1))
    if collect.perimeters is not None:
        shapes["Perimeter"] = collect.perimeters.lengths(order)
    return shapes


def _report_bad(run: Pass, image: Image, found: Findings) -> None:
    for bad in sorted(run.bad, key=lambda b: (b.channels, b.block.y0, b.block.x0)):
        message = f"{bad.reason} Its pixels are left out."
        found.append(warning("image.bad-tile", image.path, message, "Copy or export the file again."))


def _report_not_finite(image: Image, channels: pd.DataFrame, found: Findings) -> None:
    for row in channels[channels["n_not_finite"] > 0].itertuples():
        message = f"{row.n_not_finite:,} pixels of channel {row.channel_index} are NaN or infinite; they are left out."
        found.append(warning("image.not-finite", image.path, message, "Look at how the image was made."))
