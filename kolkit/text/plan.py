"""What the joint plan says: sentences over a `PlanCase`."""

from kolkit.journeys.plan import PlanCase
from kolkit.journeys.plan_engine import Key, one
from kolkit.journeys.tier_cells import measures
from kolkit.text.parts import Answer, Tile
from kolkit.text.private_pool import people, set_up
from kolkit.text.tier_names import booked_in_words
from kolkit.words import Words


def journey_names(t: Words) -> dict[Key, str]:
    """The journeys as a plan's lines."""
    return {
        "tier_mix": t("Tier mix"),
        "private_pool": t("Private pool"),
        "livestream": t("Livestream"),
    }


def posts_in_words(t: Words, case: PlanCase) -> str:
    """Whom the plan books."""
    mix = case.actions.mix
    assert mix is not None
    costs = measures(mix.cells, case.facts, case.facts.centre()).cost[:, 0]
    return booked_in_words(t, mix.cells, mix.counts, costs)


def reasons(t: Words, case: PlanCase) -> str:
    """Why the best combination is not to be carried out, as clauses."""
    tried = case.tried_interval
    clauses = {
        "loses_at_median": t("the best split loses {loss}", loss=t.money(-tried.p50)),
        "earns_nothing": t("no split earns anything"),
        "loss_too_likely": t(
            "the most profitable split loses money in {n} of 100 cases",
            n=round(case.tried_loss_probability * 100),
        ),
    }
    return t.join([clauses[reason] for reason in case.verdict.reasons])


def spending(t: Words, case: PlanCase) -> list[str]:
    """What is done with the budget, as clauses, one for each active journey."""
    spent = {line.key: line.spent for line in case.lines}
    advance = t.money(spent.get("private_pool", 0.0))
    told = {
        "tier_mix": t("{sum} on posts", sum=t.money(spent.get("tier_mix", 0.0))),
        "private_pool": t("{sum} to carry the pool until it pays", sum=advance)
        if advance != t.money(0)
        else t("a pool that carries itself"),
        "livestream": t("one livestream")
        if case.actions.sessions == 1
        else t("{n} livestreams", n=case.actions.sessions),
    }
    if spent.get("livestream"):
        fee = t.money(case.engine.fee())
        told["livestream"] = (
            t("one livestream at {sum}", sum=fee)
            if case.actions.sessions == 1
            else t("{n} livestreams at {sum} each", n=case.actions.sessions, sum=fee)
        )
    return [told[key] for key in case.actions.active]


def alone_names(t: Words) -> dict[Key, str]:
    """Each journey by itself, with the whole budget."""
    names = {key: t("{journey} alone", journey=name) for key, name in journey_names(t).items()}
    return {**names, "livestream": t("Livestream as offered")}


def leave_out(t: Words, case: PlanCase) -> str:
    """The included journeys that the plan does nothing in; empty if there is none."""
    names = journey_names(t)
    left = [t.inline(names[key]) for key in case.included if key not in case.actions.active]
    return t("Leave out: {what}.", what=t.join(left)) if left else ""


def _not_more(t: Words, case: PlanCase) -> str:
    """Why less is done than the budget allows."""
    if not case.verdict.reasons:
        return ""
    return t("Do not do more: {reasons}.", reasons=reasons(t, case))


def in_plan(t: Words, case: PlanCase) -> dict[str, str]:
    """What the plan does in each journey, for the chapters that look at a journey by itself."""
    told = dict(zip(case.actions.active, spending(t, case), strict=True))
    alone = t("This chapter looks at the journey by itself, with the whole budget.")
    return {
        key: t.sentences(
            alone,
            t("In the plan: {what}.", what=told[key])
            if key in told
            else t("The plan does nothing here."),
        )
        for key in case.included
    }


def unspent(t: Words, case: PlanCase) -> int:
    """What is left of the budget, in whole units of the page's currency, as its table adds up."""
    spent = sum(round(t.amount(line.spent)) for line in case.lines)
    return round(t.amount(case.facts["budget_cny"])) - spent


