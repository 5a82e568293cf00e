"""What contracts pay and whether they reward own orders; closed forms proved by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolkit.models.contracts import (
    Terms,
    incentive,
    payment,
    safe_terms,
    self_purchase_gain,
)

CLIFF = Terms(500_000, 1_000_000, 0.2, "net", "net", "cliff")


def random_search(terms, *, cap, r0, d, k, seed=1, tries=40_000):
    """The best of many random own-order plans: a lower bound for the true supremum."""
    rng = np.random.default_rng(seed)
    edges = np.array([0, terms.guarantee, terms.guarantee / max(1e-9, 1 - r0), cap])
    genuine = np.where(
        rng.random(tries) < 0.5, rng.uniform(0, cap, tries),
        np.clip(rng.choice(edges, tries) * rng.uniform(0.98, 1.0, tries), 0, cap),
    )  # fmt: skip
    size = rng.uniform(0, cap, tries) * rng.choice([1e-3, 0.1, 1.0], tries)
    rho = rng.choice([0.0, 0.5, 0.9, 1.0], tries) * rng.uniform(0.99, 1.0, tries)
    gains = self_purchase_gain(
        terms, genuine_gross=genuine, size=size, return_rate=rho, base_return_rate=r0,
        dump_recovery_rate=d, brushing_cost_rate=k,
    )  # fmt: skip
    return float(gains.max())


terms_strategy = st.builds(
    Terms,
    slot_fee=st.floats(0, 2e6),
    guarantee=st.floats(1e5, 3e6),
    commission_rate=st.floats(0, 0.5),
    commission_base=st.sampled_from(["gross", "net"]),
    guarantee_base=st.sampled_from(["gross", "net"]),
    shortfall=st.sampled_from(["none", "pro_rata", "cliff"]),
    fee_is_advance=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(terms=terms_strategy, r0=st.floats(0, 0.6), d=st.floats(0, 0.9), k=st.floats(0, 0.1))
def test_no_random_plan_beats_the_incentive_test(terms, r0, d, k):
    cap = 3e6
    found = incentive(
        terms, cap=cap, base_return_rate=r0, dump_recovery_rate=d, brushing_cost_rate=k
    )
    best = random_search(terms, cap=cap, r0=r0, d=d, k=k)
    advance = terms.slot_fee / max(terms.commission_rate, 1e-9) if terms.fee_is_advance else 0
    assert best <= found.gain_cny + 1e-6 * max(cap, advance)


@settings(max_examples=150, deadline=None)
@given(terms=terms_strategy, r0=st.floats(0, 0.6), d=st.floats(0, 0.9), k=st.floats(0, 0.1))
def test_the_gain_that_is_reported_can_be_earned(terms, r0, d, k):
    """At the reported plan (just short of a cliff, a hair more bought) the gain is real."""
    cap = 3e6
    found = incentive(
        terms, cap=cap, base_return_rate=r0, dump_recovery_rate=d, brushing_cost_rate=k
    )
    if not found.rewards_self_purchasing:
        return
    earned = [
        self_purchase_gain(
            terms, genuine_gross=found.genuine_gross_cny, size=found.size_cny,
            return_rate=found.return_rate, base_return_rate=r0, dump_recovery_rate=d,
            brushing_cost_rate=k, below_cliff=side,
        )
        for side in (False, True)
    ]  # fmt: skip
    assert max(map(float, earned)) == pytest.approx(found.gain_cny, rel=1e-6, abs=1e-3 * cap)


@given(
    fee=st.floats(0, 2e6), guarantee=st.floats(1e5, 3e6), c=st.floats(0, 0.6),
    on=st.sampled_from(["gross", "net"]), rho=st.floats(0, 0.99), d=st.floats(0, 1),
    k=st.floats(0, 0.2),
)  # fmt: skip
def test_first_own_order_below_a_pro_rata_guarantee_follows_the_closed_form(
    fee, guarantee, c, on, rho, d, k
):
    """Gross: F/G + c > (1-rho)(1-d) + k; net: F/G + c > (1-d) + k/(1-rho)."""
    terms = Terms(fee, guarantee, c, on, on, "pro_rata")
    size = 1e-3 * guarantee
    gain = float(
        self_purchase_gain(
            terms, genuine_gross=0.1 * guarantee, size=size, return_rate=rho, base_return_rate=0,
            dump_recovery_rate=d, brushing_cost_rate=k,
        )
    )  # fmt: skip
    reward = fee / guarantee + c
    edge = reward - ((1 - rho) * (1 - d) + k) if on == "gross" else (
        (1 - rho) * (reward - (1 - d)) - k
    )  # fmt: skip
    if abs(edge) > 1e-6:
        assert (gain > 0) == (edge > 0)


def test_cliff_breaks_the_rule():
    """G 1m net, F .5m, c .2, rho .9, d .3, genuine .95m: own .5m costs .035m and earns .51m."""
    gain = self_purchase_gain(
        CLIFF, genuine_gross=950_000, size=500_000, return_rate=0.9, base_return_rate=0,
        dump_recovery_rate=0.3, brushing_cost_rate=0,
    )  # fmt: skip
    assert float(gain) == pytest.approx(510_000 - 35_000)
    found = incentive(
        CLIFF, cap=1e6, base_return_rate=0, dump_recovery_rate=0.3, brushing_cost_rate=0
    )
    assert found.gain_cny >= 475_000


def tempts(terms, d=0.3, k=0.0):
    return incentive(
        terms, cap=5e6, base_return_rate=0.3, dump_recovery_rate=d, brushing_cost_rate=k
    ).rewards_self_purchasing


def test_the_books_contract_is_not_made_safe_by_net_alone():
    """Fee = guarantee, 20 % commission."""
    book = Terms(1e6, 1e6, 0.2)
    assert tempts(book)
    assert tempts(book.replace(guarantee_base="net"))
    assert tempts(book.replace(guarantee_base="net", commission_base="net"))
    assert not tempts(book.replace(guarantee_base="net", commission_base="net", slot_fee=5e5))


def test_guarantee_on_net_with_commission_on_gross_still_pays():
    assert tempts(Terms(1e5, 1e6, 0.2, "gross", "net", "pro_rata"), k=0.02)


@given(fee_share=st.floats(0.01, 1), c=st.floats(0, 0.5), d=st.floats(0, 0.9))
def test_net_with_fee_up_to_one_minus_d_minus_c_of_the_guarantee_is_safe(fee_share, c, d):
    guarantee = 1e6
    edge = (1 - d - c) * guarantee
    terms = Terms(fee_share * guarantee, guarantee, c, "net", "net", "pro_rata")
    if abs(terms.slot_fee - edge) > 1e-3 * guarantee:
        assert tempts(terms, d=d) == (terms.slot_fee > edge)


def test_an_advance_tempts_only_beyond_what_commission_earns_back():
    """The first own yuan only repays the advance; none gains, since net commission < 1 - d."""
    advance = Terms(2e5, 0, 0.2, "net", "net", "none", fee_is_advance=True)
    assert not tempts(advance)
    assert tempts(advance.replace(commission_base="gross"))


def test_payment_of_each_structure():
    on_gross = Terms(100, 1000, 0.1, "gross", "gross", "pro_rata")
    assert float(payment(on_gross, gross=500, net=300).total) == pytest.approx(50 + 50)
    on_net = Terms(100, 1000, 0.1, "net", "net", "pro_rata")
    assert float(payment(on_net, gross=500, net=300).total) == pytest.approx(30 + 30)
    cliff = on_net.replace(shortfall="cliff")
    assert float(payment(cliff, gross=1500, net=999).fee) == 0
    assert float(payment(cliff, gross=1500, net=1000).fee) == 100
    advance = Terms(100, 0, 0.1, "net", "net", "none", fee_is_advance=True)
    assert float(payment(advance, gross=0, net=500).total) == 100
    assert float(payment(advance, gross=0, net=5000).total) == 500
    bounty = Terms(0, 0, 0, shortfall="none", bounty_cny=50)
    assert float(payment(bounty, gross=1, net=1, new_customers=7).total) == 350


@settings(max_examples=60, deadline=None)
@given(terms=terms_strategy, r0=st.floats(0, 0.6), d=st.floats(0, 0.9))
def test_proposed_terms_are_safe_at_any_cost_of_brushing(terms, r0, d):
    proposal = safe_terms(terms, cap=3e6, base_return_rate=r0, dump_recovery_rate=d)
    assert proposal.slot_fee <= terms.slot_fee
    assert proposal.commission_rate <= terms.commission_rate
    found = incentive(
        proposal, cap=3e6, base_return_rate=r0, dump_recovery_rate=d, brushing_cost_rate=0
    )
    assert found.gain_cny == 0


def test_safe_terms_stay_as_they_are():
    safe = Terms(2e5, 1e6, 0.2, "net", "net", "pro_rata")
    assert safe_terms(safe, cap=5e6, base_return_rate=0.3, dump_recovery_rate=0.3) == safe


def test_smallest_change_of_a_single_clause_is_found():
    one_wrong = Terms(2e5, 1e6, 0.2, "gross", "net", "pro_rata")
    proposal = safe_terms(one_wrong, cap=5e6, base_return_rate=0.3, dump_recovery_rate=0.3)
    assert proposal == one_wrong.replace(commission_base="net")
