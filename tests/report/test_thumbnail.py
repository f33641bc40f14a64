"""Small pictures for the overview."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import anndata
import numpy as np
from PIL import Image

from htan_kit.report import thumbnail

if TYPE_CHECKING:
    from pathlib import Path


def _picture(address: str) -> Image.Image:
    assert address.startswith("data:image/jpeg;base64,")
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))


def test_it_is_the_image_of_qc_h5ad(tmp_path: Path) -> None:
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[:, 100:, 0] = 255
    adata = anndata.AnnData(np.zeros((1, 1), np.float32))
    adata.uns["spatial"] = {"A": {"images": {"hires": pixels}}}
    adata.write_h5ad(tmp_path / "qc.h5ad")
    picture = _picture(thumbnail(tmp_path, max_px=50)).convert("RGB")
    assert picture.size == (50, 25)
    assert np.allclose(picture.getpixel((5, 10)), (0, 0, 0), atol=6)
    assert np.allclose(picture.getpixel((45, 10)), (255, 0, 0), atol=6)


def test_without_an_image_it_is_the_largest_figure(executed: Path) -> None:
    assert _picture(thumbnail(executed.parent)).size == (40, 30)


def test_without_either_there_is_none(tmp_path: Path) -> None:
    anndata.AnnData(np.zeros((1, 1), np.float32)).write_h5ad(tmp_path / "qc.h5ad")
    assert thumbnail(tmp_path) == ""
