"""The sheet's own words: buttons, states, what a screen reader says."""

from kolkit.course.questions import NumberQuestion, Question
from kolkit.words import Words


def labels(t: Words) -> dict[str, str]:
    """Every word that the page itself uses, by the name under which it asks for it."""
    return {
        "trainee": t("Your name"),
        "class_key": t("Class key"),
        "start": t("Start"),
        "sign_in": t("Who is answering?"),
        "sign_in_why": t(
            "Your name and the class key give you numbers of your own. Both stay on this machine "
            "and in the answer file that you hand in."
        ),
        "leave": t("Someone else"),
        "language": t("Language"),
        "tasks": t("Tasks"),
        "task": t("Task {n} of {m}"),
        "points": t("{n} of {m} points"),
        "check": t("Check"),
        "checking": t("Checking…"),
        "back": t("Back"),
        "next": t("Next"),
        "answer": t("Your answer"),
        "answers": t("Tried so far"),
        "left": t("Tries left: {n}"),
        "up": t("Move up: {item}"),
        "down": t("Move down: {item}"),
        "solution": t("Worked out"),
        "finished": t("All tasks are done. Hand in your answers."),
        "hand_in": t("Hand in"),
        "hand_in_why": t(
            "Download the answer file and give it to your trainer. Its checksum finds damage on "
            "the way; it proves no identity. Marking works everything out again."
        ),
        "download": t("Download answer file"),
        "load": t("Load an answer file"),
        "too_large": t("This file is too large for an answer file."),
        "offline": t(
            "No answer from the server of this page. Your answers are kept; reload the page."
        ),
        "open": t("not answered"),
        "tried": t("tried, not right yet"),
        "right": t("right"),
        "shown": t("solution shown"),
        "name_line": t("Name"),
    }


def unit_hint(t: Words, question: Question) -> str:
    """How an answer may be written, beside its box."""
    if not isinstance(question, NumberQuestion):
        return ""
    if question.unit == "share":
        return t("A share: {a} or {b}. Rounded answers count.", a="0.01", b=t.share(0.01))
    if question.unit == "CNY":
        return t("In RMB. Rounded answers count.")
    if question.unit == "ratio":
        return t("How many times. Rounded answers count.")
    return t("Rounded answers count.")
