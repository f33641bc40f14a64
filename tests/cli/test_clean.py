"""htan-kit clean: what it says, and that it never shows a secret or a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import tifffile
from typer.testing import CliRunner

from htan_kit.cli import app

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def call(*words: object) -> Result:
    return CliRunner().invoke(app, ["clean", *map(str, words)])


def test_a_copy(sample_dir: Path, tmp_path: Path) -> None:
    original, copy = sample_dir / "level2" / "HTA200_2_D1.ome.tiff", tmp_path / "copy.ome.tiff"
    result = call(original, copy)
    assert result.exit_code == 0, result.output
    assert "16 pages, 416 tiles or strips" in result.stdout
    assert "left out: date in 17 places" in result.stdout
    assert "2021" not in result.output
    assert b"2021-05-17" in original.read_bytes()
    assert b"2021-05-17" not in copy.read_bytes()
    np.testing.assert_array_equal(tifffile.imread(copy), tifffile.imread(original))


def test_a_clean_image(sample_dir: Path, tmp_path: Path) -> None:
    result = call(sample_dir / "level3" / "HTA200_1_D2.ome.tiff", tmp_path / "copy.tif")
    assert "left out: nothing that was known to be private" in result.stdout


def test_mistakes(sample_dir: Path, tmp_path: Path) -> None:
    mask = sample_dir / "level3" / "HTA200_1_D2.ome.tiff"
    (tmp_path / "there.tif").write_text("mine")
    wrong = [
        (call(mask, tmp_path / "there.tif"), "exists"),
        (call(tmp_path / "none.tif", tmp_path / "a.tif"), "There is no such file"),
        (call(tmp_path / "there.tif", tmp_path / "a.tif"), "not a TIFF file"),
        (call(mask, tmp_path / "nowhere" / "a.tif"), "cannot be written"),
    ]
    for result, words in wrong:
        assert result.exit_code == 2, result.output
        assert result.stderr.startswith("error: ")
        assert words in result.stderr
        assert "Traceback" not in result.output
    assert (tmp_path / "there.tif").read_text() == "mine"
    assert call(mask, tmp_path / "there.tif", "--force").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.tif"]
