"""One look for every figure: colour by meaning, labels on the marks, no frames, no legend."""

from collections.abc import Iterable
from typing import Any

import plotly.graph_objects as go

from kolkit.words import Words

INK = "#1c2330"
MUTED = "#5d6675"
HAIRLINE = "#d9dce1"
GENUINE = "#1f6f78"
GENUINE_TINT = "#8fb7bb"
UNEXPLAINED = "#b8402a"
UNEXPLAINED_TINT = "#e0a698"
SOURCED = "#c08a2b"
SOURCED_TINT = "#f3ead9"
FONT = (
    "Inter, 'Helvetica Neue', Arial, 'PingFang SC', 'Microsoft YaHei', "
    "'Noto Sans CJK SC', sans-serif"
)


def bar(**properties: Any) -> dict[str, Any]:
    """A bar trace."""
    return {"type": "bar", **properties}


def scatter(**properties: Any) -> dict[str, Any]:
    """A line or marker trace."""
    return {"type": "scatter", **properties}


def figure(traces: list[dict[str, Any]], *, height: int, **layout: Any) -> go.Figure:
    """A figure in the house look; `height` in CSS pixels, width follows the card.

    Checking every property takes six times as long as everything else a figure needs, which a
    dragged slider feels; a test checks the figures instead.
    """
    return go.Figure(
        _validate=False,
        data=traces,
        layout={
            "template": {},
            "height": height,
            "autosize": True,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "font": {"family": FONT, "size": 13, "color": INK},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "dragmode": False,
            "hoverlabel": {"font": {"family": FONT, "size": 13}},
            **layout,
        },
    )


def axis(**changes: Any) -> dict[str, Any]:
    """A quiet axis: light grid, muted ticks, no zoom.

    Margins are fixed: letting plotly fit them draws every figure twice.
    """
    return {
        "showgrid": True,
        "gridcolor": HAIRLINE,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"color": MUTED, "size": 12},
        "fixedrange": True,
        **changes,
    }


def hidden_axis(**changes: Any) -> dict[str, Any]:
    """An axis that only places marks."""
    return {"visible": False, "fixedrange": True, **changes}


def label(x: float, y: float, text: str, **changes: Any) -> dict[str, Any]:
    """Text on the marks instead of a legend."""
    return {
        "x": x,
        "y": y,
        "text": text,
        "showarrow": False,
        "xanchor": "left",
        "align": "left",
        "font": {"size": 13, "color": INK},
        **changes,
    }


def room(t: Words, share: float) -> float:
    """Room for amounts beside their marks: a share of the axis for ¥, more for longer symbols."""
    return share * (1 + 0.4 * (len(t.symbol) - 1))


def margin(texts: Iterable[str], least: int) -> int:
    """Pixels beside the axes for texts at 12 px, not fewer than `least`; bold ones count so.

    >>> margin(["¥500k", "−¥6,000万"], 52), margin(["¥5m"], 52)
    (69, 52)
    """
    widths = (sum(12 if ord(c) > 0x2E80 else 7 for c in text) for text in texts)
    return max(least, 8 + max(widths, default=0))


def plain(text: str) -> str:
    """Text that plotly must not read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
