"""What stands around the four figures of the private-pool journey."""

import math

from kolkit.journeys.private_pool import PoolCase
from kolkit.models.retention_fit import fit_bdw
from kolkit.text import points
from kolkit.text.parts import CENTS, MONEY, SHARE, Cell, FigureWords, Table
from kolkit.text.private_pool import (
    bought,
    channel_names,
    cohort_warnings,
    nobody,
    people,
    set_up,
    stage_names,
)
from kolkit.words import Words, html

CHARTED_MONTH = 12


def cash(t: Words, case: PoolCase) -> FigureWords:
    """Words for cumulative cash by month."""
    if not math.isfinite(case.pays_from):
        title = t("The pool is not paid back by month {n}", n=case.horizon)
    elif not case.funded_until:
        title = t("The pool carries itself from the first month")
    else:
        title = t(
            "{sum} has to be advanced, up to month {low}; from month {pays} the pool has paid back",
            sum=t.money(case.funding_needed),
            low=case.funded_until,
            pays=t.number(case.pays_from),
        )
    p10, p50, p90 = case.cash_band
    ledger = case.detail.ledger
    lines = {
        t("Margin of orders"): ledger.margin,
        t("Bought joins"): ledger.bought,
        t("Gifts and cards"): ledger.incentives,
        t("People"): ledger.staff,
        t("Inviting employees"): ledger.employees,
        t("Renewing groups"): ledger.groups,
        t("Accounts and tools"): ledger.tools,
        t("Setting up"): ledger.setup,
        t("Cash"): ledger.cash,
    }
    columns: dict[str, list[Cell]] = {
        t("Month"): [float(m) for m in range(1, case.horizon + 1)],
        t("Cumulative P10"): t.amounts(p10.tolist()),
        t("Cumulative P50"): t.amounts(p50.tolist()),
        t("Cumulative P90"): t.amounts(p90.tolist()),
        t("Cumulative, most likely"): t.amounts(ledger.cumulative[0].tolist()),
    }
    columns |= {name: t.amounts(line[0].tolist()) for name, line in lines.items() if line.any()}
    why = t(
        "A member’s order adds {value}: the pool gives {discount} off and pays no platform fee, "
        "but {anyway} of the orders would have come anyway. The lines of the table are at the most "
        "likely values; “free” joins carry their cards, gifts, people and tools.",
        value=t.money(case.detail.order_value[0]),
        discount=t.share(case.facts["pool_discount"]),
        anyway=t.share(1 - case.facts["incremental_share"]),
    )
    told = [why, _advanced(t, case)]
    return FigureWords(
        title=title,
        subtitle=t(
            "Cumulative cash, {currency}: P50 with the band from P10 to P90",
            currency=t.currency_unit,
        ),
        why="".join(f"<p>{html(part)}</p>" for part in told if part),
        source=t("Source: ledger; formulas P3 and P4."),
        table=Table(t("Cash by month"), columns, dict.fromkeys(columns, MONEY)),
    )


def _advanced(t: Words, case: PoolCase) -> str:
    """The lowest cash at the most likely values and on the middle line: two numbers, both named."""
    if not case.funded_until and not case.lowest[0]:
        return ""
    return t(
        "To be advanced: {sum} at the most likely values, which is held against the budget; the "
        "lowest point of the P50 line, the middle draw of each month, is {p50}.",
        sum=t.money(case.funding_needed),
        p50=t.money(case.lowest[1]),
    )


