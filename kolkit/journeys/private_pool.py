"""The private-pool journey: whether to build one, how large, with whom, and when it pays.

Bought joins are whole people per month: as many as earn most within the budget, or as few as reach
the goal. Everything is judged up to the horizon; what members bring later is not counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kolkit.errors import InputError
from kolkit.inputs import Brief
from kolkit.journeys.facts import Fact, Facts, gather
from kolkit.journeys.pool_flow import (
    PoolDetail,
    PoolOutcome,
    outcome,
    paid_joins_for,
    reach_goal,
    retention,
    simulate,
)
from kolkit.journeys.pool_parts import (
    Channel,
    Needed,
    Nobody,
    Reason,
    Verdict,
    bottleneck_of,
    carried_by,
    channels_of,
    needed_for,
    nobody_because,
)
from kolkit.journeys.survival_table import Cohort, cohort
from kolkit.models.adoption import REFERRAL
from kolkit.models.capacity import Bottleneck
from kolkit.models.pool import HOURS_PER_MONTH, break_even_month, highest_cac, lifetime_value
from kolkit.models.retention import (
    check_two_points,
    constant_survival,
    discounted_lifetime,
    sbg_survival,
)
from kolkit.models.uncertainty import (
    Distribution,
    Interval,
    Share,
    interval,
    loss_probability,
)
from kolkit.orders import OrderCounts

__all__ = ["PoolCase", "PoolOutcome", "outcome", "paid_joins_for", "run"]

Array = NDArray[np.float64]

CURVE_MONTHS = 24
PAYBACK_MONTHS = 12
RETENTION_INPUTS = ("retained_after_1_month", "retained_after_12_months")


@dataclass(frozen=True)
class PoolCase:
    """Everything the pages, the report and the exercises say about one pool.

    `draws` has an array per numeric input, `uncertain` names those that vary. `detail` is the pool
    at the most likely values, `result` the same plan over all draws.
    """

    facts: Facts
    cohort: Cohort | None
    draws: Mapping[str, Array]
    uncertain: tuple[str, ...]
    paid_joins: int
    detail: PoolDetail
    central: PoolOutcome
    result: PoolOutcome
    verdict: Verdict

    @property
    def profit(self) -> Array:
        """Cash at the horizon, RMB, per draw."""
        return self.result.profit_cny

    @property
    def extra_joins(self) -> float:
        """Joins per month from posts and livestreams, as given."""
        return float(self.facts["social_joins_per_month"])

    @property
    def horizon(self) -> int:
        return int(self.facts["horizon_months"])

    @property
    def funding_needed(self) -> float:
        """RMB to be advanced at the most likely values."""
        return float(self.central.funding_needed[0])

    @cached_property
    def funded_until(self) -> int:
        """Month of the lowest cash at the most likely values; 0 where nothing is advanced."""
        cash = self.detail.ledger.cumulative[0]
        return int(np.argmin(cash)) + 1 if cash.min() < 0 else 0

    @cached_property
    def interval(self) -> Interval:
        return interval(self.profit)

    @cached_property
    def loss_probability(self) -> float:
        return loss_probability(self.profit)

    @cached_property
    def cash_band(self) -> tuple[Array, Array, Array]:
        """P10, P50 and P90 of cumulative cash, RMB, at the end of each month."""
        by_month = np.ascontiguousarray(self.result.cumulative_cash.T)
        p10, p50, p90 = np.quantile(by_month, [0.1, 0.5, 0.9], axis=1, method="closest_observation")
        return p10, p50, p90

    @cached_property
    def pays_from(self) -> float:
        """First month from which the middle case stays paid back; infinite if it never does."""
        return float(break_even_month(self.cash_band[1][None, :])[0])

    @cached_property
    def lowest(self) -> tuple[int, float]:
        """Month and height (RMB, at most 0) of the middle case's lowest cash; month 0 if never."""
        middle = self.cash_band[1]
        at = int(np.argmin(middle))
        return (at + 1, float(middle[at])) if middle[at] < 0 else (0, 0.0)

    @cached_property
    def break_even_share(self) -> float:
        """Share of draws that are paid back for good by the horizon."""
        return float(np.mean(np.isfinite(self.result.break_even_month)))

    @cached_property
    def curve(self) -> tuple[Array, Array]:
        """Share of new members left after 0 ... 24 months, and at a constant rate instead."""
        first = self.facts["retained_after_1_month"]
        rate = self.cohort.fit.constant if self.cohort else first
        alpha, beta = retention(self.facts.centre())
        return (
            sbg_survival(alpha, beta, periods=CURVE_MONTHS),
            constant_survival(rate, periods=CURVE_MONTHS),
        )

    @cached_property
    def lifetime_months(self) -> float:
        """Months that a new member stays, discounted."""
        alpha, beta = retention(self.facts.centre())
        monthly = (1 + self.facts["discount_rate_annual"]) ** (1 / 12) - 1
        return float(discounted_lifetime(alpha, beta, discount_rate=monthly))

    @cached_property
    def ltv(self) -> float:
        """Value of a new member over the whole time, RMB, after those who look after the pool."""
        return float(lifetime_value(margin=self.detail.margin[0], lifetime=self.lifetime_months))

    @cached_property
    def ltv_to_cac(self) -> float:
        """Lifetime value over the price of a bought join; infinite where it costs nothing."""
        price = self.facts["paid_cac_cny"]
        return self.ltv / price if price > 0 else float("inf")

    @cached_property
    def highest_cac(self) -> float:
        """The most that a join may cost to be earned back within twelve months, RMB."""
        curve, _ = self.curve
        return float(
            highest_cac(margin=self.detail.margin[0], survival=curve, months=PAYBACK_MONTHS)
        )

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """Ways into the pool that bring anybody, most joins first."""
        return channels_of(self.facts, self.detail)

    @cached_property
    def nobody(self) -> Nobody | None:
        """Why nobody joins; None where somebody does."""
        if self.channels:
            return None
        return nobody_because(self.facts, self.paid_joins, self.extra_joins)

    @property
    def compared(self) -> tuple[Channel, ...]:
        """The ways in, and buying joins in any case: what every other price is held against."""
        if any(channel.key == "paid" for channel in self.channels):
            return self.channels
        price = float(self.facts["paid_cac_cny"])
        return (*self.channels, Channel("paid", 0.0, 0.0, price))

    @cached_property
    def all_in_cost_per_join(self) -> float:
        """Everything the pool costs up to the horizon, per join, RMB; infinite without joins."""
        ledger = self.detail.ledger
        cost = float((ledger.margin - ledger.cash)[0].sum())
        joins = float(self.detail.growth.joins_total[0].sum())
        return cost / joins if joins > 0 else float("inf")

    @cached_property
    def bottleneck(self) -> Bottleneck:
        """What limits the members at the horizon: joins, accounts, groups or people."""
        return bottleneck_of(self.facts, self.detail, self.paid_joins, self.extra_joins)

    @cached_property
    def carried(self) -> dict[str, int]:
        """Members that the accounts, groups and people of the plan could hold at the horizon."""
        return carried_by(self.facts, self.central)

    @property
    def holds(self) -> dict[str, float]:
        """Members that joins, accounts, groups and people could hold at the horizon."""
        limit = self.bottleneck
        return {"joins": float(sum(limit.channels.values()))} | {
            key: float(size if limit.carries[key] is None else limit.carries[key] or 0)
            for key, size in self.carried.items()
        }

    @cached_property
    def needed(self) -> Needed | None:
        """What the goal takes; without one, the fewest own joins that pay back by the horizon.

        None where no number of joins through the own channels would pay.
        """
        return needed_for(self.facts, self.detail, self.paid_joins, self.extra_joins)

    @property
    def staff_month_cny(self) -> float:
        """What one person costs a month, RMB."""
        return float(self.facts["wage_cny_per_hour"] * HOURS_PER_MONTH)

    @property
    def referred_share(self) -> float:
        """Share (0-1) of all joins that members bring."""
        joins = self.detail.growth
        total = float(joins.joins_total[0].sum())
        return float(joins.joins[REFERRAL][0].sum()) / total if total > 0 else 0.0


