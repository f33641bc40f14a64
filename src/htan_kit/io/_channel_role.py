"""What a channel is for, read from its name: marker, nuclear, autofluorescence, blank, element, secondary, stain."""

from __future__ import annotations

import re

__all__ = ["metal_tag", "role"]

# Natural isotopes that imaging mass cytometry and MIBI report (symbol -> mass numbers).
_ISOTOPES = {
    "C": {12, 13}, "Na": {23}, "Mg": {24, 25, 26}, "Al": {27}, "Si": {28, 29, 30}, "P": {31}, "S": {32, 34},
    "K": {39, 41}, "Ca": {40, 42, 44, 48}, "Mn": {55}, "Fe": {54, 56, 57}, "Cu": {63, 65}, "Zn": {64, 66, 68},
    "As": {75}, "Ar": {36, 38, 40, 80}, "Y": {89}, "Zr": {90, 91, 92, 94}, "Mo": {95, 98}, "Ru": {101, 102, 104},
    "Rh": {103}, "Pd": {102, 104, 105, 106, 108, 110}, "Ag": {107, 109}, "Cd": {106, 110, 111, 112, 113, 114, 116},
    "In": {113, 115}, "Sn": {116, 117, 118, 119, 120, 122, 124}, "Te": {125, 126, 128, 130}, "I": {127},
    "Xe": {124, 126, 128, 129, 130, 131, 132, 134, 136}, "Cs": {133}, "Ba": {130, 132, 134, 135, 136, 137, 138},
    "La": {138, 139}, "Ce": {136, 138, 140, 142}, "Pr": {141}, "Nd": {142, 143, 144, 145, 146, 148, 150},
    "Sm": {144, 147, 148, 149, 150, 152, 154}, "Eu": {151, 153}, "Gd": {152, 154, 155, 156, 157, 158, 160},
    "Tb": {159}, "Dy": {156, 158, 160, 161, 162, 163, 164}, "Ho": {165}, "Er": {162, 164, 166, 167, 168, 170},
    "Tm": {169}, "Yb": {168, 170, 171, 172, 173, 174, 176}, "Lu": {175, 176}, "Hf": {176, 177, 178, 179, 180},
    "Ta": {181}, "W": {182, 183, 184, 186}, "Os": {188, 189, 190, 192}, "Ir": {191, 193},
    "Pt": {190, 192, 194, 195, 196, 198}, "Au": {197}, "Hg": {198, 199, 200, 201, 202, 204}, "Tl": {203, 205},
    "Pb": {204, 206, 207, 208}, "Bi": {209},
}  # fmt: skip
_BARE_ELEMENTS = {"C", "Na", "Al", "Si", "P", "Ca", "Fe", "Ta", "Au"}  # MIBI reports these without a mass
_NUCLEAR = r"((ds ?)?dna|dapi|hoechst|draq ?[57]|sytox|iridium|intercalator|nuclei|nucleus|nuclear|nuc)( ?\d+)*( ?q)?"
_AUTOFLUORESCENCE = r"auto ?fl.*|af( ?\d+)?|(a|af|alexa( fluor)?)? ?\d{3} ?(background|bg|bkg|af)|.* autofluorescence"
_BLANK = r"(blank|empty|background|bkg|bg|unused|not used|no antibody|none)\b.*|.*( blank|\dempty| empty)|r\d+q?c\d"
_SPECIES = r"(goat|rabbit|mouse|rat|donkey|chicken|hamster|sheep)"
_SECONDARY = rf"(.* )?(secondary|2nd)( .*)?|control( .*)?|(anti )?{_SPECIES} (igg|igm)\w*|anti {_SPECIES}.*|isotype.*"
_STAIN = r"(ha?ematoxylin|eosin|dab|aec|pas|trichrome|brightfield|rgb|h ?& ?e|h and e)( .*)?|hem|hema|red|green|blue"
_UNKNOWN = r"(channel|ch)?( ?\d+)*|fitc|tritc|gfp|rfp|yfp|cfp|texas red|cy ?\d(\.5)?|(a|alexa( fluor)?) ?\d{3}"
_RULES = [
    ("nuclear", re.compile(_NUCLEAR)),
    ("autofluorescence", re.compile(_AUTOFLUORESCENCE)),
    ("blank", re.compile(_BLANK)),
    ("secondary", re.compile(_SECONDARY)),
    ("stain", re.compile(_STAIN)),
    ("unknown", re.compile(_UNKNOWN)),
]


