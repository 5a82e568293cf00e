"""Scenarios side by side: what they assume otherwise, and what moved the answer, in yuan.

From the first scenario to another one input is moved after the other. What an input is worth
depends on the order, so the walk is made forwards and backwards and the mean is taken; either way
the parts add up to the whole difference. Where one input alone cannot be moved (two limits belong
together), it is moved with the next ones, and the part is theirs together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from kolkit.errors import InputError
from kolkit.inputs import default_of, inputs_of
from kolkit.journeys.facts import Fact

MOST = 4
"""Scenarios that fit beside each other."""

BOTH_WAYS = 12
"""Differing inputs up to which the walk is made in both directions; beyond, forwards only."""

LARGEST = 7
"""Parts that are told one by one where there are more than one more than that."""

FILE = ("orders_file", "orders_counted")
"""An order file is one input: what was counted in it; the path only says where it was."""

Given = Mapping[str, Any]
Rerun = Callable[[Given], Any]
"""The case that follows from flat inputs; refuses impossible ones with an `InputError`."""


class Stakes(Protocol):
    """What a workbook has to say about itself to be compared."""

    @property
    def key(self) -> str: ...
    @property
    def numbers(self) -> Callable[[Any], Mapping[str, float | None]]: ...
    @property
    def stake(self) -> tuple[str, str]: ...
    @property
    def answer(self) -> Callable[..., Any]: ...


@dataclass(frozen=True)
class Compared:
    """One scenario: its name, the flat inputs (what is left out is at its default), its case."""

    name: str
    given: Given
    case: Any

    def fact(self, name: str) -> Fact:
        """An input as this scenario uses it."""
        found: Fact = self.case.facts.by_name[name]
        return found


@dataclass(frozen=True)
class Difference:
    """An input that is not the same everywhere: as given (None: free), and as used, by column."""

    name: str
    given: tuple[Any, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Part:
    """What moving some inputs (mostly one) does to the stake, RMB."""

    names: tuple[str, ...]
    amount: float


@dataclass(frozen=True)
class Change:
    """From the first scenario to another: the stake before and after, RMB, and its parts.

    `parts` are in the declared order and add up to `after - before`; `both_ways` says whether they
    are the mean of a walk forwards and one backwards.
    """

    before: float
    after: float
    parts: tuple[Part, ...]
    both_ways: bool

    @property
    def amount(self) -> float:
        return self.after - self.before

    @cached_property
    def told(self) -> tuple[tuple[Part, ...], Part | None]:
        """Parts of a yuan or more, largest first, and one for all others where there are many.

        The others stay in the sum: also those too small to be told by themselves.
        """
        telling = [part for part in self.parts if abs(part.amount) >= self._least]
        ranked = sorted(telling, key=lambda part: -abs(part.amount))
        shown = ranked if len(ranked) <= LARGEST + 1 else ranked[:LARGEST]
        rest = [part for part in self.parts if part not in shown]
        if not rest:
            return tuple(shown), None
        others = Part(
            tuple(name for part in rest for name in part.names),
            self.amount - sum(part.amount for part in shown),
        )
        return tuple(shown), others if abs(others.amount) >= self._least else None

    @property
    def _least(self) -> float:
        """Below this nothing is told: a yuan, or less where the whole difference is small."""
        return min(1.0, 0.01 * max(abs(self.before), abs(self.after), 0.01))


@dataclass(frozen=True)
class Comparison:
    """Two to four scenarios of one workbook, the first being what the others are held against."""

    book: Stakes
    columns: tuple[Compared, ...]
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]


def compare(book: Stakes, columns: Sequence[tuple[str, Any, Given]], *, run: Rerun) -> Comparison:
    """Hold scenarios of one workbook against the first of them.

    Parameters
    ----------
    book : the workbook: its key, its numbers, and which of them is at stake
    columns : two to four of name, case and the flat inputs behind it
    run : the case for other inputs

    Raises
    ------
    InputError
        for another number of scenarios
    """
    if not 2 <= len(columns) <= MOST:
        raise InputError(
            f"scenarios to compare must be 2 to {MOST}; got {len(columns)}. "
            "Choose a baseline and one to three others."
        )
    compared = tuple(
        Compared(name, _whole(book.key, given, case), case) for name, case, given in columns
    )
    states = [_states(book.key, column.given) for column in compared]
    differences = tuple(
        Difference(
            name,
            tuple(column.given[name] for column in compared),
            tuple(column.fact(name) for column in compared),
        )
        for name in states[0]
        if any(state[name] != states[0][name] for state in states[1:])
    )
    changes = tuple(_change(book, compared[0], other, run) for other in compared[1:])
    return Comparison(book, compared, differences, changes)


def _whole(journey: str, given: Given, case: Any) -> dict[str, Any]:
    """Every input of the journey as given or at its default; an order file as what it counted."""
    found = {name: default_of(field) for _, name, field, _ in inputs_of(journey)}
    listed = {name for name in given.get("set_by_client", ()) if name in given}
    changed = {n: given[n] for n in found if n in given and given[n] != found[n]}
    found |= changed
    if "orders_counted" in found:
        counts = getattr(case, "counts", None)
        found |= {"orders_file": "", "orders_counted": counts.to_dict() if counts else {}}
    own = {name for name in found if name in listed or name in changed} - set(FILE)
    return found | {"set_by_client": sorted(own)}


def _states(journey: str, given: Given) -> dict[str, tuple[Any, bool]]:
    """Each input's value, and whether it is a known figure of the client's, drawn no longer."""
    return {
        name: (given[name], declared.known_once_given and name in given["set_by_client"])
        for _, name, _, declared in inputs_of(journey)
    }


def _at(book: Stakes, case: Any) -> float:
    return float(book.numbers(case)[book.stake[0]] or 0.0)


def _change(book: Stakes, baseline: Compared, other: Compared, run: Rerun) -> Change:
    start, end = _states(book.key, baseline.given), _states(book.key, other.given)
    names = [name for name in start if start[name] != end[name]]
    before, after = _at(book, baseline.case), _at(book, other.case)
    known: dict[frozenset[str], float] = {frozenset(): before, frozenset(names): after}

    def stake(moved: frozenset[str]) -> float:
        if moved not in known:
            known[moved] = _at(book, run(_mixed(baseline.given, other.given, moved)))
        return known[moved]

    both = 1 < len(names) <= BOTH_WAYS
    walks = [list(_walk(names, stake))]
    if both:
        walks.append(list(_walk(names[::-1], stake)))
    return Change(before, after, _mean(names, walks), both)


def _mixed(start: Given, end: Given, moved: frozenset[str]) -> dict[str, Any]:
    """The inputs of the baseline, with some as they are in the other scenario."""
    mixed = {name: (end if name in moved else start)[name] for name in start}
    own = [
        *(name for name in start["set_by_client"] if name not in moved),
        *(name for name in end["set_by_client"] if name in moved),
    ]
    return mixed | {"set_by_client": own}


def _walk(names: Sequence[str], stake: Callable[[frozenset[str]], float]) -> Iterator[Part]:
    """Parts of the way from nothing moved to everything moved.

    At each step the first input that can be moved by itself is; where none can, as few as possible
    of the next ones together.
    """
    moved: frozenset[str] = frozenset()
    at, left = stake(moved), list(names)
    while left:
        steps = [(name,) for name in left] + [tuple(left[:n]) for n in range(2, len(left) + 1)]
        for step in steps:
            try:
                reached = stake(moved | set(step))
            except InputError:
                continue
            yield Part(step, reached - at)
            at, moved = reached, moved | set(step)
            left = [name for name in left if name not in step]
            break
        else:  # The end itself is known, so that the last step always succeeds.
            raise AssertionError(left)


def _mean(names: Sequence[str], walks: Sequence[Sequence[Part]]) -> tuple[Part, ...]:
    """The mean of several walks; inputs that one of them moved together stay together."""
    group = {name: frozenset([name]) for name in names}
    for part in (part for walk in walks for part in walk):
        joined = frozenset().union(*(group[name] for name in part.names))
        group |= dict.fromkeys(joined, joined)
    amounts = dict.fromkeys(group.values(), 0.0)
    for walk in walks:
        for part in walk:
            amounts[group[part.names[0]]] += part.amount / len(walks)
    return tuple(
        Part(tuple(name for name in names if name in together), amount)
        for together, amount in amounts.items()
    )
