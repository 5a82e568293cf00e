"""Bars that run from one amount to another, line by line."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from kolkit.charts.style import (
    GENUINE,
    GENUINE_TINT,
    HAIRLINE,
    INK,
    UNEXPLAINED,
    UNEXPLAINED_TINT,
    axis,
    bar,
    figure,
    hidden_axis,
    label,
    plain,
    room,
)
from kolkit.words import Words


def running_bars(
    t: Words,
    steps: Sequence[tuple[str, float]],
    *,
    total: tuple[str, float],
    told: Callable[[float], str] | None = None,
    left: int = 124,
) -> go.Figure:
    """Each step's bar begins where the one before ended; the total stands on zero below them.

    `told` writes an amount (money by default), `left` is the room for names in pixels.
    """
    told = told or t.money
    starts, running = [], 0.0
    for _, size in steps:
        starts.append(running)
        running += size
    names = [name for name, _ in steps] + [total[0]]
    sizes = [size for _, size in steps] + [total[1]]
    bases = [*starts, 0.0]
    ends = [base + size for base, size in zip(bases, sizes, strict=True)]
    colours = [GENUINE_TINT if size >= 0 else UNEXPLAINED_TINT for size in sizes[:-1]]
    colours.append(GENUINE if total[1] >= 0 else UNEXPLAINED)
    reach = [0.0, *ends]
    span = max(max(reach) - min(reach), 1e-9)
    rows = [-i for i in range(len(names))]
    values = [
        label(max(base, end), y, told(size), xshift=6, font={"size": 12})
        for base, end, size, y in zip(bases, ends, sizes, rows, strict=True)
    ]
    values[-1]["text"] = f"<b>{values[-1]['text']}</b>"
    bars = bar(
        x=sizes,
        y=rows,
        base=bases,
        orientation="h",
        width=0.62,
        marker={"color": colours},
        customdata=[
            f"{plain(name)}: {told(size)}" for name, size in zip(names, sizes, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    zero = {
        "type": "line",
        "x0": 0,
        "x1": 0,
        "y0": rows[-1] - 0.5,
        "y1": 0.5,
        "line": {"color": HAIRLINE, "width": 1},
    }
    return figure(
        [bars],
        height=24 + 29 * len(names),
        margin={"l": left, "r": 8, "t": 8, "b": 8},
        annotations=values,
        shapes=[zero],
        xaxis=hidden_axis(range=[min(reach) - 0.02 * span, max(reach) + room(t, 0.32) * span]),
        yaxis=axis(
            showgrid=False,
            tickvals=rows,
            ticktext=names,
            range=[rows[-1] - 0.6, 0.6],
            tickfont={"color": INK, "size": 12},
        ),
    )
