"""Looking for files inside one folder, and never outside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["FileIndex", "images_in", "is_image", "text_tables"]

_IMAGES = (".tif", ".tiff", ".btf", ".svs", ".qptiff", ".ndpi")
_TEXT = (".csv", ".tsv", ".txt")
_MAX_FILES = 200_000
_MAX_HEADERS = 2_000  # text files whose header is looked at to recognise a folder


def is_image(path: Path) -> bool:
    """Tell from the name whether a file is an image."""
    return path.suffix.lower() in _IMAGES and not path.name.startswith(".")


def images_in(folder: Path) -> list[Path]:
    """List the image files of a folder, sorted by name."""
    return sorted(p for p in folder.iterdir() if is_image(p) and p.is_file()) if folder.is_dir() else []


def text_tables(folder: Path) -> list[Path]:
    """List the text tables right in a folder, sorted by name."""
    found = sorted(
        p for p in folder.iterdir() if p.suffix.lower() in _TEXT and not p.name.startswith(".") and p.is_file()
    )
    return found[:_MAX_HEADERS]


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
            if self._inside(candidate) and candidate.is_file():
                return candidate, ""
        name = written.replace("\\", "/").rpartition("/")[2]
        same = self._names().get(name, [])
        if len(same) == 1:
            return same[0], ""
        if same:
            return None, f"{len(same)} files are called {name!r}"
        if any(not self._inside(folder / written) for folder in beside):
            return None, f"{written!r} lies outside {self.root.name}"
        return None, f"there is no file {written!r}"

    def _inside(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self.root)

    def _names(self) -> dict[str, list[Path]]:
        if self._by_name is None:
            self._by_name = {}
            for n, path in enumerate(sorted(self.root.rglob("*"))):
                if n > _MAX_FILES:
                    break
                if path.is_file() and self._inside(path):
                    self._by_name.setdefault(path.name, []).append(path)
        return self._by_name
