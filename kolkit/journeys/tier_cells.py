"""The cells of the influencer mix: four tiers on twelve platforms, from the data and the client.

A cell without a sourced price and size is off until the client gives both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kolkit.assumptions import Assumption, assumption, assumptions
from kolkit.inputs.cells import COLUMNS, PLATFORMS, TIERS, sourced
from kolkit.journeys.facts import Facts
from kolkit.models.reach import account_reach
from kolkit.models.tiers import StageHours, engagements, impressions, labour_hours, true_cost

Array = NDArray[np.float64]
Status = Literal["on", "off", "no_source", "too_large"]

SMALL = ("micro_kol", "koc")
"""Tiers that are approached in numbers, at the brief's rate of collaboration."""


@dataclass(frozen=True)
class MixCell:
    """One tier on one platform; amounts per account, None where nothing is known.

    `own` lists what the client gave; `price_source` is where the price came from otherwise.
    """

    tier: str
    platform: str
    status: Status
    price_cny: float | None
    followers: float | None
    engagement_rate: float
    on_target_share: float
    supply: int
    own: tuple[str, ...]
    price_source: Assumption | None

    @property
    def key(self) -> str:
        return f"{self.tier}.{self.platform}"


@dataclass(frozen=True)
class Measures:
    """What one collaboration of each cell costs and yields: arrays of shape (cells, draws).

    `cost` parts in RMB; `impressions` are views by people, `reached` people of the target group,
    `rho` the same as a share of the target group. `naive_impressions` counts every follower.
    """

    price: Array
    labour: Array
    outreach: Array
    product: Array
    hours: Array
    contacts: Array
    impressions: Array
    naive_impressions: Array
    engagements: Array
    reached: Array
    rho: Array

    @property
    def cost(self) -> Array:
        return self.price + self.labour + self.outreach + self.product


@cache
def tier_value(tier: str, field: str) -> float:
    """A sourced figure of a tier."""
    return assumption(f"tier.{tier}.{field}").value


def cells_of(rows: Sequence[Mapping[str, Any]]) -> tuple[MixCell, ...]:
    """All 48 cells, with the client's changes."""
    return _cells_of(tuple(tuple(row.get(name) for name in COLUMNS) for row in rows))


@lru_cache(maxsize=64)
def _cells_of(rows: tuple[tuple[Any, ...], ...]) -> tuple[MixCell, ...]:
    changed = {(row[0], row[1]): dict(zip(COLUMNS, row, strict=True)) for row in rows}
    return tuple(
        _cell(tier, platform, changed.get((tier, platform), {}))
        for tier in TIERS
        for platform in PLATFORMS
    )


def _cell(tier: str, platform: str, given: Mapping[str, Any]) -> MixCell:
    known = assumptions()
    price = known.get(f"cell.{tier}.{platform}.price_cny")
    size = known.get(f"cell.{tier}.{platform}.followers")
    rate = known.get(f"cell.{tier}.{platform}.engagement_rate_by_followers")
    usual = {
        "price_cny": price.value if price else None,
        "followers": size.value if size else None,
        "engagement_rate": rate.value if rate else tier_value(tier, "engagement_rate_by_followers"),
        "on_target_share": tier_value(tier, "on_target_share"),
        "supply": tier_value(tier, "supply"),
    }
    own = tuple(name for name in usual if given.get(name) is not None)
    value = {name: given[name] if name in own else usual[name] for name in usual}
    status: Status = "on"
    if given.get("bookable") is False:
        status = "off"
    elif value["price_cny"] is None or value["followers"] is None:
        status = "no_source" if not sourced(tier, platform) else "off"
    return MixCell(
        tier=tier,
        platform=platform,
        status=status,
        price_cny=value["price_cny"],
        followers=value["followers"],
        engagement_rate=float(value["engagement_rate"] or 0.0),
        on_target_share=float(value["on_target_share"] or 0.0),
        supply=int(value["supply"] or 0),
        own=own,
        price_source=None if "price_cny" in own else price,
    )


def _column(values: Sequence[float]) -> Array:
    return np.array(values, float)[:, None]


def _by_tier(cells: Sequence[MixCell], field: str) -> Array:
    return _column([tier_value(cell.tier, field) for cell in cells])


def measures(
    cells: Sequence[MixCell], facts: Facts, values: Mapping[str, Array | float]
) -> Measures:
    """Cost and yield of one collaboration in each cell, at `values` or in each of their draws."""

    def given(name: str) -> Array:
        return np.atleast_1d(np.asarray(values[name], float))[None, :]

    posts = given("posts_per_account")
    followers = _column([cell.followers or 0.0 for cell in cells])
    authentic = 1 - _by_tier(cells, "fake_view_weight") * given("fake_view_share")
    small = _column([cell.tier in SMALL for cell in cells])
    contacts = np.where(
        small > 0,
        np.maximum(1, 1 / given("collaboration_rate")),
        _by_tier(cells, "contacts_per_collaboration"),
    )
    stages = StageHours(
        *(
            _by_tier(cells, f"hours_{stage}") * given("hours_factor")
            for stage in ("find", "assess", "match", "contact", "manage")
        )
    )
    hours = labour_hours(
        stages,
        contacts_per_collaboration=contacts,
        automation_share=given("automation_share"),
    )
    counted = 1.0 if facts["count_labour"] else 0.0
    cost = true_cost(
        price_cny=_column([cell.price_cny or 0.0 for cell in cells])
        * given("price_factor")
        * posts,
        hours=hours,
        wage_cny_per_hour=given("wage_cny_per_hour") * counted,
        contacts_per_collaboration=contacts,
        cost_per_contact_cny=given("cost_per_contact_cny") * counted,
        product_cost_cny=_by_tier(cells, "product_given_share")
        * given("average_order_value_cny")
        * (1 - given("gross_margin")),
    )
    on_target = np.minimum(
        1, _column([c.on_target_share for c in cells]) * given("on_target_factor")
    )
    rate = _column([c.engagement_rate for c in cells]) * given("engagement_factor")
    reached = account_reach(
        followers=followers,
        authentic_share=authentic,
        on_target_share=on_target,
        view_rate=given("view_rate"),
        posts=posts,
    )
    return Measures(
        price=cost.price,
        labour=cost.labour,
        outreach=cost.outreach,
        product=cost.product,
        hours=hours,
        contacts=contacts,
        impressions=impressions(
            followers=followers,
            authentic_share=authentic,
            view_rate=given("view_rate"),
            posts=posts,
        ),
        naive_impressions=impressions(followers=followers, posts=posts),
        engagements=engagements(
            followers=followers, engagement_rate_by_followers=np.minimum(1, rate), posts=posts
        ),
        reached=reached,
        rho=reached / given("universe_people"),
    )
