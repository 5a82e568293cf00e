"""One plan: one budget over tier mix, private pool and livestream, and one number for its risk.

Posts reach people, of whom some order and some join the pool; genuine livestream buyers join it
too; members order again. So the three are chosen together. Every journey computes its own part, as
on its own page: alone, a journey gives the same numbers to the cent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from kolkit.errors import InputError
from kolkit.inputs import Brief
from kolkit.journeys import livestream, mix_plan, pool_flow, private_pool
from kolkit.journeys.facts import Facts, gather
from kolkit.journeys.insight import Driver, WorstCase, by_weight, worst_case
from kolkit.journeys.livestream import LivestreamCase
from kolkit.journeys.mix_plan import MixPlan
from kolkit.models.sensitivity import Values, one_at_a_time, switch_point
from kolkit.models.split import NO_SESSION, NOTHING, Posts, Sessions, best_split
from kolkit.models.uncertainty import (
    Array,
    Interval,
    interval,
    loss_probability,
    value_of_information,
)
from kolkit.orders import OrderCounts

Key = Literal["tier_mix", "private_pool", "livestream"]
Reason = Literal["loses_at_median", "earns_nothing", "loss_too_likely"]
KEYS: tuple[Key, ...] = ("tier_mix", "private_pool", "livestream")

LEVELS = 21
"""Levels of spending on posts that the split is chosen from: steps of 5 % of the budget."""

LESS = (0.8, 0.6, 0.45, 0.3, 0.15)
"""Parts of the posts' budget that are tried where the whole is too risky."""

FLIPS_TRIED = 3
"""Inputs, largest swing first, for which the value that turns the advice is looked for."""


def one(value: ArrayLike) -> float:
    """A single amount out of a result for plain numbers."""
    return float(np.ravel(value)[0])


@dataclass(frozen=True)
class Parts:
    """Profit of each journey and what flows between them; numbers or arrays of draws, RMB.

    `mix_joins` and `live_joins` are joins of the pool per month.
    """

    profit: Mapping[Key, Array]
    mix_joins: Array
    live_joins: Array

    @property
    def total(self) -> Array:
        return np.asarray(sum(self.profit.values()), float)


@dataclass(frozen=True)
class Actions:
    """What is done: posts (None: none), sessions, joins bought a month (None: no pool)."""

    mix: MixPlan | None
    sessions: int
    paid_joins: float | None

    @property
    def active(self) -> tuple[Key, ...]:
        """The journeys that something is done in."""
        doing = {
            "tier_mix": self.mix is not None and self.mix.collaborations > 0,
            "private_pool": self.paid_joins is not None,
            "livestream": self.sessions > 0,
        }
        return tuple(key for key in KEYS if doing[key])

    def without(self, key: Key) -> "Actions":
        """The same without one journey."""
        return Actions(
            None if key == "tier_mix" else self.mix,
            0 if key == "livestream" else self.sessions,
            None if key == "private_pool" else self.paid_joins,
        )


NO_ACTION = Actions(None, 0, None)


