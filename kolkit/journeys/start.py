"""Where a brand stands: what one order leaves, and how ready it is for a private pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kolkit.inputs import Brief
from kolkit.journeys.facts import Facts, gather
from kolkit.models.uncertainty import Array, Interval, interval
from kolkit.models.unit_economics import contribution_per_order
from kolkit.orders import OrderCounts

LEVEL = {"none": 0.0, "begun": 0.5, "done": 1.0}
ACCOUNTS = 7
STEPS = (
    "accounts_open",
    "acquisition_model",
    "pool_campaigns",
    "maintenance",
    "sales_channel",
)


def contribution(values: Mapping[str, Array | float]) -> Array:
    """What an order on a marketplace leaves, RMB, from named inputs or their draws."""
    return contribution_per_order(
        average_order_value_cny=values["average_order_value_cny"],
        gross_margin=values["gross_margin"],
        platform_fee_rate=values["platform_fee_rate"],
        base_return_rate=values["base_return_rate"],
        return_cost_per_order_cny=values["return_cost_per_order_cny"],
    )


@dataclass(frozen=True)
class StartCase:
    """What the first page says: an order's contribution in RMB, and the five steps as shares."""

    facts: Facts
    contribution: float
    steps: Mapping[str, float]

    @property
    def readiness(self) -> float:
        """Mean of the five steps, 0-1."""
        return sum(self.steps.values()) / len(self.steps)

    @property
    def next_step(self) -> str | None:
        """The first step that is not in place; None: all are."""
        return next((name for name, level in self.steps.items() if level < 1), None)

    @property
    def orders_to_earn_back(self) -> float:
        """Orders whose contribution equals the budget; infinite where an order earns nothing."""
        if self.contribution <= 0:
            return float("inf")
        return float(np.ceil(self.facts["budget_cny"] / self.contribution))

    @cached_property
    def contribution_interval(self) -> Interval:
        return interval(contribution(self.facts.drawn()))

    @cached_property
    def order_lines(self) -> tuple[tuple[str, float], ...]:
        """From the price of one order to its contribution, RMB, by line."""
        f = self.facts
        price, back = f["average_order_value_cny"], f["base_return_rate"]
        kept = price * (1 - back)
        return (
            ("price", price),
            ("returned", -price * back),
            ("goods", -kept * (1 - f["gross_margin"])),
            ("platform", -kept * f["platform_fee_rate"]),
            ("handling", -back * f["return_cost_per_order_cny"]),
        )


def run(brief: Brief, counts: OrderCounts | None = None) -> StartCase:
    """Where the brand stands."""
    facts = Facts(gather("start", brief))
    steps = {
        name: facts[name] / ACCOUNTS if name == "accounts_open" else LEVEL[facts[name]]
        for name in STEPS
    }
    return StartCase(facts, float(contribution(facts.centre())), steps)
