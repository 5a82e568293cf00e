"""The saved baseline in a figure: grey dashes where its lines ran and its bars ended.

Works on any figure of the house: traces are matched by kind and place, rows by their names, since
another scenario may rank them otherwise. What has no counterpart gets no ghost.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from kolkit.charts.ghost_axes import Extent, with_room
from kolkit.charts.style import MUTED, label, plain, scatter
from kolkit.words import Words

GHOST = "#7a8391"
DASH = "4px,3px"
STRIP = 20
"""Pixels above a figure for the words that say what the dashes are."""

LABELLED = 0.3
"""Part of an axis that the amount beside a bar takes up at most, on a phone."""

Trace = dict[str, Any]
Row = tuple[str, int]


def with_ghost(t: Words, figure: go.Figure, baseline: go.Figure) -> go.Figure:
    """The figure with the baseline's lines and bar ends as grey dashes.

    Parameters
    ----------
    figure, baseline : the same figure of two scenarios, both drawn with `t`

    Returns
    -------
    go.Figure
        `figure` itself where nothing differs or a ghost makes no sense, as in a flow of money
    """
    now, was = figure.to_plotly_json(), baseline.to_plotly_json()
    if any(trace.get("fill") == "toself" for trace in (*now["data"], *was["data"])):
        return figure
    layout, extent = now["layout"], Extent()
    lines, ends = _lines(t, now, was), _ends(t, now, was, extent)
    rules = list(_rules(layout, was["layout"]))
    if not lines and not ends:
        lines = _points(t, now, was)
    if not (lines or ends or rules):
        return figure
    for line in lines:
        extent.add(line.get("xaxis", "x"), line["x"])
        extent.add(line.get("yaxis", "y"), line["y"])
    for rule in rules:
        extent.add(rule.get("xref", "x"), [rule["x0"], rule["x1"]])
        extent.add(rule.get("yref", "y"), [rule["y0"], rule["y1"]])
    layout["shapes"] = [*layout.get("shapes", ()), *rules]
    with_room(layout, was["layout"], extent)
    _say(t, layout)
    return go.Figure(_validate=False, data=[*lines, *now["data"], *ends], layout=layout)


def _matched(
    pair: Sequence[Sequence[Trace]], kinds: tuple[str, ...]
) -> Iterator[tuple[Trace, Trace]]:
    """Traces of both figures that are alike in these properties, in order of appearance."""

    def numbered(traces: Sequence[Trace]) -> dict[tuple[object, ...], Trace]:
        seen: Counter[tuple[object, ...]] = Counter()
        found = {}
        for trace in traces:
            kind = tuple(trace.get(name) for name in kinds)
            found[(*kind, seen[kind])] = trace
            seen[kind] += 1
        return found

    now, earlier = (numbered(traces) for traces in pair)
    for kind, trace in now.items():
        if kind in earlier:
            yield trace, earlier[kind]


def _lines(t: Words, now: Trace, was: Trace) -> list[Trace]:
    """The baseline's lines that run otherwise; edges of bands, whiskers and rows are none."""
    drawn = [[trace for trace in figure["data"] if _is_line(trace)] for figure in (now, was)]
    return [
        scatter(
            x=earlier["x"],
            y=earlier["y"],
            mode="lines",
            line={"color": GHOST, "width": 2, "dash": DASH},
            **_hover(t, earlier),
            **_axes(trace),
        )
        for trace, earlier in _matched(drawn, ("xaxis", "yaxis"))
        if (trace["x"], trace["y"]) != (earlier["x"], earlier["y"])
    ]


def _is_line(trace: Trace) -> bool:
    return bool(
        trace["type"] == "scatter"
        and trace.get("mode") == "lines"
        and trace["line"].get("width") != 0
        and None not in trace["x"]
    )


def _points(t: Words, now: Trace, was: Trace) -> list[Trace]:
    """Where marks of the baseline stood, as open circles."""
    drawn = [
        [s for s in figure["data"] if s["type"] == "scatter" and _is_point(s)]
        for figure in (now, was)
    ]
    return [
        scatter(
            x=earlier["x"],
            y=earlier["y"],
            mode="markers",
            marker={
                "symbol": "circle-open",
                "size": earlier["marker"].get("size", 8),
                "color": GHOST,
                "line": {"color": GHOST, "width": 2},
            },
            **_hover(t, earlier),
            **_axes(trace),
        )
        for trace, earlier in _matched(drawn, ("xaxis", "yaxis"))
        if (trace["x"], trace["y"]) != (earlier["x"], earlier["y"])
    ]


