"""Reach within and across accounts: published examples, refusals, frequency."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolkit.errors import InputError
from kolkit.models.reach import (
    account_reach,
    agostini_reach,
    beta_binomial_parameters,
    beta_binomial_reach,
    combined_reach,
    frequency,
    reach_from_points,
    reach_points,
    reach_within,
)


def test_sainsbury_of_four_hundred_insertions():
    """400 insertions of 0.1 % each, chance duplication."""
    assert float(combined_reach([0.001], [400])) == pytest.approx(0.32981, abs=5e-6)


def test_agostini_and_sainsbury_of_three_media():
    """Agostini (1961), K = 1.125: reaches .10, .08, .05 and measured duplication .033."""
    assert agostini_reach([0.10, 0.08, 0.05], [0.033]) == pytest.approx(0.19803, abs=5e-6)
    assert float(combined_reach([0.10, 0.08, 0.05])) == pytest.approx(0.21340, abs=5e-6)


def test_beta_binomial_from_the_first_two_insertions():
    """Metheringham (1964): reach .20 of one insertion and .30 of two."""
    a, b = beta_binomial_parameters(0.20, 0.30)
    assert (a, b) == (pytest.approx(1 / 3), pytest.approx(4 / 3))
    assert beta_binomial_reach(0.20, 0.30, [1, 2, 4, 10]) == pytest.approx(
        [0.20, 0.30, 0.40909, 0.54548], abs=5e-6
    )


@pytest.mark.parametrize("second", [0.20, 0.19, 0.36, 0.9])
def test_a_second_post_must_add_people_but_no_more_than_chance(second):
    with pytest.raises(InputError, match=r"between that of one \(0\.2\) and 0\.36"):
        beta_binomial_reach(0.20, second, 3)


def test_frequency_is_not_a_single_binomial():
    """Two accounts followed by a tenth, three posts seen with .3: .00742 see three or more."""
    seen = frequency([0.1, 0.1], view_rate=0.3, posts=3)
    assert seen.sum() == pytest.approx(1.0)
    assert seen[3:].sum() == pytest.approx(0.00742, abs=5e-6)


@given(
    q=st.floats(0, 1), v=st.floats(0, 1), posts=st.integers(1, 6), number=st.integers(0, 40),
    niche=st.floats(0.05, 1),
)  # fmt: skip
def test_mean_frequency_times_universe_is_impressions(q, v, posts, number, niche):
    seen = frequency(
        [q], view_rate=v, posts=posts, counts=[number], concentration=niche, most=6 * 40
    )
    mean = float(np.arange(len(seen)) @ seen)
    assert mean == pytest.approx(niche * q * v * posts * number, abs=1e-9)
    alone = niche * q * (1 - (1 - v) ** posts)
    if alone < niche:
        whole = combined_reach([alone], [number], concentration=niche)
        assert 1 - seen[0] == pytest.approx(float(whole), abs=1e-9)


@given(
    rho=st.lists(st.floats(0, 0.04), min_size=1, max_size=6), niche=st.floats(0.05, 1),
    more=st.integers(0, 500),
)  # fmt: skip
def test_reach_grows_with_accounts_and_stays_within_the_niche(rho, niche, more):
    few = float(combined_reach(rho, [1] * len(rho), concentration=niche))
    many = float(combined_reach(rho, [1 + more] * len(rho), concentration=niche))
    assert few - 1e-12 <= many <= niche + 1e-12
    assert few <= sum(rho) + 1e-12


def test_points_add_up_and_reach_does_not():
    points = reach_points([0.1, 0.2], concentration=0.8)
    whole = float(reach_from_points(points.sum(), concentration=0.8))
    assert whole == pytest.approx(float(combined_reach([0.1, 0.2], concentration=0.8)))
    assert whole < 0.3


def test_an_account_larger_than_the_niche_is_refused_by_name():
    with pytest.raises(InputError, match=r"celebrity\.weibo alone would reach 0\.7 .* 0\.6\b"):
        reach_points([0.1, 0.7], concentration=0.6, names=["kol.weibo", "celebrity.weibo"])
    with pytest.raises(InputError, match="account 1"):
        reach_points([1.0], concentration=1.0)
    with pytest.raises(InputError, match="concentration"):
        reach_points([0.1], concentration=0.0)


def test_reach_within_an_account():
    people = account_reach(
        followers=10_000, authentic_share=0.8, on_target_share=0.5, view_rate=0.3, posts=3
    )
    assert float(people) == pytest.approx(4000 * 0.657)
    assert float(reach_within(0.3, 0)) == 0
    with pytest.raises(InputError, match="view_rate"):
        reach_within(30, 1)
    with pytest.raises(InputError, match="posts"):
        reach_within(0.3, -1)


def test_agostini_never_exceeds_the_sum_or_everybody():
    assert agostini_reach([0.9, 0.8], [0.0]) == 1.0
    assert agostini_reach([0.1, 0.2], [0.0]) == pytest.approx(0.3)
    assert agostini_reach([], []) == 0.0
    with pytest.raises(InputError, match="share no more people"):
        agostini_reach([0.1, 0.1], [0.5])
    with pytest.raises(InputError, match="between 0 and 1"):
        agostini_reach([10], [])
