"""Livestream contracts: what the streamer is paid, and whether buying one's own goods pays.

Conventions: money is RMB, rates are shares 0-1. *Gross* sales are orders before returns, *net*
sales what stays sold when the return window has closed. A self-purchase is paid in full, comes back
at a return rate the streamer chooses, and what is kept is sold on at `dump_recovery_rate`.
Returns after settlement are clawed back. The streamer is risk-neutral.
"""

import itertools
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Base = Literal["gross", "net"]
Shortfall = Literal["none", "pro_rata", "cliff"]


@dataclass(frozen=True)
class Terms:
    """One contract.

    `slot_fee` and `guarantee` in RMB; `commission_rate` a share of the sales named by
    `commission_base`; `shortfall`: what is refunded when sales on `guarantee_base` stay below the
    guarantee: nothing, the missing share of the fee, or all of it (cliff).
    `fee_is_advance`: the fee is set off against commission. `bounty_cny` per genuine new customer.
    """

    slot_fee: float
    guarantee: float
    commission_rate: float
    commission_base: Base = "gross"
    guarantee_base: Base = "gross"
    shortfall: Shortfall = "pro_rata"
    fee_is_advance: bool = False
    bounty_cny: float = 0.0

    def replace(self, **changes: float | str | bool) -> "Terms":
        """The same contract with some terms changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Payment:
    """What the brand pays: the fee after any refund, and everything that varies with sales."""

    fee: Array
    commission: Array

    @property
    def total(self) -> Array:
        return self.fee + self.commission


@dataclass(frozen=True)
class Incentive:
    """The best that self-purchasing can do for the streamer, over size, return rate and sales.

    `gain_cny` is what it earns after its cost (0 when it never pays), at `size_cny` of own orders,
    of which `return_rate` come back, when genuine gross sales are `genuine_gross_cny`.
    """

    gain_cny: float
    size_cny: float
    return_rate: float
    genuine_gross_cny: float

    @property
    def rewards_self_purchasing(self) -> bool:
        return self.gain_cny > 0


def _fee_kept(terms: Terms, measured: Array, inclusive: bool) -> Array:
    """Share of the fee that stays paid at `measured` sales on the guarantee's base."""
    if terms.shortfall == "none" or terms.guarantee <= 0:
        return np.ones_like(measured)
    if terms.shortfall == "pro_rata":
        return np.clip(measured / terms.guarantee, 0.0, 1.0)
    slack = 1e-9 * terms.guarantee
    reached = (
        measured >= terms.guarantee - slack if inclusive else measured > terms.guarantee + slack
    )
    return reached.astype(float)


def payment(
    terms: Terms,
    *,
    gross: ArrayLike,
    net: ArrayLike,
    new_customers: ArrayLike = 0.0,
    inclusive: bool = True,
) -> Payment:
    """What the brand pays the streamer for gross and net sales (RMB, any shape).

    `inclusive` decides whether sales exactly at a cliff count as reaching it; the incentive test
    needs both sides of the step.
    """
    gross_, net_, new_ = np.broadcast_arrays(
        np.asarray(gross, float), np.asarray(net, float), np.asarray(new_customers, float)
    )
    measured = net_ if terms.guarantee_base == "net" else gross_
    commission = terms.commission_rate * (net_ if terms.commission_base == "net" else gross_)
    fee = terms.slot_fee * _fee_kept(terms, measured, inclusive)
    if terms.fee_is_advance:
        fee = np.maximum(fee - commission, 0.0)
    return Payment(fee=fee, commission=commission + terms.bounty_cny * new_)


