"""The models as JSON Schema, which is what HTAN phase 2 itself uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from htan_kit.models._spec import component_of

if TYPE_CHECKING:
    from htan_kit.models._spec import Attribute, Component, Condition

__all__ = ["condition_schema", "property_schema", "schema"]

_DRAFT = "http://json-schema.org/draft-07/schema#"
_TESTS = {"equals": "const", "in": "enum", "minimum": "minimum", "exclusive_minimum": "exclusiveMinimum"}


def schema(model: str, component: str) -> dict[str, Any]:
    """Write a component as JSON Schema, draft 7.

    Parameters
    ----------
    model
        ``"htan1"``, ``"htan2"`` or ``"miti"``.
    component
        A component of HTAN or a section of MITI, in any spelling.

    Returns
    -------
    The schema of one record: properties under the model's own names (MITI's under machine keys), what is required,
    and the conditions that the model enforces as ``if`` and ``then``. Other properties are allowed, as HTAN allows
    them. Numbers and booleans are typed: a record read from CSV has to be typed first, as :func:`validate_record` does.

    Raises
    ------
    InputError
        There is no such model or component.

    References
    ----------
    ncihtan/htan2-data-model v2.0.0 (phase 2, JSON Schema draft 7); ncihtan/data-models f77ac86f (phase 1) and
    miti-consortium/MITI 2d6d5b8a, said in the same terms.

    Examples
    --------
    >>> from htan_kit.models import schema
    >>> level2 = schema("htan2", "MultiplexMicroscopyLevel2")
    >>> level2["properties"]["SIZE_C"], len(level2["required"])
    ({'type': 'integer', 'minimum': 1}, 27)
    """
    found = component_of(model, component)
    content: dict[str, Any] = {
        "$schema": _DRAFT,
        "title": found.name,
        "type": "object",
        "properties": {name: property_schema(spec) for name, spec in found.attributes.items()},
        "required": [name for name, spec in found.attributes.items() if spec.required and not _grouped(found, name)],
    }
    rules = [condition_schema(condition) for condition in found.conditions if condition.severity == "error"]
    rules += [{"anyOf": [{"required": list(group)} for group in found.one_of]}] if found.one_of else []
    return content | ({"allOf": rules} if rules else {})


def _grouped(component: Component, name: str) -> bool:
    return any(name in group for group in component.one_of)


def property_schema(spec: Attribute) -> dict[str, Any]:
    """Write what one attribute's value has to be."""
    one: dict[str, Any] = {"type": spec.json_type}
    if spec.words:
        one["enum"] = list(spec.words)
    if spec.pattern:
        one["pattern"] = spec.pattern
    limits = {"minimum": spec.minimum, "exclusiveMinimum": spec.exclusive_minimum, "maximum": spec.maximum}
    one |= {word: limit for word, limit in limits.items() if limit is not None}
    return {"type": "array", "items": one, "minItems": 1} if spec.multiple else one


def condition_schema(condition: Condition) -> dict[str, Any]:
    """Write a condition as ``if`` and ``then``; an attribute that is not there meets none."""
    where: dict[str, Any] = {"required": [condition.attribute]}
    if condition.test != "present":
        value = list(condition.value) if condition.test == "in" else condition.value
        test = {_TESTS[condition.test]: value}
        if "inimum" in _TESTS[condition.test]:
            test["type"] = "number"  # a limit says nothing about text, so text would pass
        listed = {"type": "array", "contains": test}
        where["properties"] = {condition.attribute: {"anyOf": [test, listed]} if condition.test == "equals" else test}
    return {"if": where, "then": {"required": list(condition.then)}}
