"""Room on the axes for a second scenario."""

from collections.abc import Iterable
from typing import Any


class Extent:
    """How far ghosts reach, axis by axis."""

    def __init__(self) -> None:
        self.ends: dict[str, list[float]] = {}

    def add(self, axis: str, values: Iterable[float | None]) -> None:
        """Widen an axis (`x`, `y2`; not the paper) by some values."""
        known = [value for value in values if value is not None]
        if known and axis != "paper":
            held = self.ends.setdefault(axis, [])
            self.ends[axis] = [min([*held, *known]), max([*held, *known])]


def with_room(layout: dict[str, Any], before: dict[str, Any], extent: Extent) -> None:
    """Widen the ranges of a layout where ghosts reach beyond them.

    Where one does, the baseline's own range counts too, as it has the room for what stands beside
    its marks; ticks are those of the wider one.
    """
    for place, (low, high) in extent.ends.items():
        name = f"{place[0]}axis{place[1:]}"
        axis, earlier = layout.get(name, {}), before.get(name, {})
        if "range" not in axis or (axis["range"][0] <= low and high <= axis["range"][1]):
            continue
        now, was = axis["range"], earlier.get("range", axis["range"])
        axis["range"] = [min(now[0], was[0], low), max(now[1], was[1], high)]
        if was[1] - was[0] > now[1] - now[0]:
            ticks = ("tickvals", "ticktext", "dtick", "tick0")
            axis |= {tick: earlier[tick] for tick in ticks if tick in earlier}
