"""Looking for files inside one folder, and never outside it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit.io._paths import is_file, is_inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "FileIndex",
    "base_name",
    "by_name",
    "images_in",
    "is_image",
    "is_one",
    "is_text",
    "natural",
    "other_tables",
    "outlines_in",
    "safe_name",
    "tables_below",
    "text_tables",
]

_IMAGES = (".tif", ".tiff", ".btf", ".svs", ".qptiff", ".ndpi", ".dcm")
_FOLDERS = ".ome.zarr"  # the end of the name of a folder that is one image
_TEXT = (".csv", ".tsv", ".txt", ".xlsx")
_TABLES = (".h5ad", ".parquet", ".csv.gz", ".tsv.gz")
_MAX_FILES = 200_000
_MAX_HEADERS = 2_000  # text files whose header is looked at to recognise a folder


def natural(name: str) -> list[tuple[bool, int, str]]:
    """Give the key that sorts roi2 before roi10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    digits = [part.lstrip("0") if part[0] in "0123456789" else None for part in parts]
    # Numbers compare by length, then by digits: a name may hold more digits than int() takes.
    return [(d is not None, len(d or ""), d if d is not None else p) for d, p in zip(digits, parts, strict=True)]


def by_name(path: Path) -> tuple[str, list[tuple[bool, int, str]], str]:
    """Give the key that sorts paths by folder, then by name in natural order."""
    return str(path.parent), natural(path.name), path.name


def is_text(path: Path) -> bool:
    """Tell from the name whether a file is a text table or a workbook; ``~$`` begins what Excel leaves beside one."""
    return path.suffix.lower() in _TEXT and not path.name.startswith((".", "~$"))


def is_image(path: Path) -> bool:
    """Tell from the name whether a file, or a folder such as OME-Zarr, is an image."""
    return (path.suffix.lower() in _IMAGES or path.name.lower().endswith(_FOLDERS)) and not path.name.startswith(".")


def is_one(path: Path) -> bool:
    """Tell whether there is such a file, or a folder that is one image (OME-Zarr, a DICOM series)."""
    if is_file(path):
        return True
    from htan_kit.io.formats import is_image_folder  # brings numpy

    return is_image_folder(path)


def images_in(folder: Path) -> list[Path]:
    """List the images of a folder, in natural order."""
    return sorted((p for p in folder.iterdir() if is_image(p) and is_one(p)), key=by_name) if folder.is_dir() else []


def outlines_in(folder: Path) -> list[Path]:
    """List the GeoJSON files right in a folder, in natural order."""
    return sorted((p for p in folder.glob("[!.]*.geojson") if p.is_file()), key=by_name)


def other_tables(folder: Path) -> list[Path]:
    """List what may be tables of cells right in a folder and is no plain text, in natural order."""
    return sorted((p for kind in _TABLES for p in folder.glob(f"[!.]*{kind}") if p.is_file()), key=by_name)


def text_tables(folder: Path) -> list[Path]:
    """List the text tables right in a folder, in natural order."""
    found = sorted((p for p in folder.iterdir() if is_text(p) and p.is_file()), key=by_name)
    return found[:_MAX_HEADERS]


def tables_below(root: Path) -> list[Path]:
    """List the text tables of a folder and of the folders right in it."""
    if not root.is_dir():
        return []
    folders = sorted((p for p in root.iterdir() if p.is_dir() and not p.name.startswith(".")), key=by_name)
    return [path for folder in (root, *folders) for path in text_tables(folder)]


def base_name(written: str) -> str:
    """Give the last part of a path as a manifest writes it, on whatever system."""
    return written.replace("\\", "/").rpartition("/")[2]


def safe_name(written: str) -> str:
    """Give a file that is not there a name that can be joined to a folder."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", base_name(written))[-200:] or "unnamed"


class FileIndex:
    """Finds files that a manifest names, below a root folder only.

    Parameters
    ----------
    root
        The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._by_name: dict[str, list[Path]] | None = None

    def find(self, written: str, beside: Iterable[Path] = ()) -> tuple[Path | None, str]:
        """Find a file as a manifest names it.

        Parameters
        ----------
        written
            Name or relative path as written.
        beside
            Folders a relative path may start from, besides the root.

        Returns
        -------
        The path, or None and the reason.
        """
        if not written or "\0" in written:
            return None, "no file name is given"
        for folder in (*beside, self.root):
            candidate = folder / written
            if is_inside(candidate, self.root) and is_one(candidate):
                return candidate, ""
        name = base_name(written)
        same = self._names().get(name, [])
        if len(same) == 1:
            return same[0], ""
        if same:
            return None, f"{len(same)} files are called {name[:200]!r}"
        if any(not is_inside(folder / written, self.root) for folder in beside):
            return None, f"{written[:200]!r} lies outside {self.root.name}"
        return None, f"there is no file {written[:200]!r}"

    def _names(self) -> dict[str, list[Path]]:
        if self._by_name is None:
            self._by_name = {}
            for n, path in enumerate(_below(self.root)):
                if n > _MAX_FILES:
                    break
                if is_inside(path, self.root):
                    self._by_name.setdefault(path.name, []).append(path)
        return self._by_name


def _below(root: Path) -> Iterator[Path]:
    """List all files below a folder; an OME-Zarr folder counts as one, however many chunks it has."""
    for folder, folders, files in os.walk(root):
        images = [name for name in folders if name.lower().endswith(_FOLDERS)]
        folders[:] = sorted(set(folders) - set(images))
        paths = [Path(folder, name) for name in sorted([*files, *images])]
        yield from (path for path in paths if path.name in images or is_file(path))
