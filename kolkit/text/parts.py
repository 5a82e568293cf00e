"""The shapes that prose takes on a page: an answer, tiles, a figure's words, tables."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kolkit.text.rounding import adding_up
from kolkit.words import MINUS, N_, Words, html


@dataclass(frozen=True)
class Tile:
    """One key figure: what it is, the figure, its interval or risk; `tone` good, bad or none.

    `key` names the figure in every language. `number` is what `value` shows: None where there is
    none, infinite where `endless` says so; `unit` is CNY, share, count, months or ratio. `better`
    is 1 where more is better, -1 where less is, and 0 where neither can be said.
    """

    label: str
    value: str
    note: str
    tone: str = ""
    key: str = ""
    number: float | None = None
    unit: str = ""
    better: int = 0
    endless: str = N_("never")

    def said(self, t: Words, number: float | None) -> str:
        """A figure of this kind in words; None is a dash, infinity the tile's own word."""
        if number is None:
            return "–"
        if not math.isfinite(number):
            return t(self.endless)
        if self.unit == "months":
            return t("month {n}", n=t.number(number))
        return self._size(t, number)

    def _size(self, t: Words, number: float) -> str:
        if self.unit == "CNY":
            return t.small_money(number)
        if self.unit == "share":
            return t.share(number)
        if self.unit == "ratio":
            return t.factor(number)
        return t.count(number)

    def change(self, t: Words, before: "Tile") -> str:
        """How the figure differs from an earlier one; empty where both read alike."""
        was, now = before.number, self.number
        if was == now or self.said(t, was) == self.said(t, now):
            return ""
        moved = self.moved(t, before)
        if not moved:
            return t("was {before}", before=self.said(t, was))
        return t("{change} against {before}", change=moved, before=self.said(t, was))

    def moved(self, t: Words, before: "Tile") -> str:
        """By how much it differs from an earlier one, signed; empty where nobody can say.

        As printed: a reader who subtracts one figure from the other finds the same.
        """
        was, now = before.number, self.number
        if was is None or now is None or not math.isfinite(was) or not math.isfinite(now):
            return ""
        return self._moved(t, self._printed(t, now) - self._printed(t, was))

    def _printed(self, t: Words, number: float) -> float:
        if self.unit == "CNY":
            return t.small_counted(number)
        places = {"share": 2, "ratio": 1, "months": 0}.get(self.unit)
        return t.counted(number) if places is None else round(number, places)

    def _moved(self, t: Words, by: float) -> str:
        sign = "+" if by > 0 else MINUS
        if self.unit not in ("share", "months"):
            return sign + self._size(t, abs(by))
        number = t.points(abs(by)) if self.unit == "share" else t.number(abs(by))
        told = f"{sign}{number}"
        if self.unit == "share":
            one, many = t("{change} point", change=told), t("{change} points", change=told)
        else:
            one, many = t("{change} month", change=told), t("{change} months", change=told)
        return one if number == "1" else many

    def gain(self, before: "Tile") -> int:
        """1 where the figure is better than an earlier one, -1 where worse, 0 where unknown."""
        was, now = before.number, self.number
        if was is None or now is None or was == now:
            return 0
        return self.better if now > was else -self.better

    def change_html(self, t: Words, before: "Tile") -> str:
        """The change as a line of a page: an arrow, the change, and whether that is better."""
        told = self.change(t, before)
        if not told:
            return ""
        was, now = before.number, self.number
        arrow = "" if was is None or now is None else "▲" if now > was else "▼"
        gain = self.gain(before)
        tone = {1: " kk-better", -1: " kk-worse", 0: ""}[gain]
        meant = {1: t("better"), -1: t("worse"), 0: ""}[gain]
        return (
            f'<div class="kk-change{tone}">'
            + (f'<span class="kk-arrow" aria-hidden="true">{arrow}</span> ' if arrow else "")
            + html(told)
            + (f'<span class="kk-meant">{html(t.bracketed("", meant))}</span>' if meant else "")
            + "</div>"
        )


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

    def html(self, t: Words | None = None, baseline: "Answer | None" = None) -> str:
        """The dashboard's answer block; with a baseline each tile says how it differs from that.

        The baseline may be in another language: tiles are matched by their key.
        """
        earlier = {tile.key: tile for tile in baseline.tiles if tile.key} if baseline else {}
        tiles = "".join(
            f'<div class="kk-tile {tile.tone and "kk-" + tile.tone}">'
            f'<div class="kk-label">{html(tile.label)}</div>'
            f'<div class="kk-value">{html(tile.value)}</div>'
            f'<div class="kk-note">{html(tile.note)}</div>'
            f"{tile.change_html(t, earlier[tile.key]) if t and tile.key in earlier else ''}</div>"
            for tile in self.tiles
        )
        return (
            f'<h1 class="kk-sentence">{html(self.headline)}</h1>'
            f'<p class="kk-interval">{html(self.qualifier)}</p>'
            f"{self.step.html() if self.step else ''}"
            f'<div class="kk-tiles">{tiles}</div>'
        )


