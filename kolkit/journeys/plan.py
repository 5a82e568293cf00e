"""One plan: one budget over tier mix, private pool and livestream, and one number for its risk.

Posts reach people, of whom some order and some join the pool; genuine livestream buyers join it
too; members order again. So the three are chosen together. Every journey computes its own part, as
on its own page: alone, a journey gives the same numbers to the cent.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from kolkit.errors import InputError
from kolkit.inputs import Brief
from kolkit.journeys import livestream, mix_plan, pool_flow, private_pool
from kolkit.journeys.facts import Facts, gather
from kolkit.journeys.insight import Driver, WorstCase, by_weight, worst_case
from kolkit.journeys.livestream import LivestreamCase
from kolkit.journeys.plan_engine import (
    KEYS,
    NO_ACTION,
    Actions,
    Engine,
    Key,
    Parts,
    one,
    reserved,
)
from kolkit.journeys.plan_flows import Flow, flows_of
from kolkit.models.sensitivity import Values, one_at_a_time, switch_points
from kolkit.models.uncertainty import (
    Array,
    Interval,
    interval,
    loss_probability,
    value_of_information,
)
from kolkit.orders import OrderCounts

Reason = Literal["loses_at_median", "earns_nothing", "loss_too_likely"]

LESS = (0.8, 0.6, 0.45, 0.3, 0.15)
"""Parts of the posts' budget that are tried where the whole is too risky."""

FLIPS_TRIED = 3
"""Inputs, largest swing first, for which the value that turns the advice is looked for."""


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
        flips = self._flips(widest[:FLIPS_TRIED], actions)
        return by_weight(
            Driver(name, *moved[name], flips.get(name), *ends[name]) for name in widest
        )

    def _flips(self, names: Sequence[str], actions: Actions) -> dict[str, float | None]:
        """The nearest value from which less would earn more, or another contract be signed."""
        if not self.verdict.go:
            return {}
        lesser = [NO_ACTION, *(actions.without(key) for key in actions.active)]

        def advantage(values: Values) -> Array:
            own = self.engine.parts(actions, values).total
            others = [
                np.broadcast_to(self.engine.parts(a, values).total, own.shape) for a in lesser
            ]
            return own - np.max(others, axis=0)

        knobs = {name: self.facts.by_name[name].declared.knob for name in names}
        spans = {name: knob.slider[:2] for name, knob in knobs.items() if knob and knob.slider}
        found = switch_points(advantage, self.facts.centre(), spans, steps=33)
        for name, at in found.items():
            if actions.sessions and self.live and name in self.live.uncertain:
                here = self.facts[name]
                known = [x for x in (at, self.live.flip(name)) if x is not None]
                found[name] = min(known, key=lambda x: abs(x - here), default=None)
        return found

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
        fees = self.actions.sessions * self.engine.fee() if self.actions.sessions else -1.0
        return flows_of(
            self.central,
            mix=self.mix,
            pool=self.pool,
            fees=fees,
            given=self.engine.given_joins,
        )


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
    free = [key for key in tried.active if reserved(engine.facts, key) is None]
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


def chosen(case: PlanCase) -> dict[str, float]:
    """What the optimiser gave each journey, as a share of the budget in whole per cent, and the
    accounts it booked per tier, by the input that would fix them.

    Only of a plan that is advised as it was tried: what is advised against is not to be fixed.
    """
    if case.actions != case.tried or not case.facts["budget_cny"]:
        return {}
    shares = {
        f"share_{line.key}": math.floor(100 * line.spent / case.facts["budget_cny"]) / 100
        for line in case.lines
    }
    return shares | (mix_plan.booked(case.actions.mix) if case.actions.mix else {})
