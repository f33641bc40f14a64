"""The columns of a channel table under MITI's machine keys, whatever the layout calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from htan_kit.models import key, match, miti_sections

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["KINDS", "layout_of_header", "miti_columns"]

KINDS: Final[dict[str, str]] = {name: a["type"] for name, a in miti_sections()["channel"].items()} | {
    "exposure": "float",
    "background": "string",
}
"""MITI's type of each column that a table keeps; exposure (ms) and background (a channel) are MCMICRO's."""

# Folded headers of released files and of other tools -> our key; the first line that fits a header wins.
_ALIASES: Final[dict[str, str]] = {
    "markername": "channel_name", "markers": "channel_name", "channels": "channel_name",
    "channelnumber": "channel_id", "metaltag": "channel_id",
    "cycle": "cycle_number", "round": "cycle_number", "rounds": "cycle_number",
    "target": "target_name", "antibody": "antibody_name", "abid": "rrid_identifier",
    "dye": "fluorophore", "clones": "clone", "catnum": "catalog_number", "catalog": "catalog_number",
    "exposure": "exposure", "exposuretime": "exposure", "exposurems": "exposure", "exptime": "exposure",
    "background": "background", "afchannel": "background",
    "channelpassedqc": "passed_qc", "channelqcfailuretype": "qc_details", "channelqcfailurecomment": "qc_details",
    "qccomment": "qc_details", "comments": "comment",
    "metalisotopeelementabbreviation": "metal_isotope_element", "metalisotopeelementmass": "metal_isotope_mass",
    "antibodyrole": "antibody_role", "keep": "keep",
    "htanpanelid": "panel", "channelmetadataid": "panel", "htanchannelmetadataid": "panel",
}  # fmt: skip
_STEINBOCK = {"keep", "ilastik", "deepcell", "cellpose"}


def layout_of_header(header: Iterable[str]) -> str:
    """Tell the layout of a channel table by its header.

    Parameters
    ----------
    header
        Names of its columns.

    Returns
    -------
    ``"steinbock"``, ``"mcmicro"`` (also nf-core's), ``"imctools"``, ``"htan"`` (both phases, MITI, and all that name
    their channels in a column of that name), ``"panel"`` (metal and target), ``"list"`` (a single column without a
    header) or ``""``.

    Examples
    --------
    >>> from htan_kit.io._channel_columns import layout_of_header
    >>> layout_of_header(["channel_number", "cycle_number", "marker_name"])
    'mcmicro'
    """
    written = list(header)
    folded = {key(name) for name in written}
    if {"channel", "name"} <= folded and folded & _STEINBOCK:
        return "steinbock"
    if "markername" in folded and "markerid" not in folded:  # Vanderbilt's files have both, in no defined order
        return "mcmicro"
    if {"channelname", "channellabel"} <= folded:
        return "imctools"
    if folded & {"channelname", "markername", "markers"}:
        return "htan"
    if {"metaltag", "target"} <= folded:
        return "panel"
    return "list" if len(written) == 1 else ""


def miti_columns(header: Iterable[str], layout: str) -> dict[str, str]:
    """Name the columns.

    Parameters
    ----------
    header
        Names as written.
    layout
        What :func:`layout_of_header` said.

    Returns
    -------
    Column as written -> key; columns that mean nothing to the kit are left out. Several columns may have one key.

    Examples
    --------
    >>> from htan_kit.io._channel_columns import miti_columns
    >>> miti_columns(["Sub-Cycle #", "Flurophore", "MARKERNAME", "HMSL ID"], "htan")
    {'Sub-Cycle #': 'sub_cycle_number', 'Flurophore': 'fluorophore', 'MARKERNAME': 'channel_name'}
    """
    special = {
        "steinbock": {"channel": "channel_id", "name": "channel_name"},
        "imctools": {"channelname": "channel_id", "channellabel": "channel_name"},
    }.get(layout, {})
    columns: dict[str, str] = {}
    for name in header:
        folded = key(name)
        found = special.get(folded) or _ALIASES.get(folded) or match(KINDS, name)
        if found:
            columns[name] = found
    return columns
