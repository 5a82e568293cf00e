"""The three kinds of question: a number with its unit, one choice, an order.

Each knows how to read what was typed, whether it is right, and which misconception a wrong answer
shows. Texts are msgids marked with `N_`; placeholders name the exercise's parameters, and in
solutions, hints and the `told` of options also its quantities.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kolkit.course.reading import MAX_TYPED, Unreadable, number_of
from kolkit.words import N_, Words

Values = Mapping[str, float]
"""A variant's numbers by parameter name, in plain units."""

PER_CENT = "per_cent_for_share"
PER_CENT_FOR_SHARE = N_("A per cent number without its sign")
PER_CENT_HINT = N_(
    "A bare number is read as a share, so that 1 means all of it. Add the per cent sign, or divide "
    "by 100."
)


@dataclass(frozen=True)
class Misconception:
    """A way of thinking that leads to a known wrong answer, its short name and its hint."""

    key: str
    label: str
    hint: str
    answer: Callable[[Values], float | tuple[str, ...]]


@dataclass(frozen=True)
class Option:
    """One choice; the hint says what is wrong with it, and is empty for the right one."""

    key: str
    text: str
    label: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What all kinds share.

    `case` asks for the exercise's table beside the prompt; `told` names quantities that the
    options may show; `weight` multiplies its points; `nudge` is the hint when no misconception is
    recognised.
    """

    key: str
    title: str
    prompt: str
    solution: str
    nudge: str
    weight: int = 1
    case: bool = False
    told: tuple[str, ...] = ()

    kind = ""

    def read(self, t: Words, text: str) -> object:
        """The answer that was typed; raises `Unreadable`."""
        raise NotImplementedError

    def is_right(self, answer: object, values: Values) -> bool:
        """Whether an answer that was read is right for a variant."""
        raise NotImplementedError

    def diagnosed(self, answer: object, values: Values) -> tuple[str, str, str]:
        """Key, short name and hint of the misconception that a wrong answer shows, or empty."""
        raise NotImplementedError

    def labels(self) -> dict[str, str]:
        """Short name of every misconception by its key."""
        raise NotImplementedError

    def is_fair(self, values: Values) -> bool:
        """Whether, for a variant, right and wrong and each way of being wrong stay apart."""
        return True

    def entries(self) -> tuple[tuple[str, str], ...]:
        """Keys and texts of what is chosen from or put in order."""
        return ()


@dataclass(frozen=True, kw_only=True)
class NumberQuestion(Question):
    """A number with its unit; `tolerance` is relative to the truth."""

    unit: str
    truth: Callable[[Values], float]
    misconceptions: tuple[Misconception, ...] = ()
    tolerance: float = 0.02

    kind = "number"

    def read(self, t: Words, text: str) -> float:
        return number_of(t, text, self.unit)

    def is_right(self, answer: object, values: Values) -> bool:
        return self._near(answer, self.truth(values))

    def diagnosed(self, answer: object, values: Values) -> tuple[str, str, str]:
        for wrong in self.all_misconceptions():
            if self._near(answer, wrong.answer(values)):
                return wrong.key, wrong.label, wrong.hint
        if self.unit == "share" and isinstance(answer, int | float) and answer > 1:
            return PER_CENT, PER_CENT_FOR_SHARE, PER_CENT_HINT
        return "", "", ""

    def labels(self) -> dict[str, str]:
        return {wrong.key: wrong.label for wrong in self.all_misconceptions()}

    def all_misconceptions(self) -> tuple[Misconception, ...]:
        """The declared ones, and for shares the forgotten per cent sign."""
        if self.unit != "share":
            return self.misconceptions
        forgotten = Misconception(
            PER_CENT, PER_CENT_FOR_SHARE, PER_CENT_HINT, lambda values: 100 * self.truth(values)
        )
        return (*self.misconceptions, forgotten)

    def is_fair(self, values: Values) -> bool:
        known = [self.truth(values), *(m.answer(values) for m in self.all_misconceptions())]
        numbers = [float(number) for number in known if isinstance(number, int | float)]
        return all(
            abs(a - b) > 1.1 * self.tolerance * (abs(a) + abs(b))
            for i, a in enumerate(numbers)
            for b in numbers[:i]
        )

    def _near(self, answer: object, expected: object) -> bool:
        if not (isinstance(answer, int | float) and isinstance(expected, int | float)):
            return False
        return abs(answer - expected) <= self.tolerance * abs(expected)


@dataclass(frozen=True, kw_only=True)
class ChoiceQuestion(Question):
    """One of several options; exactly one is right for every variant."""

    options: tuple[Option, ...]
    right: str

    kind = "choice"

    def read(self, t: Words, text: str) -> str:
        if text not in {option.key for option in self.options}:
            raise Unreadable(t("Choose one of the answers."))
        return text

    def is_right(self, answer: object, values: Values) -> bool:
        return answer == self.right

    def diagnosed(self, answer: object, values: Values) -> tuple[str, str, str]:
        for option in self.options:
            if option.key == answer:
                return option.key, option.label, option.hint
        return "", "", ""

    def labels(self) -> dict[str, str]:
        return {o.key: o.label for o in self.options if o.key != self.right}

    def entries(self) -> tuple[tuple[str, str], ...]:
        return tuple((option.key, option.text) for option in self.options)


@dataclass(frozen=True, kw_only=True)
class OrderQuestion(Question):
    """Items (key and text) to be put in order; an answer is their keys with commas."""

    items: tuple[tuple[str, str], ...]
    truth: Callable[[Values], tuple[str, ...]]
    misconceptions: tuple[Misconception, ...] = ()

    kind = "order"

    def read(self, t: Words, text: str) -> tuple[str, ...]:
        keys = tuple(text.split(",")) if len(text) <= 10 * MAX_TYPED else ()
        if sorted(keys) != sorted(key for key, _ in self.items):
            raise Unreadable(t("Put every item in its place once."))
        return keys

    def is_right(self, answer: object, values: Values) -> bool:
        return answer == self.truth(values)

    def diagnosed(self, answer: object, values: Values) -> tuple[str, str, str]:
        for wrong in self.misconceptions:
            if answer == wrong.answer(values):
                return wrong.key, wrong.label, wrong.hint
        return "", "", ""

    def labels(self) -> dict[str, str]:
        return {wrong.key: wrong.label for wrong in self.misconceptions}

    def is_fair(self, values: Values) -> bool:
        known = [self.truth(values), *(m.answer(values) for m in self.misconceptions)]
        return len(set(known)) == len(known)

    def entries(self) -> tuple[tuple[str, str], ...]:
        return self.items
