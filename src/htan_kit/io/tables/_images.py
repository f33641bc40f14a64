"""Which rows of a table are one image's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

__all__ = ["ImageChoice", "image_stem"]

_SUFFIX = re.compile(r"(\.ome)?\.(tiff?|btf|qptiff|svs|ndpi|czi|vsi|scn|mrxs|im3|mcd|zarr)$", re.IGNORECASE)


class ImageChoice:
    """Tells the rows of one image while a table is read; all rows, where it turns out to hold only one.

    Parameters
    ----------
    image
        The image's name; or names by which the table may call it, looked at only where there are several images.
    names
        Further names of what the table calls an image, such as the file's where the table numbers its images.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from htan_kit.io.tables._images import ImageChoice
    >>> choice = ImageChoice("a")
    >>> choice.of(pa.array(["a.tif", "b.tif"]).dictionary_encode()).tolist(), choice.chosen
    ([True, False], 'a.tif')
    """

    def __init__(self, image: str | Sequence[str] | None, names: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._always = isinstance(image, str)
        self._wanted = [image] if isinstance(image, str) else list(image or ())
        self._stems = {*self._wanted, *map(image_stem, self._wanted)}
        self._names = names or {}
        self._found: dict[str, bool] = {}
        self.starts_anew = False  # the rows given so far were all another image's

    def of(self, column: pa.DictionaryArray) -> np.ndarray | slice:
        """Tell which rows of the next block to take."""
        words = [*column.dictionary.to_pylist(), ""]
        codes = column.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)
        one_before = len(self._found) == 1 and not self._always
        for code in np.unique(codes).tolist():
            self._found.setdefault(words[code] or "", self._is_wanted(words[code] or ""))
        self.starts_anew = one_before and self._several and not next(iter(self._found.values()))
        return np.array([self._found.get(word or "", False) for word in words])[codes] if self._several else slice(None)

    @property
    def chosen(self) -> str | None:
        """The image whose rows were taken; None where none or several were meant."""
        if not self._several:
            return next(iter(self._found), None)
        wanted = [name for name, is_wanted in self._found.items() if is_wanted]
        return wanted[0] if len(wanted) == 1 else None

    def check(self, path: Path) -> None:
        """Raise InputError where the table holds several images, and not one of them is meant."""
        if not self._found or not self._several or self.chosen is not None:
            return
        found = list(self._found)
        chosen = [name for name in found if self._found[name]]
        some = ", ".join(name[:60] for name in (chosen or found)[:5]) + (", ..." if len(chosen or found) > 5 else "")
        what = (
            f"{len(chosen) or 'none'} of them is called {self._wanted[0][:60]!r}" if self._wanted else "one is expected"
        )
        message = f"The table holds {len(found)} images ({some}); {what}."
        hint = "Split the table, or read it with hk.read_table(path, image=...)."
        raise InputError.of("table.images", path, message, hint)

    @property
    def _several(self) -> bool:
        return self._always or len(self._found) > 1

    def _is_wanted(self, name: str) -> bool:
        called = (name, *self._names.get(name, ()))
        return bool({*called, *map(image_stem, called)} & self._stems)


def image_stem(name: str) -> str:
    """Drop folders and the suffixes of images: programs write the path, the file's name or the stem."""
    name = name.replace("\\", "/").rpartition("/")[2]
    return _SUFFIX.sub("", name)
