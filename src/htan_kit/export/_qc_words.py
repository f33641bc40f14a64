"""Quality control of a channel in the exact words of HTAN phase 1, its misspellings included."""

from __future__ import annotations

from typing import Final

from htan_kit.models import components, key

__all__ = ["failure_type", "passed_word"]

_COMPONENT: Final = "Imaging Level 3 Channels/1"
# Parts of words that people (and the kit's own metrics) write -> how the model's word starts, folded.
_SAID: Final = {
    "offtarget": "offtarget", "nonspecific": "offtarget", "unspecific": "offtarget", "crossreact": "offtarget",
    "autofluor": "autofluor",
    "stainingart": "stainingart", "precipitat": "stainingart", "aggregat": "stainingart",
    "imagingart": "imagingart", "saturat": "imagingart", "outoffocus": "imagingart", "blur": "imagingart",
    "stitch": "imagingart", "registration": "imagingart", "misalign": "imagingart", "illumination": "imagingart",
}  # fmt: skip


def passed_word(passed: bool | None) -> str:  # noqa: FBT001 - the one thing that it translates
    """Say whether a channel passed: ``Yes``, ``No - Channel Failed QC``, or nothing where nobody judged it.

    Parameters
    ----------
    passed
        MITI's ``passed_qc``.

    Examples
    --------
    >>> from htan_kit.export._qc_words import passed_word
    >>> passed_word(False)
    'No - Channel Failed QC'
    """
    if passed is None:
        return ""
    yes, no = _words("Channel Passed QC", "yes"), _words("Channel Passed QC", "no")
    return yes if passed else no


def failure_type(details: str) -> str:
    """Sort what was said about a failed channel into the model's failure types.

    Parameters
    ----------
    details
        MITI's ``qc_details``: free text.

    Returns
    -------
    The model's word; ``Other/multiple channel QC faliure types`` where the text names several or none of them.

    Examples
    --------
    >>> from htan_kit.export._qc_words import failure_type
    >>> failure_type("strong autofluorescence"), failure_type("Staining artifact"), failure_type("no signal")
    ('Auto-fluoresence', 'Staining artefacet', 'Other/multiple channel QC faliure types')
    """
    folded = key(details)
    found = {start for said, start in _SAID.items() if said in folded}
    start = found.pop() if len(found) == 1 else "othermultiple"
    return _words("Channel QC Failure Type", start)


def _words(attribute: str, start: str) -> str:
    values: list[str] = components()[_COMPONENT]["attributes"][attribute]["values"]
    return next(value for value in values if key(value).startswith(start))
