"""What a plan's actions bring: posts, livestream sessions and a pool, for numbers and draws alike.

Every journey computes its own part with the functions that its own page uses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from kolkit.errors import InputError
from kolkit.journeys import livestream, mix_plan, pool_flow
from kolkit.journeys.facts import Facts
from kolkit.journeys.livestream import LivestreamCase
from kolkit.journeys.mix_plan import MixPlan
from kolkit.models.sensitivity import Values
from kolkit.models.split import NO_SESSION, NOTHING, Posts, Sessions, best_split
from kolkit.models.uncertainty import Array

Key = Literal["tier_mix", "private_pool", "livestream"]
KEYS: tuple[Key, ...] = ("tier_mix", "private_pool", "livestream")

LEVELS = 21
"""Levels of spending on posts that the split is chosen from: steps of 5 % of the budget."""

FINER = np.sqrt(0.5) ** np.arange(1, 25)
"""Levels below the first of these, as parts of it: what posts can earn does not grow with the
budget, so the best of a large one may be a small part of it."""


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
            pool_budget=reserved(facts, "private_pool"),
            pool_wanted=bool(reserved(facts, "private_pool")),
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
        given = reserved(facts, "tier_mix")
        levels = _levels(budget) if given is None else np.array([given])
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
        given, fee = reserved(self.facts, "livestream"), option.terms.slot_fee
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


def _levels(budget: float) -> Array:
    steps = np.linspace(0, budget, LEVELS)[1:]
    return np.sort(np.r_[steps[0] * FINER, steps])


def reserved(facts: Facts, key: Key) -> float | None:
    """The part of the budget that the client reserved for a journey, RMB; None: as is best."""
    share = facts[f"share_{key}"]
    return None if share is None else float(share * facts["budget_cny"])
