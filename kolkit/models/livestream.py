"""What a livestream session really sold, and what it earned the brand.

Conventions: shares are 0-1 by value, money is RMB, every argument is a number or an array of draws
(one session each), and results have the broadcast shape. `gmv_reported` is what was ordered and
paid before anything came back; *genuine* orders come from customers; *unexplained* ones are those
the category's base return rate cannot explain, modelled as self-purchases that come back at
`self_return_rate`. The word is never "fake": the share depends on the base rate.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kolkit.models.contracts import Terms, payment

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Decomposition:
    """Where each reported yuan ended; the four parts add up to `gmv_reported`."""

    genuine_kept: Array
    genuine_returned: Array
    unexplained_returned: Array
    unexplained_kept: Array

    @property
    def gmv_reported(self) -> Array:
        return self.genuine + self.unexplained

    @property
    def genuine(self) -> Array:
        return self.genuine_kept + self.genuine_returned

    @property
    def unexplained(self) -> Array:
        return self.unexplained_returned + self.unexplained_kept

    @property
    def returns(self) -> Array:
        return self.genuine_returned + self.unexplained_returned

    @property
    def net_sales(self) -> Array:
        """What the shop books as kept: genuine and unexplained."""
        return self.genuine_kept + self.unexplained_kept

    @property
    def inflation_factor(self) -> Array:
        """Reported over genuine kept sales, at least 1; infinite when nothing genuine stayed."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.genuine_kept > 0, self.gmv_reported / self.genuine_kept, np.inf)

    def without_unexplained(self) -> "Decomposition":
        """The same customers in a session in which the streamer buys nothing."""
        nothing = np.zeros_like(self.genuine_kept)
        return Decomposition(self.genuine_kept, self.genuine_returned, nothing, nothing)


@dataclass(frozen=True)
class Economics:
    """The brand's own figures.

    `gross_margin`: share of the price paid that is left after goods and outbound delivery.
    `platform_fee_rate`: share of net sales. `return_cost_rate`: cost of taking back one yuan of
    returned goods. `displaced_share`: genuine sales lost per yuan of goods that are dumped.
    `new_customer_share` of genuine buyers; `average_order_value_cny` per order.
    """

    gross_margin: ArrayLike
    platform_fee_rate: ArrayLike
    return_cost_rate: ArrayLike
    displaced_share: ArrayLike
    new_customer_share: ArrayLike
    average_order_value_cny: ArrayLike


@dataclass(frozen=True)
class Waterfall:
    """The brand's profit of one session, RMB; the parts add up to `profit`."""

    margin_genuine: Array
    margin_unexplained: Array
    fee: Array
    commission: Array
    platform_fee: Array
    return_cost: Array
    displaced: Array

    @property
    def profit_before_streamer(self) -> Array:
        return (
            self.margin_genuine
            + self.margin_unexplained
            + self.platform_fee
            + self.return_cost
            + self.displaced
        )

    @property
    def profit(self) -> Array:
        return self.profit_before_streamer + self.fee + self.commission


def unexplained_share(
    *, return_rate_observed: ArrayLike, base_return_rate: ArrayLike, self_return_rate: ArrayLike
) -> Array:
    """Share of reported sales that ordinary returns cannot explain, clipped to [0, 1].

    Parameters
    ----------
    return_rate_observed : returned value over reported value of a matured session, 0-1
    base_return_rate : what the category returns anyway, 0-1
    self_return_rate : returned share of self-purchases, above `base_return_rate`

    Raises
    ------
    ValueError
        where `self_return_rate` does not exceed `base_return_rate`: the two kinds of order then
        cannot be told apart by their returns.

    Notes
    -----
    r_obs = s rho + (1 - s) r0 solved for s. Clipping at zero biases the mean of many draws upward
    when there is nothing to explain.

    Examples
    --------
    Of a session 62 % came back in a category that returns 30 %:

    >>> float(unexplained_share(return_rate_observed=.62, base_return_rate=.30,
    ...                         self_return_rate=.95).round(3))
    0.492
    """
    observed, base, own = np.broadcast_arrays(
        np.asarray(return_rate_observed, float),
        np.asarray(base_return_rate, float),
        np.asarray(self_return_rate, float),
    )
    if np.any(own <= base):
        raise ValueError("self_return_rate must exceed base_return_rate")
    return np.clip((observed - base) / (own - base), 0.0, 1.0)


