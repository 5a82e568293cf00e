"""Positions of several inputs at once: the cautious and the bold end, and published cases.

Cautious and bold are computed, not chosen: the uncertain inputs that move the result most go to the
ends of their plausible ranges. A published case sets what its source says and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from kolkit.assumptions import category_labels
from kolkit.errors import InputError
from kolkit.journeys import livestream, mix_plan, pool_flow, start
from kolkit.journeys.facts import Fact
from kolkit.journeys.plan_engine import Actions
from kolkit.models.sensitivity import Values, one_at_a_time
from kolkit.models.uncertainty import Array
from kolkit.reference import SEPARATOR, preset_values
from kolkit.words import N_, Words

Given = Mapping[str, Any]

MOVED = 5
"""Inputs that a stance moves at most."""

TITLES = {"cautious": N_("Cautious"), "typical": N_("Typical"), "bold": N_("Bold")}


@dataclass(frozen=True)
class Preset:
    """Inputs to move together, what the button says, and which and why.

    `before` are the same inputs as they stood: the centre that a stance was computed around.
    """

    key: str
    title: str
    note: str
    inputs: Mapping[str, Any]
    before: Mapping[str, Any] = field(default_factory=dict)


# -- cautious, typical, bold ---------------------------------------------------------------------


def _start(case: Any) -> Callable[[Values], Array]:
    return start.contribution


def _tier_mix(case: Any) -> Callable[[Values], Array]:
    return lambda values: mix_plan.outcome(case.facts, case.plan, values).profit_cny


def _private_pool(case: Any) -> Callable[[Values], Array]:
    return lambda values: (
        pool_flow.outcome(
            case.facts,
            values,
            paid_joins_per_month=case.paid_joins,
            extra_joins_per_month=case.extra_joins,
        ).profit_cny
    )


def _livestream(case: Any) -> Callable[[Values], Array]:
    return lambda values: livestream.profit_of(case.offered, case.facts, values)


def _plan(case: Any) -> Callable[[Values], Array]:
    actions = case.actions if case.verdict.go else case.tried
    if not actions.active:
        # Nothing pays: what would move it is seen where each journey does what it does alone.
        alone = {key: case.engine.alone(key) for key in case.included}
        actions = Actions(
            next((a.mix for a in alone.values() if a.mix is not None), None),
            max(a.sessions for a in alone.values()),
            next((a.paid_joins for a in alone.values() if a.paid_joins is not None), None),
        )
    return lambda values: case.engine.parts(actions, values).total


RESULT: dict[str, Callable[[Any], Callable[[Values], Array]]] = {
    "start": _start,
    "tier_mix": _tier_mix,
    "private_pool": _private_pool,
    "livestream": _livestream,
    "plan": _plan,
}
"""What is at stake in each journey, RMB, for other values of the inputs and the same actions."""


def _end(fact: Fact, value: float) -> float | int:
    return round(value) if fact.whole else round(value, 6)


def strongest(journey: str, case: Any) -> dict[str, tuple[float | int, float | int]]:
    """The uncertain inputs that move the result most, with their unfavourable and favourable end.

    One at a time from the most likely values, the actions staying as they are; at most five, those
    that move it most first.
    """
    facts = case.facts.by_name
    ends = {
        fact.name: (float(fact.low), float(fact.high))
        for fact in case.facts.used()
        if fact.low is not None and fact.high is not None and fact.declared.knob
    }
    found = one_at_a_time(RESULT[journey](case), case.facts.centre(), ends)
    telling = [name for name, (low, high) in found.items() if abs(high - low) >= 0.01]
    ranked = sorted(telling, key=lambda name: -abs(found[name][1] - found[name][0]))[:MOVED]
    ordered = {
        name: ends[name] if found[name][0] < found[name][1] else ends[name][::-1] for name in ranked
    }
    return {
        name: (_end(facts[name], worse), _end(facts[name], better))
        for name, (worse, better) in ordered.items()
    }


def stances(
    t: Words,
    journey: str,
    given: Given,
    *,
    stake: str,
    run: Callable[[Given], Any],
    centre: Given | None = None,
) -> list[Preset]:
    """Cautious, typical and bold: the inputs that matter most at their ends, and back.

    Parameters
    ----------
    given : the flat inputs as they stand
    stake : what is at stake, as a sentence's part: `book.stake[1]`
    run : the case for other inputs; refuses impossible ones with an `InputError`
    centre : where a stance was chosen before, its `before`: the ends are those around that, so that
        choosing one after another never drifts

    Returns
    -------
    list[Preset]
        empty where nothing uncertain moves the result
    """
    middle = {**given, **(centre or {})}
    case = run(middle)
    ends = strongest(journey, case)
    worse, better = ({name: pair[k] for name, pair in ends.items()} for k in (0, 1))
    while ends and not (_possible(run, middle, worse) and _possible(run, middle, better)):
        # Two ends may not go together: the one that matters least stays where it is.
        last = list(ends)[-1]
        for held in (ends, worse, better):
            del held[last]
    if not ends:
        return []
    facts = case.facts.by_name
    # What is not named stands at its default, which is what the facts of the case say of it.
    before = {name: middle[name] if name in middle else _default(facts[name]) for name in ends} | {
        name: value for name, value in (centre or {}).items() if name not in ends
    }
    what = t.inline(t(stake))
    notes = {
        "cautious": t(
            "The inputs that move {stake} most, at the unfavourable end of their range: {inputs}.",
            stake=what,
            inputs=_listed(t, facts, worse),
        ),
        "typical": t(
            "The inputs that move {stake} most, at their own or sourced value: {inputs}.",
            stake=what,
            inputs=_listed(t, facts, {name: facts[name].value for name in ends}),
        ),
        "bold": t(
            "The inputs that move {stake} most, at the favourable end of their range: {inputs}.",
            stake=what,
            inputs=_listed(t, facts, better),
        ),
    }
    kept = {name: value for name, value in before.items() if name not in ends}
    moves = {"cautious": kept | worse, "typical": before, "bold": kept | better}
    return [Preset(key, t(title), notes[key], moves[key], before) for key, title in TITLES.items()]


def _default(fact: Fact) -> Any:
    """What to give for an input that nobody gave: nothing, where it may be left free."""
    return None if fact.optional else fact.value


def _possible(run: Callable[[Given], Any], middle: Given, moved: Given) -> bool:
    try:
        run({**middle, **moved})
    except InputError:
        return False
    return True


def _listed(t: Words, facts: Mapping[str, Fact], values: Given) -> str:
    return t.join([_told(t, facts[name], value) for name, value in values.items()])


def _told(t: Words, fact: Fact, value: Any) -> str:
    """An input and a value of it: gross margin 45 %."""
    if fact.name == "category":
        said = category_labels(t.language)[value]
    else:
        said = t.value(value, fact.declared.unit)
    return f"{t.inline(t(fact.title))} {said}"


# -- published cases -----------------------------------------------------------------------------


def book_presets(t: Words, journey: str) -> list[Preset]:
    """The published cases that say something about a journey's inputs."""
    found, apart = [], SEPARATOR["zh" if t.language == "zh" else "en"]
    for key, rows in groupby(preset_values(t.language), key=lambda row: row.preset):
        values = list(rows)
        if journey not in values[0].journeys:
            continue
        sources = dict.fromkeys(v.source.name(t.language) for v in values)
        told = t(
            "{notes}. Source: {sources}. What the source leaves out stays as it is.",
            notes=apart.join(dict.fromkeys(value.note for value in values)),
            sources=apart.join(sources),
        )
        inputs = {value.input: value.value for value in values}
        found.append(Preset(key, values[0].title, told[:1].upper() + told[1:], inputs))
    return found
