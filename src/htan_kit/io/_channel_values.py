"""What the values of a column say: shares of ids, names, dyes, numbers, and which attribute they fit."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.io._antigen import antigen
from htan_kit.io._channel_ids import is_counted, is_paired
from htan_kit.io._channel_role import metal_tag, role
from htan_kit.io._marker_name import is_dye
from htan_kit.models import is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Profile", "fit", "is_color", "is_cycle", "is_marker", "meaning_of_values", "profile"]

_LOOKED_AT = 200
_CYCLE = re.compile(r"(?:r|rd|round|cyc|cycle|cy|hyb|zyklus)[ _.\-]?0*(\d{1,3})[ _]?(q|quench\w*|bleach\w*)?", re.I)
_COLOR = re.compile(r"(?:c|ch|chan|channel|col|colou?r)[ _.\-]?0*(\d{1,2})", re.I)
_RRID = re.compile(r"(?:rrid\s*:\s*)?(?:ab_\d+|nif\w*|scr_\d+)\s*", re.I)
_YES = {"yes", "no", "y", "n", "true", "false", "pass", "fail", "passed", "failed", "t", "f"}
_FILTERS = {
    "uv", "gfp", "rfp", "yfp", "cfp", "cy3", "cy5", "cy7", "fitc", "tritc", "dapi", "cy2", "cy5.5", "bf", "nir", "ir",
}  # fmt: skip
_VENDORS = re.compile(
    r"abcam|cell signal|cst\b|biolegend|thermo|invitrogen|santa cruz|sigma|r ?& ?d|r\+d|dako|agilent|bd |bd$|novus"
    r"|millipore|leica|ebioscience|cell marque|fluidigm|standard bio|biosciences|proteintech|akoya|vector|genetex"
    r"|abclonal|bio-?rad|miltenyi|roche|ventana|spring bio|biocare|lsbio|jackson|tonbo|origene|zytomed|nanostring"
    r"|3helix|stemcell",
    re.I,
)  # fmt: skip


class Profile(NamedTuple):
    """Shares (0 to 1) of the values that are not blank, of each kind; ``n`` is their number."""

    n: int
    unique: float
    integer: float
    number: float
    counted: float  # ids that count channels: Channel:0:3, Sample:2, 7
    ome: float
    paired: float  # ids of cycle and channel: R6-5, c 2/4, Channel:7:2
    metal: float
    rrid: float
    cycle: float
    color: float
    yes: float
    dye: float
    marker: float
    ratio: float
    vendor: float
    length: float


def profile(cells: Sequence[str]) -> Profile:
    """Look at the values of a column.

    Parameters
    ----------
    cells
        Its cells as text.

    Returns
    -------
    The shares of each kind.

    Examples
    --------
    >>> from htan_kit.io._channel_values import profile
    >>> found = profile(["CD3", "panCK", "Blank", ""])
    >>> found.n, found.marker, found.dye
    (3, 1.0, 0.0)
    """
    values = [text for cell in cells if (text := cell.strip()) and (not is_blank(text) or text.casefold() == "none")]
    values = values[:_LOOKED_AT]
    n = len(values)

    def share(test: object) -> float:
        return sum(bool(test(value)) for value in values) / n if n and callable(test) else 0.0

    return Profile(
        n,
        len(set(values)) / n if n else 0.0,
        share(lambda v: re.fullmatch(r"\d{1,12}(\.0+)?", v)),
        share(lambda v: re.fullmatch(r"[-+]?\d{1,15}([.,]\d+)?([eE][-+]?\d{1,3})?", v)),
        share(is_counted),
        share(lambda v: re.match(r"(channel|sample):\d", v, re.IGNORECASE)),
        share(is_paired),
        share(metal_tag),
        share(_RRID.fullmatch),
        share(is_cycle),
        share(is_color),
        share(lambda v: v.casefold().split(" - ")[0] in _YES),
        share(lambda v: is_dye(v) or v.casefold() in _FILTERS),
        share(is_marker),
        share(lambda v: re.fullmatch(r"1\s*[:/]\s*[\d.,]+(\s*\w+)?", v)),
        share(_VENDORS.search),
        sum(map(len, values)) / n if n else 0.0,
    )


def is_cycle(text: str) -> bool:
    """Tell whether a text names a cycle: ``R5``, ``R5Q``, ``Cycle 3``, ``cyc001``."""
    return _CYCLE.fullmatch(text.strip()[:30]) is not None


def is_color(text: str) -> bool:
    """Tell whether a text counts the channels of a cycle: ``c2``, ``CH1``."""
    return _COLOR.fullmatch(text.strip()[:30]) is not None


@lru_cache(maxsize=8192)
def is_marker(text: str) -> bool:
    """Tell whether a text is a channel's name that somebody has used: an antigen, DNA, blank, stain, R0c2."""
    if len(text) > 80 or is_dye(text) and text.casefold() not in ("dapi", "hoechst") or text.isdecimal():
        return False
    return re.match(r"CD\d", text) is not None or role(text) not in ("marker", "unknown") or antigen(text) is not None


