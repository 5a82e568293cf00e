"""Every input, declared once.

From these declarations come the messages, the sliders, the papermill `parameters` cell, the JSON
Schema of a brief and the assumptions ledger. Three ranges are kept apart: what is *allowed*
(`ge`, `le`), what a *slider* spans (`slider`), and what is *plausible* (in `data/`, by the key in
`source`); only the last is drawn at random. Shares are 0-1, money is RMB.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from kolkit.assumptions import Assumption, assumption, category_return_rates
from kolkit.words import N_

Unit = Literal["CNY", "share", "days", "months", "ratio", ""]


@dataclass(frozen=True)
class Knob:
    """How an input appears beside the charts: slider minimum, maximum and step, and its group.

    `visible` knobs show at once, the others fold; choices and switches need no slider range.
    """

    group: Literal["session", "deal", "brand", "more"]
    slider: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Declared:
    """What an input carries beyond its type: unit, knob, and the key of its assumption.

    `known_once_given`: a value from the client is a fact about the client and no longer drawn; for
    the others stay uncertain, with the width of the sourced range around the value.
    `drawn`: uncertain inputs are drawn; terms of a contract are not, though a source may give a
    usual range.
    `options` are the words for choices.
    """

    unit: Unit = ""
    knob: Knob | None = None
    source: str = ""
    known_once_given: bool = False
    drawn: bool = False
    options: tuple[tuple[str, str], ...] = ()


def _plain_name(text: str) -> str:
    if not text.strip() or text.startswith(".") or any(c in '<>/\\"|?*:' for c in text):
        raise ValueError("name")
    if any(not c.isprintable() for c in text):
        raise ValueError("name")
    return text


def _known_category(text: str) -> str:
    if text not in category_return_rates():
        raise ValueError("category")
    return text


Name = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_plain_name)]


def _default(key: str) -> float:
    return assumption(key).value


class Section(BaseModel):
    """A part of a brief: refuses unknown keys, wrong types, NaN and infinity."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
    name: ClassVar[str] = ""

    @classmethod
    def declared(cls) -> Iterator[tuple[str, FieldInfo, Declared]]:
        """Each input with its pydantic field and its declaration, in order."""
        for key, field in cls.model_fields.items():
            extra = next((m for m in field.metadata if isinstance(m, Declared)), Declared())
            yield key, field, extra


class Brand(Section):
    """Facts about the brand, said once and inherited by every workbook."""

    name: ClassVar[str] = "brand"

    category: Annotated[
        str,
        AfterValidator(_known_category),
        Declared(knob=Knob("session")),
    ] = Field("beauty", title=N_("Product category"))
    base_return_rate: Annotated[
        float | None,
        Field(ge=0, le=0.95),
        Declared("share", Knob("session", (0, 0.8, 0.01)), "category", drawn=True),
    ] = Field(
        None,
        title=N_("Base return rate"),
        description=N_("What the category returns anyway; left out, the category's own is used."),
    )
    average_order_value_cny: Annotated[
        float,
        Field(ge=1, le=100_000),
        Declared(
            "CNY",
            Knob("brand", (20, 2000, 10)),
            "brand.average_order_value_cny",
            known_once_given=True,
            drawn=True,
        ),
    ] = Field(_default("brand.average_order_value_cny"), title=N_("Average order"))
    gross_margin: Annotated[
        float,
        Field(ge=0, le=1),
        Declared(
            "share",
            Knob("brand", (0.1, 0.9, 0.01)),
            "brand.gross_margin",
            known_once_given=True,
            drawn=True,
        ),
    ] = Field(
        _default("brand.gross_margin"),
        title=N_("Gross margin"),
        description=N_(
            "Share of the price paid left after goods and delivery, before platform and streamer."
        ),
    )
    platform_fee_rate: Annotated[
        float,
        Field(ge=0, le=0.5),
        Declared(
            "share",
            Knob("more", (0, 0.15, 0.005)),
            "brand.platform_fee_rate",
            known_once_given=True,
            drawn=True,
        ),
    ] = Field(
        _default("brand.platform_fee_rate"),
        title=N_("Platform fee"),
        description=N_("Share of net sales that the platform keeps."),
    )
    return_cost_per_order_cny: Annotated[
        float,
        Field(ge=0, le=1000),
        Declared(
            "CNY",
            Knob("more", (0, 60, 1)),
            "brand.return_cost_per_order_cny",
            known_once_given=True,
            drawn=True,
        ),
    ] = Field(
        _default("brand.return_cost_per_order_cny"),
        title=N_("Cost of one return"),
        description=N_("Return parcel, inspection and repacking of one order."),
    )
    budget_cny: Annotated[
        float, Field(ge=0, le=1e10), Declared("CNY", None, "brand.budget_cny")
    ] = Field(_default("brand.budget_cny"), title=N_("Budget"))
    horizon_months: Annotated[
        int, Field(ge=1, le=60), Declared("months", None, "brand.horizon_months")
    ] = Field(int(_default("brand.horizon_months")), title=N_("Horizon"))


