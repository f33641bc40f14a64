from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anndata
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import htan_kit as hk
from htan_kit.assemble._miti import sections_of
from htan_kit.assemble._miti_file import read_miti
from htan_kit.errors import InputError
from htan_kit.export import write_miti

if TYPE_CHECKING:
    from htan_kit.cohort import Cohort


def of(record: dict[str, Any]) -> anndata.AnnData:
    return anndata.AnnData(np.zeros((1, 1), np.float32), uns={"miti": {"A": record}})


@pytest.mark.parametrize("name", ["a.json", "a.yaml", "a.YML"])
def test_what_is_written_is_read_again(cohort: Cohort, tmp_path: Path, name: str) -> None:
    adata = hk.read(cohort["HTA200_1_D1"])
    record = hk.miti(adata)
    path = write_miti(adata, tmp_path / name)
    assert sections_of(read_miti(path)) == sections_of(record)
    text = path.read_text(encoding="utf-8")
    assert (json.loads(text) if name == "a.json" else yaml.safe_load(text)) == record
    assert list(tmp_path.iterdir()) == [path]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(TEXT)
def test_any_text_comes_back(text: str) -> None:
    adata = of({"file": {"comment": text, "lens_na": 0.5}})
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a.json", "a.yaml"):
            assert read_miti(write_miti(adata, Path(folder, name)))["file"]["comment"] == text


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must end in"):
        write_miti(of({}), tmp_path / "a.txt")
    with pytest.raises(InputError, match="cannot be written"):
        write_miti(of({}), tmp_path / "none" / "a.json")
    with pytest.raises(InputError, match="no image"):
        write_miti(of({}), tmp_path / "a.json", library_id="x")
