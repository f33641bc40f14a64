"""Small pieces of HTML that show themselves in a notebook; every text from a file is escaped here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Html", "badge", "definitions", "number"]

_MARKS = {"pass": "✓", "warn": "!", "fail": "✗", "not assessed": "–", "failed": "✗", "did not run": "✗", "ok": "✓"}
_DIGITS = 4
_WHOLE = 1000  # from here on no decimals
_LARGEST = 1e9


class Html:
    """Something to look at: HTML in a notebook, the bare text elsewhere.

    Parameters
    ----------
    content
        Safe HTML.

    Examples
    --------
    >>> from htan_kit.report import Html
    >>> Html("<b>12</b> cells")
    12 cells
    """

    def __init__(self, content: str) -> None:
        self.content = Markup(content)  # noqa: S704 - made by this room, from escaped parts

    def _repr_html_(self) -> str:
        return str(self.content)

    def __html__(self) -> Markup:
        return self.content

    def __repr__(self) -> str:
        return self.content.striptags()


def badge(verdict: str) -> Markup:
    """Show a verdict by sign, word and colour.

    Parameters
    ----------
    verdict
        ``pass``, ``warn``, ``fail``, ``not assessed`` or ``did not run``.

    Examples
    --------
    >>> from htan_kit.report._html import badge
    >>> str(badge("warn"))
    '<span class="verdict warn">! warn</span>'
    """
    style = verdict.replace(" ", "-")
    return Markup('<span class="verdict {}">{} {}</span>').format(style, _MARKS.get(verdict, "–"), verdict)


def number(value: Any) -> str:
    r"""Write a number for reading: four significant digits, thousands apart, a dash for what is not known.

    Parameters
    ----------
    value
        Anything; what is no number is written as text.

    Examples
    --------
    >>> from htan_kit.report._html import number
    >>> number(12345), number(0.123456), number(float("nan")), number(2.0), number(True)
    ('12\u202f345', '0.1235', '–', '2', 'yes')
    """
    if value is None or str(value) in {"nan", "NaT", "<NA>"}:
        return "–"
    if isinstance(value, bool) or type(value).__name__ in {"bool", "bool_"}:
        return "yes" if value else "no"
    if not hasattr(value, "__float__"):
        return str(value)
    as_float = float(value)
    if (as_float.is_integer() or abs(as_float) >= _WHOLE) and abs(as_float) < _LARGEST:
        return f"{as_float:,.0f}".replace(",", "\u202f")
    return f"{as_float:.{_DIGITS}g}"


def definitions(items: Mapping[str, Any] | Iterable[tuple[str, Any]], *, style: str = "facts") -> Markup:
    """Show names and values; empty values are left out.

    Parameters
    ----------
    items
        Name → value; a value that is :class:`markupsafe.Markup` stays as it is.
    style
        The CSS class.

    Examples
    --------
    >>> from htan_kit.report._html import definitions
    >>> str(definitions({"Tissue": "<colon>"}))
    '<dl class="facts"><div><dt>Tissue</dt> <dd>&lt;colon&gt;</dd></div> </dl>'
    """
    pairs = items.items() if hasattr(items, "items") else items
    shown = [
        (name, value if isinstance(value, Markup) else escape(number(value))) for name, value in pairs if value != ""
    ]
    rows = Markup("").join(Markup("<div><dt>{}</dt> <dd>{}</dd></div> ").format(*pair) for pair in shown)
    return Markup('<dl class="{}">{}</dl>').format(style, rows)
