"""What stands around the tier-mix journey's four figures."""

from kolkit.currency import RMB
from kolkit.journeys.mix_views import LARGEST_SHARE, Flip
from kolkit.journeys.tier_mix import TierMixCase
from kolkit.text import points
from kolkit.text.parts import CENTS, MONEY, SHARE, Cell, FigureWords, Table, small_format
from kolkit.text.tier_mix import target_people
from kolkit.text.tier_names import cell_name, paragraphs
from kolkit.words import N_, Words

STEP_NAMES = {
    "price": N_("Quoted, all followers"),
    "product": N_("Product given"),
    "labour": N_("Labour, outreach"),
    "not_people": N_("Not people"),
    "not_seen": N_("Post not seen"),
    "off_target": N_("Off target"),
}


def nearest_flip(case: TierMixCase) -> Flip | None:
    """The change of places nearest to today's share of views that are not people."""
    now = case.facts["fake_view_share"]
    return min(case.flips, key=lambda flip: abs(flip.share - now), default=None)


def _nothing_on(t: Words) -> FigureWords:
    told = t("No tier is switched on")
    rows: dict[str, list[Cell]] = {t("Tier and platform"): [told], t.head: [0.0]}
    return FigureWords(told, "", "", "", Table(told, rows))


def ranking(t: Words, case: TierMixCase) -> FigureWords:
    """Words for the two rankings, by CPM and by CPE."""
    if not case.active:
        return _nothing_on(t)
    flip = nearest_flip(case)
    if flip is None:
        title = t(
            "Up to {share} of views that are not people, nothing changes places by CPM or CPE",
            share=t.share(LARGEST_SHARE),
        )
    elif flip.share > case.facts["fake_view_share"]:
        title = t(
            "At {share} of views that are not people, {better} overtakes {worse} by CPM; by CPE "
            "nothing moves",
            share=t.share(flip.share),
            better=cell_name(t, flip.better),
            worse=cell_name(t, flip.worse),
        )
    else:
        title = t(
            "From {share} of views that are not people, {better} is ahead of {worse} by CPM; by "
            "CPE nothing moves",
            share=t.share(flip.share),
            better=cell_name(t, flip.better),
            worse=cell_name(t, flip.worse),
        )
    unit = t.currency_unit
    columns: dict[str, list[Cell]] = {
        t("Tier and platform"): [cell_name(t, cell) for cell in case.active],
        t("Followers"): [cell.followers for cell in case.active],
        t("Quoted price, {currency}", currency=unit): t.amounts(case.measures.price[:, 0].tolist()),
        t("True cost, {currency}", currency=unit): t.amounts(case.measures.cost[:, 0].tolist()),
        t("Naive CPM"): t.amounts(case.naive_cpm.tolist()),
        t("True CPM"): t.amounts(case.cpm.tolist()),
        t("CPE"): t.amounts(value if value < 1e12 else None for value in case.cpe.tolist()),
    }
    formats = {t("CPE"): CENTS, t("Naive CPM"): CENTS, t("True CPM"): small_format(t)}
    return FigureWords(
        title=title,
        subtitle=t(
            "{currency} per 1,000 views by people (tick: price over all followers) and per "
            "engagement; dark: in the plan",
            currency=unit,
        ),
        why=paragraphs(_flips(t, case), _tops(t, case)),
        source=t("Source: prices and tiers in the ledger; formulas T1 and T2."),
        table=Table(t("Ranking by CPM and CPE"), columns, formats),
    )


def _flips(t: Words, case: TierMixCase) -> str:
    told = [
        t(
            "{better} before {worse} from {share}",
            better=cell_name(t, flip.better),
            worse=cell_name(t, flip.worse),
            share=t.share(flip.share),
        )
        for flip in case.flips[:4]
    ]
    if not told:
        return t("Engagements are counted, not estimated from views, so CPE does not move at all.")
    return t(
        "Views that are not people weigh on large accounts most. By CPM, {flips}. Engagements are "
        "counted, not estimated from views, so CPE does not move at all.",
        flips=t.join(told),
    )


def _tops(t: Words, case: TierMixCase) -> str:
    if not case.active:
        return ""
    by_cpm = case.active[int(case.cpm.argmin())]
    by_cpe = case.active[int(case.cpe.argmin())]
    if by_cpm.key == by_cpe.key:
        return t("{cell} is cheapest by both.", cell=cell_name(t, by_cpm))
    return t(
        "Cheapest by CPM is {first}, by CPE {second}: the two metrics buy different things.",
        first=cell_name(t, by_cpm),
        second=cell_name(t, by_cpe),
    )


