from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.colors import to_hex

import htan_kit as hk
import htan_kit.pl as pl
from htan_kit.pl._lineage_parts import Kin, groups, tree

COLUMNS = ["level", "id", "parent_id", "parent_level", "what", "file", "file_found", "state"]


def table(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    """Rows of level, id, parent, parent's level, state."""
    cells = [(level, i, parent, above, "", i, True, state) for level, i, parent, above, state in rows]
    return pd.DataFrame(cells, columns=COLUMNS).astype({"file_found": "boolean"})


def line(n: int, mask_state: str = "ok") -> list[tuple[str, str, str, str, str]]:
    return [
        ("2", f"i{n}", f"b{n}", "biospecimen", "implied"),
        ("3", f"m{n}", f"i{n}", "2", mask_state),
        ("4", f"t{n}", f"m{n}", "3", "ok"),
        ("4", f"t{n}", f"i{n}", "2", "ok"),
    ]


def texts(figure: object) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]  # type: ignore[attr-defined]


def test_every_record_of_few_images_is_there_and_in_its_column(cohort: hk.Cohort) -> None:
    figure = pl.lineage(cohort)
    for identifier in cohort.lineage().query("level != 'channel'")["id"]:
        assert identifier in texts(figure)
    figure.canvas.draw()
    assert "3 tables" in figure.get_label()
    boxes = tree(Kin(cohort.lineage()))
    assert boxes["HTA200_1_D4"].parents == {"HTA200_1_D2": "ok"}  # the image is reached by way of the mask
    places = [(box.level, box.sub, box.row) for box in boxes.values()]
    assert len(set(places)) == len(places)
    assert boxes["HTA200_1_D1"].row == (boxes["HTA200_1_D2"].row + boxes["HTA200_1_D3"].row) / 2


def test_a_hundred_images_are_a_row_and_what_differs_is_another() -> None:
    rows = [row for n in range(100) for row in line(n, "wrong level" if n == 41 else "ok")]
    figure = pl.lineage(table(*rows))
    boxes = groups(Kin(table(*rows)))
    assert [box.text for box in boxes.values() if box.level == "2"] == ["99 images", "i41"]
    assert "99 masks" in texts(figure)
    assert "parent of a wrong level" in texts(figure)
    assert figure.get_label().endswith("What is wrong: parent of a wrong level (1).")
    assert figure.get_size_inches()[1] < 4


def test_what_is_wrong_is_red_and_what_is_not_listed_is_broken() -> None:
    figure = pl.lineage(table(*line(1), ("3", "m9", "i9", "2", "missing")))
    red = {to_hex(patch.get_edgecolor()).upper() == "#D55E00" for patch in figure.axes[0].patches}
    assert red == {True, False}
    broken = [patch.get_linestyle() not in ("-", "solid") for patch in figure.axes[0].patches]
    assert sum(broken) == 2  # the biospecimen of an identifier, and the image nobody listed
    assert "Lineage of 1 image: 1 biospecimen, 1 image, 2 masks, 1 table." in figure.get_label()
    assert "parent missing (1)" in figure.get_label()


def test_a_file_that_is_not_there() -> None:
    rows = table(*line(1))
    rows.loc[1, "file_found"] = False
    assert "file not found" in texts(pl.lineage(rows))


@pytest.mark.parametrize("n", [1, 40])
def test_rings_and_tables_of_all_images_end(n: int) -> None:
    ring = [("4", "x", "y", "4", "cycle"), ("4", "y", "x", "4", "cycle"), ("3", "z", "z", "3", "cycle")]
    shared = [("4", "all", f"i{k}", "2", "ok") for k in range(n)]
    rows = table(*[row for k in range(n) for row in line(k)], *ring, *shared)
    figure = pl.lineage(rows)
    figure.canvas.draw()
    assert "descends from itself (3)" in figure.get_label()


def test_more_kinds_of_image_than_rows() -> None:
    rows = [("3", f"m{n}_{k}", f"i{n}", "2", "ok") for n in range(50) for k in range(n)]
    figure = pl.lineage(table(*(("2", f"i{n}", "", "", "ok") for n in range(50)), *rows))
    assert figure.get_size_inches()[1] < 20
    assert "boxes more are not shown" in figure.get_supxlabel()


def test_names_of_others_are_text(tmp_path: object) -> None:
    name = "$a_b$" + "<b>" * 100
    figure = pl.lineage(table(("2", name, "", "", "ok")))
    figure.canvas.draw()
    assert max(map(len, texts(figure))) <= 30


def test_nothing_to_draw() -> None:
    assert "Not assessed" in texts(pl.lineage(table()))[1]
