"""What frames a report's chapters: the list of contents, heads of pages, and the glossary."""

from collections.abc import Iterator, Sequence
from typing import Any

from kolkit.report.notebooks import Chapter
from kolkit.text.glossary import Term, glossary
from kolkit.words import Words

APPENDIX = ("ledger", "method", "glossary")
"""Parts that follow one another without a new page."""


def contents(
    t: Words, printed: Sequence[Chapter], *, lead: Chapter, changed: bool
) -> list[tuple[str, str]]:
    """Place and title of each part of a report, in the order in which they are printed."""
    scenarios = lead.steps.get("comparison", {})
    return [
        ("answer", t("The answer")),
        *([("changes", t("What changed since the last version sent"))] if changed else []),
        *((chapter.journey, chapter.steps["answer"]["title"]) for chapter in printed),
        *([("scenarios", scenarios["title"])] if scenarios.get("charts") else []),
        ("ledger", t("Assumptions")),
        ("method", t("Method and limits")),
        ("glossary", t("Glossary")),
    ]


def heads(t: Words, parts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Name of a kind of page and what stands at its top; what follows the ledger shares its."""
    own = [(place, title) for place, title in parts if place not in APPENDIX]
    last = [title for place, title in parts if place in APPENDIX]
    return [*own, ("appendix", t.join(last))]


def explained(t: Words, chapters: Sequence[Chapter]) -> list[Term]:
    """The terms that a report uses, explained."""
    return glossary(t, "\n".join(_texts([[c.steps, c.charts] for c in chapters])))


def _texts(data: Any) -> Iterator[str]:
    """Every text in nested data, keys left out."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _texts(value)
