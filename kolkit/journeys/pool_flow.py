"""One private pool from inputs to cash, month by month: the engine that every answer calls.

`simulate` gives every line, `outcome` what a plan compares; `paid_joins_for` and `reach_goal`
choose how many joins to buy. All take numbers or arrays of draws.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kolkit.assumptions import assumption
from kolkit.errors import InputError
from kolkit.journeys.facts import Facts
from kolkit.models.adoption import Growth, grow
from kolkit.models.capacity import accounts_needed, groups_needed, groups_renewed, staff_needed
from kolkit.models.pool import (
    HOURS_PER_MONTH,
    PoolLedger,
    break_even_month,
    joins_from_parcels,
    lowest_cash,
    member_margin,
    pool_order_value,
)
from kolkit.models.retention import sbg_survival, sbg_through
from kolkit.models.unit_economics import contribution_per_order

Array = NDArray[np.float64]
Values = Mapping[str, Any]

CANDIDATES = 21
LATEST_MONTH = 60
_FINE = 201


@dataclass(frozen=True)
class PoolOutcome:
    """What a pool comes to: draws first, (n,) or (n, months); n = 1 for plain numbers."""

    profit_cny: Array
    lowest_cash_cny: Array
    members: Array
    orders: Array
    cumulative_cash: Array
    groups: Array
    accounts: Array
    staff: Array
    break_even_month: Array

    @property
    def funding_needed(self) -> Array:
        """RMB that has to be advanced until the pool carries itself."""
        return -self.lowest_cash_cny


@dataclass(frozen=True)
class PoolDetail:
    """Every line behind an outcome; `revenue` is what members pay and keep, (n, months)."""

    growth: Growth
    ledger: PoolLedger
    orders: Array
    revenue: Array
    groups: Array
    accounts: Array
    staff: Array
    survival: Array
    order_value: Array
    margin: Array

    def outcome(self) -> PoolOutcome:
        """The summary that plans compare."""
        cumulative = self.ledger.cumulative
        return PoolOutcome(
            profit_cny=cumulative[:, -1],
            lowest_cash_cny=lowest_cash(cumulative),
            members=self.growth.members,
            orders=self.orders,
            cumulative_cash=cumulative,
            groups=self.groups[:, -1],
            accounts=self.accounts[:, -1],
            staff=self.staff[:, -1],
            break_even_month=break_even_month(cumulative),
        )


def group_size() -> float:
    """Most people in one group."""
    return assumption("market.wechat.group_size").value


def account_size(facts: Facts) -> float:
    """Most members who are contacts of one account of the chosen kind."""
    kind = "wecom" if facts["account_kind"] == "wecom" else "personal"
    return assumption(f"market.wechat.{kind}_contacts").value


def retention(values: Values) -> tuple[Array, Array]:
    """Alpha and beta of the curve through the two retention inputs."""
    first = np.asarray(values["retained_after_1_month"], float)
    # Draws of the two points are independent: pairs that no mix of members can show give way.
    lowest, slack = first**12, 0.002 * (first - first**12)
    later = np.clip(values["retained_after_12_months"], lowest + slack, first - slack)
    return sbg_through(first, later)


def order_value(values: Values) -> Array:
    """RMB that one order of a member adds; in the brand's own channel no platform takes a fee."""
    shared = {
        name: values[name]
        for name in ("average_order_value_cny", "base_return_rate", "return_cost_per_order_cny")
    }
    margin = np.asarray(values["gross_margin"], float)
    return pool_order_value(
        contribution_in_pool=contribution_per_order(
            gross_margin=margin - values["pool_discount"], platform_fee_rate=0.0, **shared
        ),
        contribution_in_shop=contribution_per_order(
            gross_margin=margin, platform_fee_rate=values["platform_fee_rate"], **shared
        ),
        incremental_share=values["incremental_share"],
    )


def channels(values: Values, *, paid: ArrayLike, extra: ArrayLike, scale: ArrayLike) -> Values:
    """People who would join per month by channel while nobody has joined yet."""
    own = np.asarray(scale, float)
    cards = joins_from_parcels(
        orders_per_month=values["orders_per_month"],
        scan_rate=values["card_scan_rate"],
        add_rate=values["card_add_rate"],
    )
    stores = np.asarray(values["store_visitors_per_month"], float) * values["store_join_rate"]
    staff = np.asarray(values["employees"], float) * values["joins_per_employee_month"]
    return {
        "cards": own * cards,
        "stores": own * stores,
        "employees": own * staff,
        "social": extra,
        "paid": paid,
    }


