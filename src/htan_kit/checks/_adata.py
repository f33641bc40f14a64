"""The metadata that travel in an AnnData, held against MITI and HTAN's models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from htan_kit._keys import Key
from htan_kit.checks._miti import check_miti
from htan_kit.findings import Findings
from htan_kit.models import validate_record
from htan_kit.models._load import models
from htan_kit.models._names import key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anndata import AnnData

__all__ = ["check_adata"]


def check_adata(adata: AnnData) -> Findings:
    """Say what was found when an AnnData was read, and check the metadata it carries now.

    Parameters
    ----------
    adata
        What :func:`htan_kit.read` or :func:`htan_kit.concat` gave.

    Returns
    -------
    Findings noted in ``uns["htan_kit"]``; those of the MITI record (:func:`check_miti`) and of HTAN's records, which
    are validated as they stand in ``uns`` now.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._adata import check_adata
    >>> len(check_adata(hk.read(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])).errors)
    0
    """
    found = Findings()
    for block in adata.uns.get(Key.uns.kit, {}).values():
        if "findings" in block:
            found.extend(Findings.from_json(str(block["findings"])))
    for library_id in adata.uns.get(Key.uns.miti, {}):
        found.extend(check_miti(adata, str(library_id)))
    for library_id, block in adata.uns.get(Key.uns.htan, {}).items():
        for model, component, name, attributes in _records(block):
            subject = f"{library_id} uns['htan'] {name}"
            found.extend(validate_record(model, component, attributes, subject=subject))
    return found


def _records(block: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Give model, component, name and attributes of each record; one of a component nobody knows is left out."""
    known = {
        key(each): (model, name)
        for model in ("htan1", "htan2")
        for name, content in models()[model].items()
        for each in (name, *content.get("also_called", ()))
    }
    of = {str(identifier): known.get(key(str(name))) for identifier, name in block.get("component", {}).items()}
    for level, records in block.items():
        if level == "component" or not hasattr(records, "items") or hasattr(records, "columns"):
            continue
        for identifier, attributes in records.items():
            found = of.get(str(identifier))
            if found is not None and hasattr(attributes, "items"):
                yield *found, str(identifier), attributes
    channels = block.get("channel")
    if channels is not None and "HTAN_PANEL_ID" in channels:
        for number, row in enumerate(channels.to_dict("records"), start=1):
            yield "htan2", "ChannelMetadata", f"channel {number}", {n: v for n, v in row.items() if v == v}