def retention(t: Words, case: PoolCase) -> FigureWords:
    """Words for the survival curve."""
    curve, constant = case.curve
    title = t(
        "{share} of new members are left after a year; a constant rate would leave {other}",
        share=t.share(curve[CHARTED_MONTH]),
        other=t.share(constant[CHARTED_MONTH]),
    )
    seen: list[Cell] = list(case.cohort.shares) if case.cohort else []
    months = len(curve)
    columns: dict[str, list[Cell]] = {
        t("Month"): [float(m) for m in range(months)],
        t("Left, curve"): curve.tolist(),
        t("Left at a constant rate"): constant.tolist(),
    }
    if case.cohort:
        columns[t("Left, pasted table")] = (seen + [None] * months)[:months]
    why = t(
        "Those who leave easily go first, so the rest stay longer than a constant rate says. A new "
        "member stays {months} months, discounted, and is worth {ltv}; within twelve months "
        "{limit} come back.",
        months=t.number(case.lifetime_months, 1),
        ltv=t.price(max(case.ltv, 0.0)),
        limit=t.price(case.highest_cac),
    )
    told = [why, _as_counts(t, case), *cohort_warnings(t, case), _other_curve(t, case)]
    source = (
        t("Source: pasted survival table; formula P1.")
        if case.cohort
        else t("Source: two retention figures of the ledger, a stand-in; formula P1.")
    )
    return FigureWords(
        title=title,
        subtitle=t("Share of new members left, by months since joining"),
        why="".join(f"<p>{html(part)}</p>" for part in told if part),
        source=source,
        table=Table(t("Members left"), columns, dict.fromkeys(list(columns)[1:], SHARE)),
    )


def _as_counts(t: Words, case: PoolCase) -> str:
    """How large a cohort a pasted table of numbers was read as; empty without one."""
    if case.cohort is None or not case.cohort.counted:
        return ""
    first = case.cohort.survivors[0]
    told = t("The pasted table is read as a cohort of {n} people.", n=t.number(first))
    if first != 100:
        return told
    return t.sentences(told, t("If it is per cent, write the % sign."))


def _other_curve(t: Words, case: PoolCase) -> str:
    """What a second model says about a pasted table; empty without one."""
    if case.cohort is None or len(case.cohort.survivors) < 4:
        return ""
    other = fit_bdw(case.cohort.survivors)
    return t(
        "The beta-discrete-Weibull curve, whose rates may change with age, leaves {share} after "
        "twelve months.",
        share=t.share(float(other.survival(CHARTED_MONTH)[-1])),
    )


def capacity(t: Words, case: PoolCase) -> FigureWords:
    """Words for what looks after the pool, and what limits it."""
    limit, end = case.bottleneck, case.central
    members = float(end.members[0, -1])
    names = stage_names(t)
    if limit.stage == "joins":
        title = t(
            "Joins limit the pool: what looks after {members} members could hold {more}",
            members=people(t, members),
            more=people(t, min(case.carried.values(), default=0)),
        )
    else:
        title = t(
            "{stage} at hand limit the pool to {members}; {brought} would be there",
            stage=names[limit.stage],
            members=people(t, members),
            brought=people(t, sum(limit.channels.values())),
        )
    detail, channels = case.detail, channel_names(t)
    joins = {
        channels[key]: flow[0].tolist() for key, flow in detail.growth.joins.items() if flow.any()
    }
    columns: dict[str, list[Cell]] = {t("Month"): [float(m) for m in range(1, case.horizon + 1)]}
    columns |= {t("Joins: {channel}", channel=name): flow for name, flow in joins.items()}
    columns |= {
        t("Members"): detail.growth.members[0].tolist(),
        t("Groups"): detail.groups[0].tolist(),
        t("Accounts"): detail.accounts[0].tolist(),
        t("People"): detail.staff[0].tolist(),
        t("Orders"): detail.orders[0].tolist(),
        t("Cash"): t.amounts(detail.ledger.cash[0].tolist()),
    }
    why = t(
        "Of the ways from joining to being looked after, the narrowest decides: a member needs a "
        "contact of an account, a seat in a group and a share of somebody’s day. Groups are {fill} "
        "full; half of them go quiet within {months} months and are set up again. One person costs "
        "{wage} a month.",
        fill=t.share(case.facts["group_fill"]),
        months=t.number(case.facts["group_half_life_months"], 1),
        wage=t.money(case.staff_month_cny),
    )
    return FigureWords(
        title=title,
        subtitle=t("Members that each part could hold in month {n}", n=case.horizon),
        why=f"<p>{html(why)}</p>",
        source=t("Source: ledger; formula P5, smallest cut of the network."),
        table=Table(t("The pool by month"), columns, dict.fromkeys(columns, MONEY)),
        points=(points.holds(t, case),),
    )


