"""The four figures of the joint plan."""

from collections.abc import Sequence

import plotly.graph_objects as go

from kolkit.charts.sankey import Band, sankey
from kolkit.charts.style import (
    GENUINE,
    GENUINE_TINT,
    HAIRLINE,
    INK,
    MUTED,
    SOURCED,
    UNEXPLAINED,
    UNEXPLAINED_TINT,
    axis,
    bar,
    figure,
    hidden_axis,
    label,
    plain,
    room,
    scatter,
)
from kolkit.journeys.plan import PlanCase
from kolkit.models.uncertainty import Interval
from kolkit.text.plan import journey_names
from kolkit.text.plan_figures import compared, place_names
from kolkit.words import Words

COLUMNS = (
    ("posts", "streams", "own", "bought", "referral", "budget"),
    ("mix_orders", "live_sales", "pool_orders"),
    ("cost_mix_orders", "cost_live_sales", "cost_pool_orders", "profit"),
)
DRIVERS = 6


def flow(t: Words, case: PlanCase) -> go.Figure:
    """Where the money comes from and what it pays for."""
    colours = dict.fromkeys(COLUMNS[0], GENUINE_TINT) | dict.fromkeys(COLUMNS[1], GENUINE)
    colours |= dict.fromkeys(COLUMNS[2], UNEXPLAINED_TINT)
    colours |= {"profit": GENUINE, "budget": UNEXPLAINED}
    if not case.flows:
        return nothing(t)
    return sankey(
        COLUMNS,
        [Band(item.source, item.target, item.amount) for item in case.flows],
        names=place_names(t),
        colours=colours,
        told=lambda amount: t.money(amount),
        height=330,
    )


def nothing(t: Words) -> go.Figure:
    """In place of a figure that has nothing to show."""
    return figure(
        [scatter(x=[0], y=[0], mode="markers", marker={"opacity": 0}, hoverinfo="skip")],
        height=64,
        annotations=[label(0, 0, t("No money moves in this plan."), font={"color": MUTED})],
        xaxis=hidden_axis(range=[0, 1]),
        yaxis=hidden_axis(range=[-1, 1]),
    )


def split(t: Words, case: PlanCase) -> go.Figure:
    """Spent and earned by each journey."""
    if not case.verdict.go:
        return nothing(t)
    names = journey_names(t)
    rows = [-2.0 * i for i in range(len(case.lines))]
    spent = [line.spent for line in case.lines]
    profit = [line.profit for line in case.lines]
    ends = [0.0, *spent, *(p.p10 for p in profit), *(p.p90 for p in profit)]
    low, high = min(ends), max(max(ends), 1.0)
    span = high - low
    traces = [
        bar(
            x=spent,
            y=[y + 0.25 for y in rows],
            orientation="h",
            width=0.42,
            marker={"color": HAIRLINE},
            hoverinfo="skip",
        ),
        bar(
            x=[p.p50 for p in profit],
            y=[y - 0.25 for y in rows],
            orientation="h",
            width=0.42,
            marker={"color": [GENUINE if p.p50 >= 0 else UNEXPLAINED for p in profit]},
            hoverinfo="skip",
        ),
        _lines([(p, y - 0.25) for p, y in zip(profit, rows, strict=True)]),
    ]
    labels = []
    for line, y in zip(case.lines, rows, strict=True):
        labels.append(label(low, y + 0.78, f"<b>{plain(names[line.key])}</b>"))
        labels.append(
            label(max(line.spent, 0), y + 0.25, t.money(line.spent), xshift=5, font={"size": 12})
        )
        labels.append(
            label(
                max(line.profit.p90, line.profit.p50, 0),
                y - 0.25,
                t.money(line.profit.p50),
                xshift=5,
                font={"size": 12},
            )
        )
    return figure(
        traces,
        height=40 + 84 * len(rows),
        barmode="overlay",
        annotations=labels,
        xaxis=hidden_axis(range=[low - 0.01 * span, high + room(t, 0.24) * span]),
        yaxis=hidden_axis(range=[(rows[-1] if rows else 0) - 0.7, 1.2]),
    )


