"""What `htan-kit info` says of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from htan_kit.report import describe

if TYPE_CHECKING:
    from pathlib import Path


def test_the_dialect_is_named(tmp_path: Path) -> None:
    columns = {"Object ID": ["a", "b"], "Centroid X µm": [1, 2], "Centroid Y µm": [1, 2], "Cell: CD3 mean": [1, 2]}
    pd.DataFrame(columns).to_csv(tmp_path / "t.tsv", sep="\t", index=False)
    said = describe(tmp_path / "t.tsv")
    assert said.kind == "cell table, Imaging Level 4"
    assert said.facts == {"dialect": "QuPath", "cells": 2, "markers": "CD3", "features": "", "centroids": "in µm"}
    assert "table.dialect" in [f.rule for f in said.findings]


def test_a_table_of_several_images(tmp_path: Path) -> None:
    columns = {"Image": ["a.tiff", "b.tiff"], "Object": 1, "CD3": [1.5, 2], "area": 4, "centroid-0": 1, "centroid-1": 2}
    pd.DataFrame(columns).to_csv(tmp_path / "t.csv", index=False)
    said = describe(tmp_path / "t.csv")
    assert said.facts["dialect"] == "steinbock"
    assert said.facts["images"] == "2: a.tiff, b.tiff"
    assert (said.facts["markers"], said.facts["cells"]) == ("CD3", 2)


def test_a_part_of_a_table(tmp_path: Path) -> None:
    pd.DataFrame({"Object": [1], "area": 4, "centroid-0": 1, "centroid-1": 2}).to_csv(tmp_path / "t.csv", index=False)
    facts = describe(tmp_path / "t.csv").facts
    assert (facts["dialect"], facts["markers"], facts["centroids"]) == ("steinbock", "none", "centroid-1, centroid-0")


def test_more_columns_than_a_screen_holds(tmp_path: Path) -> None:
    columns = {"CellID": [1], **{f"M{i}": 1 for i in range(100)}, "X_centroid": 1, "Y_centroid": 1}
    pd.DataFrame(columns).to_parquet(tmp_path / "t.parquet")
    facts = describe(tmp_path / "t.parquet").facts
    assert facts["markers"].endswith("M59 and 40 more")
    pd.DataFrame(columns).to_csv(tmp_path / "t.csv.gz", index=False)
    assert describe(tmp_path / "t.csv.gz").facts == facts
