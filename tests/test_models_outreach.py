"""How many to contact: published counts, brute force, sender-days, learning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom

from kolkit.errors import InputError
from kolkit.models.outreach import (
    contacts_needed,
    contacts_needed_uncertain,
    hours_with_learning,
    sender_days,
    updated,
)


@pytest.mark.parametrize(
    ("needed", "known", "uncertain"), [(50, 615, 2644), (200, 2226, 10525), (500, 5354, 26287)]
)
def test_contacts_for_so_many_collaborations_at_95_per_cent(needed, known, uncertain):
    """One in ten agrees: binomial, and beta-binomial where the rate is Beta(2, 18)."""
    assert contacts_needed(needed, 0.1) == known
    assert contacts_needed_uncertain(needed, 2, 18) == uncertain


@given(needed=st.integers(1, 60), rate=st.floats(0.02, 1), confidence=st.floats(0.5, 0.99))
def test_one_contact_fewer_is_not_enough(needed, rate, confidence):
    found = contacts_needed(needed, rate, confidence)
    assert binom.sf(needed - 1, found, rate) >= confidence - 1e-9
    assert found == needed or binom.sf(needed - 1, found - 1, rate) < confidence + 1e-9


def test_the_uncertain_rate_against_scipys_distribution():
    found = contacts_needed_uncertain(7, 3, 20, 0.9)
    assert betabinom.sf(6, found, 3, 20) >= 0.9 > betabinom.sf(6, found - 1, 3, 20)


def test_own_trials_narrow_the_uncertainty():
    agreed, declined = updated(contacted=1000, agreed=100)
    assert (agreed, declined) == (102, 918)
    assert 615 < contacts_needed_uncertain(50, agreed, declined) < 2644


def test_sender_days_are_whole():
    assert sender_days(615, senders=2, contacts_per_sender_day=30) == 11
    assert sender_days(0, senders=2, contacts_per_sender_day=30) == 0


def test_wrights_cumulative_average():
    """Doubling the count multiplies the average by the rate."""
    one = hours_with_learning(first_hours=1, count=50, learning_rate=0.8) / 50
    two = hours_with_learning(first_hours=1, count=100, learning_rate=0.8) / 100
    assert two / one == pytest.approx(0.8)
    assert hours_with_learning(first_hours=2, count=10, learning_rate=1.0) == pytest.approx(20)
    assert hours_with_learning(first_hours=2, count=0, learning_rate=0.9) == 0


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: contacts_needed(5, 10), "rate"),
        (lambda: contacts_needed(5, 0.0), "rate"),
        (lambda: contacts_needed(-1, 0.1), "collaborations"),
        (lambda: contacts_needed(5, 0.1, 95), "confidence"),
        (lambda: contacts_needed_uncertain(5, 0, 1), "agreed and declined"),
        (lambda: updated(contacted=5, agreed=6), "agreed"),
        (lambda: sender_days(5, senders=0, contacts_per_sender_day=30), "senders"),
        (lambda: hours_with_learning(first_hours=1, count=5, learning_rate=0.2), "learning_rate"),
    ],
)
def test_what_cannot_be_is_refused_by_name(call, told):
    with pytest.raises(InputError, match=told):
        call()


def test_nothing_needed_takes_no_contacts():
    assert contacts_needed(0, 0.1) == 0
    assert contacts_needed_uncertain(0, 2, 18) == 0
