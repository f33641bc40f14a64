"""Records said in the terms of another model."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from htan_kit.models._crosswalk import rows
from htan_kit.models._messages import quoted
from htan_kit.models._names import key
from htan_kit.models._record import judged, validate_record
from htan_kit.models._source import Source, read_source
from htan_kit.models._spec import component_of
from htan_kit.models._understand import understand
from htan_kit.models._values import typed
from htan_kit.models._vocabulary import same_word, translate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from htan_kit.models._spec import Attribute, Component

__all__ = ["Conversion", "convert"]

# What one file is called is not what another is: never copied between components of one model.
_OWN: Final = {"component", "filename", "fileformat", "htandatafileid", "htanparentid", "htanparentdatafileid"}
_LENGTH: Final = re.compile(r"physicalsize[xyz]|workingdistance|fov(size)?[xy]")
_DOI: Final = re.compile(r"(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ACCESSION: Final = re.compile(r"(?:RRID\s*:\s*)?(AB_\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A record in another model's terms.

    Parameters
    ----------
    values
        The target's attributes (MITI's under machine keys) and their values; lists as text, separated by commas.
    missing
        What the target requires and the source does not say.
    dropped
        What the source says and the target has no place for -> why.

    Examples
    --------
    >>> from htan_kit.models import convert
    >>> done = convert({"Objective": "x", "FOVX": "5"}, source=("htan1", "Imaging Level 2"), target=("miti", "channel"))
    >>> done.missing[:2], done.dropped["Objective"]
    (('channel_id', 'channel_name'), 'channel has no place for it.')
    """

    values: dict[str, Any]
    missing: tuple[str, ...] = ()
    dropped: dict[str, str] = field(default_factory=dict, hash=False)


def convert(
    attributes: Mapping[str, object],
    *,
    source: tuple[str, str],
    target: tuple[str, str],
    known: Mapping[str, object] | None = None,
) -> Conversion:
    """Say a record in the terms of another model, as far as the crosswalk goes.

    Parameters
    ----------
    attributes
        Names and values as written. For OME-XML the attributes of ``Image`` and ``Pixels`` (``SizeX``), or paths such
        as ``"Objective/@LensNA"``, where the plain name would not do.
    source
        Model and component: ``("htan1", "Imaging Level 2")``, ``("htan2", "MultiplexMicroscopyLevel2")``,
        ``("miti", "file")``, ``("ome", "")`` for an image, ``("ome", "Channel")`` for one of its channels.
    target
        Model and component, of ``htan1``, ``htan2`` or ``miti``. Within one model what the components share is copied,
        except what names the file and its parents.
    known
        Values that the target has already, under its own names: they are kept, and not missing.

    Returns
    -------
    The values, what is missing, and what was dropped. Lengths become µm and their units are filled in; words are
    translated where the target has one that means the same; RRID, DOI, magnification and yes or no get the target's
    form. A value the target would not allow is dropped rather than changed; dates are never carried over.

    Raises
    ------
    InputError
        There is no such model or component.

    References
    ----------
    :func:`crosswalk`.

    Examples
    --------
    >>> from htan_kit.models import convert
    >>> row = {"NominalMagnification": "20x", "Immersion": "Oil", "WorkingDistance": "0.6", "WorkingDistanceUnit": "mm"}
    >>> convert(row, source=("htan1", "Imaging Level 2"), target=("htan2", "MultiplexMicroscopyLevel2")).values
    {'WORKING_DISTANCE': '600', 'NOMINAL_MAGNIFICATION': 20, 'IMMERSION': 'Oil'}
    """
    spec = component_of(*target)
    said = read_source(*source, attributes)
    values: dict[str, Any] = dict(known or {})
    used: dict[str, str] = {}
    for mine, theirs in _pairs(said, spec):
        written = said.value(mine)
        # A unit without its length says nothing; a length brings its own.
        if written is None or (key(theirs).endswith("unit") and theirs not in values):
            continue
        if theirs in values:
            used.setdefault(mine, "")
            continue
        value, reason = _say(said, mine, written, spec, spec.attributes[theirs])
        if value is None:
            used[mine] = used.get(mine) or reason
            continue
        used[mine] = ""
        values[theirs] = value
        if unit := _unit_of(spec, theirs):
            values.setdefault(unit, "µm")
    ordered = {name: values[name] for name in (*spec.attributes, *values) if name in values}
    found = validate_record(spec.model, spec.name, ordered, subject="")
    lacking = {f.rule for f in found if f.severity == "error"}
    missing = [
        each for each in spec.attributes if {spec.rule(each, "required"), spec.rule(each, "condition")} & lacking
    ]
    reasons = {name: used.get(name, f"{spec.name} has no place for it.") for name in said.given()}
    dropped = {name: reason for name, reason in reasons.items() if reason and not said.is_unit(name)}
    return Conversion(ordered, tuple(missing), dropped)


