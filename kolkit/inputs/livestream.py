"""One livestream session as reported, and the contract on offer."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from kolkit.inputs.base import Declared, Knob, Section, from_data, whole_from_data
from kolkit.words import N_


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
        from_data("livestream.gmv_reported_cny"),
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
        from_data("livestream.return_rate_observed"),
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
        from_data("livestream.next_session_factor"),
        title=N_("Size of the next session"),
        description=N_("Genuine sales of the session on offer over those of the reported one."),
    )
    session_age_days: Annotated[
        int,
        Field(ge=0, le=3650),
        Declared("days", Knob("more", (0, 90, 1)), "livestream.session_age_days"),
    ] = Field(
        whole_from_data("livestream.session_age_days"),
        title=N_("Days since the session"),
        description=N_("Younger than the return window: returns are still coming in."),
    )
    streamer: Annotated[str, Field(max_length=60), Declared()] = Field(
        "",
        title=N_("Streamer"),
        description=N_("Named in reports only where report.show_names is true."),
    )
    slot_fee_cny: Annotated[
        float,
        Field(ge=0, le=1e9),
        Declared("CNY", Knob("deal", (0, 3_000_000, 10_000)), "livestream.slot_fee_cny"),
    ] = Field(from_data("livestream.slot_fee_cny"), title=N_("Slot fee"))
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
    ] = Field(from_data("livestream.commission_rate"), title=N_("Commission"))
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
    ] = Field(whole_from_data("livestream.return_window_days"), title=N_("Return window"))
    self_return_rate: Annotated[
        float,
        Field(ge=0.05, le=1),
        Declared("share", Knob("more", (0.5, 1, 0.01)), "livestream.self_return_rate", drawn=True),
    ] = Field(
        from_data("livestream.self_return_rate"),
        title=N_("Return rate of self-purchases"),
        description=N_("How much of what a streamer buys itself comes back."),
    )
    dump_recovery_rate: Annotated[
        float,
        Field(ge=0, le=1),
        Declared("share", Knob("more", (0, 1, 0.01)), "livestream.dump_recovery_rate", drawn=True),
    ] = Field(
        from_data("livestream.dump_recovery_rate"),
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
        from_data("livestream.brushing_cost_rate"),
        title=N_("Cost of placing own orders"),
        description=N_("As a share of what is ordered, borne by the streamer."),
    )
    displaced_share: Annotated[
        float,
        Field(ge=0, le=1),
        Declared("share", Knob("more", (0, 1, 0.05)), "livestream.displaced_share", drawn=True),
    ] = Field(
        from_data("livestream.displaced_share"),
        title=N_("Sales displaced by dumped goods"),
        description=N_("Genuine sales lost, as a share of the goods sold on at a discount."),
    )
    new_customer_share: Annotated[
        float,
        Field(ge=0, le=1),
        Declared("share", Knob("more", (0, 1, 0.05)), "livestream.new_customer_share", drawn=True),
    ] = Field(
        from_data("livestream.new_customer_share"),
        title=N_("New customers among buyers"),
    )