@dataclass(frozen=True)
class Engine:
    """Computes what actions bring, for numbers and draws alike."""

    facts: Facts
    live: LivestreamCase | None

    def parts(self, actions: Actions, values: Values) -> Parts:
        """Each journey's profit under the actions; what is not done earns nothing."""
        zero = np.zeros(1)
        months = self.facts["horizon_months"]
        profit: dict[Key, Array] = dict.fromkeys(KEYS, zero)
        mix_joins = live_joins = zero
        if actions.mix is not None:
            mix = mix_plan.outcome(self.facts, actions.mix, values)
            profit["tier_mix"], mix_joins = mix.profit_cny, mix.pool_joins / months
        option = self.live.recommended if self.live else None
        if actions.sessions and option:
            each = livestream.profit_of(option, self.facts, values)
            profit["livestream"] = np.atleast_1d(actions.sessions * each)
            buyers = actions.sessions * livestream.buyers_of(option, self.facts, values)
            live_joins = np.atleast_1d(buyers * values["buyer_join_rate"] / months)
        if actions.paid_joins is not None:
            pool = pool_flow.outcome(
                self.facts,
                values,
                paid_joins_per_month=actions.paid_joins,
                extra_joins_per_month=self.given_joins + mix_joins + live_joins,
            )
            profit["private_pool"] = pool.profit_cny
        return Parts(profit, mix_joins, live_joins)

    @property
    def given_joins(self) -> float:
        """Joins per month from posts and livestreams outside this plan."""
        return float(self.facts["social_joins_per_month"])

    def fee(self) -> float:
        """The slot fee of one session under the recommended contract, RMB."""
        option = self.live.recommended if self.live else None
        return option.terms.slot_fee if option else 0.0

    def choose(self, included: Sequence[Key]) -> Actions:
        """The most profitable actions within the budget at the most likely values."""
        facts, budget = self.facts, float(self.facts["budget_cny"])
        budgets, posts = self._posts() if "tier_mix" in included else (np.zeros(1), NOTHING)
        pool = "private_pool" in included
        split = best_split(
            budget=budget,
            posts=posts,
            sessions=self._sessions() if "livestream" in included else NO_SESSION,
            pool=self._pool if pool else None,
            paid_joins=self._paid_joins() if pool else None,
            pool_budget=_given(facts, "private_pool"),
            pool_wanted=bool(_given(facts, "private_pool")),
        )
        if not np.isfinite(split.profit):
            raise InputError(
                "plan.share_private_pool: the shares given leave the pool too little to carry it "
                "until it pays. Raise its share, or leave one of the shares out."
            )
        level = float(budgets[split.level])
        mix = mix_plan.plan_at(facts, level) if level else None
        return Actions(mix, split.sessions, split.paid_joins)

    def alone(self, key: Key) -> Actions:
        """What a journey’s own page does with the whole budget."""
        facts, budget = self.facts, float(self.facts["budget_cny"])
        if key == "tier_mix":
            return Actions(mix_plan.plan_at(facts, budget), 0, None)
        if key == "livestream":
            return Actions(None, min(1, facts["sessions_cap"]), None)
        if facts["goal"] != "none":
            return Actions(None, 0, float(pool_flow.reach_goal(facts, self.given_joins)))
        paid = pool_flow.paid_joins_for(facts, budget, self.given_joins)
        return Actions(None, 0, float(paid))

    def _posts(self) -> tuple[Array, Posts]:
        """Budgets from nothing upwards, and what the best posts for each cost and bring."""
        facts, budget = self.facts, float(self.facts["budget_cny"])
        given = _given(facts, "tier_mix")
        levels = np.linspace(0, budget, LEVELS)[1:] if given is None else np.array([given])
        counts = mix_plan.counts_over(facts, levels)
        if not counts.any():
            # Where locks cost more than any level, the journey itself says which.
            mix_plan.plan_at(facts, float(levels[-1]))
        cells, _ = mix_plan.active_cells(facts)
        found = mix_plan.outcome_of(facts, cells, counts, facts.centre())
        # A share that the client gave is spent; otherwise no posts at all are a choice too.
        kept = np.r_[not given or not counts.any(), counts.any(axis=1)]
        return np.r_[0.0, levels][kept], Posts(
            cost=np.r_[0.0, found.cost_cny][kept],
            profit=np.r_[0.0, found.profit_cny][kept],
            joins_per_month=np.r_[0.0, found.pool_joins][kept] / facts["horizon_months"],
        )

    def _sessions(self) -> Sessions:
        option = self.live.recommended if self.live else None
        if option is None:
            return NO_SESSION
        centre, most = self.facts.centre(), self.facts["sessions_cap"]
        given, fee = _given(self.facts, "livestream"), option.terms.slot_fee
        if given is not None:
            most = min(most, int(given // fee) if fee > 0 else most * (given > 0))
        buyers = float(livestream.buyers_of(option, self.facts, centre))
        return Sessions(
            fee=fee,
            profit=float(livestream.profit_of(option, self.facts, centre)),
            joins_per_month=buyers * centre["buyer_join_rate"] / self.facts["horizon_months"],
            most=most,
            least=0 if given is None else most,
        )

    def _paid_joins(self) -> Array:
        if self.facts["goal"] != "none":
            return np.array([float(pool_flow.reach_goal(self.facts, self.given_joins))])
        return pool_flow.candidates(self.facts)

    def _pool(self, paid: Array, extra: Array) -> tuple[Array, Array]:
        found = pool_flow.outcome(
            self.facts,
            self.facts.centre(),
            paid_joins_per_month=paid,
            extra_joins_per_month=self.given_joins + extra,
        )
        return found.profit_cny, found.funding_needed


@dataclass(frozen=True)
class Verdict:
    """Whether to carry the plan out; why not."""

    go: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Line:
    """One journey in the plan: what it takes from the budget and what it earns, RMB."""

    key: Key
    spent: float
    profit: Interval


@dataclass(frozen=True)
class Flow:
    """Money that runs from one place to another, RMB at the most likely values."""

    source: str
    target: str
    amount: float


@dataclass(frozen=True)
class PlanCase:
    """Everything the pages and the report say about one plan.

    `tried` is the best combination found; `actions` what is advised: the same, or less, or nothing.
    """

    facts: Facts
    counts: OrderCounts | None
    engine: Engine
    included: tuple[Key, ...]
    draws: Mapping[str, Array]
    uncertain: tuple[str, ...]
    tried: Actions
    actions: Actions
    verdict: Verdict
    parts: Parts
    profit: Array

    @property
    def live(self) -> LivestreamCase | None:
        return self.engine.live

    @cached_property
    def interval(self) -> Interval:
        return interval(self.profit)

    @cached_property
    def loss_probability(self) -> float:
        return loss_probability(self.profit)

    @cached_property
    def _tried_profit(self) -> Array:
        if self.actions == self.tried:
            return self.profit
        total = self.engine.parts(self.tried, self.draws).total
        return np.broadcast_to(total, (len(self),))

    @property
    def tried_interval(self) -> Interval:
        """The best combination’s profit, whether advised or not."""
        return interval(self._tried_profit)

    @property
    def tried_loss_probability(self) -> float:
        return loss_probability(self._tried_profit)

    @cached_property
    def central(self) -> Parts:
        """The plan at the most likely values."""
        return self.engine.parts(self.actions, self.facts.centre())

    @cached_property
    def pool(self) -> pool_flow.PoolDetail | None:
        """The pool inside the plan, at the most likely values."""
        if self.actions.paid_joins is None:
            return None
        given = self.engine.given_joins + self.central.mix_joins + self.central.live_joins
        return pool_flow.simulate(
            self.facts,
            self.facts.centre(),
            paid_joins_per_month=self.actions.paid_joins,
            extra_joins_per_month=given,
        )

    @cached_property
    def mix(self) -> mix_plan.MixOutcome | None:
        """What the posts bring at the most likely values."""
        if self.actions.mix is None:
            return None
        return mix_plan.outcome(self.facts, self.actions.mix, self.facts.centre())

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The included journeys; what they spend adds up to the budget less `unspent`."""
        spent: dict[Key, float] = dict.fromkeys(KEYS, 0.0)
        if self.mix is not None:
            spent["tier_mix"] = one(self.mix.cost_cny)
        if self.pool is not None:
            spent["private_pool"] = one(self.pool.outcome().funding_needed)
        spent["livestream"] = self.actions.sessions * self.engine.fee()
        return tuple(
            Line(key, spent[key], interval(np.broadcast_to(self.parts.profit[key], (len(self),))))
            for key in self.included
        )

    def __len__(self) -> int:
        return len(self.profit)

    @property
    def unspent(self) -> float:
        return float(self.facts["budget_cny"] - sum(line.spent for line in self.lines))

    @cached_property
    def alternatives(self) -> tuple[tuple[Key, Interval, float], ...]:
        """The plan without each of its journeys: interval and chance of a loss."""
        found = []
        for key, profit in self._reduced.items():
            found.append((key, interval(profit), loss_probability(profit)))
        return tuple(found)

    @cached_property
    def alone(self) -> tuple[tuple[Key, Interval, float], ...]:
        """Each included journey with the whole budget: interval and chance of a loss.

        A livestream is taken as offered.
        """
        found = []
        for key in self.included:
            if key == "livestream" and self.live is not None:
                profit = self.live.offered.profit
            else:
                profit = self.engine.parts(self.engine.alone(key), self.draws).total
            found.append((key, interval(profit), loss_probability(profit)))
        return tuple(found)

    @cached_property
    def _reduced(self) -> dict[Key, Array]:
        if len(self.actions.active) < 2:
            return {}
        whole = {}
        for key in self.actions.active:
            total = self.engine.parts(self.actions.without(key), self.draws).total
            whole[key] = np.broadcast_to(total, (len(self),))
        return whole

    @cached_property
    def drivers(self) -> tuple[Driver, ...]:
        """Uncertain inputs, those that can flip the advice first, then by how much they move it."""
        centre = self.facts.centre()
        ends = {}
        for name in self.uncertain:
            p10, p90 = np.quantile(self.draws[name], [0.1, 0.9])
            ends[name] = (float(p10), float(p90))
        actions = self.actions if self.verdict.go else self.tried
        moved = one_at_a_time(lambda v: self.engine.parts(actions, v).total, centre, ends)
        widest = sorted(moved, key=lambda name: -abs(moved[name][1] - moved[name][0]))
        return by_weight(
            Driver(name, *moved[name], self._flip(name, actions) if rank < FLIPS_TRIED else None)
            for rank, name in enumerate(widest)
        )

    def _flip(self, name: str, actions: Actions) -> float | None:
        """The nearest value from which less would earn more, or another contract be signed."""
        knob = self.facts.by_name[name].declared.knob
        if knob is None or knob.slider is None or not self.verdict.go:
            return None
        lesser = [NO_ACTION, *(actions.without(key) for key in actions.active)]

        def advantage(values: Values) -> Array:
            own = self.engine.parts(actions, values).total
            others = [
                np.broadcast_to(self.engine.parts(a, values).total, own.shape) for a in lesser
            ]
            return own - np.max(others, axis=0)

        found = [switch_point(advantage, self.facts.centre(), name, knob.slider[:2], steps=33)]
        if actions.sessions and self.live and name in self.live.uncertain:
            found.append(self.live.flip(name))
        here = self.facts[name]
        known = [at for at in found if at is not None]
        return min(known, key=lambda at: abs(at - here), default=None)

    @cached_property
    def worth_knowing(self) -> tuple[tuple[str, float], ...]:
        """Inputs by what knowing them before deciding is worth, RMB, largest first."""
        varying = {name: self.draws[name] for name in self.uncertain}
        options = [np.zeros_like(self.profit), self.profit, *self._reduced.values()]
        if not self.verdict.go:
            options.append(self._tried_profit)
        worth = value_of_information(options, varying)
        return tuple(sorted(worth.items(), key=lambda item: item[1], reverse=True))

    @cached_property
    def worst_case(self) -> WorstCase:
        """The worst plausible result of the plan and its cause."""
        return worst_case(self.profit, self.draws, self.uncertain)

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Where the money comes from and where it goes; each place's ins and outs are equal."""
        return _flows(self)


def _given(facts: Facts, key: Key) -> float | None:
    """The part of the budget that the client reserved for a journey, RMB; None: as is best."""
    share = facts[f"share_{key}"]
    return None if share is None else float(share * facts["budget_cny"])


def _check_shares(facts: Facts, included: Sequence[Key]) -> None:
    given = {key: facts[f"share_{key}"] or 0.0 for key in KEYS}
    for key, share in given.items():
        if share and key not in included:
            raise InputError(
                f"plan.share_{key}: {share:.2f} of the budget is reserved for a journey that is "
                f"left out. Leave the share out, or set include_{key} to true."
            )
    if sum(given.values()) > 1 + 1e-9:
        most = max(given, key=lambda key: given[key])
        over = sum(given.values()) - 1
        raise InputError(
            f"plan.share_{most}: the shares of the budget add up to {sum(given.values()):.2f}, "
            f"more than 1. Lower it by {over:.2f} to {given[most] - over:.2f}, or leave one out."
        )


def _reasons(profit: Array, facts: Facts) -> tuple[Reason, ...]:
    """Why a plan is not to be carried out; nothing where it is."""
    middle = interval(profit).p50
    if middle < -0.5:
        return ("loses_at_median",)
    if middle < 0.5:
        return ("earns_nothing",)
    return ("loss_too_likely",) if loss_probability(profit) > facts["loss_tolerance"] else ()


def run(brief: Brief, counts: OrderCounts | None = None) -> PlanCase:
    """Plan one budget over the journeys that the brief includes.

    Raises
    ------
    InputError
        from the journeys, or where the given shares exceed the budget
    """
    found = gather("plan", brief, counted=livestream.counted(brief.livestream, counts))
    measured = livestream.complete(found, brief, counts)
    measured |= private_pool.complete(found, brief)
    included = tuple(key for key in KEYS if found[f"include_{key}"].value)
    facts = Facts(found, measured, frozenset(KEYS) - frozenset(included))
    if not included:
        raise InputError(
            "plan: every journey is left out. Set include_tier_mix, include_private_pool or "
            "include_livestream to true."
        )
    _check_shares(facts, included)
    live = livestream.run(brief, counts) if "livestream" in included else None
    engine = Engine(facts, live)
    tried = engine.alone(included[0]) if len(included) == 1 else engine.choose(included)
    draws = facts.drawn()
    shape = draws["gross_margin"].shape
    actions, parts = tried, engine.parts(tried, draws)
    reasons = _reasons(np.broadcast_to(parts.total, shape), facts)
    if reasons:
        actions, parts = _lesser(engine, tried, draws) or (
            NO_ACTION,
            engine.parts(NO_ACTION, draws),
        )
    return PlanCase(
        facts=facts,
        counts=counts,
        engine=engine,
        included=included,
        draws=draws,
        uncertain=tuple(f.name for f in facts.used() if np.ptp(draws.get(f.name, 0.0)) > 0),
        tried=tried,
        actions=actions,
        verdict=Verdict(bool(actions.active), reasons),
        parts=parts,
        profit=np.broadcast_to(parts.total, shape),
    )


def _lesser(
    engine: Engine, tried: Actions, draws: Mapping[str, Array]
) -> tuple[Actions, Parts] | None:
    """Where the best combination is too risky: the best part of it that is not, if there is one.

    Parts are fewer journeys, and fewer posts; what the client fixed stays as it is.
    """
    free = [key for key in tried.active if _given(engine.facts, key) is None]
    smaller = [tried.without(key) for key in free]
    smaller += [a.without(key) for a in smaller for key in a.active if key in free]
    if "tier_mix" in free:
        smaller += [a for less in LESS for a in _with_posts(engine, tried, less)]
    found = []
    for actions in {a for a in smaller if a.active}:
        parts = engine.parts(actions, draws)
        if not _reasons(np.broadcast_to(parts.total, draws["gross_margin"].shape), engine.facts):
            found.append((float(np.median(parts.total)), actions, parts))
    if not found:
        return None
    _, actions, parts = max(found, key=lambda item: item[0])
    return actions, parts


def _with_posts(engine: Engine, tried: Actions, part: float) -> list[Actions]:
    """The same with a part of the posts' budget; none where locks cost more than that."""
    assert tried.mix is not None
    try:
        mix = mix_plan.plan_at(engine.facts, float(np.floor(part * tried.mix.budget_cny)))
    except InputError:
        return []
    return [Actions(mix, tried.sessions, tried.paid_joins)] if mix.collaborations else []


def _flows(case: PlanCase) -> tuple[Flow, ...]:
    """Sources, ways of selling, and what the money pays for."""
    central, flows = case.central, []
    sources: dict[str, list[tuple[str, float]]] = {}
    costs: dict[str, float] = {}
    if case.mix is not None:
        cost = one(case.mix.cost_cny)
        sources["mix_orders"] = [("posts", one(central.profit["tier_mix"]) + cost)]
        costs["mix_orders"] = cost
    if case.actions.sessions:
        cost = case.actions.sessions * case.engine.fee()
        profit = one(central.profit["livestream"])
        sources["live_sales"] = [("streams", profit + cost)]
        costs["live_sales"] = cost
    if case.pool is not None:
        margin = float(case.pool.ledger.margin[0].sum())
        sources["pool_orders"] = _pool_sources(case, margin)
        costs["pool_orders"] = margin - one(central.profit["private_pool"])
    for way, parts in sources.items():
        flows += [Flow(source, way, amount) for source, amount in parts if amount >= 1]
    earned = {way: max(0.0, sum(a for _, a in parts)) for way, parts in sources.items()}
    left, missing = {}, {}
    for way, cost in costs.items():
        paid = min(earned[way], cost)
        flows.append(Flow(way, f"cost_{way}", paid))
        left[way], missing[way] = earned[way] - paid, cost - paid
    surplus, deficit = sum(left.values()), sum(missing.values())
    covered = min(surplus, deficit)
    for way, lacking in missing.items():
        for other, spare in left.items():
            if lacking and spare:
                part = covered * lacking / deficit * spare / surplus
                flows.append(Flow(other, f"cost_{way}", part))
        if lacking:
            flows.append(Flow("budget", f"cost_{way}", lacking * (1 - covered / deficit)))
    for way, spare in left.items():
        if spare:
            flows.append(Flow(way, "profit", spare * (1 - covered / surplus)))
    return tuple(flow for flow in flows if flow.amount >= 1)


def _pool_sources(case: PlanCase, margin: float) -> list[tuple[str, float]]:
    """The pool's margin by where its members come from, in proportion to their joins."""
    assert case.pool is not None
    joins = {key: float(amount[0].sum()) for key, amount in case.pool.growth.joins.items()}
    social = joins.pop("social", 0.0)
    mixed, live = one(case.central.mix_joins), one(case.central.live_joins)
    given = case.engine.given_joins
    whole = mixed + live + given
    found = {"posts": 0.0, "streams": 0.0, "own": 0.0, "bought": 0.0, "referral": 0.0}
    if whole > 0:
        found["posts"] = social * mixed / whole
        found["streams"] = social * live / whole
        found["own"] = social * given / whole
    for key, amount in joins.items():
        place = {"paid": "bought", "referral": "referral"}.get(key, "own")
        found[place] += amount
    total = sum(found.values())
    if total <= 0:
        return [("own", margin)]
    return [(key, margin * amount / total) for key, amount in found.items()]
