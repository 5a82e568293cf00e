"""The figure of a comparison: from one scenario's result to another's, input by input."""

import plotly.graph_objects as go

from kolkit.charts import plan
from kolkit.charts.bars import running_bars
from kolkit.charts.style import plain
from kolkit.journeys.compare import Comparison
from kolkit.text.compare import titles
from kolkit.text.scenarios import rows
from kolkit.text.widths import cut, width
from kolkit.words import Words

ROW = 42
"""Pixels from one scenario to the next."""

LINE = 13.0
"""Ems of a name that fit beside the bars; longer ones stand on two lines."""

ABOVE = 36.0
"""Ems of a name that fit above its range, before the amounts."""


def ranges(t: Words, comparison: Comparison) -> go.Figure:
    """The profit of each scenario with its range."""
    shown = [(name, column.case.interval) for name, column in rows(comparison)]
    shown = [(cut(name, ABOVE), interval) for name, interval in shown]
    return plan.ranges(t, shown, row=ROW)


def moved(t: Words, comparison: Comparison, column: int = 1) -> go.Figure:
    """From the baseline through the inputs that moved it to another scenario."""
    change = comparison.changes[column - 1]
    shown, others = change.told
    steps = [(comparison.columns[0].name, change.before)]
    steps += [(titles(t, comparison, part.names), part.amount) for part in shown]
    if others:
        steps.append((t("All others"), others.amount))
    total = (comparison.columns[column].name, change.after)
    figure = running_bars(t, steps, total=total, told=t.small_money, left=164)
    names = [_broken(name) for name, _ in (*steps, total)]
    figure.update_yaxes(ticktext=names)
    return figure


def _broken(name: str) -> str:
    """A name on at most two lines; what is longer still ends in an ellipsis."""
    if width(name) <= LINE:
        return plain(name)
    fits = next(n for n in range(len(name), 0, -1) if width(name[:n]) <= LINE)
    at = name.rfind(" ", 0, fits + 1)
    head = name[: at if at > 0 else fits]
    tail = cut(name[len(head) :].strip(), LINE)
    return f"{plain(head)}<br>{plain(tail)}"
