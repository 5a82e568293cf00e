"""Rounded numbers that still add up to their rounded total."""

import math
from collections.abc import Sequence


def adding_up(parts: Sequence[float], total: float, *, places: int = 0) -> list[float]:
    """Parts rounded so that they add up to the rounded total, each by less than one unit.

    Parameters
    ----------
    parts : numbers that add up to `total`
    total : what is printed below them
    places : decimals that are printed

    Notes
    -----
    Largest remainder: all are rounded down, and those that lost most are raised by one unit.

    Examples
    --------
    >>> adding_up([33.4, 33.4, 33.2], 100)
    [34.0, 33.0, 33.0]
    """
    scaled = [part * 10**places for part in parts]
    down = [math.floor(part) for part in scaled]
    missing = round(total * 10**places) - sum(down)
    if not 0 <= missing <= len(parts):
        return [round(part, places) for part in parts]
    by_loss = sorted(range(len(parts)), key=lambda i: down[i] - scaled[i])
    for i in by_loss[:missing]:
        down[i] += 1
    return [part / 10**places for part in down]
