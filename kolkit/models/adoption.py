"""How a pool fills: Bass's diffusion, and joins per month from channels and referral.

Conventions: people and joins are counts (fractions allowed, they are expectations), shares are
0-1, time is in months. Draws come first, months last: results have the shape (n, months), n = 1
for plain numbers.

- `bass_adopted`, `bass_peak`, `fit_bass`: the closed form, its peak, its fit with an interval
- `grow`: members of a pool month by month

References
----------
Bass (1969), "A new product growth model for consumer durables", Management Science 15(5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kolkit.errors import InputError

Array = NDArray[np.float64]

REFERRAL = "referral"
"""Channel of those whom members bring."""


@dataclass(frozen=True)
class BassFit:
    """Innovation p, imitation q and market, each with a 95 % interval as (low, value, high)."""

    p: tuple[float, float, float]
    q: tuple[float, float, float]
    market: tuple[float, float, float]


@dataclass(frozen=True)
class Growth:
    """A pool month by month: joins per channel and members at the month's end, (n, months)."""

    joins: Mapping[str, Array]
    members: Array

    @property
    def joins_total(self) -> Array:
        """Joins of all channels together."""
        return np.asarray(sum(self.joins.values()))


def bass_adopted(time: ArrayLike, *, p: ArrayLike, q: ArrayLike) -> Array:
    """Share of a market (0-1) that has joined by a time.

    Parameters
    ----------
    time : periods since the start, 0 or more
    p : innovation, share of the market that joins by itself per period, above 0
    q : imitation, joins caused per member and period, 0 or more

    Notes
    -----
    F(t) = (1 - exp(-(p + q) t)) / (1 + (q / p) exp(-(p + q) t)).

    Examples
    --------
    With p = .03 and q = .38, 46 % have joined when joining is fastest, after 6.2 periods.

    >>> peak = bass_peak(p=.03, q=.38)
    >>> round(float(peak), 2), round(float(bass_adopted(peak, p=.03, q=.38)), 4)
    (6.19, 0.4605)
    """
    t, a, b = (np.asarray(x, float) for x in (time, p, q))
    _check_bass(a, b)
    if np.any(t < 0):
        raise InputError(f"time must be 0 or more; got {np.min(t):g}. Count from the start.")
    fading = np.exp(-(a + b) * t)
    return np.asarray((1 - fading) / (1 + b / a * fading))


def bass_peak(*, p: ArrayLike, q: ArrayLike) -> Array:
    """Time at which most people join; 0 where imitation does not exceed innovation.

    Notes
    -----
    T* = ln(q / p) / (p + q).
    """
    a, b = np.asarray(p, float), np.asarray(q, float)
    _check_bass(a, b)
    return np.asarray(np.where(b > a, np.log(np.maximum(b, 1e-300) / a) / (a + b), 0.0))


def _check_bass(p: Array, q: Array) -> None:
    if np.any(p <= 0) or np.any(q < 0):
        raise InputError(
            f"p must be above 0 and q 0 or more; got p {np.min(p):g}, q {np.min(q):g}. "
            "Give the share that joins by itself per period."
        )


def fit_bass(joins: Sequence[float]) -> BassFit:
    """Bass's curve fitted to joins per period (nonlinear least squares), with intervals.

    Parameters
    ----------
    joins : new members of each period from the start, at least five periods and past the peak

    Raises
    ------
    InputError
        before the peak: p, q and the market cannot then be told apart

    Examples
    --------
    >>> t = np.arange(13)
    >>> fit = fit_bass(10_000 * np.diff(bass_adopted(t, p=.03, q=.38)))
    >>> round(fit.p[1], 3), round(fit.q[1], 3), round(fit.market[1])
    (0.03, 0.38, 10000)
    """
    seen = np.asarray(joins, float)
    if len(seen) < 5 or not np.all(np.isfinite(seen)) or np.any(seen < 0):
        raise InputError(
            f"joins must be five or more periods of counts, 0 or more; got {len(seen)}. "
            "Add periods."
        )
    if int(np.argmax(seen)) >= len(seen) - 2:
        raise InputError(
            "Joins have not passed their peak, and before it the size of the market is a guess; "
            f"the largest of {len(seen)} periods is number {int(np.argmax(seen)) + 1}. "
            "Wait two periods beyond the peak, or give the market yourself."
        )
    # Weighs 20 MB, and no dashboard fits this curve.
    from scipy.optimize import curve_fit

    time = np.arange(len(seen) + 1, dtype=float)

    def model(_: Array, log_p: float, log_q: float, log_market: float) -> Array:
        share = bass_adopted(time, p=np.exp(log_p), q=np.exp(log_q))
        return np.asarray(np.exp(log_market) * np.diff(share))

    start = (np.log(0.03), np.log(0.38), np.log(2 * seen.sum()))
    found, covariance = curve_fit(model, time[1:], seen, p0=start, maxfev=20_000)
    width = 1.96 * np.sqrt(np.diag(covariance))
    spans = [
        tuple(float(np.exp(v)) for v in (f - w, f, f + w))
        for f, w in zip(found, width, strict=True)
    ]
    return BassFit(*spans)  # type: ignore[arg-type]


