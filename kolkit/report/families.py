"""Whether the font families that a theme names are to be had.

fc-list names this machine's; where there is no such command (macOS, Windows), nothing is known.
"""

from collections.abc import Iterator
from functools import cache

from kolkit.report.glyphs import fonts_told
from kolkit.report.theme import SETTINGS, Theme

GENERIC = frozenset(
    {"serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui", "ui-serif",
     "ui-sans-serif", "ui-monospace", "ui-rounded", "math", "inherit"}
)  # fmt: skip


@cache
def installed() -> frozenset[str]:
    """Names of this machine's font families in lower case; empty where they are not known."""
    return frozenset(
        name.replace("\\-", "-").strip().lower()
        for line in fonts_told("family").splitlines()
        for name in line.split(",")
    )


def lacking_families(theme: Theme) -> Iterator[str]:
    """A sentence for each setting of which no family is among the theme's fonts or installed."""
    told, known = theme.settings, installed()
    if not known:
        return
    here = known | GENERIC | {font.family.lower() for font in told.fonts}
    for name, families in (("text", told.text), ("headings", told.headings)):
        wanted = [family.strip(" '\"").lower() for family in families.split(",")]
        if families and here.isdisjoint(wanted):
            yield (
                f"{SETTINGS}: {name}: {families} is neither among the theme's fonts nor installed "
                "on this machine, so another family is printed in its place: list its files under "
                "fonts, or install it."
            )
