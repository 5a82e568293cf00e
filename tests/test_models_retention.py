"""Survival curves: published tables, invariants, and tables that are refused."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kolkit.models.retention import (
    bdw_survival,
    constant_survival,
    discounted_lifetime,
    sbg_survival,
    sbg_through,
)
from kolkit.models.retention_fit import (
    checked_table,
    fit_bdw,
    fit_sbg,
    log_likelihood,
    standard_error,
)

HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
HIGH_END_LATER = [46.8, 44.5, 42.7, 40.9, 39.4]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
REGULAR_LATER = [22.3, 20.7, 19.4, 18.3, 17.3]

shape = st.floats(0.05, 50)


@pytest.mark.parametrize(
    ("table", "alpha", "beta", "likelihood", "twelfth"),
    [(HIGH_END, 0.668, 3.806, -1611.2, 0.378), (REGULAR, 0.704, 1.182, -1680.3, 0.170)],
    ids=["high end", "regular"],
)
def test_fader_hardie_2007_both_segments(table, alpha, beta, likelihood, twelfth):
    """Fader & Hardie (2007): seven years of two segments, fitted by maximum likelihood."""
    fit = fit_sbg(table)
    assert fit.parameters == (pytest.approx(alpha, abs=5e-4), pytest.approx(beta, abs=5e-4))
    assert fit.log_likelihood == pytest.approx(likelihood, abs=0.06)
    assert fit.survival(12)[12] == pytest.approx(twelfth, abs=5e-4)
    assert not fit.few_periods


@pytest.mark.parametrize(
    ("table", "later"), [(HIGH_END, HIGH_END_LATER), (REGULAR, REGULAR_LATER)], ids=["high", "reg"]
)
def test_fader_hardie_2007_the_years_that_were_not_fitted(table, later):
    """The curve fitted to seven years stays within two points of the following five."""
    assert fit_sbg(table).survival(12)[8:] * 100 == pytest.approx(later, abs=2.0)


@pytest.mark.parametrize(
    ("table", "expected", "printed"),
    [
        (HIGH_END, 5.9223, (0.668, 3.806, 5.9226)),
        (REGULAR, 3.6949, (0.704, 1.182, 3.6951)),
    ],
)
def test_discounted_lifetime_at_ten_per_cent(table, expected, printed):
    """Unrounded fits and printed parameters differ in the fourth digit."""
    fit = fit_sbg(table)
    assert float(discounted_lifetime(*fit.parameters, discount_rate=0.1)) == pytest.approx(
        expected, abs=5e-5
    )
    alpha, beta, value = printed
    assert float(discounted_lifetime(alpha, beta, discount_rate=0.1)) == pytest.approx(
        value, abs=5e-5
    )


def test_beta_discrete_weibull_2018_regular():
    """Fader et al. (2018): the regular segment's first four years."""
    assert fit_bdw(REGULAR[:5]).parameters == pytest.approx((0.523, 0.894, 1.196), abs=2e-3)


def test_beta_discrete_weibull_2018_high_end_reaches_further():
    """Fader et al. (2018): four years of the high end; year 10 of both curves."""
    fit = fit_bdw(HIGH_END[:5])
    assert fit.parameters == pytest.approx((0.2593, 1.7226, 1.5844), abs=2e-3)
    assert fit.survival(10)[10] == pytest.approx(0.4182, abs=1e-4)
    assert fit_sbg(HIGH_END[:5]).survival(10)[10] == pytest.approx(0.3515, abs=1e-4)


def test_a_port_prints_a_worse_fit_of_the_same_table():
    """Survival .8 .65 .53 .46: alpha 1.7456, beta 6.7697; a port's 3.79, 15.16 fits worse."""
    table = [1000, 800, 650, 530, 460]
    fit = fit_sbg(table)
    assert fit.parameters == (pytest.approx(1.7456, abs=1e-3), pytest.approx(6.7697, abs=4e-3))
    port = log_likelihood(table, sbg_survival(3.79, 15.16, periods=4))
    assert fit.log_likelihood > port + 1


def test_weibull_with_exponent_one_is_the_shifted_beta_geometric():
    one = bdw_survival(0.7, 1.2, 1.0, periods=20)
    assert one == pytest.approx(sbg_survival(0.7, 1.2, periods=20))


@given(alpha=shape, beta=shape)
def test_survival_falls_from_one_and_hazard_falls_too(alpha, beta):
    curve = sbg_survival(alpha, beta, periods=24)
    assert curve[0] == 1
    assert np.all(np.diff(curve) < 0)
    assert np.all(np.diff(curve[1:] / curve[:-1]) > -1e-12)


@given(alpha=shape, beta=shape, rate=st.floats(0.005, 0.5))
def test_discounted_lifetime_is_the_sum_of_the_curve(alpha, beta, rate):
    curve = sbg_survival(alpha, beta, periods=6000)
    total = float(np.sum(curve * np.exp(-np.log1p(rate) * np.arange(6001))))
    assert float(discounted_lifetime(alpha, beta, discount_rate=rate)) == pytest.approx(
        total, rel=1e-6
    )


