"""The tier-mix journey: plans that can be carried out, verdicts that follow from numbers."""

import re
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolkit import reference
from kolkit.charts import tier_mix as charts
from kolkit.errors import InputError
from kolkit.inputs import Brand, Brief, TierMix
from kolkit.inputs.cells import PLATFORMS, TIERS, check_cells
from kolkit.journeys.facts import DRAWS
from kolkit.journeys.mix_plan import least_plan, outcome, plan_at, relaxed_value
from kolkit.journeys.mix_views import workload
from kolkit.journeys.tier_mix import run
from kolkit.text import tier_mix as text
from kolkit.text import tier_mix_figures, tier_mix_plan
from kolkit.text.cell_table import cell_table
from kolkit.words import Words

BRAND = set(Brand.model_fields)
FIGURES = {
    "ranking": (charts.ranking, tier_mix_figures.ranking),
    "bridge": (charts.bridge, tier_mix_figures.bridge),
    "plan": (charts.plan, tier_mix_plan.plan),
    "budget": (charts.budget, tier_mix_figures.budget),
}


def case_of(**given):
    """The case of a brief with these inputs; the others are the sourced defaults."""
    brand = {name: value for name, value in given.items() if name in BRAND}
    mix = {name: value for name, value in given.items() if name not in BRAND}
    return run(Brief(client="Nordlys", brand=Brand(**brand), tier_mix=TierMix(**mix)))


OWN = {"average_order_value_cny": 420.0, "gross_margin": 0.6}
"""A brand that knows its order and its margin."""


def said(case):
    told = text.answer(Words("en"), case)
    return told.headline


def test_a_brand_that_knows_its_margin_books_and_the_sentence_says_whom():
    case = case_of(**OWN)
    assert case.verdict.book
    assert case.verdict.reasons == ()
    assert "Book 849 micro-KOLs on Weibo" in said(case)
    assert case.plan.cost_cny <= 2_000_000
    assert case.gap == 0


def test_an_uncertain_brand_does_not_book_yet_and_learns_what_to_measure():
    case = case_of()
    assert case.verdict.reasons == ("loss_too_likely",)
    assert case.loss_probability > case.facts["loss_tolerance"]
    assert "Do not book it yet" in said(case)
    assert "Measure first: average order." in said(case)


def test_a_thin_margin_loses_and_says_so():
    case = case_of(gross_margin=0.2)
    assert "loses_at_median" in case.verdict.reasons
    assert case.profit.p50 < 0
    assert "Do not book it: no budget earns anything" in said(case)


def test_where_the_whole_budget_loses_a_smaller_one_that_earns_is_named():
    case = case_of(**OWN, budget_cny=30e6, universe_people=10_000_000)
    smaller = case.verdict.smaller_budget
    assert not case.verdict.book
    assert smaller is not None
    assert smaller < case.facts["budget_cny"]
    again = case_of(**OWN, budget_cny=smaller, universe_people=10_000_000)
    assert again.verdict.book
    assert again.profit.p50 > case.profit.p50
    assert "Do not book all of it" in said(case)


def test_a_budget_below_the_cheapest_account_books_nothing():
    case = case_of(budget_cny=100.0)
    assert case.verdict.reasons == ("nothing_affordable",)
    assert case.plan.collaborations == 0
    assert "buys no collaboration" in said(case)
    assert case.unspent == 100


def test_the_verdict_changes_where_the_loss_tolerance_is_crossed():
    odds = case_of().loss_probability
    assert not case_of(loss_tolerance=odds - 0.005).verdict.book
    assert case_of(loss_tolerance=odds + 0.005).verdict.book


def test_the_break_even_order_rate_earns_nothing():
    case = case_of(**OWN)
    at = case.break_even_order_rate
    profit = case_of(**OWN, order_rate_per_reached=at).expected.profit_cny
    assert float(profit) == pytest.approx(0, abs=1)


def test_more_budget_never_shows_a_worse_plan_over_two_hundred_budgets():
    facts = case_of().facts
    values = [plan_at(facts, budget).solved for budget in np.linspace(0, 10e6, 200)]
    assert all(plan.gap == 0 for plan in values)
    assert all(a.value <= b.value for a, b in pairwise(values))


