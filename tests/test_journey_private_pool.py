"""The private-pool journey: verdicts, goals, pasted tables, and what every slider position says."""

import json
from contextlib import suppress
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolkit.charts import private_pool as charts
from kolkit.errors import InputError
from kolkit.inputs import Brand, Brief, PrivatePool
from kolkit.journeys.pool_flow import order_value, reach_goal, simulate
from kolkit.journeys.private_pool import outcome, paid_joins_for, run
from kolkit.journeys.survival_table import read_survival_table
from kolkit.models.pool import PoolLedger
from kolkit.models.unit_economics import contribution_per_order
from kolkit.text import private_pool as text
from kolkit.text import private_pool_figures as figures
from kolkit.words import Words, html

REGULAR = "100\n63.1\n46.8\n38.2\n32.6\n28.9\n26.2\n24.1"
FIGURES = ("cash", "retention", "capacity", "acquisition")
GOOD = {"purchases_per_member_month": 0.4, "incremental_share": 0.7}


def case_of(brand: dict | None = None, **pool):
    return run(Brief(client="Test", brand=Brand(**(brand or {})), private_pool=PrivatePool(**pool)))


def test_the_default_brand_is_told_not_to_build_and_why():
    case = case_of()
    assert case.verdict.reasons == ("loss_too_likely",)
    assert case.loss_probability > case.facts["loss_tolerance"]
    told = text.answer(Words("en"), case)
    assert "Do not build it: it loses money in" in told.headline
    assert "P10" in told.qualifier
    assert "P90" in told.qualifier


def test_a_pool_whose_members_buy_is_built_with_groups_accounts_and_people():
    case = case_of(**GOOD)
    assert case.verdict.build
    told = text.answer(Words("en"), case).headline
    assert told.startswith("Build a pool of ")
    assert f"{case.central.groups[0]:.0f} groups" in told
    assert f"it pays from month {case.pays_from:.0f}" in told
    assert case.pays_from <= case.horizon


def test_the_pool_earns_what_its_lines_add_up_to():
    case = case_of(**GOOD)
    ledger = case.detail.ledger
    lines = [getattr(ledger, name).sum() for name in PoolLedger.__dataclass_fields__]
    assert sum(lines) == pytest.approx(float(case.central.profit_cny[0]))
    joins = sum(channel.joins for channel in case.channels)
    assert joins == pytest.approx(case.detail.growth.joins_total.sum())
    left = sum(channel.members for channel in case.channels)
    assert left == pytest.approx(float(case.central.members[0, -1]))


def test_orders_in_the_pool_pay_no_platform_fee():
    """A quarter comes back at ¥12; 5 % off; half would have come anyway at a fee of 3.5 %."""
    values = case_of().facts.centre()
    pool = 300 * 0.75 * (0.55 - 0.05) - 0.25 * 12
    shop = contribution_per_order(
        average_order_value_cny=300, gross_margin=0.55, platform_fee_rate=0.035,
        base_return_rate=0.25, return_cost_per_order_cny=12,
    )  # fmt: skip
    assert float(order_value(values)) == pytest.approx(pool - 0.5 * float(shop))


def test_interval_and_seed():
    one, two = case_of(**GOOD), case_of(**GOOD)
    assert one.interval == two.interval
    assert case_of({"seed": 2}, **GOOD).interval != one.interval
    assert one.interval.p10 < float(one.central.profit_cny[0]) < one.interval.p90
    assert one.cash_band[1][-1] == one.interval.p50


def test_draws_equal_the_single_calls():
    case = case_of(**GOOD)
    joint = outcome(case.facts, case.draws, paid_joins_per_month=100.0, extra_joins_per_month=20.0)
    for i in (0, 7, 1999):
        one = outcome(
            case.facts,
            {name: column[i] for name, column in case.draws.items()},
            paid_joins_per_month=100.0,
            extra_joins_per_month=20.0,
        )
        assert joint.profit_cny[i] == pytest.approx(one.profit_cny[0])
        assert joint.members[i] == pytest.approx(one.members[0])
        assert joint.staff[i] == one.staff[0]


