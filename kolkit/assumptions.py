"""The sourced defaults: value, plausible range, year, grade and source by key.

Read from the data package in `data/`. Shares are 0-1, money is RMB. Grades: A filing, court or
official statistic; B industry report; C press, blog or vendor; U ours, unsourced. A row without a
range is a contract term or a choice: it is never drawn at random.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from kolkit.errors import InputError
from kolkit.resources import shipped


@dataclass(frozen=True)
class Source:
    key: str
    publisher: str
    publisher_zh: str
    title: str
    year: str
    kind: str
    grade: str

    def name(self, language: str) -> str:
        """The publisher as readers of a language know it."""
        return self.publisher_zh if language == "zh" else self.publisher


@dataclass(frozen=True)
class Assumption:
    """One number that the models use, with where it comes from."""

    key: str
    value: float
    low: float | None
    high: float | None
    unit: str
    year: str
    grade: str
    source: Source
    rule: str
    note: str


@dataclass(frozen=True)
class Measurement:
    """How to find out an uncertain input, and what that costs in RMB."""

    input: str
    what: str
    cost_cny: float
    grade: str


def _rows(table: str) -> Iterator[dict[str, str]]:
    with (shipped("data") / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _number(text: str) -> float | None:
    return float(text) if text else None


@cache
def sources() -> dict[str, Source]:
    """All sources by key."""
    return {row["key"]: Source(**row) for row in _rows("sources")}


def _assumption(key: str, row: dict[str, str], unit: str, note: str) -> Assumption:
    return Assumption(
        key=key,
        value=float(row["value"]),
        low=_number(row["low"]),
        high=_number(row["high"]),
        unit=unit,
        year=row["year"],
        grade=row["grade"],
        source=sources()[row["source"]],
        rule=row["rule"],
        note=note,
    )


@cache
def assumptions() -> dict[str, Assumption]:
    """All assumptions by key, such as `livestream.commission_rate`."""
    return {
        row["key"]: _assumption(row["key"], row, row["unit"], row["note"])
        for row in _rows("assumptions")
    }


@cache
def category_return_rates() -> dict[str, Assumption]:
    """Base return rate (share of sales, 0-1) by product category."""
    return {
        row["category"]: _assumption(f"category.{row['category']}", row, "share", row["label"])
        for row in _rows("categories")
    }


@cache
def category_labels(language: str) -> dict[str, str]:
    """Category names in one language, in the table's order."""
    column = "label_zh" if language == "zh" else "label"
    return {row["category"]: row[column] for row in _rows("categories")}


@cache
def measurements() -> dict[str, Measurement]:
    """How to measure an input, by the input's name."""
    return {
        row["input"]: Measurement(row["input"], row["what"], float(row["cost_cny"]), row["grade"])
        for row in _rows("measurements")
    }


def assumption(key: str) -> Assumption:
    """One assumption; refuses an unknown key."""
    try:
        return assumptions()[key]
    except KeyError:
        raise InputError(f"no assumption is called {key}") from None
