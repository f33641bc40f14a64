from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from htan_kit.cli import app

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


@pytest.fixture
def image(sample_dir: Path) -> Path:
    return sample_dir / "level2" / "HTA200_1_D1.ome.tiff"


def test_files_are_named_and_0_says_that_all_is_well(image: Path, tmp_path: Path) -> None:
    result = call(image, "--to", "miti", "--out", tmp_path, "--format", "json")
    assert result.exit_code == 0, result.output
    assert result.stdout.split() == [str(tmp_path / "HTA200_1_D1.json")]


def test_what_a_record_lacks_is_told_and_is_1(sample_dir: Path, tmp_path: Path) -> None:
    result = call(sample_dir, "--to", "htan1", "--out", tmp_path)
    assert result.exit_code == 1
    assert "HTAN Data File ID is required" in result.stderr
    assert (tmp_path / "manifest_ImagingLevel4.csv").is_file()
    given = call(sample_dir / "manifest_MultiplexMicroscopyLevel2.csv", "--to", "htan2", "--out", tmp_path / "b")
    assert "Traceback" not in given.output


def test_values_are_given_by_name(image: Path, tmp_path: Path) -> None:
    call(image, "--to", "htan1", "--out", tmp_path, "--set", "Imaging Level 3 Image.HTAN Data File ID=HTA1_1_7")
    assert "HTA1_1_7" in (tmp_path / "manifest_ImagingLevel3Image.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--to", "pdf"],
        ["--to", "htan1", "--set", "no sign"],
        ["--to", "htan1", "--set", "=x"],
        ["--to", "htan2", "--set", "Shoe size=44"],
        [],
    ],
)
def test_wrong_usage_is_2(image: Path, tmp_path: Path, arguments: list[str]) -> None:
    result = call(image, *arguments, "--out", tmp_path / "x")
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "x").exists()


def test_an_input_that_is_not_there_is_2(tmp_path: Path) -> None:
    result = call(tmp_path / "none", "--to", "miti", "--out", tmp_path)
    assert result.exit_code == 2
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "Traceback" not in call(tmp_path / "none", "--to", "miti", "--out", tmp_path / "file" / "x").output


def test_a_place_that_cannot_be_written_is_2(image: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = call(image, "--to", "miti", "--out", tmp_path / "file" / "x")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