class Livestream(Section):
    """One livestream session as reported, and the contract on offer."""

    name: ClassVar[str] = "livestream"

    gmv_reported_cny: Annotated[
        float,
        Field(ge=1000, le=1e10),
        Declared(
            "CNY", Knob("session", (500_000, 20_000_000, 100_000)), "livestream.gmv_reported_cny"
        ),
    ] = Field(
        _default("livestream.gmv_reported_cny"),
        title=N_("Reported sales"),
        description=N_("What the streamer reports for the session, before returns."),
    )
    return_rate_observed: Annotated[
        float,
        Field(ge=0, le=1),
        Declared(
            "share", Knob("session", (0, 1, 0.01)), "livestream.return_rate_observed", drawn=True
        ),
    ] = Field(
        _default("livestream.return_rate_observed"),
        title=N_("Total return rate"),
        description=N_("Returned value over reported value, after the return window."),
    )
    orders_file: Annotated[str, Field(max_length=1000), Declared()] = Field(
        "",
        title=N_("Order file"),
        description=N_("CSV, XLSX or Parquet of orders with refunds; it replaces assumed figures."),
    )
    orders_scope: Annotated[
        Literal["session", "sample"],
        Declared(
            knob=Knob("more"),
            options=(("session", N_("the whole session")), ("sample", N_("a sample of it"))),
        ),
    ] = Field(
        "session",
        title=N_("The order file is"),
        description=N_("A whole session also gives reported sales and average order."),
    )
    orders_counted: Annotated[dict[str, Any], Declared()] = Field(
        default_factory=dict,
        title=N_("Counted in the order file"),
        description=N_("Filled when a report is made, so that its notebooks need no file."),
    )
    next_session_factor: Annotated[
        float,
        Field(ge=0.05, le=10),
        Declared(
            "ratio", Knob("more", (0.2, 2, 0.05)), "livestream.next_session_factor", drawn=True
        ),
    ] = Field(
        _default("livestream.next_session_factor"),
        title=N_("Size of the next session"),
        description=N_("Genuine sales of the session on offer over those of the reported one."),
    )
    session_age_days: Annotated[
        int,
        Field(ge=0, le=3650),
        Declared("days", Knob("more", (0, 90, 1)), "livestream.session_age_days"),
    ] = Field(
        int(_default("livestream.session_age_days")),
        title=N_("Days since the session"),
        description=N_("Younger than the return window: returns are still coming in."),
    )
    slot_fee_cny: Annotated[
        float,
        Field(ge=0, le=1e9),
        Declared("CNY", Knob("deal", (0, 3_000_000, 10_000)), "livestream.slot_fee_cny"),
    ] = Field(_default("livestream.slot_fee_cny"), title=N_("Slot fee"))
    guarantee_cny: Annotated[
        float | None,
        Field(ge=0, le=1e10),
        Declared("CNY", Knob("deal", (0, 10_000_000, 50_000)), "livestream.guarantee_to_fee"),
    ] = Field(
        None,
        title=N_("Guaranteed sales"),
        description=N_("Left out, it equals the slot fee, as is usual."),
    )
    commission_rate: Annotated[
        float,
        Field(ge=0, le=1),
        Declared("share", Knob("deal", (0, 0.5, 0.01)), "livestream.commission_rate"),
    ] = Field(_default("livestream.commission_rate"), title=N_("Commission"))
    commission_base: Annotated[
        Literal["gross", "net"],
        Declared(
            knob=Knob("deal"),
            options=(("gross", N_("gross sales")), ("net", N_("net of returns"))),
        ),
    ] = Field("gross", title=N_("Commission on"))
    guarantee_base: Annotated[
        Literal["gross", "net"],
        Declared(
            knob=Knob("deal"),
            options=(("gross", N_("gross sales")), ("net", N_("net of returns"))),
        ),
    ] = Field("gross", title=N_("Guarantee on"))
    shortfall: Annotated[
        Literal["none", "pro_rata", "cliff"],
        Declared(
            knob=Knob("deal"),
            options=(
                ("pro_rata", N_("fee refunded pro rata")),
                ("cliff", N_("fee refunded in full")),
                ("none", N_("nothing refunded")),
            ),
        ),
    ] = Field(
        "pro_rata",
        title=N_("Below the guarantee"),
        description=N_("What happens to the fee when sales stay below the guarantee."),
    )
    fee_is_advance: Annotated[bool, Declared(knob=Knob("more"))] = Field(
        False, title=N_("Fee set off against commission")
    )
    return_window_days: Annotated[
        int,
        Field(ge=0, le=365),
        Declared("days", Knob("more", (0, 60, 1)), "livestream.return_window_days"),
    ] = Field(int(_default("livestream.return_window_days")), title=N_("Return window"))
    self_return_rate: Annotated[
        float,
        Field(ge=0.05, le=1),
        Declared("share", Knob("more", (0.5, 1, 0.01)), "livestream.self_return_rate", drawn=True),
    ] = Field(
        _default("livestream.self_return_rate"),
        title=N_("Return rate of self-purchases"),
        description=N_("How much of what a streamer buys itself comes back."),
    )
    dump_recovery_rate: Annotated[
        float,
        Field(ge=0, le=1),
        Declared("share", Knob("more", (0, 1, 0.01)), "livestream.dump_recovery_rate", drawn=True),
    ] = Field(
        _default("livestream.dump_recovery_rate"),
        title=N_("Resale value of kept self-purchases"),
        description=N_("Share of the price that they fetch on flash-sale channels."),
    )
    brushing_cost_rate: Annotated[
        float,
        Field(ge=0, le=1),
        Declared(
            "share", Knob("more", (0, 0.2, 0.005)), "livestream.brushing_cost_rate", drawn=True
        ),
    ] = Field(
        _default("livestream.brushing_cost_rate"),
        title=N_("Cost of placing own orders"),
        description=N_("Per yuan ordered, borne by the streamer."),
    )
    displaced_share: Annotated[
        float,
        Field(ge=0, le=1),
        Declared("share", Knob("more", (0, 1, 0.05)), "livestream.displaced_share", drawn=True),
    ] = Field(
        _default("livestream.displaced_share"),
        title=N_("Sales displaced by dumped goods"),
        description=N_("Genuine sales lost per yuan of goods sold on at a discount."),
    )
    new_customer_share: Annotated[
        float,
        Field(ge=0, le=1),
        Declared("share", Knob("more", (0, 1, 0.05)), "livestream.new_customer_share", drawn=True),
    ] = Field(
        _default("livestream.new_customer_share"),
        title=N_("New customers among buyers"),
    )
    loss_tolerance: Annotated[
        float,
        Field(ge=0.01, le=0.5),
        Declared("share", Knob("more", (0.05, 0.5, 0.01)), "livestream.loss_tolerance"),
    ] = Field(
        _default("livestream.loss_tolerance"),
        title=N_("Accepted chance of a loss"),
    )
    seed: Annotated[int, Field(ge=0, le=2**32 - 1), Declared()] = Field(
        20261122, title=N_("Seed of the draws")
    )


