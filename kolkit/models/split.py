"""One budget over posts, livestream sessions and a private pool: the best split on a grid.

Posts and sessions bring joins, which the pool turns into orders; so the three cannot be judged one
by one. Money is RMB over the whole plan.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Pool = Callable[[Array, Array], tuple[Array, Array]]
"""(bought joins a month, joins from posts and sessions a month) -> (profit, funding needed)."""


@dataclass(frozen=True)
class Posts:
    """What posts cost, earn and send to the pool at several levels of spending, shape (levels,)."""

    cost: Array
    profit: Array
    joins_per_month: Array


@dataclass(frozen=True)
class Sessions:
    """One session's fee, profit and joins per month; how many may, and must at least, be booked."""

    fee: float
    profit: float
    joins_per_month: float
    most: int
    least: int = 0


@dataclass(frozen=True)
class Split:
    """The chosen level of posts (index), sessions, and bought joins a month (None: no pool).

    `profit` and `unspent` in RMB at the values given.
    """

    level: int
    sessions: int
    paid_joins: float | None
    profit: float
    unspent: float


NOTHING = Posts(np.zeros(1), np.zeros(1), np.zeros(1))
NO_SESSION = Sessions(0.0, 0.0, 0.0, 0)


def best_split(
    *,
    budget: float,
    posts: Posts = NOTHING,
    sessions: Sessions = NO_SESSION,
    pool: Pool | None = None,
    paid_joins: Array | None = None,
    pool_budget: float | None = None,
    pool_wanted: bool = False,
) -> Split:
    """The most profitable combination whose costs together stay within the budget.

    Parameters
    ----------
    budget : RMB
    posts, sessions : left out, none are booked
    pool : profit and funding needed of a pool, vectorised; None leaves the pool out
    paid_joins : candidates of bought joins per month
    pool_budget : RMB that the pool may tie up at most; None: whatever the others leave
    pool_wanted : a pool is built whether it pays or not

    Notes
    -----
    Full grid. Among equals the one that spends least wins, so nothing is booked that earns nothing.
    Not building a pool is among the candidates unless one is wanted. A profit of minus infinity
    says that nothing fits.

    Examples
    --------
    Half the budget on posts, the fee of one session, and a pool whose members come from both:

    >>> pool = lambda paid, extra: (100. * (paid + extra) - 500., 300. + 10. * paid)
    >>> best_split(budget=2000., posts=Posts(np.array([0., 1000.]), np.array([0., -100.]),
    ...     np.array([0., 5.])), sessions=Sessions(400., 50., 2., 1), pool=pool,
    ...     paid_joins=np.array([0., 10.]))
    Split(level=1, sessions=1, paid_joins=10.0, profit=1150.0, unspent=200.0)
    """
    counts = np.arange(sessions.least, sessions.most + 1)
    level, count = (m.ravel() for m in np.meshgrid(np.arange(len(posts.cost)), counts))
    cost = posts.cost[level] + sessions.fee * count
    profit = posts.profit[level] + sessions.profit * count
    paid = np.full(len(cost), np.nan)
    if pool is not None and paid_joins is not None:
        extra = posts.joins_per_month[level] + sessions.joins_per_month * count
        earned, needed = pool(np.tile(paid_joins, len(cost)), np.repeat(extra, len(paid_joins)))
        many = len(paid_joins)
        room = np.repeat(budget - cost, many)
        if pool_budget is not None:
            room = np.minimum(room, pool_budget)
        earned = np.where(needed <= room + 0.005, earned, -np.inf)
        level, count = np.r_[level, np.repeat(level, many)], np.r_[count, np.repeat(count, many)]
        profit = np.r_[profit, np.repeat(profit, many) + earned]
        cost = np.r_[cost, np.repeat(cost, many) + needed]
        paid = np.r_[paid, np.tile(paid_joins, len(paid))]
    if pool_wanted:
        profit = np.where(np.isnan(paid), -np.inf, profit)
    profit = np.where(cost <= budget + 0.005, profit, -np.inf)
    # Highest profit first, then least spent; cents decide nothing.
    best = np.lexsort((cost, -np.round(profit, 2)))[0]
    return Split(
        level=int(level[best]),
        sessions=int(count[best]),
        paid_joins=None if np.isnan(paid[best]) else float(paid[best]),
        profit=float(profit[best]),
        unspent=float(budget - cost[best]),
    )
