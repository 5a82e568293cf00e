"""The answer page of a livestream report: five rows of words and two tables.

The five rows together stay within 120 words.
"""

from kolkit.assumptions import measurements
from kolkit.journeys.livestream import LivestreamCase
from kolkit.models.contracts import Terms
from kolkit.text.livestream import conditions, reasons
from kolkit.text.parts import HalfPage, Table
from kolkit.words import N_, Words

COMMISSION_ON = {
    "net": N_("{rate} commission on net sales"),
    "gross": N_("{rate} commission on gross sales"),
}
GUARANTEE_ON = {
    ("net", "pro_rata"): N_("guarantee of {sum} net, pro rata"),
    ("gross", "pro_rata"): N_("guarantee of {sum} gross, pro rata"),
    ("net", "cliff"): N_("guarantee of {sum} net, all or nothing"),
    ("gross", "cliff"): N_("guarantee of {sum} gross, all or nothing"),
}


def terms_in_words(t: Words, terms: Terms) -> str:
    """A contract as a clause: fee, commission, guarantee and what they are counted on."""
    rate = t.value(terms.commission_rate, "share")
    parts = [
        t("fee {fee}", fee=t.money(terms.slot_fee)) if terms.slot_fee else t("no fee"),
        t(COMMISSION_ON[terms.commission_base], rate=rate),
    ]
    if terms.slot_fee and terms.guarantee and terms.shortfall != "none":
        sentence = GUARANTEE_ON[(terms.guarantee_base, terms.shortfall)]
        parts.append(t(sentence, sum=t.money(terms.guarantee)))
    if terms.fee_is_advance and terms.slot_fee:
        parts.append(t("fee set off against commission"))
    return ("，" if t.language == "zh" else ", ").join(parts)


def half_page(t: Words, case: LivestreamCase) -> HalfPage:
    """The answer page of the report."""
    return HalfPage(
        do=_do(t, case),
        brings=_brings(t, case),
        risks=_risks(t, case),
        rests_on=_rests_on(t, case),
        measure_first=_measure_first(t, case),
        table=_money_table(t, case),
        terms=_term_sheet(t, case),
    )


def _do(t: Words, case: LivestreamCase) -> str:
    week = t(
        "Stream by week {week} of {weeks}.",
        week=case.latest_week,
        weeks=round(case.facts["horizon_months"] * 365.25 / 84),
    )
    if case.verdict.sign:
        told = conditions(t, case)
        first = (
            t("Sign, provided {conditions}.", conditions=t.join(told))
            if told
            else t("Sign: no plausible input changes that.")
        )
        return t.sentences(first, week)
    refuse = t("Do not sign as offered: {reasons}.", reasons=reasons(t, case))
    if case.recommended is None:
        return t.sentences(
            refuse, t("Do not stream: neither a lower fee nor a lower commission makes it pay.")
        )
    offer = t(
        "Offer: {terms}, counted after {n} days.",
        terms=terms_in_words(t, case.recommended.terms),
        n=case.facts["return_window_days"],
    )
    return t.sentences(refuse, offer, week)


def _brings(t: Words, case: LivestreamCase) -> str:
    best = case.recommended
    if best is None:
        return t(
            "Nothing, and spares you {loss}, the middle result of signing as offered.",
            loss=t.money(-case.offered.interval.p50, 2),
        )
    told = t(
        "{p50} net profit (P10–P90 {range}); loss in {n} of 100 cases.",
        p50=t.money(best.interval.p50, 2),
        range=t.span(t.money(best.interval.p10, 2), t.money(best.interval.p90, 2)),
        n=round(best.loss_probability * 100),
    )
    if case.verdict.sign:
        return t.sentences(told, t("Doing nothing: ¥0."))
    offered = t.money(case.offered.interval.p50)
    instead = t("Signing as offered: {offered}; doing nothing: ¥0.", offered=offered)
    return t.sentences(told, instead)


def _risks(t: Words, case: LivestreamCase) -> str:
    worst = case.worst_case
    fact = case.facts.by_name[worst.cause]
    sentence = (
        N_("One case in twenty ends below {profit}, mostly with {cause} around {value}.")
        if case.recommended
        else N_("Signed all the same, one case in twenty ends below {profit}.")
    )
    return t(
        sentence,
        profit=t.money(worst.profit, 2),
        cause=t.inline(t(fact.title)),
        value=t.value(worst.typical_value, fact.declared.unit),
    )


