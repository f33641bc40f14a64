"""The command line: what it says, what it returns, and that it never shows a traceback for a user's mistake."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import numpy as np
import pandas as pd
import pytest
import tifffile
from typer.testing import CliRunner

from htan_kit.cli import app

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

COMMANDS = ("demo", "run", "info", "check", "quantify", "clean", "models", "notebooks", "simulate")


def _call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def _refused(result: Result) -> str:
    """A wrong input: exit code 2, one message on stderr, nothing of Python's."""
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert result.stderr.startswith("error: ")
    return result.stderr


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A sheet with two images."""
    for name in ("one", "two"):
        tifffile.imwrite(tmp_path / f"{name}.tif", np.arange(2048, dtype=np.uint16).reshape(2, 32, 32), metadata=None)
    path = tmp_path / "sheet.csv"
    path.write_text("sample,image\none,one.tif\ntwo,two.tif\n")
    return path


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook that gives sample two a verdict, and stops where it is told."""
    parameters = 'input: str = ""  # In.\nsample: str = ""  # S.\nout: str = ""  # O.\nverdict: str = "pass"  # V.\n'
    code = (
        "from pathlib import Path\n"
        "if verdict == 'stop' and sample == 'two': raise RuntimeError('as told')\n"
        'Path(out, sample, \'qc.json\').write_text(\'{"verdict": "%s", "n_cells": 5}\' % verdict);'
    )
    cells = [
        nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(code),
    ]
    (tmp_path / "nbs").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "nbs" / "1_a.ipynb")
    return tmp_path / "nbs"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    assert command in _call("--help").stdout
    told = _call(command, "--help")
    assert told.exit_code == 0
    assert "Usage" in told.stdout


def test_help_is_quick() -> None:
    code = "import sys; from htan_kit.cli import app; print(sorted({'numpy', 'anndata', 'squidpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_wrong_usage_is_2() -> None:
    assert _call("run").exit_code == 2
    assert _call("no-such-command").exit_code == 2


