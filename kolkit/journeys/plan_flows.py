"""Where a plan's money comes from and what it pays for, RMB at the most likely values."""

from dataclasses import dataclass

from kolkit.journeys.mix_plan import MixOutcome
from kolkit.journeys.plan_engine import Parts, one
from kolkit.journeys.pool_flow import PoolDetail


@dataclass(frozen=True)
class Flow:
    """Money that runs from one place to another, RMB at the most likely values."""

    source: str
    target: str
    amount: float


def flows_of(
    central: Parts, *, mix: MixOutcome | None, pool: PoolDetail | None, fees: float, given: float
) -> tuple[Flow, ...]:
    """Sources, ways of selling, and what the money pays for.

    Parameters
    ----------
    central : each journey's profit and the joins it sends
    mix, pool : the posts and the pool behind it; None where nothing is done
    fees : slot fees of all sessions, RMB; below 0 where none is held
    given : joins of the pool per month that come from outside the plan
    """
    flows = []
    sources: dict[str, list[tuple[str, float]]] = {}
    costs: dict[str, float] = {}
    if mix is not None:
        cost = one(mix.cost_cny)
        sources["mix_orders"] = [("posts", one(central.profit["tier_mix"]) + cost)]
        costs["mix_orders"] = cost
    if fees >= 0:
        cost = fees
        profit = one(central.profit["livestream"])
        sources["live_sales"] = [("streams", profit + cost)]
        costs["live_sales"] = cost
    if pool is not None:
        margin = float(pool.ledger.margin[0].sum())
        sources["pool_orders"] = _pool_sources(central, pool, given, margin)
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


def _pool_sources(
    central: Parts, pool: PoolDetail, given: float, margin: float
) -> list[tuple[str, float]]:
    """The pool's margin by where its members come from, in proportion to their joins."""
    assert pool is not None
    joins = {key: float(amount[0].sum()) for key, amount in pool.growth.joins.items()}
    social = joins.pop("social", 0.0)
    mixed, live = one(central.mix_joins), one(central.live_joins)
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
