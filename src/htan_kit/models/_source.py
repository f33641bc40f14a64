"""What a record to be converted says, whatever it is written in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from htan_kit.errors import InputError
from htan_kit.models._crosswalk import rows
from htan_kit.models._names import key
from htan_kit.models._record import read_record
from htan_kit.models._spec import component_of
from htan_kit.models._values import is_blank, typed
from htan_kit.units import to_um

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Source", "read_source"]

_MORE_THAN_ONE: Final = re.compile(r"(\S+) > 1")
_PRODUCT: Final = re.compile(r"(\S+) \* (\S+)")
_UM: Final = "µm"


@dataclass(frozen=True, slots=True)
class Source:
    """The values of a record, and how to find them by the crosswalk's names."""

    model: str
    component: str
    values: dict[str, Any]
    names: frozenset[str]

    def given(self) -> list[str]:
        """List the attributes that have a value."""
        return list(self.values)

    def value(self, name: str) -> Any:
        """Give a value, or what follows from others, or None."""
        if many := _MORE_THAN_ONE.fullmatch(name):
            number = typed(self.values.get(many[1]), "float")
            return number > 1 if isinstance(number, int | float) else None
        if product := _PRODUCT.fullmatch(name):
            size = typed(self.values.get(product[1]), "int")
            pixel_um = self.length_um(product[2], self.values.get(product[2]))
            return size * pixel_um if isinstance(size, int) and pixel_um is not None else None
        return self.values.get(name)

    def length_um(self, name: str, value: Any) -> float | None:
        """Give a length in µm; None when it is not a number or its unit is not a length."""
        if _PRODUCT.fullmatch(name):  # it is in µm as it is
            return float(value)
        number = typed(value, "float")
        unit = self.values.get(self._unit(name), _UM)
        if not isinstance(number, int | float) or isinstance(number, bool):
            return None
        try:
            return to_um(number, str(unit))
        except ValueError:
            return None

    def is_unit(self, name: str) -> bool:
        """Tell whether an attribute is the unit of another."""
        return key(name).endswith("unit") and any(self._unit(each) == name for each in self.names)

    def _unit(self, name: str) -> str:
        return next((each for each in self.names if key(each) == f"{key(name)}unit"), "")


def read_source(model: str, component: str, attributes: Mapping[str, object]) -> Source:
    """Read a record under the names that the crosswalk has for it.

    Parameters
    ----------
    model
        ``"htan1"``, ``"htan2"``, ``"miti"`` or ``"ome"``.
    component
        The component; for OME-XML ``""`` or ``"Channel"``.
    attributes
        Names and values as written.

    Returns
    -------
    The values that say something. Words such as "Not Applicable" stay where the attribute is free text.

    Raises
    ------
    InputError
        There is no such model or component.

    Examples
    --------
    >>> from htan_kit.models._source import read_source
    >>> read_source("ome", "", {"SizeX": "10", "PhysicalSizeX": "0.5"}).value("Pixels/@SizeX * Pixels/@PhysicalSizeX")
    5.0
    """
    if model == "ome":
        return _ome(component, attributes)
    spec = component_of(model, component)
    read = read_record(spec, attributes).values
    values = {name: value.value for name, value in read.items() if not value.absent and _says(value.value)}
    return Source(model, spec.name, values, frozenset(spec.attributes))


def _ome(component: str, attributes: Mapping[str, object]) -> Source:
    if component not in ("", "Channel"):
        hint = 'Give ("ome", "") for an image, ("ome", "Channel") for a channel.'
        raise InputError.of("models.component", "ome", f"OME-XML is not read by {component[:80]!r} here.", hint)
    paths = {part for row in rows() for part in re.split(r" [*>] (?:1$)?", row.ome) if part}
    paths = {path for path in paths if path.startswith("Channel/") == (component == "Channel")}
    folded = {key(path): path for path in paths}
    last = [key(re.split(r"[/@]", path)[-1]) for path in paths]
    folded |= {name: path for name, path in zip(last, paths, strict=True) if last.count(name) == 1}
    values = {folded.get(key(written), written): value for written, value in attributes.items() if _says(value)}
    return Source("ome", component, values, frozenset(paths))


def _says(value: object) -> bool:
    return value is not None and (not is_blank(str(value)) or key(str(value)) == "notapplicable")
