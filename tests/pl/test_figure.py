from __future__ import annotations

import base64
import sys
from typing import TYPE_CHECKING, Any

import matplotlib
import matplotlib.pyplot as plt
import pytest

import htan_kit.pl as pl
from htan_kit.pl._figure import figure_of, new_figure, style

if TYPE_CHECKING:
    import anndata

PNG = b"\x89PNG\r\n\x1a\n"


def test_figures_are_unknown_to_pyplot_and_settings_stay(slide: anndata.AnnData) -> None:
    before, open_figures = dict(matplotlib.rcParams), plt.get_fignums()
    for draw in (pl.cell_map, pl.image, pl.gates, pl.graph, pl.composition, pl.density, pl.nhood_enrichment):
        assert draw(slide)._repr_png_().startswith(PNG)
    assert plt.get_fignums() == open_figures
    assert dict(matplotlib.rcParams) == before


def test_the_style_holds_when_the_figure_is_drawn_later() -> None:
    with style():
        figure = new_figure(3, 2)
        ax = figure.add_subplot()
        ax.plot([0, 1], [0, 1])
    figure.savefig("/dev/null", format="png")
    assert ax.xaxis.get_major_ticks()[0].label1.get_fontsize() == 8.5


def test_dollars_are_dollars() -> None:
    figure = pl.message("$\\frac{", "a $ and a $x^2$ in a file's name")
    assert figure._repr_png_().startswith(PNG)  # mathtext would raise


def test_message_in_given_axes() -> None:
    with style():
        figure = new_figure(6, 3)
        left, right = figure.subplots(1, 2)
    assert pl.message("Mask", "there is none.", ax=right) is figure
    assert not left.texts
    assert "there is none." in right.texts[1].get_text()


def test_figure_of_axes_in_a_subfigure() -> None:
    figure = new_figure(4, 4)
    assert figure_of(figure.subfigures(1, 2)[0].add_subplot()) is figure


def test_show_gives_picture_and_alt_text_and_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr("IPython.core.interactiveshell.InteractiveShell.initialized", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, **keywords: shown.append((data, keywords)))
    figure = plt.figure(figsize=(4, 3))  # a user's own pyplot figure is closed too
    pl.show(figure, alt="Two cells.")
    ((data, keywords),) = shown
    assert base64.b64decode(data["image/png"]).startswith(PNG)
    assert data["text/plain"] == "Two cells."
    assert keywords == {"raw": True, "metadata": {"image/png": {"alt": "Two cells.", "width": 400}}}
    assert figure.number not in plt.get_fignums()


def test_show_outside_ipython_says_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IPython.core.interactiveshell.InteractiveShell.initialized", lambda: False)
    pl.show(pl.message("a", "b"), alt="c")
    assert capsys.readouterr().out == ""


def test_room_is_lazy_and_complete() -> None:
    assert sorted(pl.__all__) == dir(pl)
    for name in pl.__all__:
        assert callable(getattr(pl, name))
        assert f"htan_kit.pl.{name}" not in sys.modules
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = pl.nothing  # type: ignore[attr-defined]
