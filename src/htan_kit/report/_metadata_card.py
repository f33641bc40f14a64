"""MITI and HTAN attributes of a sample, for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from htan_kit._keys import Key
from htan_kit.report._html import Html, definitions
from htan_kit.report._table import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from anndata import AnnData

__all__ = ["card"]

_NAMED = 8
_OPEN = ("clinical", "biospecimen", "lineage")
_ORDER = {name: i for i, name in enumerate(("clinical", "biospecimen", "file", "ome", "processed", "cell", "lineage"))}


def card(adata: AnnData) -> Html:
    """Show the metadata that travel with an AnnData: MITI's sections and the HTAN records.

    Parameters
    ----------
    adata
        With ``uns["miti"]`` and ``uns["htan"]``.

    Returns
    -------
    How complete the MITI record is; each section with its attributes; the channels have their own table elsewhere. A
    sentence where there is nothing.

    Examples
    --------
    >>> import anndata
    >>> from htan_kit import report
    >>> adata = anndata.AnnData(uns={"miti": {"A": {"biospecimen": {"species": "Homo sapiens"}}}})
    >>> str(report.card(adata)).endswith("biospecimen MITI, 1 attribute species Homo sapiens")
    True
    """
    from htan_kit.qc import completeness

    parts = []
    counts = completeness(adata)
    for key, title in ((Key.uns.miti, "MITI"), (Key.uns.htan, "HTAN")):
        blocks = adata.uns.get(key, {})
        for library_id, block in blocks.items():
            sections = sorted(_sections(block), key=lambda section: _ORDER.get(section[0].split(" ")[0], len(_ORDER)))
            if sections and len(blocks) > 1:
                parts.append(Markup("<h3>{} · {}</h3>").format(title, library_id))
            if sections and key == Key.uns.miti:
                parts.append(_completeness(counts, str(library_id)))
            parts += [_section(title, name, values) for name, values in sections]
    return Html(Markup("").join(parts) or Markup("<p>No MITI or HTAN metadata came with this sample.</p>"))


def _completeness(counts: pd.DataFrame, library_id: str) -> Markup:
    """Say by section which required and recommended attributes are there, and which required ones are not."""
    import pandas as pd

    own = counts[(counts["library_id"] == library_id) & (counts["n_entries"] > 0)]
    shown = pd.DataFrame(
        {
            "section": [name.replace("_", " ") for name in own["section"]],
            "required": _shares(own, "required"),
            "recommended": _shares(own, "recommended"),
            "required and not there": [_first(names.split("; ")) if names else "" for names in own["missing"]],
        }
    )
    there, required = own["n_required_present"].sum(), own["n_required"].sum()
    head = Markup("<summary>completeness <small>MITI, {} of {} required attributes</small></summary> ")
    return Markup('<details class="section">{}{}</details> ').format(head.format(there, required), table(shown))


def _shares(counts: pd.DataFrame, necessity: str) -> list[str]:
    pairs = zip(counts[f"n_{necessity}_present"], counts[f"n_{necessity}"], strict=True)
    return [f"{there} of {asked}" for there, asked in pairs]


def _first(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _sections(block: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each dict that holds values, named by where it stands."""
    for name, value in block.items():
        if not hasattr(value, "items") or hasattr(value, "columns"):
            continue
        title = f"{prefix}{name}".replace("_", " ") if not prefix else f"{prefix} {name}"
        values = {k: v for k, v in value.items() if not hasattr(v, "items") and not _is_empty(v)}
        if values:
            yield title, values
        yield from _sections(value, title)


def _is_empty(value: Any) -> bool:
    return (
        value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, float) and value != value)
    )


def _section(model: str, title: str, values: Mapping[str, Any]) -> Markup:
    shown = {name.replace("_", " ") if name.islower() else name: _text(value) for name, value in values.items()}
    is_open = Markup(" open") if title in _OPEN else ""
    attributes = "attribute" if len(shown) == 1 else "attributes"
    head = Markup("<summary>{} <small>{}, {} {}</small></summary> ").format(title, model, len(shown), attributes)
    return Markup('<details class="section"{}>{}{}</details> ').format(is_open, head, definitions(shown))


def _text(value: Any) -> Any:
    if isinstance(value, str) or not hasattr(value, "__len__"):
        return value
    return ", ".join(str(each) for each in value)
