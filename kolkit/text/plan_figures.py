"""What stands around the joint plan's four figures."""

from kolkit.assumptions import measurements
from kolkit.currency import RMB
from kolkit.journeys.facts import Fact
from kolkit.journeys.insight import Driver
from kolkit.journeys.plan import PlanCase
from kolkit.models.uncertainty import Interval
from kolkit.text import points
from kolkit.text.ledger import value_in_words
from kolkit.text.parts import MONEY, SHARE, Cell, FigureWords, Table
from kolkit.text.plan import alone_names, journey_names, unspent
from kolkit.words import Words, html


def place_names(t: Words) -> dict[str, str]:
    """Where money comes from and goes to."""
    return {
        "posts": t("Posts"),
        "streams": t("Livestreams"),
        "own": t("Own channels"),
        "bought": t("Bought joins"),
        "referral": t("Members’ friends"),
        "budget": t("Not earned back"),
        "mix_orders": t("Post sales"),
        "live_sales": t("Live sales"),
        "pool_orders": t("Member sales"),
        "cost_mix_orders": t("Post cost"),
        "cost_live_sales": t("Slot fees"),
        "cost_pool_orders": t("Pool cost"),
        "profit": t("Profit"),
    }


def flow(t: Words, case: PlanCase) -> FigureWords:
    """Words for the flow of money."""
    names = place_names(t)
    into: dict[str, float] = {}
    for item in case.flows:
        if item.target in ("mix_orders", "live_sales", "pool_orders"):
            into[item.source] = into.get(item.source, 0.0) + item.amount
    if into:
        most = max(into, key=lambda key: into[key])
        title = t(
            "{source} bring most of the margin: {sum}",
            source=names[most],
            sum=t.money(into[most]),
        )
    else:
        title = t("Nothing flows: no journey is carried out")
    table = Table(
        t("Where the money flows"),
        {
            t("From"): [names[item.source] for item in case.flows],
            t("To"): [names[item.target] for item in case.flows],
            t.head: t.amounts(item.amount for item in case.flows),
        },
        {t.head: MONEY},
    )
    why = t(
        "Margin after goods, returns, platform and commission, at the most likely values. Posts "
        "and livestreams sell at once and bring members, who order again; members’ orders count "
        "only as far as they would not have come anyway. The middle of all draws is {middle}: "
        "ranges reach further to one side than to the other.",
        middle=t.money(case.interval.p50),
    )
    return FigureWords(
        title=title,
        subtitle=t(
            "Where customers come from, how they buy, what it pays for; {currency}, most likely "
            "values",
            currency=t.currency_name,
        ),
        why=f"<p>{html(why)}</p>",
        source=t("Source: this plan; formula J1."),
        table=table,
    )


def money_table(t: Words, case: PlanCase) -> Table:
    """Where the budget goes; the first column of amounts adds up to the budget."""
    budget, names = round(t.amount(case.facts["budget_cny"])), journey_names(t)
    spent = [round(t.amount(line.spent)) for line in case.lines]
    profits = [line.profit for line in case.lines]
    whole = case.interval
    if t.currency.code == RMB.code:
        head = t("Where {sum} RMB goes", sum=t.number(budget))
    else:
        head = t("Where {sum} goes", sum=t.exact(case.facts["budget_cny"]))
    return Table(
        t("Where the budget goes"),
        {
            head: [
                *(names[line.key] for line in case.lines),
                t("Unspent"),
                t("Whole plan"),
            ],
            t.head: [*spent, unspent(t, case), budget],
            t("Profit P50"): t.amounts([*(p.p50 for p in profits), None, whole.p50]),
            "P10": t.amounts([*(p.p10 for p in profits), None, whole.p10]),
            "P90": t.amounts([*(p.p90 for p in profits), None, whole.p90]),
        },
        sums=(t.head,),
    )


def split(t: Words, case: PlanCase) -> FigureWords:
    """Words for the split of the budget."""
    names = journey_names(t)
    best = max(case.lines, key=lambda line: line.profit.p50, default=None)
    if best is None or best.profit.p50 <= 0:
        title = t("Nothing is spent: no use of the budget pays")
    else:
        title = t(
            "The largest part of the profit comes from: {journey}",
            journey=t.inline(names[best.key]),
        )
    why = t(
        "Posts cost price, labour, outreach and product; a pool ties up its lowest cash until "
        "members’ orders carry it; of a livestream only the slot fee is paid beforehand. P50s of "
        "parts need not add up to the P50 of the whole."
    )
    return FigureWords(
        title=title,
        subtitle=t(
            "Spent or tied up, and profit: bar P50, line P10 to P90; {currency}",
            currency=t.currency_name,
        ),
        why=f"<p>{html(why)}</p>",
        source=t("Source: this plan; formula J2."),
        table=money_table(t, case),
    )


