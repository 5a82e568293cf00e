"""The best whole-number plan under a budget: how many collaborations of which kind.

Every kind ("cell", a tier on a platform) adds a fixed value per collaboration: reach points
(`kolkit.models.reach.reach_points`) or engagements. The best plan is then a bounded knapsack with,
if asked for, a cap on hours and locked tiers. Where one resource binds `kolkit.models.knapsack`
searches it to the end in well under a millisecond; where both do, HiGHS solves it. Both stop at a
number of nodes, never at a time, so that the same inputs give the same plan on every machine; what
then stays unproven is the printed gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kolkit.errors import InputError
from kolkit.models.knapsack import CENT, Found, search
from kolkit.models.relaxation import Multipliers, bounds_over_budgets, multipliers

Array = NDArray[np.float64]

NODES = 2_000
"""Nodes of the search, for each number of an account that takes much of the budget."""

SOLVER_NODES = 500


@dataclass(frozen=True)
class Cell:
    """One kind of collaboration: its tier, value and cost (RMB) and hours each, and supply."""

    name: str
    tier: str
    value: float
    cost_cny: float
    hours: float
    supply: int

    def __post_init__(self) -> None:
        amounts = (self.value, self.cost_cny, self.hours, self.supply)
        if not all(0 <= amount < inf for amount in amounts):
            raise InputError(
                f"{self.name}: value, cost, hours and supply must be 0 or more; got {amounts}."
            )


@dataclass(frozen=True)
class Limits:
    """What a plan must keep to: RMB, hours (None: no cap), and exact counts of locked tiers."""

    budget_cny: float
    hours_cap: float | None = None
    locks: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Plan:
    """Collaborations per cell, in the cells' order, and what is known about them.

    `bound` is a value that no plan exceeds, `gap` = (bound - value) / value and 0 where the plan is
    proven best. `worth_of_yuan`, `worth_of_hour` are what one more adds in the relaxation;
    `worth_of_account` likewise for one more account of each cell (0 where supply does not bind).
    """

    counts: tuple[int, ...]
    value: float
    cost_cny: float
    hours: float
    bound: float
    gap: float
    worth_of_yuan: float
    worth_of_hour: float
    worth_of_account: tuple[float, ...]


def best_plan(cells: Sequence[Cell], limits: Limits, *, nodes: int = NODES) -> Plan:
    """The plan of whole collaborations with the largest value within the limits.

    Parameters
    ----------
    cells : what can be booked
    limits : budget, hours and locks
    nodes : most nodes of the search; only then can `gap` exceed 0

    Raises
    ------
    InputError
        where the locks cannot be kept: says which limit clashes and the smallest change that helps

    Notes
    -----
    max sum n_j v_j subject to sum n_j c_j <= budget, sum n_j h_j <= hours, 0 <= n_j <= supply,
    locked tiers adding up to their count.

    Examples
    --------
    With ¥10,000, accounts at ¥3,000 for 40 points or ¥2,000 for 25:

    >>> cells = [Cell("large", "kol", 40, 3000, 5, 10), Cell("small", "koc", 25, 2000, 2, 10)]
    >>> plan = best_plan(cells, Limits(10_000))
    >>> plan.counts, plan.value, plan.gap
    ((2, 2), 130.0, 0.0)
    """
    return _best_plan(tuple(cells), limits, nodes)


@lru_cache(maxsize=2048)
def _best_plan(cells: tuple[Cell, ...], limits: Limits, nodes: int) -> Plan:
    check_limits(cells, limits)
    if limits.hours_cap is not None:
        free = _best_plan(cells, replace(limits, hours_cap=None), nodes)
        if free.hours <= limits.hours_cap + CENT:
            return free
    merged, members = _merged(cells)
    if limits.hours_cap is None:
        prices = multipliers(merged, limits)
        found = search(merged, limits, prices, nodes)
        if found is None or found.bound > found.value:
            found = _better(found, _solved(merged, limits))
    else:
        prices, found = _within_hours(merged, limits, nodes)
    if found is None:
        raise InputError(
            "the locked tiers fit the budget or the hours, but not both: raise one of them or "
            "lower a lock."
        )
    counts = [0] * len(cells)
    for number, rows in zip(found.counts, members, strict=True):
        for row in rows:
            counts[row] = min(number, cells[row].supply)
            number -= counts[row]
    value = sum((n * cell.value for n, cell in zip(counts, cells, strict=True)), 0.0)
    bound = max(value, min(found.bound, prices.bound)) if found.bound > found.value else value
    by_row = {row: k for k, rows in enumerate(members) for row in rows}
    return Plan(
        counts=tuple(counts),
        value=value,
        cost_cny=sum((n * cell.cost_cny for n, cell in zip(counts, cells, strict=True)), 0.0),
        hours=sum((n * cell.hours for n, cell in zip(counts, cells, strict=True)), 0.0),
        bound=bound,
        gap=(bound - value) / value if value > 0 else 0.0,
        worth_of_yuan=prices.yuan,
        worth_of_hour=prices.hour,
        worth_of_account=tuple(max(0.0, prices.reduced[by_row[row]]) for row in range(len(cells))),
    )


def _within_hours(
    cells: tuple[Cell, ...], limits: Limits, nodes: int
) -> tuple[Multipliers, Found | None]:
    """The plan where the cap on hours binds."""
    swapped = tuple(replace(cell, cost_cny=cell.hours, hours=cell.cost_cny) for cell in cells)
    by_hours = Limits(float(limits.hours_cap or 0.0), None, limits.locks)
    prices = multipliers(swapped, by_hours)
    found = search(swapped, by_hours, prices, nodes)
    if found is not None:
        cost = sum(n * cell.cost_cny for n, cell in zip(found.counts, cells, strict=True))
        if cost <= limits.budget_cny + CENT:
            # Money is no limit then: hours alone are, and their price is that of a yuan there.
            return replace(prices, yuan=0.0, hour=prices.yuan), found
    return multipliers(cells, limits), _solved(cells, limits)


def _better(one: Found | None, other: Found | None) -> Found | None:
    """The better plan of two solvers under the tighter of their bounds."""
    if one is None or other is None:
        return one or other
    best = max(one, other, key=lambda found: found.value)
    return replace(best, bound=max(best.value, min(one.bound, other.bound)))


def _solved(cells: tuple[Cell, ...], limits: Limits) -> Found | None:
    """The plan by HiGHS: where budget and hours bind both, or a search ended early."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    # The solver's tolerances are absolute: everything in units of about one.
    value = np.array([cell.value for cell in cells])
    scale = 100 / max(float(value.max(initial=0.0)), 1e-300)
    rows = [[cell.cost_cny / 1e3 for cell in cells]]
    least, most = [-np.inf], [limits.budget_cny / 1e3]
    if limits.hours_cap is not None:
        rows.append([cell.hours for cell in cells])
        least.append(-np.inf)
        most.append(limits.hours_cap)
    for tier, count in limits.locks:
        rows.append([1.0 if cell.tier == tier else 0.0 for cell in cells])
        least.append(count)
        most.append(count)
    result = milp(
        -scale * value,
        constraints=LinearConstraint(np.array(rows), least, most),
        integrality=np.ones(len(cells)),
        bounds=Bounds(0, [cell.supply for cell in cells]),
        options={"mip_rel_gap": 0.0, "node_limit": SOLVER_NODES},
    )
    if result.x is None:
        return None
    counts = tuple(int(n) for n in np.round(result.x))
    found = float(value @ np.array(counts))
    if result.status == 0:
        return Found(counts, found, found)
    return Found(counts, found, max(found, -float(result.mip_dual_bound) / scale))


