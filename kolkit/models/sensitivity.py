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


def switch_point(
    margin: Callable[[Values], Array],
    centre: Mapping[str, float],
    name: str,
    span: tuple[float, float],
    *,
    steps: int = 65,
) -> float | None:
    """The value of one input, nearest to its centre, at which `margin` falls below zero.

    Parameters
    ----------
    margin : advantage of the chosen decision over the next best, vectorised
    span : where to look
    steps : grid; between two grid points the crossing is interpolated

    Returns
    -------
    float or None
        None where the decision stands over the whole span

    Examples
    --------
    >>> switch_point(lambda v: v["price"] - 5., {"price": 8.}, "price", (0., 10.))
    5.0
    """
    grid = np.unique(np.r_[np.linspace(*span, steps), centre[name]])
    held = np.broadcast_to(margin({**centre, name: grid}), grid.shape)
    found = []
    for left, right in zip(range(len(grid) - 1), range(1, len(grid)), strict=True):
        if (held[left] < 0) != (held[right] < 0):
            part = held[left] / (held[left] - held[right])
            found.append(float(grid[left] + part * (grid[right] - grid[left])))
    return min(found, key=lambda at: abs(at - centre[name])) if found else None
