"""How many different people posts reach: within an account, and across accounts.

Conventions: shares are 0-1; `reach` is a share of the universe (the people a brand wants to reach)
unless a name says people. `concentration` k_U in (0, 1] is the part of the universe that the
accounts' audiences are drawn from: 1 is random duplication over everybody, a small number the same
niche again and again. One person on two platforms counts as two people of a summed universe.
"""

from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln

from kolkit.errors import InputError

Array = NDArray[np.float64]

AGOSTINI_K = 1.125


def reach_within(view_rate: ArrayLike, posts: ArrayLike) -> Array:
    """Share of an account's people who see at least one of `posts`, seen independently.

    Notes
    -----
    1 - (1 - v)^k.

    >>> float(reach_within(.3, 3).round(3))
    0.657
    """
    rate, count = np.asarray(view_rate, float), np.asarray(posts, float)
    if not np.all((rate >= 0) & (rate <= 1)):
        raise InputError(f"view_rate must be a share between 0 and 1; got {rate}.")
    if not np.all(count >= 0):
        raise InputError(f"posts must be 0 or more; got {count}.")
    return 1 - (1 - rate) ** count


def beta_binomial_reach(reach_1: float, reach_2: float, posts: ArrayLike) -> Array:
    """Reach of `posts` posts from the measured reach of one and of two.

    Parameters
    ----------
    reach_1, reach_2 : share reached by one post and by two; reach_1 < reach_2 < 1 - (1 - reach_1)^2
    posts : number of posts

    Raises
    ------
    InputError
        where the second post brings nobody new, or more people than independent viewing could

    Notes
    -----
    Metheringham (1964): S = (r2 - r1) / (2 r1 - r2 - r1^2), a = r1 S, b = (1 - r1) S,
    R_n = 1 - B(a, b + n) / B(a, b).

    Examples
    --------
    >>> beta_binomial_reach(.20, .30, [4, 10]).round(5).tolist()
    [0.40909, 0.54548]
    """
    a, b = beta_binomial_parameters(reach_1, reach_2)
    return 1 - np.exp(betaln(a, b + np.asarray(posts, float)) - betaln(a, b))


def beta_binomial_parameters(reach_1: float, reach_2: float) -> tuple[float, float]:
    """Parameters a, b of the viewing probabilities behind `beta_binomial_reach`.

    >>> [round(x, 4) for x in beta_binomial_parameters(.20, .30)]
    [0.3333, 1.3333]
    """
    most = 1 - (1 - reach_1) ** 2
    if not 0 < reach_1 < reach_2 < most:
        raise InputError(
            f"the reach of two posts must lie between that of one ({reach_1:g}) and {most:.4g}, "
            f"which independent viewing gives; got {reach_2:g}. Measure both on the same people."
        )
    spread = (reach_2 - reach_1) / (2 * reach_1 - reach_2 - reach_1**2)
    return reach_1 * spread, (1 - reach_1) * spread


def account_reach(
    *,
    followers: ArrayLike,
    authentic_share: ArrayLike,
    on_target_share: ArrayLike,
    view_rate: ArrayLike,
    posts: ArrayLike,
) -> Array:
    """People of the target group who see at least one of an account's posts.

    >>> float(account_reach(followers=30_000, authentic_share=.8, on_target_share=.6,
    ...                     view_rate=.3, posts=1).round())
    4320.0
    """
    people = np.asarray(followers, float) * np.asarray(authentic_share, float)
    return people * np.asarray(on_target_share, float) * reach_within(view_rate, posts)


def reach_points(
    reach: ArrayLike, *, concentration: ArrayLike, names: Sequence[str] | None = None
) -> Array:
    """The additive worth of one account's reach: points of several accounts simply add up.

    Parameters
    ----------
    reach : share of the universe that the account reaches alone, below `concentration`
    names : what a refusal calls the accounts, in order

    Notes
    -----
    p = -ln(1 - rho / k_U); then R = k_U (1 - exp(-sum n p)), Sainsbury's formula over the part k_U
    of the universe. The most reach under a budget is a knapsack on points.

    >>> float(reach_points(.001, concentration=1.0).round(7))
    0.0010005
    """
    rho, niche = np.asarray(reach, float), np.asarray(concentration, float)
    if not np.all((niche > 0) & (niche <= 1)):
        raise InputError(f"audience concentration must be above 0 and at most 1; got {niche}.")
    wrong = ~((rho >= 0) & (rho < niche))
    if np.any(wrong):
        rows = np.flatnonzero(np.atleast_1d(wrong))
        row = int(rows[0])
        called = names[row] if names is not None and row < len(names) else f"account {row + 1}"
        value = float(np.atleast_1d(np.broadcast_to(rho, wrong.shape))[row])
        raise InputError(
            f"{called} alone would reach {value:.3g} of the universe; allowed is 0 to below the "
            f"concentration of {float(np.min(niche)):.3g}. Enlarge the universe or lower its "
            "on-target share."
        )
    return -np.log1p(-rho / niche)


