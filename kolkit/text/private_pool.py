"""What the private-pool journey says: sentences over a `PoolCase`."""

import math

from kolkit.journeys.private_pool import PoolCase
from kolkit.text.parts import Answer, Tile
from kolkit.words import Words


def people(t: Words, value: float) -> str:
    """Many people, in a reader's units."""
    return t.count(value) if value >= 10_000 else t.number(value)


def channel_names(t: Words) -> dict[str, str]:
    """Ways into the pool."""
    return {
        "cards": t("Parcel cards"),
        "stores": t("Stores"),
        "employees": t("Employees"),
        "social": t("Posts, livestreams"),
        "paid": t("Bought"),
        "referral": t("Members’ friends"),
        "start": t("Already there"),
    }


def stage_names(t: Words) -> dict[str, str]:
    """What a pool can be limited by."""
    return {
        "joins": t("Joins"),
        "accounts": t("Accounts"),
        "groups": t("Groups"),
        "staff": t("People"),
    }


def needs(t: Words, *, groups: float, accounts: float, staff: float) -> dict[str, str]:
    """Groups, accounts and people, each with its number."""
    return {
        "accounts": t("1 account") if accounts == 1 else t("{n} accounts", n=t.number(accounts)),
        "groups": t("1 group") if groups == 1 else t("{n} groups", n=t.number(groups)),
        "staff": t("1 person") if staff == 1 else t("{n} people", n=t.number(staff)),
    }


def set_up(t: Words, *, groups: float, accounts: float, staff: float) -> str:
    """Groups, accounts and people as one clause."""
    told = needs(t, groups=groups, accounts=accounts, staff=staff)
    return t.join([told["groups"], told["accounts"], told["staff"]])


def reasons(t: Words, case: PoolCase) -> str:
    """Why not to build, as clauses; empty if the pool is to be built."""
    clauses = {
        "loses_at_median": t(
            "by month {month} it loses {loss}",
            month=case.horizon,
            loss=t.money(-case.interval.p50),
        ),
        "earns_nothing": t("it earns nothing"),
        "loss_too_likely": t(
            "it loses money in {n} of 100 cases, more than the {limit} accepted",
            n=round(case.loss_probability * 100),
            limit=round(case.facts["loss_tolerance"] * 100),
        ),
        "over_budget": t(
            "{sum} would have to be advanced, more than the budget",
            sum=t.money(case.funding_needed),
        ),
    }
    return t.join([clauses[reason] for reason in case.verdict.reasons])


def bought(t: Words, case: PoolCase) -> str:
    """Whether joins are bought, and why or why not."""
    limit, cost = case.highest_cac, case.facts["paid_cac_cny"]
    if case.paid_joins:
        return t(
            "{n} joins a month are bought at {price} each.",
            n=t.number(case.paid_joins),
            price=t.price(cost),
        )
    if limit >= cost:
        return t("Buying joins at {price} adds nothing within the budget.", price=t.price(cost))
    return t(
        "Buy no joins: one costs {price} and brings back {limit} within twelve months.",
        price=t.price(cost),
        limit=t.price(limit),
    )


def answer(t: Words, case: PoolCase) -> Answer:
    """The sentence with the recommendation, its interval, and four tiles."""
    end, members = case.central, people(t, case.central.members[0, -1])
    takes = set_up(t, groups=end.groups[0], accounts=end.accounts[0], staff=end.staff[0])
    found = t(
        "A pool of {members} members by month {month} takes {needs} and {earns}.",
        members=members,
        month=case.horizon,
        needs=takes,
        earns=_earns(t, case),
    )
    if case.nobody:
        found = nobody(t, case)
    if case.verdict.build:
        headline = t(
            "Build a pool of {members} members by month {month} with {needs}: it pays from month "
            "{pays}.",
            members=members,
            month=case.horizon,
            needs=takes,
            pays=t.number(case.pays_from),
        )
    else:
        headline = t.sentences(found, t("Do not build it: {reasons}.", reasons=reasons(t, case)))
    middle = case.interval
    qualifier = t(
        "Profit by month {month}: P10 {p10}, P50 {p50}, P90 {p90}; a loss in {n} of 100 cases.",
        month=case.horizon,
        p10=t.money(middle.p10),
        p50=t.money(middle.p50),
        p90=t.money(middle.p90),
        n=round(case.loss_probability * 100),
    )
    told = t.sentences(qualifier, _goal(t, case), bought(t, case), *cohort_warnings(t, case))
    return Answer(found, headline, told, _tiles(t, case))


def nobody(t: Words, case: PoolCase) -> str:
    """Why nobody joins; empty where somebody does."""
    if case.nobody is None:
        return ""
    return {
        "channels": t("Nobody would join: no channel brings anybody."),
        "potential": t(
            "Nobody can join: all {n} people who could ever join are members already.",
            n=people(t, case.facts["pool_potential_people"]),
        ),
        "accounts": t("Nobody can join: the accounts at hand hold not one member more."),
        "staff": t("Nobody can join: the people at hand look after not one member more."),
    }[case.nobody]


def _goal(t: Words, case: PoolCase) -> str:
    """That the goal is reached; a goal out of reach is refused before."""
    if case.facts["goal"] == "none":
        return ""
    values = {"sum": t.money(case.facts["goal_cny"]), "month": case.facts["goal_month"]}
    if case.facts["goal"] == "profit":
        return t(
            "At the most likely values a profit of {sum} is reached by month {month}.", **values
        )
    return t("At the most likely values sales of {sum} are reached by month {month}.", **values)