def decompose(
    *,
    gmv_reported: ArrayLike,
    share: ArrayLike,
    base_return_rate: ArrayLike,
    self_return_rate: ArrayLike,
) -> Decomposition:
    """Split reported sales (RMB) into genuine and unexplained, kept and returned.

    `share` is the unexplained share (0-1) from `unexplained_share`.
    """
    gmv, s, base, own = np.broadcast_arrays(
        np.asarray(gmv_reported, float),
        np.asarray(share, float),
        np.asarray(base_return_rate, float),
        np.asarray(self_return_rate, float),
    )
    return Decomposition(
        genuine_kept=(1 - s) * (1 - base) * gmv,
        genuine_returned=(1 - s) * base * gmv,
        unexplained_returned=s * own * gmv,
        unexplained_kept=s * (1 - own) * gmv,
    )


def new_customers(session: Decomposition, economics: Economics) -> Array:
    """Genuine buyers of the session who kept their order and are new to the brand."""
    orders = session.genuine_kept / np.asarray(economics.average_order_value_cny, float)
    return orders * np.asarray(economics.new_customer_share, float)


def waterfall(session: Decomposition, terms: Terms, economics: Economics) -> Waterfall:
    """The brand's profit of a session under given terms, RMB, costs as negative numbers.

    The brand is paid for kept self-purchases and pays commission on them; selling them on is the
    streamer's loss, the genuine sales they displace are the brand's.
    """
    margin = np.asarray(economics.gross_margin, float)
    paid = payment(
        terms,
        gross=session.gmv_reported,
        net=session.net_sales,
        new_customers=new_customers(session, economics),
    )
    displaced = np.asarray(economics.displaced_share, float) * session.unexplained_kept
    return Waterfall(
        margin_genuine=margin * session.genuine_kept,
        margin_unexplained=margin * session.unexplained_kept,
        fee=-paid.fee,
        commission=-paid.commission,
        platform_fee=-np.asarray(economics.platform_fee_rate, float) * session.net_sales,
        return_cost=-np.asarray(economics.return_cost_rate, float) * session.returns,
        displaced=-margin * displaced,
    )


def break_even_net_sales(session: Decomposition, terms: Terms, economics: Economics) -> Array:
    """Genuine net sales (RMB) at which a session of this make-up pays the fee in full.

    Every other line is taken in its present proportion to genuine net sales, the fee as fixed and
    without refund; infinite where each further yuan sold loses money.

    Notes
    -----
    N* = F / (margin per yuan of genuine net sales after every variable line).
    """
    parts = waterfall(session, terms, economics)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_yuan = (parts.profit_before_streamer + parts.commission) / session.genuine_kept
        return np.where(per_yuan > 0, terms.slot_fee / per_yuan, np.inf)


def highest_fee(
    session: Decomposition, terms: Terms, economics: Economics, *, loss_tolerance: float | None
) -> float:
    """The largest slot fee (RMB) that the brand can pay for draws of one session.

    Parameters
    ----------
    session, economics : arrays of draws
    terms : everything but the fee
    loss_tolerance : accepted probability of a loss (0-1): the walk-away fee. None: the fair fee,
        at which the expected profit is nothing.

    Returns
    -------
    float
        Zero where not even a session without a fee pays.

    Notes
    -----
    A pro-rata refund scales the fee, so each draw has its own break-even fee (its profit before
    the fee over the share of the fee that stays paid); the walk-away fee is their lower quantile.
    """
    unit = terms.replace(slot_fee=1.0, fee_is_advance=False)
    paid = payment(unit, gross=session.gmv_reported, net=session.net_sales)
    parts = waterfall(session, terms.replace(slot_fee=0.0), economics)
    if terms.fee_is_advance:
        # The streamer gets the larger of fee and commission: a fee costs only what exceeds the
        # commission, so the whole profit before the streamer can go into it.
        before = np.where(parts.profit < 0, parts.profit, parts.profit_before_streamer)
    else:
        before = parts.profit
    if loss_tolerance is None:
        return _fair_fee(session, terms, economics, kept=float(np.mean(paid.fee)))
    with np.errstate(divide="ignore", invalid="ignore"):
        bearable = np.where(paid.fee > 0, before / paid.fee, np.where(before >= 0, np.inf, -1.0))
    return max(0.0, float(np.quantile(bearable, loss_tolerance, method="lower")))


def _fair_fee(session: Decomposition, terms: Terms, economics: Economics, *, kept: float) -> float:
    """The fee at which the mean profit is nothing, by bisection: it falls as the fee rises."""

    def mean_profit(fee: float) -> float:
        return float(np.mean(waterfall(session, terms.replace(slot_fee=fee), economics).profit))

    if mean_profit(0.0) <= 0:
        return 0.0
    if kept < 1e-9:
        return float("inf")
    low, high = 0.0, float(np.mean(session.gmv_reported)) / kept
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if mean_profit(middle) > 0 else (low, middle)
    return low
