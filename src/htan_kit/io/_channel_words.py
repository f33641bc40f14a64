"""What the header of a column says: its words, in any spelling, and the channel attributes they can mean."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from htan_kit.models import key, match, miti_sections

__all__ = ["KINDS", "header_scores", "words_of"]

KINDS: Final[dict[str, str]] = {name: a["type"] for name, a in miti_sections()["channel"].items()} | {
    "cycle_channel": "integer",
    "antibody_role": "string",
    "exposure": "float",
    "background": "string",
}
"""MITI's type of each column that a table keeps; the last four are the kit's: the number of a channel in its cycle,
HTAN's antibody role, exposure in ms and the background channel of MCMICRO."""

EXACT: Final = 12.0  # the name that a model itself uses

# One word for all spellings of it; what is not here stays as it is.
_SPELLINGS: Final = {
    "antibody": "ab abs antibodies antikörper anticorps anticuerpo mab", "number": "no nr n num nbr index idx nummer",
    "catalog": "cat catalogue katalog cata", "excitation": "exc ex excit anregung exitation", "emission": "em emiss",
    "wavelength": "wl lambda wave wavelengths", "bandwidth": "bw fwhm width",
    "fluorophore": "fluor fluors fluo fluorochrome fluorochromes fluorescence fluorescent flurophore fluorofore dye "
                   "dyes fluorophores conjugate conjugated conjugation farbstoff",
    "cycle": "cyc cycles round rounds rd hyb hybridization zyklus runde ronde", "color": "colors colour colours",
    "channel": "chan channels ch chn chnl kanal canal kanäle", "marker": "markers biomarker biomarkers",
    "target": "targets antigen antigens protein proteins gene genes epitope analyte antigène antigeno",
    "vendor": "vendors supplier suppliers manufacturer company provider brand hersteller firma fournisseur fabricante "
              "proveedor",
    "clone": "clones klon cloneid clonename", "lot": "lots charge", "role": "roles",
    "concentration": "conc conz konzentration", "dilution": "dil diluted titer titre titration verdünnung",
    "exposure": "exposures expo belichtung", "comment": "comments note notes remark remarks bemerkung commentaire",
    "qc": "qa", "pass": "passed passes ok", "name": "names nom nombre designation description", "id": "ids identifier "
    "identifiers uid", "isotope": "isotopes", "metal": "metals", "keep": "include included", "label": "labels",
    "filter": "filters cube", "failure": "failed fail fails", "detail": "details", "plane": "page ifd",
    "primary": "prim", "time": "zeit temps",
}  # fmt: skip
_WORD: Final = {spelling: word for word, others in _SPELLINGS.items() for spelling in (word, *others.split())}
_LONE: Final = {"exp": "exposure", "company": "vendor", "source": "vendor", "batch": "lot", "sku": "catalog"}
_GLUE: Final = set(_WORD) | {"exp", "rrid", "sub", "metadata", "mass", "element", "tag", "upper", "lower", "time", "af"}
_FILLERS: Final = {
    "the", "of", "in", "a", "for", "used", "nm", "ms", "s", "sec", "seconds", "max", "peak", "µg", "ug", "ml", "x",
    "maximum", "min", "and", "value", "final", "stock", "imaging", "htan", "panel",
}  # fmt: skip

# key, words that must be there (alternatives with |), words that must not, score. Where the score is below 8, all other
# words of the header must be fillers: "channel" alone may be the channel, "channel quality" is not.
_RULES: Final = [
    ("rrid_identifier", "rrid", "", 11), ("rrid_identifier", "antibody id", "", 9),
    ("rrid_identifier", "registry", "", 6), ("catalog_number", "catalog", "", 10),
    ("catalog_number", "product|order|part|article|item|reference number|id", "", 9), ("lot", "lot", "slot", 9),
    ("clone", "clone", "", 10), ("vendor", "vendor", "id|number", 9),
    ("excitation_bandwidth", "excitation bandwidth", "", 11), ("emission_bandwidth", "emission bandwidth", "", 11),
    ("excitation_wavelength", "excitation", "bandwidth|filter", 9),
    ("emission_wavelength", "emission", "bandwidth|filter", 9), ("excitation_wavelength", "laser", "power", 5),
    ("exposure", "exposure", "group", 9), ("exposure", "integration time", "", 9),
    ("sub_cycle_number", "sub cycle", "", 11), ("cycle_number", "cycle", "sub|channel|marker|target|name", 9),
    ("dilution", "dilution", "", 10), ("concentration", "concentration", "", 10),
    ("metal_isotope_element", "metal|isotope element|symbol", "", 11), ("metal_isotope_element", "element", "", 6),
    ("metal_isotope_mass", "mass", "", 8), ("metal_tag", "metal|isotope", "mass|element", 7),
    ("metal_tag", "metal|mass|isotope tag", "", 9),
    ("oligo_barcode_upper_strand", "upper|forward|sense barcode|oligo|strand", "", 10),
    ("oligo_barcode_lower_strand", "lower|reverse|antisense barcode|oligo|strand", "", 10),
    ("passed_qc", "pass qc", "", 11), ("passed_qc", "qc status|result|verdict", "", 9), ("passed_qc", "qc", "", 6),
    ("passed_qc", "pass", "", 6),
    ("passed_qc", "channel quality", "", 5), ("qc_details", "qc comment|failure|detail|reason|note|type", "", 11),
    ("qc_details", "channel quality", "", 4), ("comment", "comment", "qc|failure", 7),
    ("antibody_role", "role", "user", 9), ("antibody_role", "antibody type|order", "", 6), ("keep", "keep", "", 7),
    ("background", "background", "", 7), ("background", "af|autofluorescence channel", "", 8),
    ("target_name", "target name", "antibody", 11), ("target_name", "target", "id|number|file", 8),
    ("target_name", "target symbol", "", 9), ("antibody_name", "antibody name", "id|number", 11),
    ("antibody_name", "antibody", "id|number|vendor|clone|lot|role|type", 7),
    ("antibody_name", "reagent|probe|primary|stain", "", 4), ("fluorophore", "fluorophore", "", 10),
    ("fluorophore", "reporter", "", 3), ("channel_name", "channel name", "file|cycle", 11),
    ("channel_name", "marker name", "file", 11), ("channel_name", "channel|marker label", "", 9),
    ("channel_name", "marker", "id|number|type", 7), ("channel_name", "name|label|stain", "", 6),
    ("channel_name", "channel", "", 4), ("channel_name", "plane name", "", 7),
    ("channel_id", "channel id|number", "cycle|name|metadata", 11), ("channel_id", "plane", "", 6),
    ("channel_id", "channel", "", 5), ("channel_id", "id|number", "", 4), ("channel_id", "channel position", "", 6),
    ("cycle_channel", "color", "", 8), ("cycle_channel", "channel cycle", "name", 9),
    ("cycle_channel", "channel", "", 4),
]  # fmt: skip
_PARSED: Final = [
    (name, [set(part.split("|")) for part in need.split()], set(never.split("|")) - {""}, float(score))
    for name, need, never, score in _RULES
]

