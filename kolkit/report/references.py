"""The small line under a headline figure that leads to its formulas and its rows of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kolkit.report.links import anchor
from kolkit.report.notebooks import Chapter
from kolkit.text.references import FORMULAS, rows_behind


@dataclass(frozen=True)
class References:
    """What can be referred to: the formulas that the report prints, and its ledger's rows."""

    formulas: frozenset[str]
    ledger: Mapping[str, str]

    @classmethod
    def of(cls, chapters: Sequence[Chapter]) -> "References":
        """The references of a report: the last chapter holds its ledger."""
        methods = [chapter.steps["method"] for chapter in chapters]
        codes = {code for step in methods for code, _ in [*step["formulas"], *step["shared"]]}
        inputs = chapters[-1].steps["assumptions"]["inputs"]
        return cls(frozenset(codes), {name: told[0] for name, told in inputs.items()})

    def line(self, journey: str, *figures: str) -> Markup:
        """Formulas and rows behind key figures, each a link; all of a journey's if none is named.

        Empty for a journey, such as an agency's own, that declares none.
        """
        known = FORMULAS.get(journey, {})
        asked = [figure for figure in figures or known if figure in known]
        codes = dict.fromkeys(code for figure in asked for code in known[figure])
        links = [_link(anchor(code), code) for code in codes if code in self.formulas]
        rows = [
            _link(first, first if first == last else f"{first}–{last}")
            for first, last in rows_behind(journey, asked, self.ledger)
        ]
        told = [Markup(", ").join(part) for part in (links, rows) if part]
        return Markup(" · ").join(told)


def _link(place: str, words: str) -> Markup:
    return Markup('<a href="#{}">{}</a>').format(place, words)
