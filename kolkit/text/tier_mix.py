"""What the tier-mix journey says: sentences over a `TierMixCase`."""

import math

from kolkit.journeys.tier_mix import TierMixCase
from kolkit.text.parts import Answer, Tile
from kolkit.text.tier_names import counted
from kolkit.words import Words

TOLD = 3
"""Cells that a sentence names before it counts the others."""

WORTH_TELLING = 0.01
"""Share of the spend below which a cell only uses up the rest, and is not named."""


def plan_in_words(t: Words, case: TierMixCase) -> str:
    """Whom the plan books, the largest spend first."""
    spend = case.plan.counts * case.measures.cost[:, 0]
    rows = sorted((row for row, count in enumerate(case.plan.counts) if count),
                  key=lambda row: -spend[row])  # fmt: skip
    named = [row for row in rows[:TOLD] if spend[row] >= WORTH_TELLING * case.plan.cost_cny]
    told = [counted(t, case.plan.counts[row], case.active[row]) for row in named]
    others = case.plan.collaborations - sum(case.plan.counts[row] for row in named)
    if others:
        told.append(t("{n} others", n=t.number(others)) if others > 1 else t("one other"))
    return t.join(told)


def answer(t: Words, case: TierMixCase) -> Answer:
    """The sentence with the recommendation, its interval, and four tiles."""
    return Answer(
        _found(t, case),
        t.sentences(_found(t, case), _advice(t, case)),
        _qualifier(t, case),
        _tiles(t, case),
    )


def _found(t: Words, case: TierMixCase) -> str:
    if not case.plan.collaborations:
        return t("The budget of {budget} buys no collaboration.", budget=_budget(t, case))
    spent, people = t.money(case.plan.cost_cny), t.count(float(case.expected.people_reached))
    middle = case.profit.p50
    if middle < 0:
        return t(
            "{spent} reaches {people} people of the target group and loses about {loss}.",
            spent=spent,
            people=people,
            loss=t.money(-middle),
        )
    return t(
        "{spent} reaches {people} people of the target group and earns about {profit}.",
        spent=spent,
        people=people,
        profit=t.money(middle),
    )


def _budget(t: Words, case: TierMixCase) -> str:
    return t.money(case.facts["budget_cny"])


def _advice(t: Words, case: TierMixCase) -> str:
    if case.verdict.book:
        book = t("Book {plan}.", plan=plan_in_words(t, case))
        if case.one_plan or case.best_budget >= 0.9 * case.facts["budget_cny"]:
            return book
        enough = t("Profit is largest with about {best}.", best=t.money(case.best_budget))
        return t.sentences(book, enough)
    if "nothing_affordable" in case.verdict.reasons:
        return _nothing(t, case)
    smaller = case.verdict.smaller_budget
    if smaller is not None:
        return t(
            "Do not book all of it: with {smaller} the risk of a loss stays within the {accepted} "
            "that you accept.",
            smaller=t.money(smaller),
            accepted=t.share(case.facts["loss_tolerance"]),
        )
    if "loses_at_median" in case.verdict.reasons:
        best = case.best_budget
        if best < case.facts["budget_cny"] and float(case.sweep.p50.max()) > 0:
            return t(
                "Do not book it: profit is largest with about {best}, and even that loses too "
                "often.",
                best=t.money(best),
            )
        return t("Do not book it: no budget earns anything with this mix.")
    return t(
        "Do not book it yet: {n} of 100 cases lose money. {first}",
        n=round(case.loss_probability * 100),
        first=_measure_first(t, case),
    ).strip()


def _nothing(t: Words, case: TierMixCase) -> str:
    if not case.active:
        return t("Do not book anything: no tier is switched on.")
    return t(
        "Do not book anything: the cheapest collaboration costs {cost}.",
        cost=t.money(float(case.measures.cost[:, 0].min())),
    )


def _measure_first(t: Words, case: TierMixCase) -> str:
    if not case.worth_knowing:
        return ""
    fact = case.facts.by_name[case.worth_knowing[0][0]]
    return t("Measure first: {input}.", input=t.inline(t(fact.title)))


def _qualifier(t: Words, case: TierMixCase) -> str:
    if not case.plan.collaborations:
        return t.sentences(t("Nothing is spent and nobody is reached."), _target(t, case))
    profit = case.profit
    told = t(
        "Profit P10–P50–P90 {p10}, {p50}, {p90}; loss in {n} of 100 cases, {accepted} accepted.",
        p10=t.money(profit.p10),
        p50=t.money(profit.p50),
        p90=t.money(profit.p90),
        n=round(case.loss_probability * 100),
        accepted=t.share(case.facts["loss_tolerance"]),
    )
    return t.sentences(told, _break_even(t, case), _target(t, case))


def _break_even(t: Words, case: TierMixCase) -> str:
    rate = case.break_even_order_rate
    if not math.isfinite(rate):
        return t("An order costs more than it earns: no reach can pay.")
    if rate > 1:
        return t(
            "No order rate can pay: it would take {n} orders from every person reached.",
            n=t.number(rate, 1),
        )
    return t(
        "It breaks even at {rate} orders per person reached; {assumed} are assumed.",
        rate=t.share(rate, 2),
        assumed=t.share(case.facts["order_rate_per_reached"], 2),
    )


def _target(t: Words, case: TierMixCase) -> str:
    """What the people aimed at take, held against the budget; empty without a target."""
    least, budget = case.target_plan, case.facts["budget_cny"]
    if least is None:
        return ""
    told = {
        "people": target_people(t, case.facts["target_reach_people"]),
        "cost": t.money(least.cost_cny),
    }
    if least.cost_cny <= budget:
        return t("{people} people take {cost}, which is within the budget.", **told)
    more = t.money(least.cost_cny - budget)
    return t("{people} people take {cost}, {more} more than the budget.", more=more, **told)


