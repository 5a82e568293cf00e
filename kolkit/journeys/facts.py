"""From inputs to plain numbers: what each one is, where it comes from, how uncertain it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from kolkit.assumptions import Assumption
from kolkit.inputs import Declared, Section, assumption_of
from kolkit.models.uncertainty import Distribution, Pert

Origin = Literal["default", "client", "file"]


@dataclass(frozen=True)
class Fact:
    """One input as the models use it.

    `value` is a number, a word or a switch; `origin` says whether it is the sourced default, the
    client's own, or counted in a file. `low` and `high` are the plausible range around the value
    (None: not drawn).
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


@dataclass(frozen=True)
class Facts:
    """All inputs of a journey by name, and the distributions of those that are drawn."""

    by_name: Mapping[str, Fact]
    measured: Mapping[str, Distribution] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.by_name[name].value

    def known(self, name: str, value: float) -> "Facts":
        """The same facts with one input known to have a value."""
        fact = replace(self.by_name[name], value=value, low=None, high=None)
        return Facts({**self.by_name, name: fact}, self.measured)

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
    sections: Iterable[Section], *, category: str, counted: Mapping[str, float] | None = None
) -> dict[str, Fact]:
    """Every declared input of the sections; `counted` values from a file replace the given ones."""
    counted = counted or {}
    facts: dict[str, Fact] = {}
    for section in sections:
        for name, info, declared in section.declared():
            given = getattr(section, name)
            known = assumption_of(declared, category=category)
            limits = (
                next((m.ge for m in info.metadata if hasattr(m, "ge")), None),
                next((m.le for m in info.metadata if hasattr(m, "le")), None),
            )
            origin: Origin = "client" if name in section.model_fields_set else "default"
            value = given
            if value is None and declared.source == "category" and known:
                value = known.value
            if name in counted:
                value, origin = counted[name], "file"
            certain = origin == "file" or (origin == "client" and declared.known_once_given)
            low = high = None
            if declared.drawn and known and known.low is not None and not certain:
                low, high = _range(value, known, limits)
            facts[name] = Fact(
                section=section.name,
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
            )
    return facts
