"""The shapes that prose takes on a page: an answer, tiles, a figure's words, tables."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kolkit.words import Words, html


@dataclass(frozen=True)
class Tile:
    """One key figure: what it is, the figure, its interval or risk; `tone` good, bad or none."""

    label: str
    value: str
    note: str
    tone: str = ""


@dataclass(frozen=True)
class Step:
    """What a reader can do at once: the words on the button, and the inputs it sets."""

    label: str
    inputs: Mapping[str, Any]

    def html(self) -> str:
        """A button that the rail of knobs listens to."""
        moves = html(json.dumps(self.inputs))
        return (
            f'<button type="button" class="kk-step" data-kk-step="{moves}">'
            f"{html(self.label)}</button>"
        )


@dataclass(frozen=True)
class Answer:
    """The sentence that answers first, what qualifies it, and the key figures.

    `found` is the finding, `headline` finding and advice in one; `step` carries the advice out.
    """

    found: str
    headline: str
    qualifier: str
    tiles: tuple[Tile, ...]
    step: Step | None = None

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
            f"{self.step.html() if self.step else ''}"
            f'<div class="kk-tiles">{tiles}</div>'
        )


MONEY = "#,##0"
SHARE = "0.0%"

Cell = str | float | None


@dataclass(frozen=True)
class Table:
    """Columns behind a figure: words or raw numbers (None: empty), and the format of numbers.

    `formats` are a spreadsheet's: `#,##0` (the default), `#,##0.00` or `0.0%`.
    """

    name: str
    columns: Mapping[str, Sequence[Cell]]
    formats: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> list[tuple[Cell, ...]]:
        """The table row by row."""
        return list(zip(*self.columns.values(), strict=True))

    def html(self, t: Words) -> str:
        """An HTML table with numbers as a reader writes them."""
        head = "".join(
            f'<th scope="col"{"" if _wordy(cells) else " class=kk-number"}>{html(name)}</th>'
            for name, cells in self.columns.items()
        )
        body = "".join(
            "<tr>"
            + "".join(self._cell(t, c, v) for c, v in zip(self.columns, row, strict=True))
            + "</tr>"
            for row in self.rows()
        )
        return (
            f'<table class="kk-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        )

    def _cell(self, t: Words, column: str, value: Cell) -> str:
        if isinstance(value, str):
            return f"<td>{html(value)}</td>"
        if value is None:
            return '<td class="kk-number">–</td>'
        pattern = self.formats.get(column, "")
        places = len(pattern.partition(".")[2].rstrip("%"))
        shown = t.share(value, places) if "%" in pattern else t.exact_money(value, places)
        return f'<td class="kk-number">{html(shown)}</td>'

    def data(self) -> dict[str, Any]:
        """The table as JSON can carry it; notebooks sort keys, so the columns are a list."""
        return {
            "name": self.name,
            "columns": [[name, list(cells)] for name, cells in self.columns.items()],
            "formats": dict(self.formats),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Table":
        """The table back from its data."""
        return cls(data["name"], dict(data["columns"]), data["formats"])


def _wordy(cells: Sequence[Cell]) -> bool:
    return any(isinstance(cell, str) for cell in cells)


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

    def rows(self, t: Words) -> list[tuple[str, str]]:
        """Label and text of each row, in order."""
        return [
            (t("Do"), self.do),
            (t("Brings"), self.brings),
            (t("Risks"), self.risks),
            (t("Rests on"), self.rests_on),
            (t("Measure first"), self.measure_first),
        ]