def target_people(t: Words, people: int) -> str:
    """A target as it was given: 5m, not 5.00m."""
    digits = next((n for n in (1, 2) if float(f"{people:.{n}g}") == people), 3)
    return t.count(people, digits)


def plan_cpm(case: TierMixCase) -> tuple[float, float]:
    """Cost per 1,000 views by people of the whole plan, and its quoted price per 1,000 followers
    and post; both RMB, 0 without any views."""
    counts, at = case.plan.counts, case.measures
    views = float(counts @ at.impressions[:, 0])
    naive = float(counts @ at.naive_impressions[:, 0])
    price = float(counts @ at.price[:, 0])
    return (
        1000 * case.plan.cost_cny / views if views else 0.0,
        1000 * price / naive if naive else 0.0,
    )


def _tiles(t: Words, case: TierMixCase) -> tuple[Tile, ...]:
    people, profit = case.people, case.profit
    cpm, quoted = plan_cpm(case)
    true, naive = (t.money(value) if value else "–" for value in (cpm, quoted))
    reached = float(case.expected.people_reached)
    booked = case.plan.collaborations > 0
    contacts = float(case.plan.counts @ case.measures.contacts[:, 0])
    return (
        Tile(
            t("People reached"),
            t.count(reached),
            t.span(t.count(people.p10), t.count(people.p90)) if booked else "–",
            key="people",
            number=reached,
            unit="count",
            better=1,
        ),
        Tile(
            t("Collaborations"),
            t.number(case.plan.collaborations),
            t(
                "{hours} working hours, {contacts} accounts contacted",
                hours=t.number(case.plan.solved.hours),
                contacts=t.number(contacts),
            ),
            key="collaborations",
            number=float(case.plan.collaborations),
            unit="count",
        ),
        Tile(
            t("Cost per 1,000 views by people"),
            true,
            t("quoted price over all followers: {naive}", naive=naive),
            key="cpm",
            number=cpm or None,
            unit="CNY",
            better=-1,
        ),
        Tile(
            t("Profit"),
            t.money(profit.p50),
            t(
                "{range}, loss in {n} of 100",
                range=t.span(t.money(profit.p10), t.money(profit.p90)),
                n=round(case.loss_probability * 100),
            )
            if booked
            else "–",
            "bad" if profit.p50 < 0 else "good",
            key="profit",
            number=profit.p50,
            unit="CNY",
            better=1,
        ),
    )


def numbers(case: TierMixCase) -> dict[str, float]:
    """The headline numbers, unrounded, for the manifest."""
    true, naive = plan_cpm(case)
    return {
        "budget_cny": float(case.facts["budget_cny"]),
        "spent_cny": case.plan.cost_cny,
        "unspent_cny": case.unspent,
        "collaborations": float(case.plan.collaborations),
        "people_reached": float(case.expected.people_reached),
        "mix_profit_p10_cny": case.profit.p10,
        "mix_profit_p50_cny": case.profit.p50,
        "mix_profit_p90_cny": case.profit.p90,
        "mix_loss_probability": case.loss_probability,
        "cpm_true_cny": true,
        "cpm_naive_cny": naive,
        "crisis_cvar95_share": case.crisis_cvar,
        "plan_gap": case.gap,
    }


def formulas(t: Words) -> list[tuple[str, str]]:
    """Number and statement of each formula that captions refer to."""
    return [
        (
            "T1",
            t(
                "True cost c = price × posts + wage × hours + contacts × cost per contact + "
                "product. Hours = (find + assess + match + contact) × (1 − automation) × contacts "
                "per collaboration + manage."
            ),
        ),
        (
            "T2",
            t(
                "True CPM = 1,000 c / (followers × people among them × view rate × posts); on "
                "target, also divided by the share in the target group. CPE = c / (followers × "
                "engagement rate × posts): the rate is measured on all followers."
            ),
        ),
        (
            "T3",
            t(
                "Reach R = k (1 − Π (1 − ρ / k)^n) over a target group: ρ is one account’s reach "
                "1 − (1 − view rate)^posts of its people on target, k the part that can be "
                "reached (Sainsbury’s formula). −ln(1 − ρ / k) are reach points: they add up, so "
                "the best plan is a knapsack in whole collaborations."
            ),
        ),
        (
            "T4",
            t(
                "Profit = people reached × orders per person × what an order leaves − cost. What "
                "an order leaves = order value × (1 − returns) × (margin − platform fee) − "
                "returns × cost of one return."
            ),
        ),
        (
            "T5",
            t(
                "Crises: every account with its probability, correlated by one common shock "
                "(beta-binomial); CVaR 95 is the mean of the worst twentieth, the outcome at the "
                "border split."
            ),
        ),
        (
            "T6",
            t(
                "Contacts: the smallest number with which at least the planned collaborations "
                "come about in 95 of 100 cases, binomial at the assumed rate."
            ),
        ),
    ]


def limits(t: Words) -> list[str]:
    """What the analysis cannot show."""
    return [
        t(
            "A person on two platforms counts as two people where the target group is summed over "
            "platforms."
        ),
        t("The plan is best at the most likely values; other values have other best plans."),
        t(
            "Every account of a kind is taken to be like the others: screen a roster before "
            "booking."
        ),
        t("The order rate per person reached has no source; one campaign with codes measures it."),
        t(
            "Ranges of tiers’ engagement, on-target share and hours are our own where the table "
            "says U."
        ),
    ]
