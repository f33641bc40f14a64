"""Names of classes of objects that mean the same: ``Whole Cell`` and ``cells``, ``nuclear`` and ``nucleus``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["choose_class", "class_key"]

_SAME: Final = {
    "wholecell": "cell", "cellmask": "cell", "nuclei": "nucleus", "nuclear": "nucleus", "nucleimask": "nucleus",
    "nucleusmask": "nucleus", "cytoplasmic": "cytoplasm",
}  # fmt: skip


def class_key(name: str) -> str:
    """Fold a name.

    Parameters
    ----------
    name
        As a header, a table or a person writes it.

    Returns
    -------
    Letters and digits, in lower case and singular.

    Examples
    --------
    >>> from htan_kit.io._object_class import class_key
    >>> class_key("Whole Cells"), class_key("nuclear"), class_key("Tumor 2")
    ('cell', 'nucleus', 'tumor2')
    """
    key = "".join(c for c in name.casefold() if c.isalnum())
    key = key[:-1] if key.endswith("s") and key != "nucleus" else key
    return _SAME.get(key, key)


def choose_class(names: Sequence[str | None], wanted: str) -> list[int]:
    """Find a class among the names of channels or of objects.

    Parameters
    ----------
    names
        The names, None where there is none.
    wanted
        A name.

    Returns
    -------
    The places that have it: as it is written, else by what it means.

    Examples
    --------
    >>> from htan_kit.io._object_class import choose_class
    >>> choose_class(["whole_cell", "nuclear", None], "nucleus")
    [1]
    """
    same = [i for i, name in enumerate(names) if name is not None and name.strip() == wanted.strip()]
    key = class_key(wanted)
    return same or [i for i, name in enumerate(names) if name is not None and key and class_key(name) == key]