def _reasons(facts: Facts, central: PoolOutcome, profit: Array) -> tuple[Reason, ...]:
    """Why the pool is not to be built; nothing where it is."""
    found: list[Reason] = []
    middle = interval(profit).p50
    if middle < -0.5:
        found.append("loses_at_median")
    elif middle < 0.5:
        found.append("earns_nothing")
    elif loss_probability(profit) > facts["loss_tolerance"]:
        found.append("loss_too_likely")
    if float(central.funding_needed[0]) > facts["budget_cny"] + 0.5:
        found.append("over_budget")
    return tuple(found)


def complete(found: dict[str, Fact], brief: Brief) -> dict[str, Distribution]:
    """Let a pasted survival table replace the two retention inputs; the distributions it gives.

    Raises
    ------
    InputError
        where the table, the two retention inputs or the potential cannot be
    """
    start, most = found["members_at_start"].value, found["pool_potential_people"].value
    if most < start:
        raise InputError(
            f"private_pool.pool_potential_people must be at least the {start:,} members already "
            f"there (members_at_start); got {most:,}. Raise it to {start}, or lower "
            f"members_at_start to {most}."
        )
    read = _cohort(brief)
    if read is None:
        first, later = (found[name].value for name in RETENTION_INPUTS)
        try:
            check_two_points(first, later, period=12, unit="month")
        except InputError as error:
            raise InputError(f"private_pool.retained_after_12_months: {error}") from None
        return {}
    curve = read.fit.survival(12)
    measured: dict[str, Distribution] = {}
    for name, month, spread in zip(RETENTION_INPUTS, (1, 12), read.errors, strict=True):
        # Just inside the limits, where a table shows everybody leaving at one rate.
        value = float(np.clip(curve[month], 0.001, 0.999))
        found[name] = replace(found[name], value=value, origin="client", low=None, high=None)
        measured[name] = Share(value, spread)
    return measured


