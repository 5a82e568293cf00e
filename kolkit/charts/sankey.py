"""A flow of money in columns: places as bars, what runs between them as bands.

Drawn with areas, because the small plotly bundle that every page shares has no flow trace.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from kolkit.charts.style import figure, hidden_axis, label, plain, scatter

BEND = np.linspace(0, 1, 24)
EASE = BEND**2 * (3 - 2 * BEND)
NODE = 0.016
"""Width of a place as a share of the figure's."""
PITCH, ABOVE = 34, 18
"""Pixels that a label of two lines takes beside a place, and one of one line above it."""
ROOM = 0.09
"""Room above and below, as a share of the tallest column."""
MARGINS = 16
"""Pixels of a figure's height that belong to its margins."""
ROUNDS = 12


@dataclass(frozen=True)
class Band:
    """An amount that runs from one place to another."""

    source: str
    target: str
    amount: float


@dataclass
class _Place:
    x: float
    top: float
    size: float
    left: float = 0.0
    right: float = 0.0


def _places(
    columns: Sequence[Sequence[str]], bands: Sequence[Band], height: int
) -> dict[str, _Place]:
    size = {}
    for name in (name for column in columns for name in column):
        into = sum(band.amount for band in bands if band.target == name)
        out = sum(band.amount for band in bands if band.source == name)
        if max(into, out) > 0:
            size[name] = max(into, out)
    tallest = max((sum(size.get(n, 0.0) for n in column) for column in columns), default=0.0) or 1.0
    places: dict[str, _Place] = {}
    lowest = tallest
    # What a label's pixels are worth follows from the lowest place, which follows from them.
    for _ in range(ROUNDS):
        pixel = (1 + 2 * ROOM) * lowest / (height - MARGINS)
        for number, column in enumerate(columns):
            shown = [name for name in column if name in size]
            gap, thin = 0.34 * tallest / max(len(shown), 1), 0.1 * tallest
            if 0 < number < len(columns) - 1:
                gap = max(gap, ABOVE * pixel)
            else:
                thin = max(thin, PITCH * pixel - gap)
            at = 0.0
            for name in shown:
                # A place thinner than its label still leaves room for it.
                places[name] = _Place(number / (len(columns) - 1), -at, size[name])
                at += max(size[name], thin) + gap
        lowest = max((p.size - p.top for p in places.values()), default=tallest)
    return places


def _band(source: _Place, target: _Place, band: Band, colour: str, told: str) -> dict[str, Any]:
    start, end = source.x + NODE, target.x
    xs = start + (end - start) * BEND
    upper = (
        source.top - source.right + (target.top - target.left - source.top + source.right) * EASE
    )
    source.right += band.amount
    target.left += band.amount
    ys = np.r_[upper, (upper - band.amount)[::-1]]
    return scatter(
        x=np.r_[xs, xs[::-1]].tolist(),
        y=ys.tolist(),
        mode="lines",
        fill="toself",
        fillcolor=colour,
        line={"width": 0},
        opacity=0.45,
        hoveron="fills",
        text=told,
        hoverinfo="text",
    )


def _label(place: _Place, name: str, amount: str) -> dict[str, Any]:
    """Beside an outer place, above an inner one, where bands leave on both sides."""
    small = {"size": 12}
    if 0.1 < place.x < 0.9:
        return label(
            place.x + NODE / 2,
            place.top,
            f"{name} <b>{amount}</b>",
            xanchor="center",
            yanchor="bottom",
            font=small,
        )
    last = place.x > 0.5
    return label(
        place.x if last else place.x + NODE,
        place.top - place.size / 2,
        f"{name}<br><b>{amount}</b>",
        xanchor="right" if last else "left",
        align="right" if last else "left",
        xshift=-5 if last else 5,
        font=small,
    )


def sankey(
    columns: Sequence[Sequence[str]],
    bands: Sequence[Band],
    *,
    names: Mapping[str, str],
    colours: Mapping[str, str],
    told: Callable[[float], str],
    height: int,
) -> go.Figure:
    """Places in columns from left to right, and the bands between them.

    Parameters
    ----------
    columns : keys of the places, from top to bottom; those that nothing reaches are left out
    bands : amounts above 0
    names, colours : by key
    told : an amount in words
    """
    places = _places(columns, bands, height)
    traces, shapes, labels = [], [], []
    for band in bands:
        words = f"{names[band.source]} → {names[band.target]}: {told(band.amount)}"
        source, target = places[band.source], places[band.target]
        traces.append(_band(source, target, band, colours[band.target], plain(words)))
    for key, place in places.items():
        shapes.append(
            {
                "type": "rect",
                "x0": place.x,
                "x1": place.x + NODE,
                "y0": place.top - place.size,
                "y1": place.top,
                "fillcolor": colours[key],
                "line": {"width": 0},
            }
        )
        labels.append(_label(place, plain(names[key]), told(place.size)))
    lowest = min((p.top - p.size for p in places.values()), default=-1.0)
    room = ROOM * abs(lowest)
    return figure(
        traces,
        height=height,
        annotations=labels,
        shapes=shapes,
        hovermode="closest",
        xaxis=hidden_axis(range=[0, 1 + NODE]),
        yaxis=hidden_axis(range=[lowest - room, room]),
    )