def test_a_traceback_is_never_shown_for_a_wrong_input(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from htan_kit.cli import main; main()", "run", str(tmp_path), "--out"]
    done = subprocess.run([*command, str(tmp_path / "out")], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


# --- run ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "code", "line"),
    [
        ("pass", 0, "2 samples: 2 pass, 0 warn, 0 fail, 0 did not run"),
        ("fail", 3, "2 samples: 0 pass, 0 warn, 2 fail, 0 did not run"),
        ("stop", 1, "2 samples: 0 pass, 0 warn, 0 fail, 1 not assessed, 1 did not run"),
    ],
)
def test_exit_codes_of_a_run(sheet: Path, notebook: Path, tmp_path: Path, verdict: str, code: int, line: str) -> None:
    result = _call(
        "run", sheet, "--out", tmp_path / "out", "--notebooks", notebook, "-p", f"verdict={verdict}", "-j", 2
    )
    assert result.exit_code == code, result.output
    assert line in result.stdout or verdict == "stop"
    assert str(tmp_path / "out" / "index.html") in result.stdout
    assert ("RuntimeError: as told" in result.stdout) == (verdict == "stop")
    told = [entry.split()[:3] for entry in result.stderr.splitlines()]
    assert sorted(told) == sorted([["one", "1_a", "ok"], ["two", "1_a", "failed" if verdict == "stop" else "ok"]])


def test_a_sample_that_stops_is_told_once(tmp_path: Path) -> None:
    pixels = np.arange(2048, dtype=np.uint16).reshape(2, 32, 32)
    for name in ("whole", "cut"):
        tifffile.imwrite(tmp_path / f"{name}.tif", pixels, metadata=None)
    (tmp_path / "cut.tif").write_bytes((tmp_path / "cut.tif").read_bytes()[:2000])
    (tmp_path / "sheet.csv").write_text("sample,image\ncut,cut.tif\nwhole,whole.tif\n")
    result = _call("run", tmp_path / "sheet.csv", "--out", tmp_path / "out")
    assert result.exit_code == 1
    lines = [line for line in result.stderr.splitlines() if line.startswith("cut")]
    why = "The TIFF file is damaged or cut off"
    assert [why in line for line in lines] == [True, False, False]
    assert "InputError" not in result.output
    assert [" ".join(line.split()) for line in lines[1:]] == [
        "cut 2_spatial skipped 1_qc stopped",
        "cut 3_report skipped 1_qc stopped",
    ]
    starts = {line.index(word) for line in result.stderr.splitlines() for word in line.split() if word[1:2] == "_"}
    assert len(starts) <= 2  # the notebooks stand under each other; "1_qc stopped" is the other place
    assert result.stdout.count(why) == 1
    index = (tmp_path / "out" / "index.html").read_text()
    card = index[index.index('class="card"') : index.index("</article>")]
    assert card.count(why) == 1
    assert "skipped" not in card
    record = json.loads((tmp_path / "out" / "cut" / "run.json").read_text())
    assert [n["error"] for n in record["notebooks"][1:]] == ["1_qc stopped"] * 2
    assert why in (tmp_path / "out" / "cut" / "3_report.html").read_text()


def test_only_the_named_samples_run(sheet: Path, notebook: Path, tmp_path: Path) -> None:
    result = _call("run", sheet, "--out", tmp_path / "out", "--notebooks", notebook, "--samples", "two, ", "--dry-run")
    assert result.exit_code == 0
    assert "two" in result.stdout
    assert "one" not in result.stdout
    assert not (tmp_path / "out").exists()


def test_parameters_come_from_a_file_too(sheet: Path, notebook: Path, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("verdict: fail\n")
    result = _call(
        "run", sheet, "--out", tmp_path / "out", "--notebooks", notebook, "--params", tmp_path / "p.yaml", "--dry-run"
    )
    assert "verdict='fail'" in result.stdout


def test_every_wrong_parameter_is_named_at_once(sheet: Path, notebook: Path, tmp_path: Path) -> None:
    words = ["run", sheet, "--out", tmp_path / "out", "--notebooks", notebook, "-p", "verdit=x", "-p", "n=1"]
    said = _refused(_call(*words))
    assert "parameter verdit" in said
    assert "parameter n:" in said
    assert "Did you mean verdict?" in said
    assert not (tmp_path / "out").exists()


def test_wrong_input_and_wrong_output(sheet: Path, notebook: Path, tmp_path: Path) -> None:
    assert "no such file" in _refused(_call("run", tmp_path / "nothing", "--out", tmp_path / "out")).lower()
    assert "cannot be written" in _refused(_call("run", sheet, "--out", sheet / "below", "--notebooks", notebook))
    assert "three" in _refused(_call("run", sheet, "--out", tmp_path / "out", "--samples", "three"))
    assert "No notebook" in _refused(_call("run", sheet, "--out", tmp_path / "out", "--notebooks", tmp_path))
    assert not (tmp_path / "out").exists()


# --- the other commands ------------------------------------------------------------------------------------------


def test_notebooks_are_handed_out(tmp_path: Path) -> None:
    result = _call("notebooks", tmp_path / "mine")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == len(list((tmp_path / "mine").glob("*.ipynb"))) == 4
    (tmp_path / "mine" / "1_qc.ipynb").write_text("mine")
    assert "1_qc.ipynb" in _refused(_call("notebooks", tmp_path / "mine"))
    assert _call("notebooks", tmp_path / "mine", "--force").exit_code == 0


@pytest.fixture
def square(tmp_path: Path) -> tuple[Path, Path]:
    """An image with two channels, and a mask with the labels 2 and 5."""
    pixels = np.zeros((2, 32, 40), np.uint16)
    labels = np.zeros((32, 40), np.uint32)
    labels[2:6, 3:9], labels[10:20, 20:30] = 2, 5
    pixels[0], pixels[1] = labels * 10, 7
    metadata = {"axes": "CYX", "Channel": {"Name": ["DNA", "CD3"]}, "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}
    tifffile.imwrite(tmp_path / "image.ome.tif", pixels, metadata=metadata)
    tifffile.imwrite(tmp_path / "mask.tif", labels, metadata=None)
    return tmp_path / "image.ome.tif", tmp_path / "mask.tif"


def test_quantify_writes_what_it_measures(square: tuple[Path, Path], tmp_path: Path) -> None:
    result = _call("quantify", *square, "--out", tmp_path / "cells.csv")
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(tmp_path / "cells.csv")
    assert frame["CellID"].tolist() == [2, 5]
    assert frame["DNA"].tolist() == [20, 50]
    assert frame["CD3"].tolist() == [7, 7]
    assert frame["X_centroid"].tolist() == [5.5, 24.5]
    assert "2 objects × 2 markers" in result.stdout


def test_quantify_refuses_a_mask_of_another_size(square: tuple[Path, Path], tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "other.tif", np.ones((8, 8), np.uint32), metadata=None)
    _refused(_call("quantify", square[0], tmp_path / "other.tif", "--out", tmp_path / "cells.csv"))
    _refused(_call("quantify", *square, "--out", tmp_path / "cells.xlsx"))
    assert not (tmp_path / "cells.csv").exists()


def test_info_says_what_a_file_is(square: tuple[Path, Path], sheet: Path, sample_dir: Path, tmp_path: Path) -> None:
    image = _call("info", square[0])
    assert image.exit_code == 0, image.output
    assert [word in image.stdout for word in ("Level 2", "40 × 32", "uint16", "0.5", "DNA", "CD3")] == [True] * 6
    mask = _call("info", square[1])
    assert [word in mask.stdout for word in ("Level 3", "largest label", "5")] == [True] * 3
    folder = _call("info", sample_dir)
    assert [word in folder.stdout for word in ("HTAN manifests", "HTA200_1_D1", "L2 L3 L4")] == [True] * 3
    assert "sample sheet" in _call("info", sheet).stdout
    channels = _call("info", sample_dir / "level2" / "HTA200_1_D1_channels.csv")
    assert "channel metadata" in channels.stdout
    table = _call("info", sample_dir / "level4" / "HTA200_1_D4.csv")
    assert [word in table.stdout for word in ("Level 4", "dialect", "markers")] == [True] * 3
    manifest = _call("info", sample_dir / "manifest_MultiplexMicroscopyLevel2.csv")
    assert [word in manifest.stdout for word in ("HTAN manifest", "HTA200_1_D1")] == [True] * 2
    h5ad = _call("info", sample_dir / "level4" / "HTA200_2_D6.h5ad")
    assert "AnnData" in h5ad.stdout


def test_info_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "text.ome.tif").write_text("not pixels")
    (tmp_path / "a.h5ad").write_text("not hdf5")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "a.ipynb").write_text("{}")
    for name in ("text.ome.tif", "a.h5ad", "a.csv", "a.ipynb", "nothing"):
        _refused(_call("info", tmp_path / name))


BLOCKED = {
    "file in the way": "file/below",
    "system folder": "/proc/nowhere",
}


@pytest.mark.parametrize("place", list(BLOCKED.values()), ids=list(BLOCKED))
@pytest.mark.parametrize("command", ["check", "simulate", "notebooks", "run", "demo", "quantify.csv", "quantify.h5ad"])
def test_a_place_that_cannot_be_written_is_one_message(
    square: tuple[Path, Path], sheet: Path, tmp_path: Path, command: str, place: str
) -> None:
    if place.startswith("/proc") and not sys.platform.startswith("linux"):
        pytest.skip("there is no /proc")
    (tmp_path / "file").write_text("mine")
    path = tmp_path / place
    command, _, suffix = command.partition(".")
    words = {
        "check": [sheet, "--json", path / "x.json"],
        "quantify": [*square, "--out", path / f"x.{suffix}"],
        "run": [sheet, "--out", path],
        "demo": ["--out", path],
    }.get(command, [path])
    said = _refused(_call(command, *words))
    assert "cannot be written" in said
    assert len(said.splitlines()) <= 2
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("command", ["check", "notebooks", "run", "simulate", "quantify"])
def test_a_folder_where_a_file_would_go_is_one_message(
    square: tuple[Path, Path], sheet: Path, notebook: Path, tmp_path: Path, command: str
) -> None:
    places = {"check": "x.json", "notebooks": "1_qc.ipynb", "run": "run.json", "simulate": "README.md"}
    blocked = tmp_path / "out" / places.get(command, "x.csv")
    (blocked / "mine").mkdir(parents=True)
    words = {
        "check": [sheet, "--json", blocked],
        "quantify": [*square, "--out", blocked],
        "run": [sheet, "--out", blocked.parent, "--notebooks", notebook],
    }.get(command, [blocked.parent])
    assert "cannot be written" in _refused(_call(command, *words))
    assert [p.name for p in blocked.parent.glob(".tmp-*")] == []


def test_findings_are_told_where_they_cannot_be_saved(sheet: Path, tmp_path: Path) -> None:
    sheet.write_text("sample,image\na,one.tif\n")
    told = _call("check", sheet, "--json", tmp_path / "no" / "x.json")
    assert told.exit_code == 2
    assert told.stdout == _call("check", sheet).stdout != ""


def test_check_counts_and_returns_1_for_errors(square: tuple[Path, Path], tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(f"sample,image\na,{square[0].name}\n")
    fine = _call("check", sheet, "--json", tmp_path / "f.json")
    assert fine.exit_code == 0, fine.output
    assert "0 error" in fine.stdout
    found = json.loads((tmp_path / "f.json").read_text())
    assert _call("check", sheet, "--strict").exit_code == (1 if "warning" in {f["severity"] for f in found} else 0)
    sheet.write_text("sample,image\na,nothing.tif\n")
    assert _call("check", sheet).exit_code in {1, 2}


# --- stopping ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_stopped_run_is_closed_and_goes_on_later(sheet: Path, tmp_path: Path, name: str) -> None:
    go = tmp_path / "go"
    code = f"import pathlib, time\nwhile sample == 'two' and not pathlib.Path({str(go)!r}).exists(): time.sleep(0.1)"
    parameters = 'input: str = ""\nsample: str = ""\nout: str = ""\n'
    cells = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell(code)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "1_a.ipynb")
    words = ["run", str(sheet), "--out", str(tmp_path / "out"), "--notebooks", str(tmp_path / "1_a.ipynb")]
    # Python's own handler, also where the tests run in the background of a shell, which ignores SIGINT.
    script = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from htan_kit.cli import main; main()"
    )
    process = subprocess.Popen([sys.executable, "-c", script, *words], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline().split()[:3] == ["one", "1_a", "ok"]
    process.send_signal(getattr(signal, name))
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.strip() == "Stopped. The same command goes on where it was."
    assert (
        "2 samples: 0 pass, 0 warn, 0 fail, 1 not assessed, 1 did not run" in (tmp_path / "out/index.html").read_text()
    )
    go.touch()
    again = _call(*words)
    assert again.exit_code == 0
    assert [line.split()[2:4] for line in again.stderr.splitlines()] == [["up", "to"], ["ok", again.stderr.split()[-2]]]


def test_models_lists_one_attribute_a_line() -> None:
    result = _call("models", "htan2", "channelmetadata")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == 1 + 22
    assert lines[0].split("\t")[:2] == ["attribute", "required"]
    assert lines[1].startswith("HTAN_PANEL_ID\trequired\tid\t")
    assert len(_call("models").stdout.splitlines()) == 1 + 564


def test_models_says_which_there_are() -> None:
    assert "htan1, htan2, miti" in _refused(_call("models", "htan3"))
    assert "ChannelMetadata" in _refused(_call("models", "htan2", "channel"))
