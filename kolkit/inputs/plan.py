"""How one budget is split over the journeys, and what flows from one to the next."""

from typing import Annotated, ClassVar

from pydantic import Field

from kolkit.inputs.base import Declared, Knob, Section, from_data, whole_from_data
from kolkit.words import N_

_SHARE = Declared("share", Knob("split", (0, 1, 0.05)))
_FREE = N_("Left out, the best split is used.")


class Plan(Section):
    """One budget over tier mix, private pool and livestream."""

    name: ClassVar[str] = "plan"

    include_tier_mix: Annotated[bool, Declared(knob=Knob("split"))] = Field(
        True, title=N_("With the tier mix")
    )
    include_private_pool: Annotated[bool, Declared(knob=Knob("split"))] = Field(
        True, title=N_("With the private pool")
    )
    include_livestream: Annotated[bool, Declared(knob=Knob("split"))] = Field(
        True, title=N_("With the livestream")
    )
    share_tier_mix: Annotated[float | None, Field(ge=0, le=1), _SHARE] = Field(
        None, title=N_("Tier mix, share of budget"), description=_FREE
    )
    share_private_pool: Annotated[float | None, Field(ge=0, le=1), _SHARE] = Field(
        None, title=N_("Private pool, share of budget"), description=_FREE
    )
    share_livestream: Annotated[float | None, Field(ge=0, le=1), _SHARE] = Field(
        None, title=N_("Livestream, share of budget"), description=_FREE
    )
    sessions_cap: Annotated[
        int, Field(ge=0, le=50), Declared("count", Knob("split", (0, 12, 1)), "plan.sessions_cap")
    ] = Field(
        whole_from_data("plan.sessions_cap"),
        title=N_("Livestream sessions, at most"),
        description=N_("Every session is taken to be like the one on offer."),
    )
    buyer_join_rate: Annotated[
        float,
        Field(ge=0, le=1),
        Declared("share", Knob("split", (0, 0.6, 0.01)), "plan.buyer_join_rate", drawn=True),
    ] = Field(
        from_data("plan.buyer_join_rate"),
        title=N_("Livestream buyers who join the pool"),
        description=N_("Share of genuine buyers; own orders join nothing."),
    )
