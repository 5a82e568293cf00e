"""The glossary: what a report's terms mean, with each term in the other language beside it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kolkit.words import N_, Words

OTHER = {"en": "zh", "zh": "en"}
LATIN = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True)
class Term:
    """A term, its name in the other language, and what it means in a sentence or two."""

    name: str
    other: str
    other_language: str
    meaning: str


@dataclass(frozen=True)
class _Entry:
    """A term as declared; `written` are other ways in which a text may write it, by language."""

    name: str
    meaning: str
    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()


ENTRIES = (
    _Entry(
        N_("Celebrity"),
        N_("An actor, singer or athlete whose fame does not come from the platform itself."),
        en=("celebrities",),
    ),
    _Entry(
        N_("KOL"),
        N_(
            "Key opinion leader: a creator with a large audience on a platform, booked at a price "
            "per post."
        ),
        en=("KOLs",),
    ),
    _Entry(
        N_("Micro-KOL"),
        N_(
            "A creator with a middling audience and mostly one subject; cheaper to book, more work "
            "per person reached."
        ),
        en=("micro-KOLs",),
    ),
    _Entry(
        N_("KOC"),
        N_(
            "Key opinion consumer: a buyer with a small circle of followers who shows what they "
            "use themselves."
        ),
        en=("KOCs",),
    ),
    _Entry(
        N_("Private pool"),
        N_(
            "Customers whom a brand reaches by itself, without paying a platform each time: "
            "mostly WeChat groups, contacts and mini-programs."
        ),
        en=("the pool", "a pool"),
        zh=("私域",),
    ),
    _Entry(
        N_("GMV"),
        N_(
            "Gross merchandise value: all sales reported in a session, before cancelled and "
            "returned orders."
        ),
        en=("reported sales", "reported"),
        zh=("上报", "成交额"),
    ),
    _Entry(
        N_("Net sales"),
        N_("What is left of reported sales after cancelled and returned orders."),
        en=("net of returns", "net sales"),
        zh=("净销售", "净额", "扣除退货"),
    ),
    _Entry(
        N_("Slot fee"),
        N_("The fixed price of a place in a livestream, due whatever is sold."),
        en=("slot fees", "fee"),
        zh=("坑位费",),
    ),
    _Entry(
        N_("Commission"),
        N_("The streamer’s share of sales; it matters whether gross or net sales are counted."),
        zh=("佣金",),
    ),
    _Entry(
        N_("Guarantee"),
        N_(
            "Sales that a streamer promises; below them the slot fee is paid back, wholly or in "
            "part."
        ),
        en=("guaranteed",),
        zh=("保底", "保量"),
    ),
    _Entry(
        N_("Own orders"),
        N_(
            "Orders that a streamer or a helper places so that sales look higher; most are "
            "returned afterwards. In Chinese: brushing."
        ),
        zh=("刷单", "自买"),
    ),
    _Entry(
        N_("Base return rate"),
        N_("The share of goods that a category’s genuine buyers send back anyway."),
        en=("base rate",),
        zh=("基准退货率", "基础退货率"),
    ),
    _Entry(N_("CPM"), N_("Cost per thousand views of a post.")),
    _Entry(N_("CPE"), N_("Cost per engagement: a like, comment, share or save.")),
    _Entry(
        N_("Reach"),
        N_("Different people of the target group who see at least one of the posts."),
        en=("reaches", "reached"),
        zh=("触达",),
    ),
    _Entry(
        N_("P10, P50, P90"),
        N_(
            "Of all draws a tenth ends below P10, half below P50, a tenth above P90: a cautious, a "
            "middling and a good result."
        ),
        en=("P10", "P50"),
        zh=("P10", "P50"),
    ),
    _Entry(
        N_("Worth knowing"),
        N_(
            "What a measurement could bring at most: how much better one would decide if the "
            "figure were known beforehand."
        ),
        en=("Worth",),
    ),
    _Entry(
        N_("Retention"),
        N_("The share of new members who are still there after so many months."),
        en=("are left after", "retained"),
        zh=("留存",),
    ),
)


def glossary(t: Words, told: str) -> list[Term]:
    """The terms that occur in a report's text, in alphabetical order of their names."""
    other = Words(OTHER[t.language])
    found = [
        Term(t(entry.name), other(entry.name), other.language, t(entry.meaning))
        for entry in ENTRIES
        if any(_occurs(way, told) for way in _ways(t, entry))
    ]
    return sorted(found, key=lambda term: term.name.casefold())


def _ways(t: Words, entry: _Entry) -> Iterator[str]:
    yield t(entry.name)
    yield from entry.en if t.language == "en" else entry.zh


def _occurs(way: str, told: str) -> bool:
    """Whether a text has a term as a word of its own; Chinese has no spaces between words."""
    before = r"(?<![A-Za-z0-9])" if LATIN.match(way[0]) else ""
    after = r"(?![A-Za-z0-9])" if LATIN.match(way[-1]) else ""
    return re.search(before + re.escape(way) + after, told, re.IGNORECASE) is not None
