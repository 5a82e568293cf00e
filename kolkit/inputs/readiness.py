"""How far a brand is on the five steps to a private pool."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from kolkit.inputs.base import Declared, Knob, Section
from kolkit.words import N_

Level = Literal["none", "begun", "done"]
LEVELS = (("none", N_("not begun")), ("begun", N_("begun")), ("done", N_("in place")))


class Readiness(Section):
    """The five steps (Dudarenok & Engholm 2020, chapter 8), as the brand itself sees them."""

    name: ClassVar[str] = "readiness"

    accounts_open: Annotated[
        int, Field(ge=0, le=7), Declared("count", Knob("start", (0, 7, 1)))
    ] = Field(
        0,
        title=N_("1 Accounts open, of 7"),
        description=N_("WeChat, Weibo, Xiaohongshu, Douyin; Tmall, Taobao, JD."),
    )
    acquisition_model: Annotated[Level, Declared(knob=Knob("start"), options=LEVELS)] = Field(
        "none",
        title=N_("2 Ways into the pool"),
        description=N_(
            "Parcel cards, shops, posts, ads and site all lead to one account or group."
        ),
    )
    pool_campaigns: Annotated[Level, Declared(knob=Knob("start"), options=LEVELS)] = Field(
        "none",
        title=N_("3 Campaigns of its own"),
        description=N_("Something members want and pass on: quizzes, posters, early access."),
    )
    maintenance: Annotated[Level, Declared(knob=Knob("start"), options=LEVELS)] = Field(
        "none",
        title=N_("4 People who look after it"),
        description=N_("Named staff with hours, a calendar, and more to say than discounts."),
    )
    sales_channel: Annotated[Level, Declared(knob=Knob("start"), options=LEVELS)] = Field(
        "none",
        title=N_("5 A sales channel of its own"),
        description=N_("Mini program or shop in which members order without a marketplace."),
    )
