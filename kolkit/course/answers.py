"""The answer file: what a trainee hands in, and takes along to another machine.

JSON with a checksum. The checksum finds damage on the way; it proves neither who answered nor that
nobody edited the file. The marks in it are for the trainee to read: marking never looks at them.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kolkit.course.reading import name_of
from kolkit.errors import InputError

FORMAT = "kolkit-answers-1"
MAX_BYTES = 256_000
MAX_TRIES = 50
"""Tries per question that are looked at; a sheet never writes more than three."""
FIELDS = ("format", "exercise", "trainee", "class_key", "numbers", "answers", "marks", "note")
NOTE = "The checksum detects damage. It proves no identity. Marks are computed again from answers."


@dataclass(frozen=True)
class AnswerFile:
    """An answer file as read; `remarks` names everything about it that is not as it should be."""

    exercise: str
    trainee: str
    class_key: str
    answers: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def checksum(content: Mapping[str, Any]) -> str:
    """BLAKE2b over all fields but the checksum, in a form that ignores order and spacing."""
    plain = {name: value for name, value in content.items() if name != "checksum"}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def written(
    file: AnswerFile,
    *,
    marks: Mapping[str, int],
) -> str:
    """The answer file as text; `marks` by question are for the trainee to read."""
    content: dict[str, Any] = {
        "format": FORMAT,
        "exercise": file.exercise,
        "trainee": file.trainee,
        "class_key": file.class_key,
        "numbers": dict(file.numbers),
        "answers": {key: list(tries) for key, tries in file.answers.items()},
        "marks": dict(marks),
        "note": NOTE,
    }
    content["checksum"] = checksum(content)
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def file_name(exercise: str, trainee: str) -> str:
    """A name for the file that every system accepts: `ex01-li-na.json`.

    >>> file_name("ex01", "<Li> Na / ..")
    'ex01-li-na.json'
    """
    bare = re.sub(r"[^\w]+", "-", trainee.casefold()).strip("-_")[:40]
    return f"{exercise}-{bare or 'answers'}.json"


def read_answers(data: bytes) -> AnswerFile:
    """Read an answer file; nothing in it is trusted and nothing in it is run.

    Raises
    ------
    InputError
        too large, no JSON, another format, or without a name
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            f"an answer file has at most {MAX_BYTES:,} bytes; got {len(data):,}. Download it again."
        )
    content = _parsed(data)
    remarks = []
    if content.get("checksum") != checksum(content):
        remarks.append("checksum does not match: the file was damaged or edited after saving")
    unknown = sorted(str(name)[:40] for name in content.keys() - {*FIELDS, "checksum"})
    if unknown:
        remarks.append(f"unknown fields: {', '.join(unknown[:5])}")
    answers, odd = _answers(content.get("answers"))
    remarks += odd
    numbers = content.get("numbers")
    return AnswerFile(
        exercise=_text(content.get("exercise"), 40),
        trainee=name_of(content.get("trainee")),
        class_key=name_of(content.get("class_key")),
        answers=answers,
        numbers=numbers if isinstance(numbers, dict) else {},
        remarks=tuple(remarks),
    )


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InputError(
            "this is no answer file: it cannot be read as JSON. Download it again from the sheet."
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(
            f"this is no answer file: its format is not {FORMAT}. Download it from the sheet."
        )
    return content


def _answers(given: object) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    if not isinstance(given, dict):
        return {}, ["no answers in the file"]
    answers, remarks = {}, []
    for key, tries in given.items():
        if not isinstance(tries, list) or not all(isinstance(text, str) for text in tries):
            remarks.append(f"unreadable answers: {_text(key, 40)}")
            continue
        answers[key] = tuple(tries[:MAX_TRIES])
    return answers, remarks


def _text(value: object, length: int) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(c for c in text[:length] if c.isprintable())
