"""What a pool costs and earns: closed forms, and a simulation of every single member."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolkit.models.adoption import grow
from kolkit.models.pool import (
    PoolLedger,
    break_even_month,
    highest_cac,
    joins_from_parcels,
    lifetime_value,
    lowest_cash,
    member_margin,
    pool_order_value,
)
from kolkit.models.retention import discounted_lifetime, sbg_survival

ALPHA, BETA = 0.704, 1.182


def test_a_simulation_of_single_members_agrees_with_the_pool():
    """Each member draws an own churn probability, stays or leaves, and buys; seeded.

    400 joins a month for a year, 60 runs: members of the last month and margin of the year lie
    within four standard errors of the model.
    """
    rng = np.random.default_rng(20261122)
    months, joins, purchases, worth, gift, runs = 12, 400, 0.2, 50.0, 5.0, 60
    members, profit = np.zeros(runs), np.zeros(runs)
    for run in range(runs):
        joined = np.repeat(np.arange(months), joins)
        churn = rng.beta(ALPHA, BETA, joined.size)
        stays = np.ones(joined.size, bool)
        for month in range(months):
            here = joined <= month
            old = joined < month
            stays &= ~(old & (rng.random(joined.size) < churn))
            there = int((here & stays).sum())
            orders = rng.poisson(purchases, there).sum()
            profit[run] += worth * orders - gift * joins
            if month == months - 1:
                members[run] = there
    survival = sbg_survival(ALPHA, BETA, periods=months)
    pool = grow(joins={"cards": float(joins)}, survival=survival, months=months)
    expected = float((pool.members * purchases * worth).sum() - gift * joins * months)
    for simulated, model in ((members, float(pool.members[0, -1])), (profit, expected)):
        error = simulated.std(ddof=1) / np.sqrt(runs)
        assert abs(simulated.mean() - model) < 4 * error


def test_lifetime_value_is_the_mean_over_simulated_members():
    """20,000 members with own churn probabilities, margins discounted month by month."""
    rng = np.random.default_rng(5)
    churn, discount, margin = rng.beta(2.0, 3.0, 20_000), 0.02, 4.0
    months = rng.geometric(np.maximum(churn, 1e-9))
    months = np.minimum(months, 10_000)
    value = margin * (1 - (1 + discount) ** -months) / (1 - 1 / (1 + discount))
    model = lifetime_value(
        margin=margin, lifetime=discounted_lifetime(2.0, 3.0, discount_rate=discount)
    )
    assert abs(value.mean() - float(model)) < 4 * value.std() / np.sqrt(20_000)


def test_break_even_counts_only_when_it_lasts():
    cash = [
        [-5, 1, -2, 3, 4],
        [-5, -4, -3, -2, -1],
        [1, 2, 3, 4, 5],
        [5, 4, 3, 2, -1],
        [-1, -1, -1, -1, 0],
    ]
    assert break_even_month(cash).tolist() == [4.0, np.inf, 1.0, np.inf, 5.0]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=24))
def test_break_even_by_its_definition(cash):
    cumulative = np.cumsum(cash)
    found = float(break_even_month([cumulative])[0])
    lasting = [m for m in range(len(cash)) if np.all(cumulative[m:] >= -0.005)]
    assert found == (lasting[0] + 1 if lasting else np.inf)


def test_lowest_cash_is_what_has_to_be_advanced():
    assert lowest_cash([[-5.0, -8.0, 3.0], [1.0, 2.0, 3.0]]).tolist() == [-8.0, 0.0]


def test_a_pool_order_that_would_have_come_anyway_adds_only_the_saved_fee():
    """Same contribution in both: nothing is added; a discount beyond the fee costs."""
    same = {"contribution_in_pool": 100.0, "contribution_in_shop": 100.0}
    assert float(pool_order_value(incremental_share=0.0, **same)) == 0
    assert float(pool_order_value(incremental_share=1.0, **same)) == 100
    assert float(
        pool_order_value(
            contribution_in_pool=90.0, contribution_in_shop=100.0, incremental_share=0.0
        )
    ) == pytest.approx(-10)


@given(
    margin=st.floats(0.01, 100),
    alpha=st.floats(0.1, 10),
    beta=st.floats(0.1, 10),
    more=st.floats(1, 3),
)
def test_lower_survival_never_raises_what_a_member_is_worth(margin, alpha, beta, more):
    high, low = (sbg_survival(a, beta, periods=24) for a in (alpha, alpha * more))
    assert highest_cac(margin=margin, survival=low) <= highest_cac(margin=margin, survival=high)
    values = [
        float(lifetime_value(margin=margin, lifetime=discounted_lifetime(a, beta, discount_rate=d)))
        for a, d in ((alpha, 0.01), (alpha * more, 0.01))
    ]
    assert values[1] <= values[0] * (1 + 1e-9)


def test_the_highest_price_of_a_join_pays_back_exactly():
    survival = sbg_survival(ALPHA, BETA, periods=12)
    margin = float(member_margin(purchases=0.15, order_value=53.0, service_cost=1.5))
    price = float(highest_cac(margin=margin, survival=survival, months=12))
    cash = np.cumsum(margin * survival[:12]) - price
    assert cash[-1] == pytest.approx(0)
    assert cash[-2] < 0


def test_a_member_who_costs_more_than_he_brings_may_cost_nothing():
    assert float(highest_cac(margin=-2.0, survival=np.ones(12))) == 0


def test_parcels_lines_and_refusals():
    assert float(joins_from_parcels(orders_per_month=20_000, scan_rate=0.08, add_rate=0.5)) == 800
    lines = {name: np.full((1, 2), i) for i, name in enumerate(PoolLedger.__dataclass_fields__)}
    ledger = PoolLedger(**lines)
    assert ledger.cash.tolist() == [[28, 28]]
    assert ledger.cumulative.tolist() == [[28, 56]]
    with pytest.raises(ValueError, match="scan_rate must be a share between 0 and 1; got 8"):
        joins_from_parcels(orders_per_month=1, scan_rate=8, add_rate=0.5)
    with pytest.raises(ValueError, match="incremental_share must be a share"):
        pool_order_value(contribution_in_pool=1, contribution_in_shop=1, incremental_share=-0.1)
    with pytest.raises(ValueError, match="survival must reach 11 months; got 5"):
        highest_cac(margin=1.0, survival=np.ones(6))
