"""htan-kit quantify: what it writes, what it says, and that nothing half-written is left."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import tifffile
from typer.testing import CliRunner

import htan_kit as hk
from htan_kit.cli import app

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

GOOD = "HTA200_1_D1"


@pytest.fixture(scope="module")
def files(sample_dir: Path) -> list[str]:
    return [str(sample_dir / "level2" / f"{GOOD}.ome.tiff"), str(sample_dir / "level3" / "HTA200_1_D2.ome.tiff")]


@pytest.fixture(scope="module")
def channels(sample_dir: Path) -> str:
    return str(sample_dir / "level2" / f"{GOOD}_channels.csv")


def call(*arguments: Any) -> Result:
    return CliRunner().invoke(app, ["quantify", *map(str, arguments)])


def test_the_sample_s_own_table(files: list[str], channels: str, sample_dir: Path, tmp_path: Path) -> None:
    result = call(*files, "--channels", channels, "--out", tmp_path / "a.csv")
    assert result.exit_code == 0, result.output
    assert "994 objects × 16 markers" in result.stdout
    mine = pd.read_csv(tmp_path / "a.csv").set_index("CellID")
    truth = pd.read_csv(sample_dir / "level4" / "HTA200_1_D4.csv").set_index("CellID")
    assert sorted(mine.index) == sorted(truth.index)
    for name in truth.columns.intersection(mine.columns):
        np.testing.assert_allclose(mine.loc[truth.index, name], truth[name], rtol=1e-6, atol=1e-6, err_msg=name)
    assert [name for name in truth if name in mine] == [name for name in mine if name in truth]


@pytest.mark.parametrize("suffix", ["csv", "h5ad"])
def test_statistics_and_compartments(files: list[str], tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"a.{suffix}"
    result = call(*files, "--out", out, "--stat", "mean, median,p99.9", "--nucleus", files[1], "--ring", 1.3)
    assert result.exit_code == 0, result.output
    if suffix == "h5ad":
        assert {"median_cell", "p99.9_ring", "mean_nucleus", "mean_cytoplasm"} <= set(ad.read_h5ad(out).layers)
        return
    table = pd.read_csv(out)
    assert {"DNA_1", "DNA_1_intensity_median", "DNA_1_intensity_p99.9_ring", "DNA_1_intensity_mean_nucleus"} <= {*table}
    np.testing.assert_allclose(table["DNA_1_intensity_mean_nucleus"], table["DNA_1"])  # the same mask
    assert table["DNA_1_intensity_mean_cytoplasm"].isna().all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--stat", "gini"], "'gini' is no statistic"),
        (["--ring", "-2"], "ring of -2"),
        (["--pixel-size-um", "-1"], "pixel size"),
        (["--out", "a.xlsx"], "end in .csv or .h5ad"),
    ],
)
def test_wrong_options_are_one_message(files: list[str], tmp_path: Path, options: list[str], says: str) -> None:
    result = call(*files, "--out", tmp_path / "a.csv", *options)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())


def test_a_bad_tile_stops_it_unless_told(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 99, (2, 600, 600), dtype=np.uint16)
    labels = np.kron(np.arange(1, 10, dtype=np.uint16).reshape(3, 3), np.ones((200, 200), np.uint16))
    names = {"axes": "CYX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5, "Channel": {"Name": ["DNA", "CD3"]}}
    image, mask = tmp_path / "i.ome.tif", tmp_path / "m.tif"
    tifffile.imwrite(image, pixels, tile=(512, 512), compression="zlib", photometric="minisblack", metadata=names)
    tifffile.imwrite(mask, labels)
    with tifffile.TiffFile(image) as tiff:
        offset, n = tiff.pages[1].dataoffsets[3], tiff.pages[1].databytecounts[3]
    with image.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * n)
    stopped = call(image, mask, "--out", tmp_path / "a.csv")
    assert stopped.exit_code == 2
    assert "channel 1 (CD3)" in stopped.stderr
    assert not (tmp_path / "a.csv").exists()
    result = call(image, mask, "--out", tmp_path / "a.csv", "--skip-bad-tiles")
    assert result.exit_code == 0, result.output
    assert "channel 1 (CD3)" in result.stderr  # the warning names tile and channel
    table = pd.read_csv(tmp_path / "a.csv").set_index("CellID")
    touched = {int(v) for v in np.unique(labels[512:, 512:])}
    assert {int(v) for v in table.index[table["in_bad_tile"]]} == touched
    truth = [pixels[0][labels == v].mean() for v in table.index]
    np.testing.assert_allclose(table["DNA"], truth)


RUN = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
from htan_kit.cli import main
sys.argv = ["htan-kit", *sys.argv[2:]]
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on files to set")
@pytest.mark.parametrize("suffix", ["csv", "h5ad"])
def test_a_full_disk_leaves_what_was_there(files: list[str], tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"a.{suffix}"
    out.write_text("what was there")
    # Compiled loops are in the cache by now; what does not fit there is compiled anew.
    run = [sys.executable, "-c", RUN, str(100_000), "quantify", *files, "--out", str(out)]
    result = subprocess.run(run, capture_output=True, text=True, check=False, env={**os.environ})
    assert result.returncode == 2, result.stderr[-2000:]
    assert "cannot be written" in result.stderr
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    assert out.read_text() == "what was there"


def test_the_first_run_says_that_it_compiles(files: list[str], tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
    main = [sys.executable, "-c", "from htan_kit.cli import main; main()"]
    run = [*main, "quantify", *files, "--out", str(tmp_path / "a.csv")]
    said = [subprocess.run(run, capture_output=True, text=True, check=True, env=environment).stderr for _ in range(2)]
    assert ["compiling the inner loops, once on this machine" in text for text in said] == [True, False]


def test_it_is_what_the_function_gives(files: list[str], tmp_path: Path) -> None:
    call(*files, "--out", tmp_path / "a.h5ad")
    np.testing.assert_array_equal(ad.read_h5ad(tmp_path / "a.h5ad").X, hk.quantify(*files).X)
