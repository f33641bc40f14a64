from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.channels import reconcile, role
from htan_kit.channels._labels import fold, is_generic, metal_in
from htan_kit.errors import InputError
from htan_kit.findings import Findings, InputWarning, Severity
from htan_kit.io.channel_table import read_channels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Plane(NamedTuple):
    """What reconcile needs of an ImageChannel."""

    index: int
    id: str | None = None
    name: str | None = None
    samples: int = 1


def planes(*names: str | None, ids: bool = True) -> list[Plane]:
    return [Plane(i, f"Channel:0:{i}" if ids else None, name) for i, name in enumerate(names)]


def table(
    names: Sequence[str | None], ids: Sequence[str | None] | None = None, **columns: Sequence[object]
) -> pd.DataFrame:
    ids = [f"Channel:0:{i}" for i in range(len(names))] if ids is None else ids
    index = [int(i.rsplit(":", 1)[-1]) if i and i[-1].isdigit() and ":" in i else None for i in ids]
    frame = pd.DataFrame({"channel_id": ids, "channel_name": names, **columns}, dtype=object)
    return frame.assign(channel_index=pd.array(index, dtype="Int64"))


def run(
    rows: pd.DataFrame | None, image: Sequence[Plane] | None, features: list[str] | None = None
) -> tuple[pd.DataFrame, dict[str, Severity]]:
    findings = Findings()
    frame = reconcile(rows, image, features, subject="channels.csv", findings=findings)
    return frame, {f.rule: f.severity for f in findings}


def test_id_and_name_agree() -> None:
    rows = table(["CD3", "DNA"], ["Channel:0:1", "Channel:0:0"], clone=["A", "B"])
    frame, rules = run(rows, planes("DNA", "CD3"), ["CD3", "DNA"])
    assert rules == {}
    assert list(frame.index) == ["DNA", "CD3"]
    assert frame["clone"].tolist() == ["B", "A"]
    assert frame["matched_by"].tolist() == ["id+name", "id+name"]
    assert frame["feature"].tolist() == ["DNA", "CD3"]
    assert frame["channel_index"].tolist() == [0, 1]
    assert frame["role"].tolist() == ["nuclear", "marker"]
    assert list(frame.columns)[:8] == [
        "channel_index", "channel_id", "channel_name", "image_name", "matched_by", "feature", "feature_matched_by",
        "role",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("in_table", "in_header"),
    [("CD3e", "CD3ε"), ("PD-L1", "pd l1"), ("β-catenin", "Beta_Catenin"), ("TGFb", "TGF-beta"), ("HLA-DR", "HLADR")],
)
def test_folded_names(in_table: str, in_header: str) -> None:
    frame, rules = run(table([in_table, "X"], ["a", "b"]), planes("X", in_header))
    assert rules == {}
    assert frame["matched_by"].tolist() == ["name", "name"]
    assert frame["channel_name"].tolist() == ["X", in_table]
    assert frame["image_name"].tolist() == ["X", in_header]


def test_an_exact_name_is_not_taken_by_a_folded_one() -> None:
    frame, _ = run(table(["CD-3", "CD3"], ["a", "b"], clone=["1", "2"]), planes("CD3", "CD-3"))
    assert frame["clone"].tolist() == ["2", "1"]


def test_no_names_in_the_header_the_ids_decide() -> None:
    rows = table(["CD3", "DNA"], ["Channel:0:1", "Channel:0:0"])
    for image in (planes(None, None), planes(None, None, ids=False), planes("Channel 0", "Channel 1")):
        frame, rules = run(rows, image)
        assert rules == {}
        assert frame["channel_name"].tolist() == ["DNA", "CD3"]
        assert frame["matched_by"].tolist() == ["id", "id"]


def test_the_ids_of_the_header_are_in_another_order_than_the_planes() -> None:
    image = [Plane(0, "Channel:0:1"), Plane(1, "Channel:0:0")]
    frame, _ = run(table(["DNA", "CD3"]), image)
    assert frame["channel_name"].tolist() == ["CD3", "DNA"]


def test_swapped_rows_are_an_error_and_the_name_is_believed() -> None:
    rows = table(["DNA", "CD8", "CD4"], clone=["d", "c8", "c4"])
    findings = Findings()
    frame = reconcile(rows, planes("DNA", "CD4", "CD8"), ["DNA", "CD4", "CD8"], subject="c.csv", findings=findings)
    (finding,) = findings
    assert (finding.rule, finding.severity) == ("channels.swapped", Severity.error)
    assert "channel 1: 'CD8' in the table, 'CD4' in the header" in finding.message
    assert "channel 2: 'CD4' in the table, 'CD8' in the header" in finding.message
    assert list(frame.index) == ["DNA", "CD4", "CD8"]
    assert frame["clone"].tolist() == ["d", "c4", "c8"]
    assert frame["matched_by"].tolist() == ["id+name", "name", "name"]


