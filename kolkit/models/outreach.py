"""How many accounts to contact so that enough of them collaborate, and how long it takes."""

from collections.abc import Callable
from functools import lru_cache
from math import ceil, log2

import numpy as np
from scipy.special import betainc, betaincinv, betaln, gammaln

from kolkit.errors import InputError


def _asked(collaborations: int, confidence: float) -> None:
    if collaborations < 0 or int(collaborations) != collaborations:
        raise InputError(f"collaborations must be a whole number from 0; got {collaborations}.")
    if not 0 < confidence < 1:
        raise InputError(f"confidence must lie between 0 and 1; got {confidence}.")


@lru_cache(maxsize=1024)
def contacts_needed(collaborations: int, rate: float, confidence: float = 0.95) -> int:
    """Fewest accounts to contact for at least so many collaborations at a known rate.

    Parameters
    ----------
    collaborations : how many are needed, K
    rate : share of contacted accounts that collaborate, 0-1 (10 contacted, 2 answer, 1 agrees: .1)
    confidence : accepted chance of getting K or more

    Notes
    -----
    Smallest n with P(Bin(n, rate) >= K) = I_rate(K, n - K + 1) >= confidence; every contact counts.

    >>> [contacts_needed(k, .1) for k in (50, 200, 500)]
    [615, 2226, 5354]
    """
    _asked(collaborations, confidence)
    if not 0 < rate <= 1:
        raise InputError(f"rate must be a share above 0 and at most 1; got {rate}.")
    if collaborations == 0:
        return 0
    return _smallest(
        collaborations,
        lambda n: betainc(collaborations, n - collaborations + 1, rate) >= confidence,
    )


@lru_cache(maxsize=1024)
def contacts_needed_uncertain(
    collaborations: int, agreed: float, declined: float, confidence: float = 0.95
) -> int:
    """Fewest accounts to contact when the rate itself is only known from a few trials.

    Parameters
    ----------
    agreed, declined : parameters of the beta distribution of the rate, both above 0: a prior such
        as 2 and 18, plus the brand's own trials (`updated`)

    Notes
    -----
    Smallest n with P(BetaBinomial(n, agreed, declined) >= K) >= confidence.

    >>> contacts_needed_uncertain(50, 2, 18)
    2644
    """
    _asked(collaborations, confidence)
    if not (agreed > 0 and declined > 0):
        raise InputError(f"agreed and declined must be above 0; got {agreed} and {declined}.")
    if collaborations == 0:
        return 0
    below = np.arange(collaborations, dtype=float)
    fixed = gammaln(below + agreed) - gammaln(below + 1) - betaln(agreed, declined)

    def enough(n: int) -> bool:
        rest = n - below
        logs = fixed + gammaln(rest + declined) - gammaln(rest + 1)
        logs += gammaln(n + 1) - gammaln(n + agreed + declined)
        return bool(1 - np.exp(logs).sum() >= confidence)

    likely = collaborations / max(float(betaincinv(agreed, declined, 1 - confidence)), 1e-9)
    return _smallest(collaborations, enough, near=likely)


def _smallest(least: int, enough: Callable[[int], bool], near: float = 0.0) -> int:
    """The smallest number from `least` on that is enough, looked for first around `near`."""
    low, high = least - 1, max(2 * least, 8)
    if near > least:
        guess = min(int(near), 10**9)
        if enough(guess):
            high = guess
            low = int(0.9 * guess) if not enough(int(0.9 * guess)) else low
        else:
            low, high = guess, int(1.1 * guess) + 1
    while not enough(high):
        low, high = high, 2 * high
        if high > 10**10:
            raise InputError("no number of contacts is enough at this rate; lower the plan.")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def updated(
    *, contacted: int, agreed: int, prior_agreed: float = 2.0, prior_declined: float = 18.0
) -> tuple[float, float]:
    """The beta distribution of the rate after the brand's own trials.

    The prior weighs as much as twenty contacts at the book's one in ten.

    >>> updated(contacted=100, agreed=15)
    (17.0, 103.0)
    """
    if not 0 <= agreed <= contacted:
        raise InputError(f"agreed must lie between 0 and the {contacted} contacted; got {agreed}.")
    return prior_agreed + agreed, prior_declined + contacted - agreed


def sender_days(contacts: int, *, senders: int, contacts_per_sender_day: float) -> int:
    """Working days that so many contacts take at a daily limit per sender.

    >>> sender_days(2226, senders=3, contacts_per_sender_day=30)
    25
    """
    if senders < 1 or contacts_per_sender_day <= 0:
        raise InputError(
            "senders must be 1 or more and the daily limit above 0; got "
            f"{senders} and {contacts_per_sender_day}."
        )
    return ceil(contacts / (senders * contacts_per_sender_day))


def hours_with_learning(*, first_hours: float, count: float, learning_rate: float) -> float:
    """Hours for `count` repetitions when practice makes faster.

    Parameters
    ----------
    first_hours : hours of the first one
    learning_rate : cumulative average after doubling the count, as a share (0.5-1) of the average
        before; 1 is no learning

    Notes
    -----
    Wright (1936), cumulative average: T = a n^(1 + log2 rate).

    >>> round(hours_with_learning(first_hours=1.0, count=100, learning_rate=.9), 2)
    49.66
    """
    if not 0.5 <= learning_rate <= 1:
        raise InputError(f"learning_rate must lie between 0.5 and 1; got {learning_rate}.")
    return first_hours * count ** (1 + log2(learning_rate)) if count else 0.0
