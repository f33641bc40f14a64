from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import htan_kit.pl as pl
from htan_kit.errors import InputError

if TYPE_CHECKING:
    import anndata
    from matplotlib.image import AxesImage

# The tissue of conftest.py, in px.
TYPES = ["Epithelial", "T cell", "T cell", "B cell", "Unknown"]
PLACES = [(8, 6), (30, 10), (52, 14), (20, 30), (70, 44)]


def pixels_of(picture: AxesImage) -> np.ndarray:
    """One value a px of the mask's thumbnail, however much it was enlarged."""
    zoom = picture.get_array().shape[0] // 50
    return np.asarray(picture.get_array())[zoom // 2 :: zoom, zoom // 2 :: zoom]


def test_discs_are_where_the_cells_are(tissue: anndata.AnnData) -> None:
    ax = pl.cell_map(tissue, shapes=False).axes[0]
    discs = ax.collections[0]
    np.testing.assert_allclose(discs.get_offsets(), np.array(PLACES) * 0.5)
    colors = pl.type_colors(["Epithelial", "T cell", "B cell", "Unknown"])
    np.testing.assert_allclose(discs.get_facecolors()[:, :3], [to_rgb(colors[name]) for name in TYPES])


def test_origin_is_top_left(tissue: anndata.AnnData) -> None:
    figure = pl.cell_map(tissue, shapes=False)
    figure.draw_without_rendering()
    ax = figure.axes[0]
    first, last = ax.transData.transform(tissue.obsm["spatial_um"][[0, 4]])
    assert first[0] < last[0]
    assert first[1] > last[1]  # display counts upwards: the first cell is drawn higher
    assert ax.get_aspect() == 1.0
    # The picture is 80 x 50 px of 0.5 µm and begins half a pixel before the centre of its first.
    assert ax.get_xlim() == (-0.25, 39.75)
    assert ax.get_ylim() == (24.75, -0.25)


def test_shapes_fill_the_mask_with_the_types_colours(tissue: anndata.AnnData) -> None:
    ax = pl.cell_map(tissue, shapes=True).axes[0]
    picture = ax.images[0]
    assert picture.origin == "upper"
    assert picture.get_extent() == [-0.25, 39.75, 24.75, -0.25]
    colors = pl.type_colors(TYPES)
    shown = pixels_of(picture)
    for (x, y), name in zip(PLACES, TYPES, strict=True):
        np.testing.assert_allclose(shown[y, x], to_rgb(colors[name]), atol=1e-6)
    np.testing.assert_allclose(shown[40, 10], 1.0)  # background


def test_shapes_are_drawn_where_they_can_be_seen(tissue: anndata.AnnData) -> None:
    assert pl.cell_map(tissue).axes[0].images
    del tissue.uns["spatial"]["s1"]["images"]["segmentation"]
    assert not pl.cell_map(tissue).axes[0].images


def test_objects_without_a_row_are_grey(tissue: anndata.AnnData) -> None:
    picture = pixels_of(pl.cell_map(tissue[1:].copy(), shapes=True).axes[0].images[0])
    x, y = PLACES[0]
    np.testing.assert_allclose(picture[y, x], 0.93)


def test_touching_cells_are_told_apart(tissue: anndata.AnnData) -> None:
    labels = tissue.uns["spatial"]["s1"]["images"]["segmentation"]
    labels[:] = 0
    labels[10:30, 10:20] = 20
    labels[10:30, 20:30] = 30  # two T cells side by side
    picture = pl.cell_map(tissue, shapes=True).axes[0].images[0].get_array()
    zoom = picture.shape[0] // 50
    row, border = picture[15 * zoom], 20 * zoom
    np.testing.assert_allclose(row[border], 1.0)
    np.testing.assert_allclose(row[border - 1], row[border + 1])
    assert row[border - 1].min() < 0.5


def test_legend_counts(tissue: anndata.AnnData) -> None:
    legend = pl.cell_map(tissue).axes[0].get_legend()
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["Epithelial  1 (20 %)", "T cell  2 (40 %)", "B cell  1 (20 %)", "Unknown  1 (20 %)"]


def test_scale_bar_is_in_um(tissue: anndata.AnnData) -> None:
    ax = pl.cell_map(tissue).axes[0]
    assert [text.get_text() for text in ax.texts] == ["10 µm"]
    np.testing.assert_allclose(np.ptp(ax.lines[0].get_xdata()), 10)


def test_without_pixel_size_the_bar_is_in_px(tissue: anndata.AnnData) -> None:
    del tissue.obsm["spatial_um"]
    del tissue.uns["spatial"]["s1"]["metadata"]["pixel_size_um"]
    ax = pl.cell_map(tissue, shapes=False).axes[0]
    np.testing.assert_allclose(ax.collections[0].get_offsets(), PLACES)
    assert "px (size unknown)" in ax.texts[0].get_text()


def test_numbers_get_a_scale(tissue: anndata.AnnData) -> None:
    figure = pl.cell_map(tissue, color="CD3", shapes=False)
    colors = figure.axes[0].collections[0].get_facecolors()
    order = np.argsort(tissue.X[:, 0])
    brightness = colors[order, :3].sum(axis=1)
    assert np.all(np.diff(brightness) > 0)  # viridis goes from dark to light
    assert figure.axes[1].get_ylabel() == "CD3"


def test_no_cells_and_no_coordinates_are_said(tissue: anndata.AnnData) -> None:
    empty = pl.cell_map(tissue[:0].copy())
    assert "no cells" in empty.axes[0].texts[1].get_text()
    del tissue.obsm["spatial"], tissue.obsm["spatial_um"]
    assert "no coordinates" in pl.cell_map(tissue).axes[0].texts[1].get_text()


def test_unknown_colour_says_what_there_is(tissue: anndata.AnnData) -> None:
    with pytest.raises(InputError, match=r"CD3.*tl\.phenotype"):
        pl.cell_map(tissue, color="nothing")


def test_one_of_several_images_must_be_chosen(tissue: anndata.AnnData) -> None:
    tissue.obs["library_id"] = ["a", "a", "a", "b", "b"]
    tissue.uns["htan_kit"] = {"a": {}, "b": {}}
    with pytest.raises(InputError, match=r"\['a', 'b'\]"):
        pl.cell_map(tissue)
    assert pl.cell_map(tissue, library_id="b").axes[0].get_title(loc="left") == "b · 2 cells"


def test_long_names_are_wrapped_not_cut(tissue: anndata.AnnData) -> None:
    name = "a" * 100
    tissue.obs["library_id"] = name
    tissue.uns = {"htan_kit": {name: {}}}
    figure = pl.cell_map(tissue)
    figure.draw_without_rendering()
    box = figure.axes[0]._left_title.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1


def test_given_axes_are_used(tissue: anndata.AnnData) -> None:
    from matplotlib.figure import Figure

    own = Figure()
    ax = own.add_subplot()
    assert pl.cell_map(tissue, ax=ax) is own
    assert ax.images