def acquisition(t: Words, case: PoolCase) -> FigureWords:
    """Words for where members come from and what a join costs."""
    limit, paid = case.highest_cac, case.facts["paid_cac_cny"]
    own = [channel for channel in case.channels if channel.key != "paid"]
    names = channel_names(t)
    if own:
        title = t(
            "A join costs {own} through {channel} and {paid} bought; it may cost {limit}",
            own=t.price(own[0].cost_per_join),
            channel=t.inline(names[own[0].key]),
            paid=t.price(paid),
            limit=t.price(limit),
        )
    else:
        title = t(
            "A bought join costs {paid}; it may cost {limit}",
            paid=t.price(paid),
            limit=t.price(limit),
        )
    total = sum(channel.joins for channel in case.channels) or 1.0
    per_join = t("{currency} per join", currency=t.currency_unit)
    columns: dict[str, list[Cell]] = {
        t("Channel"): [names[c.key] for c in case.compared],
        t("Joins"): [c.joins for c in case.compared],
        t("Share of joins"): [c.joins / total for c in case.compared],
        t("Members left"): [c.members for c in case.compared],
        per_join: t.amounts(c.cost_per_join for c in case.compared),
    }
    formats = dict.fromkeys(columns, MONEY)
    formats |= {t("Share of joins"): SHARE, per_join: CENTS}
    told = [_cost(t, case), bought(t, case), _needed(t, case)]
    return FigureWords(
        title=title,
        subtitle=t(
            "Joins up to month {n}, and {currency} for one; the line is the most that a join may "
            "cost",
            n=case.horizon,
            currency=t.currency_unit,
        ),
        why="".join(f"<p>{html(part)}</p>" for part in told if part),
        source=t("Source: ledger; formulas P2 and P6."),
        table=Table(t("Ways into the pool"), columns, formats),
        points=(points.may_cost(t, case),),
    )


def _cost(t: Words, case: PoolCase) -> str:
    if not math.isfinite(case.all_in_cost_per_join):
        return nobody(t, case)
    told = t(
        "With people, tools and setting up, a join costs {all_in} on average up to month {n}.",
        all_in=t.price(case.all_in_cost_per_join),
        n=case.horizon,
    )
    if not math.isfinite(case.ltv_to_cac):
        return told
    ratio = t(
        "Over its whole lifetime a member brings {ratio} what a bought join costs.",
        ratio=t.factor(max(case.ltv_to_cac, 0.0)),
    )
    return t.sentences(told, ratio)


def _needed(t: Words, case: PoolCase) -> str:
    """The inverse question: what a goal takes, or what paying back takes at the least."""
    need, goal = case.needed, case.facts["goal"]
    if need is None:
        return t("No number of joins through the own channels pays back by then.")
    needs = set_up(t, groups=need.groups, accounts=need.accounts, staff=need.staff)
    common = {
        "joins": t.number(need.joins_per_month),
        "members": people(t, need.members),
        "needs": needs,
        "low": t.money(-need.lowest_cash),
        "month": need.month,
    }
    if goal == "profit":
        told = t(
            "A profit of {sum} by month {month} takes {joins} joins a month on average, "
            "{members} members then, {needs}, and {low} at the lowest point.",
            sum=t.money(case.facts["goal_cny"]),
            **common,
        )
    elif goal == "revenue":
        told = t(
            "Sales of {sum} by month {month} take {joins} joins a month on average, {members} "
            "members then, {needs}, and {low} at the lowest point.",
            sum=t.money(case.facts["goal_cny"]),
            **common,
        )
    else:
        told = t(
            "To pay back by month {month} without bought joins, {joins} joins a month are enough "
            "at the most likely values: {members} members then, {needs}, and {low} at the lowest "
            "point.",
            **common,
        )
    if goal != "none" and case.paid_joins:
        return told
    return t.sentences(
        told, t("That is {factor} of today’s own channels.", factor=t.share(need.scale))
    )
