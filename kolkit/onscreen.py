"""The scenario that an open workbook shows: as opened, as saved, and what was moved since.

Values come from a browser and are checked like a brief. What is refused waits, and stands in
nobody’s way: the rest is taken over.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kolkit import controls
from kolkit.books import Book
from kolkit.errors import InputError
from kolkit.inputs import default_of, inputs_of
from kolkit.journeys.presets import stances
from kolkit.orders import OrderCounts
from kolkit.words import LANGUAGES, Words

Given = Mapping[str, Any]


class Refused(NamedTuple):
    """A value that a knob was moved to and that cannot be, and why."""

    value: Any
    reason: str


def check_language(language: object) -> None:
    """Raises InputError for a language the page does not speak."""
    if not isinstance(language, str) or language not in LANGUAGES:
        raise InputError(f"language must be one of {', '.join(LANGUAGES)}; got {language}.")


def _counted(file: Path) -> OrderCounts:
    from kolkit.order_file import count_orders

    return count_orders(file)


class OnScreen:
    """One scenario of one workbook.

    `given` holds every parameter flat, `case` is what follows from it. `known` are the names that a
    page may set: inputs, the language, and what was counted in an order file; never a path.
    """

    def __init__(self, book: Book, opened: Given) -> None:
        check_language(opened["language"])
        self.book = book
        self.opened = dict(opened)
        self.given = dict(opened)
        inputs = {name for _, name, _, _ in inputs_of(book.key)}
        self.known = inputs - {"orders_file"} | {"language"}
        self._counted_at_opening = (
            _counted(Path(opened["orders_file"]))
            if opened.get("orders_file") and not opened.get("orders_counted")
            else None
        )
        self.counts = self._counts(self.given)
        self.case = self._run(self.given, self.counts)
        self.base: dict[str, Any] = {}
        self.moved: dict[str, Any] = {}
        self.refused: dict[str, Refused] = {}
        self._stance: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        self._cases: dict[str, tuple[Given, Any]] = {"": (self.given, self.case)}

    def _counts(self, given: Given) -> OrderCounts | None:
        """What was counted in the order file: given as counts, or read when the notebook began."""
        if given.get("orders_counted"):
            return OrderCounts.from_dict(given["orders_counted"])
        return self._counted_at_opening if given.get("orders_file") else None

    def run(self, given: Given) -> Any:
        """The case for other parameters; raises InputError if they cannot be."""
        return self._run(given, self._counts(given))

    def _run(self, given: Given, counts: OrderCounts | None) -> Any:
        return self.book.run(controls.build(self.book.key, given), counts)

    def given_by(self, *changes: Given) -> dict[str, Any]:
        """Every parameter when these changes are made to the notebook's own, the last one last."""
        given = dict(self.opened)
        set_by_client = set(given["set_by_client"])
        for change in changes:
            mine = {name: value for name, value in change.items() if name in self.known}
            given |= mine
            set_by_client |= mine.keys() - {"language", "orders_counted"}
            if "orders_counted" in mine and not mine["orders_counted"]:
                given["orders_file"] = ""
        return given | {"set_by_client": sorted(set_by_client)}

    def own_inputs(self) -> dict[str, Any]:
        """What the notebook was opened with besides defaults, as a brief would give it."""
        own = {
            name: self.opened[name]
            for _, name, field, _ in inputs_of(self.book.key)
            if name in self.opened["set_by_client"] or self.opened[name] != default_of(field)
        }
        own.pop("orders_file", None)
        counted = self._counts(self.opened)
        return own | ({"orders_counted": counted.to_dict()} if counted else {})

    def show(self, *, base: Given, moved: Given) -> bool:
        """Answer for a saved scenario and what was moved since; True if the answer is another one.

        What cannot be is refused: `refused` names it, and everything else is taken over. What
        cannot be put back stays as it is: `kept` names it, with the reason.
        """
        self.kept: dict[str, Refused] = {}
        waiting = {n: told for n, told in self.refused.items() if moved.get(n) == told.value}
        refused: dict[str, Refused] = {}
        before = self.given
        try:
            # A knob that was refused may fit by now: something else made room for it.
            self._take(self.given_by(base, moved))
        except InputError as whole:
            fitting = {name: value for name, value in moved.items() if name not in waiting}
            refused = waiting
            try:
                if not waiting:
                    raise whole
                self._take(self.given_by(base, fitting))
            except InputError as error:
                latest = {
                    n: v for n, v in fitting.items() if n in self.known and v != self.given.get(n)
                }
                refused = waiting | {n: Refused(v, str(error)) for n, v in latest.items()}
                gone = (self.moved.keys() - moved.keys()) & self.known
                self.kept = {n: Refused(self.given[n], str(error)) for n in gone}
        self.base, self.moved, self.refused = dict(base), dict(moved), refused
        return self.given != before

    def _take(self, given: dict[str, Any]) -> None:
        check_language(given["language"])
        if given == self.given:
            return
        counts = self._counts(given)
        case = self._run(given, counts)
        self.given, self.counts, self.case = given, counts, case

    def case_of(self, key: str, *changes: Given) -> tuple[Given, Any]:
        """Parameters and case of another scenario, kept under `key` until its inputs change.

        Raises InputError if the scenario cannot be.
        """
        given = self.given_by(*changes)
        known = self._cases.get(key)
        if known is None or {**known[0], "language": ""} != {**given, "language": ""}:
            known = self._cases[key] = (given, self.run(given))
        return known

    def stance(self, t: Words, key: str) -> tuple[dict[str, Any], list[str], str]:
        """What to move for the cautious, typical or bold stance, what to put back, and the words.

        Stances are computed around where the first of them began, so that choosing one after
        another never drifts; typical puts everything back.
        """
        applied, before = self._stance
        if any(self.moved.get(name) != value for name, value in applied.items()):
            applied, before = {}, {}
        kept = {name: value for name, value in self.moved.items() if name not in applied}
        origin = kept | before
        given = self.given_by(self.base, origin)
        found = stances(t, self.book.key, given, stake=self.book.stake[1], run=self.run)
        one = next((stance for stance in found if stance.key == key), None)
        if one is None:
            return {}, [], t("Nothing uncertain moves the result here.")
        wanted = {} if key == "typical" else dict(one.inputs)
        self._stance = (wanted, {name: origin[name] for name in wanted if name in origin})
        inputs = before | wanted
        back = [name for name in applied if name not in inputs]
        return inputs, back, f"{one.title}: {one.note}"

    @property
    def changed(self) -> bool:
        """Whether anything but the language was moved since opening or saving."""
        return bool(self.moved.keys() & self.known - {"language"})
