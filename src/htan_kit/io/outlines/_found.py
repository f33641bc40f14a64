"""What a file of outlines holds, and what of it cannot be used, all problems at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from htan_kit.findings import Finding, error, info
from htan_kit.io.outlines._shapes import MAX_OBJECTS, ShapesBuilder, too_many

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["BROKEN", "LEFT_OUT", "UNNAMED", "Found", "number_of"]

BROKEN: Final = "outlines.coordinates"
LEFT_OUT: Final = "outlines.left-out"
UNNAMED: Final = "object"  # the class of objects that the file gives none
_MAX_CLASSES: Final = 50
_SOME: Final = 3


@dataclass
class Found:
    """What a file of outlines holds.

    Parameters
    ----------
    path
        The file.
    kind
        Its format, as ``htan-kit info`` names it.
    shapes
        The objects that have an outline, by class (``cell``, ``annotation``, ...).
    points
        x, y in px (origin at the corner of the first pixel) and id of each point.
    """

    path: Path
    kind: str
    shapes: dict[str, ShapesBuilder] = field(default_factory=dict)
    points: list[tuple[float, float, str | None]] = field(default_factory=list)
    _wrong: dict[tuple[str, str], tuple[int, list[str]]] = field(default_factory=dict, init=False)

    def of(self, name: str) -> ShapesBuilder:
        """Give the objects of a class."""
        if name not in self.shapes and len(self.shapes) >= _MAX_CLASSES:
            name = "other"
        if name not in self.shapes:
            self.shapes[name] = ShapesBuilder(self.path)
        return self.shapes[name]

    def mark(self, points: Iterable[tuple[float, float]], object_id: str | None) -> None:
        """Add points of one object."""
        self.points += [(x, y, object_id) for x, y in points]
        if len(self.points) > MAX_OBJECTS:
            raise too_many(self.path, f"{MAX_OBJECTS:,} points")

    def blame(self, rule: str, what: str, place: str) -> None:
        """Count a feature that cannot be used.

        Parameters
        ----------
        rule
            ``BROKEN`` or ``LEFT_OUT``.
        what
            What it is, after "2 features are".
        place
            Where it stands.
        """
        n, places = self._wrong.get((rule, what), (0, []))
        self._wrong[rule, what] = (n + 1, places if len(places) == _SOME else [*places, place])

    def problems(self) -> list[Finding]:
        """Say what was counted: errors for what cannot be understood, notes for what has no inside."""
        found = []
        for (rule, what), (n, places) in self._wrong.items():
            where = ", ".join(places) + (" ..." if n > len(places) else "")
            message = f"{number_of(n, 'entry', 'entries')} {what}: {where}."
            if rule == BROKEN:
                found.append(error(rule, self.path, message, "Export the outlines again."))
            else:
                found.append(info(rule, self.path, f"Left out: {message}"))
        return found


def number_of(n: int, one: str, many: str) -> str:
    """Write a number of things: ``1 object``, ``2,000 objects``."""
    return f"{n:,} {one if n == 1 else many}"
