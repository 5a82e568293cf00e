"""What the first page says: sentences over a `StartCase`."""

import math

from kolkit.journeys.start import StartCase
from kolkit.text.parts import SHARE, Answer, Cell, FigureWords, Table, Tile, small_format
from kolkit.words import N_, Words, html

NEXT = {
    "accounts_open": N_("Next on the way to a private pool: open the missing accounts."),
    "acquisition_model": N_("Next on the way to a private pool: lead every channel into it."),
    "pool_campaigns": N_("Next on the way to a private pool: give members something to pass on."),
    "maintenance": N_("Next on the way to a private pool: name the people who look after it."),
    "sales_channel": N_("Next on the way to a private pool: let members order in it."),
}


def answer(t: Words, case: StartCase) -> Answer:
    """What an order leaves, how many the budget asks for, and which step comes next."""
    if case.contribution <= 0:
        found = t("An order costs more than it leaves: every campaign would lose money.")
        advice = t("Do not book anything before margin or returns have changed.")
    else:
        found = t(
            "One order leaves {left}; the budget of {budget} has to bring {orders} of them.",
            left=t.money(case.contribution),
            budget=t.money(case.facts["budget_cny"]),
            orders=t.count(case.orders_to_earn_back, 2),
        )
        advice = _next(t, case)
    left = case.contribution_interval
    qualifier = t(
        "An order leaves {range} (P10–P90), after goods, platform fee and {returns} returns.",
        range=t.span(t.money(left.p10), t.money(left.p90)),
        returns=t.share(case.facts["base_return_rate"]),
    )
    return Answer(found, t.sentences(found, advice), qualifier, _tiles(t, case))


def _next(t: Words, case: StartCase) -> str:
    if case.next_step is None:
        return t("All five steps to a private pool are in place.")
    return t(NEXT[case.next_step])


def _tiles(t: Words, case: StartCase) -> tuple[Tile, ...]:
    left, orders = case.contribution_interval, case.orders_to_earn_back
    per_month, highest = orders / case.facts["horizon_months"], max(left.p10, 0.0)
    return (
        Tile(
            t("Left of one order"),
            t.money(case.contribution),
            t.span(t.money(left.p10), t.money(left.p90)),
            "good" if case.contribution > 0 else "bad",
            key="left",
            number=case.contribution,
            unit="CNY",
            better=1,
        ),
        Tile(
            t("Orders that earn the budget back"),
            t.count(orders, 2) if math.isfinite(orders) else t("never"),
            t("{n} a month", n=t.count(per_month, 2)) if math.isfinite(orders) else "",
            key="orders",
            number=orders,
            unit="count",
            better=-1,
        ),
        Tile(
            t("Most that one order may cost"),
            t.money(highest),
            t("to earn in nine cases of ten"),
            key="highest_cost",
            number=highest,
            unit="CNY",
            better=1,
        ),
        Tile(
            t("Ready for a private pool"),
            t.share(case.readiness),
            t("{n} of 5 steps in place", n=sum(level == 1 for level in case.steps.values())),
            key="readiness",
            number=case.readiness,
            unit="share",
            better=1,
        ),
    )


def line_names(t: Words) -> dict[str, str]:
    """The lines from an order's price to what it leaves."""
    return {
        "price": t("Price paid"),
        "returned": t("Sent back"),
        "goods": t("Goods, delivery"),
        "platform": t("Platform fee"),
        "handling": t("Handling returns"),
    }


def order(t: Words, case: StartCase) -> FigureWords:
    """Words for the order's money."""
    names = line_names(t)
    columns: dict[str, list[Cell]] = {
        t("Line"): [*(names[key] for key, _ in case.order_lines), t("Left")],
        t.head: t.amounts([*(size for _, size in case.order_lines), case.contribution]),
    }
    why = t(
        "Order × (1 − returns) × (margin − platform fee) − returns × cost of one return. What a "
        "post, a member or a streamer costs per order has to stay below what is left."
    )
    price = t.money(case.facts["average_order_value_cny"])
    return FigureWords(
        title=t("Of {price} paid, {left} is left", price=price, left=t.money(case.contribution)),
        subtitle=t("One average order on a marketplace, {currency}", currency=t.currency_name),
        why=f"<p>{html(why)}</p>",
        source=t("Source: ledger; formula S1."),
        table=Table(t("One order"), columns, {t.head: small_format(t)}),
    )


def readiness(t: Words, case: StartCase) -> FigureWords:
    """Words for the five steps."""
    facts = case.facts.by_name
    done = sum(level == 1 for level in case.steps.values())
    columns: dict[str, list[Cell]] = {
        t("Step"): [t(facts[name].title) for name in case.steps],
        t("In place"): list(case.steps.values()),
        t("What it means"): [t(facts[name].description) for name in case.steps],
    }
    why = t(
        "The score is the plain mean of five steps that the book names; it says what is missing, "
        "not what a pool will earn. That is the private pool’s own page."
    )
    return FigureWords(
        title=t("{n} of five steps to a private pool are in place", n=done),
        subtitle=t("Each step as the brand sees it, 0 to 100 %"),
        why=f"<p>{html(why)}</p>",
        source=t("Five steps: Dudarenok & Engholm 2020; own score."),
        table=Table(t("Readiness"), columns, {t("In place"): SHARE}),
    )


def numbers(case: StartCase) -> dict[str, float]:
    """The headline numbers, unrounded."""
    return {"contribution_per_order_cny": case.contribution, "readiness": case.readiness}


def formulas(t: Words) -> list[tuple[str, str]]:
    """Number and statement of each formula that captions refer to."""
    return [
        (
            "S1",
            t(
                "Left of one order = average order × (1 − return rate) × (margin − platform fee) "
                "− return rate × cost of one return."
            ),
        )
    ]


def limits(t: Words) -> list[str]:
    """What this page cannot show."""
    return [t("The readiness score is the brand’s own view; nobody has measured its worth.")]
