"""The models as data: read from the JSON beside this module, handed out as plain dicts."""

from __future__ import annotations

import copy
import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

__all__ = ["MODEL_VERSIONS", "components", "htan1_components", "htan2_components", "htan_to_miti", "miti_sections"]

MODEL_VERSIONS: Final[dict[str, str]] = {
    "htan1": "ncihtan/data-models f77ac86f",
    "htan2": "ncihtan/htan2-data-model v2.0.0 (ChannelMetadata v1.5.0)",
    "miti": "miti-consortium/MITI 2d6d5b8a",
}
"""The release of each model that the kit's tables were taken from."""


@cache
def _data(name: str) -> dict[str, Any]:
    text = files("htan_kit.models").joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


@cache
def _components() -> dict[str, dict[str, Any]]:
    both = {}
    for phase in (2, 1):
        for name, component in _data(f"htan{phase}")["components"].items():
            both[f"{name}/{phase}"] = {"name": name, "phase": phase, "also_called": [], **component}
    return both


def components() -> dict[str, dict[str, Any]]:
    """Give every component of both phases.

    Returns
    -------
    By ``"<name>/<phase>"``: ``name``, ``phase`` (1 or 2), ``level`` (``"1"`` to ``"4"``, ``"channel"``,
    ``"biospecimen"``, ``"participant"``), ``also_called``, ``conditions`` and ``attributes`` (name -> ``required``,
    ``kind``, and where the model has them ``values``, ``pattern``, ``minimum``, ``multiple``).

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
    content: dict[str, dict[str, Any]] = copy.deepcopy(_data("htan2")["components"])
    return content


def htan1_components() -> dict[str, dict[str, Any]]:
    """Give the imaging components of HTAN phase 1: the names of their attributes.

    Returns
    -------
    By component: ``level``, ``also_called`` (the name in a manifest's ``Component`` column) and ``attributes``.

    References
    ----------
    ncihtan/data-models, HTAN.model.csv at f77ac86f.

    Examples
    --------
    >>> from htan_kit.models import htan1_components
    >>> list(htan1_components()["Imaging Level 3 Segmentation"]["attributes"])[:2]
    ['Component', 'Filename']
    """
    content: dict[str, dict[str, Any]] = copy.deepcopy(_data("htan1")["components"])
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
    return {name: copy.deepcopy(section["attributes"]) for name, section in _data("miti")["sections"].items()}


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
    content: dict[str, dict[str, list[str]]] = copy.deepcopy(_data("htan_to_miti"))
    return content
