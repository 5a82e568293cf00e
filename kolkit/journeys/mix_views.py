"""Views of an influencer mix: how its ranking moves, what a printed CPM leaves out, its work."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil

import numpy as np

from kolkit.journeys.facts import Facts
from kolkit.journeys.mix_plan import MixPlan
from kolkit.journeys.tier_cells import SMALL, Measures, MixCell, tier_value
from kolkit.models.outreach import contacts_needed
from kolkit.models.pool import HOURS_PER_MONTH
from kolkit.models.tiers import tipping_fake_share, tipping_hours, tipping_wage

LARGEST_SHARE = 0.6
"""Views that are not people beyond which no ranking is told."""

WORKING_DAYS = 21
"""Working days of a month on which messages are sent."""


@dataclass(frozen=True)
class Workload:
    """What a plan takes in work up to the horizon.

    `contacts`: small accounts to contact, enough in 95 of 100 cases. `senders`: fewest people with
    whom that many messages are sent by the horizon (0 without contacts). `hours` of all five
    stages, and `people`: full-time jobs over the whole horizon that these hours fill, not rounded.
    """

    contacts: int
    senders: int
    people: float
    hours: float


def workload(facts: Facts, plan: MixPlan) -> Workload:
    """Contacts, senders and people that any plan takes up to the horizon."""
    months = facts["horizon_months"]
    small = sum(
        count for count, cell in zip(plan.counts, plan.cells, strict=True) if cell.tier in SMALL
    )
    contacts = contacts_needed(small, facts["collaboration_rate"])
    sent = facts["contacts_per_sender_day"] * WORKING_DAYS * months
    hours = plan.solved.hours
    return Workload(contacts, ceil(contacts / sent), hours / (HOURS_PER_MONTH * months), hours)


@dataclass(frozen=True)
class Flip:
    """At `share` of views that are not people `better` becomes cheaper per view than `worse`."""

    share: float
    better: MixCell
    worse: MixCell


@dataclass(frozen=True)
class Tipping:
    """What would make a cell as dear as `rival`, the cheapest cell of another tier.

    `rival_cpm`: RMB per 1,000 views by people of the target group. Hours per collaboration, RMB an
    hour, or share of views that are not people; None where no such value exists.
    """

    rival: MixCell
    rival_cpm: float
    hours: float | None
    wage: float | None
    fake_view_share: float | None


@dataclass(frozen=True)
class Bridge:
    """A micro-KOL's cost per 1,000 views, step by step, RMB.

    `steps` are (name, amount added); the first is the quoted price over all followers, `paid` is
    what stands before views are counted honestly, and all lead to `true`, per 1,000 views by people
    of the target group. `hours` stand behind one collaboration. `tipping`: None without a rival.
    """

    cell: MixCell
    steps: tuple[tuple[str, float], ...]
    true: float
    paid: float
    hours: float
    tipping: Tipping | None


def flips_of(cells: Sequence[MixCell], at: Measures, fake_view_share: float) -> tuple[Flip, ...]:
    """Where two cells change places by true CPM as views that are not people rise, in order."""
    weights = [tier_value(cell.tier, "fake_view_weight") for cell in cells]
    clean = [
        1000
        * float(at.cost[row, 0])
        / float(at.impressions[row, 0])
        * (1 - weight * fake_view_share)
        for row, weight in enumerate(weights)
    ]
    found = []
    for one, other in combinations(range(len(cells)), 2):
        if weights[one] == weights[other]:
            continue
        share = tipping_fake_share(
            rate=(clean[one], clean[other]), fake_view_weight=(weights[one], weights[other])
        )
        if 0 < share <= LARGEST_SHARE:
            gains = one if weights[one] < weights[other] else other
            loses = other if gains == one else one
            found.append(Flip(share, cells[gains], cells[loses]))
    return tuple(sorted(found, key=lambda flip: flip.share))


def _on_target_cpm(cells: Sequence[MixCell], at: Measures, facts: Facts) -> np.ndarray:
    share = np.minimum(1, [c.on_target_share * facts["on_target_factor"] for c in cells])
    return 1000 * at.cost[:, 0] / (at.impressions[:, 0] * np.maximum(share, 1e-9))


def _between(value: float | None, low: float, high: float) -> float | None:
    return value if value is not None and low < value < high else None


def bridge_of(facts: Facts, cells: Sequence[MixCell], at: Measures) -> Bridge | None:
    """The bridge of the book's micro-KOL on Weibo, or of the first active micro-KOL, or cell."""
    if not cells:
        return None
    order = sorted(
        range(len(cells)),
        key=lambda j: (cells[j].tier != "micro_kol", cells[j].platform != "weibo"),
    )
    row, cell = order[0], cells[order[0]]
    views = float(at.naive_impressions[row, 0])

    def per_view(amount: float) -> float:
        return 1000 * amount / views

    price = per_view(float(at.price[row, 0]))
    product = per_view(float(at.product[row, 0]))
    labour = per_view(float(at.labour[row, 0]) + float(at.outreach[row, 0]))
    paid = price + product + labour
    people = paid / (1 - tier_value(cell.tier, "fake_view_weight") * facts["fake_view_share"])
    seen = people / facts["view_rate"]
    every = _on_target_cpm(cells, at, facts)
    true = float(every[row])
    steps = [("price", price), ("product", product)]
    if facts["count_labour"]:
        steps.append(("labour", labour))
    steps += [
        ("not_people", people - paid),
        ("not_seen", seen - people),
        ("off_target", true - seen),
    ]
    return Bridge(
        cell=cell,
        steps=tuple(steps),
        true=true,
        paid=paid,
        hours=float(at.hours[row, 0]),
        tipping=_tipping(facts, cells, at, every, row),
    )


def _tipping(
    facts: Facts, cells: Sequence[MixCell], at: Measures, cpm: np.ndarray, row: int
) -> Tipping | None:
    """The rival of a cell, and at which hours, wage or share of other views they are equal."""
    others = [j for j, cell in enumerate(cells) if cell.tier != cells[row].tier]
    if not others:
        return None
    best = min(others, key=lambda j: cpm[j])
    pair = (row, best)
    # Thousands of views by people of the target group.
    output = [float(at.cost[j, 0] / cpm[j]) for j in pair]
    fixed = [float(at.cost[j, 0] - at.labour[j, 0]) for j in pair]
    weights = [tier_value(cells[j].tier, "fake_view_weight") for j in pair]
    clean = [
        float(cpm[j]) * (1 - weight * facts["fake_view_share"])
        for j, weight in zip(pair, weights, strict=True)
    ]
    hours = wage = share = None
    if facts["count_labour"]:
        hours = tipping_hours(
            cost_without_labour_cny=fixed[0],
            wage_cny_per_hour=facts["wage_cny_per_hour"],
            output=output[0],
            rival_rate=float(cpm[best]),
        )
        wage = tipping_wage(
            cost_without_labour_cny=(fixed[0], fixed[1]),
            hours=(float(at.hours[row, 0]), float(at.hours[best, 0])),
            output=(output[0], output[1]),
        )
    if weights[0] != weights[1]:
        share = tipping_fake_share(
            rate=(clean[0], clean[1]), fake_view_weight=(weights[0], weights[1])
        )
    return Tipping(
        rival=cells[best],
        rival_cpm=float(cpm[best]),
        hours=_between(hours, 0, 1e4),
        wage=_between(wage, 0, 1e4),
        fake_view_share=_between(share, 0, 1),
    )