def _lines(rows: list[tuple[Interval, float]]) -> dict[str, object]:
    """P10 to P90 as thin lines."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for found, y in rows:
        xs += [found.p10, found.p90, None]
        ys += [y, y, None]
    return scatter(x=xs, y=ys, mode="lines", line={"color": INK, "width": 1.5}, hoverinfo="skip")


def drivers(t: Words, case: PlanCase) -> go.Figure:
    """A tornado: profit with one input at its P10 or P90."""
    shown = sorted(case.drivers, key=lambda d: -d.swing)[:DRIVERS]
    if not shown:
        return nothing(t)
    facts = case.facts.by_name
    middle = float(case.central.total.ravel()[0])
    rows = [-float(i) for i in range(len(shown))]
    ends = [middle, *(e for d in shown for e in (d.profit_at_low, d.profit_at_high))]
    low, high = min(ends), max(ends)
    span = max(high - low, 1.0)
    traces = []
    for at_low, colour in ((True, GENUINE_TINT), (False, GENUINE)):
        sizes = [(d.profit_at_low if at_low else d.profit_at_high) - middle for d in shown]
        traces.append(
            bar(
                x=sizes,
                y=[y - 0.18 for y in rows],
                base=[middle] * len(rows),
                orientation="h",
                width=0.36,
                marker={"color": colour},
                customdata=[
                    plain(f"{t(facts[d.name].title)} {t.rounded(end, facts[d.name].declared.unit)}")
                    + f": {t.money(profit)}"
                    for d in shown
                    for end, profit in [
                        (d.p10, d.profit_at_low) if at_low else (d.p90, d.profit_at_high)
                    ]
                ],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    labels = [
        label(low, y + 0.24, plain(t(facts[d.name].title)), font={"size": 12}, bgcolor="#ffffff")
        for d, y in zip(shown, rows, strict=True)
    ]
    bottom = (rows[-1] if rows else 0.0) - 0.95
    labels.append(label(middle, bottom + 0.2, t.money(middle), xanchor="center", font={"size": 12}))
    zero = [0.0] if low < 0 < high else []
    return figure(
        traces,
        height=46 + 37 * max(len(rows), 1),
        barmode="overlay",
        annotations=labels,
        shapes=[
            {
                "type": "line",
                "x0": x,
                "x1": x,
                "y0": bottom + 0.4,
                "y1": 0.2,
                "line": {"color": colour, "width": 1, "dash": dash},
            }
            for x, colour, dash in [(middle, INK, "solid"), *((z, MUTED, "dot") for z in zero)]
        ],
        xaxis=hidden_axis(range=[low - 0.02 * span, high + 0.02 * span]),
        yaxis=hidden_axis(range=[bottom, 0.6]),
    )


def risk(t: Words, case: PlanCase) -> go.Figure:
    """The plan and the plan without each journey, on one scale."""
    return ranges(t, [(name, found) for name, found, _ in compared(t, case)])


def ranges(t: Words, shown: Sequence[tuple[str, Interval]], *, row: int = 52) -> go.Figure:
    """Profits by name, RMB: a point at P50 on a line from P10 to P90, on one scale."""
    rows = [-float(i) for i in range(len(shown))]
    ends = [0.0, *(e for _, p in shown for e in (p.p10, p.p90))]
    low, high = min(ends), max(max(ends), 1.0)
    span = high - low
    colours = [GENUINE if p.p50 >= 0 else UNEXPLAINED for _, p in shown]
    return figure(
        [
            _lines([(p, y) for (_, p), y in zip(shown, rows, strict=True)]),
            scatter(
                x=[p.p50 for _, p in shown],
                y=rows,
                mode="markers",
                marker={"color": colours, "size": 13},
                customdata=[plain(f"{name}: {t.money(p.p50)}") for name, p in shown],
                hovertemplate="%{customdata}<extra></extra>",
            ),
        ],
        height=34 + row * len(rows),
        annotations=[
            label(
                low,
                y + 0.36,
                t.bracketed(
                    f"{plain(name)} <b>{t.money(p.p50)}</b>",
                    t.span(t.money(p.p10), t.money(p.p90)),
                ),
                bgcolor="#ffffff",
                font={"size": 12},
            )
            for (name, p), y in zip(shown, rows, strict=True)
        ],
        shapes=[
            {
                "type": "line",
                "x0": 0,
                "x1": 0,
                "y0": rows[-1] - 0.4,
                "y1": 0.6,
                "line": {"color": SOURCED, "width": 1, "dash": "dot"},
            }
        ],
        xaxis=hidden_axis(range=[low - 0.02 * span, high + 0.02 * span]),
        yaxis=axis(visible=False, range=[rows[-1] - 0.5, 0.75]),
    )