def _planes(terms: Terms, net_share: float, cap: float) -> tuple[Array, Array]:
    """Planes n.x = b that bound or bend the streamer's gain, x = (genuine, bought, kept).

    `genuine` and `bought` are gross RMB, `kept` is what of the bought goods does not come back.
    """
    normals: list[list[float]] = [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 1, -1]]
    offsets: list[float] = [0, cap, 0, cap, 0, 0]

    def sales(base: Base, with_own: bool) -> list[float]:
        if base == "gross":
            return [1, float(with_own), 0]
        return [net_share, 0, float(with_own)]

    for with_own in (False, True):
        measured = np.array(sales(terms.guarantee_base, with_own), float)
        earned = terms.commission_rate * np.array(sales(terms.commission_base, with_own), float)
        if terms.shortfall != "none" and terms.guarantee > 0:
            normals.append(list(measured))
            offsets.append(terms.guarantee)
        if terms.fee_is_advance:
            normals.append(list(earned))
            offsets.append(terms.slot_fee)
            if terms.shortfall == "pro_rata" and terms.guarantee > 0:
                normals.append(list(terms.slot_fee / terms.guarantee * measured - earned))
                offsets.append(0.0)
    lengths = np.linalg.norm(normals, axis=1)
    bending = lengths > 0
    return (
        np.array(normals)[bending] / lengths[bending, None],
        np.array(offsets)[bending] / lengths[bending],
    )


def self_purchase_gain(
    terms: Terms,
    *,
    genuine_gross: ArrayLike,
    size: ArrayLike,
    return_rate: ArrayLike,
    base_return_rate: float,
    dump_recovery_rate: float,
    brushing_cost_rate: float,
    below_cliff: bool = False,
) -> Array:
    """What buying `size` RMB of own goods adds to the streamer's profit (RMB, any shape).

    `genuine_gross` is what customers order (RMB), of which `base_return_rate` comes back;
    `brushing_cost_rate` is paid per yuan ordered. With `below_cliff`, genuine sales exactly at a
    guarantee count as just short of it.
    """
    genuine = np.asarray(genuine_gross, float)
    bought = np.asarray(size, float)
    kept = (1 - np.asarray(return_rate, float)) * bought
    net = (1 - base_return_rate) * genuine
    with_own = payment(terms, gross=genuine + bought, net=net + kept).total
    without = payment(terms, gross=genuine, net=net, inclusive=not below_cliff).total
    return with_own - without - (1 - dump_recovery_rate) * kept - brushing_cost_rate * bought


