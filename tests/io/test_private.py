"""Dates, names and addresses in every spelling, and what only looks like them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.io._private import is_slide_label, private_kinds, without_private
from htan_kit.io._private_text import private_in_bytes, private_in_text


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-05", "2021-03-05T15:55:51.798+01:00", "2021:03:05 10:46:29", "20210305", "scan_20210305_NE.tif",
        "12/29/09", "3/5/2021", "05.03.2021", "5 March 2021", "5-Mar-21", "Mar 5 2021", "March 5th, 2021",
        "Fri Mar  5 15:55:51 2021", "x2021/3/5x",
    ],
)  # fmt: skip
def test_dates(text: str) -> None:
    assert private_kinds(text) == {"date"}
    assert not private_kinds(without_private(text))


@pytest.mark.parametrize(
    "text",
    [
        "http://www.openmicroscopy.org/Schemas/OME/2016-06", "OME Bio-Formats 6.7.0", "0.650", "1:200", "CD8a (144B)",
        "2021", "120210305", "HTA11_1391_20000010116110030010",
        "0.20210305", "46000x32914 [0,100 46000x32914]", "1/2/3", "3356", "Cytoker_651((3356))Pr141", "May 10",
        "Q=30", "10.1109/TSMC.1979.4310076", "Channel:0:12", "a@b", "and/or", "C:0", "HLA-A/B/C", "https://x.org/data/y",
        "~/data/x", "Marker 12-10", "version 1.2.2021.4", "CD3:2021",
    ],
)  # fmt: skip
def test_what_only_looks_private(text: str) -> None:
    assert private_kinds(text) == set()
    assert without_private(text) == text


@pytest.mark.parametrize(
    ("text", "key", "kinds"),
    [
        ("09:59:15", "Time", {"date"}), ("1614956151", "TimeStamp", {"date"}), ("7", "ExposureTime", set()),
        ("3.5", "candidate", set()), ("2.1", "update rate", set()), ("tifffile 2023-01-23", "Software", set()),
        ("Ada", "FirstName", {"name"}), ("Ada", "Operator Name", {"name"}), ("Ada", "Name", set()),
        ("x", "SerialNumber", {"serial number"}), ("CP1", "ScanScope ID", {"serial number"}),
        ("x", "Email", {"e-mail"}), ("", "FirstName", set()), (" \0", "DateTime", set()),
        ("D:\\data\\x.mcd", "Filename", {"user path"}), ("\\\\server\\share\\x", "", {"user path"}),
        ("file:///home/ada/x", "", {"user path"}), ("see /Users/ada/x", "", {"user path"}),
    ],
)  # fmt: skip
def test_keys(text: str, key: str, kinds: set[str]) -> None:
    assert private_kinds(text, key) == kinds


FORMS = ["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%Y:%m:%d", "%m/%d/%Y", "%d %b %Y", "%b %d, %Y", "%d-%B-%Y"]


@given(st.dates(dt.date(1950, 1, 1), dt.date(2049, 12, 31)), st.sampled_from(FORMS))
def test_every_day_in_every_form(day: dt.date, form: str) -> None:
    text = f"slide_{day.strftime(form)} x" if form[1] not in "bd" else f"on {day.strftime(form)}, x"
    assert private_kinds(text) == {"date"}
    assert day.strftime(form) not in without_private(text)


def test_an_identifier_is_no_date() -> None:
    assert private_kinds("urn:uuid:20210305-0000-4000-8000-000000000000") == set()


def test_labels_of_slides() -> None:
    names = ["label", "Label Image", "macro image", "OVERVIEW", "slide label", "label 2", "label_image"]
    assert all(map(is_slide_label, names))
    assert not any(map(is_slide_label, ["labels", "cell label mask", "macrophage", "", "Image 1", "label of cells"]))


def test_texts_within_texts() -> None:
    places = [p.place for p in private_in_text('<A><UserName>Ada</UserName></A> {"operator": "Ada"}', "x", "Value")]
    assert places == ["x: UserName", "x: operator"]
    wide = b"\0\1" + "C:\\Users\\ada\\x.tif".encode("utf-16-be") + b"\xff\xfe"
    assert [p.kind for p in private_in_bytes(wide, "x")] == ["user path"]


@given(st.text(max_size=300), st.text(max_size=30))
def test_any_text(text: str, key: str) -> None:
    list(private_in_text(text, "x", key))
    without_private(text)
