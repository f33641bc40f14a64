"""Telling columns apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from htan_kit.io.dialects import DIALECTS, dialect_of
from htan_kit.io.dialects._columns import Header, is_shape

NAMES = [
    "CellID", "Object", "Image", "label", "cell_size", "fov", "area", "ID", "x", "y", "size", "cell_id", "CD3",
    "CD3_sum", "X_centroid", "Y_centroid", "centroid-0", "centroid-1", "ImageNumber", "ObjectNumber", "Object Id",
    "XMin", "XMax", "YMin", "YMax", "Cell ID", "Cell X Position", "Cell Y Position", "cell_id:cell_id", "X:X", "Y:Y",
    "Unnamed: 0", "Centroid X µm", "Centroid Y µm", "Cell: CD3 mean", "Nucleus: CD3 mean", "CD3 Cell Intensity",
    "a:Cyc_1_ch_2", "Intensity_MeanIntensity_FullStack_c1", "Point_Num", "CD3_cellMask", "CD3_nucleiMask",
    "CD3_intensity_median", "region:region", "tile_nr:tile_nr", "imageid", "Entire Cell CD3 Mean (Counts)", "phenotype",
]  # fmt: skip


@given(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=30), st.data())
def test_every_column_has_one_place(names: list[str], data: st.DataObject) -> None:
    name = dialect_of(names, "t.csv")
    numbers = frozenset(data.draw(st.sets(st.sampled_from(names))))
    if name is None:
        return
    told = DIALECTS[name].read(Header(tuple(names), numbers, "t.csv"))
    place = told.place.columns if told.place else ()
    used = [
        *(n for n in (told.ids, told.image) if n),
        *place,
        *told.markers.values(),
        *told.features.values(),
        *told.notes,
    ]
    assert len(used) == len(set(used))
    assert set(names) - set(used) <= {"Unnamed: 0"}  # nothing is lost
    assert set(used) <= set(names)  # nothing is made up
    assert {*told.markers.values(), *told.features.values()} <= numbers
    assert set(told.texts) & numbers <= set(told.notes) | {told.image, told.ids}


@given(st.lists(st.text(max_size=12), max_size=30))
def test_any_header_is_of_one_dialect_or_none(names: list[str]) -> None:
    assert dialect_of(names) in {None, *DIALECTS}


def test_shapes() -> None:
    for name in ("Area", "axis_major_length", "bbox-3", "moments_hu-6", "inertia_tensor-0-1", "centroid_local-0"):
        assert is_shape(name)
    for name in ("CD3", "Area_sum", "bbox", "moments"):
        assert not is_shape(name)