def bridge(t: Words, case: TierMixCase) -> FigureWords:
    """Words for the way from a printed CPM to the true one."""
    view = case.bridge
    if view is None:
        return _nothing_on(t)
    quoted = dict(view.steps)["price"]
    rate, in_rmb = case.facts["cny_per_usd"], t.currency.code == RMB.code
    # The book prints US$, whatever the currency of the page.
    printed = t.printed_dollars(quoted, rate)
    if in_rmb:
        printed = t.bracketed(printed, t.money(quoted))
    if case.facts["count_labour"]:
        title = t(
            "{quoted} per 1,000 followers is {paid} with labour and {true} per 1,000 views by the "
            "people wanted",
            quoted=printed,
            paid=t.money(view.paid),
            true=t.money(view.true),
        )
    else:
        title = t(
            "Without labour and outreach, {quoted} per 1,000 followers becomes {true} per 1,000 "
            "views by the people wanted",
            quoted=printed,
            true=t.money(view.true),
        )
    names = [t(STEP_NAMES[name]) for name, _ in view.steps]
    amounts = [amount for _, amount in view.steps]
    columns: dict[str, list[Cell]] = {
        t("Step"): [*names, t("True, on target")],
        t.head: t.amounts([*amounts, view.true]),
    }
    if in_rmb:
        columns[t("US$")] = [*(amount / rate for amount in amounts), view.true / rate]
    why = t(
        "{cell}: the book prints US$7 and its own figures give US$6.67, price over all followers. "
        "Here {hours} hours of work stand behind one collaboration.",
        cell=cell_name(t, view.cell),
        hours=t.number(view.hours, 1),
    )
    return FigureWords(
        title=title,
        subtitle=t(
            "{cell}, {currency} per 1,000",
            cell=cell_name(t, view.cell),
            currency=t.currency_name,
        ),
        why=paragraphs(why, _tipping(t, case)),
        source=t("Source: the book’s price table and the ledger; formulas T1 and T2."),
        table=Table(t("From quoted to true CPM"), columns, dict.fromkeys(list(columns)[1:], CENTS)),
    )


def _tipping(t: Words, case: TierMixCase) -> str:
    at = case.bridge.tipping if case.bridge else None
    if at is None:
        return ""
    rival, cpm = cell_name(t, at.rival), t.money(at.rival_cpm)
    told = []
    if at.hours is not None:
        told.append(t("{n} hours of work per collaboration", n=t.number(at.hours)))
    if at.wage is not None:
        told.append(t("a wage of {wage} an hour", wage=t.money(at.wage)))
    if at.fake_view_share is not None:
        told.append(t("{share} of views that are not people", share=t.share(at.fake_view_share)))
    if not told:
        return t(
            "Neither labour nor views that are not people make it equal to the next best, {rival} "
            "at {cpm}.",
            rival=rival,
            cpm=cpm,
        )
    return t(
        "It would cost as much as the next best, {rival} at {cpm}, from any one of: {points}.",
        rival=rival,
        cpm=cpm,
        points=t.any_of(told),
    )


def budget(t: Words, case: TierMixCase) -> FigureWords:
    """Words for people and profit over the budget."""
    best, today = case.best_budget, case.facts["budget_cny"]
    most = float(case.sweep.p50.max())
    if most <= 0:
        title = t("No budget earns anything with this mix")
    elif case.one_plan:
        title = t(
            "The locks fix the plan: it earns {profit} at every budget that pays for it",
            profit=t.money(case.profit.p50),
        )
    elif best >= 0.999 * float(case.sweep.budgets.max()):
        title = t("Profit still rises at the largest budget shown")
    elif best > 1.1 * today:
        title = t("Profit would still rise up to a budget of about {best}", best=t.money(best))
    elif best < 0.9 * today:
        title = t(
            "Profit is largest with about {best}, not with {today}",
            best=t.money(best),
            today=t.money(today),
        )
    else:
        title = t("The budget is about where profit is largest")
    sweep = case.sweep
    columns: dict[str, list[Cell]] = {
        t("Budget, {currency}", currency=t.currency_unit): t.amounts(sweep.budgets.tolist()),
        t("People reached"): sweep.people.tolist(),
        t("Profit P10"): t.amounts(sweep.p10.tolist()),
        t("Profit P50"): t.amounts(sweep.p50.tolist()),
        t("Profit P90"): t.amounts(sweep.p90.tolist()),
        t("Chance of loss"): sweep.loss_probability.tolist(),
    }
    formats = dict.fromkeys(columns, MONEY) | {t("Chance of loss"): SHARE}
    return FigureWords(
        title=title,
        subtitle=t(
            "People reached, and profit in {currency} (P50; band P10–P90), over the budget",
            currency=t.currency_unit,
        ),
        why=paragraphs(_further(t, case), _target(t, case)),
        source=t("Formulas T3 and T4; the same draws at every budget."),
        table=Table(t("Over the budget"), columns, formats),
        points=(points.budgets(t, case),),
    )


def _further(t: Words, case: TierMixCase) -> str:
    """What more money does."""
    if case.one_plan:
        return t(
            "The locks fix the plan, so the chart is a step: below {cost} nothing can be booked, "
            "and more money stays unspent.",
            cost=t.money(float(case.sweep.spent.max())),
        )
    if case.locked:
        return t(
            "The locks fix how many of each tier are booked: more money only moves them to "
            "platforms that reach more. Every point is a plan of whole collaborations."
        )
    return t(
        "More money meets more people who have been reached already, so people and profit rise "
        "more slowly than the spend. Every point is a plan of whole collaborations."
    )


def _target(t: Words, case: TierMixCase) -> str:
    least = case.target_plan
    if least is None:
        return ""
    return t(
        "The least budget that reaches {people} people is {cost}.",
        people=target_people(t, case.facts["target_reach_people"]),
        cost=t.money(least.cost_cny),
    )
