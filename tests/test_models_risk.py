"""CVaR of crises: published numbers, the split atom, shared shocks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from kolkit.errors import InputError
from kolkit.models.risk import (
    crisis_cvar,
    crisis_cvar_equal,
    crisis_losses,
    crisis_parameters,
    cvar,
)


@pytest.mark.parametrize(
    ("accounts", "correlation", "expected"),
    [(1, 0.0, 0.400), (10, 0.0, 0.1341), (100, 0.0, 0.0541), (100, 0.2, 0.2553)],
)
def test_cvar_of_equal_accounts_with_two_per_cent(accounts, correlation, expected):
    """Crisis probability 2 %, level 95 %, atom split (Rockafellar & Uryasev 2000)."""
    found = crisis_cvar_equal(accounts, probability=0.02, correlation=correlation)
    assert found == pytest.approx(expected, abs=5e-5)


def test_the_atom_at_the_border_is_split():
    assert cvar([0, 10, 20], [0.94, 0.04, 0.02]) == pytest.approx((20 * 0.02 + 10 * 0.03) / 0.05)
    assert cvar(np.arange(1, 101)) == pytest.approx(98.0)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0.01, 0.99))
def test_cvar_lies_between_mean_and_maximum(losses, level):
    found = cvar(losses, level=level)
    assert np.mean(losses) - 1e-6 * (1 + max(losses)) <= found <= max(losses) * (1 + 1e-9) + 1e-9


def test_drawn_crises_agree_with_the_exact_distribution():
    for correlation in (0.0, 0.2):
        exact = crisis_cvar_equal(100, probability=0.02, correlation=correlation)
        drawn = crisis_losses(
            [100], [1.0], [0.02], correlation=correlation, seed=1, shocks=4000, repeats=20
        )
        assert cvar(drawn / 100) == pytest.approx(exact, rel=0.02)


def test_tiers_share_one_shock_but_keep_their_own_probability():
    losses = crisis_losses(
        [1000, 1000], [1.0, 1.0], [0.02, 0.10], correlation=0.2, seed=3, shocks=4000, repeats=5
    )
    assert losses.mean() == pytest.approx(1000 * 0.12, rel=0.03)
    alone = crisis_losses([2000], [1.0], [0.06], correlation=0.2, seed=3, shocks=4000, repeats=5)
    # Two tiers under one shock are about as risky as one of twice the size, not less.
    assert cvar(losses) == pytest.approx(cvar(alone), rel=0.10)


def test_a_mix_loses_less_than_one_celebrity_at_the_same_spend():
    one = crisis_cvar((1,), (2e6,), (0.02,), correlation=0.2, seed=1)
    many = crisis_cvar((860,), (2325.0,), (0.02,), correlation=0.2, seed=1)
    assert one == pytest.approx(0.4, abs=0.05)
    assert many < one
    assert crisis_cvar((0,), (5.0,), (0.02,), correlation=0.2, seed=1) == 0


def test_correlation_gives_the_parameters_of_the_beta():
    assert crisis_parameters(0.02, 0.2) == (pytest.approx(0.08), pytest.approx(3.92))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: cvar([1], level=95), "level"),
        (lambda: cvar([1, 2], [0.5, 0.2]), "add up to 1"),
        (lambda: crisis_parameters(0.0, 0.2), "probability"),
        (lambda: crisis_parameters(0.02, 1.0), "correlation"),
        (lambda: crisis_cvar_equal(0, probability=0.02), "accounts"),
    ],
)
def test_what_cannot_be_is_refused_by_name(call, told):
    with pytest.raises(InputError, match=told):
        call()


@pytest.mark.parametrize(
    ("level", "expected"), [(0.90, 0.096975), (0.95, 0.115908), (0.99, 0.152977)]
)
def test_rockafellar_uryasev_2000_cvar_of_their_portfolio(level, expected):
    """Rockafellar and Uryasev 2000, Journal of Risk 2(3): three assets with normal returns."""
    mean = np.array([0.0101110, 0.0043532, 0.0137058])
    covariance = np.array(
        [
            [0.00324625, 0.00022983, 0.00420395],
            [0.00022983, 0.00049937, 0.00019247],
            [0.00420395, 0.00019247, 0.00764097],
        ]
    )
    weights = np.array([0.452, 0.1156, 0.4324])
    # The portfolio's loss is normal: a fine grid of its quantiles stands for all scenarios.
    centre, spread = -weights @ mean, np.sqrt(weights @ covariance @ weights)
    losses = centre + spread * ndtri((np.arange(200_000) + 0.5) / 200_000)
    assert cvar(losses, level=level) == pytest.approx(expected, abs=2e-5)