def test_ids_that_are_shifted_are_told_from_swapped_rows() -> None:
    rows = table(["DNA", "CD4", "CD8"], ["Channel:0:1", "Channel:0:2", "Channel:0:3"])
    frame, rules = run(rows, planes("DNA", "CD4", "CD8", "Blank", ids=False))
    assert rules == {"channels.base": Severity.warning, "channels.plane-without-row": Severity.warning}
    assert frame["channel_name"].tolist() == ["DNA", "CD4", "CD8", "Blank"]
    assert frame["matched_by"].tolist() == ["name", "name", "name", "none"]


def test_other_names_under_the_same_id() -> None:
    frame, rules = run(table(["DNA", "CD8a"]), planes("DNA", "CD8 alpha chain"))
    assert rules == {"channels.name-differs": Severity.warning}
    assert frame["matched_by"].tolist() == ["id+name", "id"]
    assert frame["channel_name"].tolist() == ["DNA", "CD8a"]


def test_a_plane_the_table_does_not_know_keeps_its_own_name() -> None:
    frame, rules = run(table(["DNA"]), planes("DNA", "CD3", None))
    assert rules == {"channels.plane-without-row": Severity.warning}
    assert list(frame.index) == ["DNA", "CD3", "channel_2"]
    assert frame["role"].tolist() == ["nuclear", "marker", "unknown"]
    assert frame["matched_by"].tolist() == ["id+name", "none", "none"]


def test_more_distinct_ids_than_planes_are_refused() -> None:
    with pytest.raises(InputError, match="lists 3 channels, the image has 2") as caught:
        run(table(["A", "B", "C"]), planes("A", "B"))
    assert [f.rule for f in caught.value.findings] == ["channels.count"]


def test_more_rows_than_planes_are_legal_when_ids_repeat() -> None:
    frame, rules = run(table(["A", "B", "C"], ["Channel:0:0", "Channel:0:1", "Channel:0:1"]), planes("A", "B"))
    assert rules == {"channels.row-without-plane": Severity.warning}
    assert frame["channel_name"].tolist() == ["A", "B"]


def test_a_row_beyond_the_image() -> None:
    frame, rules = run(table(["A", "B"], ["Channel:0:0", "Channel:0:9"]), planes(None, None, ids=False))
    assert rules == {"channels.row-without-plane": Severity.warning, "channels.plane-without-row": Severity.warning}
    assert frame["channel_name"].tolist()[0] == "A"


def test_without_ids_or_names_nothing_is_matched_by_position() -> None:
    frame, rules = run(table(["A", "B"], [None, None]), planes(None, None))
    assert set(rules) == {"channels.row-without-plane", "channels.plane-without-row"}
    assert frame["matched_by"].tolist() == ["none", "none"]
    assert list(frame.index) == ["channel_0", "channel_1"]


def ordered(*names: str) -> pd.DataFrame:
    rows = pd.DataFrame({"channel_id": [None] * len(names), "channel_name": list(names)}, dtype=object)
    rows = rows.assign(channel_index=pd.array([None] * len(names), dtype="Int64"))
    rows.attrs = {"ordered": True}
    return rows


def test_rows_whose_order_is_their_id() -> None:
    frame, rules = run(ordered("DNA", "CD3"), planes(None, None))
    assert rules == {"channels.order-by-row": Severity.info}
    assert frame["matched_by"].tolist() == ["order", "order"]
    frame, rules = run(ordered("DNA"), planes(None, None))
    assert rules["channels.order-by-row"] == Severity.warning
    frame, rules = run(ordered("DNA", "CD3"), planes("DNA", "CD3"))
    assert rules == {}
    assert frame["matched_by"].tolist() == ["name", "name"]
    frame, rules = run(ordered("DNA", "CD3", "CD8"), planes("DNA", "CD8", "CD3"))
    assert rules == {"channels.swapped": Severity.error}
    assert frame["channel_name"].tolist() == ["DNA", "CD8", "CD3"]
    with pytest.raises(InputError, match="lists 3 channels"):
        run(ordered("DNA", "DNA", "DNA"), planes(None, None))


