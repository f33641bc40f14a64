"""One question for every format: where in this file private information is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.io._paths import is_file, on_disk
from htan_kit.io._private import Private, private_kinds
from htan_kit.io._private_text import parse_xml, private_in_text, private_in_xml_text, shown
from htan_kit.io._private_tiff import private_in_tiff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["private_places"]

_HDF5 = b"\x89HDF\r\n\x1a\n"
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MAX_XML = 64 * 2**20
_MAX_TEXTS = 200_000  # of one dataset


def private_places(path: Path) -> list[Private]:
    """Find dates, names, addresses, serial numbers, paths and label pictures in a file's metadata.

    Parameters
    ----------
    path
        A TIFF file of any kind (OME-TIFF, SVS, QPTIFF, ImageJ), an OME-XML document, or an h5ad (its ``uns``).
        Other files have no header and give nothing.

    Returns
    -------
    Kind and place of each, in file order; the values themselves are not in it.

    Raises
    ------
    InputError
        The file is missing or damaged.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.io._private_places import private_places
    >>> path = hk.datasets.sample() / "level2" / "HTA200_2_D1.ome.tiff"
    >>> [p.place for p in private_places(path)][:2]
    ['page 1, OME-XML of ImageDescription: OME/Image/AcquisitionDate', 'page 1, DateTime']
    """
    if not is_file(path):
        raise InputError.of("file.exists", path, "There is no such file.", "Check the path.")
    with path.open("rb") as file:
        head = file.read(64)
    if head[:4] in _TIFF:
        return list(private_in_tiff(path))
    if head.startswith(_HDF5):
        return list(_in_h5ad(path))
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        with path.open("rb") as file:
            text = file.read(_MAX_XML + 1).decode("utf-8-sig", "replace")
        parse_xml(text, path)  # one that is no XML is an error here: nothing else is in the file
        return list(private_in_xml_text(text, "the document", "OME-XML"))
    return []


def _in_h5ad(path: Path) -> Iterator[Private]:
    import h5py

    try:
        with h5py.File(on_disk(path), "r") as file:
            uns = file.get("uns", getlink=True)
            if not isinstance(uns, h5py.HardLink) or not isinstance(file["uns"], h5py.Group):
                return
            names: list[str] = []
            file["uns"].visit(names.append)  # hard links only: another file is never opened
            for name in names:
                node, place = file["uns"][name], "/".join(["uns", *map(shown, name.split("/"))])
                for kind in sorted(private_kinds(name.rpartition("/")[2])):
                    yield Private(kind, place)
                if isinstance(node, h5py.Dataset) and not node.external and not node.is_virtual:
                    yield from _in_dataset(node, place)
    except (OSError, RuntimeError, ValueError, KeyError) as problem:
        message = f"This is not a readable h5ad file ({type(problem).__name__})."
        raise InputError.of("table.h5ad", path, message, "Write it again.") from None


def _in_dataset(node: object, place: str) -> Iterator[Private]:
    import h5py
    import numpy as np

    if not isinstance(node, h5py.Dataset) or not (h5py.check_string_dtype(node.dtype) or node.dtype.kind in "SU"):
        return
    if node.size is None or not 0 < node.size <= _MAX_TEXTS:
        return
    key = place.rpartition("/")[2]
    seen: set[Private] = set()
    for value in np.asarray(node[()], dtype=object).ravel():
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for found in private_in_text(text, place, key):
            if found not in seen:
                seen.add(found)
                yield found