def test_a_grid_of_plans_equals_the_single_plans():
    case = case_of(**GOOD)
    paid, extra = np.array([0.0, 100.0, 900.0]), np.array([0.0, 300.0, 20.0])
    grid = outcome(
        case.facts, case.facts.centre(), paid_joins_per_month=paid, extra_joins_per_month=extra
    )
    for i in range(3):
        one = outcome(
            case.facts,
            case.facts.centre(),
            paid_joins_per_month=paid[i],
            extra_joins_per_month=extra[i],
        )
        assert grid.profit_cny[i] == pytest.approx(one.profit_cny[0])
        assert grid.cumulative_cash[i] == pytest.approx(one.cumulative_cash[0])
    assert grid.funding_needed == pytest.approx(-grid.lowest_cash_cny)


def test_dear_joins_are_not_bought_and_cheap_ones_within_the_budget():
    assert case_of(**GOOD).paid_joins == 0
    cheap = case_of(paid_cac_cny=100.0, **GOOD)
    assert cheap.paid_joins > 0
    assert cheap.highest_cac > 100
    poor = case_of({"budget_cny": 300_000.0}, paid_cac_cny=100.0, **GOOD)
    assert 0 < poor.paid_joins < cheap.paid_joins
    assert poor.funding_needed <= 300_000


@pytest.mark.parametrize("budget", [0.0, 50_000.0, 120_000.0, 400_000.0, 5e6])
def test_joins_bought_are_the_best_of_the_candidates_that_are_funded(budget):
    facts = case_of(paid_cac_cny=100.0, **GOOD).facts
    chosen = paid_joins_for(facts, budget)
    candidates = np.round(np.linspace(0, facts["paid_joins_cap_per_month"], 21))
    tried = outcome(facts, facts.centre(), paid_joins_per_month=candidates)
    fits = tried.funding_needed <= budget + 0.5
    if not fits.any():
        assert chosen == 0
        return
    assert chosen in candidates[fits]
    at = int(np.flatnonzero(candidates == chosen)[0])
    assert tried.profit_cny[at] >= tried.profit_cny[fits].max() - 0.5


def test_a_pool_that_cannot_be_funded_is_not_built():
    case = case_of({"budget_cny": 20_000.0}, **GOOD)
    assert "over_budget" in case.verdict.reasons
    assert "more than the budget" in text.answer(Words("en"), case).headline


def test_sales_as_a_goal_take_the_fewest_bought_joins():
    case = case_of(goal="revenue", goal_cny=5e6)
    assert case.paid_joins > 0

    def sales(paid: int) -> float:
        detail = simulate(case.facts, case.facts.centre(), paid_joins_per_month=paid)
        return float(detail.revenue[0, : case.facts["goal_month"]].sum())

    assert sales(case.paid_joins) >= 5e6 - 0.5 > sales(case.paid_joins - 1)
    need = case.needed
    assert need.members == pytest.approx(float(case.central.members[0, -1]))
    assert need.lowest_cash == pytest.approx(float(case.central.lowest_cash_cny[0]))
    told = figures.acquisition(Words("en"), case).why
    assert "Sales of ¥5.00m by month 12 take" in told


def test_a_profit_that_the_own_channels_reach_buys_nothing_and_says_how_few_suffice():
    case = case_of(goal="profit", goal_cny=100_000.0)
    assert case.paid_joins == 0
    assert 0 < case.needed.scale < 1
    again = simulate(
        case.facts, case.facts.centre(), paid_joins_per_month=0, scale=case.needed.scale
    )
    assert float(again.ledger.cumulative[0, -1]) >= 100_000 - 1


def test_a_goal_out_of_reach_says_what_can_be_reached_and_the_smallest_repair():
    with pytest.raises(InputError, match=r"the most is 148,362 RMB, with 0 bought joins") as told:
        case_of(goal="profit", goal_cny=1_000_000.0)
    assert "Lower it to 148362 or set goal_month to 24 and brand.horizon_months to 24." in str(
        told.value
    )
    assert case_of(goal="profit", goal_cny=148_362.0).paid_joins == 0
    later = case_of({"horizon_months": 24}, goal="profit", goal_cny=1_000_000.0, goal_month=24)
    assert later.facts["goal_month"] == 24
    with pytest.raises(InputError, match="cannot be reached"):
        case_of({"horizon_months": 23}, goal="profit", goal_cny=1_000_000.0, goal_month=23)
    with pytest.raises(InputError, match=r"goal_month must not exceed the horizon of 12 months"):
        case_of(goal="revenue", goal_month=18)


