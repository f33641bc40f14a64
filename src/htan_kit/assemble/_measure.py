"""Everything that image and mask say, in one pass, kept where the user wants it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit.assemble._kept import kept
from htan_kit.assemble._question import EVERYTHING, cycles_of, open_masks
from htan_kit.channels import reconcile
from htan_kit.errors import InputError
from htan_kit.findings import Findings, report
from htan_kit.io.channel_table import read_channels
from htan_kit.io.image import Image, read_image
from htan_kit.io.mask import Mask
from htan_kit.units import is_pixel_size

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    import pandas as pd

    from htan_kit.pixels import Measurement

    File = str | os.PathLike[str]

__all__ = ["measure"]


def measure(
    image: File | Image | None,
    mask: File | Mask | None = None,
    channels: File | None = None,
    *,
    nucleus: File | Mask | None = None,
    ring_um: float = 0.0,
    percentiles: Sequence[float] = (),
    cycles: bool = False,
    pixel_size_um: float | None = None,
    skip_bad_tiles: bool = False,
    cache: File | None = None,
    workers: int | None = None,
    progress: Callable[[str, float], None] | None = None,
    findings: Findings | None = None,
) -> Measurement:
    """Measure objects, channels and tiles of an image in one pass; every stored tile is decoded once.

    Memory does not grow with the height of the image: some bands of tiles are held, about 700 bytes an object, and 32
    bytes an object, channel and compartment. A file of one strip is held whole, one channel a thread. Everything is
    exact, percentiles too, whatever the type of the pixels, but for the percentiles of whole channels of more than 16
    bits (0.4 %).

    Parameters
    ----------
    image
        Level 2 image; None for the shapes of a mask alone. A colour image is also taken apart into stains.
    mask
        Level 3 mask of the same size; None for channels and tiles alone.
    channels
        Channel metadata file, which names the nuclear channels for ``cycles``.
    nucleus
        Mask of nuclei: objects are measured in their nucleus and their cytoplasm, too.
    ring_um
        Width in µm of a ring around each object: background that is nearest to it.
    percentiles
        Of the pixels of each object, 0 to 100 (50: the median). The mask is gone over twice for them.
    cycles
        Whether to compare the nuclear channel of each cycle with the first: correlation and shift.
    pixel_size_um
        Pixel size in µm; it wins over the header.
    skip_bad_tiles
        Whether to go on where a tile cannot be decoded; a finding names it.
    cache
        A folder that keeps the measurement of files given by path: asked the same again, it is read from there, unless
        a file, a parameter or the kit has changed. It holds NumPy arrays and one JSON file a measurement.
    workers
        Threads; None for one a core. The result does not depend on it.
    progress
        Called with a line of text and the share done (0 to 1).
    findings
        Where to collect what is odd but survivable; None shows it as Python warnings.

    Returns
    -------
    The measurement: ``objects``, ``shapes``, ``compartments`` (count, sum, mean, SD, minimum, maximum, quantiles by
    object and channel), ``stains``, ``channels``, ``histograms``, ``tiles``, ``tissue``, ``cycles``.

    Raises
    ------
    InputError
        A file cannot be read or changes meanwhile, the sizes differ, or a ring is wanted and the pixel size is unknown.

    References
    ----------
    scikit-image ``regionprops``, ``expand_labels`` and ``rgb2hed``; see :func:`htan_kit.pixels.measure`.

    Examples
    --------
    >>> import htan_kit as hk
    >>> folder = hk.datasets.sample()
    >>> found = hk.measure(folder / "level2" / "HTA200_1_D1.ome.tiff", folder / "level3" / "HTA200_1_D2.ome.tiff")
    >>> found.mean.shape == (len(found.labels), len(found.channels))
    True
    """
    if pixel_size_um is not None and not is_pixel_size(pixel_size_um):
        message = f"A pixel size of {pixel_size_um!r} µm is not possible."
        raise InputError.of("read.pixel-size", "hk.measure", message, "Give micrometres per pixel, such as 0.65.")
    if cache is not None and any(isinstance(file, Image | Mask) for file in (image, mask, nucleus)):
        message = "What was opened before may be any plane of its file; a measurement is kept by file."
        raise InputError.of("measure.cache", "hk.measure", message, "Give paths, or no cache=.")
    odd = Findings()
    opened = image if isinstance(image, Image) or image is None else read_image(image, findings=odd)
    cells, nuclei = open_masks(opened, mask, nucleus, odd)
    frame = _frame(opened, channels, odd) if cycles else None
    size = pixel_size_um or next((f.pixel_size_um for f in (opened, cells) if f is not None and f.pixel_size_um), None)
    quantiles = tuple(dict.fromkeys(round(p / 100, 12) for p in percentiles))
    question = replace(
        EVERYTHING, cycles=cycles, quantiles=quantiles, ring_um=ring_um, skip_bad_tiles=skip_bad_tiles, picture_px=0
    )

    def answer() -> Measurement:
        return question.ask(
            opened, cells, nuclei=nuclei, frame=frame, pixel_size_um=size, workers=workers, progress=progress,
            findings=Findings(),
        )  # fmt: skip

    if cache is None:
        found = answer()
    else:
        files = {"image": opened, "mask": cells, "nucleus": nuclei}
        chosen = {"cycles": list(cycles_of(frame)), "ring_px": question.ring_px(size)}
        paths = {role: file.path for role, file in files.items() if file is not None}
        found = kept(Path(cache), question.to_dict() | chosen, paths, answer, findings=odd)
    for finding in odd + found.findings:
        report(findings, finding)
    return found


def _frame(image: Image | None, channels: File | None, findings: Findings) -> pd.DataFrame | None:
    if image is None:
        return None
    table = None if channels is None else read_channels(channels, findings=findings)
    return reconcile(table, list(image.channels), None, subject=image.path.name, findings=findings)
