"""The livestream journey: how much of a session is real, and which contract to sign.

One rule runs through every comparison of contracts: the customers are the same; the streamer's own
orders are in the session where the contract rewards them and absent where it does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kolkit.assumptions import assumption
from kolkit.errors import InputError
from kolkit.inputs import Brand, Livestream
from kolkit.journeys.facts import Facts, gather
from kolkit.models.contracts import Incentive, Terms, incentive, payment, safe_terms
from kolkit.models.livestream import (
    Decomposition,
    Economics,
    Waterfall,
    break_even_net_sales,
    decompose,
    highest_fee,
    new_customers,
    unexplained_share,
    waterfall,
)
from kolkit.models.uncertainty import (
    Interval,
    Share,
    draw,
    interval,
    loss_probability,
    value_of_information,
)
from kolkit.orders import OrderCounts

Array = NDArray[np.float64]
Reason = Literal["rewards_self_purchasing", "loses_at_median", "loss_too_likely"]

DRAWS = 2000
FEE_STEP = 10_000.0
GRID = 121


@dataclass(frozen=True)
class Option:
    """One contract for the same customers: what the brand earns, and whether it tempts."""

    key: str
    terms: Terms
    incentive: Incentive
    profit: Array
    streamer_pay: float

    @cached_property
    def interval(self) -> Interval:
        return interval(self.profit)

    @cached_property
    def loss_probability(self) -> float:
        return loss_probability(self.profit)


@dataclass(frozen=True)
class Driver:
    """How much one uncertain input moves the profit (RMB), and where the advice flips."""

    name: str
    profit_at_low: float
    profit_at_high: float
    flips_at: float | None

    @property
    def swing(self) -> float:
        return abs(self.profit_at_high - self.profit_at_low)


@dataclass(frozen=True)
class WorstCase:
    """The profit that one draw in twenty falls below, and the input that stands out there."""

    profit: float
    cause: str
    typical_value: float


@dataclass(frozen=True)
class Verdict:
    """Whether to sign as offered; why not; and the contract to offer instead, if any pays."""

    sign: bool
    reasons: tuple[Reason, ...]
    proposal: Terms | None


@dataclass(frozen=True)
class LivestreamCase:
    """Everything the pages, the report and the exercises say about one session and its contract.

    `draws` has an array per numeric input, `uncertain` names those that vary. `session` is the one
    reported, `lines` the brand's result of the one on offer, both at the most likely values.
    """

    facts: Facts
    counts: OrderCounts | None
    draws: Mapping[str, Array]
    uncertain: tuple[str, ...]
    terms: Terms
    share: float
    session: Decomposition
    lines: Waterfall
    offered: Option
    verdict: Verdict
    break_even: float
    fair_fee: float
    walk_away_fee: float

    @property
    def still_returning(self) -> bool:
        """The session is younger than its return window: the unexplained share is a lower bound."""
        return (
            self.counts is None
            and self.facts["session_age_days"] < self.facts["return_window_days"]
        )

    @cached_property
    def share_interval(self) -> Interval:
        return interval(_share(self.draws))

    @cached_property
    def genuine_interval(self) -> Interval:
        return interval(_session(self.draws, self.facts["gmv_reported_cny"]).genuine_kept)

    @cached_property
    def inflation_interval(self) -> Interval:
        return interval(_session(self.draws, self.facts["gmv_reported_cny"]).inflation_factor)

    @cached_property
    def share_by_base_rate(self) -> tuple[Array, Array]:
        """The unexplained share (0-1) over base return rates from 0 to 0.8."""
        base = np.linspace(0, min(0.8, self.facts["self_return_rate"] - 0.01), GRID)
        share = unexplained_share(
            return_rate_observed=self.facts["return_rate_observed"],
            base_return_rate=base,
            self_return_rate=self.facts["self_return_rate"],
        )
        return base, share

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """The contract as offered and the usual alternatives, for the same customers."""
        offered = self.terms
        ratio = assumption("livestream.market_guarantee_to_fee").value
        on_net = offered.replace(commission_base="net", guarantee_base="net")
        candidates = [
            ("guarantee_on_net", offered.replace(guarantee_base="net")),
            ("all_on_net", on_net),
            ("advance", on_net.replace(shortfall="none", fee_is_advance=True)),
            ("commission_only", on_net.replace(slot_fee=0.0, fee_is_advance=False)),
            ("per_new_customer", _per_new_customer(offered, self.facts)),
            ("cliff_on_net", on_net.replace(shortfall="cliff")),
            ("market_guarantee", offered.replace(guarantee=ratio * offered.slot_fee)),
            ("no_guarantee", offered.replace(shortfall="none")),
        ]
        if self.verdict.proposal:
            candidates.insert(0, ("proposal", self.verdict.proposal))
        seen = [offered]
        options = [self.offered]
        for key, terms in candidates:
            if terms not in seen:
                seen.append(terms)
                options.append(_option(key, terms, self.facts, self.draws))
        return tuple(options)

    @cached_property
    def recommended(self) -> Option | None:
        """The offer itself if it is to be signed, else the proposal; None: do not stream."""
        if self.verdict.sign:
            return self.offered
        return next((option for option in self.options if option.key == "proposal"), None)

    @cached_property
    def drivers(self) -> tuple[Driver, ...]:
        """Uncertain inputs by how much they move the recommended (or offered) contract's profit."""
        option = self.recommended or self.offered
        centre = {name: self.facts[name] for name in self.draws}
        drivers = []
        for name in self.uncertain:
            fact = self.facts.by_name[name]
            p10, p90 = np.quantile(self.draws[name], [0.1, 0.9])
            span = fact.declared.knob.slider if fact.declared.knob else None
            low, high = (span[0], span[1]) if span else (p10, p90)
            grid = np.linspace(min(low, p10), max(high, p90), GRID)
            profit = _profit(option, self.facts, centre | {name: grid})
            ends = _profit(option, self.facts, centre | {name: np.array([p10, p90])})
            flips_at = _crossing(grid, profit, fact.value)
            drivers.append(Driver(name, float(ends[0]), float(ends[1]), flips_at))
        moving = [driver for driver in drivers if driver.swing >= 1]
        return tuple(sorted(moving, key=lambda driver: driver.swing, reverse=True))

    @cached_property
    def worth_knowing(self) -> tuple[tuple[str, float], ...]:
        """Inputs by what knowing them before signing is worth, RMB, largest first."""
        option = self.recommended or self.offered
        varying = {name: self.draws[name] for name in self.uncertain}
        worth = value_of_information([np.zeros(DRAWS), option.profit], varying)
        return tuple(sorted(worth.items(), key=lambda item: item[1], reverse=True))

    @cached_property
    def worst_case(self) -> WorstCase:
        """The worst plausible result of the recommended (or offered) contract and its cause."""
        profit = (self.recommended or self.offered).profit
        floor = float(np.quantile(profit, 0.05, method="closest_observation"))
        worst = profit <= floor
        means = {name: float(self.draws[name][worst].mean()) for name in self.uncertain}
        odd = {
            name: abs(means[name] - self.draws[name].mean()) / self.draws[name].std()
            for name in self.uncertain
        }
        cause = max(odd, key=lambda name: odd[name])
        return WorstCase(floor, cause, means[cause])

    @cached_property
    def safe_below_recovery(self) -> float | None:
        """The resale value of dumped goods (0-1) from which the recommended contract tempts."""
        if not self.recommended:
            return None
        grid = np.linspace(0, 1, GRID)
        for recovery in grid[grid >= self.facts["dump_recovery_rate"]]:
            if _incentive(
                self.recommended.terms, self.facts, float(recovery)
            ).rewards_self_purchasing:
                return float(recovery)
        return None

    @cached_property
    def latest_week(self) -> int:
        """Last week of the plan in which a session's returns are still counted before its end."""
        days = self.facts["horizon_months"] * 365.25 / 12 - self.facts["return_window_days"]
        return max(1, int(days // 7))


def _share(values: Mapping[str, Array | float]) -> Array:
    base = np.asarray(values["base_return_rate"], float)
    return unexplained_share(
        return_rate_observed=values["return_rate_observed"],
        base_return_rate=base,
        # Far ends of two ranges may touch in a draw; own orders always come back more often.
        self_return_rate=np.maximum(values["self_return_rate"], base + 0.02),
    )


def _session(values: Mapping[str, Array | float], gmv: float | Array) -> Decomposition:
    return decompose(
        gmv_reported=gmv,
        share=_share(values),
        base_return_rate=values["base_return_rate"],
        self_return_rate=values["self_return_rate"],
    )


def _economics(values: Mapping[str, Array | float]) -> Economics:
    return Economics(
        gross_margin=values["gross_margin"],
        platform_fee_rate=values["platform_fee_rate"],
        return_cost_rate=np.asarray(values["return_cost_per_order_cny"], float)
        / np.asarray(values["average_order_value_cny"], float),
        displaced_share=values["displaced_share"],
        new_customer_share=values["new_customer_share"],
        average_order_value_cny=values["average_order_value_cny"],
    )


def _incentive(terms: Terms, facts: Facts, recovery: float) -> Incentive:
    return incentive(
        terms,
        cap=facts["gmv_reported_cny"],
        base_return_rate=facts["base_return_rate"],
        dump_recovery_rate=recovery,
        brushing_cost_rate=facts["brushing_cost_rate"],
    )


def _session_under(
    tempting: bool, facts: Facts, values: Mapping[str, Array | float]
) -> Decomposition:
    """The session on offer: what customers ordered last time, times how it may differ."""
    gmv = facts["gmv_reported_cny"] * np.asarray(values["next_session_factor"], float)
    session = _session(values, gmv)
    return session if tempting else session.without_unexplained()


def _profit(option: Option, facts: Facts, values: Mapping[str, Array | float]) -> Array:
    session = _session_under(option.incentive.rewards_self_purchasing, facts, values)
    return waterfall(session, option.terms, _economics(values)).profit


def _option(key: str, terms: Terms, facts: Facts, draws: Mapping[str, Array]) -> Option:
    tempts = _incentive(terms, facts, facts["dump_recovery_rate"])
    values = _centre(facts)
    central = _session_under(tempts.rewards_self_purchasing, facts, values)
    paid = payment(
        terms,
        gross=central.gmv_reported,
        net=central.net_sales,
        new_customers=new_customers(central, _economics(values)),
    )
    session = _session_under(tempts.rewards_self_purchasing, facts, draws)
    profit = waterfall(session, terms, _economics(draws)).profit
    return Option(key, terms, tempts, np.broadcast_to(profit, (DRAWS,)), float(paid.total))


def _per_new_customer(offered: Terms, facts: Facts) -> Terms:
    """A bounty per genuine new customer that equals the offered commission on one order."""
    return Terms(
        slot_fee=0.0,
        guarantee=0.0,
        commission_rate=0.0,
        shortfall="none",
        bounty_cny=offered.commission_rate
        * facts["average_order_value_cny"]
        / max(facts["new_customer_share"], 0.01),
    )


def _centre(facts: Facts) -> dict[str, float]:
    return {
        name: fact.value
        for name, fact in facts.by_name.items()
        if isinstance(fact.value, int | float) and not isinstance(fact.value, bool)
    }


def _crossing(grid: Array, profit: Array, value: float) -> float | None:
    """The grid point nearest to `value` at which the profit changes its sign."""
    losing = profit < 0
    changes = np.flatnonzero(losing[1:] != losing[:-1])
    if not len(changes):
        return None
    left, right = profit[changes], profit[changes + 1]
    at = grid[changes] + (grid[changes + 1] - grid[changes]) * left / (left - right)
    return float(at[np.argmin(np.abs(at - value))])


def _verdict(offered: Option, facts: Facts, draws: Mapping[str, Array]) -> Verdict:
    tolerance = facts["loss_tolerance"]
    reasons: list[Reason] = []
    if offered.incentive.rewards_self_purchasing:
        reasons.append("rewards_self_purchasing")
    if offered.interval.p50 < 0:
        reasons.append("loses_at_median")
    elif offered.loss_probability > tolerance:
        reasons.append("loss_too_likely")
    if not reasons:
        return Verdict(True, (), None)
    safe = safe_terms(
        offered.terms,
        cap=facts["gmv_reported_cny"],
        base_return_rate=facts["base_return_rate"],
        dump_recovery_rate=facts["dump_recovery_rate"],
    )
    genuine = _session_under(False, facts, draws)
    bearable = highest_fee(genuine, safe, _economics(draws), loss_tolerance=tolerance)
    fee = float(np.floor(min(safe.slot_fee, bearable) / FEE_STEP + 1e-9) * FEE_STEP)
    proposal = safe.replace(slot_fee=fee)
    pays = _option("proposal", proposal, facts, draws)
    return Verdict(False, tuple(reasons), proposal if pays.loss_probability <= tolerance else None)


def _guarantee(livestream: Livestream) -> float:
    """Guaranteed sales, RMB; left out they follow the fee."""
    if livestream.guarantee_cny is not None:
        return livestream.guarantee_cny
    return livestream.slot_fee_cny * assumption("livestream.guarantee_to_fee").value


def _counted(livestream: Livestream, counts: OrderCounts | None) -> dict[str, float]:
    """What an order file replaces: the return rate always, amounts if it is the whole session."""
    if counts is None:
        return {}
    replaced = {"return_rate_observed": counts.return_rate_by_value}
    if livestream.orders_scope == "session":
        replaced["gmv_reported_cny"] = counts.amount_paid_cny
        replaced["average_order_value_cny"] = counts.average_order_value_cny
    return replaced


def run(brand: Brand, livestream: Livestream, counts: OrderCounts | None = None) -> LivestreamCase:
    """Answer the livestream journey for one set of inputs.

    Parameters
    ----------
    brand, livestream : the declared inputs
    counts : what was counted in the order file, which replaces the assumed figures

    Raises
    ------
    InputError
        where own orders are said to come back no more often than the category's
    """
    found = gather(
        (brand, livestream), category=brand.category, counted=_counted(livestream, counts)
    )
    measured = (
        {
            "return_rate_observed": Share(
                counts.return_rate_by_value, counts.return_rate_standard_error
            )
        }
        if counts
        else {}
    )
    found["guarantee_cny"] = replace(found["guarantee_cny"], value=_guarantee(livestream))
    facts = Facts(found, measured)
    if facts["self_return_rate"] <= facts["base_return_rate"]:
        raise InputError(
            "livestream.self_return_rate must be above the base return rate of "
            f"{facts['base_return_rate']:.2f}; got {facts['self_return_rate']:.2f}. Otherwise own "
            "orders cannot be told from ordinary ones; did you mean "
            f"{min(1.0, facts['base_return_rate'] + 0.05):.2f} or more?"
        )
    terms = Terms(
        slot_fee=livestream.slot_fee_cny,
        guarantee=facts["guarantee_cny"],
        commission_rate=livestream.commission_rate,
        commission_base=livestream.commission_base,
        guarantee_base=livestream.guarantee_base,
        shortfall=livestream.shortfall,
        fee_is_advance=livestream.fee_is_advance,
    )
    distributions = facts.distributions()
    values = _centre(facts)
    draws = draw(distributions, draws=DRAWS, seed=livestream.seed)
    # Known inputs travel beside the draws as plain numbers.
    drawn = {**{k: np.full(DRAWS, v) for k, v in values.items() if k not in draws}, **draws}
    session = _session(values, facts["gmv_reported_cny"])
    economics = _economics(values)
    offered = _option("offered", terms, facts, drawn)
    tempting = offered.incentive.rewards_self_purchasing
    judged = _session_under(tempting, facts, drawn)
    central = _session_under(tempting, facts, values)
    return LivestreamCase(
        facts=facts,
        counts=counts,
        draws=drawn,
        uncertain=tuple(name for name in draws if np.ptp(draws[name]) > 0),
        terms=terms,
        share=float(_share(values)),
        session=session,
        lines=waterfall(central, terms, economics),
        offered=offered,
        verdict=_verdict(offered, facts, drawn),
        break_even=float(break_even_net_sales(central, terms, economics)),
        fair_fee=highest_fee(judged, terms, _economics(drawn), loss_tolerance=None),
        walk_away_fee=highest_fee(
            judged, terms, _economics(drawn), loss_tolerance=facts["loss_tolerance"]
        ),
    )
