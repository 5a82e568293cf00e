"""Inputs as knobs: what the rail shows, and what comes back from it.

Everything is derived from the declarations; what a browser sends is checked like a brief.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from kolkit.assumptions import category_labels
from kolkit.errors import InputError
from kolkit.inputs import JOURNEYS, SECTIONS, Brief, default_of, inputs_of
from kolkit.journeys.facts import Fact
from kolkit.messages import refusal
from kolkit.text.ledger import grade_of, source_in_words, span_in_words
from kolkit.words import N_, Words

GROUPS = {
    "brand": N_("The brand"),
    "goal": N_("Budget and time"),
    "market": N_("The market"),
    "mix": N_("The mix"),
    "locks": N_("Fixed numbers"),
    "pool": N_("The pool"),
    "capacity": N_("Capacity"),
    "retention": N_("Staying and buying"),
    "session": N_("The session"),
    "deal": N_("The deal"),
    "split": N_("The split"),
    "start": N_("Readiness"),
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
    if declared.knob.kind:
        return knob | {"kind": declared.knob.kind}
    if isinstance(value, bool):
        return knob | {"kind": "flag"}
    low, high, step = declared.knob.slider or (0, 1, 0.01)
    units = {
        "share": ("%", 100),
        "CNY": ("¥", 1),
        "days": (t("days"), 1),
        "months": (t("months"), 1),
        "hours": (t("hours"), 1),
        "ratio": ("×", 1),
    }
    unit, scale = units.get(declared.unit, ("", 1))
    return knob | {
        "kind": "number",
        "unit": unit,
        "scale": scale,
        "min": low,
        "max": high,
        "step": step,
        "whole": fact.whole,
        "optional": fact.optional,
    }


def rail(t: Words, facts: Iterable[Fact], shown: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rail's groups and knobs: `shown` groups open and first, the others folded."""
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in (*shown, *GROUPS)}
    for fact in facts:
        if fact.declared.knob:
            groups[fact.declared.knob.group].append(_knob(t, fact))
    return [
        {"id": name, "title": t(GROUPS[name]), "folded": name not in shown, "knobs": knobs}
        for name, knobs in groups.items()
        if knobs
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


def build(journey: str, given: Mapping[str, Any]) -> Brief:
    """The brief behind a flat mapping of names to values; sections not in the journey are defaults.

    An input counts as the client's if `set_by_client` lists it or its value is not the default;
    notebooks pass every input, so being there says nothing.

    Raises
    ------
    InputError
        one sentence per refused value, as for a brief
    """
    own: dict[str, dict[str, Any]] = {model.name: {} for model in JOURNEYS[journey]}
    for model, name, field, _ in inputs_of(journey):
        if name in given and (
            name in given.get("set_by_client", ()) or given[name] != default_of(field)
        ):
            own[model.name][name] = given[name]
    sections: dict[str, Any] = {}
    refused = []
    for section, values in own.items():
        try:
            sections[section] = SECTIONS[section].model_validate(values)
        except ValidationError as error:
            refused.append(str(refusal(error, section=section)))
    if refused:
        raise InputError("\n".join(refused))
    return Brief.model_construct(**sections)
