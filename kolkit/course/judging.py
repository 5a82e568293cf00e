"""What a trainee's tries at one question amount to: the same on the sheet and in marking.

A try that cannot be read, or that repeats an earlier one, costs nothing. After the third wrong one
the question is closed and its solution shown; a right one closes it with 3, 2 or 1 points, so that
guessing through a list of options earns little.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kolkit.course.questions import Question
from kolkit.course.reading import Unreadable
from kolkit.course.variants import Variant
from kolkit.words import Words

ATTEMPTS = 3


@dataclass(frozen=True)
class Judged:
    """The tries that count, what each showed, and the last refusal if the newest was refused.

    `misconceptions` has one (key, short name, hint) for each wrong try, empty texts if unknown.
    """

    attempts: tuple[str, ...]
    misconceptions: tuple[tuple[str, str, str], ...]
    right: bool
    refused: str
    unread: int

    @property
    def closed(self) -> bool:
        """Answered rightly, or tried as often as allowed."""
        return self.right or len(self.attempts) >= ATTEMPTS

    def points(self, question: Question) -> int:
        """What the tries earn: as many points as tries were left before the right one."""
        left = ATTEMPTS - len(self.attempts) + 1
        return left * question.weight if self.right else 0


def most_points(question: Question) -> int:
    """Points for a right answer at the first try."""
    return ATTEMPTS * question.weight


def judge(t: Words, question: Question, variant: Variant, typed: Sequence[str]) -> Judged:
    """Judge the tries at a question in the order in which they were made."""
    counted: list[str] = []
    answers: list[object] = []
    shown: list[tuple[str, str, str]] = []
    refused, right, unread = "", False, 0
    for text in typed:
        if right or len(counted) >= ATTEMPTS:
            break
        refused = ""
        try:
            answer = question.read(t, text)
        except Unreadable as error:
            refused, unread = str(error), unread + 1
            continue
        if answer in answers:
            refused = t("You have tried this answer already.")
            continue
        counted.append(text)
        answers.append(answer)
        right = question.is_right(answer, variant.values)
        if not right:
            shown.append(question.diagnosed(answer, variant.values))
    return Judged(tuple(counted), tuple(shown), right, refused, unread)
