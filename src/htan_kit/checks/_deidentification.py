"""Whether files can be shared: no dates, people, addresses, serial numbers, paths or pictures of the slide's label."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import Finding, Findings, Severity
from htan_kit.io._paths import located
from htan_kit.io._private_places import private_places

if TYPE_CHECKING:
    import os

__all__ = ["DEIDENTIFICATION_RULES", "check_deidentification"]

_SOURCE = "HTAN Manual, multiplex microscopy: files must be de-identified"
_SHOWN = 6


class _Rule(NamedTuple):
    """What is said of one kind of private information, and how much it matters under HTAN's rules and elsewhere."""

    rule: str
    severity: Severity
    elsewhere: Severity
    what: str
    source: str


DEIDENTIFICATION_RULES: Final[dict[str, _Rule]] = {
    "date": _Rule(
        "deid.dates", Severity.error, Severity.warning, "dates or times", "HTAN Manual, Level 2: no dates in any header"
    ),
    "name": _Rule(
        "deid.names", Severity.error, Severity.warning, "names of people or computers",
        "HTAN Manual, Level 2: no FirstName or LastName of an Experimenter",
    ),
    "e-mail": _Rule(
        "deid.e-mail", Severity.error, Severity.warning, "e-mail addresses",
        "HTAN Manual, Level 2: no Email of an Experimenter",
    ),
    "serial number": _Rule(
        "deid.serial-numbers", Severity.warning, Severity.info, "serial numbers or barcodes", _SOURCE
    ),
    "user path": _Rule("deid.paths", Severity.warning, Severity.warning, "paths on somebody's computer", _SOURCE),
    "place on earth": _Rule("deid.places", Severity.error, Severity.warning, "a place on earth (GPS)", _SOURCE),
    "label image": _Rule(
        "deid.label-images", Severity.error, Severity.warning, "pictures of the slide's label or of the whole slide",
        _SOURCE,
    ),
}  # fmt: skip
"""By kind (:data:`htan_kit.io._private.KINDS`): the rule's id, its severities, what it is about, its source."""


def check_deidentification(*paths: str | os.PathLike[str], phase: int | None = 2) -> Findings:
    """Look for what must be taken out of files before they are shared; headers only, no pixels.

    Parameters
    ----------
    *paths
        TIFF files of any kind, OME-XML documents, h5ad files; others hold no header and give nothing.
    phase
        HTAN phase of the records the files come with. The rules are phase 2's: in phase 1 and without records (None)
        nothing is more than a warning.

    Returns
    -------
    One finding a file and kind, with the places and never the value. A file that cannot be read gives its error.

    References
    ----------
    HTAN Manual, data submission, multiplex microscopy.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._deidentification import check_deidentification
    >>> path = hk.datasets.sample() / "level2" / "HTA200_2_D1.ome.tiff"
    >>> [finding.rule for finding in check_deidentification(path)]
    ['deid.dates']
    """
    found = Findings()
    for path in map(located, paths):
        try:
            private = private_places(path)
        except InputError as problem:
            found.extend(problem.findings)
            continue
        for kind, rule in DEIDENTIFICATION_RULES.items():
            places = [p.place for p in private if p.kind == kind]
            if places:
                hint = (
                    "Take it out of uns before sharing." if path.suffix == ".h5ad" else
                    f"Write a copy without it: htan-kit clean {path.name[:100]} OUT."
                )  # fmt: skip
                severity = rule.severity if phase == 2 else rule.elsewhere
                message = f"The file holds {rule.what}: {_listed(places)}."
                found.append(Finding(rule.rule, severity, path.name, message, hint, rule.source))
    return found


def _listed(places: list[str]) -> str:
    """Name the places, pages that have the same one together."""
    pages: dict[str, list[str]] = {}
    for place in places:
        page = re.match(r"page (\d+)", place)
        what = place[page.end() :] if page else place
        pages.setdefault(what, []).append(page[1] if page else "")
    texts = []
    for what, numbers in pages.items():
        distinct = list(dict.fromkeys(numbers))
        times = f" ({len(numbers)} times)" if len(numbers) > len(distinct) else ""
        some = ", ".join(distinct[:3]) + (f" and {len(distinct) - 3} more" if len(distinct) > 3 else "")
        where = "" if distinct == [""] else f"page{'s' if len(distinct) > 1 else ''} {some}"
        texts.append(f"{where}{what[:200]}{times}")
    more = f"; and {len(texts) - _SHOWN} more places" if len(texts) > _SHOWN else ""
    return "; ".join(texts[:_SHOWN]) + more