def flip_in_words(t: Words, driver: Driver, fact: Fact) -> str:
    """The value at which the advice flips, to three digits; a dash where it does not."""
    if driver.flips_at is None:
        return "–"
    return t.rounded(driver.flips_at, fact.declared.unit)


def drivers(t: Words, case: PlanCase) -> FigureWords:
    """Words for the tornado and the ranking of what to measure first."""
    facts, worth = case.facts.by_name, dict(case.worth_knowing)
    if case.drivers:
        first = max(case.drivers, key=lambda d: d.swing)
        title = t(
            "{name} moves the result most: by {sum}",
            name=t(facts[first.name].title),
            sum=t.money(first.swing),
        )
    else:
        title = t("No uncertain input moves this result")
    rows = sorted(case.drivers, key=lambda d: (-round(worth.get(d.name, 0.0)), -d.swing))
    known = measurements()
    columns: dict[str, list[Cell]] = {
        t("Input, most worth knowing first"): [t(facts[d.name].title) for d in rows],
        t("Value"): [value_in_words(t, facts[d.name]) for d in rows],
        t("Profit at P10"): t.amounts(d.profit_at_low for d in rows),
        t("at P90"): t.amounts(d.profit_at_high for d in rows),
        t("Advice flips at"): [flip_in_words(t, d, facts[d.name]) for d in rows],
        t("Worth knowing"): t.amounts(worth.get(d.name, 0.0) for d in rows),
        t("Measuring costs"): t.amounts(
            known[d.name].cost_cny if d.name in known else None for d in rows
        ),
    }
    why = t(
        "Each input alone at its P10 and P90, the plan as it is. What knowing an input is worth is "
        "counted with all the others uncertain; where it exceeds the cost, measure first."
    )
    return FigureWords(
        title=title,
        subtitle=t(
            "Profit with one input at its P10 or P90, the others most likely; {currency}",
            currency=t.currency_name,
        ),
        why=f"<p>{html(why)}</p>",
        source=t("Source: ranges in the ledger; formula J3."),
        table=Table(t("Inputs by weight"), columns),
        points=(points.profits(t, case),),
    )


def compared(t: Words, case: PlanCase) -> list[tuple[str, Interval, float]]:
    """The plan and what it is compared with: name, interval, chance of a loss."""
    names, single = journey_names(t), alone_names(t)
    rows = [(t("This plan"), case.interval, case.loss_probability)]
    if not case.verdict.go:
        return rows + [(single[key], found, loss) for key, found, loss in case.alone]
    rows += [
        (t("Without: {journey}", journey=t.inline(names[key])), found, loss)
        for key, found, loss in case.alternatives
    ]
    if case.live is not None and not case.live.verdict.sign:
        offered = case.live.offered
        rows.append((single["livestream"], offered.interval, offered.loss_probability))
    return rows


def risk(t: Words, case: PlanCase) -> FigureWords:
    """Words for the plan beside the plan without each journey."""
    names, rows = journey_names(t), compared(t, case)
    worst = min(case.alternatives, key=lambda item: item[1].p50, default=None)
    if not case.verdict.go:
        title = t("Doing nothing earns more than any journey with the whole budget")
    elif worst is None:
        title = t("The plan loses money in {n} of 100 cases", n=round(case.loss_probability * 100))
    else:
        title = t(
            "Without {journey} the plan would earn {sum} less",
            journey=t.inline(names[worst[0]]),
            sum=t.money(case.interval.p50 - worst[1].p50),
        )
    columns: dict[str, list[Cell]] = {
        t("Plan"): [name for name, _, _ in rows],
        t("Profit P10"): t.amounts(found.p10 for _, found, _ in rows),
        t("Profit P50"): t.amounts(found.p50 for _, found, _ in rows),
        t("Profit P90"): t.amounts(found.p90 for _, found, _ in rows),
        t("Chance of loss"): [loss for _, _, loss in rows],
    }
    why = t(
        "The same draws in every row, so that differences are the journeys’ own. Doing nothing "
        "earns {nothing}.",
        nothing=t.money(0),
    )
    return FigureWords(
        title=title,
        subtitle=t(
            "Profit after {n} months, {currency}: point P50, line P10 to P90",
            n=case.facts["horizon_months"],
            currency=t.currency_name,
        ),
        why=f"<p>{html(why)}</p>",
        source=t("Source: seeded draws; formulas J1 and D."),
        table=Table(t("Plan and alternatives"), columns, {t("Chance of loss"): SHARE}),
    )
