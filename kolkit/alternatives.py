"""Scenarios that a brief wants beside its own: checked before a report, and held against it."""

from collections.abc import Sequence
from typing import Any

from kolkit.books import PLAN
from kolkit.brief import LoadedBrief
from kolkit.charts import compare as charts
from kolkit.errors import InputError
from kolkit.inputs import Alternative, Brief, inputs_of
from kolkit.journeys.compare import Comparison, compare
from kolkit.onscreen import OnScreen
from kolkit.orders import OrderCounts
from kolkit.text import compare as words
from kolkit.text import scenarios as text
from kolkit.text.parts import FigureWords
from kolkit.words import Words

NAME = "scenarios"
"""The parameter of the plan's notebook that holds them."""


def changed(brief: Brief, alternative: Alternative) -> Brief:
    """The brief with the inputs of an alternative."""
    sections = {}
    for name in type(alternative).model_fields:
        section = getattr(alternative, name)
        own: set[str] = getattr(section, "model_fields_set", set())
        if own:
            changes = {key: getattr(section, key) for key in own}
            sections[name] = getattr(brief, name).model_copy(update=changes)
    return brief.model_copy(update=sections)


def flat(loaded: LoadedBrief, counts: OrderCounts | None) -> list[dict[str, Any]]:
    """Name and changed inputs of each, once all of them are known to give a result.

    Raises
    ------
    InputError
        with file and line, for a scenario that cannot be, changes what the plan does not use, or
        is called as the brief's own
    """
    used = {name for _, name, _, _ in inputs_of(PLAN.key)}
    found = []
    for number, alternative in enumerate(loaded.brief.scenarios):
        place = f"{loaded.at(NAME, str(number))}: {alternative.name}"
        inputs = alternative.inputs()
        if alternative.name.casefold() == loaded.brief.scenario.casefold():
            raise InputError(
                f"{place} is the name of the brief's own scenario; rename one of them."
            )
        unused = [name for name in inputs if name not in used]
        if unused:
            raise InputError(
                f"{place} changes {unused[0]}, which the plan does not use: delete it."
            )
        try:
            PLAN.run(changed(loaded.brief, alternative), counts)
        except InputError as error:
            raise InputError(f"{place}: {error}") from None
        found.append({"name": alternative.name, "inputs": inputs})
    return found


def _compared(screen: OnScreen, here: str) -> Comparison | None:
    others: Sequence[dict[str, Any]] = screen.opened.get(NAME) or ()
    if not others:
        return None
    columns = [(here, screen.case, screen.given)]
    for other in others:
        given = screen.given_by(other["inputs"])
        columns.append((str(other["name"]), screen.run(given), given))
    return compare(screen.book, columns, run=screen.run)


def told(t: Words, screen: OnScreen, here: str) -> dict[str, Any]:
    """The chapter that holds them against the scenario called `here`; empty where there are none.

    `charts` come with their words, table and plotly's JSON.
    """
    found = _compared(screen, here)
    if found is None:
        return {}
    drawn = [("scenarios", text.ranges(t, found), charts.ranges(t, found))]
    for column, change in enumerate(found.changes, start=1):
        if len(change.parts) > 1:
            name = f"moved-{column}"
            drawn.append(
                (name, words.moved_words(t, found, column), charts.moved(t, found, column))
            )
    figures, inputs, *_ = words.comparison_tables(t, found)
    return {
        "title": t("Scenarios"),
        "headline": text.headline(t, found),
        "lead": text.lead(t, found),
        "tables": [figures.data(), inputs.data()],
        "method": words.method(t, found),
        "charts": [_card(name, told, figure.to_plotly_json()) for name, told, figure in drawn],
    }


def _card(name: str, told: FigureWords, figure: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "title": told.title,
        "subtitle": told.subtitle,
        "source": told.source,
        "why": told.why,
        "table": told.table.data(),
        "figure": figure,
    }
