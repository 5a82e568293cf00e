"""The four figures of the tier-mix journey."""

from collections.abc import Sequence
from math import floor, isfinite, log10
from typing import Any

import plotly.graph_objects as go

from kolkit.charts.bars import running_bars
from kolkit.charts.style import (
    GENUINE,
    GENUINE_TINT,
    INK,
    MUTED,
    UNEXPLAINED,
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
from kolkit.journeys.tier_mix import TierMixCase
from kolkit.text.tier_mix_figures import STEP_NAMES
from kolkit.text.tier_mix_plan import per_thousand
from kolkit.text.tier_names import cell_name
from kolkit.words import Words

CHARTED = 8
"""Cells that a chart shows; the table has them all."""

LINE = 17
"""Letters of a name that fit above a bar of half a phone's width; longer ones are broken."""

BAR, TIGHT, ROOMY = 17, 44, 56
"""Pixels of a bar, and from one bar to the next under names of one line and of two."""

BAND = "rgba(31,111,120,0.16)"


def _broken(name: str) -> str:
    """A name on two lines where it is long: Xiaohongshu, and micro-KOL below it."""
    head, space, tail = name.rpartition(" ")
    return f"{head}<br>{tail}" if space and len(name) > LINE else name


def _panel(
    t: Words,
    case: TierMixCase,
    *,
    values: Sequence[float],
    place: str,
    told: Any,
    pitch: int,
    marks: Sequence[float] | None = None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], float]:
    """One ranking, cheapest on top: traces, labels, and the end of its axis."""
    order = [j for j in sorted(range(len(values)), key=lambda j: values[j]) if isfinite(values[j])]
    order = order[:CHARTED]
    shown = [values[j] for j in order]
    # One dear cell would flatten all the others: its bar is cut, its label is not.
    end = min(max(shown), 2.5 * shown[len(shown) // 2]) if shown else 1.0
    rows = [-i for i in range(len(order))]
    cut = [min(value, end) for value in shown]
    booked = [case.plan.counts[j] > 0 for j in order]
    names = [plain(cell_name(t, case.active[j])) for j in order]
    traces = [
        bar(
            x=cut,
            y=rows,
            orientation="h",
            width=BAR / pitch,
            xaxis=place,
            marker={"color": [GENUINE if used else GENUINE_TINT for used in booked]},
            customdata=[f"{n}: {told(v)}" for n, v in zip(names, shown, strict=True)],
            hovertemplate="%{customdata}<extra></extra>",
        )
    ]
    if marks is not None:
        traces.append(
            scatter(
                x=[min(marks[j], end) for j in order],
                y=rows,
                xaxis=place,
                mode="markers",
                marker={"symbol": "line-ns", "size": 15, "line": {"color": INK, "width": 2}},
                customdata=[f"{n}: {told(marks[j])}" for n, j in zip(names, order, strict=True)],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    labels = []
    for name, value, y in zip(names, shown, rows, strict=True):
        labels.append(
            label(0, y + 0.5 * BAR / pitch, _broken(name), xref=place, yanchor="bottom",
                  font={"size": 12})
        )  # fmt: skip
        text = f"<b>{told(value)}</b>" + (" ›" if value > end else "")
        labels.append(label(min(value, end), y, text, xref=place, xshift=5, font={"size": 12}))
    return traces, labels, end


def ranking(t: Words, case: TierMixCase) -> go.Figure:
    """Cells by true CPM with the naive one as a tick, and beside it by CPE."""
    long = any("<br>" in _broken(cell_name(t, cell)) for cell in case.active)
    pitch = ROOMY if long else TIGHT
    left, left_labels, left_end = _panel(
        t,
        case,
        values=case.cpm.tolist(),
        marks=case.naive_cpm.tolist(),
        place="x",
        told=t.money,
        pitch=pitch,
    )
    right, right_labels, right_end = _panel(
        t,
        case,
        values=case.cpe.tolist(),
        place="x2",
        told=t.cents,
        pitch=pitch,
    )
    count = max(1, min(CHARTED, len(case.active)))
    heads = [
        label(0, 1.05, f"<b>{text}</b>", xref=place, font={"size": 12, "color": MUTED})
        for text, place in ((t("CPM"), "x"), (t("CPE"), "x2"))
    ]
    beside = 1 + room(t, 0.55)
    return figure(
        [*left, *right],
        height=44 + pitch * count,
        annotations=[*heads, *left_labels, *right_labels],
        xaxis=hidden_axis(range=[0, beside * left_end], domain=[0, 0.52]),
        xaxis2=hidden_axis(range=[0, beside * right_end], domain=[0.56, 1]),
        yaxis=hidden_axis(range=[-count + 0.5, 1.3]),
    )


def bridge(t: Words, case: TierMixCase) -> go.Figure:
    """From the quoted price over all followers to the true cost, per 1,000."""
    view = case.bridge
    if view is None:
        return figure([scatter(x=[0], y=[0], mode="markers", marker={"size": 1})], height=80)
    return running_bars(
        t,
        [(t(STEP_NAMES[name]), amount) for name, amount in view.steps],
        total=(t("True, on target"), view.true),
        told=t.cents,
        left=132,
    )


def plan(t: Words, case: TierMixCase) -> go.Figure:
    """What a round sum buys in each cell, and what the plan books there."""
    values = per_thousand(t, case)
    order = sorted(
        range(len(values)), key=lambda j: (case.plan.counts[j] == 0, -values[j])
    )[:CHARTED]  # fmt: skip
    rows = [-i for i in range(len(order))]
    shown = [values[j] for j in order]
    end = max([*shown, 1e-9])
    labels = []
    for j, y in zip(order, rows, strict=True):
        count = case.plan.counts[j]
        cost = count * float(case.measures.cost[j, 0])
        told = (
            f"<b>{t.count(values[j], 2)}</b> · {t.number(count)} × · {t.money(cost, 2)}"
            if count
            else t.count(values[j], 2)
        )
        labels.append(label(0, y + 0.42, plain(cell_name(t, case.active[j])), font={"size": 12}))
        labels.append(
            label(
                values[j], y, told, xshift=6,
                font={"size": 12, "color": GENUINE if count else MUTED},
            )
        )  # fmt: skip
    bars = bar(
        x=shown,
        y=rows,
        orientation="h",
        width=0.38,
        marker={"color": [GENUINE if case.plan.counts[j] else GENUINE_TINT for j in order]},
        hovertemplate="%{x:,.0f}<extra></extra>",
    )
    return figure(
        [bars],
        height=24 + 44 * max(1, len(order)),
        annotations=labels,
        xaxis=hidden_axis(range=[0, (1 + room(t, 0.75)) * end]),
        yaxis=hidden_axis(range=[-len(order) + 0.5, 0.75]),
    )


def _steps(low: float, high: float, at_most: int) -> list[float]:
    """Round values between two ends, zero among them where it lies between."""
    span = max(high - low, 1e-9)
    rough = span / at_most
    power = 10.0 ** floor(log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough)
    first = -floor(-low / step)
    return [k * step for k in range(first, floor(high / step) + 1)]


def _sums(t: Words, low: float, high: float, at_most: int) -> list[float]:
    """Round sums of the page's currency between two amounts, RMB."""
    return [t.in_cny(step) for step in _steps(t.amount(low), t.amount(high), at_most)]


def budget(t: Words, case: TierMixCase) -> go.Figure:
    """People reached above, profit below, over the budget, with today's and the target's."""
    sweep, today = case.sweep, case.facts["budget_cny"]
    xs = sweep.budgets.tolist()
    low, high = float(sweep.p10.min()), float(sweep.p90.max())
    people = float(sweep.people.max())
    traces = [
        scatter(
            x=xs,
            y=sweep.people.tolist(),
            yaxis="y2",
            mode="lines",
            line={"color": GENUINE, "width": 3},
            customdata=[f"{t.money(x)} → {t.count(y)}" for x, y in zip(xs, sweep.people.tolist(),
                                                                      strict=True)],
            hovertemplate="%{customdata}<extra></extra>",
        ),
        scatter(x=xs, y=sweep.p90.tolist(), mode="lines", line={"width": 0}, hoverinfo="skip"),
        scatter(
            x=xs,
            y=sweep.p10.tolist(),
            mode="lines",
            line={"width": 0},
            fill="tonexty",
            fillcolor=BAND,
            hoverinfo="skip",
        ),
        scatter(
            x=xs,
            y=sweep.p50.tolist(),
            mode="lines",
            line={"color": INK, "width": 3},
            customdata=[f"{t.money(x)} → {t.money(y)}" for x, y in zip(xs, sweep.p50.tolist(),
                                                                      strict=True)],
            hovertemplate="%{customdata}<extra></extra>",
        ),
    ]  # fmt: skip
    last = xs[-1]
    labels = [
        label(last, float(sweep.people[-1]), t("People reached"), yref="y2", xanchor="right",
              yanchor="bottom", yshift=4, font={"size": 12, "color": GENUINE}),
        label(last, float(sweep.p50[-1]), t("Profit P50"), xanchor="right", yanchor="bottom",
              yshift=4, font={"size": 12}),
        label(last, float(sweep.p10[-1]), t("P10"), xanchor="right", yanchor="bottom",
              font={"size": 12, "color": MUTED}),
    ]  # fmt: skip
    shapes = []
    if xs[0] <= today <= last:
        shapes.append(_upright(today, INK))
        right = today > 0.55 * last
        labels.append(
            label(today, 1.0, t("Budget {sum}", sum=t.money(today)), yref="paper",
                  xanchor="right" if right else "left", yanchor="bottom", font={"size": 12})
        )  # fmt: skip
    least = case.target_plan
    if least is not None and xs[0] <= least.cost_cny <= last:
        shapes.append(_upright(least.cost_cny, GENUINE))
        right = least.cost_cny > 0.55 * last
        labels.append(
            label(least.cost_cny, 0.56,
                  t("Target from {sum}", sum=t.money(least.cost_cny, 3)), yref="paper",
                  xanchor="right" if right else "left", xshift=-4 if right else 4,
                  yanchor="bottom", bgcolor="rgba(255,255,255,0.8)",
                  font={"size": 12, "color": GENUINE})
        )  # fmt: skip
    shapes.append({"type": "line", "x0": 0, "x1": last, "y0": 0, "y1": 0, "layer": "below",
                   "line": {"color": UNEXPLAINED, "width": 1}})  # fmt: skip
    pad = 0.08 * max(high - low, 1.0)
    profits = _sums(t, low, high, 4)
    reached = [value for value in _steps(0, people, 3) if value > 0]
    spends = _sums(t, 0, last, 4)
    told = [*(t.money(y, 2) for y in profits), *(t.count(y, 2) for y in reached)]
    return figure(
        traces,
        height=360,
        annotations=labels,
        shapes=shapes,
        margin={"l": margin(told, 62), "r": 14, "t": 24, "b": 26},
        xaxis=axis(range=[0, 1.02 * last], showgrid=False, tickvals=spends,
                   ticktext=[t.money(x, 2) for x in spends], anchor="y"),
        yaxis=axis(range=[low - pad, high + pad], domain=[0, 0.54], tickvals=profits,
                   ticktext=[t.money(y, 2) for y in profits]),
        yaxis2=axis(range=[0, 1.18 * max(people, 1.0)], domain=[0.6, 1], tickvals=reached,
                    ticktext=[t.count(y, 2) for y in reached]),
    )  # fmt: skip


def _upright(x: float, colour: str) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": x,
        "x1": x,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"color": colour, "width": 1, "dash": "dot"},
    }
