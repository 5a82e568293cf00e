"""Draws from plausible ranges, and what the draws say.

A plausible range (low, mode, high) becomes a PERT distribution. Draws are stratified and seeded,
one column of uniforms per input, so that two scenarios with the same seed differ only where their
inputs do (common random numbers).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit

Array = NDArray[np.float64]

# Dense towards both ends, where quantiles bend most.
_TABLE = expit(np.linspace(-12.0, 12.0, 385))


@dataclass(frozen=True)
class Pert:
    """A plausible range: `low` <= `mode` <= `high`; equal ends mean a known value."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.mode <= self.high:
            raise ValueError(f"a range needs low <= mode <= high, not {self}")


@dataclass(frozen=True)
class Share:
    """A share known from counts: its estimate and standard error, drawn from a matched beta."""

    mean: float
    standard_error: float


Distribution = Pert | Share


@dataclass(frozen=True)
class Interval:
    """P10, P50 and P90 of the draws."""

    p10: float
    p50: float
    p90: float


@lru_cache(maxsize=512)
def _quantile_table(a: float, b: float) -> Array:
    return np.asarray(betaincinv(a, b, _TABLE))


def _quantiles(distribution: Distribution, uniforms: Array) -> Array:
    if isinstance(distribution, Share):
        mean = min(max(distribution.mean, 1e-6), 1 - 1e-6)
        variance = min(max(distribution.standard_error, 1e-6) ** 2, 0.99 * mean * (1 - mean))
        weight = mean * (1 - mean) / variance - 1
        return np.interp(uniforms, _TABLE, _quantile_table(mean * weight, (1 - mean) * weight))
    low, mode, high = distribution.low, distribution.mode, distribution.high
    if high <= low:
        return np.full_like(uniforms, mode)
    a = 1 + 4 * (mode - low) / (high - low)
    b = 1 + 4 * (high - mode) / (high - low)
    return low + (high - low) * np.interp(uniforms, _TABLE, _quantile_table(a, b))


@lru_cache(maxsize=8)
def _uniforms(names: tuple[str, ...], draws: int, seed: int) -> dict[str, Array]:
    columns = {}
    for name in names:
        # The stream depends on the input's own name, so adding an input moves no other.
        rng = np.random.default_rng([seed, *name.encode()])
        columns[name] = (rng.permutation(draws) + rng.random(draws)) / draws
    return columns


def draw(ranges: Mapping[str, Distribution], *, draws: int, seed: int) -> dict[str, Array]:
    """Draw each input: `{name: array of shape (draws,)}`.

    Examples
    --------
    >>> sample = draw({"base_return_rate": Pert(.2, .25, .3)}, draws=2000, seed=1)
    >>> round(float(np.mean(sample["base_return_rate"])), 3)
    0.25
    """
    uniforms = _uniforms(tuple(sorted(ranges)), draws, seed)
    return {name: _quantiles(ranges[name], uniforms[name]) for name in ranges}


def interval(values: Array) -> Interval:
    """P10-P50-P90 of an array of draws; infinite draws are kept at the ends."""
    p10, p50, p90 = np.quantile(values, [0.1, 0.5, 0.9], method="closest_observation")
    return Interval(float(p10), float(p50), float(p90))


def loss_probability(profit: Array) -> float:
    """Share of draws that lose money."""
    return float(np.mean(profit < 0))


def value_of_information(
    options: Sequence[Array], inputs: Mapping[str, Array], *, bins: int = 20
) -> dict[str, float]:
    """What knowing one input before deciding is worth, per input, in the options' unit (EVPPI).

    Parameters
    ----------
    options : profit of each option per draw, arrays of shape (draws,); doing nothing is one of them
    inputs : draws per input, same shape
    bins : equally filled bins of the input

    Notes
    -----
    Mean over bins of the best option's mean, less the best option's overall mean: the same draws
    throughout (nested simulation with few inner draws overstates it).
    """
    profit = np.stack([np.broadcast_to(option, options[0].shape) for option in options])
    best = float(profit.mean(axis=1).max())
    starts = np.linspace(0, profit.shape[1], bins, endpoint=False).astype(int)
    worth = {}
    for name, column in inputs.items():
        if np.ptp(column) == 0:
            continue
        order = np.argsort(column, kind="stable")
        # The best option's sum in each bin; over all draws that is its mean weighted by size.
        informed = float(np.add.reduceat(profit[:, order], starts, axis=1).max(axis=0).sum())
        worth[name] = max(0.0, informed / profit.shape[1] - best)
    return worth
