"""One validator for the records of all three models."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from htan_kit.findings import Finding, Findings, Severity
from htan_kit.models._load import data
from htan_kit.models._messages import finding, lacking, not_said, quoted, unmet, wrong
from htan_kit.models._names import key, match
from htan_kit.models._schema import condition_schema, property_schema
from htan_kit.models._spec import component_of
from htan_kit.models._understand import Understood, understand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema import Draft7Validator

    from htan_kit.models._spec import Component

__all__ = ["judged", "read_record", "validate_record"]

_CHECK_OF: Final = {
    "enum": "value", "pattern": "pattern", "type": "type", "minimum": "range", "maximum": "range",
    "exclusiveMinimum": "range", "minItems": "required",
}  # fmt: skip
_CACHED: Final = 200  # characters of a name or value that is worth keeping
_LONGEST: Final = 1000  # characters that a pattern is tried on; phase 2's for addresses takes their square


@dataclass(frozen=True, slots=True)
class _Read:
    """A record under the model's own names."""

    values: dict[str, Understood]
    written: dict[str, Any]
    spelt: dict[str, str]
    twice: dict[str, list[str]]
    unknown: set[str]

    def given(self) -> dict[str, Any]:
        """Give what has a value the schema can judge."""
        return {name: value.value for name, value in self.values.items() if not value.absent}


def validate_record(
    model: str,
    component: str,
    attributes: Mapping[str, object],
    *,
    subject: str,
    context: Mapping[str, object] | None = None,
) -> Findings:
    """Hold one record against its model.

    Parameters
    ----------
    model
        ``"htan1"``, ``"htan2"`` or ``"miti"``.
    component
        A component of HTAN or a section of MITI, in any spelling.
    attributes
        Names and values as written. Names are read leniently (case, blanks, punctuation, plural, known misspellings);
        those that the model does not know are left alone, as HTAN allows further columns.
    subject
        The file and the place in it, for the findings.
    context
        What is known from elsewhere, such as the image's header: only conditions look at it, where the record itself
        does not say.

    Returns
    -------
    Everything that does not hold, at once. Ids are ``<model>.<component>.<attribute>.<check>`` with a check of
    ``required``, ``condition``, ``value``, ``type``, ``pattern``, ``range``; ``spelling`` (info: written in another
    way than the model's, the meaning is certain) and ``name`` (two columns claim one attribute, or its name is
    misspelt). The severity is the model's: identifiers of phase 1 are warnings, and what a model only describes but
    does not enforce is a warning too. In phase 1 "Not Applicable" and its like are a warning where the model has no
    word for them, because HTAN released such records; in MITI they count as said; in phase 2, which is strict, they
    are values like any other.

    Raises
    ------
    InputError
        There is no such model or component.

    References
    ----------
    ncihtan/data-models f77ac86f; ncihtan/htan2-data-model v2.0.0; miti-consortium/MITI 2d6d5b8a. Severities of phase 1
    as schematic has them: a rule on an attribute that is not required is a warning.

    Examples
    --------
    >>> from htan_kit.models import validate_record
    >>> row = {"Channel ID": "Channel:0:1", "Channel Name": "CD3", "RRID identifier": "AB_1", "Panel": "HTA200_1_P1"}
    >>> for found in validate_record("htan2", "ChannelMetadata", row, subject="channels.csv row 2"):
    ...     print(found.rule, found.severity)
    htan2.channel-metadata.htan-panel-id.required error
    htan2.channel-metadata.rrid-identifier.pattern error
    """
    spec = component_of(model, component)
    record = read_record(spec, attributes)
    found = _names(spec, record, subject)
    found += [
        _spelling(spec, name, record, subject)
        for name, value in record.values.items()
        if value.respelt and not value.absent
    ]
    found += _absent(spec, record, subject)
    for name, value in record.given().items():
        found += [wrong(spec, name, check, subject, bad) for check, bad in judged(spec, name, value)]
    found += _conditions(spec, record, context or {}, subject)
    return Findings(found)


def read_record(spec: Component, attributes: Mapping[str, object]) -> _Read:
    """Put a record under the model's own names, each value as the model types it."""
    read = _Read({}, {}, {}, {}, set())
    for column, written in attributes.items():
        name = _name_of(spec.model, spec.name, str(column)) if len(str(column)) <= _CACHED else None
        if name is None:
            read.unknown.add(key(str(column)[:_CACHED]))
            continue
        value = understand(spec.attributes[name], written, model=spec.model)
        known = read.values.get(name)
        if known is None or (known.absent and not value.absent):
            read.values[name], read.written[name], read.spelt[name] = value, written, str(column)
        if known is not None and not known.absent and not value.absent and known.value != value.value:
            read.twice.setdefault(name, [read.spelt[name]]).append(str(column))
    return read


@lru_cache(maxsize=8192)
def _name_of(model: str, component: str, column: str) -> str | None:
    """Find the attribute that a column's header means."""
    spec = component_of(model, component)
    if column in spec.attributes:
        return column
    return match(spec.attributes, column) or _by_label(spec, column)


def _by_label(spec: Component, column: str) -> str | None:
    labels = {attribute.label: name for name, attribute in spec.attributes.items()}
    found = match(labels, column)
    return None if found is None else labels[found]


