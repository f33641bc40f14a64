from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from htan_kit.assemble._said_by_files import add_what_files_say
from htan_kit.cohort import Sample


def sections(**given: Any) -> dict[str, Any]:
    return {"file": {}, "ome_tiff_header": {}, "processed_data": {}, "cell": {}} | given


def test_masks_and_tables_without_records_get_entries() -> None:
    masks = {"cell": Path("seg/a-cell.ome.tif"), "nuclei": Path("seg/b.tif"), "nucleus": Path("c.tiff")}
    said = sections()
    sample = Sample("A", "A", Path(), masks=masks, mask_name="cell", table=(Path("t/cells.CSV"),), pixel_size_um=0.65)
    add_what_files_say(said, sample, None)
    assert said["processed_data"] == {
        "a-cell": {
            "filename": "a-cell.ome.tif", "file_format": "OME-TIFF", "data_type": "mask", "object_class": "cell",
            "physical_size_x": 0.65, "physical_size_xunit": "µm", "physical_size_y": 0.65, "physical_size_yunit": "µm",
        },
        "b": {"filename": "b.tif", "file_format": "TIFF", "data_type": "mask"},
        "c": {"filename": "c.tiff", "file_format": "TIFF", "data_type": "mask", "object_class": "nuclei"},
    }  # fmt: skip
    entry = {"filename": "cells.CSV", "file_format": "CSV", "header_size": 1, "object_classes_included": "cell"}
    assert said["cell"] == {"cells": entry}


def test_what_a_record_says_counts_more() -> None:
    record = {"D4": {"filename": "level4/x.h5ad", "file_format": "own", "object_classes_included": "nuclei"}}
    said = sections(cell={"D4": dict(record["D4"])}, file={"assay_type": "CODEX"})
    add_what_files_say(
        said,
        Sample("A", "A", Path(), table=(Path("x.h5ad"),), mask_name="cell", assay="IMC", channels=Path("c.csv")),
        None,
    )
    assert said["cell"] == record
    assert said["file"] == {"assay_type": "CODEX", "channel_level_metadata_csv_filename": "c.csv"}


@pytest.mark.parametrize(
    ("name", "written"),
    [("a.svs", "SVS"), ("a.OME.TF8", "OME-TIFF"), ("a.btf", "TIFF"), ("a.ome.zarr", "OME-Zarr"), ("a.what", None)],
)
def test_formats_by_suffix(name: str, written: str | None) -> None:
    said = sections()
    add_what_files_say(said, Sample("A", "A", Path(), masks={"x": Path(name)}, mask_name="x"), None)
    assert next(iter(said["processed_data"].values())).get("file_format") == written
