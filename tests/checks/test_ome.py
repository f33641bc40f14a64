"""The OME model judges a header; what only numbers and names change is judged once."""

from __future__ import annotations

import pytest

from htan_kit.checks import _ome
from htan_kit.checks._ome import problems_of

SPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06"


def document(*, pixels: str = "", inside: str = "", after: str = "", kind: str = "uint8", space: str = SPACE) -> str:
    return (
        f'<OME xmlns="{space}"><Image ID="Image:0" Name="a"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="{kind}" '
        f'SizeX="9" SizeY="9" SizeZ="1" SizeC="1" SizeT="1" {pixels}><Channel ID="Channel:0:0"/>{inside}'
        f"<MetadataOnly/></Pixels></Image>{after}</OME>"
    )


@pytest.mark.parametrize(
    "good",
    [
        document(),
        document(pixels='PhysicalSizeX="0.325" PhysicalSizeXUnit="nm"'),
        document(inside='<Channel ID="Channel:0:1" Name="CO2" Color="-16776961"/>'),
        document(after='<StructuredAnnotations><XMLAnnotation ID="Annotation:1"><Value><x y="1"/></Value>'
                 "</XMLAnnotation></StructuredAnnotations>"),
        document(after='<other xmlns="urn:x" a="b"/>'),
    ],
)  # fmt: skip
def test_a_valid_header(good: str) -> None:
    assert problems_of(good) == ([], "")


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (document(kind="uint9"), "Pixels: Type"),
        (document(pixels='PhysicalSizeZ="0"'), "Pixels: PhysicalSizeZ: input should be greater than 0"),
        (document(pixels='PhysicalSizeX="about 1"'), "PhysicalSizeX: input should be a valid number"),
        (document(pixels='PhysicalSizeXUnit="um"'), "PhysicalSizeXUnit"),
        (document(inside="<Foo/>"), "Pixels: the model has no Foo here"),
        (document(inside='<Channel ID="first"/>'), "Channel: the ID"),
        (document(inside='<TiffData IFD="-1"/>'), "IFD"),
        (f'<OME xmlns="{SPACE}"><Image ID="Image:0"><Pixels/></Image></OME>', "and 2 more"),
        (document(after="<Image/>"), "Image: "),
    ],
)
def test_an_invalid_header(bad: str, said: str) -> None:
    problems, unchecked = problems_of(bad)
    assert said in "; ".join(problems)
    assert unchecked == ""


def test_what_is_not_checked_is_said() -> None:
    old = document(space=SPACE.replace("2016-06", "2013-06"))
    assert problems_of(old) == ([], "it is of release 2013-06, not 2016-06")
    assert problems_of("<OME/>") == ([], "it names no release")


def test_documents_made_to_harm_end() -> None:
    deep = 5_000
    problems, _ = problems_of(document(after="<a>" * deep + "</a>" * deep))
    assert problems == ["OME: the model has no a here"]
    many = "".join(f'<Experimenter ID="Experimenter:0" UserName="{i:x}a"/>' for i in range(20_000))
    problems, unchecked = problems_of(document(after=many))
    assert problems == []
    assert "parts that differ" in unchecked


def test_no_value_is_repeated() -> None:
    bad = document(after='<Experimenter ID="Experimenter:0" FirstName="Ada"><Foo/></Experimenter>')
    bad = bad.replace("<Pixels", "<AcquisitionDate>17 May 2021</AcquisitionDate><Pixels")
    problems, _ = problems_of(bad)
    assert problems
    assert not any(secret in str(problems) for secret in ("Ada", "2021", "May"))


def test_headers_that_differ_in_numbers_and_names_are_judged_once() -> None:
    _ome._judged.cache_clear()
    for i in range(1, 20):
        xml = document(pixels=f'PhysicalSizeX="{i}.5"', inside=f'<Channel ID="Channel:0:{i}" Name="M{i}"/>' * i)
        assert problems_of(xml.replace('Name="a"', f'Name="slide {i}"')) == ([], "")
    assert _ome._judged.cache_info().misses == 1
