"""Names compared the way people write them: case, blanks and punctuation do not count."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["key", "match"]

# Spellings seen in released files, folded: what was written -> what the models call it.
_MISSPELT = {"flurophore": "fluorophore", "fluorofore": "fluorophore", "rrid": "rrididentifier"}
_SHORT = 80  # characters of a name that is worth remembering: longer ones do not come again, and would fill the memory


def key(text: str) -> str:
    """Fold an attribute's name to what remains the same in all its spellings.

    Parameters
    ----------
    text
        A name as written: MITI's, HTAN's of either phase, BigQuery's, or a column header.

    Returns
    -------
    Letters and digits only, in lower case; ``#`` reads as "number".

    Examples
    --------
    >>> from htan_kit.models import key
    >>> key("Sub-Cycle #"), key("SUB_CYCLE_NUMBER"), key("Sub Cycle Number")
    ('subcyclenumber', 'subcyclenumber', 'subcyclenumber')
    >>> key("Oligo barcode:  lower strand"), key("Protocol Id(S)")
    ('oligobarcodelowerstrand', 'protocolids')
    """
    return _short_key(text) if len(text) <= _SHORT else _folded(text)


@lru_cache(maxsize=65536)
def _short_key(text: str) -> str:
    return _folded(text)


def _folded(text: str) -> str:
    spelt = unicodedata.normalize("NFKC", text).casefold().replace("#", "number")
    folded = unicodedata.normalize("NFKC", "".join(character for character in spelt if character.isalnum()))
    return _MISSPELT.get(folded, folded)


def match(names: Iterable[str], text: str) -> str | None:
    """Find the name that a text means.

    Parameters
    ----------
    names
        The model's own names.
    text
        The name as somebody wrote it; a plural counts as its singular where nothing fits better.

    Returns
    -------
    One of ``names``, or None.

    Examples
    --------
    >>> from htan_kit.models import match
    >>> match(["HTAN Data File ID", "File Format"], "HTAN_Data_File_ID")
    'HTAN Data File ID'
    >>> match(["protocol_ids"], "Protocol ID")
    'protocol_ids'
    """
    wanted = key(text)
    if not wanted:
        return None
    folded, singular = _index(tuple(names))
    return folded.get(wanted) or singular.get(wanted.removesuffix("s"))


@lru_cache(maxsize=256)
def _index(names: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Fold the names of a component once; manifests ask for the same ones column by column."""
    folded = {key(name): name for name in names}
    return folded, {name.removesuffix("s"): original for name, original in folded.items()}
