"""The answer page of a report: five rows of words and the table of money, from the joint plan.

The five rows together stay within 120 words.
"""

from math import ceil
from typing import Any

from kolkit.assumptions import measurements
from kolkit.journeys.mix_views import workload
from kolkit.journeys.plan import PlanCase
from kolkit.journeys.plan_engine import Key
from kolkit.text.livestream import reasons as live_reasons
from kolkit.text.parts import HalfPage
from kolkit.text.plan import in_plan, journey_names, leave_out, posts_in_words, reasons
from kolkit.text.plan_figures import flip_in_words, money_table
from kolkit.text.private_pool import needs, people
from kolkit.text.rate import rate_note
from kolkit.words import Words


def half_page(t: Words, case: PlanCase) -> HalfPage:
    """The answer page of the report."""
    return HalfPage(
        do=_do(t, case),
        brings=_brings(t, case),
        risks=_risks(t, case),
        rests_on=_rests_on(t, case),
        measure_first=_measure_first(t, case),
        table=money_table(t, case),
    )


def details(t: Words, case: PlanCase) -> dict[str, Any]:
    """What the report prints besides sentence and tiles."""
    half = half_page(t, case)
    return {
        "half_page": half.rows(t),
        "money": half.table.data(),
        "money_note": t.sentences(
            t(
                "Posts: spent. Pool: cash tied up at most. Livestream: slot fees. P50s of parts "
                "need not add up to the P50 of the whole."
            ),
            rate_note(t),
        ),
        "in_plan": in_plan(t, case),
        "go": case.verdict.go,
        "reasons": list(case.verdict.reasons),
    }


def _do(t: Words, case: PlanCase) -> str:
    told = []
    if not case.verdict.go:
        told.append(t("Do not spend it: {reasons}.", reasons=reasons(t, case)))
    if case.actions.mix is not None and case.actions.mix.collaborations:
        told.append(_book(t, case))
    if case.pool is not None:
        end = case.pool.outcome()
        told.append(
            t(
                "Build a pool: {members} members by month {month}, {staff}.",
                members=people(t, end.members[0, -1]),
                month=case.facts["horizon_months"],
                staff=needs(t, groups=0, accounts=0, staff=end.staff[0])["staff"],
            )
        )
    if case.live is not None:
        told.append(_stream(t, case))
    if case.verdict.go:
        told.append(leave_out(t, case))
    return t.sentences(*told)


def _book(t: Words, case: PlanCase) -> str:
    """The posts, and the people it takes to book them in time."""
    assert case.actions.mix is not None
    work = workload(case.facts, case.actions.mix)
    return t(
        "Book {posts} ({contacts} contacts, {n} full-time people).",
        posts=posts_in_words(t, case),
        contacts=t.count(work.contacts),
        n=ceil(work.people),
    )


def _stream(t: Words, case: PlanCase) -> str:
    live = case.live
    assert live is not None
    if not case.actions.sessions:
        return ""
    if live.verdict.sign:
        return t(
            "Sign the livestream; stream by week {week} of {weeks}.",
            week=live.latest_week,
            weeks=round(case.facts["horizon_months"] * 365.25 / 84),
        )
    assert live.recommended is not None
    fee = live.recommended.terms.slot_fee
    return t(
        "Do not sign as offered: {reason}. Offer {fee} (term sheet).",
        reason=live_reasons(t, live, first=True),
        fee=_fee(t, fee, case.actions.sessions),
    )


def _fee(t: Words, fee: float, sessions: int) -> str:
    if not fee:
        return t("no fee")
    if sessions > 1:
        return t("{fee} for each of {n} sessions", fee=t.money(fee), n=sessions)
    return t("fee {fee}", fee=t.money(fee))


def _brings(t: Words, case: PlanCase) -> str:
    if not case.verdict.go:
        names: dict[Key, str] = {**journey_names(t), "livestream": t("Livestream as offered")}
        alone = [f"{t.inline(names[key])} {t.money(found.p50)}" for key, found, _ in case.alone]
        return t("Nothing. Each alone would bring: {parts}.", parts=t.join(alone))
    return t(
        "{p50} net profit (P10–P90 {range}); loss in {n} of 100. Doing nothing: {nothing}{others}.",
        p50=t.money(case.interval.p50),
        range=t.span(t.money(case.interval.p10), t.money(case.interval.p90)),
        n=round(case.loss_probability * 100),
        nothing=t.money(0),
        others=_others(t, case),
    )


def _others(t: Words, case: PlanCase) -> str:
    """What comes of it if the streamer refuses, or if the contract is signed as it is."""
    if case.live is None or case.live.verdict.sign or not case.actions.sessions:
        return ""
    without = {key: found.p50 for key, found, _ in case.alternatives}
    return t(
        "; offer refused: {refused}; livestream as offered: {offered}",
        refused=t.money(without.get("livestream", 0.0)),
        offered=t.money(case.live.offered.interval.p50),
    )


def _risks(t: Words, case: PlanCase) -> str:
    if not case.verdict.go or not case.uncertain:
        return t("None beyond what is spent already.")
    worst = case.worst_case
    fact = case.facts.by_name[worst.cause]
    return t(
        "One in twenty ends below {profit}, mostly with {cause} near {value}.",
        profit=t.money(worst.profit),
        cause=t.inline(t(fact.title)),
        value=t.rounded(worst.typical_value, fact.declared.unit),
    )


def _rests_on(t: Words, case: PlanCase) -> str:
    told = []
    for driver in case.drivers[:3]:
        fact = case.facts.by_name[driver.name]
        own = {"client": t("client"), "file": t("file")}
        grade = own.get(fact.origin) or (fact.assumption.grade if fact.assumption else "–")
        flips = (
            t("flips at {value}", value=flip_in_words(t, driver, fact))
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
        return t("No single input moves this result.")
    text = " · ".join(told)
    return text[:1].upper() + text[1:]


def _measure_first(t: Words, case: PlanCase) -> str:
    known = measurements()
    for name, worth in case.worth_knowing:
        if name in known and worth >= known[name].cost_cny:
            return t(
                "{what}. Worth {worth}, costs {cost} ({grade}).",
                what=t(known[name].what),
                worth=t.about(worth),
                cost=t.about(known[name].cost_cny),
                grade=known[name].grade,
            )
    name, worth = case.worth_knowing[0] if case.worth_knowing else ("", 0.0)
    if worth < 1:
        return t("Nothing: no single measurement would change the decision.")
    return t(
        "Nothing: no measurement pays. Knowing {name} is worth {worth} at most.",
        worth=t.about(worth),
        name=t.inline(t(case.facts.by_name[name].title)),
    )
