"""The README that lies beside a simulated cohort, made from what was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.datasets._defects import DEFECTS

if TYPE_CHECKING:
    from htan_kit.datasets._records import Entry
    from htan_kit.datasets._tissue import Tissue

__all__ = ["readme"]

_HEAD = """# A small HTAN cohort, simulated

Nobody's tissue: every pixel was computed, and the answer is known. Made by

```
htan-kit simulate data/sample
```

(or `htan_kit.datasets.write_cohort("data/sample")`), which gives the same positions, types and labels on every machine.

| what | where |
|---|---|
| HTAN phase 2 manifests, one a component | `manifest_*.csv` |
| Level 2: OME-TIFF (tiled, pyramid in SubIFDs) and its channel table (HTAN template) | `level2/` |
| Level 3: masks, uint32, labels with gaps | `level3/` |
| Level 4: tables, CSV (MCMICRO header) or h5ad | `level4/` |
| MITI records | `miti/<Level 2 id>.json` |
| The truth: phenotype, region, cycle of loss of every CellID. Not for the pipeline | `truth/<Level 2 id>.csv` |

## Images

| Level 2 id | assay | pixels | µm/px | channels | cells | masks | table | planted defects |
|---|---|---|---|---|---|---|---|---|
"""

_TAIL = """
Manifests hold no date and no person. All images share: tumour nests with a margin of T cells and macrophages, stroma
along which fibroblasts lie, vessels, an aggregate of B cells in a ring of T cells, and a hole without tissue.
Phenotypes are drawn by region, independently of the neighbours; the shares are `htan_kit.datasets.FRACTIONS`.
Clones are in wide use; vendors, catalogue numbers and RRIDs are made up.
"""


def readme(made: list[tuple[Entry, Tissue]]) -> str:
    """Write the README of a cohort."""
    lines = [_row(entry, tissue) for entry, tissue in made]
    planted = dict.fromkeys(name for _, tissue in made for name in tissue.defects)
    notes = ["", "## Planted defects", ""]
    for name in planted:
        numbers = ", ".join(f"{k} = {v}" for k, v in DEFECTS[name].parameters.items())
        notes.append(f"- `{name}` ({DEFECTS[name].where}): {DEFECTS[name].description} {numbers}.")
    return _HEAD + "\n".join(lines + notes) + "\n" + _TAIL


def _row(entry: Entry, tissue: Tissue) -> str:
    cells = [
        entry.image_id,
        tissue.properties.name,
        f"{tissue.shape[1]} × {tissue.shape[0]}",
        f"{tissue.pixel_size_um:g}",
        str(len(tissue.channels) or "RGB"),
        str(tissue.n_cells) if entry.table else "",
        ", ".join(f"{name} ({entry.full(i)})" for name, i in entry.masks.items()),
        f"{entry.full(entry.table)}.{entry.table_format}" if entry.table else "",
        ", ".join(tissue.defects) or "none",
    ]
    return f"| {' | '.join(cells)} |"
