"""The best whole-number plan: published knapsack, brute force, properties, refusals."""

import math
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kolkit.errors import InputError
from kolkit.models.allocation import Cell, Limits, best_plan, least_budget, relaxed_values

WEIGHTS = [70, 73, 77, 80, 82, 87, 90, 94, 98, 106, 110, 113, 115, 118, 120]
PROFITS = [135, 139, 149, 150, 156, 163, 173, 184, 192, 201, 210, 214, 221, 229, 240]


def test_the_published_knapsack_of_fifteen_items():
    """Kreher & Stinson's instance: capacity 750, optimum 1,458."""
    cells = [
        Cell(f"item {i}", "any", profit, weight, 0, 1)
        for i, (profit, weight) in enumerate(zip(PROFITS, WEIGHTS, strict=True))
    ]
    plan = best_plan(cells, Limits(750))
    assert plan.value == 1458
    assert plan.gap == 0
    assert plan.cost_cny <= 750


def brute(cells, limits):
    """The best value of all plans within the limits, None if there is none."""
    best = None
    for counts in product(*(range(cell.supply + 1) for cell in cells)):
        pairs = list(zip(counts, cells, strict=True))
        if sum(n * cell.cost_cny for n, cell in pairs) > limits.budget_cny:
            continue
        if limits.hours_cap is not None and (
            sum(n * cell.hours for n, cell in pairs) > limits.hours_cap
        ):
            continue
        if any(sum(n for n, c in pairs if c.tier == tier) != k for tier, k in limits.locks):
            continue
        value = sum(n * cell.value for n, cell in pairs)
        best = value if best is None else max(best, value)
    return best


def cells_of(rows):
    return [
        Cell(f"cell {i}", tier, float(v), float(c), float(h), s)
        for i, (tier, v, c, h, s) in enumerate(rows)
    ]


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["kol", "koc"]), st.integers(0, 20), st.integers(0, 20),
        st.integers(0, 4), st.integers(0, 4),
    ),
    min_size=1, max_size=5,
)  # fmt: skip
LOCKS = st.dictionaries(st.sampled_from(["kol", "koc"]), st.integers(0, 3), max_size=2)


@settings(max_examples=200, deadline=None)
@given(rows=ROWS, budget=st.integers(0, 60), hours=st.none() | st.integers(0, 15), locks=LOCKS)
@example([("kol", 5, 3, 2, 4), ("koc", 4, 3, 0, 4)], 12, 3, {})
def test_no_plan_is_better_than_the_one_found(rows, budget, hours, locks):
    cells, limits = cells_of(rows), Limits(budget, hours, tuple(locks.items()))
    truth = brute(cells, limits)
    if truth is None:
        with pytest.raises(InputError):
            best_plan(cells, limits)
        return
    plan = best_plan(cells, limits)
    assert plan.value == pytest.approx(truth)
    assert plan.gap == 0
    assert plan.cost_cny <= budget
    assert relaxed_values(cells, limits, budget) >= plan.value - 1e-6


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, budget=st.integers(0, 60), lock=st.integers(0, 3))
def test_a_lock_never_raises_and_more_budget_never_lowers(rows, budget, lock):
    cells = cells_of(rows)
    free = best_plan(cells, Limits(budget)).value
    try:
        locked = best_plan(cells, Limits(budget, None, (("kol", lock),))).value
    except InputError:
        locked = 0.0
    assert locked <= free + 1e-9
    assert best_plan(cells, Limits(budget + 7)).value >= free - 1e-9


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, budget=st.integers(1, 60))
def test_half_the_budget_brings_at_least_half_less_one_account(rows, budget):
    """V(B) <= 2 V(B/2) + the largest value of one affordable account."""
    cells = cells_of(rows)
    single = max((c.value for c in cells if c.cost_cny <= budget and c.supply), default=0.0)
    whole, half = best_plan(cells, Limits(budget)), best_plan(cells, Limits(budget / 2))
    assert whole.value <= 2 * half.value + single + 1e-9


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, budget=st.integers(0, 60))
def test_doubling_prices_and_budget_changes_nothing(rows, budget):
    once = best_plan(cells_of(rows), Limits(budget))
    dearer = [(tier, v, 2 * c, h, s) for tier, v, c, h, s in rows]
    twice = best_plan(cells_of(dearer), Limits(2 * budget))
    assert twice.value == pytest.approx(once.value)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, target=st.integers(0, 60))
def test_the_least_budget_is_the_least(rows, target):
    cells = cells_of(rows)
    most = sum(cell.value * cell.supply for cell in cells)
    if most < target:
        with pytest.raises(InputError, match="out of reach"):
            least_budget(cells, Limits(0), target_value=target)
        return
    plan = least_budget(cells, Limits(0), target_value=target)
    assert plan.value >= target
    # Costs are whole yuan here: with one yuan less the target is missed.
    if plan.cost_cny >= 1:
        assert best_plan(cells, Limits(plan.cost_cny - 1)).value < target


CELLS = [
    Cell("celebrity.weibo", "celebrity", 600_000, 2_080_000, 192, 3),
    Cell("kol.xiaohongshu", "kol", 14_200, 11_834, 38, 60),
    Cell("micro_kol.weibo", "micro_kol", 4_500, 2_317, 13.5, 3000),
    Cell("micro_kol.xiaohongshu", "micro_kol", 3_360, 2_163, 13.5, 3000),
    Cell("koc.xiaohongshu", "koc", 522, 816, 4.5, 10_000),
]


