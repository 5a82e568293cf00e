"""Groups, accounts, people, and the smallest cut of a network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolkit.models.capacity import (
    accounts_needed,
    bottleneck,
    groups_needed,
    groups_renewed,
    minimum_cut,
    staff_needed,
)

RULES = {"members_per_staff": 10_000, "groups_per_staff": 50, "shift_factor": 1.5}


def test_maximum_flow_of_the_textbook_network():
    """Cormen et al.: s1 16, s2 13, 13 12, 21 4, 24 14, 32 9, 43 7, 3t 20, 4t 4 carries 23."""
    edges = {
        ("s", "1"): 16, ("s", "2"): 13, ("1", "3"): 12, ("2", "1"): 4, ("2", "4"): 14,
        ("3", "2"): 9, ("4", "3"): 7, ("3", "t"): 20, ("4", "t"): 4,
    }  # fmt: skip
    cut = minimum_cut(edges, source="s", sink="t")
    assert cut.value == 23
    assert cut.edges == {("1", "3"), ("4", "3"), ("4", "t")}
    assert sum(edges[edge] for edge in cut.edges) == 23


def test_a_supermarket_chain_130_000_members_500_groups():
    """Half-full groups: 500 of 260 members each; at 500 seats 260 would do."""
    assert float(groups_needed(130_000, group_size=500, fill=0.52)) == 500
    assert float(groups_needed(130_000, group_size=500, fill=1.0)) == 260


def test_a_practitioners_rule_150_people_for_a_million():
    """One person per 10,000 users or 50 groups of 200; shifts make 100 on duty 150 employed."""
    groups = groups_needed(1_000_000, group_size=200, fill=1.0)
    assert float(staff_needed(1_000_000, groups=groups, **RULES)) == 150


def test_people_are_rounded_once():
    """10,100 members: 1.01 on duty times 1.5 is 2, not ceil(1.01) * 1.5 = 3."""
    assert float(staff_needed(10_100, groups=0, **RULES)) == 2


def test_groups_can_need_more_people_than_members():
    assert float(staff_needed(10_000, groups=200, **RULES)) == 6


def test_nobody_needs_nothing():
    assert float(groups_needed(0, group_size=500, fill=0.5)) == 0
    assert not np.signbit(groups_needed(0, group_size=500, fill=0.5))
    assert float(accounts_needed(0, account_size=5000)) == 0
    assert float(staff_needed(0, groups=0, **RULES)) == 0


def test_accounts_of_both_kinds():
    assert accounts_needed([5_000, 5_001, 40_000], account_size=5_000).tolist() == [1, 2, 8]
    assert accounts_needed([5_000, 20_001], account_size=20_000).tolist() == [1, 2]


def test_half_of_the_groups_are_renewed_within_a_half_life():
    left = 1.0
    for _ in range(6):
        left -= float(groups_renewed(left, half_life_months=6))
    assert left == pytest.approx(0.5)


@given(members=st.integers(0, 10_000_000), fill=st.floats(0.05, 1))
def test_needs_hold_everybody_and_not_one_group_more(members, fill):
    groups = float(groups_needed(members, group_size=500, fill=fill))
    assert groups == int(groups)
    assert groups * 500 * fill >= members - 1e-3
    assert (groups - 1) * 500 * fill < members or members == 0


@pytest.mark.parametrize(
    ("carries", "stage", "members"),
    [
        ({"accounts": None, "groups": None, "staff": None}, "joins", 12_000),
        ({"accounts": 5_000, "groups": None, "staff": 10_000}, "accounts", 5_000),
        ({"accounts": 20_000, "groups": 7_000, "staff": 10_000}, "groups", 7_000),
        ({"accounts": 20_000, "groups": None, "staff": 0}, "staff", 0),
    ],
)
def test_the_narrowest_part_is_named(carries, stage, members):
    limit = bottleneck(channels={"cards": 9_000, "stores": 3_000}, carries=carries)
    assert (limit.stage, limit.members) == (stage, members)


def test_without_any_channel_joins_are_the_limit():
    limit = bottleneck(channels={}, carries={"accounts": 5, "groups": None, "staff": None})
    assert (limit.stage, limit.members) == ("joins", 0)


@given(
    people=st.lists(st.integers(0, 10_000), min_size=1, max_size=5),
    sizes=st.tuples(*[st.none() | st.integers(0, 20_000)] * 3),
)
def test_what_is_carried_is_the_smallest_of_all(people, sizes):
    carries = dict(zip(("accounts", "groups", "staff"), sizes, strict=True))
    limit = bottleneck(channels={f"c{i}": n for i, n in enumerate(people)}, carries=carries)
    assert limit.members == min(sum(people), *(s for s in sizes if s is not None), 10**9)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: groups_needed(-1, group_size=500, fill=0.5), "members must be 0 or more; got -1"),
        (lambda: groups_needed(1, group_size=500, fill=0), "fill must be above 0; got 0"),
        (lambda: accounts_needed(1, account_size=0), "account_size must be above 0"),
        (lambda: minimum_cut({("a", "b"): -1}, source="a", sink="b"), "must carry 0 or more"),
    ],
)
def test_what_cannot_be_is_refused(call, told):
    with pytest.raises(ValueError, match=told):
        call()
