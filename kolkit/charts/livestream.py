"""The four figures of the livestream journey."""

import plotly.graph_objects as go

from kolkit.assumptions import category_labels, category_return_rates
from kolkit.charts.bars import running_bars
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
    plain,
    room,
    scatter,
)
from kolkit.journeys.livestream import LivestreamCase
from kolkit.text.livestream import incentive_word, option_name
from kolkit.words import Words

CHARTED_OPTIONS = 7


def decomposition(t: Words, case: LivestreamCase) -> go.Figure:
    """One bar of reported sales, split by where each yuan ended."""
    s = case.session
    parts = [
        (t("Genuine, kept"), float(s.genuine_kept), GENUINE),
        (t("Genuine, returned"), float(s.genuine_returned), GENUINE_TINT),
        (t("Unexplained, returned"), float(s.unexplained_returned), UNEXPLAINED),
        (t("Unexplained, kept and dumped"), float(s.unexplained_kept), UNEXPLAINED_TINT),
    ]
    total = sum(size for _, size, _ in parts)
    traces, labels, start = [], [], 0.0
    # Labels in rows around the bar, two lines above it, so that none overlap at 360 px.
    rows = [(1.25, "left"), (-0.95, "left"), (1.25, "right"), (-1.75, "right")]
    for (name, size, colour), (y, side) in zip(parts, rows, strict=True):
        traces.append(
            bar(
                x=[size],
                y=[0],
                base=[start],
                orientation="h",
                width=[0.9],
                marker={"color": colour, "line": {"color": "#ffffff", "width": 2}},
                name=name,
                hovertext=[t.exact(size)],
                hovertemplate=f"{name}: %{{hovertext}}<extra></extra>",
            )
        )
        if size >= 0.002 * total:
            right = side == "right" or start > 0.55 * total
            labels.append(
                label(
                    start + size if right else start,
                    y,
                    f"{name}{'<br>' if y > 0 else ' '}<b>{t.money(size)}</b>",
                    xanchor="right" if right else "left",
                    align="right" if right else "left",
                )
            )
        start += size
    return figure(
        traces,
        height=165,
        barmode="overlay",
        annotations=labels,
        xaxis=hidden_axis(range=[0, total]),
        yaxis=hidden_axis(range=[-2.2, 2.0]),
    )


def _bands(case: LivestreamCase) -> list[tuple[str, float, float]]:
    """The brand's own plausible range, and other categories that do not overlap it."""
    fact = case.facts.by_name["base_return_rate"]
    low = fact.value if fact.low is None else fact.low
    high = fact.value if fact.high is None else fact.high
    chosen = [(case.facts["category"], low, high)]
    for key, rate in category_return_rates().items():
        assert rate.low is not None
        assert rate.high is not None
        apart = all(rate.low >= b[2] - 0.005 or rate.high <= b[1] + 0.005 for b in chosen)
        if key not in (case.facts["category"], "all_categories") and apart:
            chosen.append((key, rate.low, rate.high))
    return chosen


def base_rate(t: Words, case: LivestreamCase) -> go.Figure:
    """The unexplained share over base return rates, with sourced ranges as bands."""
    xs, ys = case.share_by_base_rate
    value, share = case.facts["base_return_rate"], case.share
    names = category_labels(t.language)
    shapes, labels = [], []
    for number, (key, low, high) in enumerate(_bands(case)):
        shapes.append(
            {
                "type": "rect",
                "x0": low,
                "x1": high,
                "y0": 0,
                "y1": 1,
                "fillcolor": SOURCED_TINT,
                "line": {"width": 0},
                "layer": "below",
            }
        )
        short = plain(names[key].split(",")[0].split("（")[0])
        labels.append(
            label(
                (low + high) / 2,
                1.0,
                short,
                xanchor="center",
                yanchor="bottom",
                # Neighbours stand on two lines, or they would run into each other.
                yshift=15 * (number % 2),
                font={"size": 12, "color": MUTED},
            )
        )
    labels.append(
        label(
            value,
            share,
            "<b>" + t("{share} at {base}", share=t.share(share), base=t.share(value)) + "</b>",
            xanchor="left" if value < 0.45 else "right",
            yanchor="bottom",
            xshift=8 if value < 0.45 else -8,
            yshift=6,
        )
    )
    traces = [
        scatter(
            x=xs.round(4).tolist(),
            y=ys.round(4).tolist(),
            mode="lines",
            line={"color": UNEXPLAINED, "width": 3},
            hovertemplate="%{x:.0%} → %{y:.0%}<extra></extra>",
        ),
        scatter(
            x=[value],
            y=[share],
            mode="markers",
            marker={"size": 12, "color": UNEXPLAINED, "line": {"color": "#ffffff", "width": 2}},
            hoverinfo="skip",
        ),
    ]
    return figure(
        traces,
        height=300,
        shapes=shapes,
        annotations=labels,
        margin={"l": 44, "r": 12, "t": 40, "b": 28},
        xaxis=axis(range=[0, 0.8], tickformat=".0%", showgrid=False, tick0=0, dtick=0.2),
        yaxis=axis(range=[0, 1], tickformat=".0%", tickvals=[0.25, 0.5, 0.75, 1]),
    )


