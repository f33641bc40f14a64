"""Features come one by one, whatever the pieces a file is read in; what is no GeoJSON is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from htan_kit.errors import InputError
from htan_kit.io.outlines import _stream
from htan_kit.io.outlines._stream import features_of

if TYPE_CHECKING:
    from pathlib import Path

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(
    features=st.lists(JSON, max_size=5),
    more=st.dictionaries(st.text().filter(lambda k: k != "features"), JSON, max_size=3),
    chunk=st.integers(1, 40),
    indent=st.sampled_from([None, 2]),
    ascii_only=st.booleans(),
)
def test_any_values_in_any_pieces(
    tmp_path: Path, features: list[object], more: dict[str, object], chunk: int, indent: int | None, ascii_only: bool
) -> None:
    path = tmp_path / "a.geojson"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_stream, "_CHUNK", chunk)
        for whole in (features, {"type": "FeatureCollection", **more, "features": features, "last": 1}):
            path.write_text(json.dumps(whole, indent=indent, ensure_ascii=ascii_only), encoding="utf-8")
            assert list(features_of(path)) == features


def test_one_feature_one_geometry_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    point = {"type": "Point", "coordinates": [1, 2]}
    path.write_text("\ufeff" + json.dumps({"type": "Feature", "geometry": point, "bbox": [1, 2]}), encoding="utf-8")
    assert list(features_of(path)) == [{"type": "Feature", "geometry": point}]
    path.write_text(json.dumps(point))
    assert list(features_of(path)) == [{"type": "Feature", "geometry": point}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected, found the end"),
        ("II*\0", "found 'I'"),
        ('{"a": 1}', "neither features nor a geometry"),
        ('{"features": [{"type": "Feature"}', "found the end"),
        ('{"features": [{"type" "Feature"}]}', "delimiter at character 22"),
        ('{"features": [1 2]}', "found '2' at character 16"),
        ('{"features": [nul', "Expecting value"),
        ('{"features": ["abc', "Unterminated string"),
        ("[] []", "more after its end"),
        ("[" * 200_000, "nested too deeply"),
        ("[1" + "0" * 5000 + "]", "digits"),
    ],
)
def test_what_is_no_geojson_is_said_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        list(features_of(path))
    assert [f.rule for f in caught.value.findings] == ["outlines.json"]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(b'["\xff\xfe"]')
    with pytest.raises(InputError, match="not UTF-8"):
        list(features_of(path))


def test_a_mistake_near_the_start_is_told_without_reading_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_stream, "_CHUNK", 100)
    path = tmp_path / "a.geojson"
    path.write_text('[{"type" 1}' + " " * 10_000_000)
    reads = []
    more = _stream._Text._more
    monkeypatch.setattr(_stream._Text, "_more", lambda self: reads.append(1) or more(self))
    with pytest.raises(InputError, match="character 9"):
        list(features_of(path))
    assert len(reads) == 1


def test_one_enormous_feature_is_refused_before_it_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_stream, "MAX_FEATURE", 10_000)
    monkeypatch.setattr(_stream, "_CHUNK", 1000)
    path = tmp_path / "a.geojson"
    ring = ",".join(["[1.5,2.5]"] * 100_000)
    path.write_text(f'[{{"type":"Feature","geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}]')
    with pytest.raises(InputError, match=r"longer than 10,000"):
        list(features_of(path))
