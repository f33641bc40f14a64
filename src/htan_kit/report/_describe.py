"""What a file is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io._paths import is_remote, located
from htan_kit.io._whole_file import whole_file
from htan_kit.report._describe_mask import AsMask, as_mask
from htan_kit.report._describe_table import as_table

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    import pandas as pd

__all__ = ["Description", "describe"]

_TEXT = {".csv", ".tsv", ".txt"}
_WHOLE = {".ipynb", ".h5ad", ".geojson", ".json", ".gz", ".parquet", ".xlsx"} | _TEXT


@dataclass(frozen=True)
class Description:
    """What a file is.

    Parameters
    ----------
    kind
        In words.
    facts
        Name → value.
    table
        Its rows (channels, samples, parameters), where it has some.
    findings
        What was odd.
    """

    kind: str
    facts: dict[str, Any]
    table: pd.DataFrame | None = None
    findings: Findings = field(default_factory=Findings)


def describe(path: str | PathLike[str]) -> Description:
    """Say what a file or folder is: image, mask, channel table, cell table, manifest, h5ad, notebook or cohort.

    Parameters
    ----------
    path
        The file or folder.

    Returns
    -------
    Kind, facts (level, dialect, size, channels, pixel size) and, where there are, its rows.

    Raises
    ------
    InputError
        It is none of them, or it is broken.

    Examples
    --------
    >>> from htan_kit import report
    >>> from htan_kit.batch import notebooks_folder
    >>> report.describe(notebooks_folder() / "1_qc.ipynb").kind
    'Jupyter notebook'
    """
    from htan_kit.io.formats import is_image_folder
    from htan_kit.io.tables import SUFFIXES

    path = located(path)
    if is_remote(path) and path.suffix.lower() in _WHOLE:
        return whole_file(describe)(path)
    if not is_remote(path) and not path.exists():
        raise InputError.of("info.file", path, "There is no such file or folder.")
    if path.is_dir() and not is_image_folder(path):
        return _cohort(path)
    if path.suffix == ".ipynb":
        return _notebook(path)
    if path.suffix == ".h5ad":
        return _h5ad(path)
    if path.suffix.lower() in (".geojson", ".json") or _are_corners(path):
        return _outlines(path)
    return _text(path) if path.name.lower().endswith(SUFFIXES) else _pixels(path)


def _notebook(path: Path) -> Description:
    import json

    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
    except OSError as problem:
        raise InputError.of("info.notebook", path, f"It cannot be read: {problem.strerror}.") from problem
    except (ValueError, LookupError, TypeError, RecursionError) as problem:
        raise InputError.of("info.notebook", path, "This is not a Jupyter notebook.") from problem
    return Description("Jupyter notebook", {"cells": len(cells), "code cells": len(code)})


def _h5ad(path: Path) -> Description:
    import anndata

    from htan_kit.io.dialects import dialect_of_uns

    try:
        adata = anndata.read_h5ad(path, backed="r")
    except Exception as problem:  # whatever h5py and anndata make of what is inside
        message = f"It cannot be read as h5ad: {' '.join(str(problem).split())}"
        raise InputError.of("info.h5ad", path, message) from problem
    facts = {
        "dialect": dialect_of_uns(set(adata.uns)),
        "cells": adata.n_obs,
        "markers": ", ".join(map(str, adata.var_names[:40])),
        "images": ", ".join(map(str, adata.obs["library_id"].unique()[:20])) if "library_id" in adata.obs else "",
        "obs": ", ".join(map(str, adata.obs.columns)),
        "obsm": ", ".join(adata.obsm),
        "layers": ", ".join(str(name) for name in adata.layers if name is not None),
        "uns": ", ".join(adata.uns),
    }
    adata.file.close()
    return Description("AnnData (h5ad), Imaging Level 4", facts)


def _cohort(path: Path) -> Description:
    from htan_kit.cohort import open_cohort

    cohort = open_cohort(path)
    facts = {"recognised as": cohort.kind, "samples": len(cohort)}
    return Description("cohort", facts, cohort.to_frame(), cohort.findings)


def _are_corners(path: Path) -> bool:
    from htan_kit.io.cell_table import is_cell_table
    from htan_kit.io.outlines import is_corner_table

    return path.suffix.lower() in _TEXT and is_corner_table(path) and not is_cell_table(path)


def _outlines(path: Path) -> Description:
    from htan_kit.io.outlines import outlines_of, read_found

    findings = Findings()
    found = read_found(path)
    facts: dict[str, Any] = {
        "format": found.kind,
        "objects": ", ".join(f"{name} ({builder.n:,})" for name, builder in found.shapes.items()),
        "points": f"{len(found.points):,}" if found.points else "",
    }
    if not found.shapes:
        return Description("points, Imaging Level 3: cells without area" if found.points else "GeoJSON", facts, None)
    try:
        taken = outlines_of(found, findings=findings)
    except InputError as problem:  # which class is meant is not clear: still worth describing
        return Description("outlines, Imaging Level 3", facts, None, findings + problem.findings)
    height, width = taken.store.shape
    facts |= {
        "reach, px": f"{width} × {height}",
        "labels": f"{len(taken.notes):,}",
        "largest label": int(taken.store.shapes.labels.max()),
        "ids of their own": "yes" if "object_id" in taken.notes else "no",
        "classifications": taken.notes["classification"].nunique() if "classification" in taken.notes else "",
    }
    findings = Findings(f for f in findings if f.rule != "outlines.size")  # the file has none to give
    return Description("outlines, Imaging Level 3: read as a label mask", facts, None, findings)


def _text(path: Path) -> Description:
    from htan_kit.io.channel_table import is_channel_table, read_channels
    from htan_kit.io.manifest import is_manifest, read_manifest

    findings = Findings()
    if is_manifest(path):
        import pandas as pd

        records = read_manifest(path, findings=findings)
        rows = [{"level": r.level, "data file id": r.data_file_id, "file": r.filename} for r in records]
        facts = {"component": ", ".join(sorted({r.component for r in records})), "records": len(records)}
        return Description("HTAN manifest", facts, pd.DataFrame(rows), findings)
    if is_channel_table(path):
        channels = read_channels(path, findings=findings)
        return Description("channel metadata", {"channels": len(channels)}, channels, findings)
    try:
        told = as_table(path)
    except InputError as problem:
        try:
            return _cohort(path)
        except InputError:
            raise problem from None
    return Description("cell table, Imaging Level 4", told.facts, None, told.findings)


def _pixels(path: Path) -> Description:
    import pandas as pd

    from htan_kit.io import read_image
    from htan_kit.io.formats import _zarr
    from htan_kit.io.formats._zarr_node import label_names

    findings = Findings()
    image = read_image(path, findings=findings)
    inside = label_names(path) if _zarr.matches(path) else []
    facts = {
        "format": image.kind,
        "size, px": f"{image.width} × {image.height}",
        "channels": "RGB" if image.is_rgb else image.n_channels,
        "type": str(image.dtype),
        "pixel size, µm": "unknown" if image.pixel_size_um is None else image.pixel_size_um,
        "levels": ", ".join(f"{level.width} × {level.height}" for level in image.levels),
        "tiled": image.tiled,
        "compression": str(image.compression or "none"),
        "OME-XML": "yes" if image.ome else "no",
        "label images": ", ".join(inside),
    }
    said = AsMask({}) if image.is_rgb or inside else as_mask(image, path)
    facts |= said.facts
    if said.findings is not None:
        return Description("label mask, Imaging Level 3", facts, None, said.findings)
    channels = image.channels
    table = pd.DataFrame(
        {"channel": range(len(channels)), "id": [c.id for c in channels], "name": [c.name for c in channels]}
    )
    return Description("image, Imaging Level 2", facts, table, findings)