def member_cap(facts: Facts, values: Values) -> dict[str, Array | None]:
    """Members that accounts, groups and people at hand can carry; None: as many as needed."""
    accounts, staff = facts["accounts_at_most"], facts["staff_at_most"]
    on_duty = None if staff is None else staff / np.asarray(values["shift_factor"], float)
    return {
        "accounts": None if accounts is None else np.asarray(accounts * account_size(facts)),
        "groups": None,
        "staff": None if on_duty is None else _staffed(values, on_duty),
    }


def _staffed(values: Values, on_duty: Array) -> Array:
    """Members whom so many people on duty can look after, in whole groups."""
    seats = group_size() * np.asarray(values["group_fill"], float)
    groups = np.floor(on_duty * values["groups_per_staff"] + 1e-9)
    return np.floor(np.minimum(on_duty * values["members_per_staff"], groups * seats) + 1e-9)


def simulate(
    facts: Facts,
    values: Values,
    *,
    paid_joins_per_month: ArrayLike,
    extra_joins_per_month: ArrayLike = 0.0,
    scale: ArrayLike = 1.0,
    months: int | None = None,
) -> PoolDetail:
    """The pool month by month.

    Parameters
    ----------
    facts : switches and limits that are never drawn
    values : every numeric input, numbers or arrays of shape (n,)
    paid_joins_per_month, extra_joins_per_month : bought, and from posts and livestreams; (n,) too
    scale : factor on the own channels (cards, stores, employees) and their cost
    months : horizon; None: the plan's
    """
    v, horizon = values, facts["horizon_months"] if months is None else months
    survival = sbg_survival(*retention(v), periods=horizon)
    joins = channels(v, paid=paid_joins_per_month, extra=extra_joins_per_month, scale=scale)
    caps = [cap for cap in member_cap(facts, v).values() if cap is not None]
    growth = grow(
        joins=joins,
        survival=survival,
        months=horizon,
        referral_rate=v["referral_rate_per_month"],
        potential=v["pool_potential_people"],
        members_at_start=v["members_at_start"],
        member_cap=reduce(np.minimum, caps, np.asarray(np.inf)),
    )

    def wide(value: ArrayLike) -> Array:
        return np.atleast_1d(np.asarray(value, float))[:, None]

    members = growth.members
    groups = groups_needed(members, group_size=group_size(), fill=wide(v["group_fill"]))
    accounts = accounts_needed(members, account_size=account_size(facts))
    staff = staff_needed(
        members,
        groups=groups,
        members_per_staff=wide(v["members_per_staff"]),
        groups_per_staff=wide(v["groups_per_staff"]),
        shift_factor=wide(v["shift_factor"]),
    )
    orders = members * wide(v["purchases_per_member_month"])
    kept = np.asarray(v["average_order_value_cny"], float) * (1 - np.asarray(v["base_return_rate"]))
    value = np.atleast_1d(order_value(v))
    wage = wide(v["wage_cny_per_hour"])
    renewed = groups_renewed(groups, half_life_months=wide(v["group_half_life_months"]))
    bought = growth.joins["paid"]
    gifts = (growth.joins_total - bought) * wide(v["incentive_per_join_cny"])
    cards = wide(np.asarray(scale, float) * v["orders_per_month"] * v["card_cost_cny"])
    inviting = np.asarray(scale, float) * v["employees"] * v["employee_hours_per_month"]
    first = np.zeros(horizon)
    first[0] = 1.0
    return PoolDetail(
        growth=growth,
        ledger=PoolLedger(
            margin=orders * value[:, None],
            bought=-bought * wide(v["paid_cac_cny"]),
            incentives=-gifts - cards,
            staff=-staff * wage * HOURS_PER_MONTH,
            employees=-wide(inviting) * wage * np.ones(horizon),
            groups=-renewed * wide(v["group_renewal_hours"]) * wage,
            tools=-accounts * wide(v["account_cost_cny_per_month"])
            - wide(v["pool_tools_cny_per_month"]),
            setup=-wide(v["pool_setup_cost_cny"]) * first,
        ),
        orders=orders,
        revenue=orders * wide(kept * (1 - np.asarray(v["pool_discount"]))),
        groups=groups,
        accounts=accounts,
        staff=staff,
        survival=survival,
        order_value=value,
        margin=np.atleast_1d(
            member_margin(
                purchases=v["purchases_per_member_month"],
                order_value=order_value(v),
                service_cost=_service_cost(v),
            )
        ),
    )


