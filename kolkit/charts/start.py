"""The two figures of the first page."""

import plotly.graph_objects as go

from kolkit.charts.bars import running_bars
from kolkit.charts.style import (
    GENUINE,
    HAIRLINE,
    INK,
    axis,
    bar,
    figure,
    hidden_axis,
    label,
    plain,
)
from kolkit.journeys.start import StartCase
from kolkit.text.start import line_names
from kolkit.words import Words


def order(t: Words, case: StartCase) -> go.Figure:
    """From the price of one order to what it leaves."""
    names = line_names(t)
    steps = [(names[key], size) for key, size in case.order_lines]
    return running_bars(t, steps, total=(t("Left"), case.contribution))


def readiness(t: Words, case: StartCase) -> go.Figure:
    """The five steps, each as far as it is."""
    facts = case.facts.by_name
    names = [t(facts[name].title) for name in case.steps]
    levels = list(case.steps.values())
    rows = [-i for i in range(len(names))]
    return figure(
        [
            bar(
                x=[1.0] * len(rows),
                y=rows,
                orientation="h",
                width=0.3,
                marker={"color": HAIRLINE},
                hoverinfo="skip",
            ),
            bar(
                x=levels,
                y=rows,
                orientation="h",
                width=0.3,
                marker={"color": GENUINE},
                customdata=[
                    plain(f"{name}: {t.share(level)}")
                    for name, level in zip(names, levels, strict=True)
                ],
                hovertemplate="%{customdata}<extra></extra>",
            ),
        ],
        height=50 * len(rows) + 16,
        barmode="overlay",
        annotations=[
            label(0, y + 0.34, plain(name), font={"size": 13, "color": INK})
            for name, y in zip(names, rows, strict=True)
        ]
        + [
            label(1, y + 0.34, t.share(level), xanchor="right")
            for level, y in zip(levels, rows, strict=True)
        ],
        xaxis=hidden_axis(range=[0, 1]),
        yaxis=axis(showgrid=False, showticklabels=False, range=[rows[-1] - 0.4, 0.7]),
    )