def test_one_name_for_several_channels() -> None:
    features = ["DNA", "CD3", "DNA_1", "DNA_2"]
    frame, rules = run(table(["DNA", "CD3", "DNA", "DNA"]), planes("DNA", "CD3", "DNA", "DNA"), features)
    assert rules == {}
    assert frame["matched_by"].tolist() == ["id+name"] * 4
    assert frame["feature"].tolist() == features
    frame, rules = run(table(["DNA", "CD3", "DNA", "DNA_2"]), planes("DNA", "CD3", "DNA", "DNA_2"))
    assert rules == {"channels.name-repeated": Severity.info}
    assert list(frame.index) == ["DNA", "CD3", "DNA_3", "DNA_2"]
    frame, rules = run(table(["DNA", "DNA"], [None, None], clone=["a", "b"]), planes("DNA", "DNA"))
    assert rules == {"channels.name-repeated": Severity.info}
    assert frame["clone"].tolist() == ["a", "b"]


def test_metals_in_names() -> None:
    rows = table(["Cytokeratin 5", "Ag107"], ["Pr141", "Ag107"])
    frame, rules = run(rows, planes("Ag107_Ag107", "Pr141_Cytokeratin 5"), ["Ag107", "Cytokeratin 5"])
    assert rules == {}
    assert frame["channel_name"].tolist() == ["Ag107", "Cytokeratin 5"]
    frame, _ = run(rows, planes("107Ag", "Cytoker_651((3356))Pr141"))
    assert frame["channel_name"].tolist() == ["Ag107", "Cytokeratin 5"]
    assert frame["matched_by"].tolist() == ["name", "name"]


def test_features() -> None:
    frame, rules = run(table(["DNA", "CD3", "Blank"]), planes("DNA", "CD3", "Blank"), ["cd3", "Unheard of"])
    assert rules == {
        "channels.feature-without-channel": Severity.warning,
        "channels.channel-without-feature": Severity.info,
    }
    assert list(frame.index) == ["DNA", "cd3", "Blank"]
    assert frame["feature_matched_by"].tolist() == ["none", "name", "none"]
    assert frame["feature"].isna().tolist() == [True, False, True]
    _, rules = run(table(["DNA", "CD3"]), planes("DNA", "CD3"), ["DNA"])
    assert rules == {"channels.channel-without-feature": Severity.warning}
    frame, _ = run(table(["DNA", "CD3"], ["Ir191", "Er170"]), planes("DNA", "CD3", ids=False), ["Er170", "Ir191"])
    assert frame["feature"].tolist() == ["Ir191", "Er170"]
    assert frame["feature_matched_by"].tolist() == ["id", "id"]
    frame, _ = run(None, planes(None, None), ["channel_1", "channel_0"])
    assert frame["feature"].tolist() == ["channel_0", "channel_1"]


def test_without_a_table() -> None:
    frame, rules = run(None, planes("DNA", None, "CD3"))
    assert rules == {}
    assert list(frame.index) == ["DNA", "channel_1", "CD3"]
    assert frame["role"].tolist() == ["nuclear", "unknown", "marker"]


def test_without_an_image() -> None:
    rows = table(["CD3", "DNA"], ["Channel:0:1", "Channel:0:0"])
    frame, rules = run(rows, None, ["DNA", "CD8", "CD3"])
    assert rules == {"channels.feature-without-channel": Severity.warning}
    assert list(frame.index) == ["DNA", "CD3", "CD8"]
    assert frame["feature"].tolist() == ["DNA", "CD3", "CD8"]
    assert frame["channel_index"].isna().tolist() == [False, False, True]
    assert frame["role"].tolist() == ["nuclear", "marker", "marker"]
    frame, rules = run(None, None, ["DNA", "CD8"])
    assert rules == {}
    assert list(frame.index) == ["DNA", "CD8"]
    assert frame["role"].tolist() == ["nuclear", "marker"]
    frame, _ = run(None, None, None)
    assert frame.empty
    frame, _ = run(rows, None, None)
    assert list(frame.index) == ["DNA", "CD3"]


def test_rgb() -> None:
    image = [Plane(0, "Channel:0:0", None, 3)]
    frame, rules = run(None, image)
    assert rules == {}
    assert list(frame.index) == ["RGB"]
    assert frame["role"].tolist() == ["stain"]
    rows = table(["Red", "Green", "Blue"], vendor=["Leica"] * 3, lot=["1", "2", "3"])
    frame, rules = run(rows, image)
    assert rules == {}
    assert frame["vendor"].tolist() == ["Leica"]
    assert frame["lot"].isna().all()
    frame, _ = run(table(["H&E"]), image)
    assert list(frame.index) == ["H&E"]
    with pytest.raises(InputError, match="RGB"):
        run(table(["A", "B", "C", "D"]), image)