@given(alpha=shape, beta=shape, more=st.floats(1.0, 3.0), rate=st.floats(0.005, 0.5))
def test_a_lower_curve_never_lives_longer(alpha, beta, more, rate):
    """More alpha lowers every S(t): the lifetime follows the curve."""
    high = sbg_survival(alpha, beta, periods=60)
    low = sbg_survival(alpha * more, beta, periods=60)
    assert np.all(low <= high + 1e-12)
    assert float(discounted_lifetime(alpha * more, beta, discount_rate=rate)) <= (
        float(discounted_lifetime(alpha, beta, discount_rate=rate)) * (1 + 1e-9)
    )


def test_without_discount_the_closed_form_or_a_refusal():
    assert float(discounted_lifetime(2.5, 3.0, discount_rate=0)) == pytest.approx(4.5 / 1.5)
    with pytest.raises(ValueError, match=r"no end without a discount rate; got alpha 0\.7"):
        discounted_lifetime(0.7, 1.2, discount_rate=0)
    with pytest.raises(ValueError, match="discount_rate must be 0 or more"):
        discounted_lifetime(0.7, 1.2, discount_rate=-0.1)


def test_numbers_and_draws_alike():
    alpha, beta = np.array([0.7, 2.0]), np.array([1.2, 3.0])
    both = sbg_survival(alpha, beta, periods=12)
    assert both.shape == (2, 13)
    assert both[1] == pytest.approx(sbg_survival(2.0, 3.0, periods=12))
    lives = discounted_lifetime(alpha, beta, discount_rate=0.1)
    assert float(lives[0]) == pytest.approx(float(discounted_lifetime(0.7, 1.2, discount_rate=0.1)))


@settings(max_examples=200)
@given(first=st.floats(0.05, 0.99), between=st.floats(0.001, 0.999))
def test_the_curve_goes_through_both_points(first, between):
    later = first**12 + between * (first - first**12)
    assume(first**12 < later < first)
    alpha, beta = sbg_through(first, later)
    curve = sbg_survival(alpha, beta, periods=12)
    assert curve[[1, 12]] == pytest.approx([first, later], rel=1e-6)


@pytest.mark.parametrize(
    ("first", "later", "told"),
    [
        (0.8, 0.05, "must be above 0.069"),
        (0.3, 0.4, "must be below the share left after 1"),
        (1.2, 0.4, "must lie between 0 and 1; got 1.2"),
    ],
)
def test_two_points_that_no_mix_can_show_are_refused(first, later, told):
    with pytest.raises(ValueError, match=told):
        sbg_through(first, later)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ([1000, 700, 720, 500], "period 2: survivors cannot rise; got 720 after 700"),
        ([1000], "needs two or more values"),
        ([1000, -1], "period 1: survivors must be 0 or more; got -1"),
        ([0, 0], "period 0: a survival table starts with the members who joined"),
        ([1000, 1000], "nobody has left"),
        ([1000, float("nan")], "period 1: survivors must be 0 or more"),
    ],
)
def test_what_is_no_survival_table_is_refused_naming_the_period(table, told):
    with pytest.raises(ValueError, match=told):
        checked_table(table)


def test_three_parameters_need_three_periods():
    with pytest.raises(ValueError, match="needs three periods; got 2"):
        fit_bdw([1000, 800, 700])


def test_constant_retention_beside_it():
    """The geometric maximum likelihood: stays over member-periods at risk."""
    fit = fit_sbg([1000, 800, 650])
    assert fit.constant == pytest.approx(1 - 350 / 1800)
    assert constant_survival(0.8, periods=2) == pytest.approx([1, 0.8, 0.64])
    with pytest.raises(ValueError, match="share between 0 and 1; got 80"):
        constant_survival(80, periods=2)
    assert fit.few_periods


def test_everybody_leaving_at_one_rate_fits_a_constant_curve():
    table = [10_000 * 0.8**t for t in range(8)]
    assert fit_sbg(table).survival(7) == pytest.approx(np.array(table) / 10_000, abs=1e-3)


def test_parameters_at_zero_are_refused():
    with pytest.raises(ValueError, match="alpha must be above 0; got 0"):
        sbg_survival(0.0, 1.0, periods=3)


def test_standard_error_is_the_spread_over_simulated_cohorts():
    """300 cohorts drawn from the regular segment's curve: S(12) spreads as the error says."""
    rng = np.random.default_rng(7)
    fit = fit_sbg(REGULAR)
    curve = fit.survival(7)
    leave = np.append(-np.diff(curve), curve[-1])
    found = []
    for _ in range(300):
        lost = rng.multinomial(1000, leave / leave.sum())[:-1]
        found.append(fit_sbg([1000, *(1000 - np.cumsum(lost))]).survival(12)[12])
    error = standard_error(REGULAR, fit, period=12)
    assert error == pytest.approx(float(np.std(found)), rel=0.15)
