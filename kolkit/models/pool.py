"""What a private pool costs and earns, month by month.

Conventions: money is RMB, shares are 0-1, rates are per month unless the name says otherwise.
Arguments are numbers or arrays of draws (n,); what has months has shape (n, months). Costs are
negative in a ledger, positive as arguments.

- `joins_from_parcels`: what cards in parcels bring
- `pool_order_value`, `member_margin`: what an order and a member's month are worth
- `PoolLedger`: cash by month; `break_even_month`, `lowest_cash` of its running total
- `lifetime_value`, `highest_cac`: what a member may cost
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kolkit.errors import InputError

Array = NDArray[np.float64]

HOURS_PER_MONTH = 174.0
"""Paid working hours of a full-time employee: 21.75 days of eight hours."""

_CENT = 0.005


@dataclass(frozen=True)
class PoolLedger:
    """Cash of a pool by month, RMB, each line of shape (n, months); the lines add up to `cash`."""

    margin: Array
    bought: Array
    incentives: Array
    staff: Array
    employees: Array
    groups: Array
    tools: Array
    setup: Array

    @property
    def cash(self) -> Array:
        return np.asarray(sum(getattr(self, line.name) for line in fields(self)))

    @property
    def cumulative(self) -> Array:
        return np.cumsum(self.cash, axis=-1)


def _share(**values: ArrayLike) -> None:
    for name, value in values.items():
        found = np.asarray(value, float)
        if np.any(~((found >= 0) & (found <= 1))):
            worst = float(found.max()) if np.any(found > 1) else float(found.min())
            raise InputError(
                f"{name} must be a share between 0 and 1; got {worst:g}. Divide per cent by 100."
            )


def joins_from_parcels(
    *, orders_per_month: ArrayLike, scan_rate: ArrayLike, add_rate: ArrayLike
) -> Array:
    """People per month who join through the card in their parcel.

    Parameters
    ----------
    orders_per_month : parcels with a card, 0 or more
    scan_rate : share of parcels whose card is scanned
    add_rate : share of scans after which the account is added

    Examples
    --------
    >>> float(joins_from_parcels(orders_per_month=20_000, scan_rate=0.08, add_rate=0.5))
    800.0
    """
    _share(scan_rate=scan_rate, add_rate=add_rate)
    return np.asarray(np.asarray(orders_per_month, float) * scan_rate * np.asarray(add_rate))


def pool_order_value(
    *,
    contribution_in_pool: ArrayLike,
    contribution_in_shop: ArrayLike,
    incremental_share: ArrayLike,
) -> Array:
    """What one order of a member adds, RMB: its contribution less what the shop loses.

    Parameters
    ----------
    contribution_in_pool : RMB per order in the brand's own channel, after the pool's discount
    contribution_in_shop : RMB per order in the shop, after platform fee
    incremental_share : share of the pool's orders that would not have come anyway

    Notes
    -----
    contribution_in_pool - (1 - incremental_share) * contribution_in_shop.

    Examples
    --------
    Of orders worth 100 in the pool, half would have brought 90 in the shop.

    >>> float(pool_order_value(contribution_in_pool=100, contribution_in_shop=90,
    ...                        incremental_share=0.5))
    55.0
    """
    _share(incremental_share=incremental_share)
    anyway = (1 - np.asarray(incremental_share, float)) * np.asarray(contribution_in_shop)
    return np.asarray(contribution_in_pool) - anyway


def member_margin(
    *, purchases: ArrayLike, order_value: ArrayLike, service_cost: ArrayLike
) -> Array:
    """What a member brings per month, RMB, after those who look after the pool.

    Parameters
    ----------
    purchases : orders per member and month
    order_value : RMB, from `pool_order_value`
    service_cost : RMB per member and month (wages of the pool's staff over the members they manage)

    Examples
    --------
    >>> round(float(member_margin(purchases=0.1, order_value=55, service_cost=1.5)), 2)
    4.0
    """
    return np.asarray(purchases, float) * order_value - np.asarray(service_cost)


def break_even_month(cumulative: ArrayLike) -> Array:
    """First month (from 1) from which cumulative cash stays at 0 or more to the end, (n,).

    Parameters
    ----------
    cumulative : RMB at the end of each month, shape (n, months)

    Returns
    -------
    Array
        months; infinity where the last month is still below 0

    Examples
    --------
    Above water in month 2, under again, and for good from month 4.

    >>> break_even_month([[-5., 1., -2., 3., 4.], [-5., -4., -3., -2., -1.]]).tolist()
    [4.0, inf]
    """
    short = np.asarray(cumulative, float) < -_CENT
    months = short.shape[-1]
    last = np.where(short.any(axis=-1), months - np.argmax(short[..., ::-1], axis=-1), 0)
    return np.where(last == months, np.inf, last + 1.0)


def lowest_cash(cumulative: ArrayLike) -> Array:
    """The lowest point of cumulative cash, RMB, at most 0: what has to be advanced, (n,).

    Examples
    --------
    >>> lowest_cash([[-5., -8., 3.], [1., 2., 3.]]).tolist()
    [-8.0, 0.0]
    """
    return np.minimum(np.asarray(cumulative, float).min(axis=-1), 0.0)


def lifetime_value(*, margin: ArrayLike, lifetime: ArrayLike) -> Array:
    """Value of a new member, RMB.

    Parameters
    ----------
    margin : RMB per member and month, from `member_margin`
    lifetime : discounted months that a member stays (`retention.discounted_lifetime`)

    Examples
    --------
    >>> float(lifetime_value(margin=4.0, lifetime=5.0))
    20.0
    """
    return np.asarray(margin, float) * np.asarray(lifetime)


def highest_cac(*, margin: ArrayLike, survival: ArrayLike, months: int = 12) -> Array:
    """The most a join may cost if it is to be earned back within some months, RMB, 0 or more.

    Parameters
    ----------
    margin : RMB per member and month
    survival : S(0), S(1), ... on the last axis, at least `months` values
    months : payback, 1 or more

    Notes
    -----
    margin * (S(0) + ... + S(months - 1)), not discounted.

    Examples
    --------
    >>> float(highest_cac(margin=4.0, survival=[1.0, 0.5, 0.25], months=3))
    7.0
    """
    curve = np.asarray(survival, float)
    if curve.shape[-1] < months:
        raise InputError(f"survival must reach {months - 1} months; got {curve.shape[-1] - 1}.")
    return np.maximum(np.asarray(margin, float) * curve[..., :months].sum(axis=-1), 0.0)
