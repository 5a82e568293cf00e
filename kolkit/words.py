"""Words, numbers and money in the reader's language: one call for all.

English sentences are the keys; `locale/<language>/LC_MESSAGES/kolkit.po` holds the others. Every
amount that a caller hands over is RMB; the page's currency is made of it here and nowhere else.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from html import escape
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from kolkit import numerals
from kolkit.currency import RMB, Currency, currency_of, dollars
from kolkit.resources import PACKAGE

LANGUAGES = {"en": "English", "zh": "中文"}
MINUS = "−"
THIN = "\u202f"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "collect, translate later"
    """Mark a sentence for the catalogue where it is declared, not yet said."""
    return text


DURATIONS = {"hours": N_("{n} hours"), "days": N_("{n} days"), "months": N_("{n} months")}


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Translations by English sentence; empty for English itself."""
    path = PACKAGE / "locale" / language / "LC_MESSAGES" / "kolkit.po"
    if not path.is_file():
        return {}
    with path.open("rb") as stream:
        messages: Catalog = read_po(stream, locale=language)
    return {m.id: str(m.string) for m in messages if isinstance(m.id, str) and m.id and m.string}


class Words:
    """Sentences, money and shares for one reader: `t("Of {reported} reported", reported=...)`."""

    def __init__(self, language: str, currency: Currency = RMB) -> None:
        self.language = language if language in LANGUAGES else "en"
        self.currency = currency
        self._catalogue = catalogue(self.language)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Words":
        """The words that a notebook's parameters ask for: language, currency and its rate."""
        return cls(given["language"], currency_of(given["currency"], given["cny_per_usd"]))

    @property
    def in_rmb(self) -> "Words":
        """The same language with amounts in RMB, as inputs and contracts are given."""
        return Words(self.language)

    def __call__(self, sentence: str, **values: Any) -> str:
        """The sentence in this language with its values filled in."""
        text = self._catalogue.get(sentence, sentence)
        return text.format(**values) if values else text

    # -- numbers ---------------------------------------------------------------------------------

    def number(self, value: float, places: int = 0, *, least: int | None = None) -> str:
        """A number with separators: 1,116,442. Of its decimals `least` are written in any case."""
        told = numerals.digits(self.language, abs(value), places, least=least)
        return f"{MINUS if value < 0 and told.strip('0.') else ''}{told}"

    def count(self, value: float, digits: int = 3) -> str:
        """A number of people, posts or views in a reader's units: 1.78m, 450k, 320; 178万."""
        size = abs(self.counted(value, digits))
        for step, unit in numerals.units(self.language):
            if step <= size < math.inf:
                places = max(0, digits - 1 - math.floor(math.log10(size / step)))
                least = 0 if self.language == "zh" else places
                return f"{self.number(size / step, places, least=least)}{unit}"
        return self.number(size)

    def counted(self, value: float, digits: int = 3) -> float:
        """The number that `count` writes: 1,780,000 for what reads 1.78m."""
        if not math.isfinite(value):
            return value
        # Rounding 999,999 must give 1.00m, not 1,000k.
        rounded = float(f"{value:.{digits}g}")
        smallest = numerals.units(self.language)[-1][0]
        return rounded if abs(rounded) >= smallest else round(value)

    def share(self, value: float, digits: int = 0) -> str:
        """A share (0-1) as per cent, with a thin space in English."""
        number = self.points(value, digits)
        space = "" if self.language == "zh" else THIN
        return f"{number}{space}{numerals.percent_sign(self.language)}"

    def points(self, value: float, digits: int = 0) -> str:
        """A share (0-1) as percentage points, without their sign."""
        told = numerals.digits(self.language, abs(value) * 100, digits, grouped=False)
        return f"{MINUS if value < 0 and told.strip('0.') else ''}{told}"

    def factor(self, value: float, digits: int = 1) -> str:
        """A ratio such as 2.8 ×."""
        if not math.isfinite(value):
            return "∞"
        told = numerals.digits(self.language, abs(value), digits, grouped=False)
        return f"{'-' if value < 0 else ''}{told}{THIN}×"

    def date(self, day: date) -> str:
        """A day in words: 22 November 2026, 2026年11月22日."""
        return numerals.long_date(self.language, day)

    # -- money -----------------------------------------------------------------------------------

    @property
    def symbol(self) -> str:
        """The currency's symbol, which stands before an amount: ¥ or US$."""
        return self.currency.symbol

    @property
    def head(self) -> str:
        """The currency as the head of a column: RMB, 人民币（元）."""
        return self("RMB") if self.currency.code == RMB.code else self("US$")

    @property
    def currency_name(self) -> str:
        """The currency's name inside a line of words: RMB, 人民币."""
        if self.language == "zh":
            return numerals.currency_name(self.language, self.currency.code)
        return self.head

    @property
    def currency_unit(self) -> str:
        """What amounts are counted in: RMB, 元."""
        if self.language == "zh":
            return "元" if self.currency.code == RMB.code else "美元"
        return self.head

    def amount(self, cny: float) -> float:
        """An amount of RMB as a number in the page's currency, for tables."""
        return self.currency.amount(cny)

    def amounts(self, cny: Iterable[float | None]) -> list[str | float | None]:
        """A table's column of amounts in the page's currency; None stays empty."""
        return [None if value is None else self.amount(value) for value in cny]

    def in_cny(self, amount: float) -> float:
        """A number in the page's currency as RMB: what a round sum or tick is worth."""
        return self.currency.in_cny(amount)

    def money(self, cny: float, digits: int = 3) -> str:
        """An amount in a reader's units: ¥1.78m, ¥450k, ¥320; 178万, 1.2亿. Infinity is "never"."""
        if not math.isfinite(cny):
            return self("never")
        size = abs(self.amount(cny))
        if self.currency.places and size < 100:
            return self.exact(cny, self._places(size, self.currency.places))
        told = self.count(size, digits)
        return f"{MINUS if cny < 0 and told != '0' else ''}{self.symbol}{told}"

    def about(self, cny: float) -> str:
        """An amount as a headline says it: two digits, or three beside tables of foreign money."""
        return self.money(cny, 2 if self.currency.code == RMB.code else 3)

    def exact(self, cny: float, places: int = 0) -> str:
        """An amount to the last unit, or to so many decimals: −¥1,116,442."""
        told = self.number(self.amount(abs(cny)), places)
        return f"{MINUS if cny < 0 and told.strip('0.') else ''}{self.symbol}{told}"

    def small_money(self, cny: float) -> str:
        """What one order or member brings: tenths count where it is a few yuan."""
        size = abs(self.amount(cny))
        places = self._places(size, self.currency.places or 1)
        return self.exact(cny, places) if size < 100 and places else self.money(cny)

    def small_counted(self, cny: float) -> float:
        """The amount of RMB that `small_money` writes."""
        size = self.amount(cny)
        shown = round(size, self.currency.places or 1) if abs(size) < 100 else self.counted(size)
        return self.in_cny(shown)

    def price(self, cny: float) -> str:
        """What one person costs: as `small_money`, but never shortened; infinity is a dash."""
        if not math.isfinite(cny):
            return "–"
        size = self.amount(cny)
        return self.exact(cny, self._places(size, self.currency.places or 1) if size < 100 else 0)

    def cents(self, cny: float) -> str:
        """An amount with cents below 100: ¥46.20."""
        return self.money(cny) if self.amount(cny) >= 100 else self.exact(cny, 2)

    @staticmethod
    def _places(size: float, places: int) -> int:
        """The decimals of a small amount: none where it is whole."""
        return places if round(size, places) % 1 else 0

    def round_sum(self, units: int) -> str:
        """A round sum of the page's currency: ¥10,000, 1万元. `in_cny` says what it is worth."""
        if self.language == "zh":
            return f"{self.count(units)}{self.currency_unit}"
        return f"{self.symbol}{self.number(units)}"

    def settled(self, cny: float) -> str:
        """What a contract fixes in RMB: in RMB, and in brackets in the page's currency."""
        fixed = self.in_rmb.value(cny, "CNY")
        if self.currency.code == RMB.code:
            return fixed
        return self.bracketed(fixed, self.value(cny, "CNY"))

    def printed_dollars(self, cny: float, cny_per_usd: float) -> str:
        """An amount in US dollars to the cent, whatever the page's currency is."""
        return Words(self.language, dollars(cny_per_usd)).exact(cny, 2)

    # -- inputs ----------------------------------------------------------------------------------

    def value(self, value: Any, unit: str) -> str:
        """Any input in its unit, for ledgers and messages."""
        if value is None:
            return self("follows")
        if isinstance(value, bool):
            return self("yes") if value else self("no")
        if isinstance(value, str):
            lines = value.strip().count("\n") + 1
            return value if lines == 1 else self("{n} lines", n=lines)
        if isinstance(value, list):
            return self("{n} rows", n=len(value)) if value else self("none")
        if unit == "ratio":
            return self.factor(value, self._decimals(value, (2,), 2))
        if unit == "share":
            return self.share(value, self._decimals(value * 100, (0, 1, 2), 1))
        if unit == "CNY":
            size = self.amount(value)
            return self.exact(value, 0 if abs(size) >= 100 else self._decimals(size, (0, 2), 2))
        if unit in DURATIONS:
            return self(DURATIONS[unit], n=self._significant(value, 6))
        if unit == "count":
            return self._significant(value, 3)
        return str(value) if isinstance(value, int) else self._significant(value, 5)

    @staticmethod
    def _decimals(size: float, usual: Iterable[int], least: int) -> int:
        """The fewest usual decimals that are exact, else `least` or those of three digits."""
        exact = (places for places in usual if abs(size - round(size, places)) < 1e-6)
        place = math.floor(math.log10(abs(size))) if size else 0
        return next(exact, max(least, 2 - place))

    def rounded(self, value: float, unit: str, digits: int = 3) -> str:
        """An input that was computed, to so many digits in its unit."""
        if unit != "CNY":
            return self.value(float(f"{value:.{digits}g}"), unit)
        return self.value(self.in_cny(float(f"{self.amount(value):.{digits}g}")), unit)

    def _significant(self, value: float, digits: int) -> str:
        """A number to so many digits, without the zeros at its end."""
        places = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
        return self.number(value, max(0, places), least=0)

    def span(self, low: str, high: str) -> str:
        """A range with an en dash, the sign or unit that both ends share said once."""
        if MINUS in low + high:
            return f"{low} 至 {high}" if self.language == "zh" else f"{low} to {high}"
        if low.startswith(self.symbol) and high.startswith(self.symbol):
            high = high.removeprefix(self.symbol)
        units = [self(told).removeprefix("{n}") for told in DURATIONS.values()]
        percent = numerals.percent_sign(self.language)
        for tail in (f"{THIN}{percent}", f"{THIN}×", percent, *units):
            if low.endswith(tail) and high.endswith(tail):
                low = low.removesuffix(tail)
                break
        return f"{low}–{high}"

    def sentences(self, *told: str) -> str:
        """Sentences one after the other; empty ones are left out."""
        return ("" if self.language == "zh" else " ").join(part for part in told if part)

    def bracketed(self, told: str, aside: str) -> str:
        """`told (aside)`, with the brackets of the language; without an aside as it is."""
        return self("{amount} ({other})", amount=told, other=aside) if aside else told

    def colon(self, head: str, tail: str) -> str:
        """`head: tail`, with the colon of the language."""
        return f"{head}：{tail}" if self.language == "zh" else f"{head}: {tail}"

    @staticmethod
    def inline(name: str) -> str:
        """A label as it stands inside a sentence."""
        return name[:1].lower() + name[1:]

    def join(self, parts: list[str]) -> str:
        """Several clauses in one: a, b and c."""
        return self._list(parts, "，以及" if self.language == "zh" else " and ")

    def any_of(self, parts: list[str]) -> str:
        """Several choices in one: a, b or c."""
        return self._list(parts, "或" if self.language == "zh" else " or ")

    def _list(self, parts: list[str], last: str) -> str:
        comma = "、" if self.language == "zh" else ", "
        return comma.join(parts[:-1]) + (last if len(parts) > 1 else "") + "".join(parts[-1:])


def unbroken(text: str) -> str:
    """Text in which no line ends between a minus sign and its amount."""
    return text.replace(f"{MINUS}{RMB.symbol}", f"{MINUS}\u2060{RMB.symbol}")


def html(text: str) -> str:
    """Text made safe for a page."""
    return unbroken(escape(text, quote=True))
