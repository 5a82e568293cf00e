"""How long members stay: survival curves and the lifetime that follows from them.

Conventions: S(t) is the share (0-1) of a cohort still there t periods after joining, S(0) = 1;
results carry the periods 0, 1, ... on the last axis, before it the shape of the parameters. The
models say when people leave; how often they buy meanwhile is another question, and a purchase
history is no survival table.

- `sbg_survival`, `bdw_survival`, `constant_survival`: shifted-beta-geometric,
  beta-discrete-Weibull, constant retention
- `sbg_through`: the shifted-beta-geometric curve through two known points
- `discounted_lifetime`: expected periods, discounted

References
----------
Fader & Hardie (2007), "How to project customer retention", J. Interactive Marketing 21(1);
Fader, Hardie, Liu, Davin & Steenburgh (2018), "How to project customer retention" revisited,
J. Interactive Marketing 43.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, hyp2f1

from kolkit.errors import InputError

Array = NDArray[np.float64]


def _positive(**values: ArrayLike) -> None:
    for name, value in values.items():
        if not np.all(np.asarray(value, float) > 0):
            raise InputError(
                f"{name} must be above 0; got {np.min(value):g}. Use a positive number."
            )


def sbg_survival(alpha: ArrayLike, beta: ArrayLike, *, periods: int) -> Array:
    """Shifted-beta-geometric survival S(0) ... S(periods), shape (..., periods + 1).

    Parameters
    ----------
    alpha, beta : shape of the beta distribution of churn probabilities over members, above 0
    periods : how far, 0 or more

    Notes
    -----
    S(t) = B(alpha, beta + t) / B(alpha, beta), by the recursion
    S(t + 1) = S(t) (beta + t) / (alpha + beta + t).

    Examples
    --------
    Of the regular customers of the published example, 17 in 100 are left after twelve years.

    >>> round(float(sbg_survival(0.704, 1.182, periods=12)[-1]), 2)
    0.17
    """
    _positive(alpha=alpha, beta=beta)
    a, b = np.broadcast_arrays(np.asarray(alpha, float), np.asarray(beta, float))
    t = np.arange(periods, dtype=float)
    rates = (b[..., None] + t) / (a[..., None] + b[..., None] + t)
    return np.concatenate([np.ones((*a.shape, 1)), np.cumprod(rates, axis=-1)], axis=-1)


def bdw_survival(alpha: ArrayLike, beta: ArrayLike, c: ArrayLike, *, periods: int) -> Array:
    """Beta-discrete-Weibull survival S(0) ... S(periods): each member's own rate may change.

    Parameters
    ----------
    alpha, beta, c : above 0; c = 1 is the shifted-beta-geometric, c > 1 leaves faster with age
    periods : how far, 0 or more

    Notes
    -----
    S(t) = B(alpha, beta + t^c) / B(alpha, beta).

    Examples
    --------
    >>> bdw_survival(0.523, 0.894, 1.196, periods=4).round(3).tolist()
    [1.0, 0.631, 0.468, 0.381, 0.326]
    """
    _positive(alpha=alpha, beta=beta, c=c)
    a, b, power = (np.asarray(x, float)[..., None] for x in (alpha, beta, c))
    t = np.arange(periods + 1, dtype=float)
    return np.asarray(np.exp(betaln(a, b + t**power) - betaln(a, b)))


def constant_survival(retention_rate: ArrayLike, *, periods: int) -> Array:
    """Survival if every member stayed with the same probability (0-1) each period.

    Examples
    --------
    >>> constant_survival(0.9, periods=2).round(2).tolist()
    [1.0, 0.9, 0.81]
    """
    rate = np.asarray(retention_rate, float)
    if not np.all((rate >= 0) & (rate <= 1)):
        raise InputError(
            f"retention_rate must be a share between 0 and 1; got {np.max(rate):g}. "
            "Divide per cent by 100."
        )
    return rate[..., None] ** np.arange(periods + 1)


def sbg_through(first: ArrayLike, later: ArrayLike, *, period: int = 12) -> tuple[Array, Array]:
    """The shifted-beta-geometric curve through S(1) and S(period): alpha and beta.

    Parameters
    ----------
    first : share left after one period, 0-1
    later : share left after `period` periods; between first^period (everybody leaves at the same
        rate) and `first` (whoever stays at first stays for good)
    period : 2 or more

    Raises
    ------
    InputError
        where no such curve exists

    Examples
    --------
    80 % left after a month and 40 % after twelve.

    >>> a, b = sbg_through(0.8, 0.4)
    >>> sbg_survival(a, b, periods=12)[[1, 12]].round(6).tolist()
    [0.8, 0.4]
    """
    s1, s2 = np.broadcast_arrays(np.asarray(first, float), np.asarray(later, float))
    check_two_points(s1, s2, period=period)
    # Between its two limits ln S(period) is close to logistic in the log of alpha + beta, so
    # Newton's steps on the logit settle in a few rounds from anywhere.
    top, bottom = np.log(s1), period * np.log(s1)
    wanted = (top - np.log(s2)) / (top - bottom)
    goal = np.log(wanted / (1 - wanted))
    t = np.arange(1, period, dtype=float).reshape(-1, *([1] * s1.ndim))
    x = goal.copy() + 1.5
    for _ in range(60):
        total = np.exp(x)
        ratio = (s1 * total + t) / (total + t)
        fall = -np.log(ratio).sum(axis=0) / (top - bottom)
        fall = np.clip(fall, 1e-15, 1 - 1e-15)
        slope = (total / (total + t) - s1 * total / (s1 * total + t)).sum(axis=0) / (top - bottom)
        slope = slope / (fall * (1 - fall))
        step = (np.log(fall / (1 - fall)) - goal) / np.maximum(slope, 1e-12)
        x = np.clip(x - np.clip(step, -4, 4), -30, 30)
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    total = np.exp(x)
    return total * (1 - s1), total * s1


def check_two_points(
    first: ArrayLike, later: ArrayLike, *, period: int, unit: str = "period"
) -> None:
    """Refuse two points of a survival curve that no mix of members can show.

    Parameters
    ----------
    first, later : shares left after one and after `period` periods
    unit : what a refusal calls a period

    Raises
    ------
    InputError
        names the bound that `later` misses
    """
    s1, s2 = np.broadcast_arrays(np.asarray(first, float), np.asarray(later, float))
    if not np.all((s1 > 0) & (s1 < 1)):
        raise InputError(
            f"the share left after 1 {unit} must lie between 0 and 1; got {np.max(s1):g}. "
            "Write 0.80 for 80 %."
        )
    if np.any(s2 >= s1):
        raise InputError(
            f"the share left after {period} {unit}s must be below the share left after 1; "
            f"got {np.max(s2):g} and {np.min(s1):g}. Lower it, or raise the share left after 1."
        )
    if np.any(s2 <= s1**period):
        raise InputError(
            f"the share left after {period} {unit}s must be above {np.max(s1**period):.3f}, what "
            f"is left if everybody leaves at the first {unit}'s rate; got {np.min(s2):g}. "
            f"Raise it, or lower the share left after 1 {unit}."
        )


def discounted_lifetime(alpha: ArrayLike, beta: ArrayLike, *, discount_rate: ArrayLike) -> Array:
    """Expected periods that a new member stays, discounted, counting the first in full.

    Parameters
    ----------
    alpha, beta : of the shifted-beta-geometric, above 0
    discount_rate : per period, 0 or more; 0 needs alpha > 1, or the sum has no end

    Notes
    -----
    sum over t from 0 of S(t) / (1 + d)^t = 2F1(1, beta; alpha + beta; 1 / (1 + d));
    undiscounted (alpha + beta - 1) / (alpha - 1).

    Raises
    ------
    InputError
        discount rate 0 with alpha of 1 or less, or a negative rate

    Examples
    --------
    >>> round(float(discounted_lifetime(0.668, 3.806, discount_rate=0.10)), 2)
    5.92
    """
    _positive(alpha=alpha, beta=beta)
    a, b, d = np.broadcast_arrays(*(np.asarray(x, float) for x in (alpha, beta, discount_rate)))
    if np.any(d < 0):
        raise InputError(f"discount_rate must be 0 or more; got {np.min(d):g}. Use a share.")
    if np.any((d == 0) & (a <= 1)):
        raise InputError(
            f"With alpha of 1 or less the lifetime has no end without a discount rate; got alpha "
            f"{np.min(a):g}. Give a discount rate above 0, or a horizon."
        )
    undiscounted = (a + b - 1) / np.where(a > 1, a - 1, 1.0)
    rate = np.where(d > 0, d, 1.0)
    return np.where(d > 0, hyp2f1(1.0, b, a + b, 1 / (1 + rate)), undiscounted)
