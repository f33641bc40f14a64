"""Findings about a record, in plain words."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from htan_kit.findings import Finding, Severity
from htan_kit.models._names import key

if TYPE_CHECKING:
    from htan_kit.models._spec import Attribute, Component, Condition

__all__ = ["finding", "lacking", "not_said", "quoted", "unmet", "wrong"]

_LONGEST: Final = 80
_SHOWN: Final = 12
_KINDS: Final = {
    "number": "a number", "integer": "a whole number", "boolean": "true or false", "string": "text", "array": "a list",
}  # fmt: skip
_FORMS: Final = {
    "htandatafileid": ("HTA7_1_1001", "HTA200_1_D1"), "htanparticipantid": ("HTA7_1", "HTA200_1"),
    "htanbiospecimenid": ("HTA7_1_1", "HTA200_1_B1"), "htanparentid": ("HTA7_1_1", "HTA200_1_B1"),
    "htanpanelid": ("", "HTA200_1_P1"), "rrididentifier": ("AB_394606", "RRID:AB_394606"),
    "citationordoi": ("", "https://doi.org/10.1038/s41592-022-01415-4"),
    "imagingprotocol": ("", "https://www.protocols.io/view/..."), "filename": ("folder/name.ome.tiff", "name.ome.tiff"),
}  # fmt: skip
_MITI_FORMS: Final = {
    "filename": "letters, digits and . _ - only", "date": "a date such as 2024-01-31", "doi": "a DOI or an address",
    "rrid": "an RRID such as RRID:AB_394606",
}  # fmt: skip
_TABLES: Final = {"MultiplexMicroscopyLevel4": "folder/name.csv"}


def quoted(value: object) -> str:
    """Show a value from a file: one line, bounded, in quotes."""
    text = " ".join((f"{value:.15g}" if isinstance(value, float) else str(value)).split())
    text = "".join(character if character.isprintable() else "�" for character in text[: _LONGEST + 1])
    return f"'{text}'" if len(text) <= _LONGEST else f"'{text[:_LONGEST]}...'"


def finding(component: Component, attribute: str, check: str, subject: str, message: str, hint: str = "") -> Finding:
    """Make the finding of a rule of the model, with the model's severity."""
    severity = Severity(component.severity(attribute, check))
    return Finding(component.rule(attribute, check), severity, subject, message, hint, component.source)


def lacking(component: Component, attribute: str, subject: str, hint: str = "") -> Finding:
    """Say that a required attribute has no value."""
    spec = component.attributes[attribute]
    if "None" in spec.words:
        hint = hint or "If the word None is meant, a program may have read it as no value."
    message = f"{spec.label} is required and has no value."
    return finding(component, attribute, "required", subject, message, hint or spec.note)


def unmet(component: Component, condition: Condition, attribute: str, subject: str) -> Finding:
    """Say that a condition asks for an attribute that has no value."""
    asked = component.attributes[condition.attribute].label
    where = str(condition).removeprefix(condition.attribute)
    word = "required" if condition.severity == "error" else "meant to be given"
    message = f"{component.attributes[attribute].label} is {word} where {asked}{where}; it has no value."
    rule = component.rule(attribute, "condition")
    return Finding(rule, Severity(condition.severity), subject, message, "", component.source)


def wrong(component: Component, attribute: str, check: str, subject: str, value: object) -> Finding:
    """Say that a value is not what the model asks for."""
    spec = component.attributes[attribute]
    shown = "a value (not repeated)" if spec.kind == "date" else quoted(value)
    message = f"{spec.label} is {shown}; expected {_expected(component, spec, check)}."
    return finding(component, attribute, check, subject, message, _hint(spec, check, value))


def not_said(component: Component, attribute: str, subject: str, written: object) -> Finding:
    """Say that words such as "Not Applicable" stand where the model has none for it."""
    spec = component.attributes[attribute]
    check = "value" if spec.words else "pattern" if spec.pattern else "type"
    made = wrong(component, attribute, check, subject, written)
    if component.model == "htan1":
        # HTAN released such records: an imaging mass cytometer has no magnification, and the model no word for that.
        hint = "The model has no word for this; HTAN released records that write it."
        return Finding(made.rule, Severity.warning, subject, made.message, hint, component.source)
    return Finding(made.rule, made.severity, subject, made.message, made.hint or "Leave it empty.", component.source)


def _expected(component: Component, spec: Attribute, check: str) -> str:
    if check == "value":
        more = f" or one of {len(spec.words) - _SHOWN} more" if len(spec.words) > _SHOWN else ""
        return "one of " + ", ".join(spec.words[:_SHOWN]) + more if len(spec.words) > 1 else spec.words[0]
    if check == "pattern":
        if component.model == "miti":
            return _MITI_FORMS[spec.kind]
        phase1, phase2 = _FORMS.get(key(spec.name), ("", ""))
        phase2 = _TABLES.get(component.name, phase2) if key(spec.name) == "filename" else phase2
        form = phase1 if component.model == "htan1" else phase2
        return f"a form such as {form}" if form else f"the form {spec.pattern[:_LONGEST]}"
    if check == "range":
        least = "" if spec.minimum is None else f"{spec.minimum:g} or more"
        above = "" if spec.exclusive_minimum is None else f"more than {spec.exclusive_minimum:g}"
        most = "" if spec.maximum is None else f"at most {spec.maximum:g}"
        return " and ".join(part for part in (least, above, most) if part)
    return _KINDS[spec.json_type]


def _hint(spec: Attribute, check: str, value: object) -> str:
    if check != "value":
        return ""
    folded = {key(each): each for each in spec.words}
    near = difflib.get_close_matches(key(str(value)[:_LONGEST]), list(folded), n=1, cutoff=0.75)
    return f"Is {folded[near[0]]} meant?" if near else ""
