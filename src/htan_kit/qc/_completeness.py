"""How much of MITI a sample's metadata say, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from htan_kit._keys import Key
from htan_kit.assemble import miti
from htan_kit.assemble._miti import LISTS
from htan_kit.models import miti_sections
from htan_kit.models._spec import component_of
from htan_kit.qc._tables import metric_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from anndata import AnnData

    from htan_kit.models._spec import Component, Condition

__all__ = ["attribute_states", "completeness"]

STATES: Final = ("present", "in part", "missing")
NECESSITIES: Final = ("required", "recommended")
_COLUMNS: Final = {
    "library_id": "object", "section": "object", "n_entries": "int64",
    "n_required": "int64", "n_required_present": "int64", "n_recommended": "int64", "n_recommended_present": "int64",
    "n_present": "int64", "required_share": "float64", "missing": "object",
}  # fmt: skip
_ATTRIBUTES: Final = {
    "library_id": "object", "section": "object", "attribute": "object", "name": "object", "necessity": "object",
    "state": "object", "n_entries": "int64", "n_present": "int64",
}  # fmt: skip


def completeness(adata: AnnData) -> pd.DataFrame:
    """Count which of MITI's attributes the metadata of each image have.

    Parameters
    ----------
    adata
        With ``uns["miti"]``; one image or several.

    Returns
    -------
    One row an image and section: ``n_entries`` (of a section that a record has several times: channels, files),
    ``n_required`` attributes and how many are there in every entry, the same for ``recommended``, ``n_present``
    (attributes of the model that are there at all), ``required_share`` (0 to 1, higher is better; NaN where nothing is
    required), ``missing``: the required attributes that are not there, or not in every entry. A condition such as
    ``SizeZ > 1`` makes an attribute required where it holds, and leaves it out of the count elsewhere. ``Not
    Applicable`` counts as there: somebody said so. Of files that are not there (``n_entries`` 0 of masks, tables, cell
    types) nothing is asked. Of the labels of a channel (fluorophore, metal, oligo barcode), all
    of which MITI requires, the one that the channel has is enough.

    References
    ----------
    Significance of attributes: Schapiro et al. 2022 (MITI), doi:10.1038/s41592-022-01415-4.

    Examples
    --------
    >>> import anndata, htan_kit as hk
    >>> adata = anndata.AnnData(uns={"miti": {"A": {"file": {"data_file_id": "A", "pyramid": True}}}})
    >>> print(*hk.qc.completeness(adata).set_index("section").loc["file", ["n_required", "n_required_present"]])
    13 2
    """
    states = attribute_states(adata)
    rows: list[dict[str, Any]] = []
    for (library_id, section), part in states.groupby(["library_id", "section"], sort=False, observed=True):
        row: dict[str, Any] = {"library_id": library_id, "section": section, "n_entries": part["n_entries"].iloc[0]}
        for necessity in NECESSITIES:
            asked = part[part["necessity"] == necessity]
            row[f"n_{necessity}"] = len(asked)
            row[f"n_{necessity}_present"] = int((asked["state"] == "present").sum())
        row["n_present"] = int((part["n_present"] > 0).sum())
        row["required_share"] = row["n_required_present"] / row["n_required"] if row["n_required"] else float("nan")
        lacking = part[(part["necessity"] == "required") & (part["state"] != "present")]
        row["missing"] = "; ".join(lacking["name"])
        rows.append(row)
    return metric_table(_COLUMNS, rows, reason="the AnnData has no MITI block; hk.read makes one")


def attribute_states(adata: AnnData) -> pd.DataFrame:
    """Say of every attribute of MITI whether the metadata have it.

    Parameters
    ----------
    adata
        With ``uns["miti"]``.

    Returns
    -------
    One row an image and attribute: ``section``, ``attribute`` (machine key), ``name`` (MITI's), ``necessity``
    (``required``, ``recommended``; ``""`` where a condition does not hold), ``state`` (``present``, ``in part`` of the
    entries, ``missing``), ``n_entries``, ``n_present``. For :func:`completeness`, which see.

    Examples
    --------
    >>> import anndata
    >>> from htan_kit.qc._completeness import attribute_states
    >>> states = attribute_states(anndata.AnnData(uns={"miti": {"A": {"file": {"pyramid": True}}}}))
    >>> states.loc[states["state"] == "present", ["section", "attribute"]].to_numpy().tolist()
    [['file', 'pyramid']]
    """
    rows = []
    for library_id in adata.uns.get(Key.uns.miti, {}):
        record = miti(adata, str(library_id))
        for section in miti_sections():
            spec = component_of("miti", section)
            content: Any = record.get(section.replace("_", "-"), [])
            entries = content if isinstance(content, list) else [content]
            if not entries and section not in LISTS:  # masks and tables need not be there, the others must
                entries = [{}]
            for key, attribute in spec.attributes.items():
                asked = [_necessity(spec, key, entry) for entry in entries]
                necessity = next((each for each in NECESSITIES if each in asked), "")
                n_present = sum(key in entry for entry in entries)
                fulfilled = [key in entry for entry, each in zip(entries, asked, strict=False) if each == necessity]
                state = "present" if fulfilled and all(fulfilled) else "in part" if n_present else "missing"
                rows.append((str(library_id), section, key, attribute.label, necessity, state, len(entries), n_present))
    return metric_table(_ATTRIBUTES, [dict(zip(_ATTRIBUTES, row, strict=True)) for row in rows])


def _necessity(spec: Component, key: str, entry: Mapping[str, Any]) -> str:
    """Say what the model asks of an attribute in an entry that says what it says."""
    conditions = [condition for condition in spec.conditions if key in condition.then]
    if conditions:
        return "required" if any(_holds(condition, entry) for condition in conditions) else ""
    grouped = any(key in group for group in spec.one_of)
    if grouped and key not in entry and any(all(name in entry for name in group) for group in spec.one_of):
        return ""  # MITI requires the label of every kind of assay; a channel has one of them
    return "recommended" if spec.attributes[key].recommended else "required"


def _holds(condition: Condition, entry: Mapping[str, Any]) -> bool:
    value, expected = entry.get(condition.attribute), condition.value
    if condition.test == "equals":
        return str(value).casefold() == str(expected).casefold()
    try:
        return value is not None and float(value) > float(expected)
    except (TypeError, ValueError):  # "many" > 1
        return False
