"""The models as data: read from the JSON beside this module, handed out as plain dicts."""

from __future__ import annotations

import copy
import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

__all__ = [
    "MODEL_VERSIONS",
    "components",
    "data",
    "htan1_components",
    "htan2_components",
    "miti_sections",
    "models",
]

MODEL_VERSIONS: Final[dict[str, str]] = {
    "htan1": "ncihtan/data-models f77ac86f",
    "htan2": "ncihtan/htan2-data-model v2.0.0 (ChannelMetadata v1.5.0)",
    "miti": "miti-consortium/MITI 2d6d5b8a",
}
"""The release of each model that the kit's tables were taken from."""


@cache
def data(name: str) -> dict[str, Any]:
    """Read one of the JSON files of the room; not to be changed by the caller."""
    text = files("htan_kit.models").joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    lists = content.get("vocabularies", {})
    for component in content.get("components", {}).values():
        for attribute in component["attributes"].values():
            if isinstance(attribute.get("values"), str):  # the name of a list that several attributes share
                attribute["values"] = list(lists[attribute["values"]])
    return content


@cache
def models() -> dict[str, dict[str, dict[str, Any]]]:
    """Give model -> component (or MITI section) -> its data as they are stored; not to be changed by the caller."""
    return {
        "htan1": data("htan1")["components"],
        "htan2": data("htan2")["components"],
        "miti": data("miti")["sections"],
    }


@cache
def _components() -> dict[str, dict[str, Any]]:
    both = {}
    for phase in (2, 1):
        for name, component in data(f"htan{phase}")["components"].items():
            both[f"{name}/{phase}"] = {"name": name, "phase": phase, "also_called": [], **component}
    return both


def components() -> dict[str, dict[str, Any]]:
    """Give every component of both phases.

    Returns
    -------
    By ``"<name>/<phase>"``: ``name``, ``phase`` (1 or 2), ``level`` (``"1"`` to ``"4"``, ``"channel"``,
    ``"biospecimen"``, ``"participant"``), ``also_called``, ``conditions`` and ``attributes`` (name -> ``required``,
    ``kind``, and where the model has them ``values``, ``pattern`` with ``method``, ``minimum``, ``exclusive_minimum``,
    ``multiple``, ``severity``).

    Examples
    --------
    >>> from htan_kit.models import components
    >>> components()["Imaging Level 4/1"]["level"]
    '4'
    """
    return copy.deepcopy(_components())


def htan2_components() -> dict[str, dict[str, Any]]:
    """Give the imaging components of HTAN phase 2, and the two their lineage starts from.

    Returns
    -------
    By component: ``level``, ``conditions`` and ``attributes`` in the order of the model. Of ``Biospecimen`` and
    ``Demographics`` only names and identifiers are held.

    References
    ----------
    ncihtan/htan2-data-model, JSON Schemas v2.0.0; ChannelMetadata v1.5.0.

    Examples
    --------
    >>> from htan_kit.models import htan2_components
    >>> level2 = htan2_components()["MultiplexMicroscopyLevel2"]
    >>> len(level2["attributes"]), level2["attributes"]["SIZE_C"]
    (38, {'required': True, 'kind': 'int', 'minimum': 1})
    """
    content: dict[str, dict[str, Any]] = copy.deepcopy(data("htan2")["components"])
    return content


def htan1_components() -> dict[str, dict[str, Any]]:
    """Give the imaging components of HTAN phase 1.

    Returns
    -------
    By component: ``level``, ``also_called`` (the name in a manifest's ``Component`` column), ``submitted`` (whether
    it could ever be submitted as a manifest), ``conditions`` and ``attributes``. Of ``Biospecimen`` and
    ``Demographics`` only names and identifiers are held.

    References
    ----------
    ncihtan/data-models, HTAN.model.csv at f77ac86f.

    Examples
    --------
    >>> from htan_kit.models import htan1_components
    >>> list(htan1_components()["Imaging Level 3 Segmentation"]["attributes"])[:2]
    ['Component', 'Filename']
    """
    content: dict[str, dict[str, Any]] = copy.deepcopy(data("htan1")["components"])
    return content


def miti_sections() -> dict[str, dict[str, dict[str, Any]]]:
    """Give the attributes of MITI by section and machine key.

    Returns
    -------
    Section (MITI's name with ``_`` for ``-``) -> key -> ``name``, ``type``, ``significance``, and where MITI has them
    ``condition``, ``category``, ``minimum``, ``maximum``, ``values``.

    References
    ----------
    Schapiro et al., MITI minimum information guidelines for highly multiplexed tissue images, Nature Methods 2022,
    doi:10.1038/s41592-022-01415-4; miti-consortium/MITI yaml/ at 2d6d5b8a.

    Examples
    --------
    >>> from htan_kit.models import miti_sections
    >>> list(miti_sections())
    ['clinical', 'biospecimen', 'file', 'channel', 'ome_tiff_header', 'processed_data', 'cell', 'cell_state']
    >>> miti_sections()["channel"]["catalog_number"]["name"]
    'Catalog #'
    """
    return {name: copy.deepcopy(section["attributes"]) for name, section in data("miti")["sections"].items()}
