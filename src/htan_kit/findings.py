"""What the kit found out about files and records: one Finding a rule that does not hold.

HTAN writes its rules in RFC 2119 words; MUST is an error here, SHOULD a warning, MAY an info.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from markupsafe import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

__all__ = ["Finding", "Findings", "InputWarning", "Severity", "error", "info", "report", "warning"]


class InputWarning(UserWarning):
    """A finding the caller did not collect, shown as a Python warning."""


class Severity(StrEnum):
    """How much a finding matters: ``error`` (MUST), ``warning`` (SHOULD), ``info`` (MAY)."""

    error = "error"
    warning = "warning"
    info = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that does not hold.

    Parameters
    ----------
    rule
        Stable id, such as ``"identity.label-missing-in-table"``.
    severity
        How much it matters.
    subject
        The file and the place in it.
    message
        What was found and what was expected.
    hint
        What to do about it.
    source
        The document the rule comes from.

    Examples
    --------
    >>> from htan_kit.findings import warning
    >>> print(warning("image.pixel-size", "x.tif", "No pixel size in the header.", "Give pixel_size_um."))
    warning: x.tif: No pixel size in the header. Give pixel_size_um. [image.pixel-size]
    """

    rule: str
    severity: Severity
    subject: str
    message: str
    hint: str = ""
    source: str = ""

    def __str__(self) -> str:
        text = " ".join(part for part in (self.message, self.hint) if part)
        return f"{self.severity}: {self.subject}: {text} [{self.rule}]"


def error(rule: str, subject: object, message: str, hint: str = "", source: str = "") -> Finding:
    """Make an error: the rule says MUST, or the data cannot be right."""
    return Finding(rule, Severity.error, str(subject), message, hint, source)


def warning(rule: str, subject: object, message: str, hint: str = "", source: str = "") -> Finding:
    """Make a warning: the rule says SHOULD, or a person had better look."""
    return Finding(rule, Severity.warning, str(subject), message, hint, source)


def info(rule: str, subject: object, message: str, hint: str = "", source: str = "") -> Finding:
    """Make a note: nothing is wrong, but the reader should know."""
    return Finding(rule, Severity.info, str(subject), message, hint, source)


def report(collector: Findings | None, finding: Finding) -> None:
    """Append to the collector, or warn where nobody collects."""
    if collector is None:
        warnings.warn(str(finding), InputWarning, stacklevel=3)
    else:
        collector.append(finding)


class Findings:
    """The findings about one thing, in the order they were made; the same finding is kept once.

    Examples
    --------
    >>> from htan_kit.findings import Findings, error, info
    >>> findings = Findings([info("a.b", "x.csv", "Read as mcquant."), error("a.c", "x.csv", "No ids.")])
    >>> findings.worst
    <Severity.error: 'error'>
    >>> len(findings)
    2
    """

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._findings: dict[Finding, None] = dict.fromkeys(findings)

    def append(self, finding: Finding) -> None:
        """Add one finding."""
        self._findings[finding] = None

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add several findings."""
        self._findings.update(dict.fromkeys(findings))

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)

    def __len__(self) -> int:
        return len(self._findings)

    def __add__(self, other: Findings) -> Findings:
        return Findings([*self, *other])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Findings) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it grows

    def of(self, severity: Severity | str) -> Findings:
        """Only the findings of one severity."""
        return Findings(f for f in self if f.severity == severity)

    @property
    def errors(self) -> Findings:
        """Only the errors."""
        return self.of(Severity.error)

    @property
    def worst(self) -> Severity | None:
        """The highest severity, or None when nothing was found."""
        found = {f.severity for f in self}
        return next((severity for severity in Severity if severity in found), None)

    def sorted(self) -> Findings:
        """Errors first, then warnings, then notes."""
        order = list(Severity)
        return Findings(sorted(self, key=lambda f: order.index(f.severity)))

    def to_frame(self) -> pd.DataFrame:
        """One row a finding: severity, rule, subject, message, hint, source (all text)."""
        import pandas as pd

        columns = ["severity", "rule", "subject", "message", "hint", "source"]
        return pd.DataFrame([{**asdict(f), "severity": str(f.severity)} for f in self], columns=columns)

    def to_json(self) -> str:
        """As a JSON list of objects."""
        return json.dumps([{**asdict(f), "severity": str(f.severity)} for f in self], ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Findings:
        """Read what :meth:`to_json` wrote."""
        return cls(Finding(**{**f, "severity": Severity(f["severity"])}) for f in json.loads(text))

    def __str__(self) -> str:
        return "\n".join(str(f) for f in self.sorted()) or "nothing found"

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(self.of(s))} {s}" for s in Severity if len(self.of(s)))
        return f"<Findings: {counts or 'none'}>"

    def _repr_html_(self) -> str:
        if not len(self):
            return "<p class='findings'>Nothing to report.</p>"
        marks = {Severity.error: "✗", Severity.warning: "!", Severity.info: "i"}
        # File names and rules are long words; the message needs the room.
        wrap = " style='overflow-wrap: anywhere; min-width: 9em'"
        rows = "".join(
            f"<tr class='{f.severity}'><td>{marks[f.severity]} {f.severity}</td><td{wrap}>{escape(f.subject)}</td>"
            f"<td>{escape(f.message)}</td><td>{escape(f.hint)}</td><td{wrap}><code>{escape(f.rule)}</code></td></tr>"
            for f in self.sorted()
        )
        head = "<tr><th>severity</th><th>subject</th><th>message</th><th>hint</th><th>rule</th></tr>"
        return f"<table class='findings'><thead>{head}</thead><tbody>{rows}</tbody></table>"