def test_findings_nobody_collects_are_warnings() -> None:
    with pytest.warns(InputWarning, match="not in the channel table"):
        reconcile(table(["DNA"]), planes("DNA", "CD3"), None, subject="x")


NAMES = st.lists(st.sampled_from(["DNA", "CD3", "CD8", "CD-8", "Ki67", "Blank", "PD-L1"]), min_size=1, max_size=7)


@given(names=NAMES, data=st.data())
def test_rows_in_any_order_give_the_same_frame(names: list[str], data: st.DataObject) -> None:
    rows = table(names, clone=[f"clone {i}" for i in range(len(names))])
    shuffled = rows.iloc[data.draw(st.permutations(range(len(names))))].reset_index(drop=True)
    findings = Findings()
    one = reconcile(rows, planes(*names), names, subject="", findings=findings)
    other = reconcile(shuffled, planes(*names), names, subject="", findings=findings)
    pd.testing.assert_frame_equal(one, other)
    assert one["clone"].tolist() == [f"clone {i}" for i in range(len(names))]
    assert one["matched_by"].tolist() == ["id+name"] * len(names)
    assert one.index.is_unique
    assert not findings.errors


@given(
    names=st.lists(st.text(max_size=6) | st.none(), max_size=6),
    header=st.lists(st.text(max_size=6) | st.none(), min_size=1, max_size=6),
    features=st.none() | st.lists(st.text(max_size=6), max_size=6),
)
def test_any_names_give_one_row_a_plane(
    names: list[str | None], header: list[str | None], features: list[str] | None
) -> None:
    findings = Findings()
    try:
        frame = reconcile(table(names), planes(*header), features, subject="", findings=findings)
    except InputError:
        assert len(names) > len(header)
        return
    assert frame["channel_index"].tolist() == list(range(len(header)))
    assert frame.index.is_unique
    used = frame["feature"].dropna().tolist()
    assert all(used.count(feature) <= (features or []).count(feature) for feature in used)


@given(st.text())
def test_folding_twice_changes_nothing_that_matters(text: str) -> None:
    assert fold(text.upper()) == fold(fold(text.upper())) or not text.isascii()


def test_names_that_only_count() -> None:
    assert all(is_generic(name) for name in (None, "", "Channel 3", "channel:0:1", "7", "ch_2"))
    assert not any(is_generic(name) for name in ("CD3", "DNA_1", "C3"))
    assert metal_in("Ir191_Ir193") is None
    assert role("DNA") == "nuclear"


def test_steinbock_panel_and_its_images(real: Path) -> None:
    folder = real / "imc_bodenmiller"
    panels = [(folder / "steinbock/panel.csv", "ome/*.ome.tiff"), (folder / "panel.csv", "ome/*.ome.tiff")]
    for path, pattern in panels:
        rows = read_channels(path)
        for file in sorted((folder / "steinbock").glob(pattern))[:3]:
            with tifffile.TiffFile(file) as tiff:
                header = re.findall(r'<Channel[^>]* Name="([^"]*)"', tiff.pages.first.description)
            frame, rules = run(rows, planes(*header), None)
            known = frame[frame["matched_by"] != "none"]
            assert len(known) == len(rows)
            assert set(known["matched_by"]) == {"name"}
            assert frame["image_name"].tolist()[1] == "Pr141_Cytokeratin 5"
            assert frame["channel_name"].tolist()[1] == "Cytokeratin 5"
            assert set(rules) <= {"channels.plane-without-row"}


def test_steinbock_images_without_names_and_the_table(real: Path) -> None:
    folder = real / "imc_bodenmiller/steinbock"
    features = list(pd.read_csv(next((folder / "intensities_deepcell").glob("*.csv")), nrows=0).columns)[1:]
    frame, rules = run(read_channels(folder / "panel.csv"), planes(*[None] * 5, ids=False), features)
    assert rules == {"channels.order-by-row": Severity.info}
    assert list(frame.index) == features
    assert frame["feature"].tolist() == features


def test_the_exemplar_table_and_its_markers_that_start_at_21(real: Path) -> None:
    folder = real / "scimap_exemplar001/scimapExampleData"
    header = list(pd.read_csv(folder / "exemplar-001--unmicst_cell.csv", nrows=0).columns)
    features = header[1 : header.index("X_centroid")]
    findings = Findings()
    frame, rules = run(read_channels(folder / "markers.csv", findings=findings), None, features)
    assert rules == {}
    assert [f.rule for f in findings] == ["channels.base"]
    assert list(frame.index) == features
    assert frame["channel_index"].tolist() == list(range(12))
    assert frame["cycle_number"].tolist() == [6] * 4 + [7] * 4 + [8] * 4