def _pairs(said: Source, target: Component) -> Iterator[tuple[str, str]]:
    """Give what of the source can stand for what of the target, the best first."""
    if said.model == target.model:
        yield from ((name, name) for name in target.attributes if key(name) not in _OWN and name in said.names)
        return
    for row in rows():
        if "miti" in (said.model, target.model) and row.miti_section != _section(said, target):
            continue
        pair = row.pair(said.model, target.model)
        if pair and pair[1] in target.attributes:
            yield pair


def _section(said: Source, target: Component) -> str:
    return target.name if target.model == "miti" else said.component


def _say(said: Source, name: str, written: Any, target: Component, spec: Attribute) -> tuple[Any, str]:
    """Give a value in the target's form, else why there is none."""
    if spec.kind == "date":
        return None, "Dates are not carried over."
    items = written if isinstance(written, list) else [written]
    out = []
    for item in items:
        value = _form(said, name, item, target, spec)
        is_open = spec.severity.get("value") == "info"  # the model's words are examples
        if value is None or (judged(target, spec.name, value) and not is_open):
            return None, f"{quoted(item)} is not what {spec.label} can be in {target.name}."
        out.append(value)
    return (", ".join(map(str, out)), "") if isinstance(written, list) else (out[0], "")


def _form(said: Source, name: str, value: Any, target: Component, spec: Attribute) -> Any:
    folded = key(spec.name)
    if _LENGTH.fullmatch(folded):
        value = said.length_um(name, value)
        return value if spec.json_type == "number" or value is None else f"{value:.12g}"
    if isinstance(value, str):
        word = translate(spec.name, value, source=said.model, target=target.model)
        if word == "":
            return None
        value = _rewritten(folded, value if word is None else word, target)
    if "magnification" in folded and target.model == "miti":
        number = typed(str(value).rstrip("xX× "), "float")
        return f"{number:g}X" if isinstance(number, float) else value
    if spec.words:
        text = str(value)
        word = text if text in spec.words else same_word(spec.name, spec.words, text, model=target.model)
        return text if word is None and spec.severity.get("value") == "info" else word
    return understand(spec, value, model=target.model).value if not spec.multiple else value


def _rewritten(folded: str, text: str, target: Component) -> str:
    """Give identifiers and addresses the form that the target writes."""
    if folded.endswith("filename") and target.model == "miti":
        return PurePosixPath(text).name
    accession = _ACCESSION.fullmatch(text) if folded.startswith("rrid") else None
    if accession and target.model != "miti":
        return ("RRID:" if target.model == "htan2" else "") + accession[1].upper()
    doi = _DOI.fullmatch(text) if folded in ("imagingprotocol", "protocolids", "citationordoi") else None
    return f"https://doi.org/{doi[1]}" if doi else text


def _unit_of(target: Component, name: str) -> str:
    """Give the attribute that holds the unit of a length, if the target has one."""
    if not _LENGTH.fullmatch(key(name)):
        return ""
    return next((each for each in target.attributes if key(each) == f"{key(name)}unit"), "")