def grow(
    *,
    joins: Mapping[str, ArrayLike],
    survival: ArrayLike,
    months: int,
    referral_rate: ArrayLike = 0.0,
    potential: ArrayLike = np.inf,
    members_at_start: ArrayLike = 0.0,
    member_cap: ArrayLike = np.inf,
) -> Growth:
    """Members of a pool month by month, from steady joins per channel and from referral.

    Parameters
    ----------
    joins : people per month by channel while nobody has joined yet, 0 or more, each a number or
        shape (n,)
    survival : S(0) ... of a new member, shape (months + 1,) or longer, or (n, months + 1)
    months : horizon, 1 or more
    referral_rate : joins caused per member and month, 0 or more
    potential : people who could ever join; those already asked do not join twice
    members_at_start : members before month 1, who leave like new ones
    member_cap : most members at a time (accounts or staff at hand)

    Notes
    -----
    Joins of month m are (sum of channels + referral_rate * members of month m - 1) times the share
    of the potential that has not joined yet: Bass's hazard p + q F, with members who left no longer
    recommending. Whoever joins is there for that whole month.

    Examples
    --------
    A thousand joins a month of whom 80 % stay each month make 2,952 members after four.

    >>> pool = grow(joins={"card": 1000.0}, survival=0.8 ** np.arange(5), months=4)
    >>> pool.members.round().tolist()
    [[1000.0, 1800.0, 2440.0, 2952.0]]
    """
    asked = {name: _positive(name, value) for name, value in joins.items()}
    q = _positive("referral_rate", referral_rate)
    limit, cap = _positive("potential", potential), _positive("member_cap", member_cap)
    start = _positive("members_at_start", members_at_start)
    # Months first: each month is then one contiguous row.
    stays = np.ascontiguousarray(np.atleast_2d(np.asarray(survival, float)).T)
    if months < 1 or len(stays) <= months:
        raise InputError(f"survival must reach {months} months; got {len(stays) - 1}. Extend it.")
    steady = np.asarray(sum(asked.values(), np.zeros(1)), float)
    n = max(len(steady), len(q), len(limit), len(cap), len(start), stays.shape[1])
    stays = np.broadcast_to(stays, (len(stays), n))
    total = np.zeros((months, n))
    openness = np.zeros((months, n))
    brought = np.zeros((months, n))
    members = np.zeros((months, n))
    before, ever = np.broadcast_to(start, (n,)), np.broadcast_to(start, (n,)).astype(float)
    bounded, capped = bool(np.isfinite(limit).any()), bool(np.isfinite(cap).any())
    for m in range(months):
        left = start * stays[m + 1] + np.einsum("kn,kn->n", total[:m], stays[m:0:-1])
        word = q * before
        room = np.clip(1 - ever / np.maximum(limit, 1e-9), 0, 1) if bounded else np.ones(n)
        wanted = (steady + word) * room
        if capped or bounded:
            # Steps of a month are coarse: nobody joins twice, and no more than can be looked after.
            taken = np.clip(np.minimum(cap - left, limit - ever), 0, wanted)
            room = room * np.divide(taken, wanted, out=np.zeros(n), where=wanted > 0)
            wanted = taken
        total[m], openness[m], brought[m] = wanted, room, word * room
        ever = ever + wanted
        members[m] = before = left + wanted
    found = {name: (people * openness).T for name, people in asked.items()}
    return Growth(found | {REFERRAL: brought.T}, members.T)


def _positive(name: str, value: ArrayLike) -> Array:
    found = np.atleast_1d(np.asarray(value, float))
    if np.any(~(found >= 0)):
        raise InputError(f"{name} must be 0 or more; got {np.min(found):g}. Correct it.")
    return found
