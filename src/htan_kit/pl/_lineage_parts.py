"""What the picture of a lineage is made of: every record, or, where they are many, all images that are alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = ["LEVELS", "PROBLEMS", "Box", "Kin", "groups", "tree"]

LEVELS: Final = ("participant", "biospecimen", "1", "2", "3", "4")
PROBLEMS: Final = ("missing", "wrong level", "other participant", "cycle", "no parent")
_NOUNS: Final = {
    "participant": "participant", "biospecimen": "biospecimen", "1": "raw file", "2": "image", "3": "mask",
    "4": "table",
}  # fmt: skip
_KINDS: Final = 3


@dataclass
class Box:
    """One box of the picture: what it says, what is wrong, and where it stands: a level, how far within it, a row."""

    level: str
    text: str
    note: str = ""
    state: str = "ok"
    n_lost: int = 0
    sub: int = 0
    row: float = 0.0
    parents: dict[str, str] = field(default_factory=dict)  # key of the parent's box -> state of the link


class Kin:
    """A lineage table as parents and children."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.boxes: dict[str, Box] = {}
        rows = table[(table["level"] != "channel") & (table["parent_level"] != "channel")]
        for row in rows.itertuples():
            key = str(row.id or row.file or row.what)
            box = self.boxes.setdefault(key, Box(str(row.level), key, str(row.what)))
            state = str(row.state)
            if str(row.level) == "2" and state == "no parent":
                state = "ok"  # where the tissue is from need not be known
            if row.parent_id:
                box.parents[str(row.parent_id)] = state
            elif state in PROBLEMS or not box.parents:
                box.state = state
            box.n_lost = int(str(row.file_found) == "False")
        said = dict(zip(rows["parent_id"], rows["parent_level"], strict=True))
        for box in list(self.boxes.values()):
            for parent, state in box.parents.items():
                level = said[parent] if said[parent] in LEVELS else _before(box.level)
                above = self.boxes.setdefault(parent, Box(level, parent, "in no manifest", state))
                above.state = "implied" if state == "implied" else above.state
        alone = {p for box in self.boxes.values() for p in box.parents}
        self.boxes = {
            key: box
            for key, box in self.boxes.items()
            if box.level not in ("participant", "biospecimen") or box.parents or key in alone
        }
        self.children: dict[str, list[str]] = {key: [] for key in self.boxes}
        for key, box in self.boxes.items():
            for parent in box.parents:
                self.children[parent].append(key)
        self._parents = {key: list(box.parents) for key, box in self.boxes.items()}

    def descendants(self, key: str) -> dict[str, None]:
        """Give a box's own key and those below it."""
        return self._walk(key, self.children)

    def ancestors(self, key: str) -> dict[str, None]:
        """Give a box's own key and those above it."""
        return self._walk(key, self._parents)

    @staticmethod
    def _walk(key: str, next_of: dict[str, list[str]]) -> dict[str, None]:
        seen = {key: None}
        waiting = [key]
        while waiting:
            for other in next_of[waiting.pop()]:
                if other not in seen:
                    seen[other] = None
                    waiting.append(other)
        return seen


def _before(level: str) -> str:
    return LEVELS[max(LEVELS.index(level) - 1, 0)] if level in LEVELS else "2"


def tree(kin: Kin) -> dict[str, Box]:
    """Place every record: children beside their parents, one row for each that has none."""
    for box in kin.boxes.values():
        above = {parent: kin.ancestors(parent) for parent in box.parents}
        implied = {p for p in above for q in above if q != p and p in above[q] and q not in above[p]}
        box.parents = {p: state for p, state in box.parents.items() if p not in implied or state in PROBLEMS}
    shown: dict[str, None] = {}
    rows = _Rows(kin.boxes)
    for key, box in sorted(kin.boxes.items(), key=lambda item: LEVELS.index(item[1].level)):
        if key not in shown and not any(parent != key for parent in box.parents):
            rows.place(key, shown)
    for key in kin.boxes:  # what stands in a ring has no first
        if key not in shown:
            rows.place(key, shown)
    return kin.boxes


