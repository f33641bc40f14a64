"""A small picture of a sample for the overview."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    import numpy as np
    import PIL.Image

__all__ = ["thumbnail"]


def thumbnail(folder: str | PathLike[str], *, max_px: int = 320) -> str:
    """Give a small picture of a sample as a ``data:`` address.

    Parameters
    ----------
    folder
        The sample's folder in a run.
    max_px
        Longest side.

    Returns
    -------
    The image's thumbnail, or the largest figure of the last notebook, or an empty text.

    Examples
    --------
    >>> import tempfile
    >>> from htan_kit import report
    >>> report.thumbnail(tempfile.mkdtemp())
    ''
    """
    from PIL import Image

    folder = Path(folder)
    pixels = _hires(folder / "qc.h5ad")
    if pixels is not None:
        picture = Image.fromarray(pixels)
    else:
        largest = _largest_figure(folder)
        if largest is None:
            return ""
        picture = largest
    picture.thumbnail((max_px, max_px))
    stream = io.BytesIO()
    picture.convert("RGB").save(stream, "JPEG", quality=85)  # there may be a thousand of them on one page
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()


def _hires(path: Path) -> np.ndarray | None:
    """Read the thumbnail that ``qc.h5ad`` holds, and nothing else of it."""
    import h5py
    import numpy as np

    if not path.exists():
        return None
    with h5py.File(path) as store:
        for library in store.get("uns/spatial", {}).values():
            pixels = library.get("images/hires")
            if pixels is not None:
                return np.asarray(pixels, dtype=np.uint8)
    return None


def _largest_figure(folder: Path) -> PIL.Image.Image | None:
    """Give the largest figure of the last notebook that has some: of a report, the map of the cells."""
    import nbformat
    from PIL import Image

    for path in sorted(folder.glob("*.ipynb"), reverse=True):
        outputs = [o for cell in nbformat.read(path, as_version=4).cells for o in cell.get("outputs", [])]
        figures = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
        pictures = [Image.open(io.BytesIO(base64.b64decode(figure))) for figure in figures]
        if pictures:
            return max(pictures, key=lambda picture: picture.width * picture.height).convert("RGB")
    return None
