"""An exercise as one declaration: its numbers, its questions, and what may be said of them.

A new exercise is an `Exercise` in a module of its own, its name in `kolkit.course.EXERCISES`, and a
notebook of six cells. Everything else (variants, sheet, marking, printable questions) follows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kolkit.course.questions import Question, Values
from kolkit.words import Words

CaseTable = tuple[tuple[str, ...], ...]
"""Rows of words, the first of them the head."""


@dataclass(frozen=True)
class Parameter:
    """A number that each trainee gets drawn: evenly from low, low + step, ..., high (inclusive).

    Shares are 0-1; `unit` is CNY, USD, share, count, hours, minutes, or plain for a
    number that its sentence gives a meaning.
    """

    name: str
    unit: str
    low: float
    high: float
    step: float

    def at(self, position: float) -> float:
        """The value at a position of 0-1 (exclusive) along the grid.

        >>> Parameter("friends", "count", 240, 600, 20).at(0.999)
        600.0
        """
        steps = round((self.high - self.low) / self.step) + 1
        return round(float(self.low) + int(position * steps) * self.step, 9)


@dataclass(frozen=True)
class Quantity:
    """A result that solutions and hints may name, never a prompt: it would give answers away."""

    name: str
    unit: str
    of: Callable[[Values], float]


def _no_case(t: Words, told: Mapping[str, str]) -> CaseTable:
    return ()


def _always(values: Values) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """Everything about an exercise.

    `case` makes the table of given facts from the parameters in words, and from the numbers of the
    questions that are closed, by their keys; `makes_sense` says which
    draws give a story that holds (others are drawn again).
    """

    key: str
    title: str
    intro: str
    parameters: tuple[Parameter, ...]
    quantities: tuple[Quantity, ...]
    questions: tuple[Question, ...]
    case_title: str = ""
    case: Callable[[Words, Mapping[str, str]], CaseTable] = _no_case
    makes_sense: Callable[[Values], bool] = field(default=_always)

    def given(self, t: Words, values: Values) -> dict[str, str]:
        """The variant's numbers in words, by parameter name: all that a prompt may say."""
        return {p.name: said(t, values[p.name], p.unit) for p in self.parameters}

    def results(self, t: Words, values: Values) -> dict[str, str]:
        """The variant's results in words, by name."""
        return {q.name: said(t, q.of(values), q.unit) for q in self.quantities}

    def question(self, key: str) -> Question | None:
        """The question of that key, if there is one."""
        return next((q for q in self.questions if q.key == key), None)


def said(t: Words, value: float, unit: str) -> str:
    """A number as an exercise writes it: enough digits to calculate with, its unit beside it.

    >>> said(Words("en"), 0.0045, "share"), said(Words("en"), 6.6667, "USD")
    ('0.45\\u202f%', 'US$6.67')
    """
    if unit == "share":
        digits = next((d for d in range(3) if abs(value * 100 - round(value * 100, d)) < 1e-9), 2)
        return t.share(value, digits)
    if unit in ("CNY", "USD"):
        whole = abs(value) >= 100 or abs(value - round(value)) < 1e-9
        return f"{'US$' if unit == 'USD' else '¥'}{value:,.{0 if whole else 2}f}"
    if unit == "hours":
        return t("{n} hours", n=f"{value:,.4g}")
    if unit == "minutes":
        return t("{n} minutes", n=f"{value:,.0f}")
    if unit == "plain":
        return f"{value:,.4g}"
    return f"{value:,.0f}"
