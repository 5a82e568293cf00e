"""What moves a result: one input at a time, and where another decision becomes the better one."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Values = Mapping[str, Array | float]


def one_at_a_time(
    result: Callable[[Values], Array],
    centre: Mapping[str, float],
    ends: Mapping[str, tuple[float, float]],
) -> dict[str, tuple[float, float]]:
    """The result with each input at its low and high end, the others at their centre.

    Parameters
    ----------
    result : vectorised over a leading axis
    centre : every input's most likely value
    ends : low and high of the inputs to be moved

    Examples
    --------
    >>> one_at_a_time(lambda v: v["a"] * v["b"], {"a": 2., "b": 3.}, {"a": (1., 4.)})
    {'a': (3.0, 12.0)}
    """
    if not ends:
        return {}
    moved: dict[str, Array | float] = dict(centre)
    rows = 2 * len(ends)
    for number, (name, pair) in enumerate(ends.items()):
        column = np.full(rows, float(centre[name]))
        column[2 * number : 2 * number + 2] = pair
        moved[name] = column
    found = np.broadcast_to(result(moved), (rows,))
    return {
        name: (float(found[2 * number]), float(found[2 * number + 1]))
        for number, name in enumerate(ends)
    }


def switch_points(
    margin: Callable[[Values], Array],
    centre: Mapping[str, float],
    spans: Mapping[str, tuple[float, float]],
    *,
    steps: int = 65,
) -> dict[str, float | None]:
    """The value of each input, nearest to its centre, at which `margin` falls below zero.

    Parameters
    ----------
    margin : advantage of the chosen decision over the next best, vectorised; called once
    spans : where to look, by input
    steps : grid; between two grid points the crossing is interpolated

    Returns
    -------
    dict
        None where the decision stands over the whole span

    Examples
    --------
    >>> switch_points(lambda v: v["price"] - v["cost"], {"price": 8., "cost": 5.},
    ...               {"price": (0., 10.), "cost": (1., 7.)})
    {'price': 5.0, 'cost': None}
    """
    grids = {
        name: np.unique(np.r_[np.linspace(*spans[name], steps), centre[name]]) for name in spans
    }
    rows = sum(len(grid) for grid in grids.values())
    moved: dict[str, Array | float] = dict(centre)
    place, begin = {}, 0
    for name, grid in grids.items():
        place[name] = slice(begin, begin + len(grid))
        begin += len(grid)
        column = np.full(rows, float(centre[name]))
        column[place[name]] = grid
        moved[name] = column
    held = np.broadcast_to(margin(moved), (rows,)) if rows else np.zeros(0)
    return {name: _crossing(grid, held[place[name]], centre[name]) for name, grid in grids.items()}


def _crossing(grid: Array, held: Array, centre: float) -> float | None:
    found = []
    for left in np.flatnonzero((held[:-1] < 0) != (held[1:] < 0)):
        part = held[left] / (held[left] - held[left + 1])
        found.append(float(grid[left] + part * (grid[left + 1] - grid[left])))
    return min(found, key=lambda at: abs(at - centre)) if found else None