def test_the_curve_of_people_never_falls_and_ends_below_the_niche():
    for inputs in ({}, {"lock_kol": 20}, {"hours_cap": 4000.0}, {"posts_per_account": 3}):
        sweep = case_of(**inputs).sweep
        assert all(a <= b + 1e-6 for a, b in pairwise(sweep.people))
        assert sweep.people.max() <= 0.6 * 20_000_000


def test_todays_point_of_the_curve_is_the_case_itself():
    case = case_of()
    row = int(np.flatnonzero(case.sweep.budgets == 2_000_000)[0])
    assert case.sweep.people[row] == pytest.approx(float(case.expected.people_reached))
    assert case.sweep.p50[row] == pytest.approx(case.profit.p50)
    assert case.sweep.loss_probability[row] == case.loss_probability


def test_the_relaxation_is_never_below_the_plan_and_close_to_it():
    case = case_of()
    budgets = np.array([5e4, 5e5, 2e6, 8e6])
    people = [float(outcome(case.facts, plan_at(case.facts, b), case.facts.centre()).people_reached)
              for b in budgets]  # fmt: skip
    bound = relaxed_value(case.facts, budgets)
    assert np.all(bound >= np.array(people) - 1e-6)
    assert np.all(bound <= 1.03 * np.array(people))


def test_locks_are_kept_and_never_raise_the_reach():
    free, locked = case_of(), case_of(lock_kol=30, lock_koc=0)
    by_tier = {cell.tier: n for cell, n in zip(locked.active, locked.plan.counts, strict=True)
               if n}  # fmt: skip
    assert by_tier["kol"] == 30
    assert "koc" not in by_tier
    assert locked.plan.solved.value <= free.plan.solved.value


def test_locks_that_cost_more_than_the_budget_are_refused_with_the_repair():
    with pytest.raises(InputError, match="lower the lock on celebrity to 0"):
        case_of(lock_celebrity=1)
    assert case_of(lock_celebrity=1, budget_cny=3e6).plan.counts[0] == 1


@pytest.mark.parametrize(
    "inputs",
    [
        {"budget_cny": 2_538_862.0, "lock_koc": 264, "lock_micro_kol": 29},
        {"budget_cny": 4_747_948.0, "lock_koc": 2880, "lock_micro_kol": 449},
        {"budget_cny": 22_681_035.0, "lock_koc": 2804},
        {"budget_cny": 70_616_382.0, "collaboration_rate": 0.015625},
        {"budget_cny": 416.0, "crisis_correlation": 7e-223},
    ],
)
def test_plans_with_many_locked_accounts_are_proven_too(inputs):
    case = case_of(**inputs)
    assert case.gap == 0
    assert text.numbers(case)
    assert case.outreach.if_uncertain >= case.outreach.enough


def test_the_least_budget_for_a_target():
    case = case_of(target_reach_people=1_500_000)
    least = case.target_plan
    reached = outcome(case.facts, least, case.facts.centre()).people_reached
    assert float(reached) >= 1_500_000 * (1 - 1e-9)
    # With ten yuan less, the best plan falls short.
    short = plan_at(case.facts, least.cost_cny - 10)
    assert float(outcome(case.facts, short, case.facts.centre()).people_reached) < 1_500_000
    with pytest.raises(InputError, match="more than the 12,000,000"):
        case_of(target_reach_people=13_000_000)
    with pytest.raises(InputError, match="all bookable accounts together reach"):
        case_of(target_reach_people=11_990_000)
    with pytest.raises(InputError, match="needs the objective reach"):
        case_of(target_reach_people=1000, objective="engagements")
    assert least_plan(case.facts, 1000.0).cost_cny < 3000


def test_a_cap_on_hours_is_kept_and_its_worth_is_told():
    case = case_of(hours_cap=3000.0)
    assert case.plan.solved.hours <= 3000
    assert case.plan.solved.worth_of_hour > 0
    assert "100 hours more" in tier_mix_plan.plan(Words("en"), case).why


