"""How a pool fills: Bass's published peak, the month-by-month recursion, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolkit.models.adoption import bass_adopted, bass_peak, fit_bass, grow

rate = st.floats(0.001, 0.5)
FOREVER = np.ones(61)


def test_bass_1969_peak_and_share_at_the_peak():
    """p = .03, q = .38: T* 6.19, F(T*) .4605."""
    peak = float(bass_peak(p=0.03, q=0.38))
    assert peak == pytest.approx(6.19, abs=0.005)
    assert float(bass_adopted(peak, p=0.03, q=0.38)) == pytest.approx(0.4605, abs=5e-5)


@given(p=rate, q=rate)
def test_joining_is_fastest_at_the_peak(p, q):
    peak = float(bass_peak(p=p, q=q))
    around = bass_adopted(peak + np.array([0.0, 1e-3, 2e-3]), p=p, q=q)
    assert np.diff(around)[1] <= np.diff(around)[0] + 1e-9
    if peak > 3e-3:
        before = bass_adopted(peak - np.array([2e-3, 1e-3, 0.0]), p=p, q=q)
        assert np.diff(before)[1] >= np.diff(before)[0] - 1e-9


def test_without_imitation_joining_only_slows_down():
    assert float(bass_peak(p=0.1, q=0.05)) == 0
    assert float(bass_adopted(10, p=0.1, q=0.0)) == pytest.approx(1 - np.exp(-1))


def test_a_fit_gives_intervals_and_refuses_before_the_peak():
    rng = np.random.default_rng(3)
    joins = 10_000 * np.diff(bass_adopted(np.arange(16), p=0.03, q=0.38))
    fit = fit_bass(joins * rng.normal(1, 0.03, 15))
    for (low, value, high), truth in zip(
        (fit.p, fit.q, fit.market), (0.03, 0.38, 10_000), strict=True
    ):
        assert low < value < high
        assert low <= truth <= high
    with pytest.raises(ValueError, match="have not passed their peak"):
        fit_bass(joins[:6])
    with pytest.raises(ValueError, match="five or more periods"):
        fit_bass([1.0, 2.0])


def test_bass_parameters_are_refused_in_words():
    with pytest.raises(ValueError, match="p must be above 0"):
        bass_adopted(1.0, p=0.0, q=0.1)
    with pytest.raises(ValueError, match="time must be 0 or more"):
        bass_adopted(-1.0, p=0.1, q=0.1)


def test_with_nobody_leaving_the_recursion_follows_bass():
    """Joins (p N + q members)(1 - members / N) in small steps come to Bass's curve."""
    people, p, q, steps = 100_000.0, 0.03, 0.38, 400
    fine = grow(
        joins={"channels": p * people / steps},
        survival=np.ones(10 * steps + 1),
        months=10 * steps,
        referral_rate=q / steps,
        potential=people,
    )
    expected = people * bass_adopted(10.0, p=p, q=q)
    assert float(fine.members[0, -1]) == pytest.approx(float(expected), rel=2e-3)


def test_members_are_cohorts_times_survival():
    survival = np.array([1.0, 0.8, 0.65, 0.53, 0.46])
    pool = grow(joins={"a": 100.0, "b": 50.0}, survival=survival, months=4)
    assert pool.members[0] == pytest.approx(150 * np.cumsum(survival[:4]))
    assert pool.joins["a"][0] == pytest.approx([100.0] * 4)
    assert pool.joins["referral"].sum() == 0


def test_members_at_the_start_leave_like_new_ones():
    survival = np.array([1.0, 0.8, 0.65])
    pool = grow(joins={}, survival=survival, months=2, members_at_start=1000)
    assert pool.members[0] == pytest.approx([800, 650])


def test_a_cap_is_never_exceeded_and_shares_joins_alike():
    pool = grow(
        joins={"a": 100.0, "b": 50.0}, survival=0.9 ** np.arange(13), months=12, member_cap=500.0
    )
    assert pool.members.max() == pytest.approx(500)
    assert pool.joins["a"] == pytest.approx(2 * pool.joins["b"])
    small = grow(joins={"a": 100.0}, survival=FOREVER, months=2, members_at_start=5, member_cap=0.0)
    assert small.joins["a"].sum() == 0
    assert small.members[0] == pytest.approx([5, 5])


def test_nobody_joins_twice():
    pool = grow(joins={"a": 400.0}, survival=FOREVER, months=60, potential=1000.0)
    assert pool.joins_total.sum() <= 1000 + 1e-9
    assert pool.joins_total[0, 0] == 400


def test_draws_of_every_argument_equal_the_numbers_one_by_one():
    joins, q = np.array([10.0, 20.0, 30.0]), np.array([0.0, 0.02, 0.05])
    market = np.array([1e3, 1e4, np.inf])
    curves = np.stack([0.8 ** np.arange(13), 0.9 ** np.arange(13), np.ones(13)])
    pool = grow(
        joins={"a": joins}, survival=curves, months=12, referral_rate=q, potential=market,
        members_at_start=[5.0, 0.0, 1.0],
    )  # fmt: skip
    for i in range(3):
        one = grow(
            joins={"a": joins[i]}, survival=curves[i], months=12, referral_rate=q[i],
            potential=market[i], members_at_start=[5.0, 0.0, 1.0][i],
        )  # fmt: skip
        assert pool.members[i] == pytest.approx(one.members[0])


@given(more=st.floats(1.0, 3.0), q=st.floats(0, 0.2))
def test_more_joins_never_make_a_smaller_pool(more, q):
    """Where people are without number; else a pool that asked everybody sooner empties sooner."""
    survival = 0.8 ** np.arange(25)
    few, many, few_asked, many_asked = (
        grow(joins={"a": a}, survival=survival, months=24, referral_rate=q, potential=n)
        for n in (np.inf, 5000.0)
        for a in (100.0, 100.0 * more)
    )
    assert np.all(many.members >= few.members - 1e-9)
    ever = [np.cumsum(pool.joins_total) for pool in (few_asked, many_asked)]
    assert np.all(ever[1] >= ever[0] - 1e-9)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"joins": {"a": -1.0}}, "a must be 0 or more; got -1"),
        ({"referral_rate": np.nan}, "referral_rate must be 0 or more"),
        ({"months": 30}, "survival must reach 30 months; got 24"),
    ],
)
def test_what_cannot_be_is_refused(changes, told):
    given_ = {"joins": {"a": 1.0}, "survival": np.ones(25), "months": 12} | changes
    with pytest.raises(ValueError, match=told):
        grow(**given_)
