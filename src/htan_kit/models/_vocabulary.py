"""Words that mean the same in different models, and the spellings of the words of one."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from htan_kit.models._load import data
from htan_kit.models._names import key
from htan_kit.units import to_um

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["same_word", "translate"]

_YES = {"yes", "y", "true", "t", "1"}
_NO = {"no", "n", "false", "f", "0"}


@cache
def _terms(attribute: str) -> tuple[dict[str, Any], ...]:
    """Give the terms of an attribute, by its folded name."""
    groups = data("vocabularies")["groups"]
    return tuple(term for group in groups if attribute in group["attributes"] for term in group["terms"])


def _words(term: dict[str, Any]) -> set[str]:
    words = [word for model, word in term.items() if model not in ("also", "lossy")]
    return {key(word) for word in (*words, *term.get("also", ()))}


def same_word(attribute: str, values: Sequence[str], text: str, *, model: str) -> str | None:
    """Find the one word of a list that a text can only mean.

    Parameters
    ----------
    attribute
        The attribute's name in any spelling.
    values
        The words the model allows.
    text
        What was written.
    model
        ``"htan1"``, ``"htan2"`` or ``"miti"``.

    Returns
    -------
    One of ``values``: equal but for case and punctuation, another model's word for the same, a unit's other spelling,
    or yes and no where the list has one of each. None where there is none, or more than one.

    Examples
    --------
    >>> from htan_kit.models._vocabulary import same_word
    >>> same_word("Imaging Object Class", ["nucleus", "whole cell"], "Nuclei", model="htan1")
    'nucleus'
    >>> same_word("PhysicalSizeXUnit", ["mm", "µm"], "<U+00B5>m", model="htan1")
    'µm'
    """
    folded = key(text)
    if not folded:
        return None
    fitting = {value for value in values if key(value) == folded}
    if not fitting:
        terms = (term for term in _terms(key(attribute)) if not term.get("lossy") and folded in _words(term))
        fitting = {term[model] for term in terms if term.get(model) in values}
    if not fitting and key(attribute).endswith("unit"):
        fitting = {value for value in values if _um(value) == _um(text) is not None}
    if not fitting and folded in _YES | _NO:
        asked = _YES if folded in _YES else _NO
        fitting = {value for value in values if key(re.split(r"\W", value, maxsplit=1)[0]) in asked}
    return fitting.pop() if len(fitting) == 1 else None


def _um(unit: str) -> float | None:
    try:
        return to_um(1.0, unit)
    except ValueError:
        return None


def translate(attribute: str, word: str, *, source: str, target: str) -> str | None:
    """Say one model's word in another's.

    Parameters
    ----------
    attribute
        The source's attribute, in any spelling.
    word
        The source's word.
    source, target
        ``"htan1"``, ``"htan2"``, ``"miti"`` or ``"ome"``.

    Returns
    -------
    The target's word; ``""`` where the vocabulary is known and has none; None where the attribute has no vocabulary
    in the kit, or the word is not in it.

    Examples
    --------
    >>> from htan_kit.models._vocabulary import translate
    >>> translate("Immersion", "Glycerol", source="htan2", target="miti")
    'Glycerin'
    >>> translate("Immersion", "Other", source="htan1", target="miti")
    ''
    """
    folded = key(word)
    terms = [term for term in _terms(key(attribute)) if source not in term.get("lossy", ())]
    known = [term for term in terms if key(str(term.get(source, ""))) == folded]
    if not known:  # not the source's own word: another model's, or another spelling
        known = [term for term in terms if not term.get("lossy") and folded in _words(term)]
    exact = [term for term in known if not term.get("lossy")]
    words = [term[target] for term in (*exact, *known) if target in term]
    return words[0] if words else "" if known else None
