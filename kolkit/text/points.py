"""What charts draw and the tables on their pages do not hold; for the spreadsheet alone."""

import numpy as np

from kolkit.journeys.livestream import LivestreamCase
from kolkit.journeys.plan import PlanCase
from kolkit.journeys.private_pool import PoolCase
from kolkit.journeys.tier_mix import TierMixCase
from kolkit.text.parts import CENTS, SHARE, Table
from kolkit.text.private_pool import stage_names
from kolkit.text.tier_names import cell_name
from kolkit.words import Words


def bought(t: Words, case: TierMixCase, units: int, got: list[float]) -> Table:
    """What a round sum of the page's currency buys in every cell, booked or not."""
    unit = t("People reached") if case.facts["objective"] == "reach" else t("Engagements")
    return Table(
        t("What {sum} buys", sum=t.round_sum(units)),
        {
            t("Tier and platform"): [cell_name(t, cell) for cell in case.active],
            unit: [*got],
        },
    )


def budgets(t: Words, case: TierMixCase) -> Table:
    """The budgets that are marked below the curves."""
    marked = {t("Budget"): case.facts["budget_cny"]}
    if case.target_plan is not None:
        marked[t("Least budget for the target")] = case.target_plan.cost_cny
    return Table(t("Budgets marked"), {t("Mark"): [*marked], t.head: t.amounts(marked.values())})


def holds(t: Words, case: PoolCase) -> Table:
    """Members that each part of the pool could hold."""
    names = stage_names(t)
    return Table(
        t("What each part could hold"),
        {t("Part"): [names[key] for key in case.holds], t("Members"): [*case.holds.values()]},
    )


def may_cost(t: Words, case: PoolCase) -> Table:
    """The line beside what a join costs."""
    return Table(
        t("What a join may cost"),
        {t("Mark"): [t("Most that a join may cost")], t.head: t.amounts([case.highest_cac])},
        {t.head: CENTS},
    )


def unexplained(t: Words, case: LivestreamCase) -> Table:
    """The curve over base rates, the session's own rate and its range among its points."""
    xs, ys = case.share_by_base_rate
    own = case.facts.by_name["base_return_rate"]
    points = dict(zip(xs.tolist(), ys.tolist(), strict=True))
    points |= {end: float(np.interp(end, xs, ys)) for end in (own.low, own.high) if end is not None}
    points[own.value] = case.share
    rate, share = t("Base return rate"), t("Unexplained share of reported")
    return Table(
        t("Unexplained by base rate"),
        {rate: sorted(points), share: [points[x] for x in sorted(points)]},
        {rate: SHARE, share: SHARE},
    )


def profits(t: Words, case: PlanCase) -> Table:
    """Between which values each input is moved, and the profit that all of them start from."""
    moved = [(driver, case.facts.by_name[driver.name]) for driver in case.drivers]
    middle = float(case.central.total.ravel()[0])
    return Table(
        t("Profit by input"),
        {
            t("Input"): [t(f.title) for _, f in moved],
            "P10": [t.rounded(d.p10, f.declared.unit) for d, f in moved],
            "P90": [t.rounded(d.p90, f.declared.unit) for d, f in moved],
            t("Profit at P10"): t.amounts(d.profit_at_low for d in case.drivers),
            t("at most likely values"): t.amounts(middle for _ in case.drivers),
            t("at P90"): t.amounts(d.profit_at_high for d in case.drivers),
        },
    )
