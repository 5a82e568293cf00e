"""Branch and bound for a bounded knapsack with locked groups: one budget, whole numbers.

Cells in order of cost, dearest first, so that what is left over at the end is small change. Each
count is bounded by the linear relaxation of the cells that follow, locked places priced at their
multipliers, and tried from the relaxation's own count outwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from kolkit.models.relaxation import CellLike, LimitsLike, Multipliers

CENT = 1e-6
"""Rounding that a sum of costs may exceed a budget by, RMB."""


@dataclass(frozen=True)
class Found:
    """The best counts found, in the cells' order, their value, and a value that none exceeds."""

    counts: tuple[int, ...]
    value: float
    bound: float


def search(
    cells: Sequence[CellLike], limits: LimitsLike, prices: Multipliers, nodes: int
) -> Found | None:
    """The best counts within the budget and the locks; None where none was found.

    `prices` are the multipliers of these cells and limits. A search that runs out of nodes says so
    by a bound above its value, or by None.
    """
    run = _Search(cells, limits, prices, nodes)
    run.descend(0, limits.budget_cny, 0.0, dict(limits.locks))
    if run.best is None:
        return None
    proven = run.left > 0
    return Found(
        tuple(run.best), run.best_value, run.best_value if proven else max(prices.bound,
                                                                           run.best_value)
    )  # fmt: skip


def _density(value: float, cost: float) -> float:
    return value / cost if cost > 0 else inf


class _Search:
    """One search: the best counts so far, and how many nodes are left."""

    def __init__(
        self, cells: Sequence[CellLike], limits: LimitsLike, prices: Multipliers, nodes: int
    ) -> None:
        locked = dict(limits.locks)
        self.order = sorted(range(len(cells)), key=lambda j: -cells[j].cost_cny)
        self.cells = [cells[j] for j in self.order]
        self.left = nodes
        self.best: list[int] | None = None
        self.best_value = -inf
        self.counts = [0] * len(cells)
        self.lock_price = {tier: prices.locks.get(tier, 0.0) for tier in locked}
        worth = [cell.value - self.lock_price.get(cell.tier, 0.0) for cell in self.cells]
        ranked = sorted(
            (j for j in range(len(cells)) if worth[j] > 0),
            key=lambda j: -_density(worth[j], self.cells[j].cost_cny),
        )
        # Per depth: the cells from there on, by worth per yuan.
        self.following = [
            [(j, worth[j], self.cells[j].cost_cny, self.cells[j].supply) for j in ranked if j >= i]
            for i in range(len(cells) + 1)
        ]
        # Of the cells after each one: what its own tier can still supply, and the least that a
        # place in each locked tier costs.
        self.rest_supply: list[int] = []
        self.rest_cost: list[dict[str, float]] = []
        for i, cell in enumerate(self.cells):
            rest = self.cells[i + 1 :]
            self.rest_supply.append(sum(c.supply for c in rest if c.tier == cell.tier))
            self.rest_cost.append(
                {
                    tier: min((c.cost_cny for c in rest if c.tier == tier), default=0.0)
                    for tier in locked
                }
            )

    def relaxed(self, depth: int, money: float) -> tuple[float, float]:
        """Worth of the best split of `money` over the cells from `depth` on, and how many of the
        cell at `depth` that takes."""
        total, here = 0.0, 0.0
        for j, worth, cost, supply in self.following[depth]:
            number: float = supply
            if cost * supply > money:
                number = money / cost
            total += number * worth
            if j == depth:
                here = number
            money -= number * cost
            if money <= 0:
                break
        return total, here

    def descend(self, depth: int, money: float, value: float, needs: dict[str, int]) -> None:
        """Try the counts of the cell at `depth` with `money` left and `needs` of locked tiers."""
        if depth == len(self.cells):
            self._keep(value)
            return
        cell = self.cells[depth]
        need = needs.get(cell.tier)
        least = self.rest_cost[depth]
        reserve = sum(places * least[tier] for tier, places in needs.items() if tier != cell.tier)
        low, high = 0, cell.supply
        if need is not None:
            low, high = max(0, need - self.rest_supply[depth]), min(high, need)
        if cell.cost_cny > 0:
            high = min(high, int((money - reserve + CENT) / cell.cost_cny))
        if low > high:
            return
        if depth == len(self.cells) - 1:
            low = high
        start = self.relaxed(depth, max(0.0, money - reserve))[1]
        first = min(max(int(start + 1e-9), low), high)
        for numbers in (range(first, low - 1, -1), range(first + 1, high + 1)):
            for number in numbers:
                if self.left <= 0:
                    return
                self.left -= 1
                after = money - number * cell.cost_cny
                gained = value + number * cell.value
                rest = needs if need is None else {**needs, cell.tier: need - number}
                bound = gained + self.relaxed(depth + 1, max(0.0, after))[0]
                for tier, places in rest.items():
                    bound += self.lock_price[tier] * places
                # The bound falls on both sides of the relaxation's own count.
                if bound <= self.best_value + 1e-12 * abs(self.best_value):
                    break
                if need is not None and (
                    after + CENT < reserve + (need - number) * least[cell.tier]
                ):
                    continue
                self.counts[depth] = number
                self.descend(depth + 1, after, gained, rest)

    def _keep(self, value: float) -> None:
        if value > self.best_value:
            self.best = [0] * len(self.order)
            for place, j in enumerate(self.order):
                self.best[j] = self.counts[place]
            self.best_value = value