def combined_reach(
    reach: ArrayLike,
    counts: ArrayLike = 1.0,
    *,
    concentration: ArrayLike = 1.0,
    names: Sequence[str] | None = None,
) -> Array:
    """Share of the universe that several accounts reach together.

    Parameters
    ----------
    reach : shares that each kind of account reaches alone, shape (kinds,)
    counts : accounts of each kind, same shape

    Notes
    -----
    Sainsbury: R = k_U (1 - prod (1 - rho_j / k_U)^n_j).

    >>> float(combined_reach([.001], [400]).round(5))
    0.32981
    """
    points = reach_points(reach, concentration=concentration, names=names)
    total = np.sum(points * np.asarray(counts, float), axis=-1)
    return reach_from_points(total, concentration=concentration)


def reach_from_points(points: ArrayLike, *, concentration: ArrayLike) -> Array:
    """Share of the universe reached by a sum of reach points.

    >>> float(reach_from_points(.5, concentration=.8).round(4))
    0.3148
    """
    return -np.asarray(concentration, float) * np.expm1(-np.asarray(points, float))


def agostini_reach(reaches: ArrayLike, duplications: ArrayLike) -> float:
    """Share of the universe that accounts with measured overlaps reach together.

    Parameters
    ----------
    reaches : share of the universe that each account reaches
    duplications : share of the universe reached by both, for each measured pair

    Notes
    -----
    Agostini (1961): A^2 / (K D + A), K = 1.125, A and D the sums; never above A or 1.

    >>> round(agostini_reach([.10, .08, .05], [.033]), 5)
    0.19803
    """
    single, pairs = np.asarray(reaches, float), np.asarray(duplications, float)
    if np.any(single < 0) or np.any(single > 1):
        raise InputError(f"reaches must be shares between 0 and 1; got {single}.")
    if np.any(pairs < 0) or float(pairs.sum()) > float(single.sum()) * max(len(single) - 1, 0) / 2:
        raise InputError(
            "a pair can share no more people than its smaller account has, and no fewer than none; "
            f"got duplications of {pairs}."
        )
    total = float(single.sum())
    if total == 0:
        return 0.0
    return min(1.0, total, total**2 / (AGOSTINI_K * float(pairs.sum()) + total))


def frequency(
    in_audience: Sequence[float],
    *,
    view_rate: float,
    posts: int,
    counts: Sequence[int] | None = None,
    concentration: float = 1.0,
    most: int = 40,
) -> Array:
    """Share of the universe that sees 0, 1, 2, ... posts: array of shape (most + 1,).

    Parameters
    ----------
    in_audience : share of the reachable part that follows one account of each kind, 0-1
    view_rate : share (0-1) of them who see one post
    posts : posts per account
    counts : accounts of each kind, one each if left out
    most : exposures beyond which all are counted together

    Notes
    -----
    A person is in an audience with probability q and then sees a binomial number of its posts; the
    accounts' numbers add up (convolution), scaled to the part `concentration` of the universe.

    Examples
    --------
    Two accounts, each followed by a tenth, three posts seen with probability .3: three or more

    >>> float(frequency([.1, .1], view_rate=.3, posts=3)[3:].sum().round(5))
    0.00742
    """
    total = np.zeros(most + 1)
    total[0] = 1.0
    views = np.zeros(most + 1)
    pmf = np.array(
        [comb(posts, k) * view_rate**k * (1 - view_rate) ** (posts - k) for k in range(posts + 1)]
    )
    views[: min(posts, most) + 1] = pmf[: most + 1]
    views[most] += pmf[most + 1 :].sum()
    for share, number in zip(in_audience, counts or [1] * len(in_audience), strict=True):
        if not 0 <= share <= 1:
            raise InputError(f"in_audience must be a share between 0 and 1; got {share}.")
        single = share * views
        single[0] += 1 - share
        total = _added(total, _repeated(single, number))
    total = total * concentration
    total[0] += 1 - concentration
    return total


def _added(one: Array, other: Array) -> Array:
    """Distribution of a sum; everything beyond the end is counted at the end."""
    full = np.convolve(one, other)
    kept = full[: len(one)].copy()
    kept[-1] += full[len(one) :].sum()
    return kept


def _repeated(single: Array, number: int) -> Array:
    """Distribution of the sum of `number` equal accounts, by repeated squaring."""
    result = np.zeros_like(single)
    result[0] = 1.0
    power, left = single, number
    while left:
        if left & 1:
            result = _added(result, power)
        left >>= 1
        if left:
            power = _added(power, power)
    return result
