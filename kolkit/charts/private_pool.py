"""The four figures of the private-pool journey."""

import math
from typing import Any

import plotly.graph_objects as go

from kolkit.charts.style import (
    GENUINE,
    GENUINE_TINT,
    INK,
    MUTED,
    SOURCED_TINT,
    UNEXPLAINED,
    UNEXPLAINED_TINT,
    axis,
    bar,
    figure,
    hidden_axis,
    label,
    margin,
    plain,
    room,
    scatter,
)
from kolkit.journeys.private_pool import PoolCase
from kolkit.text.private_pool import channel_names, needs, people, stage_names
from kolkit.words import Words

YEAR = 12


def _line(x0: float, x1: float, y0: float, y1: float, **changes: Any) -> dict[str, Any]:
    line = {"color": MUTED, "width": 1} | changes.pop("line", {})
    return {"type": "line", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line, **changes}


def cash(t: Words, case: PoolCase) -> go.Figure:
    """Cumulative cash by month with its band, the lowest point and the month that pays."""
    p10, p50, p90 = ([0.0, *line.round(2).tolist()] for line in case.cash_band)
    months = list(range(case.horizon + 1))
    last = case.horizon
    low, high = min(0.0, *p10), max(0.0, *p90)
    span = max(high - low, 1.0)
    colour = GENUINE if p50[-1] >= 0 else UNEXPLAINED
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    tint = "rgba(31,111,120,0.14)" if p50[-1] >= 0 else "rgba(184,64,42,0.12)"
    traces = [
        scatter(x=months, y=p10, **edge),
        scatter(x=months, y=p90, fill="tonexty", fillcolor=tint, **edge),
        scatter(
            x=months,
            y=p50,
            mode="lines",
            line={"color": colour, "width": 3},
            hovertext=[t.exact(cash) for cash in p50],
            hovertemplate="%{x}: %{hovertext}<extra></extra>",
        ),
    ]
    # Three labels at the right end, moved apart where they would run into each other.
    ends = [("P90", p90[-1]), ("P50", p50[-1]), ("P10", p10[-1])]
    labels, above = [], math.inf
    for name, value in ends:
        y = min(value, above - 0.085 * span)
        above = y
        text = f"{name} {t.money(value)}"
        labels.append(
            label(
                last,
                y,
                f"<b>{text}</b>" if name == "P50" else text,
                xshift=6,
                font={"size": 12, "color": colour if name == "P50" else MUTED},
            )
        )
    marks = []
    month, depth = case.lowest
    if month and month != last:
        marks.append((month, depth))
        labels.append(
            label(
                month,
                depth,
                t("P50 lowest {sum}", sum=t.money(depth)),
                xanchor="center" if 0.15 < month / last < 0.8 else "left",
                yanchor="top",
                yshift=-8,
                font={"size": 12},
            )
        )
    if math.isfinite(case.pays_from) and case.pays_from > 1:
        at = int(case.pays_from)
        late = at / last > 0.4
        marks.append((at, p50[at]))
        labels.append(
            label(
                at,
                p50[at],
                t("pays from month {n}", n=at),
                xanchor="right" if late else "left",
                yanchor="bottom",
                yshift=8 if late else 30,
                font={"size": 12},
            )
        )
    if marks:
        traces.append(
            scatter(
                x=[x for x, _ in marks],
                y=[y for _, y in marks],
                mode="markers",
                marker={"size": 10, "color": colour, "line": {"color": "#ffffff", "width": 2}},
                hoverinfo="skip",
            )
        )
    step = max(1, math.ceil(last / 6))
    money_axis = _money_axis(t, low, high, span)
    told = [f"{name} {t.money(value)}" for name, value in ends]
    return figure(
        traces,
        height=300,
        annotations=labels,
        shapes=[_line(0, last, 0, 0)],
        margin={"l": margin(money_axis["ticktext"], 52), "r": margin(told, 92), "t": 12, "b": 28},
        xaxis=axis(range=[0, last], showgrid=False, tick0=0, dtick=step),
        yaxis=money_axis,
    )


def _money_axis(t: Words, low: float, high: float, span: float) -> dict[str, Any]:
    """An axis whose ticks are written as a reader writes money."""
    wide = t.amount(span)
    step = 10 ** math.floor(math.log10(wide / 2))
    step *= next(m for m in (1, 2, 5, 10) if wide / (m * step) <= 5)
    first, last = math.ceil(t.amount(low) / step), math.floor(t.amount(high) / step)
    ticks = [t.in_cny(n * step) for n in range(first, last + 1)]
    return axis(
        range=[low - 0.12 * span, high + 0.08 * span],
        tickvals=ticks,
        ticktext=[t.money(tick, 2) for tick in ticks],
    )


