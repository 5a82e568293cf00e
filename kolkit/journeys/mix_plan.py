"""The plan of an influencer mix at a budget, and what a plan brings.

`plan_at` and `outcome` are what the joint plan calls too: a plan is made at the most likely values
and then faces every draw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kolkit.errors import InputError
from kolkit.inputs.cells import TIERS
from kolkit.journeys.facts import Facts
from kolkit.journeys.tier_cells import Measures, MixCell, Status, cells_of, measures
from kolkit.models.allocation import (
    NODES,
    Cell,
    Limits,
    Plan,
    best_plan,
    least_budget,
    relaxed_values,
)
from kolkit.models.reach import reach_from_points, reach_points
from kolkit.models.unit_economics import contribution_per_order

Array = NDArray[np.float64]

TOO_LARGE = 0.98
"""Share of the reachable target group above which one account cannot be planned with."""

COARSE = 300
"""Nodes of a search on a curve of many plans."""


@dataclass(frozen=True)
class MixPlan:
    """Whole collaborations per active cell at a budget (RMB), costed at the most likely values."""

    cells: tuple[MixCell, ...]
    counts: tuple[int, ...]
    budget_cny: float
    solved: Plan

    @property
    def cost_cny(self) -> float:
        return self.solved.cost_cny

    @property
    def unspent_cny(self) -> float:
        return max(0.0, self.budget_cny - self.solved.cost_cny)

    @property
    def gap(self) -> float:
        return self.solved.gap

    @property
    def collaborations(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class MixOutcome:
    """What a plan brings; numbers or arrays of draws, money in RMB.

    `people_reached` are different people of the target group, `impressions` views by people.
    """

    cost_cny: Array
    people_reached: Array
    impressions: Array
    engagements: Array
    orders: Array
    pool_joins: Array
    profit_cny: Array


def active_cells(facts: Facts) -> tuple[tuple[MixCell, ...], Measures]:
    """The cells that can be booked, and their measures at the most likely values.

    An account that alone would fill the reachable target group is left out of them.
    """
    cells = tuple(cell for cell in cells_of(facts["cells"]) if cell.status == "on")
    at = measures(cells, facts, facts.centre())
    fits = at.rho[:, 0] < TOO_LARGE * facts["audience_concentration"]
    if not fits.all():
        cells = tuple(cell for cell, fit in zip(cells, fits, strict=True) if fit)
        at = measures(cells, facts, facts.centre())
    return cells, at


def all_cells(facts: Facts) -> tuple[MixCell, ...]:
    """All 48 cells with the status they have in the plan."""
    booked = {cell.key for cell in active_cells(facts)[0]}
    too_large: Status = "too_large"
    return tuple(
        replace(cell, status=too_large) if cell.status == "on" and cell.key not in booked else cell
        for cell in cells_of(facts["cells"])
    )


def _problem(facts: Facts) -> tuple[tuple[MixCell, ...], tuple[Cell, ...], Limits]:
    """The knapsack behind the plan; reach points are scaled to people of the target group."""
    cells, at = active_cells(facts)
    if facts["objective"] == "reach":
        points = reach_points(
            at.rho[:, 0],
            concentration=facts["audience_concentration"],
            names=[cell.key for cell in cells],
        )
        value = points * facts["audience_concentration"] * facts["universe_people"]
    else:
        value = at.engagements[:, 0]
    kinds = tuple(
        Cell(
            name=cell.key,
            tier=cell.tier,
            value=float(value[row]),
            cost_cny=float(at.cost[row, 0]),
            hours=float(at.hours[row, 0]),
            supply=cell.supply,
        )
        for row, cell in enumerate(cells)
    )
    locks = tuple((tier, facts[f"lock_{tier}"]) for tier in TIERS)
    return (
        cells,
        kinds,
        Limits(
            budget_cny=facts["budget_cny"],
            hours_cap=facts["hours_cap"],
            locks=tuple((tier, count) for tier, count in locks if count is not None),
        ),
    )


def plan_at(facts: Facts, budget_cny: float, *, nodes: int | None = None) -> MixPlan:
    """The best plan for a budget (RMB) at the most likely values.

    Raises
    ------
    InputError
        where the locks clash with budget, hours or supply
    """
    cells, kinds, limits = _problem(facts)
    at = Limits(float(budget_cny), limits.hours_cap, limits.locks)
    try:
        solved = best_plan(kinds, at) if nodes is None else best_plan(kinds, at, nodes=nodes)
    except InputError as error:
        raise InputError(f"tier_mix, locks: {error}") from None
    return MixPlan(cells, solved.counts, float(budget_cny), solved)


def counts_over(facts: Facts, budgets_cny: ArrayLike) -> Array:
    """Counts of the plan at each budget, shape (budgets, cells): zero where locks cost more.

    More budget never shows a worse plan: where a search stopped early, the smaller plan stays.
    """
    cells, kinds, limits = _problem(facts)
    budgets = np.atleast_1d(np.asarray(budgets_cny, float))
    counts = np.zeros((len(budgets), len(cells)))
    best, best_value = np.zeros(len(cells)), -1.0
    for row in np.argsort(budgets):
        here = Limits(float(budgets[row]), limits.hours_cap, limits.locks)
        nodes = NODES if here == limits else COARSE
        try:
            plan = best_plan(kinds, here, nodes=nodes)
        except InputError:
            continue
        if plan.value >= best_value:
            best, best_value = np.array(plan.counts, float), plan.value
        counts[row] = best
    return counts


def people_of(value: ArrayLike, facts: Facts) -> Array:
    """People reached by a sum of scaled reach points; engagements stay what they are."""
    if facts["objective"] != "reach":
        return np.asarray(value, float)
    part = facts["audience_concentration"] * facts["universe_people"]
    return part * reach_from_points(np.asarray(value, float) / part, concentration=1.0)


def relaxed_value(facts: Facts, budgets_cny: ArrayLike) -> Array:
    """People reached (or engagements) at each budget if collaborations could be split.

    For coarse grids: never below what a plan of whole collaborations reaches.
    """
    _, kinds, limits = _problem(facts)
    return people_of(relaxed_values(kinds, limits, budgets_cny), facts)


def least_plan(facts: Facts, people: float) -> MixPlan:
    """The cheapest plan that reaches so many people of the target group.

    Raises
    ------
    InputError
        where the whole supply does not reach them: says how many it does
    """
    cells, kinds, limits = _problem(facts)
    if facts["objective"] != "reach":
        raise InputError(
            "tier_mix.target_reach_people: a target needs the objective reach; got engagements. "
            "Change the objective or leave the target out."
        )
    part = facts["audience_concentration"] * facts["universe_people"]
    if people >= part:
        raise InputError(
            f"tier_mix.target_reach_people: {people:,.0f} people are more than the {part:,.0f} of "
            "the target group that can be reached at all: lower the target or raise the part that "
            "can be reached."
        )
    value = part * float(reach_points(people / part, concentration=1.0))
    most = people_of(relaxed_values(kinds, limits, [1e15])[0], facts)
    if people > float(most):
        raise InputError(
            f"tier_mix.target_reach_people: all bookable accounts together reach "
            f"{float(most):,.0f} people; the target is {people:,.0f}. Lower the target, or raise "
            "supply or posts per account."
        )
    solved = least_budget(kinds, limits, target_value=value)
    return MixPlan(cells, solved.counts, solved.cost_cny, solved)


def outcome_of(
    facts: Facts,
    cells: Sequence[MixCell],
    counts: ArrayLike,
    values: Mapping[str, Array | float],
) -> MixOutcome:
    """What counts of shape (cells,) or (plans, cells) bring: results (draws,) or (plans, draws).

    Where every value is a single number the axis of draws is left out.
    """
    number = np.asarray(counts, float)
    used = np.atleast_2d(number).any(axis=0)
    number = number[..., used]
    at = measures([cells[int(j)] for j in np.flatnonzero(used)], facts, values)
    niche = np.asarray(values["audience_concentration"], float)
    universe = np.asarray(values["universe_people"], float)
    # In a far draw one account may outgrow the niche: it then fills nearly all of it.
    points = -np.log1p(-np.minimum(at.rho / niche, TOO_LARGE))
    people = universe * reach_from_points(number @ points, concentration=niche)
    orders = people * np.asarray(values["order_rate_per_reached"], float)
    cost = number @ at.cost
    earned = orders * contribution_per_order(
        average_order_value_cny=values["average_order_value_cny"],
        gross_margin=values["gross_margin"],
        platform_fee_rate=values["platform_fee_rate"],
        base_return_rate=values["base_return_rate"],
        return_cost_per_order_cny=values["return_cost_per_order_cny"],
    )
    found = np.broadcast_arrays(
        cost,
        people,
        number @ at.impressions,
        number @ at.engagements,
        orders,
        people * np.asarray(values["pool_join_rate_per_reached"], float),
        earned - cost,
    )
    if all(np.ndim(value) == 0 for value in values.values()):
        found = tuple(amounts[..., 0] for amounts in found)
    return MixOutcome(*found)


def outcome(facts: Facts, plan: MixPlan, values: Mapping[str, Array | float]) -> MixOutcome:
    """What a plan brings at `values` (numbers or draws of shape (draws,)): arrays of that shape."""
    return outcome_of(facts, plan.cells, plan.counts, values)


def booked(plan: MixPlan) -> dict[str, float]:
    """Accounts per tier in a plan, by the input that would fix their number."""
    return {
        f"lock_{tier}": sum(
            count for cell, count in zip(plan.cells, plan.counts, strict=True) if cell.tier == tier
        )
        for tier in TIERS
    }