def test_engagements_buy_another_mix():
    lively = [{"tier": "koc", "platform": "xiaohongshu", "engagement_rate": 0.10}]
    engaged, reach = (case_of(objective=goal, cells=lively) for goal in ("engagements", "reach"))
    assert engaged.plan.counts != reach.plan.counts
    assert float(engaged.expected.engagements) > float(reach.expected.engagements)
    assert float(engaged.expected.people_reached) < float(reach.expected.people_reached)


def test_cells_without_a_source_are_off_until_the_client_prices_them():
    case = case_of()
    assert len(case.cells) == len(TIERS) * len(PLATFORMS) == 48
    assert sum(cell.status == "no_source" for cell in case.cells) == 42
    assert {cell.key for cell in case.active} == {
        "celebrity.weibo", "kol.xiaohongshu", "micro_kol.weibo", "micro_kol.xiaohongshu",
        "koc.wechat", "koc.xiaohongshu",
    }  # fmt: skip
    priced = case_of(cells=[{"tier": "kol", "platform": "douyin", "price_cny": 2000.0,
                             "followers": 200_000, "supply": 5}])  # fmt: skip
    keys = [cell.key for cell in priced.active]
    assert priced.plan.counts[keys.index("kol.douyin")] == 5
    off = case_of(cells=[{"tier": "micro_kol", "platform": "weibo", "bookable": False}])
    assert "micro_kol.weibo" not in {cell.key for cell in off.active}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"tier": "micro-kol", "platform": "weibo"}], "Did you mean micro_kol?"),
        ([{"tier": "kol", "platform": "redbook"}], "platform must be one of wechat"),
        ([{"tier": "kol", "platform": "weibo"}], "no sourced price_cny and no followers"),
        ([{"tier": "kol", "platform": "weibo", "price_cny": 5.0}], "no sourced followers"),
        ([{"tier": "koc", "platform": "wechat", "on_target_share": 20}], "Did you mean 0.20?"),
        ([{"tier": "koc", "platform": "wechat", "price_cny": -5}], "0 or more; got -5"),
        ([{"tier": "koc", "platform": "wechat", "followers": 0}], "1 or more; got 0"),
        ([{"tier": "koc", "platform": "wechat", "supply": 1.5}], "whole number; got 1.5"),
        ([{"tier": "koc", "platform": "wechat", "supply": "many"}], "must be a number; got many"),
        ([{"tier": "koc", "platform": "wechat", "price": 5}], "Did you mean price_cny?"),
        ([{"tier": "koc", "platform": "wechat"}] * 2, "repeats row 1"),
        ([{"tier": "koc"}], "platform must be one of .* it is missing"),
        ([{"tier": "koc", "platform": "wechat", "bookable": "yes"}], "true or false; got yes"),
        ([{"tier": "koc", "platform": "wechat", "price_cny": float("nan")}], "must be a number"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_the_repair(rows, told):
    with pytest.raises(InputError, match=re.escape(told).replace(r"\.\*", ".*")):
        check_cells(rows)


def test_an_account_that_alone_fills_the_target_group_is_left_out_and_said():
    case = case_of(universe_people=1_000_000)
    assert "celebrity.weibo" not in {cell.key for cell in case.active}
    assert "Weibo celebrity" in tier_mix_plan.plan(Words("en"), case).why
    status = {cell.key: cell.status for cell in case.cells}
    assert status["celebrity.weibo"] == "too_large"


def test_the_ranking_flips_where_it_is_said_to():
    """Just below the share one cell is cheaper by CPM, just above the other; CPE never moves."""
    case = case_of()
    assert case.flips
    for flip in case.flips:
        cpm, cpe = [], []
        for share in (flip.share - 0.004, flip.share + 0.004):
            there = case_of(fake_view_share=share)
            rows = {cell.key: row for row, cell in enumerate(there.active)}
            cpm.append(there.cpm[rows[flip.better.key]] < there.cpm[rows[flip.worse.key]])
            cpe.append(there.cpe.tolist())
        assert cpm == [False, True]
        assert cpe[0] == cpe[1]


def test_the_title_tells_the_flip_on_either_side_of_it():
    t = Words("en")
    share = next(f.share for f in case_of().flips if f.better.key == "micro_kol.xiaohongshu")
    before = tier_mix_figures.ranking(t, case_of(fake_view_share=share - 0.03)).title
    after = tier_mix_figures.ranking(t, case_of(fake_view_share=share + 0.03)).title
    assert "Xiaohongshu micro-KOL overtakes Xiaohongshu KOL" in before
    assert "Xiaohongshu micro-KOL is ahead of Xiaohongshu KOL" in after


def test_the_bridge_starts_at_the_books_price_and_adds_up():
    case = case_of()
    view = case.bridge
    rate = case.facts["cny_per_usd"]
    assert view.cell.key == "micro_kol.weibo"
    assert view.steps[0][1] / rate == pytest.approx(6.67, abs=0.005)
    assert sum(amount for _, amount in view.steps) == pytest.approx(view.true)
    assert "US$6.67" in tier_mix_figures.bridge(Words("en"), case).title


def test_without_labour_its_step_disappears():
    case = case_of(count_labour=False)
    assert "labour" not in dict(case.bridge.steps)
    assert case.plan.cost_cny < 2_000_000.01
    title = tier_mix_figures.bridge(Words("en"), case).title
    assert title.startswith("Without labour and outreach, US$6.67")
    assert case_of().bridge.true > case.bridge.true


def test_at_the_tipping_points_the_micro_kol_costs_what_its_rival_costs():
    view = case_of().bridge
    # The rival's own hours rise with the factor, so it is compared as it was.
    there = case_of(hours_factor=view.tipping.hours / view.hours).bridge
    assert there.true == pytest.approx(view.tipping.rival_cpm, rel=1e-6)
    dear = case_of(wage_cny_per_hour=view.tipping.wage).bridge
    assert dear.true == pytest.approx(dear.tipping.rival_cpm, rel=1e-6)


def test_the_plans_table_adds_up_to_the_budget():
    for inputs in ({}, OWN, {"budget_cny": 123_456.0}, {"lock_koc": 50}):
        table = tier_mix_plan.plan(Words("en"), case_of(**inputs)).table
        *lines, total = table.columns["Cost, RMB"]
        assert sum(lines) == total == round(inputs.get("budget_cny", 2_000_000))
        *counts, whole = table.columns["Collaborations"]
        assert sum(n for n in counts if n) == whole


def test_late_senders_learn_how_many_finish_in_time_and_how_many_jobs_the_hours_are():
    case = case_of(horizon_months=2)
    small = case.outreach
    assert small.days > small.days_at_hand == 42
    there = case_of(horizon_months=2, senders=small.senders_needed).outreach
    fewer = case_of(horizon_months=2, senders=small.senders_needed - 1).outreach
    assert there.days <= 42 < fewer.days
    assert case.people_needed == pytest.approx(case.plan.solved.hours / 348)
    why = tier_mix_plan.plan(Words("en"), case).why
    assert f"42 working days of 2 months: {small.senders_needed} senders finish in time" in why
    assert f"fill {case.people_needed:.1f} full-time jobs for 2 months" in why
    assert "finish in time" not in tier_mix_plan.plan(Words("en"), case_of()).why


def test_the_work_of_any_plan():
    case = case_of()
    half = plan_at(case.facts, 1e6)
    work = workload(case.facts, half)
    assert work.contacts < workload(case.facts, case.plan).contacts == case.outreach.enough
    assert work.hours == half.solved.hours
    assert work.people == pytest.approx(work.hours / (174 * 12))
    nothing = workload(case.facts, plan_at(case.facts, 0))
    assert (nothing.contacts, nothing.senders, nothing.people) == (0, 0, 0)


def test_an_order_rate_above_one_is_said_to_be_impossible():
    case = case_of(universe_people=10_000)
    assert case.break_even_order_rate > 1
    told = text.answer(Words("en"), case).qualifier
    assert f"would take {case.break_even_order_rate:.1f} orders from every person" in told
    assert "breaks even" not in told


def test_where_nothing_is_booked_tiles_have_no_amounts():
    people, _, cpm, profit = text.answer(Words("en"), case_of(budget_cny=0.0)).tiles
    assert (people.note, cpm.value, profit.note) == ("–", "–", "–")
    assert cpm.note.endswith(": –")


def test_a_target_is_answered_in_the_qualifier():
    t = Words("en")
    case = case_of(target_reach_people=5_000_000)
    cost = case.target_plan.cost_cny
    assert text.answer(t, case).qualifier.endswith(
        f"5m people take {t.money(cost)}, {t.money(cost - 2e6)} more than the budget."
    )
    within = text.answer(t, case_of(target_reach_people=1_500_000)).qualifier
    assert "1.5m people take" in within
    assert within.endswith("which is within the budget.")


def test_amounts_of_one_answer_have_one_precision():
    case, t = case_of(**OWN), Words("en")
    told, p50 = text.answer(t, case), t.money(case.profit.p50)
    assert f"about {p50}" in told.headline
    assert f" {p50}," in told.qualifier
    assert told.tiles[3].value == p50


def test_locks_that_leave_one_plan_are_said_to_fix_it():
    t = Words("en")
    fixed = case_of(**OWN, **LOCKED)
    assert fixed.one_plan
    words = tier_mix_figures.budget(t, fixed)
    assert "The locks fix the plan" in words.why
    assert "meets more people" not in words.why
    assert "Profit is largest" not in text.answer(t, fixed).headline
    choice = case_of(**OWN, **(LOCKED | {"cells": []}))
    assert choice.locked
    assert not choice.one_plan
    assert "fix how many of each tier" in tier_mix_figures.budget(t, choice).why
    assert "meets more people" in tier_mix_figures.budget(t, case_of(lock_kol=3)).why


def test_the_bridge_is_in_rmb_beside_the_books_own_figure():
    t, case = Words("en"), case_of()
    words = tier_mix_figures.bridge(t, case)
    rival = case.bridge.tipping
    assert words.title.count("US$") == 1
    assert t.money(case.bridge.true) in words.title
    assert f"at {t.money(rival.rival_cpm)}, from any one of" in words.why
    assert words.why.count("US$") == 2
    drawn = charts.bridge(t, case).to_plotly_json()["layout"]["annotations"]
    assert all("¥" in mark["text"] for mark in drawn)


def test_names_in_the_ranking_fit_half_a_phone():
    drawn = charts.ranking(Words("en"), case_of()).to_plotly_json()["layout"]["annotations"]
    lines = [line for mark in drawn for line in mark["text"].split("<br>")]
    assert "Xiaohongshu<br>micro-KOL" in [mark["text"] for mark in drawn]
    assert all(len(line) <= charts.LINE for line in lines if "<b>" not in line)


def test_outreach_and_crisis_are_told():
    case = case_of()
    assert case.outreach.collaborations == 863
    assert case.outreach.enough == 9094
    assert case.outreach.days == 152
    told = tier_mix_plan.plan(Words("en"), case).why
    assert "9,094 to be sure" in told
    assert case.crisis_cvar == pytest.approx(0.25, abs=0.02)


def test_what_is_uncertain_is_drawn_and_the_seed_repeats_it():
    one, two = case_of(), case_of()
    assert one.drawn.profit_cny.shape == (DRAWS,)
    assert one.profit == two.profit
    assert case_of(seed=2).profit != one.profit
    assert "order_rate_per_reached" in one.uncertain
    assert "order_rate_per_reached" not in case_of(order_rate_per_reached=0.005).uncertain
    assert one.profit.p10 < float(one.expected.profit_cny) < one.profit.p90


def test_one_outcome_for_numbers_and_for_draws():
    case = case_of()
    centre = case.facts.centre()
    once = outcome(case.facts, case.plan, centre)
    many = outcome(case.facts, case.plan, {k: np.full(3, v) for k, v in centre.items()})
    for name in once.__dataclass_fields__:
        assert getattr(once, name).shape == ()
        assert getattr(many, name) == pytest.approx([float(getattr(once, name))] * 3)


def test_the_table_of_cells_is_what_the_input_takes_back():
    case = case_of()
    rows = cell_table(Words("en"), case.cells)
    assert len(rows) == 48
    known = [row["key"] | row["values"] for row in rows if row["on"]]
    assert case_of(cells=known).plan.counts == case.plan.counts
    assert {row["status"] for row in rows} == {"on", "off: no source"}


def test_platforms_and_tiers_are_those_of_the_data_package():
    assert tuple(reference.platforms()) == PLATFORMS
    assert tuple(reference.tiers()) == TIERS


ALONE = [{"tier": "micro_kol", "platform": "xiaohongshu", "bookable": False}]
LOCKED = {"lock_celebrity": 0, "lock_kol": 0, "lock_micro_kol": 500, "lock_koc": 0, "cells": ALONE}

CASES = {
    "default": {},
    "own figures": OWN,
    "no labour": {"count_labour": False, "target_reach_people": 900_000},
    "nothing affordable": {"budget_cny": 0.0},
    "small universe": {"universe_people": 200_000, "budget_cny": 5e6},
    "engagements": {"objective": "engagements", "hours_cap": 3000.0},
    "locks": LOCKED,
    "small niche": {"universe_people": 10_000},
    "a target and late senders": {"target_reach_people": 5_000_000, "horizon_months": 1},
    "one cell": {"lock_celebrity": 1, "budget_cny": 2_100_000.0, "fake_view_share": 0.0},
    "no cell": {"cells": [
        {"tier": tier, "platform": platform, "bookable": False}
        for tier, platform in (
            ("celebrity", "weibo"), ("kol", "xiaohongshu"), ("micro_kol", "weibo"),
            ("micro_kol", "xiaohongshu"), ("koc", "xiaohongshu"), ("koc", "wechat"),
        )
    ]},
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("inputs", CASES.values(), ids=CASES)
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_properties_plotly_knows_and_words(name, inputs, language):
    draw, tell = FIGURES[name]
    t, case = Words(language), case_of(**inputs)
    drawn = draw(t, case).to_plotly_json()
    assert go.Figure(drawn).to_plotly_json()["data"]
    assert {trace["type"] for trace in drawn["data"]} <= {"bar", "scatter"}
    words = tell(t, case)
    for told in (words.title, words.subtitle, words.why, words.source):
        assert "{" not in told
        assert "nan" not in told.casefold()
    assert words.title
    assert words.table.rows()
    assert words.table.html(t)


@settings(max_examples=40, deadline=None)
@given(
    budget=st.floats(0, 2e7), fake=st.floats(0, 0.95), view=st.floats(0.001, 1),
    universe=st.integers(10_000, 10**9), rate=st.floats(0, 0.5), niche=st.floats(0.01, 1),
    margin=st.floats(0, 1), labour=st.booleans(), posts=st.integers(1, 52),
    objective=st.sampled_from(["reach", "engagements"]), factor=st.floats(0.05, 10),
)  # fmt: skip
def test_every_position_of_the_sliders_has_an_answer_in_both_languages(
    budget, fake, view, universe, rate, niche, margin, labour, posts, objective, factor
):
    case = case_of(
        budget_cny=budget, fake_view_share=fake, view_rate=view, universe_people=universe,
        order_rate_per_reached=rate, audience_concentration=niche, gross_margin=margin,
        count_labour=labour, posts_per_account=posts, objective=objective, price_factor=factor,
        hours_factor=factor, engagement_factor=factor,
    )  # fmt: skip
    assert case.plan.cost_cny <= budget + 0.01
    assert float(case.expected.people_reached) <= niche * universe * (1 + 1e-9)
    for language in ("en", "zh"):
        t = Words(language)
        told = text.answer(t, case)
        for sentence in (told.headline, told.qualifier, *(tile.value for tile in told.tiles)):
            assert sentence
            assert "{" not in sentence
            assert "nan" not in sentence.casefold()
    assert case.verdict.book == (not case.verdict.reasons)
    assert all(np.isfinite(value) for value in text.numbers(case).values())


def test_formulas_are_the_ones_that_captions_refer_to():
    t, case = Words("en"), case_of()
    known = {number for number, _ in text.formulas(t)}
    for _, tell in FIGURES.values():
        assert set(re.findall(r"\bT\d", tell(t, case).source)) <= known
    assert text.limits(t)