def _service_cost(values: Values) -> Array:
    """Wages per member and month of those who look after the pool, without rounding people up."""
    seats = group_size() * np.asarray(values["group_fill"], float)
    managed = np.minimum(values["members_per_staff"], values["groups_per_staff"] * seats)
    wage = np.asarray(values["wage_cny_per_hour"], float) * HOURS_PER_MONTH
    return np.asarray(wage * values["shift_factor"] / managed)


def outcome(
    facts: Facts,
    values: Values,
    *,
    paid_joins_per_month: ArrayLike,
    extra_joins_per_month: ArrayLike = 0.0,
) -> PoolOutcome:
    """What a pool with so many bought and other joins comes to; see `simulate`."""
    return simulate(
        facts,
        values,
        paid_joins_per_month=paid_joins_per_month,
        extra_joins_per_month=extra_joins_per_month,
    ).outcome()


def paid_joins_for(facts: Facts, funding: float, extra_joins: float = 0.0) -> int:
    """Joins to buy per month: the most profitable of 21 numbers whose lowest cash is funded.

    Judged at the most likely values; of equally good numbers the smallest, and none where not even
    a pool without bought joins can be funded.
    """
    numbers = candidates(facts)
    tried = outcome(
        facts,
        facts.centre(),
        paid_joins_per_month=numbers,
        extra_joins_per_month=extra_joins,
    )
    fits = tried.funding_needed <= funding + 0.5
    if not fits.any():
        return 0
    profit = np.where(fits, tried.profit_cny, -np.inf)
    return int(numbers[int(np.argmax(profit >= profit.max() - 0.5))])


def candidates(facts: Facts) -> Array:
    """Numbers of bought joins per month that a plan chooses from."""
    return _numbers(0, facts["paid_joins_cap_per_month"], CANDIDATES)


def _numbers(low: float, high: float, count: int) -> Array:
    return np.unique(np.round(np.linspace(low, high, count)))


def _reached(facts: Facts, candidates: Array, extra: float, months: int) -> Array:
    """Profit or sales by the end of each month for each number of bought joins, (n, months)."""
    detail = simulate(
        facts,
        facts.centre(),
        paid_joins_per_month=candidates,
        extra_joins_per_month=extra,
        months=months,
    )
    if facts["goal"] == "profit":
        return detail.ledger.cumulative
    return np.cumsum(detail.revenue, axis=-1)


def reach_goal(facts: Facts, extra_joins: float = 0.0) -> int:
    """The fewest joins to buy per month so that the goal is reached by its month.

    Raises
    ------
    InputError
        where no number of bought joins reaches it: the most that can be reached, and the smallest
        repair
    """
    month, goal, cap = facts["goal_month"], facts["goal_cny"], facts["paid_joins_cap_per_month"]
    if month > facts["horizon_months"]:
        raise InputError(
            f"private_pool.goal_month must not exceed the horizon of {facts['horizon_months']} "
            f"months; got {month}. Lower it, or set brand.horizon_months to {month}."
        )
    numbers = _numbers(0, cap, _FINE)
    reached = _reached(facts, numbers, extra_joins, month)[:, -1]
    enough = reached >= goal - 0.5
    if not enough.any():
        raise InputError(_unreachable(facts, numbers, reached, extra_joins))
    first = int(np.argmax(enough))
    if first == 0:
        return 0
    low, high = numbers[first - 1], numbers[first]
    while high - low > 1:
        between = _numbers(low, high, _FINE)
        passed = _reached(facts, between, extra_joins, month)[:, -1] >= goal - 0.5
        at = int(np.argmax(passed))
        low, high = between[max(at - 1, 0)], between[at]
        if at == 0:
            break
    return int(high)


def _unreachable(facts: Facts, numbers: Array, reached: Array, extra: float) -> str:
    what = "a profit" if facts["goal"] == "profit" else "sales"
    best = int(np.argmax(reached))
    most = float(np.floor(reached[best]))
    later = _reached(facts, numbers, extra, LATEST_MONTH).max(axis=0) >= facts["goal_cny"] - 0.5
    later[: facts["goal_month"]] = False
    repairs = [f"lower it to {most:.0f}"] if most > 0 else []
    if later.any():
        month = int(np.argmax(later)) + 1
        longer = f" and brand.horizon_months to {month}" if month > facts["horizon_months"] else ""
        repairs.append(f"set goal_month to {month}{longer}")
    told = " or ".join(repairs) or "raise orders, margin or retention first"
    told = told[:1].upper() + told[1:]
    return (
        f"private_pool.goal_cny: {what} of {facts['goal_cny']:,.0f} RMB by month "
        f"{facts['goal_month']} cannot be reached; the most is {most:,.0f} RMB, with "
        f"{numbers[best]:,.0f} bought joins a month. {told}."
    )