def test_more_has_to_be_bought_for_more_sales():
    bought = [
        reach_goal(case_of(goal="revenue", goal_cny=goal).facts) for goal in (3e6, 4e6, 6e6, 9e6)
    ]
    assert bought == sorted(bought)
    assert bought[-1] > bought[0]


def test_paying_back_takes_the_joins_that_are_said():
    case = case_of(**GOOD)
    need = case.needed
    for factor, pays in ((1.0, True), (0.97, False)):
        detail = simulate(
            case.facts,
            case.facts.centre(),
            paid_joins_per_month=0,
            scale=need.scale * factor,
        )
        assert (float(detail.ledger.cumulative[0, -1]) >= 0) is pays
    assert need.joins_per_month > 0


def test_people_at_hand_limit_the_pool_and_are_named():
    free, tight = case_of(), case_of(staff_at_most=1)
    assert tight.bottleneck.stage == "staff"
    assert tight.central.members.max() <= tight.bottleneck.members
    assert tight.central.staff[0] == 1
    assert tight.bottleneck.channels == free.bottleneck.channels
    assert free.bottleneck.stage == "joins"
    assert "People at hand limit the pool" in figures.capacity(Words("en"), tight).title


@pytest.mark.parametrize("people", [0, 1, 2, 3])
@pytest.mark.parametrize("groups", [20, 50])
def test_no_plan_hires_more_than_are_at_hand(people, groups):
    case = case_of(staff_at_most=people, groups_per_staff=groups, orders_per_month=400_000)
    assert case.detail.staff.max() <= people


def test_accounts_at_hand_limit_the_pool():
    case = case_of(account_kind="personal", accounts_at_most=1)
    assert case.bottleneck.stage == "accounts"
    assert case.central.members.max() == pytest.approx(5_000)
    assert case_of(account_kind="personal").central.accounts[0] == 3


def test_free_joins_carry_their_people_and_tools():
    case = case_of()
    ledger = case.detail.ledger
    assert ledger.staff.sum() < 0
    assert case.all_in_cost_per_join > max(
        channel.cost_per_join for channel in case.channels if channel.key != "paid"
    )


def test_employees_time_is_a_cost():
    none, some = case_of(), case_of(employees=100)
    assert some.detail.ledger.employees.sum() == pytest.approx(-100 * 10.9 * 58 * 12)
    assert some.central.members[0, -1] > none.central.members[0, -1]


def test_a_pasted_table_replaces_the_two_retention_figures():
    case = case_of(survival_table=REGULAR)
    assert case.facts["retained_after_12_months"] == pytest.approx(0.170, abs=5e-4)
    assert case.facts.by_name["retained_after_1_month"].origin == "client"
    curve, _ = case.curve
    assert curve[:13] == pytest.approx(case.cohort.fit.survival(12), rel=1e-6)
    spread = float(np.std(case.draws["retained_after_12_months"]))
    assert spread == pytest.approx(case.cohort.errors[1], rel=0.05)
    assert "retained_after_12_months" in case.uncertain
    assert "1,000" in text.answer(Words("en"), case).qualifier
    assert "beta-discrete-Weibull" in figures.retention(Words("en"), case).why


def test_counts_of_more_members_are_surer_and_few_periods_are_warned_about():
    small = case_of(survival_table="100\n63\n47\n38\n33\n29\n26\n24")
    large = case_of(survival_table="10000\n6310\n4680\n3820\n3260\n2890\n2620\n2410")
    assert large.cohort.errors[1] < small.cohort.errors[1]
    assert not large.cohort.warnings
    short = case_of(survival_table="1000\n631\n468")
    assert "fewer than six periods" in text.answer(Words("en"), short).qualifier
    everybody_alike = "\n".join(f"{10_000 * 0.8**t:.0f}" for t in range(8))
    assert case_of(survival_table=everybody_alike).curve[0][12] == pytest.approx(0.8**12, rel=0.05)


