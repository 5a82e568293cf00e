"""Survival curves fitted to a survival table by maximum likelihood.

A survival table counts the members of one cohort left after 0, 1, ..., T periods.

- `fit_sbg`, `fit_bdw`: shifted-beta-geometric and beta-discrete-Weibull
- `checked_table`, `log_likelihood`, `standard_error`: what a fit needs and how sure it is

References
----------
As in `kolkit.models.retention`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kolkit.errors import InputError
from kolkit.models.retention import bdw_survival, sbg_survival

Array = NDArray[np.float64]

FEW_PERIODS = 6
"""A table with fewer periods than this fits almost any curve."""

_TOP = 12.0  # log of the largest parameter tried: beyond it the curve is a constant rate


@dataclass(frozen=True)
class Fit:
    """A curve fitted to a survival table: its parameters, log-likelihood and table.

    `parameters` are (alpha, beta), with c third for beta-discrete-Weibull; `survivors` is the table
    as counts; `constant` the constant retention rate (0-1) fitted to the same table.
    """

    parameters: tuple[float, ...]
    log_likelihood: float
    survivors: tuple[float, ...]
    constant: float

    @property
    def few_periods(self) -> bool:
        """The table is shorter than six periods: the tail of the curve is a guess."""
        return len(self.survivors) - 1 < FEW_PERIODS

    def survival(self, periods: int) -> Array:
        """S(0) ... S(periods)."""
        if len(self.parameters) == 3:
            alpha, beta, c = self.parameters
            return bdw_survival(alpha, beta, c, periods=periods)
        alpha, beta = self.parameters
        return sbg_survival(alpha, beta, periods=periods)


def log_likelihood(survivors: ArrayLike, survival: ArrayLike) -> float:
    """Log-likelihood of a survival table under a curve, without the multinomial constant.

    Parameters
    ----------
    survivors : members left after 0, 1, ..., T periods, counts
    survival : S(0) ... S(T) of the curve

    Notes
    -----
    sum of lost_t ln(S(t-1) - S(t)), plus survivors_T ln S(T).

    Examples
    --------
    Half of a hundred leave in the one period seen, as the curve says: 100 ln 0.5.

    >>> round(log_likelihood([100, 50], [1.0, 0.5]), 2)
    -69.31
    """
    left, curve = np.asarray(survivors, float), np.asarray(survival, float)
    lost, falls = -np.diff(left), -np.diff(curve)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(lost > 0, lost * np.log(falls), 0.0)
        return float(parts.sum() + left[-1] * np.log(curve[-1]))


def checked_table(survivors: Sequence[float]) -> Array:
    """A survival table as counts, refused in one sentence where it is none.

    Raises
    ------
    InputError
        fewer than two values, a negative or missing one, nobody at the start, or a rise
    """
    table = np.asarray(survivors, float)
    if table.ndim != 1 or len(table) < 2:
        raise InputError(
            f"A survival table needs two or more values, the members at the start first; "
            f"got {table.size}. Add the members left after each period."
        )
    bad = ~np.isfinite(table) | (table < 0)
    if bad.any():
        at = int(np.argmax(bad))
        raise InputError(
            f"period {at}: survivors must be 0 or more; got {table[at]:g}. Correct the value."
        )
    if table[0] <= 0:
        raise InputError(
            "period 0: a survival table starts with the members who joined; got 0. "
            "Put their number first."
        )
    rises = np.diff(table) > 0
    if rises.any():
        at = int(np.argmax(rises)) + 1
        raise InputError(
            f"period {at}: survivors cannot rise; got {table[at]:g} after {table[at - 1]:g}. "
            f"Count only members who joined in period 0, or write {table[at - 1]:g} or less."
        )
    if table[-1] == table[0]:
        raise InputError(
            f"period {len(table) - 1}: nobody has left, so no curve can be fitted; "
            "add later periods."
        )
    return table


def _constant_rate(table: Array) -> float:
    # Maximum likelihood of a geometric lifetime: stays over periods at risk.
    return float(1 - (table[0] - table[-1]) / table[:-1].sum())


def fit_sbg(survivors: Sequence[float]) -> Fit:
    """Shifted-beta-geometric fitted by maximum likelihood to a survival table.

    Parameters
    ----------
    survivors : members left after 0, 1, ..., T periods; counts, never rising

    Raises
    ------
    InputError
        where the table is not one (see `checked_table`)

    Examples
    --------
    >>> fit = fit_sbg([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> [round(value, 3) for value in fit.parameters], round(fit.log_likelihood, 1)
    ([0.668, 3.806], -1611.2)
    """
    table = checked_table(survivors)

    def loss(logs: Array) -> float:
        a, b = np.exp(np.clip(logs, -_TOP, _TOP))
        return -log_likelihood(table, sbg_survival(a, b, periods=len(table) - 1))

    return _fitted(loss, table, starts=[(0.0, 0.0), (0.0, 2.0), (2.0, 4.0)])


def fit_bdw(survivors: Sequence[float]) -> Fit:
    """Beta-discrete-Weibull fitted by maximum likelihood to a survival table.

    Parameters
    ----------
    survivors : members left after 0, 1, ..., T periods; counts, never rising, T of 3 or more

    Examples
    --------
    >>> fit = fit_bdw([1000, 631, 468, 382, 326])
    >>> [round(value, 3) for value in fit.parameters]
    [0.523, 0.894, 1.196]
    """
    table = checked_table(survivors)
    if len(table) < 4:
        raise InputError(
            f"A beta-discrete-Weibull curve has three parameters and needs three periods; "
            f"got {len(table) - 1}. Add later periods."
        )

    def loss(logs: Array) -> float:
        a, b, c = np.exp(np.clip(logs, -_TOP, _TOP))
        return -log_likelihood(table, bdw_survival(a, b, c, periods=len(table) - 1))

    return _fitted(loss, table, starts=[(0.0, 0.0, 0.0), (-1.0, 0.5, 0.5), (0.0, 2.0, 0.0)])


def _fitted(
    loss: Callable[[Array], float], table: Array, *, starts: Sequence[tuple[float, ...]]
) -> Fit:
    # Weighs 20 MB, and only a table of the brand's own is ever fitted.
    from scipy.optimize import minimize

    options = {"xatol": 1e-9, "fatol": 1e-9, "maxiter": 4000, "maxfev": 4000}
    tries = [minimize(loss, s, method="Nelder-Mead", options=options) for s in starts]
    best = min(tries, key=lambda found: float(found.fun))
    parameters = tuple(float(v) for v in np.exp(np.clip(best.x, -_TOP, _TOP)))
    return Fit(parameters, -float(best.fun), tuple(table.tolist()), _constant_rate(table))


def standard_error(survivors: Sequence[float], fit: Fit, *, period: int) -> float:
    """Standard error of S(period) of a fitted curve (delta method on the log parameters).

    Notes
    -----
    Curvature of the log-likelihood by central differences; a flat direction adds nothing.
    """
    table = np.asarray(survivors, float)
    centre = np.log(np.asarray(fit.parameters, float))

    def at(logs: Array) -> Fit:
        return Fit(tuple(np.exp(logs)), 0.0, fit.survivors, fit.constant)

    def loss(logs: Array) -> float:
        return -log_likelihood(table, at(logs).survival(len(table) - 1))

    size, h = len(centre), 1e-3
    unit = np.eye(size) * h
    curvature = np.array(
        [
            [
                (
                    loss(centre + unit[i] + unit[j])
                    - loss(centre + unit[i] - unit[j])
                    - loss(centre - unit[i] + unit[j])
                    + loss(centre - unit[i] - unit[j])
                )
                / (4 * h * h)
                for j in range(size)
            ]
            for i in range(size)
        ]
    )
    slope = np.array(
        [
            (at(centre + u).survival(period)[-1] - at(centre - u).survival(period)[-1]) / (2 * h)
            for u in unit
        ]
    )
    values, vectors = np.linalg.eigh((curvature + curvature.T) / 2)
    along = vectors.T @ slope
    keep = values > 1e-6 * max(float(values.max()), 1e-12)
    return float(np.sqrt(np.sum(along[keep] ** 2 / values[keep])))
