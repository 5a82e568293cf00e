"""The session's decomposition and the brand's result: published numbers and invariants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolkit.models.contracts import Terms
from kolkit.models.livestream import (
    Economics,
    break_even_net_sales,
    decompose,
    highest_fee,
    unexplained_share,
    waterfall,
)

share = st.floats(0, 1)
base = st.floats(0, 0.8)
PLAIN = Economics(
    gross_margin=0.5,
    platform_fee_rate=0.0,
    return_cost_rate=0.0,
    displaced_share=0.0,
    new_customer_share=0.6,
    average_order_value_cny=300.0,
)


def fixed(fee: float, commission: float, on: str) -> Terms:
    return Terms(fee, 0.0, commission, on, on, "none")  # type: ignore[arg-type]


def test_break_even_333_on_net_and_1089_on_gross():
    """m .5, c .2, s .3, r0 .3, F 100, own orders all returned: 333 on net, 1,089 on gross."""
    session = decompose(gmv_reported=1000, share=0.3, base_return_rate=0.3, self_return_rate=1.0)
    on_net = break_even_net_sales(session, fixed(100, 0.2, "net"), PLAIN)
    on_gross = break_even_net_sales(session, fixed(100, 0.2, "gross"), PLAIN)
    assert float(on_net) == pytest.approx(333.33, abs=0.01)
    assert float(on_gross) == pytest.approx(1088.89, abs=0.01)


def test_break_even_sales_earn_exactly_the_fee():
    terms = fixed(100_000, 0.2, "gross")
    make_up = {"share": 0.2, "base_return_rate": 0.25, "self_return_rate": 0.95}
    trial = decompose(gmv_reported=1e6, **make_up)
    needed = float(break_even_net_sales(trial, terms, PLAIN))
    scale = needed / float(trial.genuine_kept)
    at_break_even = decompose(gmv_reported=1e6 * scale, **make_up)
    assert float(waterfall(at_break_even, terms, PLAIN).profit) == pytest.approx(0, abs=1e-6)


def test_break_even_is_never_where_each_yuan_loses():
    session = decompose(gmv_reported=1000, share=0.6, base_return_rate=0.5, self_return_rate=1.0)
    assert np.isinf(break_even_net_sales(session, fixed(100, 0.4, "gross"), PLAIN))


@given(s=share, r0=base, gap=st.floats(0.01, 0.2))
def test_share_is_recovered_from_the_return_rate_it_causes(s, r0, gap):
    rho = min(1.0, r0 + gap)
    observed = s * rho + (1 - s) * r0
    found = unexplained_share(
        return_rate_observed=observed, base_return_rate=r0, self_return_rate=rho
    )
    assert float(found) == pytest.approx(s, abs=1e-9)


def test_share_refuses_rates_that_cannot_be_told_apart():
    with pytest.raises(ValueError, match="must exceed"):
        unexplained_share(return_rate_observed=0.5, base_return_rate=0.6, self_return_rate=0.6)


@given(s=share, r0=base, rho=st.floats(0.81, 1), gmv=st.floats(1e3, 1e9))
def test_parts_add_up_and_net_never_exceeds_reported(s, r0, rho, gmv):
    d = decompose(gmv_reported=gmv, share=s, base_return_rate=r0, self_return_rate=rho)
    assert float(d.gmv_reported) == pytest.approx(gmv)
    assert float(d.net_sales) <= gmv * (1 + 1e-12)
    assert float(d.returns + d.net_sales) == pytest.approx(gmv)
    assert float(d.inflation_factor) >= 1
    assert min(map(float, (d.genuine_kept, d.genuine_returned, d.unexplained_kept))) >= 0


def test_a_session_without_own_orders_keeps_its_customers():
    d = decompose(gmv_reported=100, share=0.4, base_return_rate=0.2, self_return_rate=0.9)
    clean = d.without_unexplained()
    assert float(clean.genuine_kept) == float(d.genuine_kept)
    assert float(clean.unexplained) == 0
    assert float(clean.gmv_reported) == pytest.approx(60)


@given(factor=st.floats(0.1, 10), s=share)
def test_doubling_every_amount_doubles_the_profit(factor, s):
    terms = Terms(1e5, 5e5, 0.2, "net", "net", "pro_rata")
    bigger = terms.replace(slot_fee=1e5 * factor, guarantee=5e5 * factor)
    make_up = {"share": s, "base_return_rate": 0.3, "self_return_rate": 0.95}
    one = waterfall(decompose(gmv_reported=1e6, **make_up), terms, PLAIN).profit
    many = waterfall(decompose(gmv_reported=1e6 * factor, **make_up), bigger, PLAIN).profit
    assert float(many) == pytest.approx(float(one) * factor, rel=1e-9, abs=1e-6)


def test_arrays_answer_like_numbers():
    r0 = np.array([0.1, 0.25, 0.4])
    many = decompose(gmv_reported=1e6, share=0.3, base_return_rate=r0, self_return_rate=0.95)
    terms = Terms(1e5, 5e5, 0.2, "net", "net", "pro_rata")
    profits = waterfall(many, terms, PLAIN).profit
    for i, rate in enumerate(r0):
        one = decompose(
            gmv_reported=1e6, share=0.3, base_return_rate=float(rate), self_return_rate=0.95
        )
        assert float(waterfall(one, terms, PLAIN).profit) == pytest.approx(float(profits[i]))


def draws_of(seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    session = decompose(
        gmv_reported=1e6 * rng.uniform(0.6, 1.4, 2000),
        share=rng.uniform(0, 0.4, 2000),
        base_return_rate=rng.uniform(0.15, 0.35, 2000),
        self_return_rate=0.95,
    )
    return session, PLAIN


@pytest.mark.parametrize(
    "terms",
    [
        Terms(0, 5e5, 0.2, "net", "net", "pro_rata"),
        Terms(0, 3e5, 0.2, "net", "net", "cliff"),
        Terms(0, 0, 0.1, "gross", "gross", "none"),
        Terms(0, 0, 0.1, "net", "net", "none", fee_is_advance=True),
    ],
)
def test_walk_away_fee_has_the_accepted_chance_of_loss(terms):
    """Simulation: a little below the fee the loss is tolerated, a little above it is not."""
    session, economics = draws_of(7)
    fee = highest_fee(session, terms, economics, loss_tolerance=0.2)
    assert fee > 1000

    def loss(at: float) -> float:
        return float(np.mean(waterfall(session, terms.replace(slot_fee=at), economics).profit < 0))

    assert loss(fee * 0.999) <= 0.2
    assert loss(fee * 1.01) >= 0.2


def test_a_cliff_that_is_rarely_reached_bears_any_fee():
    """The fee comes back in full where it would have made the loss."""
    session, economics = draws_of(7)
    terms = Terms(0, 2e6, 0.2, "net", "net", "cliff")
    assert highest_fee(session, terms, economics, loss_tolerance=0.2) == np.inf


def test_fair_fee_makes_the_expected_profit_nothing():
    session, economics = draws_of(8)
    terms = Terms(0, 9e5, 0.2, "net", "net", "pro_rata")
    fee = highest_fee(session, terms, economics, loss_tolerance=None)
    profit = waterfall(session, terms.replace(slot_fee=fee), economics).profit
    assert float(profit.mean()) == pytest.approx(0, abs=1)


def test_no_fee_is_bearable_where_the_commission_eats_the_margin():
    session, economics = draws_of(9)
    assert highest_fee(session, Terms(0, 0, 0.9, "gross", "gross", "none"), economics,
                       loss_tolerance=0.2) == 0  # fmt: skip
