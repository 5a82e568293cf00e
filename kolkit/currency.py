"""The money that a reader thinks in; every engine computes in RMB."""

from dataclasses import dataclass
from functools import cache

from babel.numbers import get_currency_symbol

HOME = "zh_CN"
"""Whose symbols are written, in either language: ¥ and US$, which cannot be mixed up."""


@dataclass(frozen=True)
class Currency:
    """A currency by its ISO 4217 code; `cny` is what one unit costs in RMB, above 0.

    `places` are the decimals of an amount below 100.
    """

    code: str
    cny: float
    places: int = 0

    @property
    def symbol(self) -> str:
        """¥ or US$."""
        return _symbol(self.code)

    def amount(self, cny: float) -> float:
        """An amount of RMB in this currency."""
        return cny if self.cny == 1 else cny / self.cny

    def in_cny(self, amount: float) -> float:
        """An amount of this currency in RMB."""
        return amount if self.cny == 1 else amount * self.cny


@cache
def _symbol(code: str) -> str:
    return str(get_currency_symbol(code, locale=HOME))


RMB = Currency("CNY", 1)


def dollars(cny_per_usd: float) -> Currency:
    """US dollars at a rate, RMB for one dollar."""
    return Currency("USD", cny_per_usd, places=2)


def currency_of(code: str, cny_per_usd: float) -> Currency:
    """The currency of a page: its code (CNY or USD) and the rate, both checked before."""
    return dollars(cny_per_usd) if code == "USD" else RMB
