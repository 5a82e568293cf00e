"""Names of tiers and platforms as readers see them."""

from collections.abc import Sequence

from kolkit.journeys.tier_cells import MixCell
from kolkit.models.uncertainty import Array
from kolkit.reference import platforms
from kolkit.words import N_, Words, html


def platform_name(t: Words, platform: str) -> str:
    """A platform, such as Weibo."""
    return platforms(t.language)[platform].label


def cell_name(t: Words, cell: MixCell) -> str:
    """A tier on a platform, such as Weibo micro-KOL."""
    names = {
        "celebrity": N_("{platform} celebrity"),
        "kol": N_("{platform} KOL"),
        "micro_kol": N_("{platform} micro-KOL"),
        "koc": N_("{platform} KOC"),
    }
    return t(names[cell.tier], platform=platform_name(t, cell.platform))


def counted(t: Words, count: int, cell: MixCell) -> str:
    """So many accounts of a cell: 863 micro-KOLs on Weibo."""
    one = {
        "celebrity": N_("1 celebrity on {platform}"),
        "kol": N_("1 KOL on {platform}"),
        "micro_kol": N_("1 micro-KOL on {platform}"),
        "koc": N_("1 KOC on {platform}"),
    }
    many = {
        "celebrity": N_("{n} celebrities on {platform}"),
        "kol": N_("{n} KOLs on {platform}"),
        "micro_kol": N_("{n} micro-KOLs on {platform}"),
        "koc": N_("{n} KOCs on {platform}"),
    }
    platform = platform_name(t, cell.platform)
    if count == 1:
        return t(one[cell.tier], platform=platform)
    return t(many[cell.tier], n=t.number(count), platform=platform)


def paragraphs(*told: str) -> str:
    """Sentences as paragraphs; empty ones are left out."""
    return "".join(f"<p>{html(part)}</p>" for part in told if part)


NAMED = 3
WORTH_NAMING = 0.02
"""Share of the spend below which a cell only uses up the rest, and is counted, not named."""


def booked_in_words(t: Words, cells: Sequence[MixCell], counts: Sequence[int], costs: Array) -> str:
    """Whom a plan books, the largest spend (RMB per collaboration in `costs`) first."""
    spend = [n * float(cost) for n, cost in zip(counts, costs, strict=True)]
    rows = sorted((row for row, n in enumerate(counts) if n), key=lambda row: -spend[row])
    named = [row for row in rows[:NAMED] if spend[row] >= WORTH_NAMING * sum(spend)]
    told = [counted(t, counts[row], cells[row]) for row in named]
    others = sum(counts[row] for row in rows[len(named) :])
    if others:
        told.append(t("{n} others", n=t.number(others)) if others > 1 else t("one other"))
    return t.join(told)
