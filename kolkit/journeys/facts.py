"""From inputs to plain numbers: what each one is, where it comes from, how uncertain it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np

from kolkit.assumptions import Assumption
from kolkit.inputs import Brief, Declared, assumption_of, inputs_of
from kolkit.models.uncertainty import Array, Distribution, Pert, draw

Origin = Literal["default", "client", "file"]

DRAWS = 2000
"""Draws behind every interval; the same number everywhere, so that journeys add up to a plan."""


@dataclass(frozen=True)
class Fact:
    """One input as the models use it.

    `value` is a number, a word or a switch; `origin` says whether it is the sourced default, the
    client's own, or counted in a file. `low` and `high` are the plausible range around the value
    (None: not drawn). `whole` inputs count something, `optional` ones may be left free.
    """

    section: str
    name: str
    title: str
    description: str
    declared: Declared
    value: Any
    origin: Origin
    low: float | None
    high: float | None
    assumption: Assumption | None
    limits: tuple[float | None, float | None]
    whole: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Facts:
    """All inputs of a journey by name, and the distributions of those that are drawn.

    `idle` sections are at hand but nothing in the answer rests on them.
    """

    by_name: Mapping[str, Fact]
    measured: Mapping[str, Distribution] = field(default_factory=dict)
    idle: frozenset[str] = frozenset()

    def used(self) -> list[Fact]:
        """The inputs that the answer rests on, in order."""
        return [fact for fact in self.by_name.values() if fact.section not in self.idle]

    def __getitem__(self, name: str) -> Any:
        return self.by_name[name].value

    def known(self, name: str, value: float) -> "Facts":
        """The same facts with one input known to have a value."""
        fact = replace(self.by_name[name], value=value, low=None, high=None)
        return Facts({**self.by_name, name: fact}, self.measured, self.idle)

    def centre(self) -> dict[str, float]:
        """The numeric inputs at their most likely values."""
        return {
            name: fact.value
            for name, fact in self.by_name.items()
            if isinstance(fact.value, int | float) and not isinstance(fact.value, bool)
        }

    def drawn(self, *, draws: int = DRAWS) -> dict[str, Array]:
        """Every numeric input as an array of draws; what is known repeats its value.

        Inputs are drawn by name, so the same input has the same draws in every journey.
        """
        known = {name: np.full(draws, value) for name, value in self.centre().items()}
        return known | draw(self.distributions(), draws=draws, seed=self["seed"])

    def distributions(self) -> dict[str, Distribution]:
        """What is drawn: a range where it is an assumption, counts where a file was read."""
        drawn: dict[str, Distribution] = {
            name: Pert(fact.low, fact.value, fact.high)
            for name, fact in self.by_name.items()
            if fact.low is not None and fact.high is not None
        }
        return drawn | dict(self.measured)


def _range(
    value: float, known: Assumption, limits: tuple[float | None, float | None]
) -> tuple[float, float]:
    """The sourced range moved along with the value, so that it keeps its width."""
    assert known.low is not None
    assert known.high is not None
    low = value - (known.value - known.low)
    high = value + (known.high - known.value)
    if limits[0] is not None:
        low = max(low, limits[0])
    if limits[1] is not None:
        high = min(high, limits[1])
    return min(low, value), max(high, value)


def gather(
    journey: str, brief: Brief, *, counted: Mapping[str, float] | None = None
) -> dict[str, Fact]:
    """Every input that a journey uses; `counted` values from a file replace the given ones."""
    counted = counted or {}
    facts: dict[str, Fact] = {}
    for model, name, info, declared in inputs_of(journey):
        section = getattr(brief, model.name)
        known = assumption_of(declared, category=brief.brand.category)
        limits = (
            next((m.ge for m in info.metadata if hasattr(m, "ge")), None),
            next((m.le for m in info.metadata if hasattr(m, "le")), None),
        )
        origin: Origin = "client" if name in section.model_fields_set else "default"
        value = getattr(section, name)
        if value is None and declared.source == "category" and known:
            value = known.value
        if name in counted:
            value, origin = counted[name], "file"
        certain = origin == "file" or (origin == "client" and declared.known_once_given)
        low = high = None
        if declared.drawn and known and known.low is not None and value is not None and not certain:
            low, high = _range(value, known, limits)
        facts[name] = Fact(
            section=model.name,
            name=name,
            title=info.title or name,
            description=info.description or "",
            declared=declared,
            value=value,
            origin=origin,
            low=low,
            high=high,
            assumption=known,
            limits=limits,
            whole=int in (info.annotation, *get_args(info.annotation)),
            optional=type(None) in get_args(info.annotation),
        )
    return facts
