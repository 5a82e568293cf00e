"""Marks from answer files: the truth is computed again, whatever a file says of itself.

Every file gives one row, also one that cannot be marked; its remarks say why. Of several files of
one trainee the one with the most tries counts, because a sheet only ever adds tries.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from kolkit.course.answers import MAX_BYTES, AnswerFile, read_answers
from kolkit.course.exercise import Exercise
from kolkit.course.judging import Judged, judge, most_points
from kolkit.course.reading import name_of, same_person
from kolkit.course.variants import variant_of
from kolkit.errors import InputError
from kolkit.words import Words

MOST_FILES = 5_000


@dataclass(frozen=True)
class Marked:
    """One answer file: who, what each question earned and showed, and remarks.

    `judged` is empty where the file could not be marked; `counted` is false for those and for the
    files of a trainee that another one replaces.
    """

    file: str
    trainee: str = ""
    judged: dict[str, Judged] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    counted: bool = False

    @property
    def tries(self) -> int:
        """Tries over all questions."""
        return sum(len(judged.attempts) for judged in self.judged.values())

    def points(self, exercise: Exercise) -> int:
        """Points over all questions."""
        return sum(self.judged[q.key].points(q) for q in exercise.questions if self.judged)


@dataclass(frozen=True)
class ClassMarks:
    """The marks of a class: one row a file, in order of file names."""

    exercise: Exercise
    rows: tuple[Marked, ...]

    @property
    def most(self) -> int:
        """Points of a faultless sheet."""
        return sum(map(most_points, self.exercise.questions))

    def frame(self) -> pd.DataFrame:
        """A row a file: trainee, points, then points, misconceptions and attempts by question."""
        frame = pd.DataFrame([self._row(row) for row in self.rows])
        counts = ["marks", *(n for n in frame.columns if n.endswith((" marks", " attempts")))]
        return frame.astype(dict.fromkeys(counts, "Int64"))

    def distribution(self) -> list[tuple[str, int]]:
        """Trainees by quarter of the points: label and count, lowest first."""
        edges = [round(self.most * i / 4) for i in range(5)]
        points = [row.points(self.exercise) for row in self.rows if row.counted]
        spans = [(edges[i] + (i > 0), edges[i + 1]) for i in range(4)]
        return [(f"{a}-{b}", sum(a <= point <= b for point in points)) for a, b in spans]

    def commonest(self, most: int = 5) -> list[tuple[str, str, int]]:
        """Question, misconception and how many trainees showed it, commonest first."""
        seen: Counter[tuple[str, str]] = Counter()
        for row in self.rows:
            if row.counted:
                for key, judged in row.judged.items():
                    seen.update({(key, label) for _, label, _ in judged.misconceptions if label})
        ranked = sorted(seen.items(), key=lambda item: (-item[1], item[0]))
        titles = {question.key: question.title for question in self.exercise.questions}
        return [(titles[key], label, count) for (key, label), count in ranked[:most]]

    def _row(self, row: Marked) -> dict[str, object]:
        cells: dict[str, object] = {
            "trainee": row.trainee,
            "exercise": self.exercise.key,
            "marks": row.points(self.exercise) if row.judged else None,
            "of": self.most,
            "counted": "yes" if row.counted else "no",
        }
        for question in self.exercise.questions:
            judged = row.judged.get(question.key)
            shown = judged.misconceptions if judged else ()
            known = [label or "not recognised" for _, label, _ in shown]
            cells[f"{question.key} marks"] = judged.points(question) if judged else None
            cells[f"{question.key} misconception"] = "; ".join(dict.fromkeys(known))
            cells[f"{question.key} attempts"] = len(judged.attempts) if judged else None
        return cells | {"remarks": "; ".join(row.remarks), "file": row.file}


def answer_files(paths: Iterable[Path]) -> list[Path]:
    """The answer files named, and those in the folders named (`*.json`, not deeper).

    Raises
    ------
    InputError
        a path does not exist, none is left, or there are more than 5,000
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.glob("*.json") if p.is_file())
        elif path.is_file():
            found.append(path)
        else:
            raise InputError(f"there is nothing at {path}: name answer files or their folder.")
    if not found:
        raise InputError("no answer files (.json) found: name them or the folder they are in.")
    if len(found) > MOST_FILES:
        raise InputError(f"{len(found):,} answer files are more than {MOST_FILES:,}: split them.")
    return list(dict.fromkeys(found))


def mark(exercise: Exercise, files: Sequence[Path], *, class_key: str) -> ClassMarks:
    """Mark answer files of an exercise under a class key."""
    key = same_person(name_of(class_key))
    rows = [_marked(exercise, path, key) for path in files]
    return ClassMarks(exercise, tuple(_each_trainee_once(rows)))


def _marked(exercise: Exercise, path: Path, class_key: str) -> Marked:
    name = "".join(c if c.isprintable() else "?" for c in path.name)[:120]
    try:
        with path.open("rb") as stream:
            file = read_answers(stream.read(MAX_BYTES + 1))
    except InputError as error:
        return Marked(name, remarks=(f"not marked: {error}",))
    except OSError as error:
        return Marked(name, remarks=(f"not marked: cannot be read ({error.strerror})",))
    if file.exercise != exercise.key:
        wrong = f"not marked: wrong exercise ({file.exercise or 'none named'})"
        return Marked(name, file.trainee, remarks=(wrong, *file.remarks))
    if same_person(file.class_key) != class_key:
        other = "not marked: answered under another class key"
        return Marked(name, file.trainee, remarks=(other, *file.remarks))
    return _judged(exercise, file, name)


def _judged(exercise: Exercise, file: AnswerFile, name: str) -> Marked:
    t = Words("en")
    variant = variant_of(exercise, file.class_key, file.trainee)
    remarks = list(file.remarks)
    unknown = [key for key in file.answers if exercise.question(key) is None]
    if unknown:
        shown = ", ".join("".join(c for c in key[:40] if c.isprintable()) for key in unknown[:5])
        remarks.append(f"unknown questions: {shown}")
    if file.numbers != dict(variant.values):
        remarks.append("the sheet showed other numbers: renamed, edited or another version")
    judged = {
        question.key: judge(t, question, variant, file.answers.get(question.key, ()))
        for question in exercise.questions
    }
    unread = [key for key, one in judged.items() if one.unread]
    if unread:
        remarks.append(f"unreadable answers: {', '.join(unread)}")
    return Marked(name, file.trainee, judged, tuple(remarks), counted=True)


def _each_trainee_once(rows: Sequence[Marked]) -> list[Marked]:
    """The rows with `counted` kept for one file of each trainee, and duplicates remarked."""
    by_trainee: dict[str, list[Marked]] = {}
    for row in rows:
        if row.counted:
            by_trainee.setdefault(same_person(row.trainee), []).append(row)
    result = []
    for row in rows:
        same = by_trainee.get(same_person(row.trainee), []) if row.counted else []
        if len(same) < 2:
            result.append(row)
            continue
        best = max(same, key=lambda one: one.tries)
        others = ", ".join(one.file for one in same if one is not row)
        duplicate = f"duplicate trainee: also in {others}"
        result.append(replace(row, counted=row is best, remarks=(*row.remarks, duplicate)))
    return result
