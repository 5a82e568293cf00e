"""Turns a refused input into one sentence: name, what is allowed, what was given, the repair."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from kolkit.assumptions import category_return_rates
from kolkit.errors import InputError
from kolkit.inputs import SECTIONS, Alternative, Brief, Declared

SHOWN = 80
"""Characters of a refused value that a message repeats."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The best match for a mistyped name, or an empty string."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), "")


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(c if c.isprintable() else " " for c in text)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _number_in(text: str) -> float | None:
    """The number a person may have meant by `20%`, `1.2万`, `1,000,000` or `5e6`."""
    match = re.fullmatch(
        r"[¥￥]?\s*([-+]?[\d,]*\.?\d+(?:e[-+]?\d+)?)\s*(%|万|亿|bn|[km])?\s*(?:rmb|cny|元)?",
        text.strip().casefold(),
    )
    if not match:
        return None
    factors = {"%": 0.01, "万": 1e4, "亿": 1e8, "k": 1e3, "m": 1e6, "bn": 1e9}
    factor = factors.get(match[2] or "", 1.0)
    # A single comma before one or two digits is a decimal one: 0,2 and 12,5.
    decimal = re.fullmatch(r"([-+]?\d+),(\d{1,2})", match[1])
    digits = f"{decimal[1]}.{decimal[2]}" if decimal else match[1]
    return float(digits.replace(",", "")) * factor


def _plain(number: float) -> str:
    return f"{number:.2f}" if 0 < abs(number) < 1 else f"{number:,.10g}".replace(",", "")


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    return low, high


def _allowed(field: FieldInfo, declared: Declared) -> str:
    if field.title == "Product category":
        return "one of " + ", ".join(category_return_rates())
    if declared.options:
        return "one of " + ", ".join(value for value, _ in declared.options)
    annotation = str(field.annotation)
    if "Literal" in annotation:
        return "one of " + ", ".join(re.findall(r"'([^']+)'", annotation))
    if "bool" in annotation:
        return "true or false"
    if "list" in annotation:
        return "a list of rows"
    if "dict" in annotation:
        return "a mapping of counts, as kolkit report writes it"
    if "str" in annotation and "list" not in annotation:
        pattern = next((m.pattern for m in field.metadata if hasattr(m, "pattern")), None)
        return "a colour such as #1c2330" if pattern else "text"
    kind = {
        "share": "a share",
        "CNY": "an amount in RMB",
        "days": "a whole number of days",
        "months": "a whole number of months",
        "hours": "a number of hours",
        "ratio": "a number",
        "": "a number",
    }.get(declared.unit, "a whole number")
    low, high = _bounds(field)
    if low is not None and high is not None:
        return f"{kind} between {low:,.12g} and {high:,.12g}"
    return kind


def _repair(field: FieldInfo, declared: Declared, given: object) -> str:
    number = _number_in(given) if isinstance(given, str) else given
    low, high = _bounds(field)
    if isinstance(number, int | float) and not isinstance(number, bool):
        fits = (low is None or number >= low) and (high is None or number <= high)
        if isinstance(given, str) and fits:
            return f"Did you mean {_plain(float(number))}?"
        if (
            declared.unit == "share"
            and 1 < number <= 100
            and (high is None or number / 100 <= high)
        ):
            return f"Did you mean {number / 100:.2f}?"
        if number < 0 and high is not None and -number <= high:
            return f"Did you mean {_plain(-float(number))}?"
    if isinstance(given, str):
        options = [value for value, _ in declared.options] or list(
            category_return_rates() if field.title == "Product category" else ()
        )
        close = nearest(given, options)
        if close:
            return f"Did you mean {close}?"
    return ""


def _elsewhere(key: str, section: str, whole: type[BaseModel]) -> str:
    """Where an unknown key may belong, as a question; outside a section `whole` takes it."""
    own = SECTIONS[section].model_fields if section else whole.model_fields
    for other, model in SECTIONS.items():
        if other != section and key in model.model_fields:
            return f"It belongs under {other}:."
    close = nearest(key, own)
    if close:
        return f"Did you mean {close}?"
    for other, model in SECTIONS.items():
        close = nearest(key, model.model_fields)
        if close:
            return f"Did you mean {other}.{close}?"
    return f"Known here: {', '.join(own)}."


def _sentence(error: Mapping[str, Any], section: str) -> str:
    path = [str(part) for part in error["loc"]]
    whole: type[BaseModel] = Brief
    before = ""
    if path[0] == "scenarios" and len(path) > 1:
        before, whole, path = f"scenarios, no. {int(path[1]) + 1}: ", Alternative, path[2:]
        if not path:
            return f"{before}this must be a list of `name: value` lines beginning with name:."
    return before + _told(error, path, section, whole)


def _told(error: Mapping[str, Any], path: list[str], section: str, whole: type[BaseModel]) -> str:
    if section and not (path and path[0] in SECTIONS):
        path = [section, *path]
    where = ".".join(path)
    model: type[BaseModel] = SECTIONS.get(path[0], whole)
    key = path[1] if path[0] in SECTIONS and len(path) > 1 else path[0]
    if error["type"] == "extra_forbidden":
        inside = path[0] if path[0] in SECTIONS and len(path) > 1 else ""
        return f"{where} is not an input. {_elsewhere(key, inside, whole)}"
    if error["type"] == "missing":
        if whole is Alternative:
            return f"{where} is missing: every scenario has a name of its own."
        return f"{where} is missing: every brief names its {key}."
    if error["type"] in {"model_type", "model_attributes_type", "dict_type"} and len(path) == 1:
        return f"{where} must be a list of `name: value` lines; got {_shown(error['input'])}."
    own = error.get("ctx", {}).get("error")
    if isinstance(own, InputError):
        return f"{where}: {own}"
    if key == "scenarios":
        return "scenarios must be a list: begin each with `- name:`."
    field = model.model_fields[key]
    if key in {"client", "scenario", "name"}:
        return (
            f"{where} must be a plain name of 1 to 60 characters without < > / \\ | ? * : or "
            f"quotes, not starting with a dot; got {_shown(error['input'])}."
        )
    declared = next((m for m in field.metadata if isinstance(m, Declared)), Declared())
    text = f"{where} must be {_allowed(field, declared)}; got {_shown(error['input'])}."
    return f"{text} {_repair(field, declared, error['input'])}".rstrip()


def place_of(
    path: tuple[str, ...], *, file: str, lines: Mapping[tuple[str, ...], int | str]
) -> str:
    """Where a key is: `file, line n`, or as the lines name it; else its section, else the file."""
    # Of a scenario beside the brief's own, the line where its name stands is near enough.
    parts = (path, path[:2], path[:1], ())
    found = next((lines[part] for part in parts if lines.get(part)), None)
    line = f"line {found}" if isinstance(found, int) else found
    return f"{file}, {line}" if line else file


def refusal(
    error: ValidationError,
    *,
    section: str = "",
    place: str = "",
    lines: Mapping[tuple[str, ...], int | str] | None = None,
) -> InputError:
    """One `InputError` for everything pydantic refused, one sentence per input.

    Parameters
    ----------
    section : section that was checked alone, empty for a whole brief
    place : file name to begin with
    lines : line of each key path in that file, or the cell in words
    """
    sentences = []
    for item in error.errors():
        path = tuple(str(part) for part in item["loc"])
        prefix = f"{place_of(path, file=place, lines=lines or {})}: " if place else ""
        sentences.append(prefix + _sentence(item, section))
    return InputError("\n".join(sentences))
