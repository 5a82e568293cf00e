"""One trainee at one exercise: what was answered so far, and all that the page may know of it.

The page proposes (a name, a try, another language); the session judges from the declaration and
says what to show. A truth is in `state()` only once its question is closed.
"""

from collections.abc import Mapping
from typing import Any

from kolkit.course.answers import AnswerFile, file_name, read_answers, written
from kolkit.course.exercise import Exercise, said
from kolkit.course.judging import ATTEMPTS, Judged, judge, most_points
from kolkit.course.labels import labels, unit_hint
from kolkit.course.questions import NumberQuestion, Question
from kolkit.course.reading import MAX_TYPED, name_of, same_person
from kolkit.course.variants import Variant, variant_of
from kolkit.errors import InputError
from kolkit.words import LANGUAGES, Words

SAMPLE = "sample"
"""Name and class key of the numbers that a sheet shows when nobody is named."""


class Session:
    """The exercise as one trainee sees it."""

    def __init__(
        self, exercise: Exercise, *, class_key: str = "", trainee: str = "", language: str = "en"
    ) -> None:
        self.exercise = exercise
        self.language = language if language in LANGUAGES else "en"
        self.sign_out()
        if class_key and trainee:
            self.sign_in(class_key, trainee)

    @property
    def t(self) -> Words:
        """Words in the trainee's language."""
        return Words(self.language)

    @property
    def signed_in(self) -> bool:
        """Whether a trainee and a class key are known."""
        return bool(self.trainee)

    # -- what the page proposes --------------------------------------------------------------

    def sign_in(self, class_key: object, trainee: object) -> None:
        """Begin as a trainee of a class; raises `InputError` where one of them is no name."""
        key, name = name_of(class_key), name_of(trainee)
        self._begin(key, name, variant_of(self.exercise, key, name))

    def sign_out(self) -> None:
        """Forget who answered; the page keeps the answers for the next visit."""
        self._begin("", "", variant_of(self.exercise, SAMPLE, SAMPLE))

    def _begin(self, class_key: str, trainee: str, variant: Variant) -> None:
        self.class_key, self.trainee, self.variant = class_key, trainee, variant
        self.typed: dict[str, list[str]] = {}
        self._refused: dict[str, str] = {}
        self.notice = ""

    def attempt(self, key: object, text: object) -> None:
        """Take a try at a question; what cannot be read, or is closed, counts nothing."""
        question = self.exercise.question(key) if isinstance(key, str) else None
        if question is None or not isinstance(text, str) or not self.signed_in:
            return
        if self._judged(question).closed:
            return
        judged = judge(self.t, question, self.variant, [*self.typed.get(question.key, ()), text])
        self.typed[question.key] = list(judged.attempts)
        self._refused[question.key] = judged.refused

    def restore(self, answers: object) -> None:
        """Take tries that the page or a file remembers where they go on from the known ones."""
        if not isinstance(answers, Mapping) or not self.signed_in:
            return
        for question in self.exercise.questions:
            tries = answers.get(question.key)
            if not isinstance(tries, list | tuple) or len(tries) > 10 * ATTEMPTS:
                continue
            texts = [text for text in tries if isinstance(text, str)]
            kept = judge(self.t, question, self.variant, texts).attempts
            known = self._judged(question).attempts
            if kept[: len(known)] == known:
                self.typed[question.key] = list(kept)

    def load(self, data: bytes) -> None:
        """Go on from an answer file; a refusal or remark becomes the notice."""
        t = self.t
        try:
            file = read_answers(data)
        except InputError:
            file = None
        if file is None or file.exercise != self.exercise.key:
            self.notice = t("This is no answer file of this exercise: nothing was changed.")
            return
        if (same_person(file.trainee), same_person(file.class_key)) != self._identity():
            self.sign_in(file.class_key, file.trainee)
        self.restore(file.answers)
        self.notice = t("The answers of {name} were loaded.", name=self.trainee)
        if file.remarks:
            self.notice = t.sentences(
                self.notice, t("The file was damaged or edited after it was saved.")
            )

    def take(self, proposal: Mapping[str, Any]) -> None:
        """One message of the page: any of language, name with class key and answers, or a try."""
        t, self.notice = self.t, ""
        if isinstance(language := proposal.get("language"), str) and language in LANGUAGES:
            self.language, self._refused = language, {}
        if proposal.get("leave") is True:
            self.sign_out()
        if "trainee" in proposal:
            try:
                self.sign_in(proposal.get("class_key"), proposal.get("trainee"))
            except InputError:
                self.notice = t("Enter your name and the class key as your trainer gave them.")
        if "answers" in proposal:
            self.restore(proposal["answers"])
        if "question" in proposal:
            self.attempt(proposal["question"], proposal.get("text"))

    # -- what the page is told ---------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything that the page shows; truths and solutions only of closed questions."""
        t, exercise = self.t, self.exercise
        given = exercise.given(t, self.variant.values)
        return {
            "exercise": exercise.key,
            "phase": "tasks" if self.signed_in else "sign_in",
            "language": self.language,
            "languages": [[key, name] for key, name in LANGUAGES.items()],
            "words": labels(t),
            "title": t(exercise.title),
            "intro": t(exercise.intro),
            "trainee": self.trainee,
            "class_key": self.class_key,
            "notice": self.notice,
            "case_title": t(exercise.case_title),
            "case": [list(row) for row in exercise.case(t, given | self._found())],
            "tasks": [self._task(question, given) for question in exercise.questions],
            "answers": self.typed,
            "marks": [self.marks, sum(map(most_points, exercise.questions))],
            "file": self._file(),
        }

    @property
    def marks(self) -> int:
        """Points so far."""
        return sum(self._judged(q).points(q) for q in self.exercise.questions)

    def answer_file(self) -> AnswerFile:
        """What would be handed in now."""
        return AnswerFile(
            exercise=self.exercise.key,
            trainee=self.trainee,
            class_key=self.class_key,
            answers={key: tuple(tries) for key, tries in self.typed.items()},
            numbers=self.variant.values,
        )

    def _identity(self) -> tuple[str, str]:
        if not self.signed_in:
            return "", ""
        return same_person(self.trainee), same_person(self.class_key)

    def _judged(self, question: Question) -> Judged:
        return judge(self.t, question, self.variant, self.typed.get(question.key, ()))

    def _found(self) -> dict[str, str]:
        """The numbers of closed questions in words, by question: what the case may now say."""
        return {
            question.key: said(self.t, question.truth(self.variant.values), question.unit)
            for question in self.exercise.questions
            if isinstance(question, NumberQuestion) and self._judged(question).closed
        }

    def _file(self) -> dict[str, str]:
        if not self.signed_in:
            return {"name": "", "text": ""}
        marks = {q.key: self._judged(q).points(q) for q in self.exercise.questions}
        return {
            "name": file_name(self.exercise.key, self.trainee),
            "text": written(self.answer_file(), marks=marks),
        }

    def _task(self, question: Question, given: Mapping[str, str]) -> dict[str, Any]:
        t, judged = self.t, self._judged(question)
        results = self.exercise.results(t, self.variant.values)
        told = dict(given) | {name: results[name] for name in question.told}
        texts = dict(question.entries())
        return {
            "key": question.key,
            "title": t(question.title),
            "prompt": t(question.prompt, **given),
            "kind": question.kind,
            "unit": unit_hint(t, question),
            "longest": MAX_TYPED,
            "case": question.case,
            "entries": [[key, t(texts[key], **told)] for key in self.variant.shown[question.key]],
            "points": [judged.points(question), most_points(question)],
            "attempts": list(judged.attempts),
            "status": _status(judged),
            "left": ATTEMPTS - len(judged.attempts),
            **self._feedback(question, judged, dict(given) | results),
        }

    def _feedback(
        self, question: Question, judged: Judged, everything: Mapping[str, str]
    ) -> dict[str, str]:
        t, refused = self.t, self._refused.get(question.key, "")
        solution = t(question.solution, **everything) if judged.closed else ""
        if judged.right:
            return {"feedback": t("Right."), "tone": "right", "solution": solution}
        if refused:
            return {"feedback": refused, "tone": "note", "solution": solution}
        if not judged.attempts:
            return {"feedback": "", "tone": "", "solution": ""}
        # A hint is a way to the answer, said in words: results stay out until the end.
        hint = judged.misconceptions[-1][2] or question.nudge
        told = t.sentences(t("Not yet."), t(hint, **self.exercise.given(t, self.variant.values)))
        if judged.closed:
            told = t.sentences(told, t("That was the last try: see how it is worked out."))
        return {"feedback": told, "tone": "wrong", "solution": solution}


def _status(judged: Judged) -> str:
    if judged.right:
        return "right"
    if judged.closed:
        return "shown"
    return "tried" if judged.attempts else "open"
