"""The assumptions ledger: every input with value, range, source, year and grade."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kolkit.assumptions import category_labels
from kolkit.journeys.facts import Fact
from kolkit.text.parts import Table
from kolkit.text.rate import rate_note
from kolkit.words import Words

HIDDEN = ("orders_file", "orders_scope", "orders_counted", "streamer")
"""Inputs that say where figures come from, or who is meant, rather than being figures."""


@dataclass(frozen=True)
class Row:
    """One line of the ledger, as a reader sees it; `changed` if the client or a file set it.

    `number` is the input itself.
    """

    key: str
    name: str
    label: str
    value: str
    span: str
    source: str
    year: str
    grade: str
    origin: str
    changed: bool
    number: Any


def choice_words(t: Words, fact: Fact) -> str:
    """A chosen option in words, or the plain value."""
    if fact.name == "category":
        return category_labels(t.language)[fact.value]
    options = dict(fact.declared.options)
    known = isinstance(fact.value, str) and fact.value in options
    return t(options[fact.value]) if known else ""


def value_in_words(t: Words, fact: Fact) -> str:
    """An input's value with its unit."""
    return choice_words(t, fact) or t.value(fact.value, fact.declared.unit)


def span_in_words(t: Words, fact: Fact) -> str:
    """The plausible range, or a dash for what is not drawn."""
    if fact.low is None or fact.high is None:
        return "–"
    unit = fact.declared.unit
    return t.span(t.value(fact.low, unit), t.value(fact.high, unit))


def grade_of(fact: Fact) -> str:
    """The grade of a default; what a client or a file set carries none."""
    return fact.assumption.grade if fact.assumption and fact.origin == "default" else ""


def source_in_words(t: Words, fact: Fact) -> str:
    """Where a value comes from: the client, a file, or the source of the default."""
    if fact.origin == "client":
        return t("client’s figure")
    if fact.origin == "file":
        return t("counted in the order file")
    if fact.assumption is None:
        return t("choice")
    if fact.assumption.grade == "U":
        ours = t("ours, unsourced")
        return t.colon(ours, t(fact.assumption.rule)) if fact.assumption.rule else ours
    return fact.assumption.source.name(t.language)


def rows(t: Words, facts: Iterable[Fact]) -> list[Row]:
    """The ledger's lines, numbered A1, A2, … in the order of the declarations."""
    shown = [fact for fact in facts if fact.name not in HIDDEN]
    return [
        Row(
            key=f"A{number}",
            name=f"{fact.section}.{fact.name}",
            label=t(fact.title),
            value=value_in_words(t, fact),
            span=span_in_words(t, fact),
            source=source_in_words(t, fact),
            year=fact.assumption.year if fact.assumption and fact.origin == "default" else "",
            grade=grade_of(fact) or "–",
            origin=fact.origin,
            changed=fact.origin != "default",
            number=fact.value,
        )
        for number, fact in enumerate(shown, start=1)
    ]


def table(t: Words, ledger: list[Row]) -> Table:
    """The ledger as a table for pages and workbooks."""
    return Table(
        t("Assumptions"),
        {
            t("No."): [row.key for row in ledger],
            t("Input"): [row.label for row in ledger],
            t("Value"): [row.value for row in ledger],
            t("Plausible range"): [row.span for row in ledger],
            t("Source"): [row.source for row in ledger],
            t("Year"): [row.year or "–" for row in ledger],
            t("Grade"): [row.grade for row in ledger],
        },
    )


def unsourced(facts: Iterable[Fact]) -> tuple[int, int]:
    """How many inputs rest on our own unsourced default, and of how many inputs."""
    shown = [fact for fact in facts if fact.name not in HIDDEN]
    return sum(grade_of(fact) == "U" for fact in shown), len(shown)


def note(t: Words, facts: Iterable[Fact]) -> str:
    """The count of unsourced inputs as a sentence, and the currency if it is not RMB."""
    count, total = unsourced(facts)
    told = t(
        "{n} of {total} inputs rest on our own unsourced figures (grade U).", n=count, total=total
    )
    return t.sentences(told, rate_note(t))