def relaxed_values(cells: Sequence[Cell], limits: Limits, budgets: ArrayLike) -> Array:
    """Largest value at each budget (RMB) if collaborations could be split: never below a plan's.

    Shape of `budgets`; the budget in `limits` is not used. For coarse grids.

    >>> cells = [Cell("large", "kol", 40, 3000, 5, 10), Cell("small", "koc", 25, 2000, 2, 10)]
    >>> relaxed_values(cells, Limits(0), [3000, 4500]).round(6).tolist()
    [40.0, 60.0]
    """
    return bounds_over_budgets(tuple(cells), limits, np.asarray(budgets, float))


def least_budget(
    cells: Sequence[Cell], limits: Limits, *, target_value: float, nodes: int = NODES
) -> Plan:
    """The cheapest plan, to the yuan, whose value reaches a target; the budget given is not used.

    Raises
    ------
    InputError
        where even the whole supply falls short: says how far it goes

    >>> cells = [Cell("large", "kol", 40, 3000, 5, 10), Cell("small", "koc", 25, 2000, 2, 10)]
    >>> least_budget(cells, Limits(0), target_value=100).cost_cny
    8000.0
    """
    everything = sum(cell.cost_cny * cell.supply for cell in cells) + 1.0
    most = best_plan(cells, replace(limits, budget_cny=everything), nodes=nodes)
    if most.value < target_value:
        raise InputError(
            f"the target is out of reach: all bookable accounts together bring {most.value:.6g}, "
            f"the target is {target_value:.6g}. Lower the target or raise the supply."
        )
    best = most
    low = float(_least_cost_of_locks(tuple(cells), limits.locks)) - 1.0
    high = most.cost_cny
    while high - low > 1.0:
        middle = (low + high) / 2
        # Linear bounds are cheap and settle most budgets that are too small.
        if relaxed_values(cells, limits, [middle])[0] < target_value:
            low = middle
            continue
        plan = best_plan(cells, replace(limits, budget_cny=middle), nodes=nodes)
        if plan.value >= target_value:
            best, high = plan, plan.cost_cny
        else:
            low = middle
    return best