@pytest.mark.parametrize(
    "pasted",
    [
        "1000\n631\n468",
        "month,members\n0,1000\n1,631\n2,468",
        "月份\t留存人数\n0\t1,000\n1\t631\n2\t468",
        "月份，留存\n第0月，1000\n第1月，631\n第2月，468",
        "1000,631,468",
        "1000 631 468",
        "1,000\n631\n468",
        "\n 1000 \n\n631\n468\n",
        "month;left\n0;1000\n1;631\n2;468",
        "1千\n631\n468",
        "0 1000\n1 631\n2 468",
        "0 0.1万\n1 631\n2 468",
        "第0月 1000\n第1月 631\n第2月 468",
        "Members left\n1000\n631\n468",
    ],
)
def test_tables_of_counts_are_read_as_they_are_pasted(pasted):
    assert read_survival_table(pasted) == ((1000.0, 631.0, 468.0), True)


@pytest.mark.parametrize(
    "pasted",
    [
        "100%\n63.1%\n46.8%",
        "63.1%\n46.8%",
        "63.1 %\n46.8 %",
        "100\n63.1\n46.8",
        "1\n0.631\n0.468",
        ".631;.468",
        "留存率\n１００％\n６３．１％\n４６．８％".translate(
            {ord(a): b for a, b in zip("０１２３４５６７８９．", "0123456789.", strict=True)}
        ),
    ],
)
def test_shares_and_per_cent_are_read_as_a_cohort_of_a_thousand(pasted):
    survivors, counted = read_survival_table(pasted)
    assert survivors == pytest.approx((1000, 631, 468))
    assert not counted


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("1000\n800\n650\nn/a", "row 4: 'n/a' is not a number; delete the row or write the surv"),
        ("1000\n800\n900", "row 3: survivors cannot rise in period 2; got '900' after '800'"),
        ("1000", "needs the start and two or more periods; got 1 value"),
        ("members", "row 1: .members. is not a number; paste the members left"),
        ("100%\n120%\n50%", "row 2: '120%' is more than the whole cohort"),
        ("1000\n-5\n3", "row 2: '-5' is below 0"),
        ("100%\n63\n40%", "row 2: '63' has no % sign but other rows do"),
        ("1,2,3\n4,5,6", "row 1: a survival table has one column of survivors"),
        ("5;1000\n9;800\n2;700", "row 1: the first of two columns must count the periods"),
        ("1000\n1000\n1000", "shows nobody leaving"),
        ("0\n0\n0", "a cohort starts with the members who joined"),
        ("1e400\n3\n2", "row 1: '1e400' is not a number"),
        ("=1+1\n3\n2", "row 1: '=1.1' is not a number"),
        ("9\n" * 500, "may have 400 rows; got 500"),
        ("month left\n0 100\n1 eighty\n2 60", "row 3: 'eighty' is not a number; delete the row"),
        ("100\n1 eighty\n60", "row 2: 'eighty' is not a number"),
        ("100\n1 80\n2 60", "row 1: '100' stands alone, other rows have two numbers"),
        ("hello world", "row 1: 'hello world' is not a number"),
        ("1 2 3\n4 5 6", "got 3 columns"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence_with_a_repair(pasted, told):
    with pytest.raises(InputError, match=told) as refused:
        case_of(survival_table=pasted)
    message = str(refused.value)
    assert message.startswith("private_pool.survival_table: ")
    assert "\n" not in message
    assert message.count("survival_table") == 1
    assert message.endswith(".")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_table_or_a_refusal(pasted):
    with suppress(InputError):
        survivors, _ = read_survival_table(pasted)
        assert all(a >= b for a, b in pairwise(survivors))


@pytest.mark.parametrize(
    ("first", "later", "told"),
    [
        (0.8, 0.05, r"12_months: the share left after 12 months must be above 0\.069"),
        (0.3, 0.4, "must be below the share left after 1"),
    ],
)
def test_retention_that_no_mix_of_members_shows_is_refused(first, later, told):
    with pytest.raises(InputError, match=told):
        case_of(retained_after_1_month=first, retained_after_12_months=later)


@pytest.mark.parametrize("horizon", [12, 24])
def test_lower_retention_never_earns_more(horizon):
    """At the most likely values, per person: people are hired whole, so staff is set aside."""
    margins = [
        float(case.detail.ledger.margin.sum())
        for later in (0.2, 0.3, 0.4, 0.5, 0.6)
        if (case := case_of({"horizon_months": horizon}, retained_after_12_months=later))
    ]
    assert margins == sorted(margins)
    ltv = [case_of(retained_after_12_months=later).ltv for later in (0.2, 0.4, 0.6)]
    assert ltv == sorted(ltv)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        GOOD,
        {"survival_table": REGULAR},
        {"goal": "revenue", "goal_cny": 5e6},
        {"staff_at_most": 1},
        {"orders_per_month": 0},
        {"employees": 50, "store_visitors_per_month": 20_000, "social_joins_per_month": 300,
         "members_at_start": 5_000, "paid_cac_cny": 0.0},
    ],
    ids=["default", "good", "table", "goal", "people", "nobody", "all channels"],
)  # fmt: skip
def test_four_figures_with_words_and_properties_that_plotly_knows(changes, language):
    case, t = case_of(**changes), Words(language)
    for name in FIGURES:
        drawn = getattr(charts, name)(t, case).to_plotly_json()
        assert go.Figure(drawn).to_plotly_json()["data"]
        words = getattr(figures, name)(t, case)
        for told in (words.title, words.subtitle, words.why, words.source):
            assert told
            assert "{" not in told
            assert "nan" not in told.casefold()
        assert words.table.rows()
        assert words.table.html(t)


