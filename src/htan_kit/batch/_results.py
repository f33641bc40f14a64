"""What a notebook holds on to: its sample, its folder, and what the notebooks before it wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from htan_kit._keys import Key
from htan_kit.batch._open import read_table
from htan_kit.export._h5ad import write_h5ad
from htan_kit.findings import Findings
from htan_kit.io.atomic import replacing, write_text
from htan_kit.report._json import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from anndata import AnnData

    from htan_kit.cohort import Sample

__all__ = ["Results"]

BEFORE = {"1_qc": (), "2_spatial": ("qc.h5ad",), "3_report": ("sample.h5ad", "qc.h5ad")}
_WORST_FIRST = ("fail", "warn", "pass", "not assessed")


@dataclass(frozen=True)
class Results:
    """The results of one sample, as far as they are there.

    Parameters
    ----------
    sample
        The sample.
    out
        The run's folder; the sample's own is :attr:`folder`.
    notebook
        Who asks: a notebook reads what the ones before it wrote.

    Examples
    --------
    >>> import htan_kit as hk
    >>> results = hk.open_results(sample="HTA200_1_D1", notebook="1_qc")
    >>> results.folder.name, results.adata().n_obs > 0
    ('HTA200_1_D1', True)
    """

    sample: Sample
    out: Path
    notebook: str = ""

    @property
    def library_id(self) -> str:
        """The sample's name."""
        return self.sample.library_id

    @property
    def folder(self) -> Path:
        """The folder of the sample in the run."""
        return self.out / self.sample.library_id

    def adata(self) -> AnnData:
        """Give the sample's AnnData: what an earlier notebook wrote, else read from the files."""
        import anndata

        from htan_kit.assemble import read

        names = BEFORE.get(self.notebook, ("sample.h5ad", "qc.h5ad"))
        path = next((self.folder / name for name in names if (self.folder / name).exists()), None)
        return read(self.sample) if path is None else anndata.read_h5ad(path)

    @property
    def qc(self) -> dict[str, Any]:
        """Numbers and verdicts (``qc.json``); empty as long as there are none."""
        return read_json(self.folder / "qc.json")

    @property
    def verdict(self) -> str:
        """The worst verdict; ``not assessed`` as long as there is none."""
        return str(self.qc.get("verdict") or "not assessed")

    @property
    def verdicts(self) -> pd.DataFrame:
        """The verdicts: check, verdict, reason, source."""
        import pandas as pd

        return pd.DataFrame(self.qc.get("verdicts", []), columns=["check", "verdict", "reason", "source"])

    @property
    def findings(self) -> Findings:
        """The findings that ``1_qc`` wrote; those made when the files were put together as long as there are none."""
        path = self.folder / "findings.json"
        return Findings.from_json(path.read_text("utf-8")) if path.exists() else self.sample.findings

    @property
    def statistics(self) -> pd.DataFrame:
        """The long table of spatial statistics (``statistics.csv``)."""
        from htan_kit.tl._statistics import COLUMNS

        return read_table(self.folder / "statistics.csv", COLUMNS)

    def save_qc(self, adata: AnnData, findings: Findings, tables: Mapping[str, pd.DataFrame]) -> list[Path]:
        """Write ``qc.h5ad``, ``qc.json``, ``findings.json`` and ``channels_validated.csv``.

        Parameters
        ----------
        adata
            The sample.
        findings
            What was found; it also goes into ``uns``.
        tables
            Name → table of numbers. ``verdicts`` (check, verdict, reason) gives the sample's verdict, ``channels`` goes
            into ``channels_validated.csv``.

        Returns
        -------
        The files.
        """
        verdicts = _records(tables["verdicts"]) if "verdicts" in tables else []
        given = {row["verdict"] for row in verdicts}
        block = adata.uns.setdefault(Key.uns.kit, {}).setdefault(self.library_id, {})
        if block.get("findings"):
            findings = Findings([*findings, *Findings.from_json(str(block["findings"]))])
        block.update(findings=findings.to_json(), verdicts=json.dumps(verdicts))
        qc = {
            "library_id": self.library_id,
            "name": self.sample.name,
            "assay": self.sample.assay or "",
            "levels": list(self.sample.levels),
            "verdict": next((verdict for verdict in _WORST_FIRST if verdict in given), "not assessed"),
            "n_cells": int(adata.n_obs),
            "n_markers": int(adata.n_vars),
            "verdicts": verdicts,
            "tables": {name: _records(table) for name, table in tables.items() if name != "verdicts"},
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        paths = [self.folder / name for name in ("qc.h5ad", "findings.json", "channels_validated.csv", "qc.json")]
        write_h5ad(adata, paths[0])
        write_text(paths[1], findings.to_json())
        _write_csv(tables.get("channels", adata.var.rename_axis("marker").reset_index()), paths[2])
        write_text(paths[3], json.dumps(qc, ensure_ascii=False, indent=1))
        return paths

    def save_spatial(self, adata: AnnData) -> list[Path]:
        """Write ``sample.h5ad`` and ``statistics.csv`` (from ``uns["spatial_statistics"]``)."""
        import pandas as pd

        from htan_kit.tl._statistics import COLUMNS

        self.folder.mkdir(parents=True, exist_ok=True)
        paths = [self.folder / "sample.h5ad", self.folder / "statistics.csv"]
        write_h5ad(adata, paths[0])
        _write_csv(adata.uns.get(Key.uns.statistics, pd.DataFrame(columns=list(COLUMNS))), paths[1])
        return paths


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn rows into what JSON can hold; what is not known becomes null."""
    named = table if table.index.dtype.kind in "iu" else table.rename_axis(table.index.name or "item").reset_index()
    return json.loads(named.to_json(orient="records", date_format="iso", double_precision=12))


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    with replacing(path) as temporary:
        table.to_csv(temporary, index=table.index.dtype.kind not in "iu" and table.index.name is not None)
