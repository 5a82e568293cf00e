"""Other scenarios that a brief wants beside its own: this brief with some inputs changed."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from kolkit.errors import InputError
from kolkit.inputs.base import Name, Section
from kolkit.inputs.brand import Brand
from kolkit.inputs.livestream import Livestream
from kolkit.inputs.plan import Plan
from kolkit.inputs.private_pool import PrivatePool
from kolkit.inputs.tier_mix import TierMix
from kolkit.words import N_

MOST = 3
"""Scenarios beside the brief's own: four columns are what a page holds."""


def _without_orders(section: Livestream) -> Livestream:
    own = {"orders_file", "orders_counted"} & section.model_fields_set
    if own:
        raise InputError(
            f"{min(own)} cannot change from scenario to scenario: all of them count the brief's "
            "own order file. Give the other session a brief of its own."
        )
    return section


class Alternative(BaseModel):
    """One other scenario: its name, and under each section only the inputs that differ."""

    model_config = Section.model_config

    name: Name = Field(title=N_("Scenario"))
    brand: Brand = Field(default_factory=lambda: Brand())
    tier_mix: TierMix = Field(default_factory=lambda: TierMix())
    private_pool: PrivatePool = Field(default_factory=lambda: PrivatePool())
    livestream: Annotated[Livestream, AfterValidator(_without_orders)] = Field(
        default_factory=lambda: Livestream()
    )
    plan: Plan = Field(default_factory=lambda: Plan())

    def inputs(self) -> dict[str, Any]:
        """The inputs that differ, flat."""
        sections = (self.brand, self.tier_mix, self.private_pool, self.livestream, self.plan)
        return {
            name: getattr(section, name)
            for section in sections
            for name in type(section).model_fields
            if name in section.model_fields_set
        }


def _told_apart(alternatives: list[Alternative]) -> list[Alternative]:
    if len(alternatives) > MOST:
        raise InputError(
            f"at most {MOST} scenarios stand beside the brief's own; got {len(alternatives)}. "
            "Keep those that the client has to choose from."
        )
    seen: set[str] = set()
    for alternative in alternatives:
        if alternative.name.casefold() in seen:
            raise InputError(f"{alternative.name} is the name of two scenarios; rename one.")
        seen.add(alternative.name.casefold())
        if not alternative.inputs():
            raise InputError(
                f"{alternative.name} changes no input: name a section and an input, such as "
                "`brand: {budget_cny: 1000000}`."
            )
    return alternatives


Alternatives = Annotated[list[Alternative], AfterValidator(_told_apart)]
