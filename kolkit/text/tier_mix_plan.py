"""What stands around the plan of an influencer mix: whom it books, and what limits it."""

from kolkit.journeys.tier_mix import TierMixCase
from kolkit.text import points
from kolkit.text.parts import CENTS, MONEY, Cell, FigureWords, Table, small_format
from kolkit.text.tier_names import cell_name, paragraphs
from kolkit.words import N_, Words

ROUND, LARGE = 1_000, 10_000
"""Sums of the page's currency for which it is said what they buy."""


def per_thousand(t: Words, case: TierMixCase) -> list[float]:
    """What 1,000 of the page's currency buys first in each cell: people, or engagements."""
    at = case.measures
    got = at.reached if case.facts["objective"] == "reach" else at.engagements
    return (t.in_cny(ROUND) * got[:, 0] / at.cost[:, 0]).tolist()


def plan(t: Words, case: TierMixCase) -> FigureWords:
    """Words for the plan."""
    used = [row for row, count in enumerate(case.plan.counts) if count]
    if not used:
        title = t("Nothing is booked")
    else:
        cost = case.measures.cost[:, 0]
        first = max(used, key=lambda row: case.plan.counts[row] * cost[row])
        title = t(
            "{cell} takes {share} of the spend: {n} collaborations",
            cell=cell_name(t, case.active[first]),
            share=t.share(case.plan.counts[first] * cost[first] / max(case.plan.cost_cny, 1.0)),
            n=t.number(case.plan.counts[first]),
        )
    return FigureWords(
        title=title,
        subtitle=t(
            "People of the target group reached per {sum}, and what is booked",
            sum=t.round_sum(ROUND),
        )
        if case.facts["objective"] == "reach"
        else t("Engagements per {sum}, and what is booked", sum=t.round_sum(ROUND)),
        why=paragraphs(
            _worth(t, case),
            _left_out(t, case),
            t.sentences(_outreach(t, case), _work(t, case)),
            _crisis(t, case),
        ),
        source=t("Source: prices and tiers in the ledger; formulas T1, T3, T5 and T6."),
        table=_plan_table(t, case),
        points=(points.bought(t, case, ROUND, per_thousand(t, case)),),
    )


def _plan_table(t: Words, case: TierMixCase) -> Table:
    at, counts = case.measures, case.plan.counts
    rows = [row for row, count in enumerate(counts) if count]
    money = [round(t.amount(counts[row] * float(at.cost[row, 0]))) for row in rows]
    # The lines are whole sums; what rounding leaves goes to the rest, so that the column adds up.
    unspent = round(t.amount(case.facts["budget_cny"])) - sum(money)
    hours = [counts[row] * float(at.hours[row, 0]) for row in rows]
    contacts = [counts[row] * float(at.contacts[row, 0]) for row in rows]
    columns: dict[str, list[Cell]] = {
        t("Tier and platform"): [
            *(cell_name(t, case.active[row]) for row in rows), t("Not spent"), t("Together"),
        ],
        t("Collaborations"): [*(counts[row] for row in rows), None, sum(counts)],
        t("Cost, {currency}", currency=t.currency_unit): [*money, unspent, sum(money) + unspent],
        t("Hours"): [*hours, None, sum(hours)],
        t("Contacts"): [*contacts, None, sum(contacts)],
        t("People reached alone"): [
            *(_alone(case, row) for row in rows), None, float(case.expected.people_reached),
        ],
        t("True CPM"): t.amounts([*(float(case.cpm[row]) for row in rows), None, None]),
        t("CPE"): t.amounts([*(float(case.cpe[row]) for row in rows), None, None]),
    }  # fmt: skip
    formats = dict.fromkeys(columns, MONEY)
    formats |= {t("CPE"): CENTS, t("True CPM"): small_format(t)}
    names = list(columns)
    # People overlap, so that together they are fewer than the sum of each.
    return Table(t("The plan"), columns, formats, sums=names[1:5])


def _alone(case: TierMixCase, row: int) -> float:
    """People that the accounts of one cell reach without the others."""
    niche = case.facts["audience_concentration"]
    universe = case.facts["universe_people"]
    rho = float(case.measures.rho[row, 0])
    return float(universe * niche * (1 - (1 - rho / niche) ** case.plan.counts[row]))