def contracts(t: Words, case: LivestreamCase) -> go.Figure:
    """The brand's profit under each contract, and whether own orders pay under it."""
    options = case.options[:CHARTED_OPTIONS]
    middle = [option.interval.p50 for option in options]
    low = [option.interval.p10 for option in options]
    safe = [not option.incentive.rewards_self_purchasing for option in options]
    good = [s and value >= 0 for s, value in zip(safe, middle, strict=True)]
    rows = [-i for i in range(len(options))]
    left, right = min(0.0, *low), max(0.0, *middle)
    span = max(right - left, 1.0)
    # Labels begin at zero at the earliest: where every bar lies to its left they need more room.
    beside = room(t, 0.75 if right > 0.3 * span else 1.15)
    names, values = [], []
    for option, y, value, is_good in zip(options, rows, middle, good, strict=True):
        names.append(
            label(
                left,
                y + 0.42,
                plain(option_name(t, option, case)),
                font={"size": 12},
                bgcolor="#ffffff",
            )
        )
        word = incentive_word(t, option)
        values.append(
            label(
                max(0.0, value),
                y,
                f"{t.money(value)} · {word}",
                xshift=6,
                font={"size": 12, "color": GENUINE if is_good else UNEXPLAINED},
            )
        )
    traces = [
        bar(
            x=middle,
            y=rows,
            orientation="h",
            width=0.4,
            marker={
                "color": [GENUINE if s else UNEXPLAINED for s in good],
                "pattern": {
                    "shape": ["" if s else "/" for s in safe],
                    "fgcolor": "#ffffff",
                    "size": 6,
                    "solidity": 0.15,
                },
            },
            hovertext=[t.exact(profit) for profit in middle],
            hovertemplate="P50 %{hovertext}<extra></extra>",
        ),
        scatter(
            x=low,
            y=rows,
            mode="markers",
            marker={"symbol": "line-ns", "size": 16, "line": {"color": INK, "width": 2}},
            hovertext=[t.exact(profit) for profit in low],
            hovertemplate="P10 %{hovertext}<extra></extra>",
        ),
    ]
    return figure(
        traces,
        height=24 + 44 * len(options),
        annotations=names + values,
        shapes=[
            {
                "type": "line",
                "x0": 0,
                "x1": 0,
                "y0": rows[-1] - 0.4,
                "y1": 0.7,
                "layer": "below",
                "line": {"color": MUTED, "width": 1},
            }
        ],
        xaxis=hidden_axis(range=[left - 0.03 * span, right + beside * span]),
        yaxis=hidden_axis(range=[rows[-1] - 0.5, 0.75]),
    )


def waterfall(t: Words, case: LivestreamCase) -> go.Figure:
    """From margin to profit, line by line, as offered."""
    lines = case.lines
    steps = [
        (t("Margin, genuine"), float(lines.margin_genuine)),
        (t("Margin, own orders"), float(lines.margin_unexplained)),
        (t("Slot fee"), float(lines.fee)),
        (t("Commission"), float(lines.commission)),
        (t("Platform fee"), float(lines.platform_fee)),
        (t("Returns"), float(lines.return_cost)),
        (t("Sales displaced"), float(lines.displaced)),
    ]
    return running_bars(t, steps, total=(t("Profit"), float(lines.profit)))