def _earns(t: Words, case: PoolCase) -> str:
    middle = case.interval.p50
    if middle < 0:
        return t("loses {sum}", sum=t.money(-middle))
    return t("earns {sum}", sum=t.money(middle))


def cohort_warnings(t: Words, case: PoolCase) -> list[str]:
    """What to keep in mind about a pasted survival table."""
    return [t(warning) for warning in case.cohort.warnings] if case.cohort else []


def _tiles(t: Words, case: PoolCase) -> tuple[Tile, ...]:
    middle, facts, end = case.interval, case.facts, case.central
    return (
        Tile(
            t("Profit by month {n}", n=case.horizon),
            t.money(middle.p50),
            t(
                "{range}, loss in {n} of 100",
                range=t.span(t.money(middle.p10), t.money(middle.p90)),
                n=round(case.loss_probability * 100),
            ),
            "bad" if middle.p50 < 0 else "good",
            key="profit",
            number=middle.p50,
            unit="CNY",
            better=1,
        ),
        Tile(
            t("Pays from"),
            t("month {n}", n=t.number(case.pays_from))
            if math.isfinite(case.pays_from)
            else t("not by month {n}", n=case.horizon),
            t("paid back in {n} of 100 cases", n=round(case.break_even_share * 100)),
            key="pays_from",
            number=case.pays_from,
            unit="months",
            better=-1,
        ),
        Tile(
            t("Members in month {n}", n=case.horizon),
            people(t, end.members[0, -1]),
            set_up(t, groups=end.groups[0], accounts=end.accounts[0], staff=end.staff[0]),
            key="members",
            number=float(end.members[0, -1]),
            unit="count",
        ),
        Tile(
            t("Most that a join may cost"),
            t.price(case.highest_cac),
            t(
                "back in 12 months; bought: {price}, lifetime value {ltv}",
                price=t.price(facts["paid_cac_cny"]),
                ltv=t.price(max(case.ltv, 0.0)),
            ),
            key="highest_cac",
            number=case.highest_cac,
            unit="CNY",
            better=1,
        ),
    )


def numbers(case: PoolCase) -> dict[str, float | None]:
    """The headline numbers, unrounded, for the manifest; None for a month that never comes."""
    end = case.central
    return {
        "pool_profit_p10_cny": case.interval.p10,
        "pool_profit_p50_cny": case.interval.p50,
        "pool_profit_p90_cny": case.interval.p90,
        "pool_loss_probability": case.loss_probability,
        "pool_members": float(end.members[0, -1]),
        "pool_groups": float(end.groups[0]),
        "pool_accounts": float(end.accounts[0]),
        "pool_staff": float(end.staff[0]),
        "pool_pays_from_month": case.pays_from if math.isfinite(case.pays_from) else None,
        "pool_funding_needed_cny": case.funding_needed,
        "pool_paid_joins_per_month": float(case.paid_joins),
        "pool_highest_cac_cny": case.highest_cac,
        "pool_ltv_cny": case.ltv,
    }


def formulas(t: Words) -> list[tuple[str, str]]:
    """Number and statement of each formula that captions refer to."""
    return [
        (
            "P1",
            t(
                "Share left after t months: S(t) = B(α, β + t) / B(α, β), the "
                "shifted-beta-geometric curve, through the shares after 1 and 12 months or by "
                "maximum likelihood from a pasted table. Lifetime = Σ S(t) / (1 + d)^t from t = 0."
            ),
        ),
        (
            "P2",
            t(
                "Joins of a month = (channels + referral rate × members of the month before) × "
                "share of the potential not yet asked. Whoever joins is there for that whole month."
            ),
        ),
        (
            "P3",
            t(
                "Value of a member’s order = contribution in the brand’s own channel, after the "
                "members’ discount and without platform fee, − share that would have come anyway × "
                "contribution in the shop."
            ),
        ),
        (
            "P4",
            t(
                "Cash of a month = orders × value − bought joins − gifts and cards − wages of the "
                "people who look after the pool, 174 hours each − time of inviting employees − "
                "renewing groups − accounts and tools − setting up (month 1). It pays from the "
                "first month from which cumulative cash stays at 0 or more."
            ),
        ),
        (
            "P5",
            t(
                "Groups = members / (500 × seats taken); accounts = members / contacts of one "
                "account; people = max(members / members per person, groups / groups per person) × "
                "people employed per person on duty; each rounded up once."
            ),
        ),
        (
            "P6",
            t(
                "Most that a join may cost = a member’s monthly margin × (S(0) + … + S(11)). "
                "Lifetime value = monthly margin × discounted lifetime; the margin is after wages "
                "of those who look after the pool."
            ),
        ),
    ]


def limits(t: Words) -> list[str]:
    """What the analysis cannot show."""
    return [
        t(
            "Nothing that members bring after the last month of the plan is counted; a longer "
            "horizon favours the pool."
        ),
        t(
            "How many of the members’ orders would have come anyway decides the result and is our "
            "own figure: only customers left out on purpose show it."
        ),
        t(
            "Retention is a stand-in from a filing about shop customers who bought again; nobody "
            "has published a survival table of a private pool."
        ),
        t(
            "Members buy at the same rate at every age, and members already there leave like new "
            "ones."
        ),
        t("One person in two channels counts once only as far as accounts are matched."),
        t("The draws of the two retention figures are independent of each other."),
    ]
