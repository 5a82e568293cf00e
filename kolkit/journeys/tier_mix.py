"""The tier-mix journey: whom to book for a budget, and whether to book at all.

The plan is the best one at the most likely values; the verdict comes from facing every draw.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kolkit.inputs import Brief
from kolkit.journeys.facts import Facts, gather
from kolkit.journeys.mix_plan import (
    MixOutcome,
    MixPlan,
    active_cells,
    all_cells,
    counts_over,
    least_plan,
    outcome,
    outcome_of,
    plan_at,
)
from kolkit.journeys.mix_views import (
    WORKING_DAYS,
    Bridge,
    Flip,
    Workload,
    bridge_of,
    flips_of,
    workload,
)
from kolkit.journeys.tier_cells import SMALL, Measures, MixCell, tier_value
from kolkit.models.outreach import contacts_needed, contacts_needed_uncertain, sender_days
from kolkit.models.risk import crisis_cvar
from kolkit.models.uncertainty import Interval, interval, loss_probability, value_of_information
from kolkit.models.unit_economics import contribution_per_order
from kolkit.orders import OrderCounts

__all__ = ["MixOutcome", "MixPlan", "TierMixCase", "outcome", "plan_at", "run"]

Array = NDArray[np.float64]
Reason = Literal["nothing_affordable", "loses_at_median", "loss_too_likely"]

# Budgets of every curve lie on this grid, so that moving the budget plans nothing anew.
_GRID = 10_000.0 * 2.0 ** (np.arange(81) / 4)
_BELOW, _ABOVE = 1 / 24, 2.0
TRIALS = 2.0
"""Collaborations that an assumed rate is taken to rest on: at one in ten, two of twenty."""


@dataclass(frozen=True)
class Verdict:
    """Whether to book the plan; why not; and the smaller budget (RMB) to book instead, if any."""

    book: bool
    reasons: tuple[Reason, ...]
    smaller_budget: float | None


@dataclass(frozen=True)
class Sweep:
    """People reached and profit (RMB) over budgets: arrays of one shape."""

    budgets: Array
    spent: Array
    people: Array
    profit: Array
    p10: Array
    p50: Array
    p90: Array
    loss_probability: Array


@dataclass(frozen=True)
class Outreach:
    """Messages to micro-KOLs and KOCs for the plan: usual, and enough in 95 of 100 cases.

    `if_uncertain`: enough if the rate is only known from ten contacts or so. `days` are working
    days of the senders at hand, of `days_at_hand` up to the horizon; `senders_needed` the fewest
    people who finish in time.
    """

    collaborations: int
    expected: float
    enough: int
    if_uncertain: int
    days: int
    days_at_hand: int
    senders_needed: int


@dataclass(frozen=True)
class TierMixCase:
    """Everything the pages and the report say about one influencer mix.

    `draws` has an array per numeric input, `uncertain` names those that vary. `expected` is the
    plan's outcome at the most likely values, `drawn` in every draw; `measures` are per active cell;
    `sweep` has the plans from a twenty-fourth of today's budget to twice as much.
    """

    facts: Facts
    draws: Mapping[str, Array]
    uncertain: tuple[str, ...]
    plan: MixPlan
    measures: Measures
    expected: MixOutcome
    drawn: MixOutcome
    sweep: Sweep
    verdict: Verdict

    @property
    def active(self) -> tuple[MixCell, ...]:
        """The cells that can be booked, in the order of `plan.counts`."""
        return self.plan.cells

    @cached_property
    def cells(self) -> tuple[MixCell, ...]:
        """All 48 cells with their status."""
        return all_cells(self.facts)

    @property
    def gap(self) -> float:
        return self.plan.gap

    @property
    def unspent(self) -> float:
        return self.plan.unspent_cny

    @cached_property
    def profit(self) -> Interval:
        return interval(self.drawn.profit_cny)

    @cached_property
    def people(self) -> Interval:
        return interval(self.drawn.people_reached)

    @cached_property
    def loss_probability(self) -> float:
        return loss_probability(self.drawn.profit_cny)

    @cached_property
    def contribution_cny(self) -> float:
        """What one order leaves (RMB) at the most likely values."""
        return _contribution(self.facts)

    @cached_property
    def break_even_order_rate(self) -> float:
        """Orders per person reached at which the plan earns nothing; infinite where none does."""
        earned = float(self.expected.people_reached) * self.contribution_cny
        return float(self.expected.cost_cny) / earned if earned > 0 else float("inf")

    @cached_property
    def cpm(self) -> Array:
        """True cost per 1,000 views by people, RMB, per active cell."""
        return 1000 * self.measures.cost[:, 0] / self.measures.impressions[:, 0]

    @cached_property
    def naive_cpm(self) -> Array:
        """Quoted price per 1,000 followers and post, RMB, per active cell."""
        return 1000 * self.measures.price[:, 0] / self.measures.naive_impressions[:, 0]

    @cached_property
    def cpe(self) -> Array:
        """True cost per engagement, RMB, per active cell; infinite where nobody engages."""
        got = self.measures.engagements[:, 0]
        with np.errstate(divide="ignore"):
            return np.where(got > 0, self.measures.cost[:, 0] / got, np.inf)

    @cached_property
    def flips(self) -> tuple[Flip, ...]:
        """Where the ranking by true CPM changes as views that are not people rise."""
        return flips_of(self.active, self.measures, self.facts["fake_view_share"])

    @cached_property
    def bridge(self) -> Bridge | None:
        """From the printed CPM of the micro-KOL to the true one; None without any active cell."""
        return bridge_of(self.facts, self.active, self.measures)

    @cached_property
    def best_budget(self) -> float:
        """The budget (RMB) of the sweep with the largest profit in the middle case."""
        return float(self.sweep.budgets[int(np.argmax(self.sweep.p50))])

    @cached_property
    def target_plan(self) -> MixPlan | None:
        """The cheapest plan for the target; None without one."""
        target = self.facts["target_reach_people"]
        return None if target is None else least_plan(self.facts, target)

    @cached_property
    def crisis_cvar(self) -> float:
        """Share (0-1) of the spend lost in the worst twentieth of crises."""
        return crisis_cvar(
            self.plan.counts,
            tuple(self.measures.cost[:, 0].tolist()),
            tuple(tier_value(cell.tier, "crisis_probability") for cell in self.active),
            correlation=self.facts["crisis_correlation"],
            seed=self.facts["seed"],
        )

    @cached_property
    def outreach(self) -> Outreach:
        """What the small accounts of the plan take in messages."""
        small = [
            (count, float(self.measures.contacts[row, 0]))
            for row, (count, cell) in enumerate(zip(self.plan.counts, self.active, strict=True))
            if cell.tier in SMALL
        ]
        number = sum(count for count, _ in small)
        rate = self.facts["collaboration_rate"]
        enough = contacts_needed(number, rate)
        return Outreach(
            collaborations=number,
            expected=sum(count * contacts for count, contacts in small),
            enough=enough,
            if_uncertain=contacts_needed_uncertain(
                number, TRIALS, max(TRIALS * (1 / rate - 1), 1e-3)
            ),
            days=sender_days(
                enough,
                senders=self.facts["senders"],
                contacts_per_sender_day=self.facts["contacts_per_sender_day"],
            ),
            days_at_hand=WORKING_DAYS * self.facts["horizon_months"],
            senders_needed=self.workload.senders,
        )

    @cached_property
    def workload(self) -> Workload:
        """Contacts, senders and hours of the plan."""
        return workload(self.facts, self.plan)

    @property
    def people_needed(self) -> float:
        """Full-time jobs up to the horizon that the hours of the plan fill."""
        return self.workload.people

    @cached_property
    def locked(self) -> bool:
        """Whether every tier that can be booked has its number fixed."""
        tiers = {cell.tier for cell in self.active}
        return bool(tiers) and all(self.facts[f"lock_{tier}"] is not None for tier in tiers)

    @cached_property
    def one_plan(self) -> bool:
        """Whether the locks leave no choice but one plan, at every budget that pays for it."""
        if not self.locked or not self.plan.collaborations:
            return False
        booked = [cell.tier for cell in self.active if self.facts[f"lock_{cell.tier}"]]
        return len(booked) == len(set(booked))

    @cached_property
    def worth_knowing(self) -> tuple[tuple[str, float], ...]:
        """Inputs by what knowing them before booking is worth, RMB, largest first."""
        profit = self.drawn.profit_cny
        varying = {name: self.draws[name] for name in self.uncertain}
        worth = value_of_information([np.zeros_like(profit), profit], varying)
        return tuple(sorted(worth.items(), key=lambda item: item[1], reverse=True))


def _contribution(facts: Facts) -> float:
    return float(
        contribution_per_order(
            average_order_value_cny=facts["average_order_value_cny"],
            gross_margin=facts["gross_margin"],
            platform_fee_rate=facts["platform_fee_rate"],
            base_return_rate=facts["base_return_rate"],
            return_cost_per_order_cny=facts["return_cost_per_order_cny"],
        )
    )


def _reasons(collaborations: float, profit: Array, facts: Facts) -> tuple[Reason, ...]:
    """Why a plan is not to be booked; nothing where it is."""
    if collaborations == 0:
        return ("nothing_affordable",)
    found: list[Reason] = []
    if interval(profit).p50 < 0:
        found.append("loses_at_median")
    if loss_probability(profit) > facts["loss_tolerance"]:
        found.append("loss_too_likely")
    return tuple(found)


def _sweep(facts: Facts, draws: Mapping[str, Array]) -> Sweep:
    budget = max(facts["budget_cny"], 2 * _GRID[0])
    low, high = np.searchsorted(_GRID, [budget * _BELOW, budget * _ABOVE])
    inside = _GRID[low:high]
    budgets = np.unique(np.append(inside, budget))
    cells, _ = active_cells(facts)
    counts = counts_over(facts, budgets)
    middle = outcome_of(facts, cells, counts, facts.centre())
    drawn = outcome_of(facts, cells, counts, draws)
    # The ranks that `interval` takes, from one sort of all curves.
    ranks = np.quantile(
        np.arange(drawn.profit_cny.shape[1]), [0.1, 0.5, 0.9], method="closest_observation"
    )
    p10, p50, p90 = np.sort(drawn.profit_cny, axis=1)[:, ranks.astype(int)].T
    return Sweep(
        budgets=budgets,
        spent=middle.cost_cny,
        people=middle.people_reached,
        profit=middle.profit_cny,
        p10=p10,
        p50=p50,
        p90=p90,
        loss_probability=np.mean(drawn.profit_cny < 0, axis=1),
    )


def _smaller(facts: Facts, sweep: Sweep) -> float | None:
    """The budget below today's that would be booked and earns most in the middle case."""
    good = (
        (sweep.budgets < facts["budget_cny"])
        & (sweep.spent > 0)
        & (sweep.p50 >= 0)
        & (sweep.loss_probability <= facts["loss_tolerance"])
    )
    if not good.any():
        return None
    rows = np.flatnonzero(good)
    return float(sweep.budgets[rows[int(np.argmax(sweep.p50[rows]))]])


def run(brief: Brief, counts: OrderCounts | None = None) -> TierMixCase:
    """Plan the mix of one brief; an order file has nothing to say here.

    Raises
    ------
    InputError
        where locks, hours, supply, target or budget clash: says what to change
    """
    facts = Facts(gather("tier_mix", brief))
    draws = facts.drawn()
    plan = plan_at(facts, facts["budget_cny"])
    _, at = active_cells(facts)
    drawn = outcome(facts, plan, draws)
    sweep = _sweep(facts, draws)
    reasons = _reasons(plan.collaborations, drawn.profit_cny, facts)
    if facts["target_reach_people"] is not None:
        # A target that cannot be met is refused at once, not where a figure happens to need it.
        least_plan(facts, facts["target_reach_people"])
    return TierMixCase(
        facts=facts,
        draws=draws,
        uncertain=tuple(facts.distributions()),
        plan=plan,
        measures=at,
        expected=outcome(facts, plan, facts.centre()),
        drawn=drawn,
        sweep=sweep,
        verdict=Verdict(not reasons, reasons, _smaller(facts, sweep) if reasons else None),
    )
