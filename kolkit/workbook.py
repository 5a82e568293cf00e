"""The one call a workbook makes: the same steps as dashboard, as report page, as sheet.

`start(globals(), journey=...)` reads the notebook's parameters and refuses what is not declared.
Each step (`head`, `knobs`, `answer`, `chart`, …) returns one widget whose output carries every
face: the live widget, plotly's JSON, static HTML, and the step as data for the report. The front
end chooses.
"""

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kolkit import controls
from kolkit.books import BOOKS
from kolkit.errors import InputError
from kolkit.identity import package_version, scenario_hash
from kolkit.inputs import Brief, default_of, inputs_of
from kolkit.messages import nearest
from kolkit.orders import OrderCounts, count_orders
from kolkit.text import ledger, method
from kolkit.text.livestream import evidence_note
from kolkit.words import LANGUAGES, Words, html

STEP = "application/vnd.kolkit.step+json"
"""MIME type of a step as data; the report is put together from these."""

MAX_UPLOAD = 8_000_000

COMMON: dict[str, Any] = {
    "client": "",
    "scenario": default_of(Brief.model_fields["scenario"]),
    "language": "en",
    "set_by_client": [],
}
"""Parameters every workbook has besides its journey's inputs."""


def parameters(journey: str) -> dict[str, Any]:
    """Every parameter of a journey's notebook with its default, flat and in order."""
    return COMMON | {name: default_of(field) for _, name, field, _ in inputs_of(journey)}


