"""Descriptions of pages: what viewers need stays."""

from __future__ import annotations

import json

from htan_kit.export._clean_text import clean_description


def test_aperio_keeps_magnification_and_pixel_size() -> None:
    text = (
        "Aperio Image Library v11.2.1 \r\n46000x32914 [0,0 100x100] (240x240) J2K/YUV16 Q=70;Ada|AppMag = 40|User = Ada"
    )
    text += "|MPP = 0.2525|Filename = case 42|MPP = Ada"
    new = (clean_description(text) or b"").decode()
    head = "Aperio Image Library v11.2.1 \r\n46000x32914 [0,0 100x100] (240x240) J2K/YUV16 Q=70"
    assert new == f"{head}|AppMag = 40|MPP = 0.2525"


def test_tifffile_keeps_shape_and_axes() -> None:
    text = json.dumps({"shape": [2, 3], "axes": "YX", "Operator": "Ada", "truncated": True})
    assert json.loads(clean_description(text) or b"") == {"shape": [2, 3], "axes": "YX", "truncated": True}
    assert clean_description('{"shape": "Ada"}') is None
    assert clean_description("{not json") is None


def test_imagej_keeps_the_stack() -> None:
    text = "ImageJ=1.53t\nimages=2\nchannels=2\nunit=micron\nInfo=Ada\nmin=1e3\nmax=2021-03-05\n"
    assert clean_description(text) == b"ImageJ=1.53t\nimages=2\nchannels=2\nunit=micron\nmin=1e3\n"


def test_qptiff_that_is_no_xml() -> None:
    assert clean_description("<PerkinElmer-QPI-ImageDescription><a>") is None


def test_free_text_goes() -> None:
    assert clean_description("Slide of Ada, 5 March 2021") is None
