"""What belongs together is found by layout, and what does not is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

import htan_kit as hk
from htan_kit.cohort._files import natural
from htan_kit.cohort._sample import stem_of, unique_ids


def write_image(path: Path, n: int = 2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(
        path, np.zeros((n, 12, 14), np.uint8), ome=True, metadata={"axes": "CYX"}, photometric="minisblack"
    )
    return path


def write_mask(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    labels = np.zeros((12, 14), np.uint16)
    labels[2:4, 3:6], labels[7:9, 8:11] = 3, 5
    tifffile.imwrite(path, labels)
    return path


def write_table(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame({"CellID": [3, 5], "DNA": [1.0, 2.0], "X_centroid": [4.0, 9.0], "Y_centroid": [2.5, 7.5]})
    frame.to_csv(path, index=False)
    return path


@given(st.lists(st.text(max_size=130), max_size=12))
def test_library_ids_are_safe_and_unique(names: list[str]) -> None:
    ids = unique_ids(names)
    assert len({i.lower() for i in ids}) == len(names)
    for library_id in ids:
        assert 0 < len(library_id) <= 100
        assert not library_id.startswith(".")
        assert set(library_id) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


@pytest.mark.parametrize(
    ("name", "stem"), [("a.ome.tiff", "a"), ("a.b.OME.TIF", "a.b"), ("x.h5ad", "x"), ("y.z", "y.z")]
)
def test_stems(name: str, stem: str) -> None:
    assert stem_of(Path(name)) == stem


class TestSheet:
    def write(self, folder: Path, text: str) -> Path:
        (folder / "sheet.csv").write_text(text)
        return folder / "sheet.csv"

    def test_rows_are_samples_and_empty_cells_mean_none(self, tmp_path: Path) -> None:
        write_image(tmp_path / "a.ome.tif")
        write_mask(tmp_path / "m.tif")
        write_table(tmp_path / "t.csv")
        sheet = self.write(
            tmp_path,
            "\ufeffsample,image,channels,mask,table,pixel_size_um\none,a.ome.tif,,m.tif,,0.5\ntwo,,,,t.csv,\n",
        )
        cohort = hk.open_cohort(sheet)
        assert list(cohort) == ["one", "two"]
        assert cohort["one"].levels == (2, 3)
        assert cohort["one"].pixel_size_um == 0.5
        assert cohort["two"].levels == (4,)
        assert cohort["two"].pixel_size_um is None

    def test_all_problems_at_once(self, tmp_path: Path) -> None:
        sheet = self.write(
            tmp_path, "sample,image,mask,pixel_size_um,colour\na,no.tif,,zero,x\nb,,,,\nc,also-no.tif,,-1,\n"
        )
        with pytest.raises(hk.InputError) as caught:
            hk.open_cohort(sheet)
        text = str(caught.value)
        assert len(caught.value.findings) == 6
        assert "line 2" in text
        assert "line 3" in text
        assert "'colour'" in text

    def test_the_same_name_twice(self, tmp_path: Path) -> None:
        write_image(tmp_path / "a.ome.tif")
        sheet = self.write(tmp_path, "sample,image\nx y,a.ome.tif\nx/y,a.ome.tif\n")
        assert list(hk.open_cohort(sheet)) == ["x_y", "x_y_2"]


class TestMcmicro:
    def build(self, root: Path) -> Path:
        write_image(root / "registration" / "exemplar-001.ome.tif")
        write_mask(root / "segmentation" / "unmicst-exemplar-001" / "cell.ome.tif")
        write_mask(root / "segmentation" / "unmicst-exemplar-001" / "nuclei.ome.tif")
        write_table(root / "quantification" / "exemplar-001--unmicst_cell.csv")
        write_table(root / "quantification" / "exemplar-001--unmicst_nuclei.csv")
        (root / "markers.csv").write_text("cycle,marker_name\n1,DNA\n1,CD3\n")
        return root

    def test_the_cell_mask_and_its_table_are_taken(self, tmp_path: Path) -> None:
        sample = hk.open_cohort(self.build(tmp_path))["exemplar-001"]
        assert sample.mask_name == "cell"
        assert [path.name for path in sample.table] == ["exemplar-001--unmicst_cell.csv"]
        assert sample.channels is not None
        nuclei = hk.open_cohort(tmp_path, mask="nucleus")["exemplar-001"]
        assert [path.name for path in nuclei.table] == ["exemplar-001--unmicst_nuclei.csv"]

    def test_a_folder_of_runs(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            self.build(tmp_path / name)
        assert list(hk.open_cohort(tmp_path)) == ["exemplar-001", "exemplar-001_2"]

    def test_several_methods_ask_for_one(self, tmp_path: Path) -> None:
        self.build(tmp_path)
        write_mask(tmp_path / "segmentation" / "mesmer-exemplar-001" / "cell.ome.tif")
        with pytest.raises(hk.InputError, match="mesmer_cell, unmicst_cell, unmicst_nucleus"):
            hk.open_cohort(tmp_path)
        sample = hk.open_cohort(tmp_path, mask="unmicst_cell")["exemplar-001"]
        assert [path.name for path in sample.table] == ["exemplar-001--unmicst_cell.csv"]


class TestSteinbock:
    def test_real_folder(self, real: Path) -> None:
        folder = real / "imc_bodenmiller" / "steinbock"
        with pytest.raises(hk.InputError, match="deepcell, ilastik"):
            hk.open_cohort(folder)
        cohort = hk.open_cohort(folder, mask="deepcell")
        assert len(cohort) == 15
        assert {sample.pixel_size_um for sample in cohort.samples} == {1.0}
        assert {sample.levels for sample in cohort.samples} == {(2, 3, 4)}
        assert all(len(sample.table) == 2 for sample in cohort.samples)

    def test_a_name_is_never_a_path(self, tmp_path: Path) -> None:
        write_image(tmp_path / "secret.tiff")
        folder = tmp_path / "steinbock"
        write_image(folder / "img" / "a.tiff")
        (folder / "panel.csv").write_text("channel,name\nIr191,DNA\n")
        (folder / "images.csv").write_text("image\n../../secret.tiff\n")
        sample = next(iter(hk.open_cohort(folder).samples))
        assert sample.image is None
        assert "steinbock.image" in {f.rule for f in sample.findings.errors}

    def test_a_size_that_cannot_be_told(self, tmp_path: Path) -> None:
        write_image(tmp_path / "ome" / "a.ome.tiff")
        (tmp_path / "panel.csv").write_text("channel,name\nIr191,DNA\n")
        (tmp_path / "images.csv").write_text(
            "image,width_px,height_px,acquisition_width_um,acquisition_height_um\na.tiff,14,12,,12\n"
        )
        cohort = hk.open_cohort(tmp_path)
        assert cohort["a"].pixel_size_um is None
        assert [f.rule for f in cohort.findings] == ["steinbock.pixel-size"]


class TestFlat:
    def test_masks_by_name_ask_for_one(self, tmp_path: Path) -> None:
        write_image(tmp_path / "test.tiff")
        write_mask(tmp_path / "mask.tiff")
        write_mask(tmp_path / "supp_mask.tiff")
        with pytest.raises(hk.InputError, match="several masks: mask, supp_mask"):
            hk.open_cohort(tmp_path)
        assert hk.open_cohort(tmp_path, mask="supp_mask")["test"].mask == tmp_path / "supp_mask.tiff"
        with pytest.raises(hk.InputError, match="No image has a mask named 'nuclei'"):
            hk.open_cohort(tmp_path, mask="nuclei")

    def test_one_file(self, tmp_path: Path) -> None:
        assert hk.open_cohort(write_image(tmp_path / "i.ome.tif"))["i"].levels == (2,)
        assert hk.open_cohort(write_table(tmp_path / "t.csv"))["t"].levels == (4,)

    def test_nothing_recognisable(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("hello\nworld\n")
        with pytest.raises(hk.InputError, match="Nothing here is recognised") as caught:
            hk.open_cohort(tmp_path)
        assert "steinbock" in str(caught.value)
        with pytest.raises(hk.InputError, match="no such file or folder"):
            hk.open_cohort(tmp_path / "missing")


class TestHtan:
    def test_sample_cohort(self, sample_dir: Path) -> None:
        cohort = hk.open_cohort(sample_dir)
        assert cohort.kind == "HTAN manifests"
        assert len(cohort) == 4
        assert cohort["HTA200_1_D1"].assay == "CyCIF"
        assert cohort["HTA200_1_D1"].mask_name == "cell"
        assert [sample.levels for sample in cohort.samples if sample.assay == "H&E"] == [(2,)]

    def test_a_missing_file_is_a_finding_of_its_sample(self, tmp_path: Path, sample_dir: Path) -> None:
        for manifest in sample_dir.glob("manifest_*.csv"):
            (tmp_path / manifest.name).write_bytes(manifest.read_bytes())
        cohort = hk.open_cohort(tmp_path)
        assert len(cohort) == 4
        for sample in cohort.samples:
            assert "manifest.file-exists" in {f.rule for f in sample.findings.errors}
            with pytest.raises(hk.InputError, match="no such file"):
                hk.read(sample)

    def test_a_manifest_cannot_reach_outside_its_folder(self, tmp_path: Path, sample_dir: Path) -> None:
        write_image(tmp_path / "secret.ome.tiff")
        inside = tmp_path / "data"
        inside.mkdir()
        text = (sample_dir / "manifest_MultiplexMicroscopyLevel2.csv").read_text(encoding="utf-8")
        (inside / "manifest.csv").write_text(text.replace("level2/HTA200_1_D1.ome.tiff", "../secret.ome.tiff"))
        sample = hk.open_cohort(inside)["HTA200_1_D1"]
        assert not (sample.image or inside).exists() or sample.image is None
        assert any("outside" in f.message or "no file" in f.message for f in sample.findings.errors)


def test_samples_are_chosen_by_id(sample_dir: Path) -> None:
    assert list(hk.open_cohort(sample_dir, samples=["HTA200_1_D1"])) == ["HTA200_1_D1"]
    with pytest.raises(hk.InputError, match="Did you mean: .*HTA200_1_D1"):
        hk.open_cohort(sample_dir, samples=["HTA200_1_D"])


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan")])
def test_a_pixel_size_must_be_positive(sample_dir: Path, size: float) -> None:
    with pytest.raises(hk.InputError, match="not possible"):
        hk.open_cohort(sample_dir, pixel_size_um=size)


def test_what_a_notebook_shows_is_escaped(tmp_path: Path) -> None:
    write_image(tmp_path / "a.ome.tif")
    (tmp_path / "sheet.csv").write_text("sample,image,assay\nx,a.ome.tif,<script>alert(1)</script>\n")
    cohort = hk.open_cohort(tmp_path / "sheet.csv")
    for html in (cohort._repr_html_(), cohort["x"]._repr_html_()):
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


LONG = "a" * 300 + ".ome.tif"


class TestNamesTooLong:
    def test_in_a_sheet(self, tmp_path: Path) -> None:
        (tmp_path / "sheet.csv").write_text(f"sample,image\nx,{LONG}\n")
        with pytest.raises(hk.InputError, match="there is no file 'aaa"):
            hk.open_cohort(tmp_path / "sheet.csv")

    def test_in_a_manifest(self, tmp_path: Path, sample_dir: Path) -> None:
        text = (sample_dir / "manifest_MultiplexMicroscopyLevel2.csv").read_text(encoding="utf-8")
        (tmp_path / "manifest.csv").write_text(text.replace("level2/HTA200_1_D1.ome.tiff", LONG))
        sample = hk.open_cohort(tmp_path)["HTA200_1_D1"]
        assert "manifest.file-exists" in {f.rule for f in sample.findings.errors}
        assert sample.files()["size_bytes"].isna().all()

    def test_in_steinbock(self, tmp_path: Path) -> None:
        write_image(tmp_path / "img" / "a.tiff")
        (tmp_path / "panel.csv").write_text("channel,name\nIr191,DNA\n")
        (tmp_path / "images.csv").write_text(f"image\n{LONG}\na.tiff\n")
        missing = next(s for s in hk.open_cohort(tmp_path).samples if s.name != "a")
        assert "steinbock.image" in {f.rule for f in missing.findings.errors}

    def test_as_the_path(self) -> None:
        with pytest.raises(hk.InputError, match="no such file or folder"):
            hk.open_cohort(LONG)


class TestUnreadable:
    @pytest.mark.parametrize("content", [b"sample,image\0\nx,a.tif\n", b'sample,image\nx,"' + b"y" * 200_000 + b'"\n'])
    def test_a_file_that_may_be_the_sheet_is_named(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "sheet.csv").write_bytes(content)
        for path in (tmp_path, tmp_path / "sheet.csv"):
            with pytest.raises(hk.InputError, match="Nothing here is recognised") as caught:
                hk.open_cohort(path)
            assert "sheet.csv is left out" in str(caught.value)
            assert "not a text table" in str(caught.value)
        write_image(tmp_path / "i.ome.tif")
        cohort = hk.open_cohort(tmp_path)
        assert cohort.kind == "folder"
        assert [f.rule for f in cohort.findings] == ["cohort.file-unreadable"]
        assert "sheet.csv" in next(iter(cohort.findings)).message

    def test_a_manifest_among_good_ones(self, tmp_path: Path, sample_dir: Path) -> None:
        text = (sample_dir / "manifest_MultiplexMicroscopyLevel2.csv").read_bytes()
        (tmp_path / "good.csv").write_bytes(text)
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "bad.csv").write_bytes(text[:60] + b"\0" + text[60:])
        found = hk.open_cohort(tmp_path).findings
        assert ["bad.csv" in f.message for f in found if f.rule == "cohort.file-unreadable"] == [True]

    def test_a_manifest_that_is_a_link_out_of_the_folder(self, tmp_path: Path, sample_dir: Path) -> None:
        text = (sample_dir / "manifest_MultiplexMicroscopyLevel2.csv").read_bytes()
        (tmp_path / "secret.csv").write_bytes(text)
        inside = tmp_path / "data"
        inside.mkdir()
        (inside / "manifest.csv").symlink_to(tmp_path / "secret.csv")
        with pytest.raises(hk.InputError, match="a link that leads out of data"):
            hk.open_cohort(inside)
        (inside / "own.csv").write_bytes(text)
        cohort = hk.open_cohort(inside)
        assert "cohort.outside" in {f.rule for f in cohort.findings}
        assert "lineage.id-unique" not in {f.rule for f in cohort.findings}  # the link was not read as well


class TestUnused:
    def left(self, cohort: hk.Cohort) -> str:
        return next((f.message for f in cohort.findings if f.rule == "cohort.files-unused"), "")

    def test_in_a_folder(self, tmp_path: Path) -> None:
        write_image(tmp_path / "roi1.ome.tif")
        write_image(tmp_path / "roi2.ome.tif")
        write_table(tmp_path / "roi1.csv")
        assert self.left(hk.open_cohort(tmp_path)) == ""
        for n in range(1, 8):
            write_table(tmp_path / f"roi1_{n}.csv")
        write_mask(tmp_path / "other_mask.tif")
        message = self.left(hk.open_cohort(tmp_path))
        assert message.startswith("8 files belong to no sample")
        assert "other_mask.tif, roi1_1.csv, roi1_2.csv, roi1_3.csv, roi1_4.csv, ..." in message

    def test_in_mcmicro(self, tmp_path: Path) -> None:
        TestMcmicro().build(tmp_path)
        write_mask(tmp_path / "segmentation" / "unmicst-exemplar-001" / "cellOutlines.tif")
        assert self.left(hk.open_cohort(tmp_path)) == ""
        write_table(tmp_path / "quantification" / "exemplar-001--unmicst_cell_2.csv")
        write_table(tmp_path / "quantification" / "exemplar-001--unmicst_other.csv")
        assert "exemplar-001--unmicst_other.csv" in self.left(hk.open_cohort(tmp_path))

    def test_beside_the_files_of_manifests(self, tmp_path: Path, sample_dir: Path) -> None:
        for path in [*sample_dir.glob("manifest_*.csv"), *sample_dir.glob("level*/*")]:
            (tmp_path / path.relative_to(sample_dir).parent).mkdir(exist_ok=True)
            (tmp_path / path.relative_to(sample_dir)).write_bytes(path.read_bytes())
        assert self.left(hk.open_cohort(tmp_path)) == ""
        write_table(tmp_path / "level4" / "left.csv")
        assert self.left(hk.open_cohort(tmp_path)).endswith("not used: left.csv.")


class TestSeveralImagesInOneTable:
    def sheet(self, folder: Path, keys: tuple[str, str]) -> hk.Cohort:
        for name in "ab":
            write_image(folder / f"{name}.ome.tif")
        one = pd.read_csv(write_table(folder / "cells.csv"))
        parts = [one.assign(imageid=key, DNA=value) for key, value in zip(keys, (1.0, 2.0), strict=True)]
        pd.concat(parts).to_csv(folder / "cells.csv", index=False)
        (folder / "sheet.csv").write_text("sample,image,table\nx,a.ome.tif,cells.csv\ny,b.ome.tif,cells.csv\n")
        return hk.open_cohort(folder / "sheet.csv")

    @pytest.mark.parametrize("keys", [("x", "y"), ("a.ome.tif", "b.ome.tif"), ("a", "b")])
    def test_each_sample_takes_its_own_rows(self, tmp_path: Path, keys: tuple[str, str]) -> None:
        cohort = self.sheet(tmp_path, keys)
        for name, value in (("x", 1.0), ("y", 2.0)):
            table = hk.read_table(cohort[name].table, image=cohort[name].table_image, findings=hk.Findings())
            assert table.ids.tolist() == [3, 5]
            assert (table.markers["DNA"] == value).all()

    def test_images_that_are_not_this_one_are_named(self, tmp_path: Path) -> None:
        cohort = self.sheet(tmp_path, ("p", "q"))
        with pytest.raises(hk.InputError, match=r"2 images \(p, q\)"):
            hk.read(cohort["x"])


def test_samples_are_in_natural_order(tmp_path: Path) -> None:
    names = ["roi1", "roi2", "roi10", "roi" + "9" * 200]
    for name in reversed(names):
        write_image(tmp_path / "flat" / f"{name}.ome.tif")
        write_image(tmp_path / "mcmicro" / "registration" / f"{name}.ome.tif")
        write_image(tmp_path / "imc" / "img" / f"{name}.tiff")
    (tmp_path / "imc" / "panel.csv").write_text("channel,name\nIr191,DNA\n")
    (tmp_path / "imc" / "masks").mkdir()
    for folder in ("flat", "mcmicro", "imc"):
        assert [sample.name for sample in hk.open_cohort(tmp_path / folder).samples] == names
    (tmp_path / "imc" / "images.csv").write_text("image\n" + "".join(f"{name}.tiff\n" for name in reversed(names)))
    assert [sample.name for sample in hk.open_cohort(tmp_path / "imc").samples] == names


@given(st.lists(st.text(max_size=30)), st.integers(0, 99), st.integers(0, 99), st.text(max_size=5))
def test_natural_order_takes_any_name(names: list[str], first: int, second: int, before: str) -> None:
    assert len(sorted(names, key=natural)) == len(names)
    before += "-"
    assert (natural(f"{before}{first}") < natural(f"{before}{second}")) == (first < second)


def test_natural_order_takes_numbers_that_int_does_not() -> None:
    names = ["9" * 5000, "1" + "0" * 5000, "007"]
    assert sorted(names, key=natural) == ["007", "9" * 5000, "1" + "0" * 5000]


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".yml"])
def test_a_miti_record_is_found_by_the_name_of_its_sample(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "cells.csv").write_text("CellID,CD3,X_centroid,Y_centroid\n1,2.0,3.0,4.0\n")
    (tmp_path / "sheet.csv").write_text("sample,image,channels,mask,table,pixel_size_um\none,,,,cells.csv,0.5\n")
    (tmp_path / "miti").mkdir()
    record = tmp_path / "miti" / f"one{suffix}"
    record.write_text('{"file": {"Assay Type": "CODEX"}}')
    assert hk.open_cohort(tmp_path / "sheet.csv")["one"].miti == record
