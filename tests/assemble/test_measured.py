"""In a run the pixels of a sample are decoded in one pass, whoever asks; and nobody else goes over whole images."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

import htan_kit as hk
from htan_kit.pixels._pass import Pass

if TYPE_CHECKING:
    from anndata import AnnData

GOOD = "HTA200_1_D1"
SOURCE = Path(hk.__file__).resolve().parent
WHOLE = {"blocks", "channel_statistics", "object_means", "mask_objects", "object_morphology", "thumbnail"}
"""Functions that go over all of an image or mask."""
ALLOWED = {
    "io/mask.py": "blocks is defined by Image.blocks",
    "pixels/_picture.py": "a small level of the pyramid",
    "pixels/_pieces.py": "the engine, where a mask may be binary",
    "pixels/_sampled.py": "the engine, for a small image",
    "pixels/_source.py": "blocks of the grid",
    "pixels/_pass.py": "blocks of the grid",
    "pixels/_mask_rows.py": "blocks of the grid",
    "assemble/_measured.py": "the one place that asks the engine",
    "report/_describe_mask.py": "a small mask; a large one is looked at in windows",
    "report/_index.py": "a picture of a page",
    "report/_thumbnail.py": "a picture of a page",
    "io/tables/_rows.py": "blocks of a table",
    "datasets/_geometry.py": "what is simulated, not a file",
    "datasets/_measure.py": "what is simulated, not a file",
}


def calls(path: Path) -> set[str]:
    """The names of what a module calls."""
    found = (node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    return {f.attr if isinstance(f, ast.Attribute) else f.id for f in found if isinstance(f, ast.Attribute | ast.Name)}


def test_only_the_engine_goes_over_whole_images() -> None:
    who = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if calls(path) & WHOLE}
    assert who <= set(ALLOWED)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    run, seen = Pass.run, []

    def counted(self: Pass) -> None:
        seen.append("image" if self.image is not None else "mask")
        run(self)

    monkeypatch.setattr(Pass, "run", counted)
    return seen


def everything(sample: hk.Sample) -> dict[str, object]:
    """What 1_qc.ipynb asks of the pixels."""
    adata = hk.read(sample)
    channels = hk.qc.channels(sample)
    hk.pl.channel_strip(sample)
    hk.pl.segmentation(sample, n_crops=2)
    return {
        "adata": adata,
        "findings": hk.check(sample, pixels=True),
        "images": hk.qc.images(sample),
        "channels": channels,
        "segmentation": hk.qc.segmentation(sample),
        "agreement": hk.qc.agreement(sample),
    }


@pytest.mark.parametrize("library_id", [GOOD, "HTA200_2_D1"])
def test_quality_control_decodes_an_image_once(
    cohort: hk.Cohort, tmp_path: Path, passes: list[str], library_id: str
) -> None:
    sample = replace(cohort[library_id], cache=tmp_path / "measure")
    kept = everything(sample)
    assert passes.count("image") == 1
    # The places of a table's centroids are looked up in the mask; nothing else goes over it again.
    assert passes.count("mask") <= 1
    n = len(passes)
    plain = everything(cohort[library_id])
    assert len(passes) > n + 3
    left, right = kept.pop("adata"), plain.pop("adata")
    _same(left, right)
    for name in kept:
        assert kept[name].equals(plain[name]) if hasattr(kept[name], "equals") else kept[name] == plain[name], name


def _same(left: AnnData, right: AnnData) -> None:
    np.testing.assert_array_equal(left.X, right.X)
    assert left.obs.equals(right.obs)
    for one, other in zip(left.uns["spatial"].values(), right.uns["spatial"].values(), strict=True):
        for name in one["images"]:
            np.testing.assert_array_equal(one["images"][name], other["images"][name])


def test_level_4_that_is_measured_comes_from_that_pass_too(
    cohort: hk.Cohort, tmp_path: Path, passes: list[str]
) -> None:
    sample = replace(cohort[GOOD], cache=tmp_path / "measure", table=())
    adata = hk.read(sample)
    hk.qc.channels(sample)
    assert passes == ["image"]
    plain = hk.quantify(sample.image, sample.mask, sample.channels)
    np.testing.assert_array_equal(adata.X, plain.X)
    assert adata.obs["area_um2"].tolist() == plain.obs["area_um2"].tolist()


def test_results_keep_measurements_in_the_sample_s_folder(tmp_path: Path, passes: list[str]) -> None:
    results = hk.open_results(sample=GOOD, out=tmp_path / "out", notebook="1_qc")
    assert results.sample.cache == tmp_path / "out" / GOOD / "measure"
    hk.qc.segmentation(results.sample)
    assert passes == ["image"]
    again = hk.open_results(sample=GOOD, out=tmp_path / "out", notebook="1_qc")
    again.adata()
    hk.qc.channels(again.sample)
    assert passes == ["image"]
    shutil.rmtree(again.sample.cache)  # nothing but time depends on it
    assert hk.qc.segmentation(again.sample)["n_objects"].iloc[0] > 0


def test_a_colour_image_with_a_mask_is_measured_once_by_stain(tmp_path: Path, passes: list[str]) -> None:
    rng = np.random.default_rng(0)
    labels = np.kron(np.arange(1, 10, dtype=np.uint16).reshape(3, 3), np.ones((20, 20), np.uint16))
    tifffile.imwrite(tmp_path / "he.tif", rng.integers(0, 255, (60, 60, 3), dtype=np.uint8), photometric="rgb")
    tifffile.imwrite(tmp_path / "m.tif", labels)
    sample = hk.Sample("he", "he", tmp_path, image=tmp_path / "he.tif", masks={"m": tmp_path / "m.tif"}, mask_name="m")
    plain = hk.read(sample)
    del passes[:]
    cached = replace(sample, cache=tmp_path / "measure")
    for _ in range(2):
        adata = hk.read(cached)
        assert adata.var_names.tolist() == ["hematoxylin", "eosin", "dab"]
        np.testing.assert_array_equal(adata.X, plain.X)
        assert len(hk.qc.channels(cached)) == 3
    assert passes == ["image"]