def test_charts_draw_what_the_case_says():
    case = case_of(**GOOD)
    t = Words("en")
    low, high, middle, *_ = charts.cash(t, case).to_plotly_json()["data"]
    assert middle["y"][1:] == pytest.approx(case.cash_band[1], abs=0.01)
    assert low["y"][-1] == pytest.approx(case.interval.p10, abs=0.01)
    assert high["y"][-1] == pytest.approx(case.interval.p90, abs=0.01)
    joins, costs = charts.acquisition(t, case).to_plotly_json()["data"]
    assert joins["x"][:2] == [channel.joins for channel in case.channels[:2]]
    assert costs["x"][-1] == 250
    constant, curve, points = charts.retention(t, case).to_plotly_json()["data"]
    assert curve["y"][12] == pytest.approx(0.4, abs=1e-4)
    assert points["x"] == [1, 12]
    assert constant["y"][12] == pytest.approx(0.8**12, abs=1e-4)
    (bars,) = charts.capacity(t, case).to_plotly_json()["data"]
    assert min(bars["x"]) == bars["x"][0]


@settings(max_examples=50, deadline=None)
@given(
    orders=st.integers(0, 200_000), scan=st.floats(0, 0.3), cac=st.floats(0, 600),
    first=st.floats(0.3, 0.98), buys=st.floats(0, 2), own=st.floats(0, 1),
    budget=st.floats(0, 1e7), horizon=st.integers(1, 36), margin=st.floats(0, 1),
    staff=st.none() | st.integers(0, 20),
)  # fmt: skip
def test_every_position_of_the_sliders_has_an_answer_in_both_languages(
    orders, scan, cac, first, buys, own, budget, horizon, margin, staff
):
    case = case_of(
        {"budget_cny": budget, "horizon_months": horizon, "gross_margin": margin},
        orders_per_month=orders, card_scan_rate=scan, paid_cac_cny=cac,
        retained_after_1_month=first, retained_after_12_months=(first + first**12) / 2,
        purchases_per_member_month=buys, incremental_share=own, staff_at_most=staff,
    )  # fmt: skip
    for language in ("en", "zh"):
        told = text.answer(Words(language), case)
        tiles = [part for tile in told.tiles for part in (tile.label, tile.value, tile.note)]
        for sentence in (told.found, told.headline, told.qualifier, *tiles):
            assert sentence
            assert "{" not in sentence
            assert "nan" not in sentence.casefold()
    if case.verdict.build:
        assert case.loss_probability <= case.facts["loss_tolerance"]
        assert case.interval.p50 >= 0.5
        assert np.isfinite(case.pays_from)
    else:
        assert case.verdict.reasons