def incentive(
    terms: Terms,
    *,
    cap: float,
    base_return_rate: float,
    dump_recovery_rate: float,
    brushing_cost_rate: float,
) -> Incentive:
    """The most that self-purchasing can earn under a contract.

    Parameters
    ----------
    terms : the contract
    cap : largest genuine and largest self-purchased gross sales considered, RMB; it is raised to
        the guarantee, and to the sales at which an advance is earned back, so that no step of the
        contract lies outside
    base_return_rate : returned share of genuine sales, 0-1
    dump_recovery_rate : price share that kept self-purchases fetch, 0-1
    brushing_cost_rate : cost per yuan of own orders, 0 or more

    Returns
    -------
    Incentive
        `gain_cny` is the supremum over genuine sales, size and return rate, exactly.

    Notes
    -----
    With x = (genuine sales, own orders, own orders kept) the gain is linear wherever no guarantee
    or advance bends it, so its supremum lies where three of the bounding and bending planes
    meet; all such points are tried, on both sides of a cliff. Below a pro-rata guarantee this
    agrees with the closed form: on gross it pays if F/G + c > (1 - rho)(1 - d) + k, on net if
    (1 - rho)(F/G + c) > (1 - rho)(1 - d) + k, per yuan ordered.

    Examples
    --------
    A cliff: half a million for one million net, all or nothing:

    >>> cliff = Terms(500_000, 1_000_000, .2, "net", "net", "cliff")
    >>> incentive(cliff, cap=1_000_000, base_return_rate=0, dump_recovery_rate=.3,
    ...           brushing_cost_rate=0).rewards_self_purchasing
    True
    """
    reach = max(cap, terms.guarantee)
    if terms.fee_is_advance and terms.commission_rate > 0:
        reach = max(reach, terms.slot_fee / terms.commission_rate)
    normals, offsets = _planes(terms, 1 - base_return_rate, reach)
    triples = np.array(list(itertools.combinations(range(len(offsets)), 3)))
    systems = normals[triples]
    solvable = np.abs(np.linalg.det(systems)) > 1e-12
    points = np.linalg.solve(systems[solvable], offsets[triples][solvable][..., None])[..., 0]
    genuine, bought, kept = points.T
    slack = 1e-9 * reach
    inside = (
        (genuine >= -slack)
        & (genuine <= reach + slack)
        & (bought >= -slack)
        & (bought <= reach + slack)
        & (kept >= -slack)
        & (kept <= bought + slack)
    )
    genuine, bought, kept = genuine[inside], bought[inside], kept[inside]
    with np.errstate(divide="ignore", invalid="ignore"):
        returned = np.where(bought > slack, 1 - kept / bought, 1.0)
    gains = np.concatenate(
        [
            self_purchase_gain(
                terms,
                genuine_gross=genuine,
                size=bought,
                return_rate=returned,
                base_return_rate=base_return_rate,
                dump_recovery_rate=dump_recovery_rate,
                brushing_cost_rate=brushing_cost_rate,
                below_cliff=side,
            )
            for side in (False, True)
        ]
    )
    best = int(np.argmax(gains))
    # A ten-millionth of the sums at stake is rounding, not an incentive.
    if gains[best] <= 1e-7 * reach:
        return Incentive(0.0, 0.0, 0.0, 0.0)
    at = best % len(genuine)
    return Incentive(
        gain_cny=float(gains[best]),
        size_cny=float(bought[at]),
        return_rate=float(np.clip(returned[at], 0.0, 1.0)),
        genuine_gross_cny=float(genuine[at]),
    )


def safe_terms(
    terms: Terms, *, cap: float, base_return_rate: float, dump_recovery_rate: float
) -> Terms:
    """The smallest change of terms after which self-purchasing never pays.

    Tries the contract as it is, then with ever more of its clauses changed (commission on net,
    guarantee on net, pro-rata refund instead of a cliff, no set-off against commission), then also
    with a lower fee, then with a lower commission; takes the first that the incentive test passes
    at any cost of brushing (k = 0). The fee that passes on net is F <= (1 - d - c) G.
    """
    clauses: list[tuple[str, str | bool]] = [
        ("commission_base", "net"),
        ("guarantee_base", "net"),
        ("shortfall", "pro_rata"),
        ("fee_is_advance", False),
    ]
    open_clauses = [
        (name, value)
        for name, value in clauses
        if getattr(terms, name) != value and (name != "shortfall" or terms.shortfall == "cliff")
    ]

    def is_safe(candidate: Terms) -> bool:
        return not incentive(
            candidate,
            cap=cap,
            base_return_rate=base_return_rate,
            dump_recovery_rate=dump_recovery_rate,
            brushing_cost_rate=0.0,
        ).rewards_self_purchasing

    def variants(start: Terms) -> "itertools.chain[Terms]":
        return itertools.chain.from_iterable(
            (
                start.replace(**dict(chosen))
                for chosen in itertools.combinations(open_clauses, count)
            )
            for count in range(len(open_clauses) + 1)
        )

    commission = min(terms.commission_rate, max(0.0, 1 - dump_recovery_rate))
    fee = min(terms.slot_fee, max(0.0, 1 - dump_recovery_rate - commission) * terms.guarantee)
    starts = [
        terms,
        terms.replace(slot_fee=fee),
        terms.replace(slot_fee=fee, commission_rate=commission),
    ]
    for start in starts:
        for candidate in variants(start):
            if is_safe(candidate):
                return candidate
    # Without fee and commission nothing rewards an own order.
    return terms.replace(slot_fee=0.0, commission_rate=0.0)
