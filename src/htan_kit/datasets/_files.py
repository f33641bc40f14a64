"""Writing a tissue: image, masks, channel table, object table, truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.datasets._brightfield import BrightfieldPlane
from htan_kit.datasets._defects import DEFECTS
from htan_kit.datasets._ome import OmeChannel, OmeImage
from htan_kit.datasets._optics import ChannelPlane
from htan_kit.datasets._tiff import BAND_PX, write_tiff
from htan_kit.io.atomic import replacing

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from htan_kit.datasets._tissue import Tissue

__all__ = ["header", "write_image", "write_mask", "write_truth"]


def header(tissue: Tissue, name: str = "") -> OmeImage:
    """Make the OME header of the tissue's image (without planted dates)."""
    named = "missing_channel_names" not in tissue.defects
    channels = tuple(
        OmeChannel(c.name if named else "", 1, c.excitation, c.emission, c.fluorophore) for c in tissue.channels
    )
    return OmeImage(
        name,
        tissue.shape,
        tissue.properties.dtype,
        channels or (OmeChannel("RGB", 3),),
        None if "missing_pixel_size" in tissue.defects else tissue.pixel_size_um,
        None if tissue.assay == "imc" else (20.0, 0.75),
    )


def write_image(tissue: Tissue, path: str | os.PathLike[str]) -> None:
    """Write the Level 2 image as a tiled pyramidal OME-TIFF.

    Parameters
    ----------
    tissue
        What to look at.
    path
        File to make, ``.ome.tiff``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from htan_kit import datasets
    >>> path = Path(tempfile.mkdtemp()) / "a.ome.tiff"
    >>> datasets.write_image(datasets.simulate("he", width_px=64, height_px=48), path)
    >>> path.stat().st_size > 1000
    True
    """
    date = DEFECTS["date_in_header"].parameters["date"] if "date_in_header" in tissue.defects else ""
    makers: list[Callable[[], Any]]
    if tissue.assay == "he":
        makers = [lambda: BrightfieldPlane.of(tissue)]
    else:
        makers = [lambda i=i: ChannelPlane.of(tissue, i) for i in range(len(tissue.channels))]  # type: ignore[misc]
    planes = [lambda make=make: _bands(tissue.shape, make().window) for make in makers]
    name = Path(path).name.split(".")[0]
    write_tiff(path, planes, image=replace(header(tissue, name), date=date), date=date)


def write_mask(tissue: Tissue, path: str | os.PathLike[str], *, object_class: str = "cell") -> None:
    """Write a Level 3 mask: labels as uint32 with gaps, 0 outside.

    Parameters
    ----------
    tissue
        Whose labels.
    path
        File to make, ``.ome.tiff``.
    object_class
        ``"cell"`` or ``"nucleus"``; a nucleus bears the label of its cell.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from htan_kit import datasets
    >>> path = Path(tempfile.mkdtemp()) / "a.ome.tiff"
    >>> datasets.write_mask(datasets.simulate("imc", width_px=64, height_px=48), path)
    >>> path.exists()
    True
    """
    dy = dx = 0
    if "shifted_mask" in tissue.defects:
        dy, dx = (DEFECTS["shifted_mask"].parameters[k] for k in ("dy_px", "dx_px"))
    fractions = "float_mask" in tissue.defects
    read = tissue.labels if object_class == "cell" else tissue.nuclei

    def labels(window: tuple[int, int, int, int]) -> NDArray[Any]:
        y0, y1, x0, x1 = window
        part = read((y0 - dy, y1 - dy, x0 - dx, x1 - dx)).copy()
        # What moves in from outside the image is not known to be a cell.
        part[: max(dy - y0, 0)] = 0
        part[:, : max(dx - x0, 0)] = 0
        if fractions:
            return np.where(part > 0, part + DEFECTS["float_mask"].parameters["added"], 0).astype(np.float32)
        return part

    image = OmeImage(
        Path(path).name.split(".")[0],
        tissue.shape,
        "float32" if fractions else "uint32",
        (OmeChannel(object_class),),
        None if "missing_pixel_size" in tissue.defects else tissue.pixel_size_um,
    )
    write_tiff(path, [lambda: _bands(tissue.shape, labels)], image=image, pyramid=False)


def write_truth(tissue: Tissue, path: str | os.PathLike[str]) -> None:
    """Write what is true of every cell as CSV.

    Parameters
    ----------
    tissue
        Whose cells.
    path
        File to make.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from htan_kit import datasets
    >>> path = Path(tempfile.mkdtemp()) / "truth.csv"
    >>> datasets.write_truth(datasets.simulate("imc", width_px=64, height_px=48), path)
    >>> path.read_text().split(",")[:4]
    ['CellID', 'x_px', 'y_px', 'phenotype']
    """
    with replacing(path) as temporary:
        tissue.cells.rename(columns={"cell_id": "CellID"}).to_csv(temporary, index=False, lineterminator="\n")


def _bands(shape: tuple[int, int], make: Callable[[tuple[int, int, int, int]], NDArray[Any]]) -> Iterator[NDArray[Any]]:
    """Put blocks side by side into bands of rows."""
    step = 4 * BAND_PX
    for y in range(0, shape[0], BAND_PX):
        bottom = min(y + BAND_PX, shape[0])
        yield np.concatenate([make((y, bottom, x, min(x + step, shape[1]))) for x in range(0, shape[1], step)], axis=1)
