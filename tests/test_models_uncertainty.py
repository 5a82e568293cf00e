"""Draws, quantiles and the value of information."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kolkit.models.uncertainty import Pert, Share, draw, interval, value_of_information


@given(low=st.floats(0, 0.4), a=st.floats(0.01, 0.3), b=st.floats(0.01, 0.3))
def test_pert_draws_stay_inside_and_have_the_pert_mean(low, a, b):
    mode, high = low + a, low + a + b
    column = draw({"x": Pert(low, mode, high)}, draws=2000, seed=3)["x"]
    assert column.min() >= low - 1e-12
    assert column.max() <= high + 1e-12
    assert column.mean() == pytest.approx((low + 4 * mode + high) / 6, abs=2e-3)


def test_pert_quantiles_agree_with_scipys_beta():
    column = np.sort(draw({"x": Pert(0.1, 0.3, 0.4)}, draws=2000, seed=5)["x"])
    a, b = 1 + 4 * 0.2 / 0.3, 1 + 4 * 0.1 / 0.3
    exact = 0.1 + 0.3 * stats.beta.ppf((np.arange(2000) + 0.5) / 2000, a, b)
    apart = np.abs(column - exact)
    assert apart[100:-100].max() < 1e-3
    assert apart.max() < 5e-3


def test_share_from_counts_keeps_mean_and_standard_error():
    column = draw({"x": Share(0.26, 0.0094)}, draws=2000, seed=2)["x"]
    assert column.mean() == pytest.approx(0.26, abs=1e-4)
    assert column.std() == pytest.approx(0.0094, rel=0.02)


def test_same_seed_same_draws_and_other_inputs_do_not_move_them():
    one = draw({"a": Pert(0, 0.5, 1)}, draws=500, seed=9)["a"]
    two = draw({"a": Pert(0, 0.5, 1), "b": Pert(0, 1, 2)}, draws=500, seed=9)["a"]
    other = draw({"a": Pert(0, 0.5, 1)}, draws=500, seed=10)["a"]
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_inputs_are_independent():
    sample = draw({"a": Pert(0, 0.5, 1), "b": Pert(0, 0.5, 1)}, draws=2000, seed=1)
    assert abs(np.corrcoef(sample["a"], sample["b"])[0, 1]) < 0.06


def test_a_known_value_is_not_spread():
    assert np.ptp(draw({"a": Pert(0.3, 0.3, 0.3)}, draws=100, seed=1)["a"]) == 0


def test_a_range_in_the_wrong_order_is_refused():
    with pytest.raises(ValueError, match="low <= mode <= high"):
        Pert(0.5, 0.4, 0.6)


def test_interval_keeps_infinite_draws_at_the_end():
    values = np.array([1.0] * 80 + [np.inf] * 20)
    assert interval(values).p50 == 1
    assert np.isinf(interval(values).p90)


def test_value_of_information_of_a_deciding_input():
    """Profit x, uniform on [-1, 1], or nothing: knowing x is worth E[max(x, 0)] = 1/4."""
    x = np.linspace(-1, 1, 2000)
    noise = np.random.default_rng(4).permutation(x)
    worth = value_of_information([np.zeros(2000), x], {"x": x, "noise": noise})
    assert worth["x"] == pytest.approx(0.25, abs=0.005)
    assert worth["noise"] < 0.05
