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
from kolkit.inputs import Brief, Livestream
from kolkit.journeys.facts import Fact, Facts, gather
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
    Distribution,
    Interval,
    Share,
    interval,
    loss_probability,
)
from kolkit.orders import OrderCounts

Array = NDArray[np.float64]
Reason = Literal[
    "rewards_self_purchasing", "loses_at_median", "earns_nothing", "loss_too_likely", "over_budget"
]

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
        return bool(self.facts["session_age_days"] < self.facts["return_window_days"])

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
    def fee_limit(self) -> float:
        """The highest fee (RMB, whole steps) at which the terms on offer would still be signed."""
        low = self.terms.slot_fee
        high = max(low, min(self.walk_away_fee, self.facts["budget_cny"])) + FEE_STEP
        if not _reasons(self._with_fee(high), self.facts):
            return high
        while high - low > FEE_STEP / 2:
            middle = (low + high) / 2
            if _reasons(self._with_fee(middle), self.facts):
                high = middle
            else:
                low = middle
        return max(self.terms.slot_fee, float(np.floor(low / FEE_STEP) * FEE_STEP))

    def _with_fee(self, fee: float) -> Option:
        return _option("offered", self.terms.replace(slot_fee=fee), self.facts, self.draws)

    def flip(self, name: str) -> float | None:
        """The value of one input, nearest to its own, from which the advice is another.

        The advice is tried again with the input known to have that value, within its slider.
        """
        option = self.recommended
        if option is None:
            return None
        fact = self.facts.by_name[name]
        knob = fact.declared.knob
        if knob is None or knob.slider is None:
            return None
        found = []
        for end in knob.slider[:2]:
            holds, fails = float(fact.value), float(end)
            if not self._reasons_at(option, name, fails):
                continue
            for _ in range(10):
                middle = (holds + fails) / 2
                if self._reasons_at(option, name, middle):
                    fails = middle
                else:
                    holds = middle
            found.append(fails)
        return min(found, key=lambda at: abs(at - fact.value)) if found else None

    def _reasons_at(self, option: Option, name: str, value: float) -> tuple[Reason, ...]:
        facts = self.facts.known(name, value)
        draws = {**self.draws, name: np.full_like(self.draws[name], value)}
        return _reasons(_option(option.key, option.terms, facts, draws), facts)

    @cached_property
    def best_safe(self) -> Option | None:
        """The contract without an incentive that earns the brand most in the middle case."""
        safe = [o for o in self.options if not o.incentive.rewards_self_purchasing]
        return max(safe, key=lambda option: option.interval.p50, default=None)

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
    observed = np.asarray(values["return_rate_observed"], float)
    # Where the share is clipped, the rates give way: returns add up to what came back.
    return decompose(
        gmv_reported=gmv,
        share=_share(values),
        base_return_rate=np.minimum(values["base_return_rate"], observed),
        self_return_rate=np.maximum(values["self_return_rate"], observed),
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


def buyers_of(option: Option, facts: Facts, values: Mapping[str, Array | float]) -> Array:
    """People who buy and keep something in a session under a contract."""
    session = _session_under(option.incentive.rewards_self_purchasing, facts, values)
    return np.asarray(session.genuine_kept / values["average_order_value_cny"])


def profit_of(option: Option, facts: Facts, values: Mapping[str, Array | float]) -> Array:
    session = _session_under(option.incentive.rewards_self_purchasing, facts, values)
    return waterfall(session, option.terms, _economics(values)).profit


def _option(key: str, terms: Terms, facts: Facts, draws: Mapping[str, Array]) -> Option:
    tempts = _incentive(terms, facts, facts["dump_recovery_rate"])
    values = facts.centre()
    central = _session_under(tempts.rewards_self_purchasing, facts, values)
    paid = payment(
        terms,
        gross=central.gmv_reported,
        net=central.net_sales,
        new_customers=new_customers(central, _economics(values)),
    )
    session = _session_under(tempts.rewards_self_purchasing, facts, draws)
    profit = waterfall(session, terms, _economics(draws)).profit
    return Option(
        key, terms, tempts, np.broadcast_to(profit, draws["gross_margin"].shape), float(paid.total)
    )


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


def _reasons(option: Option, facts: Facts) -> tuple[Reason, ...]:
    """Why a contract is not to be signed; nothing where it is."""
    found: list[Reason] = []
    if option.incentive.rewards_self_purchasing:
        found.append("rewards_self_purchasing")
    if option.interval.p50 < -0.5:
        found.append("loses_at_median")
    elif option.interval.p50 < 0.5:
        found.append("earns_nothing")
    elif option.loss_probability > facts["loss_tolerance"]:
        found.append("loss_too_likely")
    if option.terms.slot_fee > facts["budget_cny"]:
        found.append("over_budget")
    return tuple(found)


def _verdict(offered: Option, facts: Facts, draws: Mapping[str, Array]) -> Verdict:
    reasons = _reasons(offered, facts)
    if not reasons:
        return Verdict(True, (), None)
    recovery = facts.by_name["dump_recovery_rate"]
    # A proposal has to stay safe if dumped goods fetch the most that is plausible.
    safe = safe_terms(
        offered.terms,
        cap=facts["gmv_reported_cny"],
        base_return_rate=facts["base_return_rate"],
        dump_recovery_rate=recovery.value if recovery.high is None else recovery.high,
    )
    proposal = _affordable(safe, facts, draws)
    return Verdict(False, reasons, proposal)


def _affordable(safe: Terms, facts: Facts, draws: Mapping[str, Array]) -> Terms | None:
    """Safe terms with the fee, and only then the commission, lowered until the brand can sign."""

    def pays(terms: Terms) -> bool:
        return not _reasons(_option("proposal", terms, facts, draws), facts)

    genuine = _session_under(False, facts, draws)
    bearable = highest_fee(genuine, safe, _economics(draws), loss_tolerance=facts["loss_tolerance"])
    highest = min(safe.slot_fee, bearable, facts["budget_cny"])
    terms = safe.replace(slot_fee=float(np.floor(highest / FEE_STEP + 1e-9) * FEE_STEP))
    if pays(terms):
        return terms
    for percent in range(int(safe.commission_rate * 100 + 1e-9), 0, -1):
        terms = safe.replace(slot_fee=0.0, commission_rate=percent / 100)
        if pays(terms):
            return terms
    return None


def _guarantee(livestream: Livestream) -> float:
    """Guaranteed sales, RMB; left out they follow the fee."""
    if livestream.guarantee_cny is not None:
        return livestream.guarantee_cny
    return livestream.slot_fee_cny * assumption("livestream.guarantee_to_fee").value


def counted(livestream: Livestream, counts: OrderCounts | None) -> dict[str, float]:
    """What an order file replaces: the return rate always, amounts if it is the whole session."""
    if counts is None:
        return {}
    replaced = {"return_rate_observed": counts.return_rate_by_value}
    if livestream.orders_scope == "session":
        replaced["gmv_reported_cny"] = counts.amount_paid_cny
        replaced["average_order_value_cny"] = counts.average_order_value_cny
    return replaced


def complete(
    found: dict[str, Fact], brief: Brief, counts: OrderCounts | None
) -> dict[str, Distribution]:
    """Fill in what follows from other inputs; the distributions of what was counted in a file.

    Raises
    ------
    InputError
        where own orders are said to come back no more often than the category's
    """
    found["guarantee_cny"] = replace(found["guarantee_cny"], value=_guarantee(brief.livestream))
    own, base = found["self_return_rate"].value, found["base_return_rate"].value
    if own <= base:
        raise InputError(
            f"livestream.self_return_rate must be above the base return rate of {base:.2f}; got "
            f"{own:.2f}. Otherwise own orders cannot be told from ordinary ones; did you mean "
            f"{min(1.0, base + 0.05):.2f} or more?"
        )
    if counts is None:
        return {}
    rate = Share(counts.return_rate_by_value, counts.return_rate_standard_error)
    return {"return_rate_observed": rate}


def run(brief: Brief, counts: OrderCounts | None = None) -> LivestreamCase:
    """Answer the livestream journey for one set of inputs.

    Parameters
    ----------
    brief : the declared inputs
    counts : what was counted in the order file, which replaces the assumed figures

    Raises
    ------
    InputError
        from `complete`
    """
    livestream = brief.livestream
    found = gather("livestream", brief, counted=counted(livestream, counts))
    facts = Facts(found, complete(found, brief, counts))
    terms = Terms(
        slot_fee=livestream.slot_fee_cny,
        guarantee=facts["guarantee_cny"],
        commission_rate=livestream.commission_rate,
        commission_base=livestream.commission_base,
        guarantee_base=livestream.guarantee_base,
        shortfall=livestream.shortfall,
        fee_is_advance=livestream.fee_is_advance,
    )
    values, drawn = facts.centre(), facts.drawn()
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
        uncertain=tuple(name for name in drawn if np.ptp(drawn[name]) > 0),
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
