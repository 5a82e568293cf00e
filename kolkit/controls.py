"""Inputs as knobs: what the rail shows, and what comes back from it.

Everything is derived from the declarations; what a browser sends is checked like a brief.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from kolkit.assumptions import category_labels
from kolkit.errors import InputError
from kolkit.inputs import JOURNEYS, Section, default_of
from kolkit.journeys.facts import Fact
from kolkit.messages import refusal
from kolkit.text.ledger import grade_of, source_in_words, span_in_words
from kolkit.words import LANGUAGES, N_, Words

GROUPS = {
    "session": N_("The session"),
    "deal": N_("The deal"),
    "brand": N_("The brand"),
    "more": N_("More knobs"),
}


def _knob(t: Words, fact: Fact) -> dict[str, Any]:
    declared, value = fact.declared, fact.value
    assert declared.knob is not None
    knob: dict[str, Any] = {
        "name": fact.name,
        "label": t(fact.title),
        "help": t(fact.description) if fact.description else "",
        "low": fact.limits[0],
        "high": fact.limits[1],
        "options": [],
    }
    if fact.name == "category":
        return knob | {
            "kind": "choice",
            "options": [list(o) for o in category_labels(t.language).items()],
        }
    if declared.options:
        return knob | {"kind": "choice", "options": [[v, t(w)] for v, w in declared.options]}
    if isinstance(value, bool):
        return knob | {"kind": "flag"}
    low, high, step = declared.knob.slider or (0, 1, 0.01)
    units = {"share": ("%", 100), "CNY": ("¥", 1), "days": (t("days"), 1), "ratio": ("×", 1)}
    unit, scale = units.get(declared.unit, ("", 1))
    return knob | {
        "kind": "number",
        "unit": unit,
        "scale": scale,
        "min": low,
        "max": high,
        "step": step,
        "whole": declared.unit in ("days", "months"),
    }


def rail(t: Words, facts: Iterable[Fact]) -> list[dict[str, Any]]:
    """The rail's groups and knobs, in the order of the declarations."""
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS}
    for fact in facts:
        if fact.declared.knob:
            groups[fact.declared.knob.group].append(_knob(t, fact))
    groups["more"].append(
        {
            "name": "language",
            "label": t("Language"),
            "help": "",
            "kind": "choice",
            "options": [list(item) for item in LANGUAGES.items()],
            "low": None,
            "high": None,
        }
    )
    return [
        {"id": name, "title": t(title), "folded": name == "more", "knobs": groups[name]}
        for name, title in GROUPS.items()
    ]


def values(facts: Iterable[Fact], language: str) -> dict[str, Any]:
    """What each knob stands at."""
    return {f.name: f.value for f in facts if f.declared.knob} | {"language": language}


def notes(t: Words, facts: Iterable[Fact]) -> dict[str, dict[str, str]]:
    """The line beneath each knob: source, range and grade, or whose figure it is."""
    found = {}
    for fact in facts:
        if not fact.declared.knob:
            continue
        if fact.origin != "default":
            found[fact.name] = {"text": source_in_words(t, fact), "tone": fact.origin}
            continue
        if fact.assumption is None:
            found[fact.name] = {"text": "", "tone": "source"}
            continue
        parts = [
            grade_of(fact),
            span_in_words(t, fact) if fact.low is not None else "",
            fact.assumption.year,
        ]
        told = " · ".join(part for part in parts if part)
        found[fact.name] = {
            "text": told,
            "tone": "source",
            "help": source_in_words(t, fact)
            + (" · " + t(fact.assumption.note) if fact.assumption.note else ""),
        }
    return found


def build(journey: str, given: Mapping[str, Any]) -> list[Section]:
    """The journey's sections from a flat mapping of names to values.

    An input counts as the client's if `set_by_client` lists it or its value is not the default;
    notebooks pass every input, so being there says nothing.

    Raises
    ------
    InputError
        one sentence per refused value, as for a brief
    """
    sections, refused = [], []
    for model in JOURNEYS[journey]:
        own = {
            name: given[name]
            for name, field in model.model_fields.items()
            if name in given
            and (name in given.get("set_by_client", ()) or given[name] != default_of(field))
        }
        try:
            sections.append(model.model_validate(own))
        except ValidationError as error:
            refused.append(str(refusal(error, section=model.name)))
    if refused:
        raise InputError("\n".join(refused))
    return sections