def metal_tag(text: str) -> tuple[str, int] | None:
    """Read a metal isotope: ``Ir191``, ``191Ir`` and ``Ir(191)`` alike.

    Parameters
    ----------
    text
        A channel id, as panels of imaging mass cytometry have them.

    Returns
    -------
    Symbol and mass number, or None when the text is not a natural isotope (``CD45``, ``P53``).

    Examples
    --------
    >>> from htan_kit.io._channel_role import metal_tag
    >>> metal_tag("Ir191"), metal_tag("131Xe"), metal_tag("P53")
    (('Ir', 191), ('Xe', 131), None)
    """
    text = re.sub(r"[\s()]", "", text[:32])
    found = re.fullmatch(r"([A-Z][a-z]?)(\d{2,3})", text, re.ASCII)
    symbol, mass = found.groups() if found else ("", "0")
    if not found and (found := re.fullmatch(r"(\d{2,3})([A-Z][a-z]?)(?:Di|Dd)?", text, re.ASCII)):
        mass, symbol = found.groups()
    return (symbol, int(mass)) if int(mass) in _ISOTOPES.get(symbol, ()) else None


def role(name: str | None, target: str | None = None, *, antibody_role: str | None = None) -> str:
    """Say what a channel is for.

    Parameters
    ----------
    name
        The channel's name.
    target
        What it targets, where a table says so; it decides where the name alone does not.
    antibody_role
        HTAN's Antibody Role: a ``Control`` is a secondary antibody without a primary one.

    Returns
    -------
    ``marker``, ``nuclear`` (DNA dyes), ``autofluorescence``, ``blank``, ``element`` (a metal that no antibody
    carries), ``secondary``, ``stain`` (brightfield) or ``unknown`` (no name, or the name of a filter).

    Examples
    --------
    >>> from htan_kit.io._channel_role import role
    >>> [role(name) for name in ("DNA (9)", "CD3", "Blank_488", "A555_background", "Ag107", "Channel 4")]
    ['nuclear', 'marker', 'blank', 'autofluorescence', 'element', 'unknown']
    >>> role("Cy3", "FOXP3")
    'marker'
    """
    by_name, by_target = _classify(name), _classify(target)
    if antibody_role is not None and antibody_role.strip().casefold() == "control":
        return "secondary"
    if by_target == "unknown":
        return by_name
    if by_target == "marker":
        return by_target if by_name in ("unknown", "autofluorescence", "element") else by_name
    return by_target if by_name == "unknown" or (by_name == "marker" and by_target != "secondary") else by_name


def _classify(text: str | None) -> str:
    words = [word for word in re.split(r"[\s_\-:/()]+", (text or "")[:200]) if word]
    tags = [tag for word in words if (tag := metal_tag(word))]
    rest = [word for word in words if not metal_tag(word)]
    if tags and not rest:
        return "nuclear" if {tag[0] for tag in tags} == {"Ir"} else "element"
    if len(rest) == 1 and (rest[0] in _BARE_ELEMENTS or re.fullmatch(r"\d*(ArAr|BCKG)\d*(Pt|Pb)?", rest[0])):
        return "element"
    plain = " ".join(rest).casefold()
    if not plain:
        return "unknown"
    return next((name for name, pattern in _RULES if pattern.fullmatch(plain)), "marker")