def test_ten_thousand_draws_of_a_year():
    case = case_of()
    found = outcome(case.facts, case.facts.drawn(draws=10_000), paid_joins_per_month=0.0)
    assert found.cumulative_cash.shape == (10_000, 12)
    assert float(np.median(found.profit_cny)) == pytest.approx(case.interval.p50, rel=0.1)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"staff_at_most": 0}, "the people at hand look after not one member more"),
        ({"accounts_at_most": 0}, "the accounts at hand hold not one member more"),
        ({"pool_potential_people": 500, "members_at_start": 500}, "all 500 people who could ever"),
        ({"orders_per_month": 0}, "no channel brings anybody"),
    ],
)
def test_where_nobody_joins_the_cause_is_told(changes, told):
    case, t = case_of(**changes), Words("en")
    assert case.nobody
    assert told in text.answer(t, case).headline
    assert told in figures.acquisition(t, case).why


def test_fewer_people_than_are_there_already_are_refused():
    with pytest.raises(InputError, match="Raise it to 500, or lower members_at_start to 100"):
        case_of(pool_potential_people=100, members_at_start=500)


@pytest.mark.parametrize("changes", [{}, GOOD, {"staff_at_most": 1}, {"members_at_start": 777}])
def test_members_are_one_number_everywhere(changes):
    case, t = case_of(**changes), Words("en")
    members = text.people(t, case.central.members[0, -1])
    assert members in text.answer(t, case).found
    assert members in figures.capacity(t, case).title
    if case.bottleneck.stage == "joins":
        drawn = charts.capacity(t, case).to_plotly_json()["layout"]["annotations"]
        assert f"<b>{members}</b>" in [mark["text"] for mark in drawn]


def test_what_has_to_be_advanced_is_the_lowest_cash_of_the_table():
    case, t = case_of(**GOOD), Words("en")
    words = figures.cash(t, case)
    lowest = min(words.table.columns["Cumulative, most likely"])
    assert -lowest == case.funding_needed
    assert f"{t.money(-lowest)} has to be advanced, up to month {case.funded_until};" in words.title
    assert f"the middle draw of each month, is {html(t.money(case.lowest[1]))}." in words.why
    drawn = charts.cash(t, case).to_plotly_json()["layout"]["annotations"]
    assert f"P50 lowest {t.money(case.lowest[1])}" in [mark["text"] for mark in drawn]


def test_the_answer_and_its_chart_say_amounts_alike():
    case, t = case_of(**GOOD), Words("en")
    p50 = t.money(case.interval.p50)
    told = text.answer(t, case)
    assert p50 in told.found
    assert f"P50 {p50}" in told.qualifier
    assert p50 in [tile.value for tile in told.tiles]
    drawn = charts.cash(t, case).to_plotly_json()["layout"]["annotations"]
    assert f"<b>P50 {p50}</b>" in [mark["text"] for mark in drawn]


def test_a_table_of_numbers_says_how_large_a_cohort_it_was_read_as():
    t = Words("en")
    hundred = figures.retention(t, case_of(survival_table="0 100\n1 80\n2 60")).why
    assert "read as a cohort of 100 people. If it is per cent, write the % sign." in hundred
    assert "cohort of 1,000 people.</p>" in figures.retention(
        t, case_of(survival_table="1000\n800\n600")
    ).why  # fmt: skip
    assert "cohort of" not in figures.retention(t, case_of()).why


def test_a_month_that_never_comes_is_none():
    told = text.numbers(case_of(orders_per_month=0))
    assert told["pool_pays_from_month"] is None
    json.dumps(told, allow_nan=False)
    assert text.numbers(case_of(**GOOD))["pool_pays_from_month"] == case_of(**GOOD).pays_from


def test_numbers_and_limits_for_the_report():
    case = case_of()
    told = text.numbers(case)
    assert told["pool_profit_p50_cny"] == case.interval.p50
    assert told["pool_members"] == float(case.central.members[0, -1])
    for language in ("en", "zh"):
        t = Words(language)
        assert [number for number, _ in text.formulas(t)] == ["P1", "P2", "P3", "P4", "P5", "P6"]
        assert len(text.limits(t)) >= 5
