"""What is found is named by its place; the value appears nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import tifffile

from htan_kit.checks._deidentification import DEIDENTIFICATION_RULES, check_deidentification
from htan_kit.io._private import KINDS

if TYPE_CHECKING:
    from pathlib import Path


def test_the_planted_date_is_found_and_not_told(sample_dir: Path) -> None:
    found = check_deidentification(sample_dir / "level2" / "HTA200_2_D1.ome.tiff")
    assert [(f.rule, f.severity) for f in found] == [("deid.dates", "error")]
    message = next(iter(found)).message
    assert "page 1, OME-XML of ImageDescription: OME/Image/AcquisitionDate" in message
    assert "pages 1, 2, 3 and 13 more, DateTime" in message
    assert "2021" not in found.to_json()


def test_good_files(sample_dir: Path) -> None:
    good = [path for path in sorted(sample_dir.glob("level*/*")) if "HTA200_2_D1" not in path.name]
    assert len(good) > 8
    assert list(check_deidentification(*good)) == []


def test_every_kind_has_a_rule_of_its_own() -> None:
    assert tuple(DEIDENTIFICATION_RULES) == KINDS
    assert len({rule.rule for rule in DEIDENTIFICATION_RULES.values()}) == len(KINDS)


def test_outside_htan_nothing_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path, np.zeros((8, 8), np.uint8), metadata=None, datetime="2021:03:05 10:11:12",
        description="Operator: Lovelace|Mail: ada@x.org|Serial Number: SN4815|File: C:\\Users\\ada",
    )  # fmt: skip
    for phase, worst in ((2, "error"), (1, "warning"), (None, "warning")):
        found = check_deidentification(path, phase=phase)
        assert {f.rule for f in found} == {
            "deid.dates",
            "deid.names",
            "deid.e-mail",
            "deid.serial-numbers",
            "deid.paths",
        }
        assert found.worst == worst
        assert not any(secret in found.to_json() for secret in ("2021", "Lovelace", "ada", "SN4815"))


def test_pictures_of_the_label(real: Path) -> None:
    found = {f.rule: f for f in check_deidentification(real / "awkward" / "svs" / "CMU-1-Small-Region.svs")}
    assert "pages 3, 4 (Aperio)" in found["deid.label-images"].message
    assert not any(secret in str(found) for secret in ("12/29/09", "CPAPERIOCS", "b414003d"))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"II*\0\xff\xff\xff\0")
    assert [f.rule for f in check_deidentification(tmp_path / "a.tif", tmp_path / "none.tif")] == [
        "image.truncated", "file.exists",
    ]  # fmt: skip