def retention(t: Words, case: PoolCase) -> go.Figure:
    """The survival curve, a constant rate, and what was pasted."""
    curve, constant = case.curve
    months = list(range(len(curve)))
    seen = list(case.cohort.shares)[: len(curve)] if case.cohort else []
    points = list(enumerate(seen)) or [(1, float(curve[1])), (YEAR, float(curve[YEAR]))]
    traces = [
        scatter(
            x=months,
            y=constant.round(4).tolist(),
            mode="lines",
            line={"color": MUTED, "width": 2, "dash": "dot"},
            hovertemplate="%{x}: %{y:.0%}<extra></extra>",
        ),
        scatter(
            x=months,
            y=curve.round(4).tolist(),
            mode="lines",
            line={"color": GENUINE, "width": 3},
            hovertemplate="%{x}: %{y:.0%}<extra></extra>",
        ),
        scatter(
            x=[month for month, _ in points],
            y=[share for _, share in points],
            mode="markers",
            marker={
                "size": 8,
                "color": INK if case.cohort else SOURCED_TINT,
                "line": {"color": INK, "width": 1},
            },
            hoverinfo="skip",
        ),
    ]
    # Where both lines run close together the second label stands at their end, between them.
    apart = curve[YEAR] - constant[YEAR] > 0.2
    beside = YEAR if apart else months[-1]
    labels = [
        label(
            YEAR,
            float(curve[YEAR]),
            "<b>" + t("{share} left", share=t.share(curve[YEAR])) + "</b>",
            yanchor="bottom",
            yshift=6,
        ),
        label(
            beside,
            float(constant[beside]),
            xanchor="left" if apart else "right",
            text=t("constant rate {share}", share=t.share(constant[YEAR])),
            yanchor="bottom",
            yshift=6,
            font={"size": 12, "color": MUTED},
        ),
    ]
    return figure(
        traces,
        height=300,
        annotations=labels,
        margin={"l": 44, "r": 12, "t": 12, "b": 28},
        xaxis=axis(range=[0, months[-1] + 0.5], showgrid=False, tick0=0, dtick=6),
        yaxis=axis(range=[0, 1.02], tickformat=".0%", tickvals=[0.25, 0.5, 0.75, 1]),
    )


def capacity(t: Words, case: PoolCase) -> go.Figure:
    """Members that joins, accounts, groups and people could hold; the narrowest stands out."""
    limit, end, holds = case.bottleneck, case.central, case.holds
    names = stage_names(t)
    counted = needs(t, groups=end.groups[0], accounts=end.accounts[0], staff=end.staff[0])
    told = {"joins": names["joins"]} | counted
    rows = [-i for i in range(len(holds))]
    most = max(1.0, *holds.values())
    labels = []
    for (key, size), y in zip(holds.items(), rows, strict=True):
        labels.append(label(0, y + 0.36, plain(told[key]), font={"size": 12}))
        labels.append(
            label(
                size,
                y,
                f"<b>{people(t, size)}</b>" if key == limit.stage else people(t, size),
                xshift=6,
                font={"size": 12, "color": UNEXPLAINED if key == limit.stage else INK},
            )
        )
    bars = bar(
        x=list(holds.values()),
        y=rows,
        orientation="h",
        width=0.34,
        marker={"color": [UNEXPLAINED if k == limit.stage else GENUINE_TINT for k in holds]},
        customdata=[names[key] for key in holds],
        hovertemplate="%{customdata}: %{x:,.0f}<extra></extra>",
    )
    return figure(
        [bars],
        height=300,
        annotations=labels,
        xaxis=hidden_axis(range=[0, most * 1.3]),
        yaxis=hidden_axis(range=[rows[-1] - 0.4, 0.7]),
    )


def acquisition(t: Words, case: PoolCase) -> go.Figure:
    """Per channel: joins on the left, what one costs on the right, with the most it may cost."""
    shown = case.compared
    names = channel_names(t)
    rows = [-i for i in range(len(shown))]
    joins = [channel.joins for channel in shown]
    costs = [channel.cost_per_join for channel in shown]
    limit = case.highest_cac
    within = [cost <= limit for cost in costs]
    labels = []
    for channel, y, good in zip(shown, rows, within, strict=True):
        labels.append(label(0, y + 0.4, plain(names[channel.key]), font={"size": 12}))
        labels.append(
            label(channel.joins, y, people(t, channel.joins), xshift=6, font={"size": 12})
        )
        labels.append(
            label(
                channel.cost_per_join,
                y,
                t.price(channel.cost_per_join),
                xref="x2",
                xshift=6,
                font={"size": 12, "color": GENUINE if good else UNEXPLAINED},
            )
        )
    bottom = rows[-1] - 0.5
    right = max(1.0, limit, *costs) * (1 + room(t, 0.35))
    labels += [
        label(0, 0.95, t("Joins"), font={"size": 12, "color": MUTED}),
        label(
            0,
            0.95,
            t("{currency} for one join", currency=t.currency_unit),
            xref="x2",
            font={"size": 12, "color": MUTED},
        ),
        label(
            limit,
            bottom,
            t("may cost {limit}", limit=t.price(limit)),
            xref="x2",
            xanchor="left" if limit < 0.55 * right else "right",
            yanchor="top",
            font={"size": 12, "color": MUTED},
        ),
    ]
    common = {"y": rows, "orientation": "h", "width": 0.36}
    named = [plain(names[channel.key]) for channel in shown]
    traces = [
        bar(
            x=joins,
            marker={"color": GENUINE},
            customdata=named,
            hovertemplate="%{customdata}: %{x:,.0f}<extra></extra>",
            **common,
        ),
        bar(
            x=costs,
            xaxis="x2",
            marker={"color": [GENUINE_TINT if good else UNEXPLAINED_TINT for good in within]},
            customdata=named,
            hovertext=[t.exact(cost, max(t.currency.places, 1)) for cost in costs],
            hovertemplate="%{customdata}: %{hovertext}<extra></extra>",
            **common,
        ),
    ]
    return figure(
        traces,
        height=70 + 46 * len(shown),
        annotations=labels,
        shapes=[_line(limit, limit, bottom, 0.6, xref="x2", line={"dash": "dot"})],
        xaxis=hidden_axis(range=[0, max(1.0, *joins) * 1.4], domain=[0, 0.46]),
        xaxis2=hidden_axis(range=[0, right], domain=[0.54, 1]),
        yaxis=hidden_axis(range=[bottom - 0.55, 1.15]),
    )
