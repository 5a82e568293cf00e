"""How a private pool is filled, how long members stay, what they buy, and who looks after them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from kolkit.inputs.base import Declared, Knob, Section, Unit, from_data, whole_from_data
from kolkit.words import N_


def _drawn(unit: Unit, knob: Knob, key: str, *, known: bool = False) -> Declared:
    """An uncertain input; `known` once the client gives its own figure."""
    return Declared(unit, knob, f"private_pool.{key}", known_once_given=known, drawn=True)


class PrivatePool(Section):
    """One private pool: channels, retention, purchases, capacity, and a goal if there is one."""

    name: ClassVar[str] = "private_pool"

    goal: Annotated[
        Literal["none", "profit", "revenue"],
        Declared(
            knob=Knob("pool"),
            options=(
                ("none", N_("best use of the budget")),
                ("profit", N_("a profit")),
                ("revenue", N_("sales")),
            ),
        ),
    ] = Field(
        "none",
        title=N_("Plan the pool for"),
        description=N_("A profit or sales by a month: joins are bought until it is reached."),
    )
    goal_cny: Annotated[
        float,
        Field(ge=0, le=1e10),
        Declared("CNY", Knob("pool", (0, 5_000_000, 50_000)), "private_pool.goal_cny"),
    ] = Field(from_data("private_pool.goal_cny"), title=N_("Goal of the pool"))
    goal_month: Annotated[
        int,
        Field(ge=1, le=60),
        Declared("months", Knob("pool", (1, 36, 1)), "private_pool.goal_month"),
    ] = Field(
        whole_from_data("private_pool.goal_month"),
        title=N_("Goal reached by month"),
        description=N_("At most the horizon of the plan."),
    )
    orders_per_month: Annotated[
        int,
        Field(ge=0, le=100_000_000),
        _drawn("count", Knob("pool", (0, 200_000, 1000)), "orders_per_month", known=True),
    ] = Field(
        whole_from_data("private_pool.orders_per_month"),
        title=N_("Shop orders per month"),
        description=N_("Each parcel carries a card with an invitation."),
    )
    card_scan_rate: Annotated[
        float,
        Field(ge=0, le=1),
        _drawn("share", Knob("pool", (0, 0.3, 0.005)), "card_scan_rate"),
    ] = Field(from_data("private_pool.card_scan_rate"), title=N_("Parcel cards scanned"))
    paid_cac_cny: Annotated[
        float,
        Field(ge=0, le=10_000),
        _drawn("CNY", Knob("pool", (0, 600, 5)), "paid_cac_cny", known=True),
    ] = Field(
        from_data("private_pool.paid_cac_cny"),
        title=N_("Price of a bought join"),
        description=N_("Advertising and everything else until one person has joined."),
    )
    retained_after_1_month: Annotated[
        float,
        Field(ge=0.05, le=0.99),
        _drawn("share", Knob("retention", (0.3, 0.98, 0.01)), "retained_after_1_month"),
    ] = Field(
        from_data("private_pool.retained_after_1_month"),
        title=N_("Still there after 1 month"),
        description=N_("A pasted survival table replaces it."),
    )
    retained_after_12_months: Annotated[
        float,
        Field(ge=0.001, le=0.98),
        _drawn("share", Knob("retention", (0.05, 0.9, 0.01)), "retained_after_12_months"),
    ] = Field(
        from_data("private_pool.retained_after_12_months"),
        title=N_("Still there after 12 months"),
        description=N_("A pasted survival table replaces it."),
    )
    purchases_per_member_month: Annotated[
        float,
        Field(ge=0, le=30),
        _drawn("", Knob("retention", (0, 2, 0.01)), "purchases_per_member_month"),
    ] = Field(
        from_data("private_pool.purchases_per_member_month"),
        title=N_("Orders per member and month"),
    )
    incremental_share: Annotated[
        float,
        Field(ge=0, le=1),
        _drawn("share", Knob("retention", (0, 1, 0.05)), "incremental_share"),
    ] = Field(
        from_data("private_pool.incremental_share"),
        title=N_("Orders that would not have come anyway"),
        description=N_("The others only move from the shop into the pool."),
    )
    survival_table: Annotated[
        str, Field(max_length=20_000), Declared(knob=Knob("more", kind="text"))
    ] = Field(
        "",
        title=N_("Survival table"),
        description=N_(
            "Members of one cohort left after 0, 1, 2, … months, one a line: counts or per cent, "
            "with or without a column of months."
        ),
    )
    pool_discount: Annotated[
        float,
        Field(ge=0, le=0.9),
        _drawn("share", Knob("more", (0, 0.4, 0.01)), "pool_discount", known=True),
    ] = Field(from_data("private_pool.pool_discount"), title=N_("Discount of members"))
    card_add_rate: Annotated[
        float,
        Field(ge=0, le=1),
        _drawn("share", Knob("more", (0, 1, 0.01)), "card_add_rate"),
    ] = Field(from_data("private_pool.card_add_rate"), title=N_("Scans that become members"))
    card_cost_cny: Annotated[
        float,
        Field(ge=0, le=100),
        _drawn("CNY", Knob("more", (0, 3, 0.05)), "card_cost_cny", known=True),
    ] = Field(from_data("private_pool.card_cost_cny"), title=N_("Cost of a parcel card"))
    store_visitors_per_month: Annotated[
        int,
        Field(ge=0, le=100_000_000),
        Declared(
            "count", Knob("more", (0, 500_000, 1000)), "private_pool.store_visitors_per_month"
        ),
    ] = Field(
        whole_from_data("private_pool.store_visitors_per_month"),
        title=N_("Store visitors per month"),
    )
    store_join_rate: Annotated[
        float,
        Field(ge=0, le=1),
        _drawn("share", Knob("more", (0, 0.3, 0.005)), "store_join_rate"),
    ] = Field(from_data("private_pool.store_join_rate"), title=N_("Visitors who join"))
    employees: Annotated[
        int,
        Field(ge=0, le=1_000_000),
        Declared("count", Knob("more", (0, 2000, 10)), "private_pool.employees"),
    ] = Field(
        whole_from_data("private_pool.employees"),
        title=N_("Employees who invite"),
        description=N_("Their working time is counted as a cost."),
    )
    joins_per_employee_month: Annotated[
        float,
        Field(ge=0, le=10_000),
        _drawn("count", Knob("more", (0, 100, 1)), "joins_per_employee_month"),
    ] = Field(
        from_data("private_pool.joins_per_employee_month"), title=N_("Joins per employee and month")
    )
    employee_hours_per_month: Annotated[
        float,
        Field(ge=0, le=300),
        _drawn("hours", Knob("more", (0, 60, 1)), "employee_hours_per_month", known=True),
    ] = Field(
        from_data("private_pool.employee_hours_per_month"),
        title=N_("Hours per inviting employee and month"),
    )
    social_joins_per_month: Annotated[
        int,
        Field(ge=0, le=10_000_000),
        Declared("count", Knob("more", (0, 20_000, 50)), "private_pool.social_joins_per_month"),
    ] = Field(
        whole_from_data("private_pool.social_joins_per_month"),
        title=N_("Joins per month from posts and livestreams"),
    )
    paid_joins_cap_per_month: Annotated[
        int,
        Field(ge=0, le=10_000_000),
        Declared("count", Knob("more", (0, 50_000, 100)), "private_pool.paid_joins_cap_per_month"),
    ] = Field(
        whole_from_data("private_pool.paid_joins_cap_per_month"),
        title=N_("Most joins that can be bought in a month"),
    )
    referral_rate_per_month: Annotated[
        float,
        Field(ge=0, le=1),
        _drawn("share", Knob("more", (0, 0.2, 0.005)), "referral_rate_per_month"),
    ] = Field(
        from_data("private_pool.referral_rate_per_month"),
        title=N_("Joins caused per member and month"),
    )
    pool_potential_people: Annotated[
        int,
        Field(ge=1, le=1_400_000_000),
        Declared(
            "count", Knob("more", (10_000, 5_000_000, 10_000)), "private_pool.pool_potential_people"
        ),
    ] = Field(
        whole_from_data("private_pool.pool_potential_people"),
        title=N_("People who could ever join"),
    )
    incentive_per_join_cny: Annotated[
        float,
        Field(ge=0, le=10_000),
        _drawn("CNY", Knob("more", (0, 50, 0.5)), "incentive_per_join_cny", known=True),
    ] = Field(
        from_data("private_pool.incentive_per_join_cny"),
        title=N_("Gift for joining"),
    )
    members_at_start: Annotated[
        int,
        Field(ge=0, le=100_000_000),
        Declared("count", Knob("more", (0, 500_000, 1000)), "private_pool.members_at_start"),
    ] = Field(whole_from_data("private_pool.members_at_start"), title=N_("Members already there"))
    account_kind: Annotated[
        Literal["wecom", "personal"],
        Declared(
            knob=Knob("capacity"),
            options=(("wecom", N_("WeCom accounts")), ("personal", N_("personal accounts"))),
        ),
    ] = Field("wecom", title=N_("Members are contacts of"))
    accounts_at_most: Annotated[
        int | None,
        Field(ge=0, le=100_000),
        Declared("count", Knob("capacity", (0, 100, 1))),
    ] = Field(
        None,
        title=N_("Accounts at hand"),
        description=N_("Left out, accounts are opened as needed."),
    )
    staff_at_most: Annotated[
        int | None,
        Field(ge=0, le=100_000),
        Declared("count", Knob("capacity", (0, 100, 1))),
    ] = Field(
        None,
        title=N_("People at hand"),
        description=N_("Left out, people are hired as needed."),
    )
    members_per_staff: Annotated[
        int,
        Field(ge=1, le=1_000_000),
        _drawn("count", Knob("capacity", (500, 30_000, 500)), "members_per_staff"),
    ] = Field(
        whole_from_data("private_pool.members_per_staff"),
        title=N_("Members per person on duty"),
    )
    groups_per_staff: Annotated[
        int,
        Field(ge=1, le=10_000),
        _drawn("count", Knob("capacity", (5, 200, 5)), "groups_per_staff"),
    ] = Field(
        whole_from_data("private_pool.groups_per_staff"), title=N_("Groups per person on duty")
    )
    shift_factor: Annotated[
        float,
        Field(ge=1, le=5),
        _drawn("ratio", Knob("capacity", (1, 3, 0.1)), "shift_factor"),
    ] = Field(
        from_data("private_pool.shift_factor"),
        title=N_("People employed per person on duty"),
    )
    group_fill: Annotated[
        float,
        Field(ge=0.05, le=1),
        _drawn("share", Knob("capacity", (0.1, 1, 0.01)), "group_fill"),
    ] = Field(
        from_data("private_pool.group_fill"),
        title=N_("Seats taken in a group"),
        description=N_("Share of the 500 seats that are taken on average."),
    )
    group_half_life_months: Annotated[
        float,
        Field(ge=0.5, le=120),
        _drawn("months", Knob("capacity", (1, 36, 0.1)), "group_half_life_months"),
    ] = Field(
        from_data("private_pool.group_half_life_months"),
        title=N_("Half-life of a group"),
        description=N_("After this time half of the groups have gone quiet and are set up again."),
    )
    group_renewal_hours: Annotated[
        float,
        Field(ge=0, le=200),
        _drawn("hours", Knob("capacity", (0, 20, 0.5)), "group_renewal_hours"),
    ] = Field(
        from_data("private_pool.group_renewal_hours"),
        title=N_("Hours to set up a group again"),
    )
    account_cost_cny_per_month: Annotated[
        float,
        Field(ge=0, le=10_000),
        _drawn("CNY", Knob("capacity", (0, 500, 10)), "account_cost_cny_per_month", known=True),
    ] = Field(
        from_data("private_pool.account_cost_cny_per_month"),
        title=N_("Cost of an account per month"),
    )
    pool_tools_cny_per_month: Annotated[
        float,
        Field(ge=0, le=1e7),
        _drawn("CNY", Knob("capacity", (0, 50_000, 500)), "pool_tools_cny_per_month", known=True),
    ] = Field(from_data("private_pool.pool_tools_cny_per_month"), title=N_("Tools per month"))
    pool_setup_cost_cny: Annotated[
        float,
        Field(ge=0, le=1e8),
        _drawn("CNY", Knob("capacity", (0, 500_000, 5000)), "pool_setup_cost_cny", known=True),
    ] = Field(from_data("private_pool.pool_setup_cost_cny"), title=N_("Cost of setting up"))
    discount_rate_annual: Annotated[
        float,
        Field(ge=0.001, le=1),
        Declared("share", Knob("more", (0.01, 0.3, 0.01)), "private_pool.discount_rate_annual"),
    ] = Field(from_data("private_pool.discount_rate_annual"), title=N_("Discount rate per year"))
