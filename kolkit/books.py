"""The workbooks: for each journey its engine, words, charts, and the groups of knobs that show.

A new journey is one section of inputs, one file each in `journeys`, `text` and `charts`, a short
notebook, and one entry here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from kolkit.charts import livestream as livestream_charts
from kolkit.charts import plan as plan_charts
from kolkit.charts import private_pool as private_pool_charts
from kolkit.charts import start as start_charts
from kolkit.charts import tier_mix as tier_mix_charts
from kolkit.inputs import Brief
from kolkit.journeys import livestream, mix_plan, plan, private_pool, start, tier_mix
from kolkit.orders import OrderCounts
from kolkit.text import (
    cell_table,
    half_page,
    livestream_figures,
    plan_figures,
    private_pool_figures,
    terms,
    tier_mix_figures,
    tier_mix_plan,
)
from kolkit.text import livestream as livestream_text
from kolkit.text import plan as plan_text
from kolkit.text import private_pool as private_pool_text
from kolkit.text import start as start_text
from kolkit.text import tier_mix as tier_mix_text
from kolkit.text.parts import Answer, FigureWords
from kolkit.words import N_, Words


@dataclass(frozen=True)
class Figure:
    """How one figure is drawn and what stands around it."""

    draw: Callable[[Words, Any], go.Figure]
    tell: Callable[[Words, Any], FigureWords]


@dataclass(frozen=True)
class Book:
    """One workbook.

    `figures`: at most four, one wide, two beside each other, one wide. `groups` of knobs show at
    once, in this order; the others fold. `details` are what the answer carries besides sentence
    and tiles, such as a term sheet. `takes_orders`: an order file replaces assumed figures.
    `tables` are the columns and rows of the inputs that are edited as tables. `chosen` is what the
    optimiser made of inputs that may be left free. `stake` is the key of
    `numbers` that scenarios are compared by, RMB, and what readers call it inside a sentence.
    """

    key: str
    notebook: str
    title: str
    question: str
    run: Callable[[Brief, OrderCounts | None], Any]
    answer: Callable[[Words, Any], Answer]
    numbers: Callable[[Any], Mapping[str, float | None]]
    formulas: Callable[[Words], list[tuple[str, str]]]
    limits: Callable[[Words], list[str]]
    figures: Mapping[str, Figure]
    groups: tuple[str, ...]
    stake: tuple[str, str]
    details: Callable[[Words, Any], dict[str, Any]] = field(default=lambda t, case: {})
    takes_orders: bool = False
    tables: Callable[[Words, Any], dict[str, Any]] = field(default=lambda t, case: {})
    chosen: Callable[[Any], dict[str, float]] = field(default=lambda case: {})

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        """Travels to another process by its key."""
        return _book, (self.key,)


def _book(key: str) -> Book:
    return BOOKS[key]


def _cells(t: Words, case: Any) -> dict[str, Any]:
    rows = cell_table.cell_table(t, mix_plan.all_cells(case.facts))
    return {"cells": {"columns": cell_table.columns(t), "rows": rows}}


START = Book(
    key="start",
    notebook="00_start_here.ipynb",
    title=N_("Start"),
    question=N_("What does one order leave, and how ready is the brand for a private pool?"),
    run=start.run,
    answer=start_text.answer,
    numbers=start_text.numbers,
    formulas=start_text.formulas,
    limits=start_text.limits,
    figures={
        "order": Figure(start_charts.order, start_text.order),
        "readiness": Figure(start_charts.readiness, start_text.readiness),
    },
    groups=("brand", "goal", "start"),
    stake=("contribution_per_order_cny", N_("what one order leaves")),
)

TIER_MIX = Book(
    key="tier_mix",
    notebook="01_tier_mix.ipynb",
    title=N_("Tier mix"),
    question=N_("Which celebrities, KOLs, micro-KOLs and KOCs to book, and at what true price?"),
    run=tier_mix.run,
    answer=tier_mix_text.answer,
    numbers=tier_mix_text.numbers,
    formulas=tier_mix_text.formulas,
    limits=tier_mix_text.limits,
    figures={
        "ranking": Figure(tier_mix_charts.ranking, tier_mix_figures.ranking),
        "bridge": Figure(tier_mix_charts.bridge, tier_mix_figures.bridge),
        "plan": Figure(tier_mix_charts.plan, tier_mix_plan.plan),
        "budget": Figure(tier_mix_charts.budget, tier_mix_figures.budget),
    },
    groups=("goal", "market", "mix"),
    chosen=lambda case: mix_plan.booked(case.plan),
    stake=("mix_profit_p50_cny", N_("the profit of the posts (P50)")),
    tables=_cells,
)

PRIVATE_POOL = Book(
    key="private_pool",
    notebook="03_private_pool.ipynb",
    title=N_("Private pool"),
    question=N_("How large a pool to build, with how many people, and when does it pay?"),
    run=private_pool.run,
    answer=private_pool_text.answer,
    numbers=private_pool_text.numbers,
    formulas=private_pool_text.formulas,
    limits=private_pool_text.limits,
    figures={
        "cash": Figure(private_pool_charts.cash, private_pool_figures.cash),
        "retention": Figure(private_pool_charts.retention, private_pool_figures.retention),
        "capacity": Figure(private_pool_charts.capacity, private_pool_figures.capacity),
        "acquisition": Figure(private_pool_charts.acquisition, private_pool_figures.acquisition),
    },
    groups=("goal", "pool", "retention"),
    stake=("pool_profit_p50_cny", N_("the profit of the pool (P50)")),
)

LIVESTREAM = Book(
    key="livestream",
    notebook="04_livestream.ipynb",
    title=N_("Livestream"),
    question=N_("How much of a session’s reported sales is real, and which contract to sign?"),
    run=livestream.run,
    answer=livestream_text.answer,
    details=terms.details,
    numbers=livestream_text.numbers,
    formulas=livestream_text.formulas,
    limits=livestream_text.limits,
    figures={
        "decomposition": Figure(livestream_charts.decomposition, livestream_figures.decomposition),
        "base_rate": Figure(livestream_charts.base_rate, livestream_figures.base_rate),
        "contracts": Figure(livestream_charts.contracts, livestream_figures.contracts),
        "waterfall": Figure(livestream_charts.waterfall, livestream_figures.waterfall),
    },
    groups=("brand", "session", "deal"),
    stake=("offered_profit_p50_cny", N_("the profit as offered (P50)")),
    takes_orders=True,
)

PLAN = Book(
    key="plan",
    notebook="05_plan.ipynb",
    title=N_("Plan"),
    question=N_("How to split one budget, what it earns, and what to measure first?"),
    run=plan.run,
    answer=plan_text.answer,
    details=half_page.details,
    numbers=plan_text.numbers,
    formulas=plan_text.formulas,
    limits=plan_text.limits,
    figures={
        "flow": Figure(plan_charts.flow, plan_figures.flow),
        "split": Figure(plan_charts.split, plan_figures.split),
        "drivers": Figure(plan_charts.drivers, plan_figures.drivers),
        "risk": Figure(plan_charts.risk, plan_figures.risk),
    },
    groups=("goal", "split"),
    chosen=plan.chosen,
    stake=("profit_p50_cny", N_("the profit of the plan (P50)")),
    tables=_cells,
    takes_orders=True,
)

BOOKS: dict[str, Book] = {
    book.key: book for book in (START, TIER_MIX, PRIVATE_POOL, LIVESTREAM, PLAN)
}
"""Every workbook by its journey, in the order in which a client walks through them."""


def chapters_of(brief: Brief) -> tuple[Book, ...]:
    """The workbooks that a report on this brief runs; the plan speaks for all and comes last."""
    included = {
        "tier_mix": brief.plan.include_tier_mix,
        "private_pool": brief.plan.include_private_pool,
        "livestream": brief.plan.include_livestream,
    }
    return (*(BOOKS[key] for key, wanted in included.items() if wanted), PLAN)
