"""Whether values fit the parameters of notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.batch import Parameter, read_parameters
from htan_kit.batch._values import Text, fit, from_text
from htan_kit.errors import InputError

JSON = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def _known(*parameters: Parameter) -> dict[str, list[Parameter]]:
    return {"1_qc": list(parameters)}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("5", "int", 5),
        ("5", "float", 5.0),
        ("5", "str", "5"),
        ("yes", "bool", True),
        ("False", "bool", False),
        ("[1, 2]", "list", [1, 2]),
        ("CD3, CD8", "list[str]", ["CD3", "CD8"]),
        ("{CD3: 1.5}", "dict", {"CD3": 1.5}),
        ("a=b", "str", "a=b"),
        ("5", "", 5),
    ],
)
def test_typed_text_becomes_what_the_notebook_asks_for(text: str, kind: str, value: Any) -> None:
    found = from_text(text, kind)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("text", "kind"), [("five", "int"), ("1.5", "int"), ("maybe", "bool"), ("{", "dict")])
def test_text_of_the_wrong_type_is_refused(text: str, kind: str) -> None:
    with pytest.raises(InputError, match="wants"):
        fit({"a": Text(text)}, _known(Parameter("a", kind)))


@given(JSON)
def test_a_value_fits_its_own_type_and_stays_as_it_is(value: Any) -> None:
    kind = type(value).__name__
    assert fit({"a": value}, _known(Parameter("a", kind)))["1_qc"]["a"] == value


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "int"),
        (1, "bool"),
        ("1", "int"),
        (1.5, "int"),
        (None, "str"),
        ([1], "list[str]"),
        ({"a": 1}, "list"),
        (b"x", "str"),
    ],
)
def test_a_value_of_another_type_is_refused(value: Any, kind: str) -> None:
    with pytest.raises(InputError, match=f"wants {kind.partition('[')[0]}"):
        fit({"a": value}, _known(Parameter("a", kind)))


def test_what_json_does_not_know_is_made_plain() -> None:
    known = _known(Parameter("a", "str"), Parameter("b", "list[str]"), Parameter("c", "int"), Parameter("d", "float"))
    fitted = fit({"a": Path("x"), "b": ("p", "q"), "c": np.int64(3), "d": 2}, known)["1_qc"]
    assert fitted == {"a": "x", "b": ["p", "q"], "c": 3, "d": 2.0}
    assert [type(v) for v in fitted.values()] == [str, list, int, float]


def test_all_problems_come_at_once_with_close_names() -> None:
    known = _known(Parameter("seed", "int"), Parameter("max_edge_um", "float"))
    with pytest.raises(InputError) as caught:
        fit({"sed": 1, "max_edge": 3.0, "seed": "x"}, known)
    assert [f.rule for f in caught.value.findings] == [*["run.parameter-unknown"] * 2, "run.parameter-type"]
    hints = [f.hint for f in caught.value.findings]
    assert "seed" in hints[0]
    assert "max_edge_um" in hints[1]


def test_a_value_goes_to_every_notebook_that_has_the_name() -> None:
    known = {"1_qc": [Parameter("seed", "int")], "2_spatial": [Parameter("seed", "int"), Parameter("n", "int")]}
    assert fit({"seed": 1, "2_spatial": {"n": 2}}, known) == {"1_qc": {"seed": 1}, "2_spatial": {"seed": 1, "n": 2}}


def test_a_value_for_one_notebook_must_be_known_to_it() -> None:
    known = {"1_qc": [Parameter("seed", "int")], "2_spatial": [Parameter("n", "int")]}
    with pytest.raises(InputError, match="No such parameter in 2_spatial"):
        fit({"2_spatial": {"seed": 1}}, known)


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("seed: 1\n2_spatial:\n  gates: {CD3: 2.5}\n")
    values = read_parameters(["seed=2", "name=a=b"], file)
    assert values == {"seed": "2", "2_spatial": {"gates": {"CD3": 2.5}}, "name": "a=b"}
    assert isinstance(values["seed"], Text)


@pytest.mark.parametrize("content", ["- a\n- b\n", "just text", "{broken", "\xff"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "p.yaml"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match="YAML|names and values"):
        read_parameters([], file)


def test_a_missing_file_and_a_missing_sign_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_parameters([], tmp_path / "nothing.yaml")
    with pytest.raises(InputError, match="NAME=VALUE"):
        read_parameters(["seed"])
