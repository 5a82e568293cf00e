"""What a theme's own notebook says and draws: `from kolkit.chapter import Chapter, results`.

    told = results(globals())
    page = Chapter(title="The first weeks", headline="Three people start in week one.")
    page.figure(figure, title="Most of the work comes early", subtitle="Contacts by week")
    page.table(frame, "Calendar")

Each call shows itself, in Jupyter as in the report. Words are plain text everywhere: what looks
like HTML is printed as it stands. This module stays as it is from version to version.
"""

import json
import math
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kolkit.errors import InputError
from kolkit.words import Words

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from kolkit.journeys.plan import PlanCase

ALL_INPUTS = "kolkit_inputs"
"""The parameter through which a notebook gets every input of the brief."""
TRACES = ("bar", "pie", "scatter")
"""What the chart library inside a report can draw."""


class Results:
    """The engine's results for the inputs of this notebook.

    Every amount is in RMB. `words` says it in the report's language and currency:
    `words.money(1200000)`, `words.share(0.2)`; `words.amount(1200000)` is the bare number in that
    currency, for tables and axes.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self.words = Words.of(given)

    @cached_property
    def figures(self) -> Mapping[str, Mapping[str, float | None]]:
        """The headline numbers of each included journey and of the plan, as in the manifest."""
        from kolkit.books import PLAN, chapters_of

        told = {
            book.key: dict(book.numbers(book.run(self._brief, self._counts)))
            for book in chapters_of(self._brief)
            if book is not PLAN
        }
        return {**told, PLAN.key: dict(PLAN.numbers(self.plan))}

    @cached_property
    def plan(self) -> "PlanCase":
        """The plan as the engine computed it, for what `figures` does not say."""
        from kolkit.books import PLAN

        case: PlanCase = PLAN.run(self._brief, self._counts)
        return case

    @cached_property
    def _brief(self) -> Any:
        from kolkit.controls import build

        return build("plan", self.given)

    @cached_property
    def _counts(self) -> Any:
        from kolkit.orders import OrderCounts

        counted = self.given.get("orders_counted")
        return OrderCounts.from_dict(counted) if counted else None


def results(namespace: Mapping[str, Any]) -> Results:
    """The engine's results for a notebook's inputs: `results(globals())`.

    In a report the inputs are the brief's; in Jupyter those of the `parameters` cell, the others
    at their defaults.

    Raises
    ------
    InputError
        an input is refused; each in a sentence
    """
    from kolkit.workbook import parameters

    known = parameters("plan")
    own = {name: namespace[name] for name in known if name in namespace}
    return Results(known | dict(namespace.get(ALL_INPUTS) or {}) | own)


def leave_out(reason: str) -> None:
    """Leave this chapter out of this report; `reason` stays in the executed notebook.

    What the notebook shows otherwise is not printed, so its later cells may run or not.
    """
    _emit("own-left-out", reason=reason)


def _emit(step: str, **content: Any) -> None:
    from IPython.display import display

    from kolkit.workbook import step_of

    told = ": ".join(str(value) for value in content.values())
    display({"text/plain": told, **step_of(step, **content)}, raw=True)


class Chapter:
    """A chapter of the report, printed in the order of its calls."""

    def __init__(self, *, title: str, headline: str, lead: str = "", language: str = "en") -> None:
        """`title` names the chapter, `headline` says what it finds, `lead` what qualifies that.

        `language` (en or zh) is that of the buttons in Jupyter and of numbers in tables there.
        """
        from kolkit.widgets import Panel
        from kolkit.words import html

        self._words = Words(language)
        self._names: list[str] = []
        panel = Panel(
            html=f"<h1 class='kk-sentence'>{html(headline)}</h1><p>{html(lead)}</p>",
            css_class="kk-answer",
        )
        self._show(panel, "own-title", title=title, headline=headline, lead=lead)

    def figure(
        self,
        figure: "go.Figure",
        *,
        title: str,
        subtitle: str = "",
        source: str = "",
        why: str = "",
        table: "pd.DataFrame | None" = None,
    ) -> None:
        """A plotly figure of bars, lines, points or slices, in the house look.

        Parameters
        ----------
        figure : its own layout counts where it says something; the width follows the page
        title : the finding; `subtitle` what is shown and in which unit
        source : where the numbers come from
        why : the reasoning; an empty line begins a paragraph
        table : the numbers behind it, for the spreadsheet

        Raises
        ------
        InputError
            it is not plotly's, or draws what a report cannot
        """
        from kolkit.text.parts import Table
        from kolkit.widgets import Chart
        from kolkit.words import html

        drawn, t = _in_house_look(title, figure), self._words
        data = None if table is None else _table(table, title, {})
        name = f"figure-{len(self._names) + 1}"
        self._names.append(name)
        card = Chart(
            name=name, figure=drawn, title=title, subtitle=subtitle,
            why="".join(f"<p>{html(part)}</p>" for part in why.split("\n\n") if part.strip()),
            table=Table.of(data).html(t) if data else "",
            labels={
                "why": t("Why?"), "table": t("Table"), "image": t("Image"), "sheet": "XLSX",
                "source": source,
            },
        )  # fmt: skip
        if table is not None:
            card.answer("xlsx", lambda message, buffers: _send_sheet(card, title, table))
        self._show(
            card, "own-chart", name=name, title=title, subtitle=subtitle, source=source, why=why,
            table=data,
        )  # fmt: skip

    def table(
        self, frame: "pd.DataFrame", name: str, *, formats: Mapping[str, str] | None = None
    ) -> None:
        """A table with its name.

        Parameters
        ----------
        frame : words and numbers; the index is not printed
        name : also the name of its sheet in the spreadsheet
        formats : by column, how numbers are written: `#,##0` (the default), `#,##0.00` or `0.0%`
        """
        from kolkit.text.parts import Table
        from kolkit.widgets import Panel

        data = _table(frame, name, formats or {})
        panel = Panel(html=Table.of(data).html(self._words), css_class="kk-table-panel")
        self._show(panel, "own-table", **data)

    def number(self, name: str, value: float) -> None:
        """A key number, for the manifest beside the report; ValueError unless it is finite."""
        if not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number; got {value}.")
        _emit("own-number", name=name, value=float(value))

    def formula(self, number: str, text: str) -> None:
        """A formula for the section on method, such as `("X1", "Week = contacts / pace")`."""
        _emit("own-formula", number=number, text=text)

    def limit(self, text: str) -> None:
        """What the chapter cannot show, for the section on method."""
        _emit("own-limit", text=text)

    @staticmethod
    def _show(widget: Any, step: str, **content: Any) -> None:
        from IPython.display import display

        from kolkit.workbook import step_of

        widget.faces = step_of(step, **content)
        display(widget)


def _in_house_look(title: str, figure: "go.Figure") -> dict[str, Any]:
    """A figure as plain JSON; what its own layout leaves open is as in every other figure."""
    import plotly.graph_objects as go

    from kolkit.charts import style

    if not isinstance(figure, go.Figure):
        raise InputError(f"the figure '{title}' must be plotly's; got {type(figure).__name__}.")
    told = json.loads(figure.to_json())
    for trace in told["data"]:
        if trace.get("type", "scatter") not in TRACES:
            raise InputError(
                f"the figure '{title}' draws {trace['type']}; a report can draw "
                f"{', '.join(TRACES)}."
            )
    own = {k: v for k, v in told["layout"].items() if k not in ("template", "width")}
    house = style.figure([], height=320).to_plotly_json()["layout"]
    house["margin"] = {"l": 8, "r": 8, "t": 8, "b": 28}
    for name in ("xaxis", "yaxis"):
        house[name] = style.axis(automargin=True)
    house["colorway"] = [style.GENUINE, style.SOURCED, style.UNEXPLAINED, style.MUTED]
    layout = house | own
    for name in ("font", "margin", "xaxis", "yaxis"):
        layout[name] = house[name] | own.get(name, {})
    return {"data": told["data"], "layout": layout}


def _send_sheet(card: Any, name: str, table: "pd.DataFrame") -> None:
    from kolkit.tables.write import xlsx_bytes

    card.send({"kind": "sheet"}, buffers=[xlsx_bytes({name: table})])


def _cell(value: Any) -> str | float | None:
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None if value is None else str(value)
    return number if math.isfinite(number) else None


def _table(frame: "pd.DataFrame", name: str, formats: Mapping[str, str]) -> dict[str, Any]:
    from kolkit.text.parts import Table

    columns = {
        str(column): [_cell(value) for value in frame.iloc[:, at].tolist()]
        for at, column in enumerate(frame.columns)
    }
    return Table(name, columns, dict(formats)).data()
