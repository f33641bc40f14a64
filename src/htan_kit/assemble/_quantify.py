"""Image and mask to Level 4, without a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.assemble._cells import level4_table, measured_cells
from htan_kit.assemble._question import MEANS, open_masks
from htan_kit.assemble._read import assembled, sample_of_files
from htan_kit.assemble._sources import open_sources
from htan_kit.assemble._statistic import read_statistics
from htan_kit.findings import Findings
from htan_kit.io._paths import located
from htan_kit.io.image import Image, read_image

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    import pandas as pd
    from anndata import AnnData

    from htan_kit.assemble._sources import Sources
    from htan_kit.assemble._statistic import Statistic
    from htan_kit.io.mask import Mask

    File = str | os.PathLike[str]

__all__ = ["Quantified", "quantify", "quantify_table"]


class Quantified(NamedTuple):
    """A Level 4 table, the names of its markers, and what was odd about its files."""

    table: pd.DataFrame
    markers: list[str]
    findings: Findings


def quantify(
    image: File | Image,
    mask: File | Mask,
    channels: File | None = None,
    *,
    statistics: Sequence[str] = ("mean",),
    nucleus: File | Mask | None = None,
    ring_um: float = 0.0,
    pixel_size_um: float | None = None,
    skip_bad_tiles: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> AnnData:
    """Measure every object of a mask in every channel of an image: Levels 2 and 3 give Level 4.

    Parameters
    ----------
    image
        Level 2 image. A colour image is taken apart into hematoxylin, eosin and DAB, which are its markers.
    mask
        Level 3 mask of the same size.
    channels
        Channel metadata file, for the markers' names.
    statistics
        Of ``mean``, ``median``, ``sum``, ``sd`` (divided by n), ``min``, ``max`` and percentiles such as ``p99.9``;
        exact over the finite pixels of the object. The mean is always there.
    nucleus
        Mask of nuclei, of the same size: each object is measured in its nucleus and its cytoplasm, too.
    ring_um
        Width in µm of a ring around each object that is measured, too: background that is nearest to it.
    pixel_size_um
        Pixel size in µm; it wins over the header.
    skip_bad_tiles
        Go on where a tile cannot be decoded: it is left out, a finding names it, and ``obs["in_bad_tile"]`` says which
        cells it touches.
    progress
        Called with a line of text and the share done (0 to 1); also before kernels are compiled for the first time.

    Returns
    -------
    Objects by markers as from :func:`read`: ``X`` is the mean over the object, float32; ``layers`` hold every other
    statistic and compartment as ``"<statistic>_<compartment>"`` (``"median_cell"``, ``"mean_nucleus"``,
    ``"mean_ring"``); ``obsm["features"]`` is the shape under MCMICRO's names, in px; ``obs`` has lengths and areas in
    µm where the pixel size is known.

    Raises
    ------
    InputError
        A file cannot be read, the masks have another size than the image, a statistic is none, or a ring is wanted and
        the pixel size is not known.

    References
    ----------
    Intensities and shape as scikit-image ``regionprops`` defines them and MCMICRO's quantification uses them; the ring
    as ``expand_labels``; stains as ``rgb2hed`` (Ruifrok & Johnston 2001). DAB is what is left in a slide stained with
    hematoxylin and eosin only.

    Examples
    --------
    >>> import htan_kit as hk
    >>> folder = hk.datasets.sample()
    >>> files = folder / "level2" / "HTA200_1_D1.ome.tiff", folder / "level3" / "HTA200_1_D2.ome.tiff"
    >>> adata = hk.quantify(*files, statistics=["median"], ring_um=2)
    >>> adata.X.dtype, adata.layers["median_ring"].shape == adata.shape
    (dtype('float32'), True)
    """
    wanted = read_statistics(statistics)
    sources = _open(
        image, mask, channels, wanted, nucleus=nucleus, ring_um=ring_um, pixel_size_um=pixel_size_um,
        skip_bad_tiles=skip_bad_tiles, progress=progress,
    )  # fmt: skip
    return assembled(sources, wanted)


def quantify_table(
    image: File,
    mask: File,
    channels: File | None = None,
    *,
    statistics: Sequence[str] = ("mean",),
    nucleus: File | None = None,
    ring_um: float = 0.0,
    pixel_size_um: float | None = None,
    skip_bad_tiles: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> Quantified:
    """Measure as :func:`quantify` does, for those who want the table and nothing else: no metadata, no pictures.

    Parameters
    ----------
    image, mask, channels, statistics, nucleus, ring_um, pixel_size_um, skip_bad_tiles, progress
        As for :func:`quantify`.

    Returns
    -------
    One row an object, float64, under MCMICRO's columns; the markers' names; and what was odd.

    Raises
    ------
    InputError
        As :func:`quantify` does.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.assemble import quantify_table
    >>> folder = hk.datasets.sample()
    >>> files = folder / "level2" / "HTA200_1_D1.ome.tiff", folder / "level3" / "HTA200_1_D2.ome.tiff"
    >>> quantify_table(*files).table.columns[0]
    'CellID'
    """
    wanted = read_statistics(statistics)
    sources = _open(
        image, mask, channels, wanted, nucleus=nucleus, ring_um=ring_um, pixel_size_um=pixel_size_um,
        skip_bad_tiles=skip_bad_tiles, progress=progress, picture_px=0,
    )  # fmt: skip
    cells = measured_cells(sources, wanted)
    return Quantified(level4_table(cells), [str(name) for name in cells.var.index], sources.findings)


def _open(
    image: File | Image,
    mask: File | Mask,
    channels: File | None,
    statistics: Sequence[Statistic],
    *,
    nucleus: File | Mask | None,
    ring_um: float,
    pixel_size_um: float | None,
    skip_bad_tiles: bool,
    progress: Callable[[str, float], None] | None,
    picture_px: int = MEANS.picture_px,
) -> Sources:
    quantiles = dict.fromkeys(s.quantile for s in statistics if s.quantile is not None)
    question = replace(
        MEANS, spread=any(s.is_spread for s in statistics), quantiles=tuple(quantiles), ring_um=ring_um,
        skip_bad_tiles=skip_bad_tiles, picture_px=picture_px,
    )  # fmt: skip
    found = Findings()
    opened = image if isinstance(image, Image) else read_image(image, findings=found)
    cells, nuclei = open_masks(opened, mask, nucleus, found)
    files = {"image": opened.path} | ({"mask": cells.path} if cells is not None else {})
    sample = sample_of_files(files | ({"channels": located(channels)} if channels else {}), pixel_size_um)
    sample.findings.extend(found)
    return open_sources(sample, question, image=opened, mask=cells, nuclei=nuclei, progress=progress)