def _rests_on(t: Words, case: LivestreamCase) -> str:
    told = []
    for driver in case.drivers[:3]:
        fact = case.facts.by_name[driver.name]
        grade = (
            fact.assumption.grade
            if fact.assumption and fact.origin == "default"
            else (t("client") if fact.origin == "client" else t("file"))
        )
        flips = (
            t("flips at {value}", value=t.value(driver.flips_at, fact.declared.unit))
            if driver.flips_at is not None
            else t("does not flip")
        )
        told.append(
            t(
                "{name} {value} ({grade}; {flips})",
                name=t.inline(t(fact.title)),
                value=t.value(fact.value, fact.declared.unit),
                grade=grade,
                flips=flips,
            )
        )
    if not told:
        return t("No uncertain input moves this result.")
    text = " · ".join(told)
    return text[:1].upper() + text[1:]


def _measure_first(t: Words, case: LivestreamCase) -> str:
    known = measurements()
    for name, worth in case.worth_knowing:
        if name in known and worth >= known[name].cost_cny:
            return t(
                "{what}. Worth up to {worth}; costs about {cost} ({grade}).",
                what=t(known[name].what),
                worth=t.money(worth, 2),
                cost=t.money(known[name].cost_cny, 2),
                grade=known[name].grade,
            )
    name, worth = case.worth_knowing[0] if case.worth_knowing else ("", 0.0)
    if worth < 1:
        return t("Nothing: no single measurement would change the decision.")
    return t(
        "Nothing dearer than {worth}, the worth of knowing {name}.",
        worth=t.money(worth, 2),
        name=t.inline(t(case.facts.by_name[name].title)),
    )


def _money_table(t: Words, case: LivestreamCase) -> Table:
    """Where the budget goes; the rows add up to the budget."""
    budget = round(case.facts["budget_cny"])
    best = case.recommended
    fee = round(best.terms.slot_fee) if best else 0
    left = budget - fee
    p50, p10, p90 = (
        (best.interval.p50, best.interval.p10, best.interval.p90) if best else (0.0, 0.0, 0.0)
    )
    return Table(
        t("Where the budget goes"),
        {
            t("Where {sum} RMB goes", sum=f"{budget:,}"): [
                t("Livestream: one session, fee") if best else t("Livestream: not booked"),
                t("Unspent: no other option in this plan") if left >= 0 else t("Missing"),
                t("Total"),
            ],
            t("RMB"): [fee, left, budget],
            t("Profit P50"): [p50, None, p50],
            "P10": [p10, None, p10],
            "P90": [p90, None, p90],
        },
    )


CLAUSES = (
    "slot_fee_cny",
    "guarantee_cny",
    "guarantee_base",
    "shortfall",
    "commission_rate",
    "commission_base",
    "fee_is_advance",
)


def _term_sheet(t: Words, case: LivestreamCase) -> Table:
    """The clauses as offered and, where they differ, as recommended; words as at the knobs."""
    facts = [case.facts.by_name[name] for name in CLAUSES]

    def clauses(terms: Terms) -> list[str]:
        guaranteed = terms.shortfall != "none" and terms.guarantee > 0 and terms.slot_fee > 0
        values = {
            "slot_fee_cny": terms.slot_fee or t("none"),
            "guarantee_cny": terms.guarantee if guaranteed else t("none"),
            "guarantee_base": terms.guarantee_base if guaranteed else "–",
            "shortfall": terms.shortfall if guaranteed else "–",
            "commission_rate": terms.commission_rate,
            "commission_base": terms.commission_base,
            "fee_is_advance": terms.fee_is_advance,
        }
        told = []
        for fact in facts:
            value, options = values[fact.name], dict(fact.declared.options)
            told.append(
                t(options[value]) if value in options else t.value(value, fact.declared.unit)
            )
        later = "net" in (terms.commission_base, terms.guarantee_base if guaranteed else "")
        days = t("{n} days after the session", n=case.facts["return_window_days"])
        return [*told, days if later else "–"]

    columns = {
        t("Clause"): [*(t(fact.title) for fact in facts), t("Sales counted")],
        t("As offered"): clauses(case.terms),
    }
    if case.recommended and not case.verdict.sign:
        columns[t("To offer instead")] = clauses(case.recommended.terms)
    return Table(t("Terms"), columns)
