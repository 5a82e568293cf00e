"""Links inside a report: from a formula's number, a figure's and an input's name to their place."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup, escape

from kolkit.report.notebooks import Chapter
from kolkit.words import Words, unbroken

TAG = re.compile(r"(<[^>]*>)")


def anchor(code: str) -> str:
    """The id of a formula's place."""
    return f"formula-{code}"


@dataclass(frozen=True)
class Links:
    """What can be linked to: numbers of formulas, and the ledger's number of each input by name."""

    formulas: frozenset[str]
    inputs: Mapping[str, str]
    ledger: str

    @classmethod
    def of(cls, t: Words, chapters: Iterable[Chapter]) -> "Links":
        """The links of a report: the last chapter holds its ledger."""
        told = list(chapters)
        method = [chapter.steps["method"] for chapter in told]
        codes = {code for step in method for code, _ in [*step["formulas"], *step["shared"]]}
        ledger = told[-1].steps["assumptions"]["table"]["columns"]
        numbers, names = ledger[0][1], ledger[1][1]
        # Two inputs of one name: a link could lead to the wrong one.
        alone = {
            name: code for code, name in zip(numbers, names, strict=True) if names.count(name) == 1
        }
        return cls(frozenset(codes), alone, t("ledger"))

    @cached_property
    def _numbered(self) -> re.Pattern[str]:
        codes = sorted(self.formulas, key=lambda code: (-len(code), code))
        told = "|".join(map(re.escape, codes)) or "(?!)"
        return re.compile(rf"(?<![A-Za-z0-9])({told})(?![A-Za-z0-9])")

    def text(self, words: str) -> Markup:
        """Plain words, made safe, with a link on each formula's number and on the ledger."""
        return self.markup(escape(words))

    def markup(self, html: Markup) -> Markup:
        """As `text`, for words that are a page's own HTML already."""
        parts = TAG.split(str(html))
        for at in range(0, len(parts), 2):
            parts[at] = self._numbered.sub(
                lambda found: f'<a href="#{anchor(found[1])}">{found[1]}</a>', parts[at]
            )
            parts[at] = parts[at].replace(self.ledger, f'<a href="#ledger">{self.ledger}</a>', 1)
        return Markup("".join(parts))  # noqa: S704 - only links were added to safe text

    def inputs_in(self, words: str) -> Markup:
        """Items between middle dots, each of which begins with an input's name, with its link."""
        return Markup(" · ").join(self._first_name(item) for item in unbroken(words).split(" · "))

    def _first_name(self, item: str) -> Markup:
        for name in sorted(self.inputs, key=len, reverse=True):
            if item.casefold().startswith(name.casefold()):
                link = Markup('<a href="#{}">{}</a>').format(self.inputs[name], item[: len(name)])
                return link + item[len(name) :]
        return escape(item)

    def cells(self, table: str) -> Markup:
        """A table's HTML with a link on each cell that is an input's name."""

        def linked(found: re.Match[str]) -> str:
            code = self._by_html.get(found[1])
            return f'<td><a href="#{code}">{found[1]}</a></td>' if code else found[0]

        return Markup(re.sub(r"<td>([^<]*)</td>", linked, table))  # noqa: S704

    @cached_property
    def _by_html(self) -> dict[str, str]:
        return {str(escape(name)): code for name, code in self.inputs.items()}
