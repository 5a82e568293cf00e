"""What a crisis around influencers can cost: the mean of the worst outcomes, shocks shared.

Every account gets into a crisis with some probability; a common cause (one agency, one platform)
makes crises come together. Losses are shares of the spend on a plan, or RMB.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, betaln, gammaln

from kolkit.errors import InputError

Array = NDArray[np.float64]


def cvar(
    losses: ArrayLike, probabilities: ArrayLike | None = None, *, level: float = 0.95
) -> float:
    """Mean of the worst (1 - level) of probability, the outcome at the border split.

    Parameters
    ----------
    losses : outcomes, larger is worse, shape (n,)
    probabilities : of each outcome, adding up to 1; equal if left out
    level : such as .95

    Notes
    -----
    Conditional value at risk of Rockafellar and Uryasev (2000).

    Examples
    --------
    One account in crisis with probability 2 % loses everything:

    >>> round(cvar([0, 1], [.98, .02]), 3)
    0.4
    """
    if not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1; got {level}.")
    size = np.asarray(losses, float)
    weight = (
        np.full(size.shape, 1 / size.size) if probabilities is None
        else np.asarray(probabilities, float)
    )  # fmt: skip
    if np.any(weight < 0) or abs(float(weight.sum()) - 1) > 1e-6:
        raise InputError("probabilities must be 0 or more and add up to 1.")
    order = np.argsort(-size, kind="stable")
    tail = 1 - level
    before = np.cumsum(weight[order]) - weight[order]
    taken = np.clip(tail - before, 0, weight[order])
    return float((taken * size[order]).sum() / tail)


def crisis_parameters(probability: float, correlation: float) -> tuple[float, float]:
    """Beta distribution of the crisis probability behind a correlation between accounts.

    Notes
    -----
    correlation = 1 / (a + b + 1), mean a / (a + b).

    >>> [round(x, 2) for x in crisis_parameters(.02, .2)]
    [0.08, 3.92]
    """
    if not 0 < probability < 1:
        raise InputError(f"crisis probability must lie between 0 and 1; got {probability}.")
    if not 0 < correlation < 1:
        raise InputError(f"crisis correlation must lie between 0 and 1; got {correlation}.")
    weight = 1 / correlation - 1
    return probability * weight, (1 - probability) * weight


def crisis_cvar_equal(
    accounts: int, *, probability: float, correlation: float = 0.0, level: float = 0.95
) -> float:
    """CVaR of the share of equal accounts that get into a crisis, exactly.

    >>> [round(crisis_cvar_equal(n, probability=.02), 4) for n in (1, 10, 100)]
    [0.4, 0.1341, 0.0541]
    >>> round(crisis_cvar_equal(100, probability=.02, correlation=.2), 4)
    0.2553
    """
    if accounts < 1:
        raise InputError(f"accounts must be 1 or more; got {accounts}.")
    hit = np.arange(accounts + 1, dtype=float)
    choose = gammaln(accounts + 1) - gammaln(hit + 1) - gammaln(accounts - hit + 1)
    if correlation == 0:
        logs = choose + hit * np.log(probability) + (accounts - hit) * np.log1p(-probability)
    else:
        a, b = crisis_parameters(probability, correlation)
        logs = choose + betaln(hit + a, accounts - hit + b) - betaln(a, b)
    weights = np.exp(logs)
    return cvar(hit / accounts, weights / weights.sum(), level=level)


@lru_cache(maxsize=256)
def _shared_probabilities(probability: float, correlation: float, shocks: int) -> Array:
    """The crisis probability under each of equally likely shocks, the mildest first."""
    # Below this the beta distribution is a point, and its quantiles are lost to rounding.
    if correlation < 1e-4:
        return np.full(shocks, probability)
    a, b = crisis_parameters(probability, correlation)
    return np.asarray(betaincinv(a, b, (np.arange(shocks) + 0.5) / shocks))


def crisis_losses(
    counts: ArrayLike,
    spends: ArrayLike,
    probabilities: ArrayLike,
    *,
    correlation: float,
    seed: int,
    shocks: int = 1000,
    repeats: int = 4,
) -> Array:
    """Draws of the money lost in crises, RMB, shape (shocks * repeats,).

    Parameters
    ----------
    counts, spends, probabilities : accounts of each kind, RMB per account, crisis probability
    correlation : between any two accounts, 0-0.95; all kinds share one shock
    seed : of the draws

    Notes
    -----
    One-factor model: under shock u kind j has probability BetaInv(u; p M, (1 - p) M), M = 1 /
    correlation - 1, and a binomial number of its accounts is lost.
    """
    rng = np.random.default_rng(seed)
    lost = np.zeros(shocks * repeats)
    for count, spend, probability in zip(
        np.asarray(counts, int), np.asarray(spends, float), np.asarray(probabilities, float),
        strict=True,
    ):  # fmt: skip
        if count:
            under = np.repeat(
                _shared_probabilities(float(probability), correlation, shocks), repeats
            )
            lost += spend * rng.binomial(count, under)
    return lost


@lru_cache(maxsize=1024)
def crisis_cvar(
    counts: tuple[int, ...],
    spends: tuple[float, ...],
    probabilities: tuple[float, ...],
    *,
    correlation: float,
    seed: int,
    level: float = 0.95,
) -> float:
    """CVaR of the share (0-1) of a plan's spend that crises destroy.

    >>> round(crisis_cvar((100,), (1000.0,), (.02,), correlation=.2, seed=1), 1)
    0.3
    """
    total = float(np.dot(counts, spends))
    if total <= 0:
        return 0.0
    losses = crisis_losses(counts, spends, probabilities, correlation=correlation, seed=seed)
    return cvar(losses / total, level=level)
