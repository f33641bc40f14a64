"""What an AnnData was made from, for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from htan_kit._keys import Key
from htan_kit.report._html import Html, definitions, number
from htan_kit.report._table import readable, table

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["provenance"]

_SINGLE = 60  # characters of a value that can stand in a list


def provenance(adata: AnnData) -> Html:
    """Show the files, parameters and versions that an AnnData was made with.

    Parameters
    ----------
    adata
        With ``uns["htan_kit"]``.

    Returns
    -------
    A table of files with size and the beginning of the hash, the parameters and the versions of packages and models.

    Examples
    --------
    >>> import htan_kit as hk
    >>> adata = hk.read(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> "sha256" in repr(hk.report.provenance(adata))
    True
    """
    import pandas as pd

    parts = []
    for library_id, block in adata.uns.get(Key.uns.kit, {}).items():
        rows = [
            {"role": role, "file": f["file"], "bytes": f["size_bytes"], "hash": _short(str(f["hash"]))}
            for role, f in block.get("files", {}).items()
        ]
        files = pd.DataFrame(rows, columns=["role", "file", "bytes", "hash"])
        parts.append(table(files, f"Files of {library_id}", index=False).content)
        parts += [Markup("<h3>Parameters</h3>"), definitions(_parameters(block.get("parameters", {})))]
        versions = {**block.get("versions", {}), **block.get("models", {})}
        parts += [Markup("<h3>Versions</h3>"), definitions({k: number(v) for k, v in versions.items()})]
    return Html(Markup("").join(parts) or Markup("<p>No provenance is stored.</p>"))


def _short(digest: str) -> str:
    kind, _, rest = digest.partition(":")
    return f"{kind}:{rest[:16]}…"


def _parameters(block: dict[str, Any]) -> dict[str, Any]:
    """Give the parameters that are one value; tables and JSON are in the file."""
    flat: dict[str, Any] = {}
    for name, value in block.items():
        if hasattr(value, "items"):
            for key, inner in value.items():
                if isinstance(inner, (str, int, float)) and len(str(inner)) < _SINGLE:
                    flat[f"{name}: {key}"] = inner
        else:
            flat[readable(str(name))] = value
    return flat
