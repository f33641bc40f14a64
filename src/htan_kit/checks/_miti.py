"""A MITI record, held against MITI."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from htan_kit._keys import Key
from htan_kit.assemble import miti
from htan_kit.assemble._miti import sections_of
from htan_kit.assemble._miti_file import read_miti
from htan_kit.errors import InputError
from htan_kit.findings import Finding, Findings, Severity, info
from htan_kit.models import MODEL_VERSIONS, match, miti_sections, validate_record
from htan_kit.models._spec import component_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from anndata import AnnData

__all__ = ["check_miti", "check_miti_file"]

_LACKING: Final = (".required", ".condition")
_NAMED: Final = 5  # how many entries or attributes a message names


def check_miti(adata: AnnData, library_id: str = "") -> Findings:
    """Validate the MITI record of one image.

    Parameters
    ----------
    adata
        With ``uns["miti"]``.
    library_id
        Which image; ``""`` where there is only one.

    Returns
    -------
    For the sections of a MITI record that somebody gave: what does not hold, as MITI's significance has it
    (:func:`htan_kit.models.validate_record`). Sections that were only gathered from manifests and headers are not
    blamed for what they lack: one note each says how many required attributes are missing
    (``miti.<section>.incomplete``), and values that are none of MITI's are warnings at most.

    Raises
    ------
    InputError
        There is no such image.

    References
    ----------
    Schapiro et al. 2022, doi:10.1038/s41592-022-01415-4; miti-consortium/MITI yaml/.

    Examples
    --------
    >>> import anndata
    >>> from htan_kit.checks._miti import check_miti
    >>> adata = anndata.AnnData(uns={"miti": {"A": {"file": {"lens_na": "high"}}}})
    >>> [(f.rule, str(f.severity)) for f in check_miti(adata)]
    [('miti.file.incomplete', 'info'), ('miti.file.lens-na.type', 'warning')]
    """
    record = miti(adata, library_id)
    library_id = library_id or next(iter(adata.uns[Key.uns.miti]))
    written = _sections_written(adata.uns[Key.uns.miti][library_id])
    found = Findings()
    for name, content in record.items():
        section = name.replace("-", "_")
        subject = f"{library_id} uns['miti'] {section}"
        part = _section(section, content if isinstance(content, list) else [content], subject)
        found.extend(part if section in written else _gathered(section, part, subject))
    return found


def check_miti_file(path: Path) -> Findings:
    """Validate a MITI record as it was written.

    Parameters
    ----------
    path
        JSON or YAML.

    Returns
    -------
    What does not hold, by :func:`htan_kit.models.validate_record`; ``miti.section`` for a section that MITI does not
    have; one finding where the file cannot be read.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._miti import check_miti_file
    >>> len(check_miti_file(hk.datasets.sample() / "miti" / "HTA200_1_D1.json").errors)
    0
    """
    try:
        record = read_miti(path)
    except InputError as problem:
        return problem.findings
    found = Findings()
    model = miti_sections()
    for name, content in record.items():
        section = match(model, str(name))
        if section is None:
            message = f"MITI has no section {str(name)[:80]!r}; it is left alone."
            found.append(info("miti.section", path.name, message, f"Sections: {', '.join(model)}."))
            continue
        entries = sections_of({name: content}).get(section, {})
        if isinstance(content, list):
            given = [entry for entry in content if isinstance(entry, dict)]
        elif isinstance(content, dict) and section in ("processed_data", "cell", "cell_state") and len(entries) != 1:
            given = list(entries.values())
        else:
            given = [content] if isinstance(content, dict) else []
        if not given:
            message = f"The section {section} holds no attributes."
            found.append(info("miti.section", path.name, message, "Give names and values, or leave it out."))
        found.extend(_section(section, given, f"{path.name} {section}"))
    return found


def _section(section: str, entries: Sequence[Mapping[str, Any]], subject: str) -> list[Finding]:
    """Validate the entries of a section; what several lack alike is said once."""
    grouped: dict[tuple[str, str], list[tuple[str, Finding]]] = {}
    for number, entry in enumerate(entries, start=1):
        where = f"{subject} {number}" if len(entries) > 1 else subject
        for finding in validate_record("miti", section, entry, subject=where):
            grouped.setdefault((finding.rule, finding.message), []).append((_name(entry, number), finding))
    found = []
    for alike in grouped.values():
        name, first = alike[0]
        if len(alike) > 1:
            names = ", ".join(name for name, _ in alike[:_NAMED]) + (", ..." if len(alike) > _NAMED else "")
            message = f"{first.message} So in {len(alike)} of {len(entries)} entries: {names}."
            first = replace(first, subject=subject, message=message)
        found.append(first)
    return found


def _name(entry: Mapping[str, Any], number: int) -> str:
    said = next((entry[name] for name in ("channel_id", "data_file_id", "filename") if entry.get(name)), number)
    return str(said)[:60]


def _gathered(section: str, found: list[Finding], subject: str) -> list[Finding]:
    """Sum up what a section lacks that nobody wrote as a MITI record."""
    lacking = [f for f in found if f.rule.endswith(_LACKING) and f.severity == Severity.error]
    others = [f for f in found if f not in lacking and not f.rule.endswith((*_LACKING, ".spelling"))]
    milder = [replace(f, severity=Severity.warning) if f.severity == Severity.error else f for f in others]
    if not lacking:
        return milder
    spec = component_of("miti", section)
    rules = {
        spec.rule(name, check): a.label for name, a in spec.attributes.items() for check in ("required", "condition")
    }
    names = list(dict.fromkeys(rules.get(finding.rule, finding.rule) for finding in lacking))
    shown = ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
    message = f"{len(names)} attributes that MITI requires are not known: {shown}."
    hint = "Give a MITI record; hk.qc.completeness lists them all."
    return [
        info(f"miti.{section.replace('_', '-')}.incomplete", subject, message, hint, MODEL_VERSIONS["miti"]),
        *milder,
    ]


def _sections_written(block: Mapping[str, Any]) -> set[str]:
    """Tell which sections a MITI record had something in."""
    try:
        record = json.loads(str(block.get("json", "{}"))).get("record", {})
    except (ValueError, AttributeError):
        return set()
    return set(sections_of(record)) if isinstance(record, dict) else set()
