"""What a written value means, where that is certain."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from htan_kit.models._names import key
from htan_kit.models._values import is_blank, typed
from htan_kit.models._vocabulary import same_word
from htan_kit.units import to_um

if TYPE_CHECKING:
    from htan_kit.models._spec import Attribute

__all__ = ["Understood", "understand"]

_EMPTY = {"", "nan", "<na>", "nat", "null"}  # what programs write for a cell without a value
_TRUE_FALSE = {"true": True, "false": False}
_WITH_UNIT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\d\s.,]\S*)", re.ASCII)
_TIMES = {"x", "×"}
_LONGEST = 100  # characters of a number with its unit; the pattern takes their square


@dataclass(frozen=True, slots=True)
class Understood:
    """A value as the model types it.

    Parameters
    ----------
    value
        The value: text, number, boolean, or a list of these.
    respelt
        Whether it was written in another way than the model's.
    absent
        ``"empty"`` for no value, ``"said"`` for words such as ``Not Applicable`` where the model has no such word,
        ``""`` for a value.
    """

    value: Any
    respelt: bool = False
    absent: str = ""


def understand(spec: Attribute, written: object, *, model: str) -> Understood:
    """Read a value as an attribute's.

    Parameters
    ----------
    spec
        The attribute.
    written
        What was written: text of a manifest's cell, or a value from JSON.
    model
        ``"htan1"``, ``"htan2"`` or ``"miti"``.

    Returns
    -------
    What it means; a value whose meaning is not certain stays as it was written.

    Examples
    --------
    >>> from htan_kit.models._spec import component_of
    >>> from htan_kit.models._understand import understand
    >>> level2 = component_of("htan1", "Imaging Level 2").attributes
    >>> understand(level2["Pyramid"], "yes", model="htan1")
    Understood(value='Yes', respelt=True, absent='')
    >>> understand(level2["NominalMagnification"], "20x", model="htan1").value
    20.0
    """
    if spec.multiple:
        items = [_one(spec, item, model) for item in _items(spec, written)]
        given = [item for item in items if item.absent != "empty"]
        if not given:
            return Understood(None, absent="empty")
        if all(item.absent for item in given):
            return Understood(written, absent="said")
        return Understood([item.value for item in given], any(item.respelt for item in given))
    return _one(spec, written, model)


def _items(spec: Attribute, written: object) -> list[object]:
    if isinstance(written, list | tuple | set):
        return list(written)
    if not isinstance(written, str) or written.strip() in spec.words:
        return [written]
    # A list as people write it, or a JSON list of texts; identifiers have no blanks, words may.
    parts = re.split(r"[,;|\n]+" if spec.words else r"[,;|\s]+", written)
    return [part.strip("[]\"' \t\r\n") for part in parts if part.strip("[]\"' \t\r\n")] or [""]


def _one(spec: Attribute, written: object, model: str) -> Understood:
    if written is None or (isinstance(written, float) and math.isnan(written)):
        return Understood(None, absent="empty")
    if isinstance(written, bool | int | float) and not spec.words and spec.json_type != "string":
        written = str(written) if isinstance(written, float) and math.isinf(written) else written
        return _number(spec, written)
    text = str(written).strip()
    if text in spec.words:
        return Understood(text)
    if text.casefold() in _EMPTY:
        return Understood(None, absent="empty")
    if spec.json_type == "string" and not spec.words:
        said = is_blank(text) and bool(spec.pattern) and not re.search(spec.pattern, text)
        return Understood(text, absent="said" if said else "")
    if is_blank(text):
        return Understood(text, absent="said")
    if spec.words:
        word = same_word(spec.name, spec.words, text, model=model)
        return Understood(text if word is None else word, respelt=word is not None)
    return _boolean(text) if spec.json_type == "boolean" else _number(spec, text)


def _boolean(text: str) -> Understood:
    if text.casefold() in _TRUE_FALSE:
        return Understood(_TRUE_FALSE[text.casefold()])
    value = typed(text, "bool")
    return Understood(value, respelt=isinstance(value, bool))


def _number(spec: Attribute, written: object) -> Understood:
    kind = "int" if spec.json_type == "integer" else "float"
    value = written if isinstance(written, bool) else typed(written, kind)
    if spec.json_type == "boolean":
        return Understood(bool(value) if value in (0, 1) else value, respelt=value in (0, 1) and value is not written)
    found = _WITH_UNIT.fullmatch(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    number = None if found is None else _without_unit(spec, found[1], found[2])
    if number is not None:
        value = typed(number, kind)
        return Understood(value, respelt=not isinstance(value, str))
    return Understood(value)


def _without_unit(spec: Attribute, number: str, unit: str) -> str | None:
    """Drop the unit that the attribute has by its definition, and no other."""
    name = key(spec.name)
    if "magnification" in name:
        return number if unit.casefold() in _TIMES else None
    if name.startswith("physicalsize"):
        try:
            return number if to_um(1.0, unit) == 1.0 else None
        except ValueError:
            return None
    return None