def check_limits(cells: Sequence[Cell], limits: Limits) -> None:
    """Refuse limits that no plan can keep, naming what clashes and the smallest repair."""
    if limits.budget_cny < 0:
        raise InputError(f"the budget must be 0 or more; got {limits.budget_cny:,.0f}.")
    for tier, count in limits.locks:
        supply = _supply(cells, tier)
        if count > supply:
            raise InputError(
                f"{count:,} collaborations with tier {tier} are locked, but only {supply:,} can be "
                f"booked{_within_supply(cells, limits, tier)}."
            )
    cost = _least_cost_of_locks(cells, limits.locks)
    if cost > limits.budget_cny + CENT:
        raise InputError(
            f"the locked tiers cost at least ¥{ceil(cost):,}, the budget is "
            f"¥{limits.budget_cny:,.0f}: raise the budget by ¥{ceil(cost - limits.budget_cny):,} "
            f"or {_lower_lock(cells, limits)}."
        )
    if limits.hours_cap is None:
        return
    hours = _least_of_locks(cells, limits.locks, "hours")
    if hours > limits.hours_cap + CENT:
        raise InputError(
            f"the locked tiers take at least {ceil(hours):,} hours, the cap is "
            f"{limits.hours_cap:,.0f}: raise it by {ceil(hours - limits.hours_cap):,} or "
            f"{_lower_lock(cells, limits)}."
        )


def _least_cost_of_locks(cells: Sequence[Cell], locks: Sequence[tuple[str, int]]) -> float:
    return _least_of_locks(cells, locks, "cost_cny")


def _least_of_locks(
    cells: Sequence[Cell], locks: Sequence[tuple[str, int]], resource: str
) -> float:
    """Least RMB or hours that the locked counts take."""
    total = 0.0
    for tier, count in locks:
        for amount, supply in _by_amount(cells, tier, resource):
            taken = min(count, supply)
            total += taken * amount
            count -= taken
    return total


def _by_amount(cells: Sequence[Cell], tier: str, resource: str) -> list[tuple[float, int]]:
    return sorted((getattr(c, resource), c.supply) for c in cells if c.tier == tier)


def _supply(cells: Sequence[Cell], tier: str) -> int:
    return sum(cell.supply for cell in cells if cell.tier == tier)


def _affordable(cells: Sequence[Cell], limits: Limits) -> bool:
    """Whether budget and hours, each by itself, cover what the locks take at the least."""
    if _least_cost_of_locks(cells, limits.locks) > limits.budget_cny + CENT:
        return False
    cap = limits.hours_cap
    return cap is None or _least_of_locks(cells, limits.locks, "hours") <= cap + CENT


def _lowered(cells: Sequence[Cell], limits: Limits, tier: str) -> int | None:
    """The largest count of one locked tier that budget and hours cover; None without any."""

    def with_count(number: int) -> Limits:
        locks = tuple((name, number if name == tier else n) for name, n in limits.locks)
        return replace(limits, locks=locks)

    if not _affordable(cells, with_count(0)):
        return None
    low, high = 0, dict(limits.locks)[tier] + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _affordable(cells, with_count(middle)) else (low, middle)
    return low


def _lower_lock(cells: Sequence[Cell], limits: Limits) -> str:
    """The change of one lock that is enough, on the tier where it takes away the fewest."""
    repairs = [
        (count - lowered, tier, lowered)
        for tier, count in limits.locks
        if (lowered := _lowered(cells, limits, tier)) is not None
    ]
    if not repairs:
        return "lower several locks"
    _, tier, lowered = min(repairs)
    return f"lower the lock on {tier} to {lowered:,}"


def _within_supply(cells: Sequence[Cell], limits: Limits, tier: str) -> str:
    """The end of a refusal: a number of a tier that its supply, the budget and the hours allow."""
    locks = tuple((name, min(n, _supply(cells, name))) for name, n in limits.locks)
    inside = replace(limits, locks=locks)
    most = dict(locks)[tier]
    if _affordable(cells, inside):
        return f": lower the lock to {most:,} or raise the supply"
    what = "budget" if limits.hours_cap is None else "budget and hours"
    lowered = _lowered(cells, inside, tier)
    if lowered is None:
        return f": lower the lock to {most:,}, and the other locks too, which exceed the {what}"
    return f", and {what} cover {lowered:,}: lower the lock to {lowered:,}"


def _merged(cells: Sequence[Cell]) -> tuple[tuple[Cell, ...], list[list[int]]]:
    """Cells that are alike in everything but the name as one: ties would be searched in vain."""
    alike: dict[tuple[str, float, float, float], list[int]] = {}
    for row, cell in enumerate(cells):
        alike.setdefault((cell.tier, cell.value, cell.cost_cny, cell.hours), []).append(row)
    merged = tuple(
        cells[rows[0]]
        if len(rows) == 1
        else replace(cells[rows[0]], supply=sum(cells[row].supply for row in rows))
        for rows in alike.values()
    )
    return merged, list(alike.values())
