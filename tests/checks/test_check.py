"""Every rule on headers is broken once and found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

import htan_kit as hk
from htan_kit.checks import check_each
from htan_kit.checks._image import check_image

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Delivery


def rules(path: Path) -> dict[str, hk.Finding]:
    return {f.rule: f for f in hk.check(path)}


def test_the_good_sample_has_no_errors(cohort: hk.Cohort) -> None:
    assert len(hk.check(cohort["HTA200_1_D1"], pixels=True).errors) == 0


def test_the_planted_sample_is_found_out(cohort: hk.Cohort) -> None:
    found = {f.rule for f in hk.check(cohort["HTA200_2_D1"])}
    assert {"htan2.l2.no-dates", "channels.swapped", "htan2.channels.match-header", "manifest.n-objects"} <= found
    assert "identity.label-missing-in-table" not in found  # that needs the pixels of the mask
    assert "identity.label-missing-in-table" in {f.rule for f in hk.check(cohort["HTA200_2_D1"], pixels=True)}


def test_headers_alone_are_read_unless_asked_for_pixels(cohort: hk.Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("pixels were decoded")

    from htan_kit.io.image import Image
    from htan_kit.io.mask import Mask

    for kind, method in ((Image, "read"), (Image, "blocks"), (Image, "dask"), (Mask, "read"), (Mask, "blocks")):
        monkeypatch.setattr(kind, method, refuse)
    assert len(hk.check(cohort))


@pytest.mark.parametrize("where", ["tag", "xml"])
def test_a_date_in_the_header_of_a_file_without_records(tmp_path: Path, where: str) -> None:
    path = tmp_path / "a.ome.tif"
    metadata = {"axes": "CYX", **({"AcquisitionDate": "2020-01-02T03:04:05"} if where == "xml" else {})}
    options = {"datetime": "2020:01:02 03:04:05"} if where == "tag" else {}
    tifffile.imwrite(
        path, np.zeros((2, 9, 9), np.uint8), ome=True, metadata=metadata, photometric="minisblack", **options
    )
    finding = rules(path)["deid.dates"]
    assert finding.severity == "warning"
    assert "2020" not in hk.check(path).to_json()


def test_strips_and_names(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(
        path, np.zeros((2, 9, 2500), np.uint8), ome=True, metadata={"axes": "CYX"}, photometric="minisblack"
    )
    found = {f.rule: f for f in check_image(hk.read_image(path))}
    assert found["htan2.l2.tiled"].severity == "warning"
    assert found["htan2.l2.pyramid"].severity == "warning"
    assert "2 of 2 channels" in found["htan2.l2.channel-names"].message
    assert found.keys() <= rules(path).keys()
    assert rules(path)["htan2.l2.tiled"].severity == "info"  # the file is not under HTAN's rules


def test_brightfield_as_three_channels(tmp_path: Path) -> None:
    path = tmp_path / "he.ome.tif"
    metadata = {"axes": "CYX", "Channel": {"Name": ["Red", "Green", "Blue"]}}
    tifffile.imwrite(path, np.zeros((3, 9, 9), np.uint8), ome=True, metadata=metadata, photometric="minisblack")
    assert "htan2.dp.three-channels" in rules(path)


def test_a_manifest_that_describes_another_image(tmp_path: Path, sample_dir: Path) -> None:
    import shutil

    copy = tmp_path / "cohort"
    shutil.copytree(sample_dir, copy)
    manifest = copy / "manifest_MultiplexMicroscopyLevel2.csv"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(",672,", ",673,"), encoding="utf-8")
    sample = hk.open_cohort(copy)["HTA200_1_D1"]
    assert [f.message for f in hk.check(sample) if f.rule == "manifest.size"] == ["SIZE_X is 673, the image has 672."]


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a.ome.tif").write_text("no image")
    assert set(rules(tmp_path / "a.ome.tif")) == {"image.tiff"}


def test_an_image_that_cannot_be_read_is_not_blamed_for_what_it_may_say(tmp_path: Path) -> None:
    (tmp_path / "a.ome.tif").write_text("no image")
    assert "image.pixel-size-unknown" not in rules(tmp_path / "a.ome.tif")


def test_an_anndata_tells_what_was_found_when_it_was_read(cohort: hk.Cohort) -> None:
    sample = cohort["HTA200_2_D1"]
    adata = hk.read(sample)
    found = {f.rule for f in hk.check(adata)}
    assert {f.rule for f in hk.check(sample, pixels=True)} >= {
        r for r in found if not r.startswith(("miti.", "htan2."))
    }
    assert "identity.label-missing-in-table" in found


def test_an_invalid_record_is_found_with_the_rest(delivery: Delivery) -> None:
    delivery.row(2).update(IMMERSION="Honey", NOMINAL_MAGNIFICATION="many")
    delivery.row(4)["HTAN_DATA_FILE_ID"] = "HTA200_1_4"
    found = delivery.found()
    assert found["htan2.multiplex-microscopy-level-2.immersion.value"].severity == "error"
    assert "htan2.multiplex-microscopy-level-2.nominal-magnification.type" in found
    assert "htan2.multiplex-microscopy-level-4.htan-data-file-id.pattern" in found


def test_a_record_that_several_images_share_is_judged_once(delivery: Delivery) -> None:
    panel = {"HTAN_PANEL_ID": "HTA200_1_P1", "RRID_IDENTIFIER": "AB_1"}
    delivery.rows["ChannelMetadata"] = [
        {**panel, "CHANNEL_ID": f"Channel:0:{i}", "CHANNEL_NAME": name} for i, name in enumerate(["DNA", "CD3", "CD8"])
    ]
    second = {**delivery.row(2), "HTAN_DATA_FILE_ID": "HTA200_1_D8"}
    delivery.rows["MultiplexMicroscopyLevel2"].append(second)
    each = dict(check_each(delivery.write()))
    wrong = {name: [f for f in found if f.rule.endswith("rrid-identifier.pattern")] for name, found in each.items()}
    assert {name: len(found) for name, found in wrong.items()} == {"": 0, "HTA200_1_D1": 3, "HTA200_1_D8": 0}


def test_a_miti_record_is_validated(delivery: Delivery) -> None:
    (delivery.folder / "miti").mkdir()
    (delivery.folder / "miti" / "HTA200_1_D1.json").write_text('{"file": {"Lens NA": "high"}}')
    assert "miti.file.lens-na.type" in delivery.found()


def test_each_sample_has_its_own_findings(cohort: hk.Cohort) -> None:
    each = dict(check_each(cohort))
    assert list(each) == ["", *cohort]
    assert len(each["HTA200_1_D1"]) == 0
    assert {f for found in each.values() for f in found} == set(hk.check(cohort))


def test_which_mask(real: Path) -> None:
    with pytest.raises(hk.InputError, match="several masks"):
        hk.check(real / "imc_bodenmiller" / "steinbock")
    found = hk.check(real / "imc_bodenmiller" / "steinbock", mask="deepcell")
    # As seen in the files: strips, one level, dates in DateTime and in Image/@Name, steinbock's columns.
    assert Counter(f.rule for f in found) == {
        "deid.dates": 15, "htan2.l2.tiled": 15, "htan2.l2.pyramid": 15, "htan2.l4.cellid": 15,
        "htan2.l4.centroid-names": 15,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("mcmicro_tools/mti-utils", {"image.ome-contradicts-pixels", "htan2.l4.centroid", "folder.channels"}),
        ("awkward/minerva_author/testimages", {"image.pixel-size", "image.pixel-size-unknown", "htan2.l2.tiled",
         "htan2.l2.pyramid", "htan2.l2.channel-names", "htan2.l2.no-annotations"}),
        ("awkward/svs", {"deid.dates", "deid.names", "deid.label-images", "deid.serial-numbers", "image.series",
         "image.ome-xml", "htan2.l2.pyramid"}),
    ],
)  # fmt: skip
def test_real_folders(real: Path, folder: str, expected: set[str]) -> None:
    """Each of these was looked up in the files by hand."""
    assert {f.rule for f in hk.check(real / folder)} == expected
