"""The case of exercise 1: its numbers, and every result by the models of the tier-mix workbook.

Money is RMB, shares are 0-1. The micro-KOL's numbers have no prefix, the KOL's `kol_`, the
celebrity's `star_`.
"""

from collections.abc import Mapping

from kolkit.course.exercise import CaseTable, Parameter, Quantity
from kolkit.course.questions import Values
from kolkit.models import tiers
from kolkit.words import Words


def rate(v: Values) -> float:
    """Engagement rate of the customer's post."""
    return v["likes"] / v["friends"]


def ratio(v: Values) -> float:
    """How many times the KOC's rate is the celebrity's."""
    return v["koc_rate"] / v["big_rate"]


def difference_points(v: Values) -> float:
    """The two rates' difference in percentage points."""
    return 100 * (v["koc_rate"] - v["big_rate"])


def price_cny(v: Values) -> float:
    """The micro-KOL's price."""
    return v["price_usd"] * v["cny_per_usd"]


def naive_cpm(v: Values) -> float:
    """CPM of the price alone over all followers."""
    return float(tiers.cpm(price_cny(v), tiers.impressions(followers=v["followers"])))


def contact_labour(v: Values) -> float:
    """Labour on all accounts contacted for one that agrees."""
    return v["contacts"] * v["minutes"] / 60 * v["wage"]


def managing_labour(v: Values) -> float:
    """Labour on the collaboration itself."""
    return v["managing"] * v["wage"]


def outreach_cost(v: Values) -> float:
    """Tool fees of all contacts."""
    return v["contacts"] * v["fee"]


def cost(v: Values) -> float:
    """True cost of the micro-KOL's post."""
    stages = tiers.StageHours(
        find=v["minutes"] / 60, assess=0, match=0, contact=0, manage=v["managing"]
    )
    hours = tiers.labour_hours(stages, contacts_per_collaboration=v["contacts"])
    return float(
        tiers.true_cost(
            price_cny=price_cny(v),
            hours=hours,
            wage_cny_per_hour=v["wage"],
            contacts_per_collaboration=v["contacts"],
            cost_per_contact_cny=v["fee"],
            product_cost_cny=v["product"],
        ).total
    )


def _views(v: Values, account: str) -> float:
    return float(
        tiers.impressions(
            followers=v[f"{account}followers"],
            authentic_share=v[f"{account}authentic"],
            view_rate=v[f"{account}seen"],
        )
    )


def _reactions(v: Values, account: str) -> float:
    return float(
        tiers.engagements(
            followers=v[f"{account}followers"],
            engagement_rate_by_followers=v[f"{account}engaged"],
        )
    )


def people_views(v: Values) -> float:
    """Views by people of the micro-KOL's post."""
    return _views(v, "")


def engagements_of(v: Values) -> float:
    """Reactions to the micro-KOL's post."""
    return _reactions(v, "")


def micro_cpm(v: Values) -> float:
    """True CPM of the micro-KOL."""
    return float(tiers.cpm(cost(v), people_views(v)))


def micro_cpe(v: Values) -> float:
    """CPE of the micro-KOL."""
    return float(tiers.cpe(cost(v), engagements_of(v)))


def kol_cpm(v: Values) -> float:
    """True CPM of the KOL."""
    return float(tiers.cpm(v["kol_cost"], _views(v, "kol_")))


def kol_cpe(v: Values) -> float:
    """CPE of the KOL."""
    return float(tiers.cpe(v["kol_cost"], _reactions(v, "kol_")))


def celebrity_cpm(v: Values) -> float:
    """True CPM of the celebrity."""
    return float(tiers.cpm(v["star_cost"], _views(v, "star_")))


def celebrity_cpe(v: Values) -> float:
    """CPE of the celebrity."""
    return float(tiers.cpe(v["star_cost"], _reactions(v, "star_")))


def order_by(micro_kol: float, kol: float, celebrity: float) -> tuple[str, ...]:
    """The three accounts, smallest figure first."""
    figures = {"micro_kol": micro_kol, "kol": kol, "celebrity": celebrity}
    return tuple(sorted(figures, key=lambda account: figures[account]))


def tie(v: Values) -> float:
    """Share of the celebrity's views that are not people at which both offers cost the same."""
    return float(
        tiers.tipping_fake_share(rate=(v["tie_micro"], v["tie_star"]), fake_view_weight=(0.5, 1.0))
    )


def one_sided_tie(v: Values) -> float:
    """The same with the micro-KOLs' views all people."""
    return float(
        tiers.tipping_fake_share(rate=(v["tie_micro"], v["tie_star"]), fake_view_weight=(0.0, 1.0))
    )


