"""One colour per cell type, the same on every figure of every sample, apart for colour-blind readers too."""

from __future__ import annotations

import colorsys
import zlib
from typing import TYPE_CHECKING, Final

from matplotlib.colors import is_color_like, to_hex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

__all__ = ["PALETTE", "UNKNOWN_COLOR", "colors_of", "type_colors", "type_order"]

UNKNOWN_COLOR: Final = "#c8c8c8"

# Okabe & Ito's colours (without black, which is ink) for the types met most; for the rest, the colours that were
# found to be furthest from these and from one another (CIEDE2000), for normal and for colour-blind eyes at once.
_FIXED: Final = {
    "epithelial": "#d55e00",
    "t cell": "#17172e",
    "cytotoxic t cell": "#56b4e9",
    "helper t cell": "#0072b2",
    "regulatory t cell": "#0000a2",
    "b cell": "#e69f00",
    "macrophage": "#cc79a7",
    "neutrophil": "#f0e442",
    "nk cell": "#460000",
    "endothelial": "#a21700",
    "stromal": "#009e73",
    "other immune": "#465d5d",
    "unknown": UNKNOWN_COLOR,
}
_ALIASES: Final = {
    "tumor": "epithelial", "tumour": "epithelial", "cancer": "epithelial", "epithelium": "epithelial",
    "cd8 t cell": "cytotoxic t cell", "cd4 t cell": "helper t cell", "treg": "regulatory t cell",
    "fibroblast": "stromal", "stroma": "stromal", "myeloid": "macrophage", "endothelium": "endothelial",
    "immune": "other immune",
}  # fmt: skip
PALETTE: Final = (
    "#d55e00", "#0072b2", "#009e73", "#e69f00", "#56b4e9", "#cc79a7", "#0000a2", "#a21700", "#465d5d", "#460000",
    "#17172e", "#f0e442", "#44aa99", "#aa4499", "#999933", "#6699cc",
)  # fmt: skip


def type_colors(types: Iterable[str]) -> dict[str, str]:
    """Give every cell type its colour.

    Parameters
    ----------
    types
        Names of types.

    Returns
    -------
    Name to ``#rrggbb``, in the order given. The types of the kit's own rules (and common other names for them) have
    fixed colours; any other name gets one that depends on the name and, only where two names of one figure
    would share it, on its companions. Unknown is grey.

    References
    ----------
    Okabe & Ito 2008, Color Universal Design (jfly.uni-koeln.de/color); Paul Tol, Colour schemes, SRON/EPS/TN/09-002.

    Examples
    --------
    >>> from htan_kit.pl import type_colors
    >>> type_colors(["Epithelial", "Tumor cells", "Unknown"])
    {'Epithelial': '#d55e00', 'Tumor cells': '#e69f00', 'Unknown': '#c8c8c8'}
    """
    names = list(dict.fromkeys(types))
    colors = {name: color for name in names if (color := _fixed(name))}
    taken = set()
    for name in list(colors):  # two names of one meaning: the first keeps the colour
        if colors[name] in taken:
            del colors[name]
        else:
            taken.add(colors[name])
    for name in sorted(set(names) - set(colors)):
        color = _free(name, taken)
        colors[name] = color
        taken.add(color)
    return {name: colors[name] for name in names}


def type_order(types: Iterable[str]) -> list[str]:
    """Put types into one order on every figure: the kit's own first, then others as they come, Unknown last."""
    places = {color: place for place, color in enumerate(_FIXED.values())}
    own = {name: places[color] for name in dict.fromkeys(types) if (color := _fixed(name)) and name != "Unknown"}
    others = [name for name in dict.fromkeys(types) if name not in own and name != "Unknown"]
    last = ["Unknown"] if "Unknown" in types else []
    return [*sorted(own, key=own.__getitem__), *others, *last]


def colors_of(adata: AnnData, key: str) -> dict[str, str]:
    """Give the colours of a column of types: those in ``uns[f"{key}_colors"]`` (scanpy's place) if they fit."""
    types = [str(name) for name in adata.obs[key].astype("category").cat.categories]
    stored = [str(color) for color in adata.uns.get(f"{key}_colors", [])]
    if len(stored) == len(types) and all(is_color_like(color) for color in stored):
        return dict(zip(types, (to_hex(color) for color in stored), strict=True))
    return type_colors(types)


def _fixed(name: str) -> str | None:
    folded = " ".join(name.lower().replace("-", " ").replace("_", " ").split())
    singular = folded.removesuffix("s") if folded.endswith("cells") else folded
    candidates = (folded, singular, singular.removesuffix(" cell"))
    return next((_FIXED[_ALIASES.get(c, c)] for c in candidates if _ALIASES.get(c, c) in _FIXED), None)


def _free(name: str, taken: set[str]) -> str:
    start = zlib.crc32(name.encode())
    for step in range(len(PALETTE)):
        color = PALETTE[(start + step) % len(PALETTE)]
        if color not in taken:
            return color
    step = 0
    while True:  # more types than anyone can tell apart by colour: at least no two are the same
        hue = (start * 0.618033988749895 + step * 0.618033988749895) % 1.0
        color = to_hex(colorsys.hls_to_rgb(hue, 0.35 + 0.1 * (step % 4), 0.55))
        if color not in taken:
            return color
        step += 1
