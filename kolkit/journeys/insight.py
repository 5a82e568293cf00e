"""What stands behind a result: inputs that move it, and what its worst draws have in common."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from kolkit.models.uncertainty import Array


@dataclass(frozen=True)
class Driver:
    """How much one uncertain input moves the profit (RMB), and where the advice flips.

    `p10` and `p90` are the input's own values there, in its unit.
    """

    name: str
    profit_at_low: float
    profit_at_high: float
    flips_at: float | None
    p10: float
    p90: float

    @property
    def swing(self) -> float:
        return abs(self.profit_at_high - self.profit_at_low)


@dataclass(frozen=True)
class WorstCase:
    """The profit that one draw in twenty falls below, and the input that stands out there."""

    profit: float
    cause: str
    typical_value: float


def worst_case(profit: Array, draws: Mapping[str, Array], uncertain: Iterable[str]) -> WorstCase:
    """The worst plausible result, and the input that is furthest from its usual value there.

    Parameters
    ----------
    profit : RMB per draw
    draws : every input per draw
    uncertain : names of the inputs that vary
    """
    floor = float(np.quantile(profit, 0.05, method="closest_observation"))
    worst = profit <= floor
    means = {name: float(draws[name][worst].mean()) for name in uncertain}
    odd = {name: abs(mean - draws[name].mean()) / draws[name].std() for name, mean in means.items()}
    cause = max(odd, key=lambda name: odd[name])
    return WorstCase(floor, cause, means[cause])


def by_weight(drivers: Iterable[Driver]) -> tuple[Driver, ...]:
    """Drivers that can flip the advice first, then by how much they move the profit."""
    telling = [d for d in drivers if d.swing >= 1 or d.flips_at is not None]
    return tuple(sorted(telling, key=lambda d: (d.flips_at is None, -d.swing)))