def _cohort(brief: Brief) -> Cohort | None:
    text = brief.private_pool.survival_table
    if not text.strip():
        return None
    try:
        return cohort(text)
    except InputError as error:
        raise InputError(f"private_pool.survival_table: {error}") from None


def run(brief: Brief, counts: OrderCounts | None = None) -> PoolCase:
    """Answer the private-pool journey for one set of inputs.

    Parameters
    ----------
    brief : the declared inputs
    counts : not used here; every journey is called alike

    Raises
    ------
    InputError
        where the two retention inputs, the survival table, the potential or the goal cannot be
    """
    found = gather("private_pool", brief)
    facts = Facts(found, complete(found, brief))
    extra = float(facts["social_joins_per_month"])
    if facts["goal"] == "none":
        paid = paid_joins_for(facts, facts["budget_cny"], extra)
    else:
        paid = reach_goal(facts, extra)
    draws = facts.drawn()
    detail = simulate(facts, facts.centre(), paid_joins_per_month=paid, extra_joins_per_month=extra)
    central = detail.outcome()
    result = outcome(facts, draws, paid_joins_per_month=paid, extra_joins_per_month=extra)
    reasons = _reasons(facts, central, result.profit_cny)
    return PoolCase(
        facts=facts,
        cohort=_cohort(brief),
        draws=draws,
        uncertain=tuple(name for name in facts.distributions() if np.ptp(draws[name]) > 0),
        paid_joins=paid,
        detail=detail,
        central=central,
        result=result,
        verdict=Verdict(not reasons, reasons),
    )