def _worth(t: Words, case: TierMixCase) -> str:
    """What one more yuan, hour or account is worth, in people (or engagements)."""
    solved = case.plan.solved
    scale = 1.0
    if case.facts["objective"] == "reach":
        # Points add up, people overlap: one more point brings only those not yet reached.
        part = case.facts["audience_concentration"] * case.facts["universe_people"]
        scale = max(0.0, 1 - float(case.expected.people_reached) / part)
    unit = (
        N_("{n} more people") if case.facts["objective"] == "reach" else N_("{n} more engagements")
    )
    told = []
    bought = t.in_cny(LARGE) * scale * solved.worth_of_yuan
    if bought >= 0.5:
        more = t(unit, n=t.count(bought, 2))
        told.append(t("{sum} more brings about {more}", sum=t.round_sum(LARGE), more=more))
    if 100 * scale * solved.worth_of_hour >= 0.5:
        told.append(
            t("100 hours more about {more}", more=t(unit, n=t.count(
                100 * scale * solved.worth_of_hour, 2)))
        )  # fmt: skip
    scarce = max(range(len(case.active)), key=lambda j: solved.worth_of_account[j], default=None)
    if (
        scarce is not None
        and solved.worth_of_account[scarce] > 0
        and (case.plan.counts[scarce] == case.active[scarce].supply)
    ):
        told.append(
            t("one more {cell} in supply about {more}",
              cell=cell_name(t, case.active[scarce]),
              more=t(unit, n=t.count(scale * solved.worth_of_account[scarce], 2)))
        )  # fmt: skip
    proof = (
        t("No other plan within the limits does better.")
        if solved.gap == 0
        else t("No other plan does better by more than {gap}.", gap=t.share(solved.gap, 2))
    )
    if not told and solved.worth_of_yuan > 0:
        return t.sentences(proof, t("More money would reach nobody new."))
    if not told:
        return t.sentences(t("Everything that can be booked is booked."), proof)
    return t.sentences(proof, t("{parts}.", parts=t.join(told)))


def _left_out(t: Words, case: TierMixCase) -> str:
    large = [cell for cell in case.cells if cell.status == "too_large"]
    unsourced = sum(cell.status == "no_source" for cell in case.cells)
    told = []
    if large:
        told.append(
            t(
                "Left out, because one account alone would fill the target group: {cells}.",
                cells=t.join([cell_name(t, cell) for cell in large]),
            )
        )
    if unsourced:
        told.append(t("{n} of 48 tiers and platforms are off: no price has a source.", n=unsourced))
    return t.sentences(*told)


def _outreach(t: Words, case: TierMixCase) -> str:
    small = case.outreach
    if not small.collaborations:
        return ""
    told = t(
        "Outreach: {n} small accounts take {expected} contacts on average and {enough} to be sure "
        "in 95 of 100 cases, {days} working days for {senders} senders; if the rate is only known "
        "from a few trials, {uncertain}.",
        n=t.number(small.collaborations),
        expected=t.number(small.expected),
        enough=t.number(small.enough),
        days=t.number(small.days),
        senders=case.facts["senders"],
        uncertain=t.number(small.if_uncertain),
    )
    if small.days <= small.days_at_hand:
        return told
    late = t(
        "That is more than the {days} working days of {months} months: {needed} senders finish in "
        "time.",
        days=t.number(small.days_at_hand),
        months=case.facts["horizon_months"],
        needed=t.number(small.senders_needed),
    )
    return t.sentences(told, late)


def _work(t: Words, case: TierMixCase) -> str:
    """The hours of the plan as full-time jobs."""
    if not case.plan.solved.hours:
        return ""
    return t(
        "The {hours} hours of work fill {people} full-time jobs for {months} months.",
        hours=t.number(case.plan.solved.hours),
        people=t.number(case.people_needed, 1),
        months=case.facts["horizon_months"],
    )


def _crisis(t: Words, case: TierMixCase) -> str:
    if not case.plan.collaborations:
        return ""
    return t(
        "Crises: in the worst twentieth of cases {share} of the spend is lost on average.",
        share=t.share(case.crisis_cvar),
    )
