"""Words and numbers in the reader's language: one call for both.

English sentences are the keys; `locale/<language>/LC_MESSAGES/kolkit.po` holds the others. Percent
signs, currency symbols and 万 exist only here.
"""

import math
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from kolkit.resources import PACKAGE

LANGUAGES = {"en": "English", "zh": "中文"}
MINUS = "−"
THIN = "\u202f"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "collect, translate later"
    """Mark a sentence for the catalogue where it is declared, not yet said."""
    return text


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Translations by English sentence; empty for English itself."""
    path = PACKAGE / "locale" / language / "LC_MESSAGES" / "kolkit.po"
    if not path.is_file():
        return {}
    with path.open("rb") as stream:
        messages: Catalog = read_po(stream, locale=language)
    return {m.id: str(m.string) for m in messages if isinstance(m.id, str) and m.id and m.string}


def _significant(value: float, digits: int) -> str:
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}"


class Words:
    """Sentences, money and shares in one language: `t("Of {reported} reported", reported=...)`."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._catalogue = catalogue(self.language)

    def __call__(self, sentence: str, **values: Any) -> str:
        """The sentence in this language with its values filled in."""
        text = self._catalogue.get(sentence, sentence)
        return text.format(**values) if values else text

    def money(self, value: float, digits: int = 3) -> str:
        """RMB in a reader's units: ¥1.78m, ¥450k, ¥320; 178万, 1.2亿. Infinity is "never"."""
        if not math.isfinite(value):
            return self("never")
        told = self.count(abs(value), digits)
        return f"{MINUS if value < 0 and told != '0' else ''}¥{told}"

    def count(self, value: float, digits: int = 3) -> str:
        """A number of people, posts or views in a reader's units: 1.78m, 450k, 320; 178万."""
        steps = [(1e8, "亿"), (1e4, "万")] if self.language == "zh" else [(1e6, "m"), (1e3, "k")]
        size = abs(value)
        for step, unit in steps:
            # Rounding 999,999 must give 1.00m, not 1,000k.
            if float(f"{size:.{digits}g}") >= step:
                told = _significant(float(f"{size:.{digits}g}") / step, digits)
                if self.language == "zh" and "." in told:
                    told = told.rstrip("0").rstrip(".")
                return f"{told}{unit}"
        return f"{size:,.0f}"

    def exact_money(self, value: float, places: int = 0) -> str:
        """An amount for tables, to the yuan unless `places` asks for more: −1,116,442."""
        rounded = round(value, places)
        return f"{MINUS if rounded < 0 else ''}{abs(rounded):,.{places}f}"

    def share(self, value: float, digits: int = 0) -> str:
        """A share (0-1) as per cent, with a thin space in English."""
        number = f"{abs(value) * 100:.{digits}f}"
        sign = MINUS if value < 0 and float(number) else ""
        return f"{sign}{number}%" if self.language == "zh" else f"{sign}{number}{THIN}%"

    def factor(self, value: float, digits: int = 1) -> str:
        """A ratio such as 2.8 ×."""
        return f"{value:.{digits}f}{THIN}×" if math.isfinite(value) else "∞"

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
            return self.factor(value, 2)
        if unit == "share":
            exact = (d for d in (0, 1, 2) if abs(value * 100 - round(value * 100, d)) < 1e-6)
            return self.share(value, next(exact, 1 if abs(value) >= 0.01 else 2))
        if unit == "CNY":
            places = 0 if abs(value) >= 100 or abs(value - round(value)) < 0.005 else 2
            return f"{MINUS if value < 0 else ''}¥{abs(value):,.{places}f}"
        if unit == "days":
            return self("{n} days", n=f"{value:,.0f}")
        if unit == "months":
            return self("{n} months", n=f"{value:,.0f}")
        if unit == "hours":
            return self("{n} hours", n=f"{value:,g}")
        if unit == "count":
            return f"{value:,.0f}"
        return str(value) if isinstance(value, int) else f"{value:,.5g}"

    def span(self, low: str, high: str) -> str:
        """A range with an en dash, the sign or unit that both ends share said once."""
        if MINUS in low + high:
            return f"{low} 至 {high}" if self.language == "zh" else f"{low} to {high}"
        if low.startswith("¥") and high.startswith("¥"):
            high = high[1:]
        units = [self(f"{{n}} {unit}").removeprefix("{n}") for unit in ("hours", "days", "months")]
        for tail in (f"{THIN}%", f"{THIN}×", "%", *units):
            if low.endswith(tail) and high.endswith(tail):
                low = low.removesuffix(tail)
                break
        return f"{low}–{high}"

    def sentences(self, *told: str) -> str:
        """Sentences one after the other; empty ones are left out."""
        return ("" if self.language == "zh" else " ").join(part for part in told if part)

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
    return text.replace(f"{MINUS}¥", f"{MINUS}\u2060¥")


def html(text: str) -> str:
    """Text made safe for a page."""
    return unbroken(escape(text, quote=True))
