"""Names of channels compared: folded, and bare of what is not the marker's (dye, clone, cycle, mask)."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["bare", "fold", "is_dye"]

_GREEK = str.maketrans(
    {"α": "a", "β": "b", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "κ": "k", "λ": "l", "μ": "u", "ϵ": "e"}
)
_SPELT = re.compile(r"alpha|beta|gamma|delta|epsilon|zeta|kappa|lambda")
_APART = re.compile(r"((?<=\d)[\W_]+(?=\d))|[\W_]+")
_LONGEST = 200
_NANOMETRES = r"[ _-]?[3-8]\d\d"
_DYE = (
    rf"(?:(?:alexa[ _-]?(?:fluor)?|af|a|atto|cf|dy(?:light)?|e?fluor|opal|polaris|vio(?:bright)?|bv|buv|bb|ir(?:dye)?"
    rf"|hilyte|janelia|jf|stella|argofluor|af[- ]?plus|coralite|cl){_NANOMETRES}"
    r"|cy(?:anine)?[ _-]?[2357](?:[.]5)?|fitc|tritc|pe|apc|percp|dapi|hoechst(?:[ _-]?\d+)?|texas[ _-]?red"
    r"|phycoerythrin|allophycocyanin|rhodamine(?:[ _-]?red)?|rrx|fam|tamra|rox|sytox(?:[ _-]?\w+)?|draq[ _-]?[57]"
    r"|pacific[ _-]?(?:blue|orange)|tsa[ _-]?\w+|biotin|hrp|dig)(?:[ _-]?(?:plus|cy\d(?:\.5)?))?"
)
_IS_DYE = re.compile(rf"(?:{_DYE})(?:\s*\([^()]*\))?", re.IGNORECASE)
_SITES = re.compile(r"\(\s*(?:p?[STY]\d+[\s;,/]*)+\)", re.IGNORECASE)  # of a modification: part of the name
_BEHIND = re.compile(
    rf"\s*\([^()]*\)\s*$|[ _/-]+(?:{_DYE})$|[ _-](?:cell|nuc(?:lei|leus)?|cyto(?:plasm)?|cellring|nucleiring)_?mask$"
    rf"|_\d{{1,2}}$|[ _](?:c|ch|r|cyc(?:le)?|round)_?\d{{1,2}}$|[-_ ]+$|[ ]\[[^\[\]]*\]$",
    re.IGNORECASE,
)
_NOT_MARKERS = {
    "background",
    "bg",
    "bkg",
    "bkgd",
    "blank",
    "empty",
    "control",
    "autofluorescence",
    "secondary",
    "igg",
    "x",
}
_BEFORE = re.compile(rf"^(?:anti[ _-]+|(?:human|mouse|rat|hu|ms)[ _-]+|(?:{_DYE})[ _-]+|[ _-]+)", re.IGNORECASE)


def fold(text: str) -> str:
    """Fold a channel's name: case, blanks and punctuation do not count, and Greek letters are their Latin ones.

    Only between two digits it counts that something is there: ``CD8_2`` is not CD82, nor ``CD4 (1)`` CD41.

    Parameters
    ----------
    text
        A name.

    Returns
    -------
    Letters and digits, and a point between digits that are apart.

    Examples
    --------
    >>> from htan_kit.io._marker_name import fold
    >>> fold("CD3ε") == fold("cd3-epsilon") == fold("CD3e"), fold("CD8_2") == fold("CD82")
    (True, False)
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = _APART.sub(lambda found: "." if found[1] else "", plain).translate(_GREEK)
    return _SPELT.sub(lambda found: found[0][0], letters)


def bare(text: str) -> str:
    """Take from a name what is not the marker's: dye, clone in brackets, number of a cycle, species, mask.

    Parameters
    ----------
    text
        A name.

    Returns
    -------
    What is left, never nothing: a name that is all dye stays.

    Examples
    --------
    >>> from htan_kit.io._marker_name import bare
    >>> bare("PD-L1 (28-8)"), bare("anti-CD11b-AF488"), bare("CD8_2"), bare("S6 (pS240; pS244)"), bare("aKi67")
    ('PD-L1', 'CD11b', 'CD8', 'S6 (pS240; pS244)', 'Ki67')
    """
    left = " ".join(text[:_LONGEST].split())
    for _ in range(8):
        shorter = left if _SITES.search(left) and left.endswith(")") else _BEHIND.sub("", left)
        shorter = _BEFORE.sub("", shorter).strip()
        if not any(c.isalpha() for c in shorter) or shorter == left or shorter.casefold() in _NOT_MARKERS:
            break
        left = shorter
    if re.match(r"a[A-Z][A-Za-z]*\d|a[A-Z]{2,}", left) and len(left) > 3:  # OHSU writes aKi67, aCCR2: an antibody
        return left[1:]
    return left


def is_dye(text: str) -> bool:
    """Tell whether a text is the name of a dye or of its filter.

    Parameters
    ----------
    text
        A cell.

    Returns
    -------
    True for ``Alexa Fluor 488``, ``Cy5``, ``FITC`` and their like.

    Examples
    --------
    >>> from htan_kit.io._marker_name import is_dye
    >>> is_dye("AF488"), is_dye("Opal 520"), is_dye("CD8")
    (True, True, False)
    """
    return _IS_DYE.fullmatch(text.strip()[:60]) is not None
