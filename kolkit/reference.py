"""The reference tables: tiers, platforms, channels, cases, presets, directory, unused claims.

Read from the data package in `data/` in one of two languages. What a table says of 2020 is of 2020:
remarks such as "unverified" belong to the row and are shown with it. Prices of channels are US
dollars, as printed.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from kolkit.assumptions import Source, assumption, sources
from kolkit.resources import shipped

SEPARATOR = {"en": "; ", "zh": "；"}


@dataclass(frozen=True)
class Tier:
    """A size of account; `followers_low` and `followers_high` are its band, in followers."""

    key: str
    label: str
    followers_low: int
    followers_high: int
    strengths: str
    weaknesses: str
    source: Source


@dataclass(frozen=True)
class Platform:
    key: str
    label: str
    kind: str
    audience: str
    kol_sizes: str
    best_for: str
    note: str
    active: bool
    source: Source


@dataclass(frozen=True)
class Channel:
    """One line of the published comparison of costs per thousand, in US dollars."""

    key: str
    label: str
    price_usd: float
    reach: float
    cpm_printed_usd: float
    note: str
    source: Source

    @property
    def cpm_usd(self) -> float:
        """Price for a thousand of reach, US dollars: 1000 * price / reach."""
        return 1000 * self.price_usd / self.reach


@dataclass(frozen=True)
class Case:
    """A brand that the sources name, and in which role (case, comparison, vendor and so on)."""

    key: str
    brand: str
    role: str
    journey: str
    platforms: tuple[str, ...]
    what: str
    figures: str
    lesson: str
    note: str
    location: str
    source: Source


@dataclass(frozen=True)
class PresetValue:
    """One input of a published case: its value in the input's own type, and what the source says.

    `year` is the source's own, None where it has none.
    """

    preset: str
    title: str
    journeys: tuple[str, ...]
    input: str
    value: Any
    year: int | None
    note: str
    source: Source


@dataclass(frozen=True)
class Agency:
    """A network or agency as listed in 2020, without any person; `kind` is our own reading."""

    key: str
    name: str
    in_mcn_list: bool
    in_agency_list: bool
    kind: str
    services: tuple[str, ...]
    platforms: tuple[str, ...]
    industries: tuple[str, ...]
    base: tuple[str, ...]
    website: str
    status: str
    note: str
    source: Source


@dataclass(frozen=True)
class Claim:
    """A statement of the sources that nothing here rests on, and why."""

    key: str
    claim: str
    location: str
    reason: str
    source: Source


class _Row:
    """A row of a table that answers in one language."""

    def __init__(self, cells: dict[str, str], language: str) -> None:
        self.cells = cells
        self.language = "zh" if language == "zh" else "en"

    def __getitem__(self, column: str) -> str:
        chinese = f"{column}_zh"
        told = chinese if self.language == "zh" and chinese in self.cells else column
        return self.cells[told]

    def many(self, column: str) -> tuple[str, ...]:
        # Lists without a Chinese column hold keys, which are separated alike in both languages.
        translated = f"{column}_zh" in self.cells
        separator = SEPARATOR[self.language if translated else "en"]
        return tuple(self[column].split(separator)) if self[column] else ()

    @property
    def source(self) -> Source:
        return sources()[self.cells["source"]]


def _rows(table: str, language: str) -> Iterator[_Row]:
    with (shipped("data") / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        for cells in csv.DictReader(stream):
            yield _Row(cells, language)


@cache
def tiers(language: str = "en") -> dict[str, Tier]:
    """The four tiers from large to small, with their band from the assumptions.

    >>> tiers()["micro_kol"].followers_low
    10000
    """
    return {
        row["tier"]: Tier(
            key=row["tier"],
            label=row["label"],
            followers_low=int(assumption(f"tier.{row['tier']}.followers_low").value),
            followers_high=int(assumption(f"tier.{row['tier']}.followers_high").value),
            strengths=row["strengths"],
            weaknesses=row["weaknesses"],
            source=row.source,
        )
        for row in _rows("tiers", language)
    }


@cache
def platforms(language: str = "en") -> dict[str, Platform]:
    """The twelve platforms by key.

    >>> platforms()["weitao"].active
    False
    """
    return {
        row["key"]: Platform(
            key=row["key"],
            label=row["label"],
            kind=row["kind"],
            audience=row["audience"],
            kol_sizes=row["kol_sizes"],
            best_for=row["best_for"],
            note=row["note"],
            active=row["status"] == "active",
            source=row.source,
        )
        for row in _rows("platforms", language)
    }


@cache
def channels(language: str = "en") -> dict[str, Channel]:
    """The published comparison: cost per thousand as printed and as its own numbers give it.

    >>> micro = channels()["micro_kol"]
    >>> micro.cpm_printed_usd, round(micro.cpm_usd, 2)
    (7.0, 6.67)
    """
    return {
        row["channel"]: Channel(
            key=row["channel"],
            label=row["label"],
            price_usd=float(row["price_usd"]),
            reach=float(row["reach"]),
            cpm_printed_usd=float(row["cpm_printed_usd"]),
            note=row["note"],
            source=row.source,
        )
        for row in _rows("channels", language)
    }


@cache
def cases(language: str = "en") -> dict[str, Case]:
    """Every brand that the sources name, by key."""
    return {
        row["key"]: Case(
            key=row["key"],
            brand=row["brand"],
            role=row["role"],
            journey=row["journey"],
            platforms=row.many("platforms"),
            what=row["what"],
            figures=row["figures"],
            lesson=row["lesson"],
            note=row["note"],
            location=row["location"],
            source=row.source,
        )
        for row in _rows("cases", language)
    }


@cache
def preset_values(language: str = "en") -> tuple[PresetValue, ...]:
    """The inputs that published cases give, case by case; what a source leaves out is not there.

    >>> [v.value for v in preset_values() if v.preset == "fresh_food"]
    [130000, 0.52]
    """
    return tuple(
        PresetValue(
            preset=row["preset"],
            title=row["title"],
            journeys=row.many("journeys"),
            input=row["input"],
            value=_typed(row["value"]),
            year=int(row["year"]) if row["year"] else None,
            note=row["note"],
            source=row.source,
        )
        for row in _rows("presets", language)
    )


def _typed(cell: str) -> Any:
    """A number, switch or table as JSON writes it; any other text is a chosen word."""
    try:
        return json.loads(cell)
    except json.JSONDecodeError:
        return cell


@cache
def directory(language: str = "en") -> dict[str, Agency]:
    """Networks and agencies of both lists, each once.

    >>> agencies = directory().values()
    >>> len(agencies), sum(a.in_mcn_list and a.in_agency_list for a in agencies)
    (18, 9)
    """
    return {
        row["key"]: Agency(
            key=row["key"],
            name=row["name"],
            in_mcn_list=row["in_mcn_list"] == "true",
            in_agency_list=row["in_agency_list"] == "true",
            kind=row["kind"],
            services=row.many("services"),
            platforms=row.many("platforms"),
            industries=row.many("industries"),
            base=row.many("base"),
            website=row["website"],
            status=row["status"],
            note=row["note"],
            source=row.source,
        )
        for row in _rows("directory", language)
    }


@cache
def claims_not_used(language: str = "en") -> dict[str, Claim]:
    """Statements of the sources that no model rests on, by key."""
    return {
        row["key"]: Claim(row["key"], row["claim"], row["location"], row["reason"], row.source)
        for row in _rows("claims_not_used", language)
    }
