"""Every rule the kit knows, as a table: what is asked, how much it matters, and whether a program can tell."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from htan_kit import models
from htan_kit.checks._deidentification import DEIDENTIFICATION_RULES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["rules"]

_COLUMNS: Final = ("rule", "severity", "part", "text", "assessable", "reason", "source")
_KIT: Final = "htan_kit"
_MISSING: Final = {"identity": "With pixels only: the mask has to be gone over."}


def rules(*, part: str = "", attributes: bool = True) -> pd.DataFrame:
    """List the rules that :func:`htan_kit.check` holds files and records against.

    Parameters
    ----------
    part
        Only the rules of this part, such as ``"level2"`` or ``"manifest"``; empty for all.
    attributes
        Whether to list the rules on single attributes of records too (more than a thousand).

    Returns
    -------
    One row a rule: ``rule`` (the id that findings bear), ``severity`` (the worst that it can have: of a requirement
    of HTAN with phase 2 records), ``part`` (``channel_metadata``, ``level2``, ``level3``, ``level4``,
    ``digital_pathology``: HTAN's requirements on files; ``htan1``, ``htan2``, ``miti``: attributes of records; others
    are the kit's own), ``text`` (what is asked for; HTAN's NOT rules name what is to be avoided), ``assessable``
    (False: no program can tell, and nothing is found), ``reason`` (why not, or how far), ``source``.

    References
    ----------
    HTAN Manual, data submission, multiplex microscopy; RFC 2119 for MUST, SHOULD and MAY.

    Examples
    --------
    >>> from htan_kit.checks import rules
    >>> level2 = rules(part="level2")
    >>> level2[~level2["assessable"]]["rule"].tolist()
    ['htan2.l2.tma-dearrayed']
    """
    import pandas as pd

    table = pd.DataFrame([*_requirements(), *_own(), *_private()], columns=list(_COLUMNS))
    if attributes:
        table = pd.concat([table, pd.DataFrame(_of_attributes(), columns=list(_COLUMNS))], ignore_index=True)
    return table[table["part"] == part].reset_index(drop=True) if part else table


def _requirements() -> list[dict[str, Any]]:
    rows = []
    for row in models.file_requirements().to_dict("records"):
        kept = {str(name): value for name, value in row.items() if name in _COLUMNS}
        rows.append({**kept, "text": f"{row['word']}: {row['text']}"})
    return rows


def _own() -> list[dict[str, Any]]:
    text = files("htan_kit.checks").joinpath("data", "rules.csv").read_text(encoding="utf-8")
    return [
        {**row, "assessable": True, "reason": _MISSING.get(row["part"], ""), "source": _KIT}
        for row in csv.DictReader(text.splitlines())
    ]


def _private() -> list[dict[str, Any]]:
    reason = "Headers, tags and label images are searched; writing inside the picture is not."
    return [
        {
            "rule": r.rule,
            "severity": str(r.severity),
            "part": "deidentification",
            "text": f"The file holds no {r.what}.",
        }
        | {"assessable": True, "reason": reason, "source": r.source}
        for r in DEIDENTIFICATION_RULES.values()
    ]


def _of_attributes() -> list[dict[str, Any]]:
    rows = [
        {"rule": row["rule"], "severity": str(row["severity"]), "part": row["model"], "text": row["text"]}
        | {"assessable": True, "reason": "", "source": row["source"]}
        for row in models.record_rules().to_dict("records")
    ]
    for section in models.miti_sections():
        name = section.replace("_", "-")
        text = f"Of the section {section} everything is known that MITI requires."
        rows.append(
            {"rule": f"miti.{name}.incomplete", "severity": "info", "part": "miti", "text": text, "assessable": True}
            | {"reason": "Asked of the metadata in an AnnData.", "source": models.MODEL_VERSIONS["miti"]}
        )
    return rows
