"""The influencer mix: what counts, whom to reach, what is fixed, and changes to single cells."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from kolkit.inputs.base import Declared, Knob, Section, from_data, whole_from_data
from kolkit.inputs.cells import check_cells
from kolkit.words import N_


class TierMix(Section):
    """The influencer mix: what counts, whom to reach, what is fixed, and changes to cells."""

    name: ClassVar[str] = "tier_mix"

    objective: Annotated[
        Literal["reach", "engagements"],
        Declared(
            knob=Knob("mix"),
            options=(("reach", N_("people reached")), ("engagements", N_("engagements"))),
        ),
    ] = Field("reach", title=N_("Most of"), description=N_("What the mix is optimised for."))
    target_reach_people: Annotated[
        int | None,
        Field(ge=1, le=1_400_000_000),
        Declared("count", Knob("mix", (100_000, 10_000_000, 100_000))),
    ] = Field(
        None,
        title=N_("Target: people reached"),
        description=N_("Given, the least budget that reaches so many people is found."),
    )
    fake_view_share: Annotated[
        float,
        Field(ge=0, le=0.95),
        Declared("share", Knob("market", (0, 0.6, 0.01)), "tier_mix.fake_view_share", drawn=True),
    ] = Field(
        from_data("tier_mix.fake_view_share"),
        title=N_("Views that are not people"),
        description=N_("On the largest accounts; small ones carry a part of it."),
    )
    view_rate: Annotated[
        float,
        Field(ge=0.001, le=1),
        Declared("share", Knob("market", (0.05, 1, 0.01)), "tier_mix.view_rate", drawn=True),
    ] = Field(
        from_data("tier_mix.view_rate"),
        title=N_("Followers who see a post"),
        description=N_("Share of the people among the followers."),
    )
    universe_people: Annotated[
        int,
        Field(ge=10_000, le=1_400_000_000),
        Declared("count", Knob("market", (1_000_000, 100_000_000, 1_000_000)),
                 "tier_mix.universe_people"),
    ] = Field(
        whole_from_data("tier_mix.universe_people"),
        title=N_("People in the target group"),
    )  # fmt: skip
    order_rate_per_reached: Annotated[
        float,
        Field(ge=0, le=0.5),
        Declared("share", Knob("market", (0, 0.03, 0.0005)), "tier_mix.order_rate_per_reached",
                 known_once_given=True, drawn=True),
    ] = Field(
        from_data("tier_mix.order_rate_per_reached"),
        title=N_("Orders per person reached"),
        description=N_("Orders of the target group over people of it who saw at least one post."),
    )  # fmt: skip
    count_labour: Annotated[bool, Declared(knob=Knob("mix"))] = Field(
        True,
        title=N_("Count labour and outreach"),
        description=N_("Off, only the quoted price and the product count."),
    )
    posts_per_account: Annotated[
        int,
        Field(ge=1, le=52),
        Declared("count", Knob("mix", (1, 12, 1)), "tier_mix.posts_per_account"),
    ] = Field(
        whole_from_data("tier_mix.posts_per_account"),
        title=N_("Posts per account"),
        description=N_("Each is paid at the price of one post."),
    )
    lock_celebrity: Annotated[
        int | None, Field(ge=0, le=1_000_000), Declared("count", Knob("locks", (0, 10, 1)))
    ] = Field(None, title=N_("Celebrities, exactly"))
    lock_kol: Annotated[
        int | None, Field(ge=0, le=1_000_000), Declared("count", Knob("locks", (0, 200, 1)))
    ] = Field(None, title=N_("KOLs, exactly"))
    lock_micro_kol: Annotated[
        int | None, Field(ge=0, le=1_000_000), Declared("count", Knob("locks", (0, 3000, 10)))
    ] = Field(None, title=N_("Micro-KOLs, exactly"))
    lock_koc: Annotated[
        int | None, Field(ge=0, le=1_000_000), Declared("count", Knob("locks", (0, 10_000, 50)))
    ] = Field(None, title=N_("KOCs, exactly"))
    hours_cap: Annotated[
        float | None,
        Field(ge=0, le=10_000_000),
        Declared("hours", Knob("locks", (0, 40_000, 100))),
    ] = Field(
        None,
        title=N_("Working hours at most"),
        description=N_("Left out, hours are bought at the wage."),
    )
    audience_concentration: Annotated[
        float,
        Field(ge=0.01, le=1),
        Declared("share", Knob("more", (0.05, 1, 0.05)), "tier_mix.audience_concentration",
                 drawn=True),
    ] = Field(
        from_data("tier_mix.audience_concentration"),
        title=N_("Part of the target group that can be reached"),
        description=N_("Low, the accounts share one niche and overlap; 100 % is chance overlap."),
    )  # fmt: skip
    on_target_factor: Annotated[
        float,
        Field(ge=0.05, le=3),
        Declared("ratio", Knob("more", (0.3, 1.5, 0.05)), "tier_mix.on_target_factor", drawn=True),
    ] = Field(
        from_data("tier_mix.on_target_factor"),
        title=N_("On-target share against the table"),
        description=N_("Moves every tier’s share of followers in the target group."),
    )
    price_factor: Annotated[
        float,
        Field(ge=0.05, le=20),
        Declared("ratio", Knob("more", (0.3, 3, 0.05)), "tier_mix.price_factor", drawn=True),
    ] = Field(
        from_data("tier_mix.price_factor"),
        title=N_("Prices against the table"),
        description=N_("Moves every quoted price."),
    )
    engagement_factor: Annotated[
        float,
        Field(ge=0.05, le=10),
        Declared("ratio", Knob("more", (0.3, 3, 0.05)), "tier_mix.engagement_factor", drawn=True),
    ] = Field(
        from_data("tier_mix.engagement_factor"),
        title=N_("Engagement against the table"),
        description=N_("Moves every tier’s engagement rate."),
    )
    hours_factor: Annotated[
        float,
        Field(ge=0, le=10),
        Declared("ratio", Knob("more", (0.2, 3, 0.05)), "tier_mix.hours_factor",
                 known_once_given=True, drawn=True),
    ] = Field(
        from_data("tier_mix.hours_factor"),
        title=N_("Working hours against the table"),
        description=N_("Moves the hours of all five stages."),
    )  # fmt: skip
    automation_share: Annotated[
        float,
        Field(ge=0, le=1),
        Declared("share", Knob("more", (0, 1, 0.05)), "tier_mix.automation_share"),
    ] = Field(
        from_data("tier_mix.automation_share"),
        title=N_("Outreach done by tools"),
        description=N_("Finding, assessing, matching and contacting; care stays with people."),
    )
    collaboration_rate: Annotated[
        float,
        Field(ge=0.005, le=1),
        Declared("share", Knob("more", (0.02, 1, 0.01)), "tier_mix.collaboration_rate",
                 known_once_given=True, drawn=True),
    ] = Field(
        from_data("tier_mix.collaboration_rate"),
        title=N_("Small accounts that agree"),
        description=N_("Of ten contacted, two respond and one collaborates."),
    )  # fmt: skip
    cost_per_contact_cny: Annotated[
        float,
        Field(ge=0, le=10_000),
        Declared("CNY", Knob("more", (0, 50, 1)), "tier_mix.cost_per_contact_cny",
                 known_once_given=True, drawn=True),
    ] = Field(
        from_data("tier_mix.cost_per_contact_cny"),
        title=N_("Cost of one contact besides labour"),
        description=N_("Tools and message fees."),
    )  # fmt: skip
    senders: Annotated[
        int, Field(ge=1, le=10_000), Declared("count", Knob("more", (1, 50, 1)), "tier_mix.senders")
    ] = Field(whole_from_data("tier_mix.senders"), title=N_("People who send messages"))
    contacts_per_sender_day: Annotated[
        int,
        Field(ge=1, le=10_000),
        Declared("count", Knob("more", (5, 200, 5)), "tier_mix.contacts_per_sender_day"),
    ] = Field(
        whole_from_data("tier_mix.contacts_per_sender_day"),
        title=N_("Messages per sender and day"),
    )
    pool_join_rate_per_reached: Annotated[
        float,
        Field(ge=0, le=0.5),
        Declared("share", Knob("more", (0, 0.01, 0.0001)), "tier_mix.pool_join_rate_per_reached",
                 known_once_given=True, drawn=True),
    ] = Field(
        from_data("tier_mix.pool_join_rate_per_reached"),
        title=N_("Pool joins per person reached"),
    )  # fmt: skip
    crisis_correlation: Annotated[
        float,
        Field(ge=0, le=0.95),
        Declared("share", Knob("more", (0, 0.9, 0.05)), "tier_mix.crisis_correlation"),
    ] = Field(
        from_data("tier_mix.crisis_correlation"),
        title=N_("Correlation of crises"),
        description=N_("A shared agency or a platform’s crackdown hits several at once."),
    )
    cells: Annotated[
        list[dict[str, Any]],
        Field(max_length=48),
        AfterValidator(check_cells),
        Declared(knob=Knob("more", kind="table")),
    ] = Field(
        default_factory=list,
        title=N_("Changes to single tiers and platforms"),
        description=N_("Own prices and sizes; a cell without a source needs both."),
    )
