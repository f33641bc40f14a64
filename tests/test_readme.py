"""README says nothing that is not so: its commands, options, files and Python are tried."""

from __future__ import annotations

import csv
import functools
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from htan_kit.cohort import Cohort

CHECKOUT = Path(__file__).resolve().parents[1]
README = (CHECKOUT / "README.md").read_text()
PROSE = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
INLINE = re.findall(r"`([^`\n]+)`", PROSE)
# These run notebooks or wait for a person; the tests of batch/ run the same.
LONG = {"demo", "run", "lab"}


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def _words(line: str) -> list[str]:
    return shlex.split(line, comments=True)


SHELL = [_words(line) for block in _blocks("bash") for line in block.splitlines() if _words(line)]
# Commands stand in running text too: `make wheel`, `htan-kit COMMAND --help`.
IN_TEXT = [_words(code) for code in INLINE if code.startswith(("make ", "htan-kit ", "conda "))]
COMMANDS = [list(words) for words in dict.fromkeys(map(tuple, SHELL + IN_TEXT))]
KIT = [[Path(words[0]).name, *words[1:]] for words in COMMANDS if Path(words[0]).name == "htan-kit"]


def _kit(*arguments: str, folder: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
    """The command line as a terminal of 200 columns without colours sees it."""
    code = "import sys; from htan_kit.cli import main; sys.exit(main())"
    env = os.environ | {"COLUMNS": "200", "TERMINAL_WIDTH": "200", "NO_COLOR": "1", "TERM": "dumb"}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@functools.cache
def _help(*command: str) -> str:
    done = _kit(*command, "--help")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_blocks_are_found() -> None:
    assert len(SHELL) >= 10
    assert len(KIT) >= 5
    assert len(_blocks("python")) >= 1


@pytest.mark.parametrize("words", [w for w in COMMANDS if w[0] == "make"], ids=" ".join)
def test_make_targets_and_variables_exist(words: list[str]) -> None:
    makefile = (CHECKOUT / "Makefile").read_text()
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    for word in words[1:]:
        name, given, _ = word.partition("=")
        if given:
            assert re.search(rf"^(ifdef )?{name}( \?=|$)", makefile, re.MULTILINE), name
        else:
            assert word in targets
            assert re.search(rf"^{word}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("words", KIT, ids=" ".join)
def test_htan_kit_commands_and_options_exist(words: list[str]) -> None:
    command = [] if words[1].startswith("-") or words[1].isupper() else [words[1]]
    shown = _help(*command)
    for word in words[1 + len(command) :]:
        if word.startswith("-"):
            assert re.search(rf"(?<![\w-]){re.escape(word.partition('=')[0])}(?![\w-])", shown), word


def _commands() -> list[str]:
    return re.findall(r"^ +([a-z][\w-]*) {2,}", _help().partition("Commands")[2], flags=re.MULTILINE)


def test_options_in_running_text_exist() -> None:
    shown = "".join(_help(command) for command in _commands())
    spoken_of = {code.split()[0] for code in INLINE if re.match(r"--?[a-z]", code)}
    assert spoken_of
    for option in spoken_of:
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", shown), option


def test_every_command_of_the_kit_is_spoken_of() -> None:
    assert {"demo", "run", "info", "notebooks"} <= set(_commands())
    for command in _commands():
        assert re.search(rf"htan-kit {command}\b", README), command


def _short(words: list[str]) -> bool:
    return (words[1] not in LONG and not words[1].isupper()) or "--dry-run" in words


@pytest.mark.parametrize("words", [w for w in KIT if _short(w)], ids=" ".join)
def test_short_commands_run(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(CHECKOUT / "data")
    done = _kit(*words[1:], folder=tmp_path)
    # data/sample has planted defects: `check` and `export` may say so, and say it with exit code 1.
    assert done.returncode in ({0, 1} if words[1] in {"check", "export"} else {0}), done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("number", range(len(_blocks("python"))))
def test_python_runs(number: int, tmp_path: Path) -> None:
    code = "\n".join(_blocks("python")[: number + 1])
    command = [sys.executable, "-W", "ignore::SyntaxWarning", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    # numcodecs, with the oldest zarr allowed, says at import that it would like another package for checksums.
    assert [x for x in done.stderr.splitlines() if "Warning:" in x and "site-packages/numcodecs" not in x] == []


def test_names_in_running_text_exist() -> None:
    import htan_kit

    for code in INLINE:
        if re.fullmatch(r"hk(\.\w+)+", code):
            functools.reduce(getattr, code.split(".")[1:], htan_kit)


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", PROSE)
    assert targets
    for target in targets:
        assert target.startswith("https://") or (CHECKOUT / target).exists(), target


def test_files_of_the_checkout_exist() -> None:
    named = {word for words in COMMANDS for word in words if "=" not in word} | set(INLINE)
    ours = (
        "data/",
        "notebooks/",
        "tests/",
        "docs/",
        "benchmarks/",
        "src/",
        ".ci/",
        "environment.yml",
        "pyproject.toml",
    )
    for name in sorted(named):
        if name.startswith(ours):
            assert (CHECKOUT / name).exists(), name
    for name in re.findall(r"\d_\w+\.ipynb", PROSE):
        assert (CHECKOUT / "notebooks" / name).exists(), name


def test_the_sample_sheet_opens(tmp_path: Path, cohort: Cohort) -> None:
    import htan_kit as hk

    (sheet,) = _blocks("csv")
    (tmp_path / "sheet.csv").write_text(sheet)
    rows = list(csv.DictReader(sheet.splitlines()))
    whole = cohort["HTA200_1_D1"]
    files = {"image": whole.image, "channels": whole.channels, "mask": whole.mask, "table": whole.table[0]}
    for row in rows:
        for column, file in files.items():
            if row[column]:
                shutil.copy(str(file), tmp_path / row[column])
    opened = hk.open_cohort(tmp_path / "sheet.csv")
    assert list(opened) == [row["sample"] for row in rows]
    for row, sample in zip(rows, opened.values(), strict=True):
        assert (sample.image is None, sample.channels is None) == (not row["image"], not row["channels"])
        assert (sample.mask is None, sample.table == ()) == (not row["mask"], not row["table"])
        assert sample.pixel_size_um == (float(row["pixel_size_um"]) if row["pixel_size_um"] else None)


def test_exit_codes_are_those_of_the_command_line(tmp_path: Path) -> None:
    table = dict(re.findall(r"^\| (\d+) \| (.+) \|$", README, flags=re.MULTILINE))
    assert set(table) == {"0", "1", "2", "3", "130"}
    assert _kit("info", str(tmp_path / "nothing")).returncode == 2
    assert _kit("run", "--no-such-option").returncode == 2
