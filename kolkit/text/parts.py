"""The shapes that prose takes on a page: an answer, tiles, a figure's words, tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from kolkit.words import Words, html


@dataclass(frozen=True)
class Tile:
    """One key figure: what it is, the figure, its interval or risk; `tone` good, bad or none."""

    label: str
    value: str
    note: str
    tone: str = ""


@dataclass(frozen=True)
class Answer:
    """The sentence that answers first, what qualifies it, and the key figures.

    `found` is the finding, `headline` finding and advice in one.
    """

    found: str
    headline: str
    qualifier: str
    tiles: tuple[Tile, ...]

    def html(self) -> str:
        """The dashboard's answer block."""
        tiles = "".join(
            f'<div class="kk-tile {tile.tone and "kk-" + tile.tone}">'
            f'<div class="kk-label">{html(tile.label)}</div>'
            f'<div class="kk-value">{html(tile.value)}</div>'
            f'<div class="kk-note">{html(tile.note)}</div></div>'
            for tile in self.tiles
        )
        return (
            f'<h1 class="kk-sentence">{html(self.headline)}</h1>'
            f'<p class="kk-interval">{html(self.qualifier)}</p>'
            f'<div class="kk-tiles">{tiles}</div>'
        )


@dataclass(frozen=True)
class Table:
    """Rows behind a figure: raw numbers, with the format of each column and its words."""

    name: str
    frame: pd.DataFrame
    formats: Mapping[str, str] = field(default_factory=dict)

    def html(self, t: Words) -> str:
        """An HTML table with numbers as a reader writes them."""
        head = "".join(
            f'<th scope="col"{" class=kk-number" if is_numeric_dtype(self.frame[c]) else ""}>'
            f"{html(str(c))}</th>"
            for c in self.frame
        )
        body = "".join(
            "<tr>"
            + "".join(self._cell(t, str(c), v) for c, v in zip(self.frame, row, strict=True))
            + "</tr>"
            for row in self.frame.itertuples(index=False)
        )
        return (
            f'<table class="kk-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        )

    def _cell(self, t: Words, column: str, value: Any) -> str:
        if isinstance(value, str) or value is None or pd.isna(value):
            return f"<td>{html(str(value) if isinstance(value, str) else '–')}</td>"
        form = self.formats.get(column, "#,##0")
        shown = t.share(value, 1) if "%" in form else t.exact_money(value)
        return f'<td class="kk-number">{html(shown)}</td>'


@dataclass(frozen=True)
class FigureWords:
    """What stands around a chart: the finding as title, what is shown and in which unit, why."""

    title: str
    subtitle: str
    why: str
    source: str
    table: Table


@dataclass(frozen=True)
class HalfPage:
    """The report's answer page: five rows of at most 120 words together, and one table."""

    do: str
    brings: str
    risks: str
    rests_on: str
    measure_first: str
    table: Table
    terms: Table

    def rows(self, t: Words) -> list[tuple[str, str]]:
        """Label and text of each row, in order."""
        return [
            (t("Do"), self.do),
            (t("Brings"), self.brings),
            (t("Risks"), self.risks),
            (t("Rests on"), self.rests_on),
            (t("Measure first"), self.measure_first),
        ]