def fit(name: str, found: Profile) -> float:
    """Say how well values agree with a meaning: from -12 (cannot be) to 6 (could hardly be anything else).

    Parameters
    ----------
    name
        A key of a channel's attributes.
    found
        What the values of the column are.

    Returns
    -------
    What to add to the score of the header; 0 without values.

    Examples
    --------
    >>> from htan_kit.io._channel_values import fit, profile
    >>> fit("channel_name", profile(["4", "22"])), fit("channel_id", profile(["UV", "GFP"]))
    (-12.0, -12.0)
    """
    if not found.n:
        return 0.0
    f = found
    said: dict[str, float] = {
        "channel_id": _id(f),
        "cycle_channel": 2.0 if f.color + f.integer > 0.8 else -12.0,
        "channel_name": _name(f),
        "target_name": -12.0 if f.number > 0.8 or f.yes > 0.8 else 3 * f.marker,
        "antibody_name": -12.0 if f.number > 0.8 or f.rrid > 0.5 or f.yes > 0.8 else 2 * f.marker,
        "cycle_number": 2.0 if f.integer + f.cycle > 0.8 else -3.0 if f.integer + f.cycle > 0.4 else -12.0,
        "sub_cycle_number": 2.0 if f.integer > 0.8 else -3.0,
        "rrid_identifier": 4 * f.rrid - 6 * f.integer,
        "fluorophore": 4 * f.dye - 8 * f.yes - (6.0 if f.number > 0.8 else 0),
        "passed_qc": 3.0 if f.yes > 0.7 else 0.0 if f.integer > 0.9 and f.unique * f.n <= 2 else -7.0,
        "keep": 2.0 if f.yes > 0.9 or (f.integer > 0.9 and f.unique * f.n <= 2) else -9.0,
        "dilution": 3 * f.ratio + f.number,
        "metal_tag": 4.0 if f.metal > 0.6 else -12.0,
        "metal_isotope_mass": 1.0 if f.integer > 0.5 else -8.0,
        "exposure": 0.0 if f.number > 0.4 else -3.0,
        "vendor": 2 * f.vendor - (12.0 if f.number > 0.8 else 0),
        "clone": -5.0 if f.yes > 0.9 else 0.0,
    }  # fmt: skip
    if name.endswith(("wavelength", "bandwidth")):
        return 1.0 if f.number > 0.5 else -3.0 if f.dye > 0.5 or f.yes > 0.5 else 0.0
    return said.get(name, 0.0)


def _id(f: Profile) -> float:
    if f.rrid > 0.3 or (f.dye > 0.5 and f.marker < 0.5) or f.yes > 0.8:
        return -12.0
    if f.ome > 0.5:
        return 6.0
    if f.counted + f.paired > 0.9 or f.metal > 0.8:
        return 3.0
    return -6.0 if f.marker > 0.5 or f.length > 25 else -1.0


def _name(f: Profile) -> float:
    if f.number > 0.8 or f.rrid > 0.5 or f.yes > 0.8 or f.ome > 0.8 or f.ratio > 0.5:
        return -12.0
    if f.metal > 0.9:
        return -5.0
    if f.dye > 0.6 and f.marker < 0.6:
        return -5.0 if f.unique < 0.95 else -1.0
    return 6 * f.marker - (6.0 if f.length > 40 else 0.0)


def meaning_of_values(found: Profile) -> dict[str, float]:
    """Say what a column can mean by its values alone, where its header says nothing."""
    f = found
    if f.n < 2:
        return {}
    said = {
        "channel_id": 6.0 if f.ome > 0.9 else 5.0 if f.paired > 0.9 else 0.0,
        "rrid_identifier": 6.0 if f.rrid > 0.6 else 0.0,
        "cycle_number": 5.0 if f.cycle > 0.9 else 0.0,
        "cycle_channel": 5.0 if f.color > 0.9 else 0.0,
        "metal_tag": 5.0 if f.metal > 0.9 else 0.0,
        "dilution": 5.0 if f.ratio > 0.8 else 0.0,
        "fluorophore": 4.0 if f.dye > 0.8 and f.marker < 0.5 else 0.0,
        "vendor": 4.5 if f.vendor > 0.7 else 0.0,
        "channel_name": 4 + f.unique if f.marker > 0.5 and f.length < 40 and f.metal < 0.9 and f.cycle < 0.5 else 0.0,
    }
    return {name: score for name, score in said.items() if score}