def _is_point(trace: Trace) -> bool:
    return trace.get("mode") == "markers" and trace["marker"].get("opacity") != 0


def _axes(trace: Trace) -> dict[str, Any]:
    return {name: trace[name] for name in ("xaxis", "yaxis") if name in trace}


def _hover(t: Words, earlier: Trace) -> dict[str, Any]:
    """The baseline's own words at the mouse, said to be the baseline's."""
    template = earlier.get("hovertemplate")
    if template is None:
        return {"hoverinfo": "skip"}
    told = {name: earlier[name] for name in ("customdata", "hovertext") if name in earlier}
    return told | {"hovertemplate": t.colon(t("Baseline"), template)}


# -- bars and marks that stand in rows -----------------------------------------------------------


def _ends(t: Words, now: Trace, was: Trace, extent: Extent) -> list[Trace]:
    """Short dashes across the rows where the baseline's bars ended."""
    found = []
    drawn = [
        [s for s in figure["data"] if s["type"] == "bar" and s.get("orientation") == "h"]
        for figure in (now, was)
    ]
    if not any(drawn):
        # Marks in rows without a bar, such as profits on one scale.
        drawn = [
            [s for s in figure["data"] if s["type"] == "scatter" and _is_point(s) and _rowed(s)]
            for figure in (now, was)
        ]
    for trace, earlier in _matched(drawn, ("xaxis", "name")):
        moved = _moved(now["layout"], trace, was["layout"], earlier)
        if not moved:
            continue
        place = trace.get("xaxis", "x")
        extent.add(place, [was_at for _, _, _, was_at, _ in moved])
        _step_aside(now["layout"], place, moved, extent)
        xs: list[float | None] = []
        ys: list[float | None] = []
        said: list[str] = []
        for y, width, _, was_at, told in moved:
            xs += [was_at, was_at, None]
            ys += [y - 0.62 * width, y + 0.62 * width, None]
            said += [plain(t.colon(t("Baseline"), told))] * 3
        axes = _axes(trace)
        # White beneath the dashes, or they would be lost on a dark bar.
        halo = {"color": "#ffffff", "width": 5}
        found.append(scatter(x=xs, y=ys, mode="lines", line=halo, hoverinfo="skip", **axes))
        found.append(
            scatter(
                x=xs,
                y=ys,
                mode="lines",
                line={"color": GHOST, "width": 2, "dash": DASH},
                customdata=said,
                hovertemplate="%{customdata}<extra></extra>",
                **axes,
            )
        )
    return found


def _rowed(trace: Trace) -> bool:
    return bool(trace["y"]) and all(y <= 0 and y == int(y) for y in trace["y"])


Moved = tuple[float, float, float, float, str]
"""Height of a row, width of its bar, its end now and in the baseline, the baseline in words."""


def _moved(layout: Trace, trace: Trace, before: Trace, earlier: Trace) -> list[Moved]:
    ended = {
        row: (end, told)
        for row, _, _, end, told in _rows(before, earlier)
        # An arrow says that a bar is cut: where it ended says nothing.
        if not told.endswith("›")
    }
    return [
        (y, width, end, *ended[row])
        for row, y, width, end, _ in _rows(layout, trace)
        if row in ended and abs(ended[row][0] - end) > 1e-9 * max(1.0, abs(end))
    ]


def _rows(layout: Trace, trace: Trace) -> Iterator[tuple[Row, float, float, float, str]]:
    """Name, height, width, end and amount in words of each row of a trace."""
    seen: Counter[str] = Counter()
    place = trace.get("xaxis", "x")
    beside = [a for a in layout.get("annotations", ()) if a.get("xref", "x") == place]
    bases, widths = trace.get("base") or 0.0, trace.get("width", 0.5)
    for number, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        base = bases[number] if isinstance(bases, list) else bases
        width = widths[number] if isinstance(widths, list) else widths
        told, alone = (
            (trace.get(said) or [""] * (number + 1))[number] for said in ("customdata", "hovertext")
        )
        name = _name(layout, beside, y, told)
        amount = _amount(beside, y, told, base + x, alone)
        yield (name, seen[name]), y, width, base + x, amount
        seen[name] += 1


