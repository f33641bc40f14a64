"""Which file comes from which: participant, biospecimen, image, mask, table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.patches import Rectangle

from htan_kit.pl._figure import MUTED, footnote, headline, message, new_figure, style
from htan_kit.pl._lineage_parts import LEVELS, PROBLEMS, Box, Kin, groups, tree

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from htan_kit.cohort import Cohort, Sample

__all__ = ["lineage"]

_ALARM: Final = "#D55E00"
_EDGE: Final = "#8A8A8A"
_FILL: Final = {"2": "#DCEBF7", "3": "#E9F3E4", "4": "#FBF3D9"}
_TITLES: Final = {
    "participant": "participant", "biospecimen": "biospecimen", "1": "Level 1, raw", "2": "Level 2, image",
    "3": "Level 3, mask", "4": "Level 4, table",
}  # fmt: skip
_STATES: Final = {
    "missing": "parent missing", "wrong level": "parent of a wrong level", "other participant": "other participant",
    "cycle": "descends from itself", "no parent": "no parent",
}  # fmt: skip
_ALL: Final = 36  # boxes up to which each record has its own
_ROWS: Final = 36  # rows up to which there is room
_WIDTH: Final = 0.84
_HEIGHT: Final = 0.72
_LETTERS: Final = 22
_SMALL: Final = 28  # small letters in a box


def lineage(data: Cohort | Sample | pd.DataFrame) -> Figure:
    """Draw which file comes from which: every record of few images, or of many one row for all that are alike.

    Parameters
    ----------
    data
        A cohort, a sample, or what their ``lineage()`` gives.

    Returns
    -------
    The figure. Red is what a finding was made for: a parent that is in no manifest, of the wrong level or of another
    participant; a broken outline is what no manifest lists and only an identifier names. Its label
    (``figure.get_label()``) says the same in words, for the alt text of a page.

    Examples
    --------
    >>> import htan_kit as hk
    >>> figure = hk.pl.lineage(hk.open_cohort(hk.datasets.sample()))
    >>> figure.get_label()
    'Lineage of 4 images: 2 participants, 4 biospecimens, 4 images, 4 masks, 3 tables. Nothing is wrong.'
    """
    table = data.lineage() if hasattr(data, "lineage") else data
    kin = Kin(table)
    if not kin.boxes:
        return message("Lineage", "there are no records and no files.")
    words = _in_words(kin)
    everything = len(kin.boxes) <= _ALL
    boxes = tree(kin) if everything else groups(kin)
    shown = {key: box for key, box in boxes.items() if box.row < _ROWS}
    notes = [] if everything else ["one row for all images that are alike"]
    notes += [f"{len(boxes) - len(shown)} boxes more are not shown"] if len(shown) < len(boxes) else []
    title, _, rest = words.partition(": ")
    notes += [rest.partition(". ")[2]] if "wrong: " in rest else []
    with style():
        figure = _draw(shown, title)
        footnote(figure, *notes)
    figure.set_label(words)
    return figure


def _draw(boxes: dict[str, Box], words: str) -> Figure:
    columns = sorted({(LEVELS.index(box.level), box.sub) for box in boxes.values()})
    x = {column: float(i) for i, column in enumerate(columns)}
    n_rows = max(box.row for box in boxes.values()) + 1
    figure = new_figure(0.3 + 1.75 * len(columns), 0.95 + 0.46 * n_rows)
    ax = figure.add_subplot()
    ax.set(xlim=(-0.05, len(columns) - 0.1), ylim=(n_rows - 0.5, -1.0))
    ax.axis("off")
    place = {key: (x[LEVELS.index(box.level), box.sub], box.row) for key, box in boxes.items()}
    for column, left in x.items():
        if column[1] == 0:
            ax.text(left, -0.75, _TITLES[LEVELS[column[0]]], fontsize=9, color=MUTED)
    for key, box in boxes.items():
        for parent, state in box.parents.items():
            if parent in place and parent != key:
                _line(ax, place[parent], place[key], state)
    for key, box in boxes.items():
        _box(ax, *place[key], box)
    headline(figure, words)
    return figure


def _line(ax: Axes, start: tuple[float, float], end: tuple[float, float], state: str) -> None:
    (x0, y0), (x1, y1) = start, end
    middle = x0 + _WIDTH + (1 - _WIDTH) / 2 if x1 > x0 else x0 + _WIDTH + 0.04
    color = _ALARM if state in PROBLEMS else _EDGE
    target = x1 if x1 > x0 else x1 + _WIDTH
    xs, ys = [x0 + _WIDTH, middle, middle, target], [y0, y0, y1, y1]
    ax.plot(xs, ys, color=color, linewidth=1.6 if state in PROBLEMS else 0.9, zorder=1 + (state in PROBLEMS))


def _box(ax: Axes, x: float, y: float, box: Box) -> None:
    said = [box.note, *dict.fromkeys(_STATES[state] for state in box.parents.values() if state in PROBLEMS)]
    said += [_STATES[box.state]] if box.state in PROBLEMS and box.state != "missing" else []
    said += ["file not found" if box.n_lost == 1 else f"{box.n_lost} files not found"] if box.n_lost else []
    wrong = len(said) > 1 or box.state in PROBLEMS
    broken = box.state in ("implied", "missing")
    note = ", ".join(filter(None, said))
    if wrong and len(note) > _SMALL:
        note = ", ".join(said[1:]) or note
    ax.add_patch(
        Rectangle(
            (x, y - _HEIGHT / 2),
            _WIDTH,
            _HEIGHT,
            zorder=3,
            linewidth=1.4 if wrong else 0.9,
            facecolor="white" if broken else _FILL.get(box.level, "#F4F4F4"),
            edgecolor=_ALARM if wrong else _EDGE,
            linestyle=(0, (4, 3)) if broken else "-",
        )
    )
    name = y - 0.02 if note else y
    ax.text(x + 0.04, name, _short(box.text), fontsize=8, va="bottom" if note else "center_baseline", zorder=4)
    color = _ALARM if wrong else MUTED
    ax.text(x + 0.04, y + 0.05, _short(note, _SMALL), fontsize=7, color=color, va="top", zorder=4)


def _short(text: str, letters: int = _LETTERS) -> str:
    """Cut a long name in its middle: the ends tell names apart."""
    text = " ".join(text.split())
    if len(text) <= letters:
        return text
    return f"{text[: letters // 2]}…{text[-(letters - letters // 2 - 1) :]}"


def _in_words(kin: Kin) -> str:
    there = [box for box in kin.boxes.values() if box.state != "missing"]
    counts = [sum(box.level == level for box in there) for level in LEVELS]
    nouns = ("participant", "biospecimen", "Level 1 file", "image", "mask", "table")
    parts = [f"{n:,} {noun}{'' if n == 1 else 's'}" for n, noun in zip(counts, nouns, strict=True) if n]
    wrong = [s for box in there for s in (box.state, *box.parents.values()) if s in PROBLEMS]
    n_lost = sum(box.n_lost for box in there)
    said = [f"{_STATES[state]} ({wrong.count(state)})" for state in PROBLEMS if state in wrong]
    said += [f"file not found ({n_lost})"] if n_lost else []
    n = counts[LEVELS.index("2")]
    end = f"What is wrong: {', '.join(said)}." if said else "Nothing is wrong."
    return f"Lineage of {n:,} image{'' if n == 1 else 's'}: {', '.join(parts)}. {end}"