# Folded headers of released files and of other tools whose words do not say it.
_ALIASES: Final = {
    "markername": "channel_name", "channelnumber": "channel_id", "markers": "channel_name", "catnum": "catalog_number",
    "abid": "rrid_identifier", "exptime": "exposure", "exposurems": "exposure", "afchannel": "background",
    "channelpassedqc": "passed_qc", "channelqcfailuretype": "qc_details", "channelqcfailurecomment": "qc_details",
    "qccomment": "qc_details", "metalisotopeelementabbreviation": "metal_isotope_element", "metaltag": "metal_tag",
    "metalisotopeelementmass": "metal_isotope_mass", "htanpanelid": "panel", "channelmetadataid": "panel",
    "htanchannelmetadataid": "panel", "cycle": "cycle_number", "round": "cycle_number", "rounds": "cycle_number",
}  # fmt: skip


@lru_cache(maxsize=4096)
def words_of(header: str) -> tuple[str, ...]:
    """Cut a header into words, each in the one spelling that the rules know.

    Parameters
    ----------
    header
        The name of a column.

    Returns
    -------
    Words in order.

    Examples
    --------
    >>> from htan_kit.io._channel_words import words_of
    >>> words_of("CATNUM"), words_of("Sub-Cycle #"), words_of("exWavelength"), words_of("Kanal Nr.")
    (('catalog', 'number'), ('sub', 'cycle', 'number'), ('excitation', 'wavelength'), ('channel', 'number'))
    """
    text = unicodedata.normalize("NFKC", header[:200]).replace("#", " number ").replace("λ", " wavelength ")
    text = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", text)
    words: list[str] = []
    for token in re.findall(r"[^\W\d_]+|\d+", text.casefold()):
        words += [token] if token in _WORD else _cut(token)
    spelt = [_WORD.get(word, word) for word in words]
    if len(spelt) <= 2:
        spelt = [_LONE.get(word, word) for word in spelt]
    return tuple(spelt)


def _cut(token: str) -> list[str]:
    """Cut a token that is two or three known words written as one (``markername``)."""
    if not 4 < len(token) <= 40:
        return [token]
    for end in range(len(token) - 1, 1, -1):
        first, rest = token[:end], token[end:]
        if first in _GLUE and len(first) > 1:
            others = [rest] if rest in _GLUE else _cut(rest)
            if others != [rest] or rest in _GLUE:
                return [first, *others]
    return [token]


@lru_cache(maxsize=4096)
def header_scores(header: str) -> dict[str, float]:
    """Say what a column can mean by its header.

    Parameters
    ----------
    header
        The name of the column.

    Returns
    -------
    Key -> score: 12 for a model's own name; 8 and more says it without doubt, less only if the values agree.

    Examples
    --------
    >>> from htan_kit.io._channel_words import header_scores
    >>> header_scores("Flurophore"), header_scores("Supplier"), header_scores("channel quality")["passed_qc"]
    ({'fluorophore': 12.0}, {'vendor': 9.0}, 5.0)
    """
    header = header[:200]
    alias = _ALIASES.get(key(header))
    exact = alias or match(KINDS, header)
    if exact and exact not in ("background",):
        return {exact: EXACT}
    words = set(words_of(header))
    found: dict[str, float] = {}
    for name, need, never, score in _PARSED:
        used: set[str] = set()
        for group in need:
            used |= words & group
        if not all(words & group for group in need) or words & never:
            continue
        others = words - used - _FILLERS
        if len(others) > 3 or (score < 8 and others):
            continue
        found[name] = max(found.get(name, 0.0), score - 0.5 * len(others))
    return found
