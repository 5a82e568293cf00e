"""The small line under a headline figure that leads to its formulas and its rows of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kolkit.report.links import anchor
from kolkit.report.notebooks import Chapter
from kolkit.text.references import FORMULAS, rows_behind, rows_not_behind
from kolkit.words import Words

MOST = 0.8
"""From this share of the ledger on, a figure names the rows that it does not rest on."""


@dataclass(frozen=True)
class References:
    """What can be referred to: the formulas that the report prints, and its ledger's rows."""

    t: Words
    formulas: frozenset[str]
    ledger: Mapping[str, str]

    @classmethod
    def of(cls, t: Words, chapters: Sequence[Chapter]) -> "References":
        """The references of a report: the last chapter holds its ledger."""
        methods = [chapter.steps["method"] for chapter in chapters]
        codes = {code for step in methods for code, _ in [*step["formulas"], *step["shared"]]}
        inputs = chapters[-1].steps["assumptions"]["inputs"]
        return cls(t, frozenset(codes), {name: told[0] for name, told in inputs.items()})

    def line(self, journey: str, *figures: str) -> Markup:
        """Formulas and rows behind key figures, each a link; all of a journey's if none is named.

        Empty for a journey, such as an agency's own, that declares none.
        """
        known = FORMULAS.get(journey, {})
        asked = [figure for figure in figures or known if figure in known]
        codes = dict.fromkeys(code for figure in asked for code in known[figure])
        links = [_link(anchor(code), code) for code in codes if code in self.formulas]
        told = [Markup(", ").join(part) for part in (links, self._rows(journey, asked)) if part]
        return Markup(" · ").join(told)

    def _rows(self, journey: str, figures: Sequence[str]) -> list[Markup]:
        others = rows_not_behind(journey, figures, self.ledger)
        if len(others) < (1 - MOST) * len(self.ledger):
            few = ", ".join(others)
            told = self.t("ledger but {few}", few=few) if few else self.t("the whole ledger")
            return [_link("ledger", told)]
        return [
            _link(first, first if first == last else f"{first}–{last}")
            for first, last in rows_behind(journey, figures, self.ledger)
        ]


def _link(place: str, words: str) -> Markup:
    return Markup('<a href="#{}">{}</a>').format(place, words)
