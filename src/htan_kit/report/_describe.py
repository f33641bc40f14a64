"""What a file is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.findings import Findings

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

__all__ = ["Description", "describe"]

_SAME_SHARE = 0.6
_ENOUGH = 10_000  # pairs of pixels to judge by; noise need not be read to its end
_TEXT = {".csv", ".tsv", ".txt"}


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
    path = Path(path)
    if not path.exists():
        raise InputError.of("info.file", path, "There is no such file or folder.")
    if path.is_dir() and path.suffix != ".zarr":
        return _cohort(path)
    if path.suffix == ".ipynb":
        return _notebook(path)
    if path.suffix == ".h5ad":
        return _h5ad(path)
    return _text(path) if path.suffix.lower() in _TEXT else _pixels(path)


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

    try:
        adata = anndata.read_h5ad(path, backed="r")
    except Exception as problem:  # whatever h5py and anndata make of what is inside
        message = f"It cannot be read as h5ad: {' '.join(str(problem).split())}"
        raise InputError.of("info.h5ad", path, message) from problem
    facts = {
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
    from htan_kit.io.cell_table import read_table

    try:
        cells = read_table(path, findings=findings)
    except InputError as problem:
        try:
            return _cohort(path)
        except InputError:
            raise problem from None
    facts = {
        "dialect": cells.dialect,
        "cells": len(cells.ids),
        "markers": ", ".join(map(str, cells.markers.columns)),
        "features": ", ".join(map(str, cells.features.columns)),
        "centroids": "no" if cells.xy_px is None else "yes",
    }
    return Description("cell table, Imaging Level 4", facts, None, findings)


def _pixels(path: Path) -> Description:
    import pandas as pd

    from htan_kit.io import read_image

    findings = Findings()
    image = read_image(path, findings=findings)
    facts = {
        "size, px": f"{image.width} × {image.height}",
        "channels": "RGB" if image.is_rgb else image.n_channels,
        "type": str(image.dtype),
        "pixel size, µm": "unknown" if image.pixel_size_um is None else image.pixel_size_um,
        "levels": ", ".join(f"{level.width} × {level.height}" for level in image.levels),
        "tiled": image.tiled,
        "compression": str(image.compression or "none"),
        "OME-XML": "yes" if image.ome else "no",
    }
    labels = _labels(path) if not image.is_rgb and image.n_channels == 1 else None
    if labels is not None:
        return Description("label mask, Imaging Level 3", {**facts, **labels})
    channels = image.channels
    table = pd.DataFrame(
        {"channel": range(len(channels)), "id": [c.id for c in channels], "name": [c.name for c in channels]}
    )
    return Description("image, Imaging Level 2", facts, table, findings)


def _labels(path: Path) -> dict[str, Any] | None:
    """Count the labels where the pixels look like labels: most that are not 0 have their right neighbour's value."""
    import numpy as np

    from htan_kit.io import read_mask

    inside = same = 0
    found: set[int] = set()
    try:
        for _, labels in read_mask(path, findings=Findings()).blocks():
            left, right = labels[:, :-1], labels[:, 1:]
            inside += int(np.count_nonzero((left != 0) & (right != 0)))
            same += int(np.count_nonzero((left != 0) & (left == right)))
            if inside > _ENOUGH and same < _SAME_SHARE * inside:
                return None
            # Where a label begins in a row: far fewer values to sort than all pixels.
            found.update(np.unique(np.concatenate([labels[:, 0], right[left != right]])).tolist())
    except InputError:
        return None
    found.discard(0)
    if not inside or same < _SAME_SHARE * inside:
        return None
    return {"labels": len(found), "largest label": max(found)}
