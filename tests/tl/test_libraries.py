from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from htan_kit.errors import InputError
from htan_kit.tl._libraries import image_size_um, libraries, pixel_size_um, spatial_um

if TYPE_CHECKING:
    from conftest import MakeAdata


def test_rows_of_each_image_in_order_of_appearance(make_adata: MakeAdata) -> None:
    rows = libraries(make_adata(n=5, library_id=["b", "a", "b", "a", "a"]))
    assert {name: r.tolist() for name, r in rows.items()} == {"b": [0, 2], "a": [1, 3, 4]}
    assert list(rows) == ["b", "a"]


def test_an_image_without_cells_is_known(make_adata: MakeAdata) -> None:
    rows = libraries(make_adata(n=0, library_id="empty"))
    assert list(rows) == ["empty"]
    assert len(rows["empty"]) == 0


def test_no_library_id_says_how_to_give_one(make_adata: MakeAdata) -> None:
    adata = make_adata(n=2)
    del adata.obs["library_id"]
    with pytest.raises(InputError, match=r'adata.obs\["library_id"\] ='):
        libraries(adata)


def test_no_pixel_size_says_how_to_give_one(make_adata: MakeAdata) -> None:
    with pytest.raises(InputError, match="pixel_size_um=0.65"):
        spatial_um(make_adata(n=2))


def test_pixel_size_from_metadata_else_from_coordinates(make_adata: MakeAdata) -> None:
    adata = make_adata(xy=[[6.5, 0.0], [13.0, 6.5]])
    assert pixel_size_um(adata, "image") is None
    adata.obsm["spatial"] = np.array([[10.0, 0.0], [20.0, 10.0]])
    assert pixel_size_um(adata, "image") == pytest.approx(0.65)
    adata.uns["spatial"] = {"image": {"metadata": {"pixel_size_um": 0.5}}}
    assert pixel_size_um(adata, "image") == 0.5


def test_image_size_needs_picture_and_pixel_size(make_adata: MakeAdata) -> None:
    adata = make_adata(xy=[[1.0, 1.0]])
    hires = {"hires": np.zeros((20, 30, 3), np.uint8)}
    adata.uns["spatial"] = {"image": {"images": hires, "scalefactors": {"tissue_hires_scalef": 0.5}}}
    assert image_size_um(adata, "image") is None
    adata.uns["spatial"]["image"]["metadata"] = {"pixel_size_um": 2.0}
    assert image_size_um(adata, "image") == (80.0, 120.0)