def gap_as_share(v: Values) -> float:
    """By how much the micro-KOLs' offer is dearer."""
    return v["tie_micro"] / v["tie_star"] - 1


def table(t: Words, told: Mapping[str, str]) -> CaseTable:
    """What is given about the three accounts."""
    micro, kol, star = t("Micro-KOL"), t("KOL"), t("Celebrity")
    return (
        ("", micro, kol, star),
        (t("Followers"), told["followers"], told["kol_followers"], told["star_followers"]),
        (t("of these, people"), told["authentic"], told["kol_authentic"], told["star_authentic"]),
        (t("of these people, see a post"), told["seen"], told["kol_seen"], told["star_seen"]),
        (
            t("Engagement rate, of all followers"),
            told["engaged"],
            told["kol_engaged"],
            told["star_engaged"],
        ),
        (
            t("Cost of a post, labour included"),
            told.get("cost", t("result of task 4")),
            told["kol_cost"],
            told["star_cost"],
        ),
    )


def makes_sense(v: Values) -> bool:
    """A small account reacts at 4-18 %, and the tie of the last task is a share one meets."""
    return 0.04 <= rate(v) <= 0.18 and v["tie_micro"] > v["tie_star"] and 0.12 <= tie(v) <= 0.7


PARAMETERS = (
    Parameter("friends", "count", 240, 600, 20),
    Parameter("likes", "count", 18, 72, 3),
    Parameter("koc_rate", "share", 0.06, 0.15, 0.01),
    Parameter("big_rate", "share", 0.003, 0.006, 0.0005),
    Parameter("big_followers", "count", 6_000_000, 12_000_000, 1_000_000),
    Parameter("price_usd", "USD", 150, 300, 10),
    Parameter("cny_per_usd", "plain", 6.6, 7.2, 0.1),
    Parameter("followers", "count", 20_000, 40_000, 1_000),
    Parameter("authentic", "share", 0.70, 0.90, 0.05),
    Parameter("seen", "share", 0.20, 0.40, 0.05),
    Parameter("engaged", "share", 0.015, 0.035, 0.005),
    Parameter("wage", "CNY", 40, 80, 2),
    Parameter("contacts", "count", 8, 12, 1),
    Parameter("minutes", "minutes", 15, 30, 5),
    Parameter("managing", "hours", 2, 4, 0.5),
    Parameter("fee", "CNY", 5, 15, 1),
    Parameter("product", "CNY", 60, 160, 10),
    Parameter("kol_followers", "count", 150_000, 400_000, 25_000),
    Parameter("kol_authentic", "share", 0.55, 0.75, 0.05),
    Parameter("kol_seen", "share", 0.20, 0.35, 0.05),
    Parameter("kol_engaged", "share", 0.008, 0.018, 0.002),
    Parameter("kol_cost", "CNY", 6_000, 20_000, 1_000),
    Parameter("star_followers", "count", 6_000_000, 12_000_000, 1_000_000),
    Parameter("star_authentic", "share", 0.50, 0.70, 0.05),
    Parameter("star_seen", "share", 0.20, 0.35, 0.05),
    Parameter("star_engaged", "share", 0.003, 0.006, 0.0005),
    Parameter("star_cost", "CNY", 250_000, 600_000, 25_000),
    Parameter("tie_star", "CNY", 60, 110, 5),
    Parameter("tie_micro", "CNY", 80, 180, 5),
)

QUANTITIES = (
    Quantity("rate", "share", rate),
    Quantity("ratio", "plain", ratio),
    Quantity("difference", "plain", difference_points),
    Quantity("big_total", "count", lambda v: v["big_rate"] * v["big_followers"]),
    Quantity("price_cny", "CNY", price_cny),
    Quantity("naive_cpm", "CNY", naive_cpm),
    Quantity("contact_labour", "CNY", contact_labour),
    Quantity("managing_labour", "CNY", managing_labour),
    Quantity("outreach", "CNY", outreach_cost),
    Quantity("cost", "CNY", cost),
    Quantity("views", "count", people_views),
    Quantity("true_cpm", "CNY", micro_cpm),
    Quantity("reactions", "count", engagements_of),
    Quantity("cpe", "CNY", micro_cpe),
    Quantity("kol_cpm", "CNY", kol_cpm),
    Quantity("kol_cpe", "CNY", kol_cpe),
    Quantity("star_cpm", "CNY", celebrity_cpm),
    Quantity("star_cpe", "CNY", celebrity_cpe),
    Quantity("tie", "share", tie),
)
