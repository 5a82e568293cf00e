"""Digits, shares and dates as each language writes them, by the rules that Babel ships."""

import math
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import NumberPattern, get_currency_name, parse_pattern

LOCALES = {"en": "en_GB", "zh": "zh_CN"}
STEPS = {"en": (10**9, 10**6, 10**3), "zh": (10**8, 10**4)}
"""Where a larger unit begins: bn, m and k, 亿 and 万."""

SHORTER = {("en", 10**9): "bn"}
"""Where the library's abbreviation is not the one that British readers write."""


@cache
def locale(language: str) -> Locale:
    """The rules of a language: British English, Chinese of the mainland."""
    return Locale.parse(LOCALES[language])


@cache
def _pattern(places: int, least: int, grouped: bool) -> NumberPattern:
    fraction = "0" * least + "#" * (places - least)
    return parse_pattern(("#,##0" if grouped else "0") + (f".{fraction}" if fraction else ""))


@lru_cache(maxsize=8192)
def digits(
    language: str, size: float, places: int = 0, *, least: int | None = None, grouped: bool = True
) -> str:
    """A number of at least 0, with `places` decimals of which at least `least` are written."""
    if not math.isfinite(size):
        return "∞" if size > 0 else "–"
    pattern = _pattern(places, places if least is None else least, grouped)
    # From the float itself and not from its shortest decimals, as every other rounding here.
    exact = Decimal(size) if isinstance(size, int) else Decimal(float(size))
    return str(pattern.apply(exact, locale(language)))


@cache
def units(language: str) -> tuple[tuple[int, str], ...]:
    """The larger units that a reader counts in, the largest first: 亿 and 万, bn, m and k."""
    patterns = locale(language).compact_decimal_formats["short"]["other"]
    return tuple(
        (step, SHORTER.get((language, step)) or patterns[str(step)].pattern.strip("0").lower())
        for step in STEPS[language]
    )


@cache
def percent_sign(language: str) -> str:
    """The sign of a share."""
    return str(locale(language).number_symbols["latn"]["percentSign"])


@cache
def currency_name(language: str, code: str) -> str:
    """A currency's name: Chinese yuan, 人民币."""
    return str(get_currency_name(code, locale=locale(language)))


def long_date(language: str, day: date) -> str:
    """A day in words: 22 November 2026, 2026年11月22日."""
    return format_date(day, "long", locale=locale(language))
