from __future__ import annotations

from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest

import htan_kit as hk
from htan_kit.models import miti_sections


def of(**images: Any) -> anndata.AnnData:
    return anndata.AnnData(np.zeros((1, 1), np.float32), uns={"miti": images})


def marks(figure: Any) -> dict[str, int]:
    return {scatter.get_label(): len(scatter.get_offsets()) for scatter in figure.axes[0].collections}


def test_each_attribute_of_one_image_is_a_mark() -> None:
    channel = pd.DataFrame({"channel_id": ["a", "b"], "channel_name": ["x", "y"], "comment": ["c", None]})
    figure = hk.pl.completeness(of(A={"file": {"data_file_id": "A", "comment": "x"}, "channel": channel}))
    shown = marks(figure)
    assert shown["required, there"] == 3
    assert shown["recommended, there"] == 1
    assert shown["recommended, not in every entry"] == 1
    asked = [a for name in ("clinical", "biospecimen", "file", "channel") for a in miti_sections()[name].values()]
    n_header = sum(a["significance"] == "required" for a in miti_sections()["ome_tiff_header"].values())
    n_required = sum(a["significance"] != "recommended" for a in asked) + n_header
    assert shown["required, missing"] + 3 == n_required
    assert figure.axes[0].get_title(loc="left") == f"A · 3 of {n_required} attributes that MITI requires"
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts[2].startswith("1/13 required · 1/11")
    assert texts[5] == "no such file"


def test_several_images_are_a_grid_with_numbers() -> None:
    figure = hk.pl.completeness(of(A={"file": {"pyramid": True}}, B={}))
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A", "B"]
    shares = ax.images[0].get_array()
    assert shares.shape == (2, 8)
    assert shares[0, 2] == pytest.approx(1 / 13)
    assert shares[1, 2] == 0
    assert shares.mask[:, 5].all()
    texts = [text.get_text() for text in ax.texts]
    assert texts[2] == "1/13"
    assert texts[5] == "–"


def test_only_one_of_several() -> None:
    figure = hk.pl.completeness(of(A={"file": {"pyramid": True}}, B={}), library_id="B")
    assert figure.axes[0].get_title(loc="left").startswith("B · 0 of")


def test_many_images_are_readable() -> None:
    figure = hk.pl.completeness(of(**{f"image_{i}": {} for i in range(100)}))
    assert figure.get_size_inches()[1] < 15
    assert len(figure.axes[0].get_yticklabels()) == 100
    assert not figure.axes[0].texts
    figure.canvas.draw()


@pytest.mark.parametrize("library_id", [None, "x"])
def test_nothing_is_said(library_id: str | None) -> None:
    adata = of(A={}) if library_id else anndata.AnnData(np.zeros((1, 1), np.float32))
    texts = [text.get_text() for text in hk.pl.completeness(adata, library_id=library_id).axes[0].texts]
    assert "Not assessed" in texts[1]


def test_hostile_names_are_drawn_as_they_are() -> None:
    figure = hk.pl.completeness(of(**{"$x^2$ <b>": {}}))
    figure.canvas.draw()
    assert figure.axes[0].get_title(loc="left").startswith("$x^2$ <b>")