def test_more_budget_never_shows_a_worse_plan_over_two_hundred_budgets():
    values = [best_plan(CELLS, Limits(budget)) for budget in np.linspace(0, 12e6, 200)]
    assert all(plan.gap == 0 for plan in values)
    assert all(a.value <= b.value for a, b in pairwise(values))


def test_the_same_inputs_give_the_same_plan_and_a_gap_where_the_search_ends_early():
    rng = np.random.default_rng(1)
    many = [
        Cell(f"c{i}", "koc", float(v), float(c), 1.0, 400)
        for i, (v, c) in enumerate(zip(rng.uniform(90, 110, 48), rng.uniform(90, 110, 48),
                                       strict=True))
    ]  # fmt: skip
    limits = Limits(1e6, None, (("koc", 9_000),))
    one, two = best_plan(many, limits, nodes=200), best_plan(many, limits, nodes=300)
    assert one == best_plan(many, limits, nodes=200)
    for plan in (one, two):
        assert 0 <= plan.gap <= 0.01
        assert plan.value <= plan.bound
        assert sum(plan.counts) == 9_000


def test_what_one_more_yuan_hour_or_account_is_worth():
    plan = best_plan(CELLS, Limits(1e6))
    assert plan.worth_of_yuan == pytest.approx(4_500 / 2_317)
    assert plan.worth_of_hour == 0
    scarce = [Cell("a", "kol", 10, 1, 1, 2), Cell("b", "koc", 4, 1, 1, 50)]
    plan = best_plan(scarce, Limits(10))
    assert plan.counts == (2, 8)
    assert plan.worth_of_account == (pytest.approx(6), 0)
    rich = best_plan(scarce, Limits(1e6))
    assert (rich.worth_of_yuan, rich.counts) == (0, (2, 50))
    short = best_plan(CELLS, Limits(1e9, 1000.0))
    assert short.worth_of_yuan == 0
    assert short.worth_of_hour > 0
    assert short.hours <= 1000


def test_alike_cells_share_what_is_booked():
    alike = [Cell(name, "koc", 5, 2, 1, 3) for name in "ab"]
    assert best_plan(alike, Limits(9)).counts == (3, 1)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (
            Limits(100_000, None, (("kol", 10),)),
            r"cost at least ¥118,340, the budget is ¥100,000: raise the budget by ¥18,340 or lower "
            r"the lock on kol to 8",
        ),
        (Limits(1e9, None, (("kol", 61),)), r"61 .* tier kol are locked, but only 60 can be"),
        (
            Limits(1e9, 100.0, (("kol", 3),)),
            r"at least 114 hours, the cap is 100: raise it by 14 or lower the lock on kol to 2",
        ),
        (Limits(-1.0), "budget must be 0 or more"),
    ],
)
def test_limits_that_clash_are_named_with_the_smallest_repair(limits, told):
    with pytest.raises(InputError, match=told):
        best_plan(CELLS, limits)


@pytest.mark.parametrize("lock", [926, 928, 930, 2000])
def test_the_smallest_lower_lock_is_named(lock):
    # 924 at ¥2,163 cost ¥1,998,612.
    with pytest.raises(InputError, match="lower the lock on micro_kol to 924"):
        best_plan(CELLS, Limits(2e6, None, (("micro_kol", lock),)))
    assert sum(best_plan(CELLS, Limits(2e6, None, (("micro_kol", 924),))).counts) >= 924


@pytest.mark.parametrize(
    ("limits", "lowered", "told"),
    [
        (Limits(1e5, None, (("kol", 90),)), 8, "and budget cover 8: lower the lock to 8"),
        (Limits(1e9, 100.0, (("kol", 90),)), 2, "and budget and hours cover 2: lower the lock"),
        (Limits(1e9, None, (("kol", 90),)), 60, "booked: lower the lock to 60 or raise the supply"),
    ],
)
def test_a_lock_above_supply_is_lowered_to_what_the_budget_pays_in_one_round(limits, lowered, told):
    with pytest.raises(InputError, match=told):
        best_plan(CELLS, limits)
    again = replace(limits, locks=(("kol", lowered),))
    assert best_plan(CELLS, again).counts[1] == lowered


def test_locks_that_exceed_the_budget_together_with_the_others_are_all_named():
    limits = Limits(1e5, None, (("kol", 90), ("micro_kol", 1000)))
    with pytest.raises(InputError, match="lower the lock to 60, and the other locks too"):
        best_plan(CELLS, limits)


def test_the_named_repairs_are_enough():
    best_plan(CELLS, Limits(118_340, None, (("kol", 10),)))
    best_plan(CELLS, Limits(100_000, None, (("kol", 8),)))
    with pytest.raises(InputError):
        best_plan(CELLS, Limits(100_000, None, (("kol", 9),)))


def test_budget_and_hours_that_clash_only_together():
    cells = [Cell("dear", "kol", 5, 10, 1, 5), Cell("slow", "kol", 5, 1, 10, 5)]
    with pytest.raises(InputError, match="but not both"):
        best_plan(cells, Limits(20, 20, (("kol", 5),)))


def test_a_negative_cell_is_refused_by_name():
    with pytest.raises(InputError, match=r"koc\.weibo"):
        Cell("koc.weibo", "koc", 1.0, -1.0, 0.0, 5)
    with pytest.raises(InputError, match=r"koc\.weibo"):
        Cell("koc.weibo", "koc", math.inf, 1.0, 0.0, 5)


def test_nothing_to_book_is_a_plan_of_nothing():
    assert best_plan([], Limits(100)).counts == ()
    assert best_plan(CELLS, Limits(0)).value == 0
