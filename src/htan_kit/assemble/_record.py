"""The MITI record of one image, given back from an AnnData."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from htan_kit._keys import Key
from htan_kit.assemble._miti import LISTS, Section
from htan_kit.assemble._record_channels import channel_rows
from htan_kit.errors import InputError
from htan_kit.models import miti_sections as model_sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData

__all__ = ["library_of", "miti", "rows_of_channels"]


def miti(adata: AnnData, library_id: str = "") -> dict[str, Any]:
    """Give the MITI record of one image back.

    Parameters
    ----------
    adata
        What :func:`htan_kit.read` gave, also after a round trip through a file, subsetting or concatenation.
    library_id
        Which image; ``""`` where there is only one.

    Returns
    -------
    MITI's sections by MITI's names, attributes under machine keys, in the model's order, plain Python values:
    ``clinical``, ``biospecimen``, ``file``, ``ome-tiff-header`` are dicts; ``channel`` (one entry an antibody, in the
    order of the image), ``processed-data``, ``cell``, ``cell-state`` lists of dicts. What stands in ``uns["miti"]`` now
    counts, changes made since reading included; ``passed_qc`` and ``qc_details`` are those of ``var`` where it has
    them. Attributes of a record that MITI does not know are kept; empty sections are left out.

    Raises
    ------
    InputError
        There is no MITI block, or none of this name, or several and none was named.

    References
    ----------
    Schapiro et al. 2022, doi:10.1038/s41592-022-01415-4.

    Examples
    --------
    >>> import htan_kit as hk
    >>> adata = hk.read(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> record = hk.miti(adata)
    >>> record["file"]["assay_type"], len(record["channel"])
    ('t-CyCIF', 16)
    """
    library_id = library_of(adata, library_id)
    block = adata.uns[Key.uns.miti][library_id]
    whole = _whole(block)
    record: dict[str, Any] = {}
    for name, model in model_sections().items():
        content = block.get(name, {})
        section: Any
        if name == "channel":
            section = rows_of_channels(adata, library_id)
        elif name in LISTS:
            entries = {str(identifier): entry for identifier, entry in content.items() if hasattr(entry, "items")}
            written = list(whole.get(name, {}))  # h5ad sorts names
            order = sorted(entries, key=lambda each: written.index(each) if each in written else len(written))
            section = [_ordered(entries[each], model) for each in order]
        else:
            section = _ordered(content, model)
        if section:
            record[name.replace("_", "-")] = (
                [entry for entry in section if entry] if name in (*LISTS, "channel") else section
            )
    return record


def rows_of_channels(adata: AnnData, library_id: str, *, extra: tuple[str, ...] = ()) -> list[Section]:
    """List the antibody rows of one image as :func:`miti` does, with names beyond MITI on request."""
    block = adata.uns[Key.uns.miti][library_id]
    alone = len(adata.uns[Key.uns.miti]) == 1  # else var holds only what all images agree on
    rows = channel_rows(block.get("channel"), _whole(block), adata.var if alone else None, extra=extra)
    return [_ordered(row, model_sections()["channel"]) for row in rows]


def library_of(adata: AnnData, library_id: str = "") -> str:
    """Tell which image is meant.

    Raises
    ------
    InputError
        As :func:`miti` says.
    """
    blocks = adata.uns.get(Key.uns.miti, {})
    if library_id in blocks:
        return library_id
    if not library_id and len(blocks) == 1:
        return str(next(iter(blocks)))
    if not blocks:
        message, hint = "There is no MITI block in uns.", "Read the sample with hk.read, which makes one."
    else:
        names = ", ".join(map(str, list(blocks)[:10]))
        message = f"There is no image {library_id[:100]!r}." if library_id else f"There are {len(blocks)} images."
        hint = f"Choose one with library_id=; there are: {names}."
    raise InputError.of("miti.library-id", "hk.miti", message, hint)


def _whole(block: Mapping[str, Any]) -> dict[str, Any]:
    """Read the lossless text; one that somebody broke is as good as none."""
    try:
        whole = json.loads(str(block.get("json", "")), parse_constant=str)
    except ValueError:
        return {}
    return whole if isinstance(whole, dict) else {}


def _ordered(entry: Mapping[str, Any], model: Mapping[str, Any]) -> Section:
    """Put MITI's attributes first, in MITI's order, as plain values; nothing empty."""
    plain = {str(name): _plain(value) for name, value in entry.items()}
    names = [*(name for name in model if name in plain), *(name for name in plain if name not in model)]
    return {name: plain[name] for name in names if plain[name] is not None and plain[name] != ""}


def _plain(value: Any) -> Any:
    import pandas as pd

    if hasattr(value, "tolist"):  # numpy's scalars and arrays
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value
