"""The models as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.models._load import models
from htan_kit.models._names import match
from htan_kit.models._spec import CHECKS, component_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from htan_kit.models._spec import Attribute, Component

__all__ = ["attributes", "record_rules"]

_TEXTS = {
    "required": "{label} has a value.",
    "condition": "{label} has a value where {condition}.",
    "value": "{label} is one of the model's words.",
    "type": "{label} is {kind}.",
    "pattern": "{label} has the form the model asks for.",
    "range": "{label} is within its limits.",
    "spelling": "{label} is written as the model writes it.",
    "name": "One column says {label}, under its own name.",
}
_KINDS = {"number": "a number", "integer": "a whole number", "boolean": "true or false"}


def _chosen(model: str, component: str) -> Iterator[Component]:
    if component and not model:  # several models may have a component of that name
        known = {each: match(names, component) for each, names in models().items()}
        if not any(known.values()):
            hint = f"Known: {', '.join(name for each in models().values() for name in each)}."
            raise InputError.of("models.component", component[:80], "No model has such a component.", hint)
        yield from (component_of(each, name) for each, name in known.items() if name)
        return
    for each in [model] if model else models():
        names = [component] if component else list(models().get(each, {})) or [""]
        yield from (component_of(each, name) for name in names)


def attributes(model: str = "", component: str = "") -> pd.DataFrame:
    """List the attributes of the models.

    Parameters
    ----------
    model
        ``"htan1"``, ``"htan2"`` or ``"miti"``; empty for all.
    component
        A component of HTAN or a section of MITI, in any spelling; empty for all.

    Returns
    -------
    One row an attribute: ``model``, ``component``, ``attribute`` (the model's own name; MITI's machine key), ``label``
    (the name to show), ``required`` (``required``, ``recommended``, ``conditional`` or ``optional``), ``kind``,
    ``multiple``, ``values`` (the allowed words, separated by ``|``), ``pattern``, ``minimum``, ``maximum``,
    ``condition`` (where it is required), ``severity`` (of a value that does not fit), ``description``, ``source``.

    Raises
    ------
    InputError
        There is no such model or component.

    References
    ----------
    ncihtan/data-models f77ac86f; ncihtan/htan2-data-model v2.0.0; miti-consortium/MITI 2d6d5b8a. Descriptions are the
    kit's own.

    Examples
    --------
    >>> from htan_kit.models import attributes
    >>> table = attributes("htan2", "MultiplexMicroscopyLevel2").set_index("attribute")
    >>> len(table), table.loc["PHYSICAL_SIZE_Z", ["required", "condition"]].tolist()
    (38, ['conditional', 'SIZE_Z is at least 2'])
    """
    import pandas as pd

    return pd.DataFrame([_row(spec, each) for spec in _chosen(model, component) for each in spec.attributes.values()])


def _row(spec: Component, attribute: Attribute) -> dict[str, Any]:
    conditions = [condition for condition in spec.conditions if attribute.name in condition.then]
    grouped = any(attribute.name in group for group in spec.one_of)
    least = attribute.minimum if attribute.exclusive_minimum is None else attribute.exclusive_minimum
    where = "; ".join(str(condition) for condition in conditions)
    if grouped:
        where = "one of " + ", ".join(" + ".join(group) for group in spec.one_of)
    significance = (
        "conditional" if grouped else "required" if attribute.required else "recommended" if attribute.recommended
        else "conditional" if any(condition.severity == "error" for condition in conditions) else "optional"
    )  # fmt: skip
    return {
        "model": spec.model, "component": spec.name, "attribute": attribute.name, "label": attribute.label,
        "required": significance, "kind": attribute.kind, "multiple": attribute.multiple,
        "values": "|".join(attribute.words), "pattern": attribute.pattern, "minimum": least,
        "maximum": attribute.maximum, "condition": where, "severity": _severity(spec, attribute),
        "description": attribute.description, "source": spec.source,
    }  # fmt: skip


def _severity(spec: Component, attribute: Attribute) -> str:
    check = "value" if attribute.words else "pattern" if attribute.pattern else "type"
    return spec.severity(attribute.name, check)


def record_rules(model: str = "", component: str = "") -> pd.DataFrame:
    """List the rules that :func:`validate_record` holds records against.

    Parameters
    ----------
    model
        ``"htan1"``, ``"htan2"`` or ``"miti"``; empty for all.
    component
        A component of HTAN or a section of MITI; empty for all.

    Returns
    -------
    One row a rule: ``rule`` (id), ``severity``, ``model``, ``component``, ``attribute``, ``check``, ``text``,
    ``source``. Only rules that a record can break are listed: free text has no values, types or limits.

    Raises
    ------
    InputError
        There is no such model or component.

    Examples
    --------
    >>> from htan_kit.models import record_rules
    >>> rules = record_rules("htan1", "Imaging Level 2").set_index("rule")
    >>> rules.loc["htan1.imaging-level-2.htan-data-file-id.pattern", "severity"]
    'warning'
    """
    import pandas as pd

    table = []
    for spec in _chosen(model, component):
        for attribute in spec.attributes.values():
            conditions = [condition for condition in spec.conditions if attribute.name in condition.then]
            where = "; ".join(str(condition) for condition in conditions)
            fill = {"label": attribute.label, "condition": where, "kind": _KINDS.get(attribute.json_type, "text")}
            for check in (check for check in CHECKS if _breakable(attribute, check, bool(conditions))):
                severity = conditions[0].severity if check == "condition" else spec.severity(attribute.name, check)
                table.append(
                    {
                        "rule": spec.rule(attribute.name, check), "severity": severity, "model": spec.model,
                        "component": spec.name, "attribute": attribute.name, "check": check,
                        "text": _TEXTS[check].format(**fill), "source": spec.source,
                    }
                )  # fmt: skip
    return pd.DataFrame(table)


def _breakable(attribute: Attribute, check: str, conditional: bool) -> bool:  # noqa: FBT001
    limits = (attribute.minimum, attribute.exclusive_minimum, attribute.maximum)
    return {
        "required": attribute.required,
        "condition": conditional,
        "value": bool(attribute.words),
        "type": attribute.json_type != "string",
        "pattern": bool(attribute.pattern) and not attribute.words,
        "range": any(limit is not None for limit in limits),
        "spelling": bool(attribute.words) or attribute.json_type != "string",
        "name": True,
    }[check]
