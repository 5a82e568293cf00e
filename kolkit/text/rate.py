"""What a page in another currency says of RMB: the rate, and what stays in RMB."""

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


def settlement_note(t: Words) -> str:
    """In which currency a contract's sums are fixed, beside their other amounts; empty for RMB."""
    if t.currency.code == RMB.code:
        return ""
    return t(
        "settled in RMB; in brackets {currency} at {rate}",
        currency=t.currency_name,
        rate=t.value(t.currency.cny, ""),
    )


def typing_note(t: Words) -> str:
    """In which currency inputs are typed where the page tells another; empty for RMB."""
    if t.currency.code == RMB.code:
        return ""
    return t(
        "Amounts are typed in RMB here; the results are in {currency}.", currency=t.currency_name
    )
