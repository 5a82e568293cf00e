"""How much room a name takes, roughly, before any font has drawn it."""

import re
import unicodedata

WIDE = 1.0
CAPITAL = 0.7
BROAD = 0.95
SMALL = 0.5
"""Widths in ems: Chinese; capitals; W, M, m and w among them; every other letter."""
LONG = re.compile(r"[^\s<>&;]{25,}")
PIECE = 12
"""Letters of such a word after which a line may end."""


def width(text: str) -> float:
    """Width of a text in ems of a sans-serif font, a little too much rather than too little."""
    return sum(map(_letter, text))


def _letter(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return WIDE
    if letter in "WMmw@%":
        return BROAD if letter in "WM@%" else 0.8
    return CAPITAL if letter.isupper() else SMALL


def cut(text: str, ems: float) -> str:
    """A text that fits into so many ems: its end gives way to an ellipsis where it must."""
    if width(text) <= ems:
        return text
    room = ems - WIDE
    kept = 0
    for letter in text:
        room -= _letter(letter)
        if room < 0:
            break
        kept += 1
    return text[:kept].rstrip() + "…"


def breakable(markup: str) -> str:
    """HTML in whose texts a line may end inside of words that no column holds."""

    def broken(word: re.Match[str]) -> str:
        pieces = (word[0][at : at + PIECE] for at in range(0, len(word[0]), PIECE))
        return "<wbr>".join(pieces)

    return re.sub(r">[^<>]+<", lambda text: LONG.sub(broken, text[0]), markup)
