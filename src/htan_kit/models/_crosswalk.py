"""The crosswalk MITI ↔ HTAN phase 1 ↔ phase 2 ↔ OME-XML ↔ DICOM, as data."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from htan_kit.models._load import models
from htan_kit.models._spec import component_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Row", "crosswalk", "htan_to_miti", "rows"]

_SAME = {"skos:exactMatch", "skos:closeMatch", "skos:narrowMatch"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the crosswalk: the attributes that speak of the same thing."""

    part: str
    miti_section: str
    miti: str
    htan1: str
    htan2: str
    relation: str
    confidence: str
    fills: str
    ome: str
    dicom: str
    note: str

    def pair(self, source: str, target: str) -> tuple[str, str] | None:
        """Give the two models' attributes where one's value can stand for the other's, else None."""
        models = {source, target}
        if models == {"htan1", "htan2"}:
            same = self.relation in _SAME
        elif "ome" in models:
            same = bool(self.ome)
        else:
            same = bool(models & set(self.fills.split()))
        one, other = getattr(self, source), getattr(self, target)
        return (one, other) if same and one and other else None


@cache
def rows() -> tuple[Row, ...]:
    """Read the crosswalk."""
    text = files("htan_kit.models").joinpath("data", "crosswalk.csv").read_text(encoding="utf-8")
    return tuple(Row(**row) for row in csv.DictReader(text.splitlines()))


def crosswalk() -> pd.DataFrame:
    """List which attributes of the models, of OME-XML and of DICOM speak of the same thing.

    Returns
    -------
    One row a correspondence, all text: ``part`` (file, image, channel, segmentation, cell, ...); ``miti_section``,
    ``miti`` (machine key), ``miti_name``, ``miti_significance``; ``htan1``, ``htan2`` (attributes) with
    ``htan1_components``, ``htan2_components`` (where they occur, with ``!`` where required); ``relation`` of phase 1
    to phase 2 (SKOS) and its ``confidence``; ``fills`` (which phases' values can fill the MITI attribute); ``ome``
    (path in OME-XML, or how it follows); ``dicom``; ``note``. Empty where there is no counterpart.

    References
    ----------
    ncihtan/htan-model-mappings (SSSOM) at de98d893 for ``relation``; OME schema 2016-06; DICOM PS3.6;
    ImagingDataCommons/idc-wsi-conversion at a85dddff for the specimen's identifiers.

    Examples
    --------
    >>> from htan_kit.models import crosswalk
    >>> table = crosswalk().query("miti_section == 'file'").set_index("miti")
    >>> table.loc["lens_na", ["htan1", "htan2", "ome"]].tolist()
    ['LensNA', 'LENS_NUMERICAL_APERTURE', 'Objective/@LensNA']
    """
    import pandas as pd

    table = []
    for row in rows():
        known = component_of("miti", row.miti_section).attributes[row.miti] if row.miti else None
        raw = models()["miti"][row.miti_section]["attributes"][row.miti] if row.miti else {}
        table.append(
            {
                "part": row.part, "miti_section": row.miti_section, "miti": row.miti,
                "miti_name": known.label if known else "", "miti_significance": raw.get("significance", ""),
                "htan1": row.htan1, "htan1_components": _where("htan1", row.htan1),
                "htan2": row.htan2, "htan2_components": _where("htan2", row.htan2),
                "relation": row.relation, "confidence": row.confidence, "fills": row.fills,
                "ome": row.ome, "dicom": row.dicom, "note": row.note,
            }
        )  # fmt: skip
    return pd.DataFrame(table)


def _where(model: str, attribute: str) -> str:
    found = {name: c["attributes"][attribute] for name, c in models()[model].items() if attribute in c["attributes"]}
    return "; ".join(name + ("!" if raw["required"] else "") for name, raw in found.items())


def htan_to_miti() -> dict[str, dict[str, list[str]]]:
    """Say which HTAN attributes can fill a MITI attribute, the best first.

    Returns
    -------
    MITI section -> key -> HTAN attribute names of either phase. Only attributes that mean the same are named.

    Examples
    --------
    >>> from htan_kit.models import htan_to_miti
    >>> htan_to_miti()["file"]["lens_na"]
    ['LENS_NUMERICAL_APERTURE', 'LensNA']
    """
    content: dict[str, dict[str, list[str]]] = {}
    for row in rows():
        for name in (row.htan2 if "htan2" in row.fills else "", row.htan1 if "htan1" in row.fills else ""):
            if name:
                names = content.setdefault(row.miti_section, {}).setdefault(row.miti, [])
                names += [name] if name not in names else []
    return content
