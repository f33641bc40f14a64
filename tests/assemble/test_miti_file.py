from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from htan_kit.assemble._miti import sections_of
from htan_kit.assemble._miti_file import read_miti
from htan_kit.cohort import Sample
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.cohort import Cohort


def written(folder: Path, text: str, name: str = "a.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_yaml_says_the_same_as_json(tmp_path: Path, cohort: Cohort) -> None:
    for sample in cohort.values():
        assert sample.miti is not None
        record = json.loads(sample.miti.read_text(encoding="utf-8"))
        path = written(tmp_path, yaml.safe_dump(record, allow_unicode=True, sort_keys=False))
        assert sections_of(read_miti(path)) == sections_of(record)


@pytest.mark.parametrize("text", ["0012", "1.10", "2021-03-04", "1_000", "0x10", "NO", "off", "12:30:45", ".inf"])
def test_scalars_stay_as_they_were_written(tmp_path: Path, text: str) -> None:
    assert read_miti(written(tmp_path, f"channel:\n- Lot: {text}\n"))["channel"] == [{"Lot": text}]


def test_what_yaml_cannot_mean_otherwise(tmp_path: Path) -> None:
    record = read_miti(
        written(tmp_path, "\ufefffile: {a: true, b: FALSE, c: null, d: ~, e: , f: 'null', true: x}\n", "a.yml")
    )
    assert record["file"] == {"a": True, "b": False, "c": None, "d": None, "e": None, "f": "null", "True": "x"}


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(97 + i)}: &{chr(97 + i)} [*{chr(96 + i)}, *{chr(96 + i)}]\n" for i in range(1, 26)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "a: &a {b: *a}",
        "file: {<<: *x}",
        "a: !!python/object/apply:os.system ['true']",
        "a: 1\n---\nb: 2",
        "- a\n- b",
        "just text",
        "",
        "a: [1",
        "\tb: 1",
        "[" * 5000,
        "? [a, b]\n: c",
        "x: " + "y" * (2 * 2**20),
    ],
    ids=["bomb", "self", "merge", "python", "two", "list", "text", "empty", "open", "tab", "deep", "key", "large"],
)
def test_a_yaml_that_is_no_record_is_refused_without_being_quoted(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as problem:
        read_miti(written(tmp_path, text))
    finding = next(iter(problem.value.findings))
    assert finding.rule == "miti.yaml"
    assert len(finding.message) < 120


def test_the_line_of_the_mistake_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 2 has an alias"):
        read_miti(written(tmp_path, "a: &secret [1]\nb: *secret\n"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read as JSON"):
        read_miti(tmp_path / "none.json")


def test_a_yaml_record_fills_the_sections(tmp_path: Path) -> None:
    from htan_kit.assemble._metadata import miti_sections

    path = written(tmp_path, "File:\n  Lens NA: 0.75\n  Pyramid: Yes\n  FOV number: 1\n  our own: 0.50\n")
    sections: dict[str, Any] = miti_sections(Sample("a", "a", tmp_path, miti=path), None, None)
    assert sections["file"] == {"lens_na": 0.75, "pyramid": True, "fov_number": 1, "our own": "0.50"}