def answer(t: Words, case: PlanCase) -> Answer:
    """The sentence with the recommendation, its interval, and four tiles."""
    budget = t.money(case.facts["budget_cny"])
    if case.verdict.go:
        found = t(
            "Of {budget}, plan {what}: it earns {profit}.",
            budget=budget,
            what=t.join(spending(t, case)),
            profit=t.money(case.interval.p50),
        )
        advice = t.sentences(leave_out(t, case), _not_more(t, case))
    else:
        found = t("No use of {budget} in these journeys pays.", budget=budget)
        advice = t("Do not spend it: {reasons}.", reasons=reasons(t, case))
    qualifier = t(
        "Profit after {months} months P10–P90 {range}, loss in {n} of 100 cases; {unspent} stays "
        "unspent.",
        months=case.facts["horizon_months"],
        range=t.span(t.money(case.interval.p10), t.money(case.interval.p90)),
        n=round(case.loss_probability * 100),
        unspent=t.money(t.in_cny(unspent(t, case))),
    )
    return Answer(found, t.sentences(found, advice), qualifier, _tiles(t, case))


def _tiles(t: Words, case: PlanCase) -> tuple[Tile, ...]:
    reached = one(case.mix.people_reached) if case.mix is not None else 0.0
    end = case.pool.outcome() if case.pool is not None else None
    members = float(end.members[0, -1]) if end else 0.0
    takes = (
        set_up(t, groups=end.groups[0], accounts=end.accounts[0], staff=end.staff[0])
        if end
        else t("no pool in this plan")
    )
    return (
        Tile(
            t("Profit of the plan"),
            t.money(case.interval.p50),
            t.span(t.money(case.interval.p10), t.money(case.interval.p90)),
            "good" if case.interval.p50 > 0 else "bad" if case.interval.p50 < 0 else "",
            key="profit",
            number=case.interval.p50,
            unit="CNY",
            better=1,
        ),
        Tile(
            t("Chance of a loss"),
            t.share(case.loss_probability),
            t("{limit} accepted", limit=t.share(case.facts["loss_tolerance"])),
            key="loss",
            number=case.loss_probability,
            unit="share",
            better=-1,
        ),
        Tile(
            t("People reached"),
            t.count(reached),
            t("{n} collaborations", n=t.number(case.actions.mix.collaborations))
            if case.actions.mix
            else t("no posts in this plan"),
            key="people",
            number=reached,
            unit="count",
            better=1,
        ),
        Tile(
            t("Pool members at the end"),
            people(t, members),
            takes,
            key="members",
            number=members,
            unit="count",
        ),
    )


def numbers(case: PlanCase) -> dict[str, float]:
    """The headline numbers, unrounded."""
    return {
        "profit_p10_cny": case.interval.p10,
        "profit_p50_cny": case.interval.p50,
        "profit_p90_cny": case.interval.p90,
        "loss_probability": case.loss_probability,
        "unspent_cny": case.unspent,
        **{f"{line.key}_spent_cny": line.spent for line in case.lines},
    }


def formulas(t: Words) -> list[tuple[str, str]]:
    """Number and statement of each formula that captions refer to."""
    return [
        (
            "J1",
            t(
                "Profit = profit of the posts + profit of the sessions + cash of the pool at the "
                "end of the plan. The pool’s joins from posts are people reached × join rate, "
                "those from livestreams genuine buyers × join rate, spread evenly over the months."
            ),
        ),
        (
            "J2",
            t(
                "The split is the most profitable of a grid at the most likely values: posts in "
                "steps of 5 % of the budget and in finer ones below 5 %, sessions one by one, "
                "bought joins in {n} steps, cash advanced for the pool within what is left.",
                n=21,
            ),
        ),
        (
            "J3",
            t(
                "What an input is worth knowing is what deciding after knowing it would add, among "
                "this plan, the plan without each journey, and doing nothing."
            ),
        ),
    ]


def limits(t: Words) -> list[str]:
    """What the plan cannot show."""
    return [
        t("A person whom posts reach and a livestream too is counted in both."),
        t("Every session is taken to be like the one on offer; audiences tire of repetition."),
        t("What pool members buy after the end of the plan is not counted."),
    ]
