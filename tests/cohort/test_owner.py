from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

import htan_kit as hk
from htan_kit.cohort._owner import Owner, owner_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "stems", "owner"),
    [
        ("other_mask", ["a", "b"], None),  # letters in common say nothing
        ("roi10_mask", ["roi1", "roi2"], None),
        ("roi10_mask", ["roi1"], None),
        ("exemplar-002_mask", ["exemplar-001"], None),
        ("roi1_mask", ["roi1", "roi10"], "roi1"),
        ("roi10_mask", ["roi1", "roi10"], "roi10"),
        ("MASK-roi1", ["roi1", "roi2"], "roi1"),
        ("ROI1 mask", ["roi1", "roi2"], "roi1"),
        ("roi_1_mask", ["roi", "roi_1"], "roi_1"),
        ("roi_1_mask", ["roi", "other"], None),
        ("roi_A_mask", ["roi", "other"], None),
        ("1_mask_roi", ["roi_1", "other"], None),  # the parts, but not side by side
        ("a_b_mask", ["a", "b"], None),
        ("a_b_c_mask", ["a_b", "b_c"], None),
        ("s1_mask_cellpose2", ["s1", "s2"], "s1"),
        ("s1_nuclei_20240131", ["s1", "s2"], "s1"),
        ("mask", ["test"], "test"),
        ("supp_mask", ["test"], "test"),
        ("mask", ["a", "b"], None),
    ],
)
def test_the_image_a_file_is_named_after(name: str, stems: list[str], owner: str | None) -> None:
    assert owner_of(name, stems).stem == owner


@pytest.mark.parametrize("stems", [["roi1"], ["roi1", "b"]])
def test_a_doubt_says_why(stems: list[str]) -> None:
    assert owner_of("roi1_mask", stems).doubt == ""
    assert "'2'" in owner_of("roi1_2_mask", stems).doubt
    assert owner_of("a_b", ["a", "b"]).doubt == "it has the names of 'a' and 'b'"
    assert "tumorB" in owner_of("tumorB_mask", ["tumorA"]).doubt


WORD = st.text("ab1", min_size=1, max_size=2)
NAME = st.lists(WORD, min_size=1, max_size=3).map("_".join)


@given(NAME, st.lists(NAME, min_size=2, max_size=4, unique=True))
def test_an_owner_has_all_its_parts_side_by_side_in_the_name(name: str, stems: list[str]) -> None:
    found = owner_of(name, stems)
    whole = [stem for stem in stems if f"_{stem}_" in f"_{name}_"]
    assert found.stem is None or found.stem in whole
    if not whole:
        assert found == Owner(None)
    if name in stems:
        assert found == Owner(name)


def put(path: Path) -> None:
    tifffile.imwrite(path, np.arange(168, dtype=np.uint16).reshape(12, 14))


def test_no_image_gets_anothers_mask(tmp_path: Path) -> None:
    for name in ("a", "roi1", "other_mask", "roi10_mask", "roi1_mask", "roi1_7_mask"):
        put(tmp_path / f"{name}.tif")
    cohort = hk.open_cohort(tmp_path)
    assert {s.name: [p.name for p in s.masks.values()] for s in cohort.samples} == {"a": [], "roi1": ["roi1_mask.tif"]}
    said = {f.rule: f.message for f in cohort.findings if f.severity == "warning"}
    assert said["folder.owner"].startswith("roi1_7_mask.tif is not used")
    assert "other_mask.tif" in said["cohort.files-unused"]
    assert "roi10_mask.tif" in said["cohort.files-unused"]


def test_masks_are_called_what_their_names_say_beyond_the_images(tmp_path: Path) -> None:
    for name in ("s1", "s2", "s1_mask", "s1-nuclei_mask", "s2_mask"):
        put(tmp_path / f"{name}.tif")
    with pytest.raises(hk.InputError, match="s1 has several masks: nuclei_mask, mask"):
        hk.open_cohort(tmp_path)
    (tmp_path / "s1_mask.tif").rename(tmp_path / "s1-mask-1.tif")
    assert hk.open_cohort(tmp_path)["s1"].masks == {"nuclei_mask": tmp_path / "s1-nuclei_mask.tif"}
    put(tmp_path / "s2-mask.tif")
    with pytest.raises(hk.InputError, match=r"s2 has several masks: s2-mask.tif, s2_mask.tif"):
        hk.open_cohort(tmp_path)


def test_every_image_has_its_own_channel_file(tmp_path: Path) -> None:
    for name in ("s1", "s2", "s3"):
        put(tmp_path / f"{name}.tif")
    for name in ("s1_channels", "s2_channels", "markers"):
        (tmp_path / f"{name}.csv").write_text("channel_number,cycle_number,marker_name\n1,1,DNA\n")
    cohort = hk.open_cohort(tmp_path)
    assert [s.channels.name if s.channels else "" for s in cohort.samples] == [
        "s1_channels.csv", "s2_channels.csv", "markers.csv",
    ]  # fmt: skip
    assert "folder.channels" not in {f.rule for f in cohort.findings}


def test_mcmicro_masks_and_tables_of_an_image_that_is_not_there(tmp_path: Path) -> None:
    for name in ("registration/001.ome.tif", "segmentation/unmicst-exemplar-001/cell.ome.tif"):
        (tmp_path / name).parent.mkdir(parents=True)
        put(tmp_path / name)
    (tmp_path / "quantification").mkdir()
    table = "CellID,DNA,X_centroid,Y_centroid,Area\n1,2.0,3.0,4.0,5\n"
    (tmp_path / "quantification" / "exemplar-001--unmicst_cell.csv").write_text(table)
    cohort = hk.open_cohort(tmp_path)
    assert cohort["001"].levels == (2,)
    assert [f.rule for f in cohort.findings] == ["cohort.files-unused"]
