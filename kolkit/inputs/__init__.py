"""Every input, declared once.

From these declarations come the messages, the sliders, the papermill `parameters` cell, the JSON
Schema of a brief and the assumptions ledger. One file a section; names are unique over all of them,
because a notebook's parameters are flat.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import Field
from pydantic.fields import FieldInfo

from kolkit.assumptions import Assumption, assumption, category_return_rates
from kolkit.inputs.alternative import Alternative, Alternatives
from kolkit.inputs.base import Declared, Knob, Name, Section
from kolkit.inputs.brand import Brand
from kolkit.inputs.livestream import Livestream
from kolkit.inputs.look import Look
from kolkit.inputs.plan import Plan
from kolkit.inputs.private_pool import PrivatePool
from kolkit.inputs.readiness import Readiness
from kolkit.inputs.tier_mix import TierMix
from kolkit.words import N_

__all__ = [
    "JOURNEYS",
    "SECTIONS",
    "Alternative",
    "Brand",
    "Brief",
    "Declared",
    "Knob",
    "Livestream",
    "Look",
    "Plan",
    "PrivatePool",
    "Readiness",
    "Section",
    "TierMix",
    "assumption_of",
    "default_of",
    "inputs_of",
]


class Brief(Section):
    """One client and scenario: what a report or a dashboard is made from."""

    client: Name = Field(title=N_("Client"))
    scenario: Name = Field("Base case", title=N_("Scenario"))
    brand: Brand = Field(default_factory=lambda: Brand())
    tier_mix: TierMix = Field(default_factory=lambda: TierMix())
    private_pool: PrivatePool = Field(default_factory=lambda: PrivatePool())
    livestream: Livestream = Field(default_factory=lambda: Livestream())
    plan: Plan = Field(default_factory=lambda: Plan())
    readiness: Readiness = Field(default_factory=lambda: Readiness())
    report: Look = Field(default_factory=lambda: Look())
    scenarios: Alternatives = Field(default_factory=list, title=N_("Scenarios beside this one"))


SECTIONS: dict[str, type[Section]] = {
    s.name: s for s in (Brand, TierMix, PrivatePool, Livestream, Plan, Readiness, Look)
}
JOURNEYS: dict[str, tuple[type[Section], ...]] = {
    "start": (Brand, Readiness),
    "tier_mix": (Brand, TierMix),
    "private_pool": (Brand, PrivatePool),
    "livestream": (Brand, Livestream),
    "plan": (Brand, TierMix, PrivatePool, Livestream, Plan),
}
"""The sections whose inputs each journey's notebook takes as parameters."""


def inputs_of(journey: str) -> Iterator[tuple[type[Section], str, FieldInfo, Declared]]:
    """Every input that a journey uses: section, name, field and declaration, in order."""
    for model in JOURNEYS[journey]:
        for name, field, declared in model.declared():
            if not declared.journeys or journey in declared.journeys:
                yield model, name, field, declared


def default_of(field: FieldInfo) -> Any:
    """The value an input takes when nothing is given."""
    return field.get_default(call_default_factory=True)


def assumption_of(declared: Declared, *, category: str) -> Assumption | None:
    """The sourced assumption behind an input; the base return rate's depends on the category."""
    if not declared.source:
        return None
    if declared.source == "category":
        return category_return_rates()[category]
    return assumption(declared.source)
