"""CODEX (Nolan laboratory and Akoya's processor): every column is called ``name:place in the run``."""

from __future__ import annotations

import re
from typing import Final

from htan_kit.io.dialects._columns import Columns, Header, Place, sort_columns

__all__ = ["matches", "read"]

_ID, _REGION, _TILE = "cell_id:cell_id", "region:region", "tile_nr:tile_nr"
_XY: Final = (("X:X", "Y:Y"), ("x:x", "y:y"), ("x", "y"))
_MARKER: Final = re.compile(r"(.+):Cyc_\d+_ch_\d+", re.IGNORECASE)


def matches(header: Header) -> bool:
    """Tell whether a header is CODEX's: its id, or a column of a cycle's channel."""
    return header.has(_ID) or any(_MARKER.fullmatch(name) for name in header.names)


def read(header: Header) -> Columns:
    """Sort the columns: ``CD4 - helper T cells:Cyc_3_ch_2`` is the marker CD4, where no other begins so."""
    long = {name: match[1] for name in header.names if name in header.numbers and (match := _MARKER.fullmatch(name))}
    short = {name: marker.partition(" - ")[0].strip() for name, marker in long.items()}
    # A marker may be stained in several cycles: what tells the columns apart is its name.
    steps = [list(names.values()) for names in (short, long)]
    markers = {next((step[i] for step in steps if step.count(step[i]) == 1), name): name for i, name in enumerate(long)}
    pair = next((pair for pair in _XY if header.has(*pair)), None)
    return sort_columns(
        header, ids=header.first(_ID), image=header.first(_REGION), within=header.first(_TILE), markers=markers,
        place=Place((pair[0],), (pair[1],)) if pair else None, own_ids=True,
    )  # fmt: skip