def _name(layout: Trace, beside: Sequence[Trace], y: float, told: str) -> str:
    """What a row is called: at its axis, at the mouse, or on the line of text above its bar.

    Numbers in a name are left out; they differ between scenarios.
    """
    axis = layout.get("yaxis", {})
    if y in axis.get("tickvals", ()) and axis.get("ticktext"):
        return str(axis["ticktext"][axis["tickvals"].index(y)])
    name = told.partition(": ")[0]
    if not name:
        above = [a for a in beside if 0 < a["y"] - y < 1.1 and not a.get("yref")]
        nearest = min(above, key=lambda a: a["y"], default={"text": ""})
        name = nearest["text"] if nearest["text"].startswith("<b>") else _first(nearest["text"])
    return re.sub(r"[\d.,]+[\w%]*", "#", re.sub(r"<[^>]*>", " ", name)).strip()


def _first(text: str) -> str:
    """The text before what is set in bold."""
    return text.partition(" <b>")[0]


def _amount(beside: Sequence[Trace], y: float, told: str, end: float, alone: str) -> str:
    """The amount of a row in words: at the mouse with its name, else as written beside its end.

    Where nothing is written on its level, it is what the mouse says of the amount `alone`.

    It ends in an arrow where the bar is cut.
    """
    level = [a for a in beside if a["y"] == y and not a.get("yref")]
    if ": " in told:
        cut = any(a["text"].endswith("›") for a in level)
        return f"{told} ›" if cut else told
    nearest = min(level, key=lambda a: abs(a["x"] - end), default={"text": alone})
    return re.sub(r"<[^>]*>", "", nearest["text"])


def _step_aside(layout: Trace, place: str, moved: Sequence[Moved], extent: Extent) -> None:
    """Move the amount beside a bar behind the dashes where it would stand on them.

    It keeps as much room as the outermost amount had, so that it is not cut off.
    """
    low, high = layout[f"xaxis{place[1:]}"]["range"]
    beside = [
        note
        for note in layout.get("annotations", ())
        if note.get("xref", "x") == place and not note.get("yref") and note["xanchor"] == "left"
    ]
    room = high - max((note["x"] for note in beside), default=high)
    for y, _, end, was_at, _ in moved:
        for note in beside:
            near = 0 <= was_at - end < LABELLED * (high - low)
            if near and note["y"] == y and end <= note["x"] < was_at:
                note["x"] = was_at
                extent.add(place, [was_at + room])


# -- rules, and what the dashes are --------------------------------------------------------------


def _rules(layout: Trace, before: Trace) -> Iterator[Trace]:
    """Straight lines across the baseline, such as a budget, where they stood elsewhere."""

    def upright(shapes: Sequence[Trace]) -> list[Trace]:
        return [
            {**s, "dashed": s["line"].get("dash"), "colour": s["line"]["color"]}
            for s in shapes
            if s["type"] == "line" and s["x0"] == s["x1"]
        ]

    drawn = [upright(figure.get("shapes", ())) for figure in (layout, before)]
    for rule, earlier in _matched(drawn, ("xref", "yref", "dashed", "colour")):
        if rule["x0"] != earlier["x0"]:
            kept = {k: v for k, v in rule.items() if k not in ("dashed", "colour")}
            at = {"x0": earlier["x0"], "x1": earlier["x0"]}
            yield {**kept, **at, "line": {"color": GHOST, "width": 1.5, "dash": DASH}}


def _say(t: Words, layout: Trace) -> None:
    """Room above the figure, and in it what the dashes are."""
    margin: Mapping[str, float] = layout["margin"]
    layout["margin"] = {**margin, "t": margin["t"] + STRIP}
    layout["height"] += STRIP
    layout["annotations"] = [
        *layout.get("annotations", ()),
        label(
            1,
            1,
            "╌╌ " + t("Baseline"),
            xref="paper",
            yref="paper",
            xanchor="right",
            yanchor="bottom",
            yshift=margin["t"],
            font={"size": 12, "color": MUTED},
        ),
    ]
