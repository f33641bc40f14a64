"""Sentences made from numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from htan_kit.report import enrichment_table, top_statistics


def _rows(*pairs: tuple[str, str, float, float], **more: Any) -> pd.DataFrame:
    names = ["type_a", "type_b", "log2fc", "q"]
    frame = pd.DataFrame(pairs, columns=names).assign(statistic="nhood_enrichment", n_a=50, n_b=60)
    return frame.assign(**{"library_id": "A", "reason": None, **more})


def test_the_largest_effects_with_evidence_come_first() -> None:
    found = repr(top_statistics(_rows(("a", "b", 1.0, 0.01), ("a", "a", -3.0, 0.001), ("b", "b", 9.0, 0.5)), n=2))
    first = "a among themselves: neighbours 8 times less often than by chance"
    second = "a and b: neighbours 2 times more often than by chance"
    assert found.index(first) < found.index(second)
    assert "b among" not in found
    assert "q = 0.001" in found
    assert "n = 50 and 60" in found


def test_only_as_many_as_asked_for() -> None:
    rows = _rows(*((f"t{i}", f"u{i}", float(i), 0.01) for i in range(1, 9)))
    assert top_statistics(rows, n=3)._repr_html_().count("<li>") == 3


def test_nothing_to_say_is_said() -> None:
    assert "differs from chance." in repr(top_statistics(_rows(("a", "b", 1.0, 0.5))))
    assert "no spatial statistics" in repr(top_statistics(pd.DataFrame()))
    none = _rows(("a", "b", np.nan, np.nan), reason="the pixel size is <unknown>")
    assert "Not assessed: the pixel size is &lt;unknown&gt;." in top_statistics(none)._repr_html_()


def test_pairs_of_samples_side_by_side() -> None:
    one = _rows(("a", "b", 1.0, 0.01), ("a", "a", -4.0, 0.5))
    two = _rows(("a", "b", 2.0, 0.2), library_id="B")
    shown = enrichment_table(pd.concat([one, two]))
    assert repr(shown) == "pair A B a – a -4.0 – a – b 1.0* 2.0"
    html = shown._repr_html_()
    assert html.count("200, 70, 40") == 2
    assert html.count("40, 110, 200") == 1


def test_no_pair_in_any_sample_is_said() -> None:
    assert "No pair" in repr(enrichment_table(_rows(("a", "b", np.nan, np.nan))))
    assert "no spatial statistics" in repr(enrichment_table(pd.DataFrame()))
