"""What a headline figure rests on: the numbers of its formulas, and the inputs behind each.

Key figures are named by their tile's key, the rows of the report's answer page by `brings`,
`risks` and `money`. A test moves every input and holds this in step with the engine.
"""

from collections.abc import Iterable, Mapping, Sequence

ORDER = (
    "category", "base_return_rate", "average_order_value_cny", "gross_margin",
    "platform_fee_rate", "return_cost_per_order_cny",
)  # fmt: skip
"""What an order leaves follows from these."""

INPUTS: Mapping[str, tuple[str, ...]] = {
    "D": ("seed",),
    "T1": (
        "price_factor", "posts_per_account", "wage_cny_per_hour", "count_labour", "hours_factor",
        "automation_share", "collaboration_rate", "cost_per_contact_cny",
        "average_order_value_cny", "gross_margin", "cny_per_usd",
    ),
    "T2": (
        "fake_view_share", "view_rate", "on_target_factor", "engagement_factor",
        "posts_per_account",
    ),
    "T3": (
        "budget_cny", "objective", "target_reach_people", "fake_view_share", "view_rate",
        "universe_people", "posts_per_account", "lock_celebrity", "lock_kol", "lock_micro_kol",
        "lock_koc", "hours_cap", "audience_concentration", "on_target_factor", "cells",
    ),
    "T4": ("order_rate_per_reached", *ORDER),
    "T5": ("crisis_correlation",),
    "T6": ("collaboration_rate", "senders", "contacts_per_sender_day"),
    "P1": ("retained_after_1_month", "retained_after_12_months", "survival_table"),
    "P2": (
        "horizon_months", "goal", "goal_cny", "goal_month", "orders_per_month", "card_scan_rate",
        "card_add_rate", "paid_cac_cny", "paid_joins_cap_per_month", "store_visitors_per_month",
        "store_join_rate", "employees", "joins_per_employee_month", "social_joins_per_month",
        "referral_rate_per_month", "pool_potential_people", "members_at_start", "budget_cny",
    ),
    "P3": ("incremental_share", "pool_discount", *ORDER),
    "P4": (
        "purchases_per_member_month", "card_cost_cny", "incentive_per_join_cny", "paid_cac_cny",
        "wage_cny_per_hour", "employees", "employee_hours_per_month", "account_kind",
        "group_renewal_hours", "account_cost_cny_per_month", "pool_tools_cny_per_month",
        "pool_setup_cost_cny",
    ),
    "P5": (
        "members_per_staff", "groups_per_staff", "shift_factor", "group_fill",
        "group_half_life_months", "account_kind", "accounts_at_most", "staff_at_most",
    ),
    "P6": ("purchases_per_member_month", "wage_cny_per_hour", "discount_rate_annual"),
    "L1": (
        "gmv_reported_cny", "return_rate_observed", "base_return_rate", "category",
        "self_return_rate",
    ),
    "L2": (
        "slot_fee_cny", "guarantee_cny", "commission_rate", "commission_base", "guarantee_base",
        "shortfall", "fee_is_advance", "next_session_factor", "displaced_share",
        "loss_tolerance", *ORDER,
    ),
    "L3": ("dump_recovery_rate", "brushing_cost_rate", "new_customer_share"),
    "J1": ("pool_join_rate_per_reached", "buyer_join_rate", "horizon_months"),
    "J2": (
        "budget_cny", "loss_tolerance", "include_tier_mix", "include_private_pool",
        "include_livestream", "share_tier_mix", "share_private_pool", "share_livestream",
        "sessions_cap",
    ),
    "J3": (),
}  # fmt: skip
"""The inputs that a formula takes, besides those of the formulas that it builds on."""

POSTS, POOL, SESSION = ("T3", "T4", "T1"), ("P4", "P3", "P2", "P1", "P5"), ("L2", "L1", "L3")
FORMULAS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "tier_mix": {
        "people": ("T3", "T1"),
        "collaborations": ("T3", "T1", "T6"),
        "cpm": ("T2", "T1", "T3"),
        "profit": (*POSTS, "D"),
    },
    "private_pool": {
        "profit": (*POOL, "D"),
        "pays_from": POOL,
        "members": ("P2", "P1", "P5"),
        "highest_cac": ("P6", "P3", "P1", "P5"),
    },
    "livestream": {
        "genuine": ("L1",),
        "inflation": ("L1",),
        "profit": ("L2", "L1", "D"),
        "walk_away": ("L2", "L1", "D"),
    },
    "plan": {
        "profit": ("J1", "J2", "D"),
        "loss": ("J1", "J2", "D"),
        "people": ("J2", "T3"),
        "members": ("J2", "P2"),
        "brings": ("J1", "J2", "D"),
        "risks": ("J1", "J2", "D"),
        "money": ("J1", "J2"),
    },
}
"""The formulas behind each key figure of a journey, the one that gives it first."""


def inputs_behind(journey: str, figure: str) -> frozenset[str]:
    """The inputs that a key figure rests on; one of the plan's on those of all its journeys."""
    codes = set(FORMULAS[journey][figure])
    if journey == "plan":
        codes |= {c for told in FORMULAS.values() for group in told.values() for c in group}
        codes |= set(SESSION)
    return frozenset(name for code in codes for name in INPUTS[code])


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers as first and last of each run: 3, 4, 5, 9 are (3, 5) and (9, 9)."""
    runs: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _behind(journey: str, figures: Sequence[str]) -> set[str]:
    return {name for figure in figures for name in inputs_behind(journey, figure)}


def rows_not_behind(journey: str, figures: Sequence[str], ledger: Mapping[str, str]) -> list[str]:
    """The keys of the ledger's rows that key figures do not rest on, in the ledger's order."""
    names = _behind(journey, figures)
    left = [key for name, key in ledger.items() if name not in names]
    return sorted(left, key=lambda key: int(key[1:]))


def rows_behind(
    journey: str, figures: Sequence[str], ledger: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The ledger's rows behind key figures, as first and last key of each run.

    `ledger` is the key of each input's row (A12) by the input's name.
    """
    names = _behind(journey, figures)
    numbers = [int(ledger[name][1:]) for name in names if name in ledger]
    return [(f"A{first}", f"A{last}") for first, last in ranges(numbers)]
