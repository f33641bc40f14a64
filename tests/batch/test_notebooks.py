"""Which notebooks a run takes, read without running them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest

from htan_kit.batch import copy_notebooks, find_notebooks, notebooks_folder
from htan_kit.batch._notebooks import read_notebook
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_notebooks_come_in_the_order_of_their_names(notebooks: Path) -> None:
    found = find_notebooks(notebooks)
    assert [n.name for n in found] == ["1_first", "2_second", "4_all"]
    assert [n.scope for n in found] == ["sample", "sample", "cohort"]
    assert [n.title for n in found] == ["First", "Second", "All"]
    assert [p.name for p in found[0].parameters] == ["input", "sample", "out", "n"]


def test_one_file_or_several_can_be_named(notebooks: Path) -> None:
    assert [n.name for n in find_notebooks(notebooks / "2_second.ipynb")] == ["2_second"]
    both = [notebooks / "2_second.ipynb", notebooks / "1_first.ipynb"]
    assert [n.name for n in find_notebooks(both)] == ["2_second", "1_first"]


def test_the_digest_is_of_the_source_only(tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    path = make_notebook(tmp_path / "a.ipynb", "1 + 1")
    before = read_notebook(path).sha256
    content = nbformat.read(path, as_version=4)
    content.cells[2].outputs = [nbformat.v4.new_output("stream", text="2")]
    content.metadata["something"] = "else"
    nbformat.write(content, path)
    assert read_notebook(path).sha256 == before
    content.cells[2].source = "1 + 2"
    nbformat.write(content, path)
    assert read_notebook(path).sha256 != before


def test_what_cannot_be_used_is_refused_all_at_once(tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    (tmp_path / "a.ipynb").write_text("no json")
    (tmp_path / "b.ipynb").write_text("{}")
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "c.ipynb")
    broken = make_notebook(tmp_path / "d.ipynb", parameters="x = = 1\n")
    lacking = nbformat.read(make_notebook(tmp_path / "e.ipynb"), as_version=4)
    lacking.cells[1].source = 'input: str = ""  # In.'
    nbformat.write(lacking, tmp_path / "e.ipynb")
    with pytest.raises(InputError) as caught:
        find_notebooks(tmp_path)
    messages = [f.message for f in caught.value.findings]
    assert len(messages) == 5
    assert "not a Jupyter notebook" in messages[0]
    assert "not a Jupyter notebook" in messages[1]
    assert "no parameters cell" in messages[2]
    assert "not Python" in messages[3]
    assert str(broken) in caught.value.findings.to_frame()["subject"].tolist()
    assert "sample, out" in messages[4]


def test_no_notebook_and_two_of_one_name_are_refused(tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="No notebook"):
        find_notebooks(tmp_path)
    paths = [make_notebook(tmp_path / folder / "a.ipynb") for folder in ("x", "y")]
    with pytest.raises(InputError, match="Two notebooks"):
        find_notebooks(paths)


def test_copies_are_the_kits_own(tmp_path: Path) -> None:
    copies = copy_notebooks(tmp_path / "mine")
    assert [c.read_bytes() for c in copies] == [(notebooks_folder() / c.name).read_bytes() for c in copies]
    assert [n.name for n in find_notebooks(tmp_path / "mine")] == [n.name for n in find_notebooks()]


def test_what_the_user_changed_is_not_overwritten(tmp_path: Path) -> None:
    (first, *_) = copy_notebooks(tmp_path)
    copy_notebooks(tmp_path)
    first.write_text("mine")
    with pytest.raises(InputError, match=first.name):
        copy_notebooks(tmp_path)
    assert first.read_text() == "mine"
    copy_notebooks(tmp_path, force=True)
    assert first.read_text() != "mine"


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        copy_notebooks(tmp_path / "file" / "below")
