"""The 48 cells of the influencer mix as rows that a reader can look through and edit."""

from collections.abc import Sequence
from typing import Any

from kolkit.journeys.tier_cells import MixCell
from kolkit.text.tier_names import cell_name
from kolkit.words import N_, Words

STATUS_NAMES = {
    "on": N_("on"),
    "off": N_("off"),
    "no_source": N_("off: no source"),
    "too_large": N_("off: fills the target group alone"),
}


def columns(t: Words) -> list[dict[str, Any]]:
    """The columns that a reader may change, with the unit they are typed in."""
    return [
        {"name": "price_cny", "label": t("Price, RMB"), "unit": "", "scale": 1},
        {"name": "followers", "label": t("Followers"), "unit": "", "scale": 1},
        {"name": "engagement_rate", "label": t("Engagement, %"), "unit": "", "scale": 100},
        {"name": "on_target_share", "label": t("On target, %"), "unit": "", "scale": 100},
        {"name": "supply", "label": t("Bookable"), "unit": "", "scale": 1},
    ]


def cell_table(t: Words, cells: Sequence[MixCell]) -> list[dict[str, Any]]:
    """One row per tier and platform: its key, its words, and the value in each column."""
    return [
        {
            "key": {"tier": cell.tier, "platform": cell.platform},
            "label": cell_name(t, cell),
            "on": cell.status == "on",
            "status": t(STATUS_NAMES[cell.status]),
            "source": _source(t, cell),
            "values": {
                "price_cny": cell.price_cny,
                "followers": cell.followers,
                "engagement_rate": cell.engagement_rate,
                "on_target_share": cell.on_target_share,
                "supply": cell.supply,
            },
            "own": list(cell.own),
        }
        for cell in cells
    ]


def _source(t: Words, cell: MixCell) -> str:
    if "price_cny" in cell.own:
        return t("client’s own")
    known = cell.price_source
    return t.bracketed(known.source.name(t.language), known.grade) if known else ""
