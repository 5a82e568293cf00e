"""Saved scenarios beside the one on screen: what it is held against, and the comparison."""

from collections.abc import Mapping
from typing import Any

from kolkit.charts import compare as charts
from kolkit.errors import InputError
from kolkit.journeys.compare import Comparison, compare
from kolkit.onscreen import OnScreen
from kolkit.text import compare as text
from kolkit.text.parts import Table
from kolkit.words import Words, html


class Beside:
    """The baseline of tiles and charts, and up to three saved scenarios side by side with one.

    `others` are what the page chose: id, name and flat inputs of each. They are checked like
    everything that a page sends; no file is read here.
    """

    def __init__(self, screen: OnScreen) -> None:
        self._screen = screen
        self.others: list[Mapping[str, Any]] = []
        self._first: Mapping[str, Any] | None = None
        self.against: Any = None

    def choose(self, compared: Mapping[str, Any]) -> None:
        """Take over what the page compares with; `against` changes with what decides a baseline."""
        self.others = list(compared.get("others", ()))
        wanted = compared.get("baseline")
        self._first = next((other for other in self.others if other["id"] == wanted), None)
        saved = self._screen.base if self._screen.changed else None
        self.against = self._first if self._first is not None else saved

    @property
    def baseline(self) -> Any:
        """The case that figures are held against: the chosen one, else what was opened or saved.

        None where nothing was changed since.
        """
        if self._first is not None:
            return self._screen.case_of(self._first["id"], self._first["inputs"])[1]
        if self.against is None:
            return None
        return self._screen.case_of("saved", self._screen.base)[1]

    def _compared(self, t: Words, here: str) -> Comparison | None:
        if not self.others:
            return None
        columns = []
        for other in self.others:
            given, case = self._screen.case_of(other["id"], other["inputs"])
            columns.append((str(other["name"]), case, given))
        shown = (t("{name}, on screen", name=here), self._screen.case, self._screen.given)
        if self._first is None:
            ordered = [shown, *columns]
        else:
            ordered = [columns.pop(self.others.index(self._first)), shown, *columns]
        return compare(self._screen.book, ordered, run=self._screen.run)

    def card(self, t: Words, here: str) -> dict[str, Any]:
        """The comparison as a card's traits and its `source`; empty where there is none.

        `here` is the name of the scenario on screen.
        """
        try:
            found = self._compared(t, here)
        except InputError as error:
            told = f'<p class="kk-wrong">{html(str(error))}</p>'
            return {"title": t("Side by side"), "lead": told, "source": ""}
        if found is None:
            return {}
        words = text.moved_words(t, found)
        return {
            "title": words.subtitle,
            "lead": text.comparison_html(t, found),
            "figure": charts.moved(t, found).to_plotly_json(),
            "why": words.why,
            "table": words.table.html(t),
            "source": words.source,
        }

    def tables(self, t: Words, here: str) -> list[Table]:
        """The comparison as tables to take away."""
        found = self._compared(t, here)
        return text.comparison_tables(t, found) if found is not None else []
