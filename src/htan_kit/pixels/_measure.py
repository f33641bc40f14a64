"""One pass over image and mask, many answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Findings, report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from htan_kit.io.image import Image
    from htan_kit.io.mask import Mask
    from htan_kit.pixels._collectors import Collectors
    from htan_kit.pixels._measurement import Measurement
    from htan_kit.pixels._numbering import Numbering
    from htan_kit.pixels._picture import Picture, Plan

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
    stains: bool = False,
    nuclei: Mask | None = None,
    ring_px: float = 0.0,
    quantiles: Sequence[float] = (),
    cycles: Sequence[int] = (),
    picture: Plan | None = None,
    skip_bad_tiles: bool = False,
    workers: int | None = None,
    progress: Callable[[str, float], None] | None = None,
    findings: Findings | None = None,
) -> Measurement:
    """Measure objects, channels and tiles in one pass; each stored tile is decoded once, memory is bounded.

    Memory grows with the width of the image, and by about 700 bytes an object plus 8 (mean) to 32 (with ``spread``) an
    object, channel and compartment; not with the height of the image. A file of one strip is held whole, one channel a
    thread. Sums, SD, minimum, maximum and quantiles of objects are exact for integers up to 2^53 and for floats up to
    rounding; the result is the same whatever the tiles and the number of threads.

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
    stains
        Whether to take the colours of an RGB image apart into hematoxylin, eosin and DAB, and to measure these.
    nuclei
        A second mask: a pixel of an object that is in any nucleus belongs to the object's ``"nucleus"``, the others
        to its ``"cytoplasm"``. Labels of the two masks need not agree.
    ring_px
        Width of the ``"ring"``: background pixels at most this far (between centres) from the object, which is
        their nearest.
    quantiles
        Quantiles of each object and compartment, 0 to 1 (0.5: the median), exact for every type and linear between
        pixels as numpy's. The mask is gone over a second time, and the pixels of objects that cross the lower border
        of a band are kept until they end; objects of more than 4 million pixels get NaN.
    cycles
        Nuclear channels (0-based), one a cycle: each is compared with the first, for registration and tissue loss.
    picture
        How to make a small picture of the image and of the labels.
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
        The sizes differ, the mask holds no labels, a tile cannot be decoded (which one and of which channel is said),
        a file changes while it is read, or one stored piece of it is too large for the memory.

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
    from htan_kit.pixels._lookup import Lookup
    from htan_kit.pixels._numbering import Numbering
    from htan_kit.pixels._pass import Pass
    from htan_kit.pixels._picture import label_places
    from htan_kit.pixels._pieces import in_pieces
    from htan_kit.pixels._result import result_of
    from htan_kit.pixels._unchanged import unchanged
    from htan_kit.pixels._wanted import Wanted, last_rows

    _check(image, mask, nuclei, ring_px)
    _check_lists(image, quantiles, cycles)
    found = Findings()
    wanted = Wanted(
        spread=spread, shapes=shapes, perimeter=perimeter, channels=channels, focus=focus, tissue=tissue,
        stains=stains and image is not None and image.is_rgb, nuclei=nuclei is not None,
        ring_px=ring_px if mask is not None else 0.0, quantiles=tuple(quantiles), cycles=tuple(cycles),
        picture_step=picture.step if picture is not None and not picture.level else 0,
    )  # fmt: skip
    _announce(progress)
    numbering = Numbering()
    with unchanged(image, mask, nuclei):
        both = image is not None and mask is not None
        last = last_rows(mask, numbering, workers) if mask is not None and both and wanted.quantiles else None
        collectors = wanted.collectors(image, mask, last)
        if mask is not None and picture is not None:
            collectors.lookup = Lookup(*label_places(picture, mask.shape))
        run = Pass(
            image, mask, collectors, nuclei=nuclei, ring_px=wanted.ring_px, skip=found if skip_bad_tiles else None,
            workers=workers, progress=progress, numbering=numbering,
        )  # fmt: skip
        run.run()
        if mask is not None and numbering.n == 1 and in_pieces(mask):
            raise _binary(mask, int(numbering.labels[0]))
        small = None if picture is None else _picture(picture, collectors, image, numbering)
    result = replace(result_of(run, image, mask, found), picture=small)
    for finding in found:
        report(findings, finding)
    return result


def _picture(plan: Plan, collectors: Collectors, image: Image | None, numbering: Numbering) -> Picture:
    import numpy as np

    from htan_kit.pixels._picture import Picture, shrink_level

    labels = None if collectors.lookup is None else collectors.lookup.labels(numbering.labels).reshape(plan.shape)
    if image is None:
        return Picture(None, labels, plan.scale)
    if collectors.picture is None:
        return Picture(shrink_level(image, plan), labels, plan.scale)
    means = collectors.picture.means.astype(np.float32)
    return Picture(np.moveaxis(means, 0, -1) if image.is_rgb else means, labels, plan.scale)


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


def _binary(mask: Mask, value: int) -> InputError:
    message = f"The mask holds only 0 and {value} over several separate objects: it is binary, objects have no labels."
    hint = "Label it first: skimage.measure.label(mask), or export the instance mask of the segmentation."
    return InputError.of("mask.binary", mask.path, message, hint, "HTAN Manual, Level 3")


def _check_lists(image: Image | None, quantiles: Sequence[float], cycles: Sequence[int]) -> None:
    wrong = [q for q in quantiles if not 0 <= q <= 1]
    if wrong:
        message = f"{wrong} are no quantiles."
        raise InputError.of("measure.quantiles", "quantiles", message, "Give numbers from 0 to 1; 0.5 is the median.")
    n = 0 if image is None else 3 if image.is_rgb else image.n_channels
    if any(not 0 <= c < n for c in cycles) or len(set(cycles)) < len(cycles):
        message = f"Cycles {list(cycles)} are not different channels of an image of {n}."
        raise InputError.of("measure.cycles", "cycles", message, "Give the index of one nuclear channel a cycle.")


def _announce(progress: Callable[[str, float], None] | None) -> None:
    if progress is None:
        return
    from htan_kit.pixels._kernel import kernels_are_cached
    from htan_kit.pixels._numbering import _number

    if not kernels_are_cached([_number]):
        progress("compiling the inner loops, once on this machine", 0.0)