def _names(spec: Component, record: _Read, subject: str) -> list[Finding]:
    found = []
    for name, column in record.spelt.items():
        label = spec.attributes[name].label
        if column != name and _letters(column) not in {_letters(name), _letters(label)}:
            message = f"The column {quoted(column)} is read as {label}."
            rule = spec.rule(name, "name")
            found.append(Finding(rule, Severity.info, subject, message, f"Call it {label}.", spec.source))
    for name, columns in record.twice.items():
        label = spec.attributes[name].label
        message = (
            f"Columns {', '.join(map(quoted, columns[:5]))} all say {label}, and not the same; the first is taken."
        )
        found.append(finding(spec, name, "name", subject, message, "Keep one of them."))
    return found


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _spelling(spec: Component, name: str, record: _Read, subject: str) -> Finding:
    value = record.values[name].value
    understood = ", ".join(map(str, value)) if isinstance(value, list) else value
    message = (
        f"{spec.attributes[name].label} is written {quoted(record.written[name])}; understood {quoted(understood)}."
    )
    return finding(spec, name, "spelling", subject, message)


def _absent(spec: Component, record: _Read, subject: str) -> list[Finding]:
    """Find what is required and lacks a value, and what says that there is none where the model has no word for it."""
    found = []
    model, grouped = spec.model, {name for group in spec.one_of for name in group}
    for name, attribute in spec.attributes.items():
        value = record.values.get(name)
        absent = "empty" if value is None else value.absent
        if absent == "empty" and attribute.required and name not in grouped:
            found.append(lacking(spec, name, subject, _older(spec, name, record)))
        elif (
            absent == "said" and attribute.enforced and (model == "htan2" or (model == "htan1" and attribute.required))
        ):
            found.append(not_said(spec, name, subject, record.written[name]))
    if spec.one_of and not any(all(_has(record, name) for name in group) for group in spec.one_of):
        groups = " or ".join(" and ".join(spec.attributes[name].label for name in group) for group in spec.one_of)
        message = f"One of these is required and none has a value: {groups}."
        found.append(finding(spec, spec.one_of[0][0], "required", subject, message))
    return found


def _older(spec: Component, name: str, record: _Read) -> str:
    """Say when the record has what an earlier release of the model asked for instead."""
    names = data(spec.model)["_meta"].get("also_accepted", {}).get(name, ())
    used = [each for each in names if key(each) in record.unknown]
    return f"{used[0]} is what earlier releases of the model asked for." if used else ""


def _has(record: _Read, name: str) -> bool:
    return name in record.values and record.values[name].absent != "empty"


def judged(spec: Component, name: str, value: Any) -> list[tuple[str, object]]:
    """Judge a value, or each of a list, by the attribute's schema: the checks it fails, each with what fails it."""
    found: dict[str, object] = {}
    for item in value if isinstance(value, list) else [value]:
        # Most values of a cohort repeat; what is long does not, and would only fill the memory.
        judge = _problems if not isinstance(item, str) or len(item) <= _CACHED else _problems.__wrapped__
        check = judge(spec.model, spec.name, name, type(item).__name__, item)
        if check:
            found.setdefault(check, item)
    return list(found.items())


@lru_cache(maxsize=65536)
def _problems(model: str, component: str, name: str, _type: str, value: Any) -> str:
    """Give the first check that one value fails, or ""; ``_type`` keeps True and 1 apart in the cache."""
    spec = component_of(model, component).attributes[name]
    if isinstance(value, str) and spec.pattern and len(value) > _LONGEST:
        return "pattern"
    checks = {_CHECK_OF[str(problem.validator)] for problem in _property(model, component, name).iter_errors(value)}
    return next((check for check in ("type", "value", "pattern", "range") if check in checks), "")


@lru_cache(maxsize=1024)
def _property(model: str, component: str, name: str) -> Draft7Validator:
    from jsonschema import Draft7Validator

    content = property_schema(component_of(model, component).attributes[name])
    return Draft7Validator(content.get("items", content))


def _conditions(spec: Component, record: _Read, context: Mapping[str, object], subject: str) -> list[Finding]:
    given = record.given()
    own: dict[str, Any] = {name: None for name in record.values if _has(record, name)} | given
    elsewhere: dict[str, Any] = {}
    for column, written in context.items():
        name = _name_of(spec.model, spec.name, str(column))
        if name is not None and name not in own:
            value = understand(spec.attributes[name], written, model=spec.model)
            elsewhere |= {} if value.absent else {name: value.value}
    found = []
    for condition, judge in _judges(spec.model, spec.name):
        asked = {**elsewhere, **given}.get(condition.attribute)
        if asked is not None and not judge.is_valid({**own, condition.attribute: asked}):
            found += [unmet(spec, condition, name, subject) for name in condition.then if name not in own]
    return found


@lru_cache(maxsize=256)
def _judges(model: str, component: str) -> list[tuple[Any, Draft7Validator]]:
    from jsonschema import Draft7Validator

    conditions = component_of(model, component).conditions
    return [(condition, Draft7Validator(condition_schema(condition))) for condition in conditions]
