"""Facts about the brand, said once and inherited by every workbook."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from kolkit.assumptions import category_return_rates
from kolkit.inputs.base import Declared, Knob, Section, from_data, whole_from_data
from kolkit.words import N_


def _known_category(text: str) -> str:
    if text not in category_return_rates():
        raise ValueError("category")
    return text


class Brand(Section):
    """Facts about the brand, said once and inherited by every workbook."""

    name: ClassVar[str] = "brand"

    category: Annotated[
        str,
        AfterValidator(_known_category),
        Declared(knob=Knob("brand")),
    ] = Field("beauty", title=N_("Product category"))
    base_return_rate: Annotated[
        float | None,
        Field(ge=0, le=0.95),
        Declared("share", Knob("brand", (0, 0.8, 0.01)), "category", drawn=True),
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
    ] = Field(from_data("brand.average_order_value_cny"), title=N_("Average order"))
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
        from_data("brand.gross_margin"),
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
        from_data("brand.platform_fee_rate"),
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
        from_data("brand.return_cost_per_order_cny"),
        title=N_("Cost of one return"),
        description=N_("Return parcel, inspection and repacking of one order."),
    )
    wage_cny_per_hour: Annotated[
        float,
        Field(ge=1, le=5000),
        Declared(
            "CNY",
            Knob("more", (20, 300, 1)),
            "brand.wage_cny_per_hour",
            known_once_given=True,
            drawn=True,
            journeys=("start", "tier_mix", "private_pool", "plan"),
        ),
    ] = Field(
        from_data("brand.wage_cny_per_hour"),
        title=N_("Wage per hour"),
        description=N_("What an hour of the brand’s own people costs."),
    )
    cny_per_usd: Annotated[
        float,
        Field(ge=1, le=20),
        Declared(
            "",
            Knob("more", (5, 9, 0.01)),
            "brand.cny_per_usd",
            journeys=("start", "tier_mix", "plan"),
        ),
    ] = Field(from_data("brand.cny_per_usd"), title=N_("RMB per US dollar"))
    budget_cny: Annotated[
        float,
        Field(ge=0, le=1e10),
        Declared("CNY", Knob("goal", (0, 10_000_000, 50_000)), "brand.budget_cny"),
    ] = Field(
        from_data("brand.budget_cny"),
        title=N_("Budget"),
        description=N_("What may be spent before the end of the plan, all journeys together."),
    )
    horizon_months: Annotated[
        int,
        Field(ge=1, le=60),
        Declared("months", Knob("goal", (1, 36, 1)), "brand.horizon_months"),
    ] = Field(whole_from_data("brand.horizon_months"), title=N_("Horizon"))
    loss_tolerance: Annotated[
        float,
        Field(ge=0.01, le=0.5),
        Declared("share", Knob("more", (0.05, 0.5, 0.01)), "brand.loss_tolerance"),
    ] = Field(
        from_data("brand.loss_tolerance"),
        title=N_("Accepted chance of a loss"),
    )
    seed: Annotated[int, Field(ge=0, le=2**32 - 1), Declared()] = Field(
        20261122, title=N_("Seed of the draws")
    )
