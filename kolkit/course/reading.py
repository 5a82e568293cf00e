"""What a trainee types, read as literals: numbers with the units people use, names, keys.

Nothing here evaluates an expression. Text is normalised (NFKC, so that full-width digits count),
limited in length, and either a finite number or refused with one sentence.
"""

import math
import re
import unicodedata

from kolkit.errors import InputError
from kolkit.words import Words

MAX_TYPED = 60
"""Characters of an answer; a longer text is no answer to any task."""
MAX_NAME = 80
"""Characters of a trainee's name or a class key."""
LARGEST = 1e15

STEPS = {"k": 1e3, "千": 1e3, "m": 1e6, "万": 1e4, "萬": 1e4, "百万": 1e6, "bn": 1e9, "亿": 1e8}
_MONEY = r"¥|rmb|cny|yuan|元|us\$|\$|usd|美元"
_NUMBER = re.compile(
    rf"(?P<before>{_MONEY})?(?P<sign>[-+]?)(?P<before2>{_MONEY})?"
    r"(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?P<power>e[-+]?\d{1,3})?"
    r"(?P<step>百万|bn|[km千万萬亿])?"
    rf"(?P<after>{_MONEY}|%|x|×|倍|times|hours?|h|小时)?"
)
_DOLLAR = ("us$", "$", "usd", "美元")
_RMB = ("¥", "rmb", "cny", "yuan", "元")


class Unreadable(InputError):
    """What was typed is no answer of the kind asked for; it costs no attempt."""


def name_of(text: object) -> str:
    """A trainee's name or a class key as shown: NFKC, single spaces, no invisible characters.

    Raises
    ------
    InputError
        not a text of 1 to 80 visible characters

    >>> name_of("  Ｌi   Na ")
    'Li Na'
    """
    shown = unicodedata.normalize("NFKC", text) if isinstance(text, str) else ""
    shown = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in shown)
    shown = " ".join(shown.split())
    if not 1 <= len(shown) <= MAX_NAME:
        raise InputError(
            f"a trainee's name and a class key are texts of 1 to {MAX_NAME} visible characters; "
            f"got {len(shown)} characters. Enter both as on the class list."
        )
    return shown


def same_person(text: str) -> str:
    """The form in which two spellings of a name or key count as one.

    >>> same_person("LI  na") == same_person("Li Na")
    True
    """
    return unicodedata.normalize("NFKC", name_of(text).casefold())


def number_of(t: Words, text: str, unit: str) -> float:
    """The number that was typed, in plain units: shares 0-1, money in the currency asked for.

    Parameters
    ----------
    text : such as `12.5 %`, `.125`, `¥1,234.5`, `1.2万`, `25x`
    unit : unit of the answer: share, ratio, CNY, USD, hours or count

    Raises
    ------
    Unreadable
        no single finite number, a grouping that can be read in two ways, another currency

    >>> number_of(Words("en"), "12.5 %", "share"), number_of(Words("en"), "1.2万", "CNY")
    (0.125, 12000.0)
    """
    if len(text) > MAX_TYPED:
        raise Unreadable(t("An answer has at most {n} characters.", n=MAX_TYPED))
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").casefold()
    match = _NUMBER.fullmatch(re.sub(r"\s", "", plain))
    if match is None:
        raise Unreadable(
            t(
                "This is no single number. Write it like {examples}.",
                examples=t.join([".125", t.share(0.125, 1), "1,250", "1.2万"]),
            )
        )
    _refuse_other_units(t, match, unit)
    try:
        number = float(match["number"].replace(",", "") + (match["power"] or ""))
    except (ValueError, OverflowError):
        number = math.inf
    number *= STEPS.get(match["step"] or "", 1.0) * (0.01 if match["after"] == "%" else 1.0)
    if not math.isfinite(number) or number > LARGEST:
        raise Unreadable(t("This number is too large to be meant."))
    return -number if match["sign"] == "-" else number


def _refuse_other_units(t: Words, match: "re.Match[str]", unit: str) -> None:
    said = {match["before"], match["before2"], match["after"]} - {None, ""}
    if unit == "CNY" and said & set(_DOLLAR):
        raise Unreadable(t("The answer is asked in RMB, not in US dollars."))
    if unit == "USD" and said & set(_RMB):
        raise Unreadable(t("The answer is asked in US dollars, not in RMB."))
    if unit not in ("CNY", "USD") and said & {*_DOLLAR, *_RMB}:
        raise Unreadable(t("The answer is no amount of money."))
    if unit not in ("share", "ratio") and "%" in said:
        raise Unreadable(t("The answer is no percentage."))