class Look(Section):
    """How the report looks: language, logo, two colours, page size."""

    name: ClassVar[str] = "report"

    language: Literal["en", "zh"] = Field("en", title=N_("Language"))
    page: Literal["A4", "Letter"] = Field("A4", title=N_("Page size"))
    agency: Annotated[str, Field(max_length=60)] = Field("", title=N_("Agency"))
    logo: Annotated[str, Field(max_length=1000)] = Field("", title=N_("Logo file"))
    ink: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = Field("#1c2330", title=N_("Ink"))
    accent: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = Field(
        "#b8402a", title=N_("Accent")
    )


class Brief(Section):
    """One client and scenario: what a report or a dashboard is made from."""

    client: Name = Field(title=N_("Client"))
    scenario: Name = Field("Base case", title=N_("Scenario"))
    brand: Brand = Field(default_factory=lambda: Brand())
    livestream: Livestream = Field(default_factory=lambda: Livestream())
    report: Look = Field(default_factory=lambda: Look())


SECTIONS: dict[str, type[Section]] = {s.name: s for s in (Brand, Livestream, Look)}
JOURNEYS: dict[str, tuple[type[Section], ...]] = {"livestream": (Brand, Livestream)}
"""The sections whose inputs each journey's notebook takes as parameters."""


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