def given_parameters(namespace: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook's parameters from its namespace.

    Raises
    ------
    InputError
        names a value that no input declares: with papermill, a mistyped `-p`
    """
    interpreter = {"In", "Out", "exit", "quit", "open", "get_ipython"}
    plain = (bool, int, float, str, list, dict, tuple, type(None))
    for name, value in namespace.items():
        if name.startswith("_") or name in interpreter or name in known:
            continue
        if isinstance(value, plain):
            close = nearest(name, known)
            hint = f"Did you mean {close}?" if close else f"Known: {', '.join(known)}."
            raise InputError(f"{name} is not an input of this workbook. {hint}")
    return {name: namespace[name] for name in known if name in namespace}


def start(namespace: Mapping[str, Any], *, journey: str) -> "Workbook":
    """Open the workbook of a journey: `book = start(globals(), journey="livestream")`.

    A refused input is shown as a sentence before it stops the notebook: dashboards hide errors.
    """
    try:
        return Workbook(given_parameters(namespace, parameters(journey)), journey=journey)
    except InputError as error:
        from IPython.display import HTML, display

        display(HTML(f'<div class="kk-error">{html(str(error))}</div>'))
        raise


def _finite(number: float | None) -> float | None:
    """A number as JSON can carry it: what never comes is null."""
    return number if number is not None and math.isfinite(number) else None


class Refused(NamedTuple):
    """A value that a knob was moved to and that cannot be, and why."""

    value: Any
    reason: str


def step_of(step: str, **content: Any) -> dict[str, Any]:
    """A step as data, under its MIME type."""
    return {STEP: {"step": step, **content}}


def _check_language(language: object) -> None:
    if not isinstance(language, str) or language not in LANGUAGES:
        raise InputError(f"language must be one of {', '.join(LANGUAGES)}; got {language}.")


def _orders(given: Mapping[str, Any]) -> OrderCounts | None:
    """What was counted in the order file: given as counts, or read from its path."""
    if given.get("orders_counted"):
        return OrderCounts.from_dict(given["orders_counted"])
    if given.get("orders_file"):
        return count_orders(Path(given["orders_file"]))
    return None


class Workbook:
    """One open workbook: the inputs as given, the case that follows, and the widgets on show."""

    def __init__(self, given: Mapping[str, Any], *, journey: str) -> None:
        self.book = BOOKS[journey]
        self._opened = parameters(journey) | dict(given)
        self._given = dict(self._opened)
        _check_language(self._given["language"])
        self._counts = _orders(self._given)
        self.case = self._run(self._given, self._counts)
        self._refused: dict[str, Refused] = {}
        self._seq = 0
        self._panels: dict[str, tuple[Any, Callable[[], str]]] = {}
        self._charts: dict[str, Any] = {}
        self._knobs: Any = None

    def _run(self, given: Mapping[str, Any], counts: OrderCounts | None) -> Any:
        return self.book.run(controls.build(self.book.key, given), counts)

    # -- state -------------------------------------------------------------------------------

    @property
    def t(self) -> Words:
        """Words in the workbook's language."""
        return Words(self._given["language"])

    @property
    def hash(self) -> str:
        """Identity of the inputs, as printed on the report."""
        counted = self._counts.to_dict() if self._counts else {}
        told = {"orders_counted": counted, "orders_file": ""} if self.book.takes_orders else {}
        return scenario_hash(self._given | told)

    # -- steps -------------------------------------------------------------------------------

    def head(self) -> Any:
        """Client, scenario and identity."""
        return self._panel("head", self._head, self._head_data())

    def answer(self) -> Any:
        """The sentence that answers first, and the key figures."""
        return self._panel("answer", self._answer, self._answer_data())

    def guide(self) -> Any:
        """What each workbook answers, with links that carry the scenario."""
        books = [book for book in BOOKS.values() if book is not self.book]
        data = {"books": [[self.t(book.title), self.t(book.question)] for book in books]}
        return self._panel("guide", self._guide, data)

    def assumptions(self) -> Any:
        """The ledger: every input with value, range, source and grade."""
        return self._panel("assumptions", self._ledger, self._ledger_data())

    def method(self) -> Any:
        """Formulas and limits."""
        data = {"formulas": self.book.formulas(self.t), "limits": self.book.limits(self.t)}
        data["shared"] = method.formulas(self.t)
        return self._panel("method", self._method, data)

    def chart(self, name: str) -> Any:
        """One of the journey's figures, in a card with its words, reasoning and table."""
        from kolkit.widgets import Chart

        words = self.book.figures[name].tell(self.t, self.case)
        chart = Chart(name=name, **self._card(name))
        chart.faces = step_of(
            "chart",
            name=name,
            title=words.title,
            subtitle=words.subtitle,
            source=words.source,
            why=words.why,
            table=words.table.data(),
        )
        self._charts[name] = chart
        return chart

    def knobs(self) -> Any:
        """The rail of inputs, live: every change redraws what is on show."""
        from kolkit.widgets import Knobs

        facts, t = self.case.facts.by_name.values(), self.t
        values = controls.values(facts, t.language)
        self._knobs = Knobs(
            spec=controls.rail(t, facts, self.book.groups),
            values=values,
            notes=controls.notes(t, facts),
            labels=self._knob_labels(),
            upload=self._upload_words(),
            tables=self.book.tables(t, self.case),
            language=t.language,
        )
        self._knobs.faces = step_of("knobs", values=values)
        self._knobs.observe(self._on_moved, names="moved")
        self._knobs.on_upload(self._on_upload)
        self._knobs.on_remove(self._on_remove)
        return self._knobs

    def _panel(self, name: str, tell: Callable[[], str], data: dict[str, Any]) -> Any:
        from kolkit.widgets import Panel

        panel = Panel(html=tell(), css_class=f"kk-{name}")
        panel.faces = step_of(name, **data)
        self._panels[name] = (panel, tell)
        return panel

    # -- what the steps say ------------------------------------------------------------------

    def _head(self) -> str:
        t = self.t
        steps = "".join(
            f'<a class="kk-onward{" kk-here" if book is self.book else ""}" '
            f'href="{book.notebook}">{html(t(book.title))}</a>'
            for book in BOOKS.values()
        )
        return (
            f'<span class="kk-client">{html(self._client)} · {html(self._given["scenario"])}</span>'
            f'<span class="kk-journey">{html(t(self.book.title))}</span>'
            f'<nav class="kk-steps" aria-label="{html(t("Workbooks"))}">{steps}</nav>'
            f'<span class="kk-hash">{html(self.hash)}</span>'
        )

    @property
    def _client(self) -> str:
        t = self.t
        return self._given["client"] or t("Example brand")

    def _head_data(self) -> dict[str, Any]:
        return {
            "client": self._client,
            "scenario": self._given["scenario"],
            "language": self.t.language,
            "hash": self.hash,
            "version": package_version(),
        }

    def _answer(self) -> str:
        return self.book.answer(self.t, self.case).html()

    def _answer_data(self) -> dict[str, Any]:
        t, case = self.t, self.case
        told = self.book.answer(t, case)
        return {
            "journey": self.book.key,
            "title": t(self.book.title),
            "headline": told.headline,
            "found": told.found,
            "qualifier": told.qualifier,
            "tiles": [[tile.label, tile.value, tile.note, tile.tone] for tile in told.tiles],
            "figures": {name: _finite(n) for name, n in self.book.numbers(case).items()},
            "tables": [],
            **self.book.details(t, case),
        }

    def _card(self, name: str) -> dict[str, Any]:
        t, case = self.t, self.case
        words = self.book.figures[name].tell(t, case)
        return {
            "figure": self.book.figures[name].draw(t, case).to_plotly_json(),
            "title": words.title,
            "subtitle": words.subtitle,
            "why": words.why,
            "table": words.table.html(t),
            "labels": {
                "why": t("Why?"),
                "table": t("Table"),
                "image": t("Image"),
                "source": words.source,
            },
        }

    def _ledger(self) -> str:
        t, facts = self.t, self.case.facts.used()
        table = ledger.table(t, ledger.rows(t, facts))
        note = t.colon(t("Assumptions"), ledger.note(t, facts))
        return (
            f"<details><summary>{html(note)}</summary>"
            f'<div class="kk-scroll">{table.html(t)}</div></details>'
        )

    def _ledger_data(self) -> dict[str, Any]:
        t, facts = self.t, self.case.facts.used()
        lines = ledger.rows(t, facts)
        unsourced, total = ledger.unsourced(facts)
        return {
            "note": ledger.note(t, facts),
            "unsourced": unsourced,
            "total": total,
            "table": ledger.table(t, lines).data(),
            "changed": [line.changed for line in lines],
            "evidence": self._evidence(),
        }

    def _guide(self) -> str:
        t = self.t
        return "".join(
            f'<a class="kk-onward kk-guide-card" href="{book.notebook}">'
            f"<b>{html(t(book.title))}</b><span>{html(t(book.question))}</span></a>"
            for book in BOOKS.values()
            if book is not self.book
        )

    def _method(self) -> str:
        t = self.t
        return (
            f"<details><summary>{html(t('Method and limits'))}</summary><ul class='kk-formulas'>"
            + "".join(
                f"<li><b>{html(number)}</b> {html(told)}</li>"
                for number, told in [*self.book.formulas(t), *method.formulas(t)]
            )
            + "</ul><ul>"
            + "".join(f"<li>{html(told)}</li>" for told in self.book.limits(t))
            + "</ul></details>"
        )

    def _evidence(self) -> str:
        """Which figures an order file replaced; empty without one."""
        return evidence_note(self.t, self.case) if self._counts else ""

    def _knob_labels(self) -> dict[str, str]:
        t = self.t
        return {
            "reset": t("Reset"),
            "reset_all": t("Reset all"),
            "upload": t("Use an order file"),
            "remove": t("Remove the file"),
            "uploading": t("Reading…"),
            "too_large": t("This file is larger than {n} MB.", n=MAX_UPLOAD // 1_000_000),
            "not_a_number": t("Enter a number, such as 1.2m or 20%."),
            "outside": t("Allowed: {low} to {high}."),
            "inputs": t("Inputs"),
            "knobs": t("Knobs"),
            "free": t("free"),
            "edit": t("Edit the table"),
            "close": t("Close"),
            "on": t("On"),
            "source": t("Source"),
            "clear": t("Reset the table"),
        }

    def _upload_words(self) -> dict[str, Any]:
        if not self.book.takes_orders:
            return {}
        return {
            "accept": ".csv,.xlsx,.parquet",
            "max_bytes": MAX_UPLOAD,
            "note": self._evidence(),
            "loaded": self._counts is not None,
        }

    # -- changes -----------------------------------------------------------------------------

    def _on_moved(self, change: Mapping[str, Any]) -> None:
        """Answer for what was moved; what is refused waits, and stands in nobody's way."""
        known = self._knobs.values
        moved = {name: value for name, value in change["new"].items() if name in known}
        waiting = {n: told for n, told in self._refused.items() if moved.get(n) == told.value}
        refused: dict[str, Refused] = {}
        try:
            # A knob that was refused may fit by now: something else made room for it.
            self._take(self._opened | moved, self._counts)
        except InputError as whole:
            fitting = {name: value for name, value in moved.items() if name not in waiting}
            refused = waiting
            try:
                if not waiting:
                    raise whole
                self._take(self._opened | fitting, self._counts)
            except InputError as error:
                latest = {n: v for n, v in fitting.items() if v != self._given.get(n)}
                refused = waiting | {n: Refused(v, str(error)) for n, v in latest.items()}
        self._refused = refused
        self._tell_refused()

    def _tell_refused(self) -> None:
        t = self.t
        notes = controls.notes(t, self.case.facts.by_name.values())
        self._knobs.notes = notes | {
            name: {"text": t("Not taken over: {reason}", reason=told.reason), "tone": "error"}
            for name, told in self._refused.items()
        }

    def _on_upload(self, name: str, data: bytes) -> None:
        try:
            self._take(self._given, count_orders((name, data)))
        except InputError as error:
            t = self.t
            refusal = t("This file cannot be used: {reason}", reason=error)
            self._knobs.upload = self._upload_words() | {"error": refusal}
        else:
            self._knobs.upload = self._upload_words()

    def _on_remove(self) -> None:
        self._take(self._given, None)
        self._knobs.upload = self._upload_words()

    def _take(self, given: Mapping[str, Any], counts: OrderCounts | None) -> None:
        """Answer for other inputs and show it; refused ones leave everything as it was."""
        _check_language(given["language"])
        case = self._run(given, counts)
        before = self._given["language"]
        self._given, self._counts, self.case = dict(given), counts, case
        self._refresh(language_changed=before != given["language"])

    def _refresh(self, *, language_changed: bool) -> None:
        """Show the case: sentence first, then charts, then the rail's own words."""
        self._seq += 1
        first = [self._panels[name] for name in ("answer",) if name in self._panels]
        for panel, tell in first:
            panel.html = tell()
        for name, chart in self._charts.items():
            with chart.hold_sync():
                for trait, value in self._card(name).items():
                    setattr(chart, trait, value)
                chart.seq = self._seq
            # Lets the thread that sends have the interpreter, so that what is ready is drawn.
            time.sleep(0.001)
        for panel, tell in self._panels.values():
            panel.html = tell()
        if self._knobs is None:
            return
        facts, t = self.case.facts.by_name.values(), self.t
        with self._knobs.hold_sync():
            if language_changed:
                self._knobs.spec = controls.rail(t, facts, self.book.groups)
                self._knobs.labels = self._knob_labels()
                self._knobs.upload = self._upload_words()
                self._knobs.language = t.language
            self._knobs.notes = controls.notes(t, facts)
            self._knobs.tables = self.book.tables(t, self.case)
            self._knobs.values = controls.values(facts, t.language)
