"""HTAN's requirements on files as findings, each with the severity that HTAN's word gives it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from htan_kit.findings import Finding, Severity
from htan_kit.models import file_requirements

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SOURCE", "broken", "some"]

SOURCE: Final = "HTAN Manual, data submission, multiplex microscopy"
_SEVERITY: Final = {"MUST": Severity.error, "SHOULD": Severity.warning, "MAY": Severity.info}
_SHOWN = 5


@cache
def _words() -> dict[str, str]:
    table = file_requirements()
    return dict(zip(table["rule"], table["word"], strict=True))


def broken(rule: str, subject: object, message: str, hint: str = "", *, phase: int | None = 2) -> Finding:
    """Make the finding of a requirement that does not hold.

    Parameters
    ----------
    rule
        Id of the requirement.
    subject
        The file.
    message
        What was found.
    hint
        What to do.
    phase
        HTAN phase of the records the file comes with. The requirements are phase 2's: in phase 1 a MUST is a warning;
        without records (None) a MUST is a warning and a SHOULD a note.

    Returns
    -------
    The finding: MUST is an error, SHOULD a warning, MAY an info.

    Raises
    ------
    KeyError
        There is no such requirement.

    References
    ----------
    RFC 2119; HTAN Manual, data submission, multiplex microscopy.

    Examples
    --------
    >>> from htan_kit.checks._requirement import broken
    >>> str(broken("htan2.l2.pyramid", "a.tif", "There is no pyramid.").severity)
    'warning'
    """
    severity = _SEVERITY[_words()[rule].split()[0]]
    if severity == Severity.warning and phase is None:
        severity = Severity.info
    if severity == Severity.error and phase != 2:
        severity = Severity.warning
    return Finding(rule, severity, str(subject), message, hint, SOURCE)


def some(items: Iterable[object]) -> str:
    """Write the first few of a list, each cut to 60 characters.

    Parameters
    ----------
    items
        What to list.

    Returns
    -------
    At most five of them, and how many more there are.

    Examples
    --------
    >>> from htan_kit.checks._requirement import some
    >>> some(range(7))
    '0, 1, 2, 3, 4 and 2 more'
    """
    texts = [str(item)[:60] for item in items]
    return ", ".join(texts[:_SHOWN]) + (f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else "")