class _Rows:
    """Gives rows from the top down."""

    def __init__(self, boxes: dict[str, Box]) -> None:
        self._boxes = boxes
        self._next = 0
        self._first: dict[str, list[str]] = {key: [] for key in boxes}
        for key, box in boxes.items():
            near = [parent for parent in box.parents if parent != key]
            if near:
                self._first[max(near, key=lambda parent: LEVELS.index(boxes[parent].level))].append(key)

    def place(self, key: str, shown: dict[str, None]) -> None:
        """Place a box after all that is below it."""
        way = [(key, 0)]
        shown[key] = None
        while way:
            current, depth = way[-1]
            child = next((c for c in self._first[current] if c not in shown), None)
            if child is not None:
                shown[child] = None
                same = self._boxes[child].level == self._boxes[current].level
                self._boxes[child].sub = depth + 1 if same else 0
                way.append((child, self._boxes[child].sub))
                continue
            way.pop()
            below = [self._boxes[c].row for c in self._first[current] if c != current and c in shown]
            if below:
                self._boxes[current].row = (min(below) + max(below)) / 2
            else:
                self._boxes[current].row = float(self._next)
                self._next += 1


def groups(kin: Kin) -> dict[str, Box]:
    """Put images together that have the same records below and above them, those in order first."""
    images = [key for key, box in kin.boxes.items() if box.level == "2" and box.state != "missing"]
    reached = {key: kin.descendants(key) | kin.ancestors(key) for key in images}
    seen = {key for keys in reached.values() for key in keys}
    rest = sorted((key for key in kin.boxes if key not in seen), key=lambda key: LEVELS.index(kin.boxes[key].level))
    while rest:
        start = rest[0]
        family = kin.descendants(start) | kin.ancestors(start)
        reached[start] = family
        rest = [key for key in rest if key not in family]
    alike: dict[tuple[object, ...], list[str]] = {}
    for key, family in reached.items():
        alike.setdefault(_signature(kin, family), []).append(key)
    order = sorted(alike.values(), key=lambda keys: (_is_wrong(kin, reached[keys[0]]), -len(keys)))
    boxes: dict[str, Box] = {}
    for row, keys in enumerate(order):
        family = dict.fromkeys(key for start in keys for key in reached[start])
        before = ""
        for level in LEVELS:
            members = [key for key in family if kin.boxes[key].level == level]
            if not members:
                continue
            box = _group(kin, level, members, row)
            if before:
                wrong = [s for key in members for s in kin.boxes[key].parents.values() if s in PROBLEMS]
                box.parents[before] = wrong[0] if wrong else "ok"
            before = f"{row} {level}"
            boxes[before] = box
    return boxes


def _group(kin: Kin, level: str, members: list[str], row: int) -> Box:
    noun = _NOUNS[level]
    states = {kin.boxes[key].state for key in members}
    kinds = Counter(kin.boxes[key].note for key in members if kin.boxes[key].note)
    state = next((s for s in PROBLEMS if s in states), "implied" if states == {"implied"} else "ok")
    text = members[0] if len(members) == 1 else f"{len(members):,} {noun}s"
    n_lost = sum(kin.boxes[key].n_lost for key in members)
    return Box(level, text, ", ".join(list(kinds)[:_KINDS]), state, n_lost, 0, float(row))


def _signature(kin: Kin, family: Iterable[str]) -> tuple[object, ...]:
    boxes = [kin.boxes[key] for key in family]
    files = Counter((box.level, box.note, box.state, box.n_lost) for box in boxes if box.level in ("1", "2", "3", "4"))
    return (tuple(sorted(files.items())), tuple(_states(kin, family)))


def _is_wrong(kin: Kin, family: Iterable[str]) -> bool:
    return bool(_states(kin, family)) or any(kin.boxes[key].n_lost for key in family)


def _states(kin: Kin, family: Iterable[str]) -> list[str]:
    """Name what is wrong in a family, each once."""
    found = {state for key in family for state in (kin.boxes[key].state, *kin.boxes[key].parents.values())}
    return [state for state in PROBLEMS if state in found]