MONEY = "#,##0"
CENTS = "#,##0.00"
SHARE = "0.0%"

Cell = str | float | None


def small_format(t: Words) -> str:
    """The format of amounts per person, order or thousand views."""
    return CENTS if t.currency.places else MONEY


@dataclass(frozen=True)
class Table:
    """Columns behind a figure: words or raw numbers (None: empty), and the format of numbers.

    Amounts are in the page's currency. `formats` are a spreadsheet's: `#,##0` (the default),
    `#,##0.00` or `0.0%`. Of the columns in `sums` the last line is the sum of those above.
    """

    name: str
    columns: Mapping[str, Sequence[Cell]]
    formats: Mapping[str, str] = field(default_factory=dict)
    sums: Sequence[str] = ()

    def number_formats(self) -> dict[str, str]:
        """The format of the numbers in every column, for a spreadsheet."""
        return {name: self.formats.get(name, MONEY) for name in self.columns}

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
            for row in self._adding_up().rows()
        )
        return (
            f'<table class="kk-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        )

    def printed(self, t: Words) -> list[list[str]]:
        """The cells row by row as a reader writes them."""
        return [
            [self._told(t, column, value) for column, value in zip(self.columns, row, strict=True)]
            for row in self._adding_up().rows()
        ]

    def _cell(self, t: Words, column: str, value: Cell) -> str:
        kind = "" if isinstance(value, str) else ' class="kk-number"'
        return f"<td{kind}>{html(self._told(t, column, value))}</td>"

    def _told(self, t: Words, column: str, value: Cell) -> str:
        if isinstance(value, str):
            return value
        if value is None:
            return "–"
        places = self._places(column)
        share = "%" in self.formats.get(column, "")
        return t.share(value, places) if share else t.number(value, places)

    def _places(self, column: str) -> int:
        return len(self.formats.get(column, "").partition(".")[2].rstrip("%"))

    def _adding_up(self) -> "Table":
        """The table with the lines above a sum rounded so that they add up to it."""
        columns = dict(self.columns)
        for name in self.sums:
            *above, total = columns[name]
            numbers = [cell for cell in above if isinstance(cell, int | float)]
            if isinstance(total, int | float):
                rounded = iter(adding_up(numbers, total, places=self._places(name)))
                columns[name] = [
                    next(rounded) if isinstance(cell, int | float) else cell for cell in above
                ] + [total]
        return replace(self, columns=columns)

    def data(self) -> dict[str, Any]:
        """The table as JSON can carry it; notebooks sort keys, so the columns are a list."""
        return {
            "name": self.name,
            "columns": [[name, list(cells)] for name, cells in self.columns.items()],
            "formats": dict(self.formats),
            "sums": list(self.sums),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Table":
        """The table back from its data."""
        return cls(
            data["name"], dict(data["columns"]), data["formats"], tuple(data.get("sums", ()))
        )


def _wordy(cells: Sequence[Cell]) -> bool:
    return any(isinstance(cell, str) for cell in cells)


@dataclass(frozen=True)
class FigureWords:
    """What stands around a chart: the finding as title, what is shown and in which unit, why.

    `points` are tables for the spreadsheet alone: what the chart draws and `table` does not hold.
    """

    title: str
    subtitle: str
    why: str
    source: str
    table: Table
    points: tuple[Table, ...] = ()


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
