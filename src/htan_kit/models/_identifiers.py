"""HTAN identifiers of both phases, read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Identifier", "parse_identifier"]

_LONGEST: Final = 50  # characters, of phase 2; released identifiers of phase 1 have at most 37
_PHASE1 = re.compile(r"(HTA(?:[1-9]|1[0-6]))_((?:EXT)?[0-9]+)(?:_([0-9]+))?", re.ASCII)
_PHASE2 = re.compile(r"(HTA2[0-2][0-9])_(0000|EXT[0-9]{1,18}|[0-9]{1,21})(?:_([BDP][0-9]{1,20}))?", re.ASCII)
_KINDS: Final = {"B": "biospecimen", "D": "data file", "P": "panel"}


@dataclass(frozen=True, slots=True)
class Identifier:
    """What an HTAN identifier says.

    Parameters
    ----------
    phase
        1 (centres HTA1 to HTA16) or 2 (HTA200 to HTA229).
    kind
        ``"participant"``, ``"biospecimen"``, ``"data file"`` or ``"panel"``; in phase 1, where both have one form,
        ``"biospecimen or data file"``.
    center
        Such as ``"HTA7"``.
    participant
        The participant's own identifier, such as ``"HTA7_1"``; None for pooled samples and controls, which have none.
    number
        What follows the participant, as text, because real ones are longer than an integer holds: ``"1001"`` in
        phase 1, ``"D1"`` in phase 2, ``""`` for a participant.
    pooled
        Whether it stands for several participants (``0000``).
    control
        Whether it stands for an external control or a blank (``EXT``).

    Examples
    --------
    >>> from htan_kit.models import parse_identifier
    >>> parse_identifier("HTA200_EXT1_B2").control
    True
    """

    phase: int
    kind: str
    center: str
    participant: str | None
    number: str
    pooled: bool
    control: bool


def parse_identifier(text: str) -> Identifier | None:
    """Read an HTAN identifier.

    Parameters
    ----------
    text
        One identifier; blanks around it do not count, everything else does.

    Returns
    -------
    What it says, or None when it is not an identifier of either phase.

    References
    ----------
    HTAN Manual, identifiers; patterns of ncihtan/data-models f77ac86f and ncihtan/htan2-data-model v2.0.0.

    Examples
    --------
    >>> from htan_kit.models import parse_identifier
    >>> parse_identifier("HTA7_1_1001").kind
    'biospecimen or data file'
    >>> found = parse_identifier("HTA200_0000_D3")
    >>> found.kind, found.participant, found.number, found.pooled
    ('data file', None, 'D3', True)
    >>> parse_identifier("HT060P1") is None
    True
    """
    text = text.strip()
    phase2 = _PHASE2.fullmatch(text) if len(text) <= _LONGEST else None
    found = phase2 or _PHASE1.fullmatch(text)
    if found is None:
        return None
    center, who, number = found[1], found[2], found[3] or ""
    pooled, control = who == "0000", who.startswith("EXT")
    kind = "participant"
    if number:
        kind = _KINDS[number[0]] if phase2 else "biospecimen or data file"
    participant = None if pooled or control else f"{center}_{who}"
    return Identifier(2 if phase2 else 1, kind, center, participant, number, pooled, control)
