"""The linear relaxation of a plan: what one more yuan, hour or account is worth.

Lagrangian dual of the knapsack in `kolkit.models.allocation`: any non-negative prices of money and
hours, and any price of a locked place, bound every plan; the best ones are the multipliers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_GOLDEN = (5**0.5 - 1) / 2
_STEPS = 60


class CellLike(Protocol):
    @property
    def tier(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def cost_cny(self) -> float: ...
    @property
    def hours(self) -> float: ...
    @property
    def supply(self) -> int: ...


class LimitsLike(Protocol):
    @property
    def budget_cny(self) -> float: ...
    @property
    def hours_cap(self) -> float | None: ...
    @property
    def locks(self) -> tuple[tuple[str, int], ...]: ...


@dataclass(frozen=True)
class Multipliers:
    """What one more yuan, hour or locked place adds at most, and the bound that follows.

    `reduced` is what one more account of each cell adds beyond what it costs at these prices.
    """

    yuan: float
    hour: float
    locks: dict[str, float]
    bound: float
    reduced: tuple[float, ...]


class _Dual:
    """Cells as arrays, and the bound as a function of the price of a yuan."""

    def __init__(self, cells: Sequence[CellLike], locks: Sequence[tuple[str, int]]) -> None:
        self.value = np.array([cell.value for cell in cells], float)
        self.cost = np.array([cell.cost_cny for cell in cells], float)
        self.hours = np.array([cell.hours for cell in cells], float)
        self.supply = np.array([cell.supply for cell in cells], float)
        tiers = [cell.tier for cell in cells]
        self.groups = [
            (tier, count, np.array([i for i, own in enumerate(tiers) if own == tier], int))
            for tier, count in locks
        ]
        locked = {tier for tier, _ in locks}
        self.free = np.array([i for i, tier in enumerate(tiers) if tier not in locked], int)

    def prices(self, hour: float) -> Array:
        """Prices of a yuan at which a cell enters or two locked ones change places."""
        worth = self.value - hour * self.hours
        costly = self.free[self.cost[self.free] > 0]
        found = [np.zeros(1), worth[costly] / self.cost[costly]]
        for _, _, rows in self.groups:
            if len(rows) > 1:
                first, second = np.triu_indices(len(rows), 1)
                cost = self.cost[rows[first]] - self.cost[rows[second]]
                apart = np.abs(cost) > 1e-12
                gain = worth[rows[first]] - worth[rows[second]]
                found.append(gain[apart] / cost[apart])
        every = np.concatenate(found)
        return np.unique(every[every >= 0])

    def without_money(self, yuan: Array, hour: float) -> Array:
        """The bound at each price of a yuan, before the budget's own worth: shape of `yuan`."""
        worth = self.value - hour * self.hours - np.multiply.outer(yuan, self.cost)
        total = (np.maximum(worth[:, self.free], 0) * self.supply[self.free]).sum(axis=1)
        for _, count, rows in self.groups:
            group = worth[:, rows]
            order = np.argsort(-group, axis=1)
            best = np.take_along_axis(group, order, axis=1)
            cumulated = np.cumsum(self.supply[rows][order], axis=1)
            taken = np.diff(np.minimum(cumulated, count), axis=1, prepend=0.0)
            total = total + (best * taken).sum(axis=1)
        return total

    def lock_prices(self, yuan: float, hour: float) -> dict[str, float]:
        """Worth of the last place in each locked tier."""
        worth = self.value - hour * self.hours - yuan * self.cost
        prices = {}
        for tier, count, rows in self.groups:
            order = rows[np.argsort(-worth[rows], kind="stable")]
            cumulated = np.cumsum(self.supply[order])
            last = int(np.searchsorted(cumulated, max(count, 1) - 1e-9)) if len(order) else 0
            prices[tier] = float(worth[order[min(last, len(order) - 1)]]) if len(order) else 0.0
        return prices


def _best_yuan(dual: _Dual, budget: float, hour: float) -> tuple[float, float]:
    """The price of a yuan with the smallest bound, and that bound (hours left out)."""
    prices = dual.prices(hour)
    bounds = dual.without_money(prices, hour) + prices * budget
    # Of equal bounds the lower price: the worth of a further yuan, not of the last one.
    at = int(np.argmin(np.round(bounds, 9)))
    return float(prices[at]), float(bounds[at])


def multipliers(cells: Sequence[CellLike], limits: LimitsLike) -> Multipliers:
    """Prices of money, hours and locked places under which the bound is smallest."""
    dual = _Dual(cells, limits.locks)
    hour = 0.0
    cap = limits.hours_cap
    if cap is not None and np.any(dual.hours > 0):
        hour = _best_hour(dual, limits.budget_cny, cap)
    yuan, bound = _best_yuan(dual, limits.budget_cny, hour)
    locks = dual.lock_prices(yuan, hour)
    place = np.array([locks.get(cell.tier, 0.0) for cell in cells])
    reduced = dual.value - hour * dual.hours - yuan * dual.cost - place
    return Multipliers(
        yuan=yuan,
        hour=hour,
        locks=locks,
        bound=bound + hour * (cap or 0.0),
        reduced=tuple(reduced.tolist()),
    )


def _best_hour(dual: _Dual, budget: float, cap: float) -> float:
    """The price of an hour with the smallest bound: golden section, the bound is convex in it."""

    def bound(hour: float) -> float:
        return _best_yuan(dual, budget, hour)[1] + hour * cap

    used = dual.hours > 0
    low, high = 0.0, float(np.max(dual.value[used] / dual.hours[used]))
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = bound(left), bound(right)
    for _ in range(_STEPS):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = bound(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = bound(right)
    middle = (low + high) / 2
    return 0.0 if bound(0.0) <= bound(middle) else middle


def bounds_over_budgets(cells: Sequence[CellLike], limits: LimitsLike, budgets: Array) -> Array:
    """The bound at each budget (RMB), shape of `budgets`."""
    dual = _Dual(cells, limits.locks)
    flat = budgets.ravel()
    if limits.hours_cap is not None and np.any(dual.hours > 0):
        bounds = np.empty(flat.shape)
        for row, budget in enumerate(flat):
            hour = _best_hour(dual, float(budget), limits.hours_cap)
            bounds[row] = _best_yuan(dual, float(budget), hour)[1] + hour * limits.hours_cap
        return bounds.reshape(budgets.shape)
    prices = dual.prices(0.0)
    every = dual.without_money(prices, 0.0) + np.multiply.outer(flat, prices)
    return every.min(axis=1).reshape(budgets.shape)
