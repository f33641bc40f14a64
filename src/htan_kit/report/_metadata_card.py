"""MITI and HTAN attributes of a sample, for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from htan_kit._keys import Key
from htan_kit.report._html import Html, definitions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anndata import AnnData

__all__ = ["card"]

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
    Each section with its attributes; the channels have their own table elsewhere. A sentence where there is nothing.

    Examples
    --------
    >>> import anndata
    >>> from htan_kit import report
    >>> adata = anndata.AnnData(uns={"miti": {"A": {"biospecimen": {"species": "Homo sapiens"}}}})
    >>> report.card(adata)
    biospecimen MITI, 1 attributes species Homo sapiens
    """
    parts = []
    for key, title in ((Key.uns.miti, "MITI"), (Key.uns.htan, "HTAN")):
        blocks = adata.uns.get(key, {})
        for library_id, block in blocks.items():
            sections = sorted(_sections(block), key=lambda section: _ORDER.get(section[0].split(" ")[0], len(_ORDER)))
            if sections and len(blocks) > 1:
                parts.append(Markup("<h3>{} · {}</h3>").format(title, library_id))
            parts += [_section(title, name, values) for name, values in sections]
    return Html(Markup("").join(parts) or Markup("<p>No MITI or HTAN metadata came with this sample.</p>"))


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
    head = Markup("<summary>{} <small>{}, {} attributes</small></summary> ").format(title, model, len(shown))
    return Markup('<details class="section"{}>{}{}</details> ').format(is_open, head, definitions(shown))


def _text(value: Any) -> Any:
    if isinstance(value, str) or not hasattr(value, "__len__"):
        return value
    return ", ".join(str(each) for each in value)
