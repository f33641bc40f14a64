"""One form for the attributes and conditions of all three models."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Final

from htan_kit.errors import InputError
from htan_kit.models._load import MODEL_VERSIONS, data, models
from htan_kit.models._names import key, match

__all__ = ["CHECKS", "Attribute", "Component", "Condition", "component_of", "slug"]

CHECKS: Final = ("required", "condition", "value", "type", "pattern", "range", "spelling", "name")
"""What a record can be found to break; the last part of a rule's id."""

_MITI_KINDS: Final = {"boolean": "bool", "integer": "int"}
# MITI names these types without patterns; the POSIX portable characters, and the forms the two registries give out.
_MITI_PATTERNS: Final = {
    "filename": r"^[A-Za-z0-9._/-]+$",
    "date": r"^\d{4}-\d\d-\d\d(T.*)?$",
    "doi": r"10\.\d{4,9}/\S|^https?://\S+\.\S",
    "rrid": r"^(RRID:\s?)?[A-Za-z]+[_:][A-Za-z0-9_:-]+$",
}
_WORD_STARTS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a component, whatever model it is of."""

    name: str
    label: str
    description: str
    kind: str
    json_type: str
    required: bool = False
    recommended: bool = False
    words: tuple[str, ...] = ()
    pattern: str = ""
    minimum: float | None = None
    exclusive_minimum: float | None = None
    maximum: float | None = None
    multiple: bool = False
    enforced: bool = True
    note: str = ""
    severity: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """Attributes that are required where another has a certain value."""

    attribute: str
    test: str
    value: Any
    then: tuple[str, ...]
    severity: str = "error"

    def __str__(self) -> str:
        value = ", ".join(map(str, self.value)) if self.test == "in" else self.value
        words = {
            "equals": "is", "in": "is one of", "minimum": "is at least", "exclusive_minimum": "is more than",
            "present": "is given",
        }  # fmt: skip
        return f"{self.attribute} {words[self.test]}" + ("" if self.test == "present" else f" {value}")


@dataclass(frozen=True, slots=True)
class Component:
    """A component of HTAN or a section of MITI."""

    model: str
    name: str
    attributes: dict[str, Attribute] = field(hash=False)
    conditions: tuple[Condition, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()

    @property
    def source(self) -> str:
        """Model, version and component, to cite."""
        return f"{MODEL_VERSIONS[self.model]}, {self.name}"

    def rule(self, attribute: str, check: str) -> str:
        """Make the id of the rule that an attribute has to obey."""
        return f"{self.model}.{slug(self.name)}.{slug(attribute)}.{check}"

    def severity(self, attribute: str, check: str) -> str:
        """Tell how much it matters that an attribute breaks a check."""
        spec = self.attributes[attribute]
        usual = "info" if check == "spelling" else "warning" if spec.recommended or check == "name" else "error"
        return spec.severity.get(check, usual)


def slug(name: str) -> str:
    """Write a name the way it stands in rule ids.

    Examples
    --------
    >>> from htan_kit.models._spec import slug
    >>> slug("MultiplexMicroscopyLevel2"), slug("HTAN Data File ID"), slug("PhysicalSizeXUnit")
    ('multiplex-microscopy-level-2', 'htan-data-file-id', 'physical-size-x-unit')
    """
    return "-".join(re.findall(r"[a-z0-9]+", _WORD_STARTS.sub("-", name).lower()))


@lru_cache(maxsize=256)
def component_of(model: str, component: str) -> Component:
    """Find a component of a model.

    Parameters
    ----------
    model
        ``"htan1"``, ``"htan2"`` or ``"miti"``.
    component
        Its name in any spelling: ``"Imaging Level 2"``, ``"ImagingLevel2"``, ``"ome-tiff-header"``.

    Returns
    -------
    The component.

    Raises
    ------
    InputError
        There is no such model or component.

    Examples
    --------
    >>> from htan_kit.models._spec import component_of
    >>> component_of("htan1", "imaging_level_2").name
    'Imaging Level 2'
    """
    known = models()
    if model not in known:
        message = f"There is no model {model[:80]!r}."
        raise InputError.of("models.model", "model", message, f"Known: {', '.join(known)}.")
    names = {alias: name for name, c in known[model].items() for alias in (name, *c.get("also_called", ()))}
    found = match(names, component)
    if found is None:
        message = f"{model} has no component {component[:80]!r}."
        raise InputError.of("models.component", model, message, f"Known: {', '.join(known[model])}.")
    return _component(model, names[found])


@cache
def _component(model: str, name: str) -> Component:
    content = models()[model][name]
    read = _miti if model == "miti" else _htan
    attributes = {each: read(each, raw) for each, raw in content["attributes"].items()}
    conditions = _miti_conditions(content) if model == "miti" else _htan_conditions(content)
    one_of = tuple(tuple(group) for group in content.get("one_of", ()))
    return Component(model, name, attributes, conditions, one_of)


def _describe(label: str) -> str:
    return str(data("descriptions").get(key(label), ""))


def _htan(name: str, raw: dict[str, Any]) -> Attribute:
    kind = raw["kind"]
    usual = {"bool": "boolean", "int": "integer", "float": "number"}.get(kind, "string")
    pattern = raw.get("pattern", "")
    return Attribute(
        name=name,
        label=name,
        description=_describe(name),
        kind=kind,
        json_type="string" if raw.get("values") else raw.get("json_type", usual),
        required=raw["required"],
        words=tuple(raw.get("values", ())),
        pattern=f"^(?:{pattern})" if raw.get("method") == "match" else pattern,
        minimum=raw.get("minimum"),
        exclusive_minimum=raw.get("exclusive_minimum"),
        multiple=raw.get("multiple", False),
        enforced=raw.get("enforced", True),
        note=raw.get("note", ""),
        severity=raw.get("severity", {}),
    )


def _miti(name: str, raw: dict[str, Any]) -> Attribute:
    kind = raw.get("kind", raw["type"])
    kind = "enum" if raw.get("values") else _MITI_KINDS.get(kind, kind)
    return Attribute(
        name=name,
        label=raw["name"],
        description=_describe(raw["name"]),
        kind=kind,
        json_type={"bool": "boolean", "int": "integer", "float": "number"}.get(kind, "string"),
        required=raw["significance"] == "required",
        recommended=raw["significance"] == "recommended",
        words=tuple(raw.get("values", ())),
        pattern=_MITI_PATTERNS.get(kind, ""),
        minimum=raw.get("minimum"),
        maximum=raw.get("maximum"),
        multiple=raw.get("multiple", False),
        note=raw.get("note", ""),
        severity=raw.get("severity", {}),
    )


def _htan_conditions(content: dict[str, Any]) -> tuple[Condition, ...]:
    conditions = []
    for raw in content["conditions"]:
        (test, value), *_ = [(word, value) for word, value in raw["if"].items() if word != "attribute"]
        then, severity = tuple(raw["then_required"]), raw.get("severity", "error")
        conditions.append(Condition(raw["if"]["attribute"], test, value, then, severity))
    return tuple(conditions)


def _miti_conditions(content: dict[str, Any]) -> tuple[Condition, ...]:
    """Read MITI's grammar, ``SizeZ > 1`` and ``Data type == 'mask'``, parsed in the data."""
    conditions: dict[tuple[str, str, Any], list[str]] = {}
    attributes = content["attributes"]
    for name, raw in attributes.items():
        condition = raw.get("condition") or {}
        if condition.get("attribute"):
            labels = {attribute["name"]: each for each, attribute in attributes.items()}
            asked = labels[match(labels, condition["attribute"]) or ""]
            test = {"==": "equals", ">": "exclusive_minimum"}[condition["operator"]]
            conditions.setdefault((asked, test, condition["value"]), []).append(name)
    return tuple(Condition(*which, tuple(then)) for which, then in conditions.items())
