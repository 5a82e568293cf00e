"""Parts of a pool case: the verdict, ways in, what limits it, what a goal takes."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kolkit.journeys.facts import Facts
from kolkit.journeys.pool_flow import (
    PoolDetail,
    PoolOutcome,
    account_size,
    channels,
    group_size,
    member_cap,
    simulate,
)
from kolkit.models.capacity import Bottleneck, bottleneck

Array = NDArray[np.float64]
Reason = Literal["loses_at_median", "earns_nothing", "loss_too_likely", "over_budget"]
Nobody = Literal["channels", "potential", "accounts", "staff"]


@dataclass(frozen=True)
class Verdict:
    """Whether to build the pool; why not."""

    build: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Channel:
    """One way into the pool up to the horizon: joins, members left, direct cost of a join, RMB."""

    key: str
    joins: float
    members: float
    cost_per_join: float


@dataclass(frozen=True)
class Needed:
    """What a goal takes by a month, or paying back by the horizon.

    `joins_per_month` is the mean over all channels; `scale` the factor on the own channels' joins
    of today where no goal is set; the rest stands at that month.
    """

    month: int
    joins_per_month: float
    scale: float
    members: float
    groups: float
    accounts: float
    staff: float
    lowest_cash: float


def _left(detail: PoolDetail) -> Array:
    """Share of each month's joins that is left at the horizon, first month first."""
    months = detail.growth.members.shape[1]
    return detail.survival.reshape(-1)[:months][::-1]


def channels_of(facts: Facts, detail: PoolDetail) -> tuple[Channel, ...]:
    """Ways into the pool that bring anybody, most joins first, at the most likely values."""
    v, left = facts.centre(), _left(detail)
    gift = v["incentive_per_join_cny"]
    added = v["card_scan_rate"] * v["card_add_rate"]
    hours = v["employee_hours_per_month"] * v["wage_cny_per_hour"]
    direct = {
        "cards": gift + (v["card_cost_cny"] / added if added else 0.0),
        "employees": gift + hours / max(v["joins_per_employee_month"], 1e-9),
        "paid": v["paid_cac_cny"],
    }
    found = [
        Channel(key, float(joins[0].sum()), float(joins[0] @ left), float(direct.get(key, gift)))
        for key, joins in detail.growth.joins.items()
        if joins[0].sum() >= 0.5
    ]
    return tuple(sorted(found, key=lambda channel: -channel.joins))


def nobody_because(facts: Facts, paid_joins: float, extra_joins: float) -> Nobody:
    """Why nobody joins: no channel, everybody asked already, or no room to look after one more."""
    v = facts.centre()
    asked = channels(v, paid=paid_joins, extra=extra_joins, scale=1.0)
    wanted = sum(float(joins) for joins in asked.values())
    wanted += v["members_at_start"] * v["referral_rate_per_month"]
    if wanted * facts["horizon_months"] < 0.5:
        return "channels"
    if v["pool_potential_people"] - v["members_at_start"] < 0.5:
        return "potential"
    caps = member_cap(facts, v)
    room = {key: float(cap) for key, cap in caps.items() if cap is not None}
    if not room:
        return "channels"
    return "accounts" if min(room, key=lambda key: room[key]) == "accounts" else "staff"


def bottleneck_of(
    facts: Facts, detail: PoolDetail, paid_joins: float, extra_joins: float
) -> Bottleneck:
    """What limits the members at the horizon, at the most likely values."""
    centre = facts.centre()
    caps = member_cap(facts, centre)
    if any(cap is not None for cap in caps.values()):
        free = {
            name: replace(facts.by_name[name], value=None)
            for name in ("accounts_at_most", "staff_at_most")
        }
        detail = simulate(
            Facts({**facts.by_name, **free}, facts.measured),
            centre,
            paid_joins_per_month=paid_joins,
            extra_joins_per_month=extra_joins,
        )
    left = _left(detail)
    # Running sums are rounded, so that the channels add up to the members told elsewhere.
    running, brought = 0.0, {}
    for key, joins in detail.growth.joins.items():
        before, running = running, running + float(joins[0] @ left)
        brought[key] = round(running) - round(before)
    brought["start"] = round(float(detail.growth.members[0, -1])) - round(running)
    return bottleneck(
        channels={key: people for key, people in brought.items() if people > 0},
        carries={key: None if cap is None else int(cap) for key, cap in caps.items()},
    )


def carried_by(facts: Facts, end: PoolOutcome) -> dict[str, int]:
    """Members that the accounts, groups and people of a plan could hold at the horizon."""
    v = facts.centre()
    seats = group_size() * v["group_fill"]
    on_duty = end.staff[0] / v["shift_factor"]
    managed = min(on_duty * v["members_per_staff"], on_duty * v["groups_per_staff"] * seats)
    return {
        "accounts": int(end.accounts[0] * account_size(facts)),
        "groups": int(end.groups[0] * seats),
        "staff": int(managed),
    }


def needed_for(
    facts: Facts, detail: PoolDetail, paid_joins: float, extra_joins: float
) -> Needed | None:
    """What the goal takes, or without one what paying back by the horizon takes.

    Where joins are bought for the goal it is the plan itself; otherwise the fewest joins through
    the own channels, none bought. None where no number of them would do.
    """
    goal = facts["goal"]
    month = facts["horizon_months"] if goal == "none" else facts["goal_month"]
    if goal != "none" and paid_joins:
        return _needed(detail, month, 1.0, 0)

    def at_scales(scales: Array) -> tuple[PoolDetail, int | None]:
        tried = simulate(
            facts,
            facts.centre(),
            paid_joins_per_month=0.0,
            extra_joins_per_month=extra_joins,
            scale=scales,
        )
        brought = tried.revenue.cumsum(axis=-1) if goal == "revenue" else tried.ledger.cumulative
        target = 0.0 if goal == "none" else facts["goal_cny"] - 0.5
        enough = brought[:, month - 1] >= target
        return tried, int(np.argmax(enough)) if enough.any() else None

    scales = np.union1d(np.geomspace(0.05, 20, 181), [1.0])
    tried, at = at_scales(scales)
    if at:
        finer = np.linspace(scales[at - 1], scales[at], 60)
        again, found = at_scales(finer)
        if found is not None:
            scales, tried, at = finer, again, found
    return None if at is None else _needed(tried, month, float(scales[at]), at)


def _needed(detail: PoolDetail, month: int, scale: float, at: int) -> Needed:
    upto = slice(None, month)
    return Needed(
        month=month,
        joins_per_month=float(detail.growth.joins_total[at, upto].mean()),
        scale=scale,
        members=float(detail.growth.members[at, month - 1]),
        groups=float(detail.groups[at, month - 1]),
        accounts=float(detail.accounts[at, month - 1]),
        staff=float(detail.staff[at, month - 1]),
        lowest_cash=min(0.0, float(detail.ledger.cumulative[at, upto].min())),
    )
