"""True cost, CPM and CPE: published prices, tipping points, and what may not be given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolkit.models.tiers import (
    StageHours,
    cpe,
    cpe_from_cpm,
    cpm,
    engagement_rate_power_law,
    engagements,
    impressions,
    labour_hours,
    on_target_cpm,
    tipping_fake_share,
    tipping_hours,
    tipping_wage,
    true_cost,
)
from kolkit.models.unit_economics import contribution_per_order

STAGES = StageHours(0.25, 0.4, 0.2, 0.2, 3.0)


@pytest.mark.parametrize(
    ("price", "views", "expected"),
    [
        (20_000, 200_000, 100), (20_000, 500_000, 40), (300_000, 10_000_000, 30),
        (200, 30_000, 6.67),
    ],
    ids=["television", "outdoor", "celebrity", "micro-KOL"],
)  # fmt: skip
def test_cpm_of_the_books_price_table(price, views, expected):
    """Dudarenok & Engholm (2020), ch. 2; the last one is printed as 7."""
    assert float(cpm(price, views)) == pytest.approx(expected, abs=0.005)


def test_the_books_pair_of_engagement_rates():
    """30 likes of 300 friends against 0.4 %: 25 times the rate, not 25 times the effect."""
    small = engagements(followers=300, engagement_rate_by_followers=0.10)
    large = engagements(followers=10_000_000, engagement_rate_by_followers=0.004)
    assert float(small) == 30
    assert float(large) == pytest.approx(40_000)
    assert float(engagement_rate_power_law(300)) == pytest.approx(0.10)
    assert float(engagement_rate_power_law(10_000_000)) == pytest.approx(0.004)


def test_hours_count_contacts_made_in_vain_and_automation_spares_only_those():
    hours = labour_hours(STAGES, contacts_per_collaboration=10)
    assert float(hours) == pytest.approx(13.5)
    spared = labour_hours(STAGES, contacts_per_collaboration=10, automation_share=1.0)
    assert float(spared) == 3.0


def test_parts_of_the_true_cost_add_up():
    cost = true_cost(
        price_cny=1000, hours=13.5, wage_cny_per_hour=58, contacts_per_collaboration=10,
        cost_per_contact_cny=2, product_cost_cny=135,
    )  # fmt: skip
    assert float(cost.total) == 1000 + 13.5 * 58 + 20 + 135


def test_engagement_is_not_multiplied_by_the_authentic_share():
    """True CPM rises with views that are not people; CPE does not move."""
    seen = impressions(followers=30_000, authentic_share=np.array([1.0, 0.5]), view_rate=0.3)
    assert np.allclose(cpm(1000, seen), [1000 / 9, 2000 / 9])
    got = engagements(followers=30_000, engagement_rate_by_followers=0.02)
    assert float(cpe(1000, got)) == pytest.approx(1000 / 600)


def test_cpe_follows_from_cpm_where_the_rate_is_per_view():
    assert float(cpe_from_cpm(80, engagement_rate_by_views=0.04)) == pytest.approx(2.0)


positive = st.floats(1, 1e4)


@given(price=positive, other=positive, hours=positive, wage=positive, output=positive)
def test_at_the_tipping_hours_both_cost_the_same(price, other, hours, wage, output):
    rival_rate = other / 10
    at = tipping_hours(
        cost_without_labour_cny=price, wage_cny_per_hour=wage, output=output, rival_rate=rival_rate
    )
    assert (price + wage * at) / output == pytest.approx(rival_rate, rel=1e-6, abs=1e-6)


def test_at_the_tipping_wage_both_cost_the_same():
    wage = tipping_wage(cost_without_labour_cny=(1500, 9600), hours=(13.5, 38), output=(4.5, 14.2))
    assert (1500 + 13.5 * wage) / 4.5 == pytest.approx((9600 + 38 * wage) / 14.2)
    same = tipping_wage(cost_without_labour_cny=(1, 2), hours=(1, 1), output=(1, 1))
    assert same == float("inf")


def test_at_the_tipping_share_both_have_the_same_true_cpm():
    share = tipping_fake_share(rate=(319, 249), fake_view_weight=(0.5, 1.0))
    assert 319 / (1 - 0.5 * share) == pytest.approx(249 / (1 - share))
    assert tipping_fake_share(rate=(2, 1), fake_view_weight=(0.0, 0.0)) == float("inf")


@given(price=st.floats(0, 1e6), hours=st.floats(0, 100), factor=st.floats(0.1, 10))
def test_doubling_every_price_doubles_the_cost(price, hours, factor):
    def cost(k):
        return float(
            true_cost(
                price_cny=price * k, hours=hours, wage_cny_per_hour=50 * k,
                contacts_per_collaboration=3, cost_per_contact_cny=2 * k, product_cost_cny=10 * k,
            ).total
        )  # fmt: skip

    assert cost(factor) == pytest.approx(factor * cost(1.0))


def test_arrays_of_draws_give_what_single_numbers_give():
    prices = np.array([100.0, 200.0, 300.0])
    together = true_cost(price_cny=prices, hours=2, wage_cny_per_hour=50).total
    alone = [float(true_cost(price_cny=p, hours=2, wage_cny_per_hour=50).total) for p in prices]
    assert together.tolist() == alone


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: cpm(100, 0), "impressions must be above 0"),
        (lambda: cpe(100, 0), "engagements must be above 0"),
        (lambda: impressions(followers=-1), "followers must be 0 or more"),
        (lambda: impressions(followers=1, authentic_share=20), "between 0 and 1; got 20"),
        (lambda: labour_hours(STAGES, contacts_per_collaboration=0.5), "1 or more"),
        (lambda: on_target_cpm(1, 1, on_target_share=0), "on_target_share must be above 0"),
        (lambda: true_cost(price_cny=-1, hours=0, wage_cny_per_hour=1), "price_cny"),
    ],
)
def test_what_cannot_be_is_refused_by_name(call, told):
    with pytest.raises(ValueError, match=told):
        call()


def test_an_order_leaves_less_where_more_comes_back():
    def left(rate):
        return float(
            contribution_per_order(
                average_order_value_cny=300, gross_margin=0.55, platform_fee_rate=0.035,
                base_return_rate=rate, return_cost_per_order_cny=12,
            )
        )  # fmt: skip

    assert left(0.0) == pytest.approx(154.5)
    assert left(0.25) == pytest.approx(112.875)
    assert left(1.0) == -12
