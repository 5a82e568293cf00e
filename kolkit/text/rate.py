"""At which rate a page tells amounts of RMB in another currency, and where that comes from."""

from kolkit.assumptions import assumption
from kolkit.currency import RMB
from kolkit.words import Words


def rate_note(t: Words) -> str:
    """The currency of all amounts, its rate and the rate's source; empty for RMB."""
    if t.currency.code == RMB.code:
        return ""
    known = assumption("brand.cny_per_usd")
    source = t("client’s figure")
    if t.currency.cny == known.value:
        source = t("{source}, {year}", source=known.source.name(t.language), year=known.year)
    return t(
        "All amounts in US dollars at {rate} RMB per dollar ({source}); contracts are settled in "
        "RMB.",
        rate=t.value(t.currency.cny, ""),
        source=source,
    )
