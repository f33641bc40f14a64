"""Every rule on headers is broken once and found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

import htan_kit as hk
from htan_kit.checks._image import check_image

if TYPE_CHECKING:
    from pathlib import Path


def rules(path: Path) -> dict[str, hk.Finding]:
    return {f.rule: f for f in hk.check(path)}


def test_the_good_sample_has_no_errors(cohort: hk.Cohort) -> None:
    assert len(hk.check(cohort["HTA200_1_D1"]).errors) == 0


def test_the_planted_sample_is_found_out(cohort: hk.Cohort) -> None:
    found = {f.rule for f in hk.check(cohort["HTA200_2_D1"])}
    assert "htan2.l2.no-dates" in found
    assert "identity.label-missing-in-table" in found


@pytest.mark.parametrize("where", ["tag", "xml"])
def test_a_date_in_the_header(tmp_path: Path, where: str) -> None:
    path = tmp_path / "a.ome.tif"
    metadata = {"axes": "CYX", **({"AcquisitionDate": "2020-01-02T03:04:05"} if where == "xml" else {})}
    options = {"datetime": "2020:01:02 03:04:05"} if where == "tag" else {}
    tifffile.imwrite(
        path, np.zeros((2, 9, 9), np.uint8), ome=True, metadata=metadata, photometric="minisblack", **options
    )
    finding = rules(path)["htan2.l2.no-dates"]
    assert finding.severity == "warning"  # the file is not under HTAN's rules
    assert "2020" in finding.message
    assert [f.severity for f in check_image(hk.read_image(path))][0] == "error"


def test_strips_and_names(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(
        path, np.zeros((2, 9, 2500), np.uint8), ome=True, metadata={"axes": "CYX"}, photometric="minisblack"
    )
    found = rules(path)
    assert found["htan2.l2.tiled"].severity == "warning"
    assert found["htan2.l2.pyramid"].severity == "warning"
    assert "2 of 2 channels" in found["htan2.l2.channel-names"].message


def test_brightfield_as_three_channels(tmp_path: Path) -> None:
    path = tmp_path / "he.ome.tif"
    metadata = {"axes": "CYX", "Channel": {"Name": ["Red", "Green", "Blue"]}}
    tifffile.imwrite(path, np.zeros((3, 9, 9), np.uint8), ome=True, metadata=metadata, photometric="minisblack")
    assert "htan2.l2.brightfield" in rules(path)


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


def test_an_anndata_tells_what_was_found_when_it_was_read(cohort: hk.Cohort) -> None:
    sample = cohort["HTA200_2_D1"]
    read = {f.rule for f in hk.check(hk.read(sample))}
    assert read <= {f.rule for f in hk.check(sample)}
    assert "identity.label-missing-in-table" in read
