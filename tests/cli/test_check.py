"""htan-kit check: grouped by sample and severity, with a summary, as JSON, and with exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from typer.testing import CliRunner

import htan_kit as hk
from htan_kit.cli import app

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def call(*words: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, words)])


def test_findings_are_grouped_by_sample_and_severity(sample_dir: Path, tmp_path: Path) -> None:
    done = call(sample_dir, "--json", tmp_path / "f.json")
    assert done.exit_code == 1
    *lines, summary = done.stdout.splitlines()
    samples = [line for line in lines if not line.startswith(" ")]
    assert samples == [library_id for library_id in ("HTA200_1_D5", "HTA200_2_D1") if library_id in samples]
    assert "HTA200_2_D1" in samples
    severities = [line.split(":")[0].strip() for line in lines if line.startswith("  ") and not line.startswith("    ")]
    own = severities[-sum(severity == "error" for severity in severities) - 1 :]
    assert own == sorted(own, key=["error", "warning", "info"].index)
    findings = hk.check(sample_dir)
    counts = ", ".join(f"{len(findings.of(severity))} {severity}" for severity in ("error", "warning", "info"))
    assert summary.startswith(f"{counts} in 4 samples; ")
    written = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert {row["rule"] for row in written} == {f.rule for f in findings}
    assert {row["sample"] for row in written} == set(samples)
    assert set(written[0]) == {"sample", "severity", "rule", "subject", "message", "hint", "source"}


def test_pixels_only_when_asked_for(sample_dir: Path) -> None:
    assert "identity." not in call(sample_dir).stdout
    assert "[identity.label-missing-in-table]" in call(sample_dir, "--pixels").stdout


def test_exit_codes(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    metadata = {"axes": "YX", "PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "µm", "Channel": {"Name": ["DNA"]}}
    tifffile.imwrite(path, np.zeros((9, 9), np.uint8), ome=True, metadata=metadata)
    assert call(path, "--strict").exit_code == 0  # notes only
    tifffile.imwrite(path, np.zeros((9, 9), np.uint8), ome=True, metadata=metadata, datetime="2021:05:17 10:20:30")
    assert call(path).exit_code == 0
    assert call(path, "--strict").exit_code == 1  # a date is a warning without records
    path.write_text("no image")
    assert call(path).exit_code == 1
    assert call(tmp_path / "missing").exit_code == 2
    assert call(path, "--no-such-option").exit_code == 2


def test_a_mask_is_chosen(real: Path) -> None:
    folder = real / "imc_bodenmiller" / "steinbock"
    refused = call(folder)
    assert refused.exit_code == 2
    assert "--mask" in refused.stderr
    assert call(folder, "--mask", "deepcell").exit_code == 0


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\x07b"])
def test_text_of_files_does_not_steer_the_terminal(tmp_path: Path, name: str) -> None:
    path = tmp_path / "markers.csv"
    path.write_text(f'CellID,DNA,X_centroid,Y_centroid\n1,2,3,4\n1,2,"{name}",4\n')
    said = call(path).output
    assert "\x1b" not in said
    assert "\x07" not in said
    (tmp_path / "sheet.csv").write_text(f"sample,image\n{name},nothing.tif\n")
    said = call(tmp_path / "sheet.csv").output
    assert "\x1b" not in said
    assert "\x07" not in said
