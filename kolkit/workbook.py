"""The one call a workbook makes: the same steps as dashboard, as report page, as sheet.

`start(globals(), journey=...)` reads the notebook's parameters and refuses what is not declared.
Each step (`head`, `knobs`, `answer`, `chart`, …) returns one widget whose output carries every
face: the live widget, plotly's JSON, static HTML, and the step as data for the report. The front
end chooses.
"""

import math
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from kolkit import alternatives, controls
from kolkit.beside import Beside
from kolkit.books import BOOKS, PLAN
from kolkit.charts.ghost import with_ghost
from kolkit.errors import InputError
from kolkit.identity import package_version, scenario_hash
from kolkit.inputs import Brand, Brief, Look, default_of, inputs_of
from kolkit.journeys import presets
from kolkit.messages import nearest, refusal
from kolkit.onscreen import OnScreen
from kolkit.page_words import MAX_UPLOAD, desk_words, notice_words, rail_words
from kolkit.text import ledger, method
from kolkit.text.livestream import evidence_note
from kolkit.text.parts import Table
from kolkit.words import Words, html

STEP = "application/vnd.kolkit.step+json"
"""MIME type of a step as data; the report is put together from these."""

COMMON: dict[str, Any] = {
    "client": "",
    "scenario": default_of(Brief.model_fields["scenario"]),
    "language": "en",
    "currency": default_of(Look.model_fields["currency"]),
    "cny_per_usd": default_of(Brand.model_fields["cny_per_usd"]),
    "set_by_client": [],
}
"""Parameters every workbook has besides its journey's inputs; the rate is one of them in some."""


def common(journey: str) -> dict[str, Any]:
    """Parameters of a journey's notebook besides its inputs; the plan also takes scenarios."""
    return COMMON | ({alternatives.NAME: []} if journey == PLAN.key else {})


def parameters(journey: str) -> dict[str, Any]:
    """Every parameter of a journey's notebook with its default, flat and in order."""
    return common(journey) | {name: default_of(field) for _, name, field, _ in inputs_of(journey)}


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


def check_currency(given: Mapping[str, Any]) -> None:
    """Raises InputError for a currency or a rate that a brief could not have."""
    for section, name in ((Look, "currency"), (Brand, "cny_per_usd")):
        try:
            section.model_validate({name: given[name]})
        except ValidationError as error:
            raise refusal(error, section=section.name) from None


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


def step_of(step: str, **content: Any) -> dict[str, Any]:
    """A step as data, under its MIME type."""
    return {STEP: {"step": step, **content}}


class Workbook:
    """One open workbook: the inputs as given, the case that follows, and the widgets on show."""

    def __init__(self, given: Mapping[str, Any], *, journey: str) -> None:
        self.book = BOOKS[journey]
        opened = parameters(journey) | dict(given)
        check_currency(opened)
        self.screen = OnScreen(self.book, opened)
        self._client = self._scenario = ""
        self._seq = 0
        self._panels: dict[str, tuple[Any, Callable[[], str]]] = {}
        self._charts: dict[str, Any] = {}
        self._knobs: Any = None
        self._comparison: Any = None
        self._beside = Beside(self.screen)
        self._handled: Any = None

    # -- state -------------------------------------------------------------------------------

    @property
    def case(self) -> Any:
        """What follows from the inputs on screen."""
        return self.screen.case

    @property
    def t(self) -> Words:
        """Words in the workbook's language and currency."""
        return Words.of(self.screen.given)

    @property
    def hash(self) -> str:
        """Identity of the inputs, as printed on the report."""
        counts = self.screen.counts
        counted = counts.to_dict() if counts else {}
        told = {"orders_counted": counted, "orders_file": ""} if self.book.takes_orders else {}
        return scenario_hash(self.screen.given | told)

    @property
    def client(self) -> str:
        """Whose scenario this is: as named on the page, or when the notebook was opened."""
        return self._client or self.screen.given["client"] or self.t("Example brand")

    @property
    def scenario(self) -> str:
        """What the scenario is called."""
        named = str(self._scenario or self.screen.given["scenario"])
        return self.t("Base case") if named == COMMON["scenario"] else named

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
            points=[points.data() for points in words.points],
        )
        chart.answer("xlsx", lambda message, buffers: self._send_sheet(chart, name))
        self._charts[name] = chart
        return chart

    def knobs(self) -> Any:
        """The rail of inputs, live: every change redraws what is on show."""
        from kolkit.widgets import Knobs

        facts, t = self.case.facts.by_name.values(), self.t
        values = controls.values(facts, t.language)
        self._knobs = Knobs(
            spec=controls.rail(t.in_rmb, facts, self.book.groups),
            values=values,
            notes=controls.notes(t.in_rmb, facts),
            chosen=self.book.chosen(self.case),
            labels=self._labels(),
            presets=self._presets(),
            named=self._named(),
            upload=self._upload_words(),
            tables=self.book.tables(t.in_rmb, self.case),
            language=t.language,
        )
        self._knobs.faces = step_of("knobs", values=values)
        self._knobs.observe(self._on_page, names=["base", "moved", "compared", "asked"])
        self._knobs.answer("upload", self._on_upload)
        self._knobs.answer("preset", self._on_preset)
        self._knobs.answer("compare", self._on_compare)
        return self._knobs

    def comparison(self) -> Any:
        """Saved scenarios beside the one on screen; not on show until some are chosen.

        The report holds the scenarios that came with the brief against this one.
        """
        from kolkit.widgets import Chart

        self._comparison = Chart(name="comparison")
        self._comparison.answer("xlsx", self._on_comparison_sheet)
        told = alternatives.told(self.t, self.screen, self.scenario)
        self._comparison.faces = step_of("comparison", **told)
        return self._comparison

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
            f'<span class="kk-client">{html(self.client)} · {html(self.scenario)}</span>'
            f'<span class="kk-journey">{html(t(self.book.title))}</span>'
            f'<nav class="kk-steps" aria-label="{html(t("Workbooks"))}">{steps}</nav>'
            f'<span class="kk-hash">{html(self.hash)}</span>'
        )

    def _head_data(self) -> dict[str, Any]:
        return {
            "client": self.client,
            "scenario": self.scenario,
            "language": self.t.language,
            "hash": self.hash,
            "version": package_version(),
        }

    def _answer(self) -> str:
        baseline = self._beside.baseline
        before = self.book.answer(self.t, baseline) if baseline else None
        return self.book.answer(self.t, self.case).html(self.t, before)

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
            "tile_keys": [tile.key for tile in told.tiles],
            "figures": {name: _finite(n) for name, n in self.book.numbers(case).items()},
            "tables": [],
            **self.book.details(t, case),
        }

    def _card(self, name: str) -> dict[str, Any]:
        t, case = self.t, self.case
        words = self.book.figures[name].tell(t, case)
        figure = self.book.figures[name].draw(t, case)
        baseline = self._beside.baseline
        if baseline is not None:
            figure = with_ghost(t, figure, self.book.figures[name].draw(t, baseline))
        return {
            "figure": figure.to_plotly_json(),
            "title": words.title,
            "subtitle": words.subtitle,
            "why": words.why,
            "table": words.table.html(t),
            "labels": self._card_labels(words.source),
        }

    def _card_labels(self, source: str) -> dict[str, str]:
        t = self.t
        return {
            "why": t("Why?"),
            "table": t("Table"),
            "image": t("Image"),
            "sheet": "XLSX",
            "source": source,
        }

    def _ledger(self) -> str:
        t, facts = self.t, self.case.facts.used()
        table = ledger.table(t, ledger.rows(t, facts))
        note = t.colon(t("Assumptions"), ledger.note(t, facts))
        return (
            f"<details><summary>{html(note)}</summary>"
            f'<div class="kk-scroll" tabindex="0" role="region" aria-label="{html(note)}">'
            f"{table.html(t)}</div></details>"
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
            "inputs": {
                line.name.partition(".")[2]: [line.key, line.label, line.number] for line in lines
            },
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
        return evidence_note(self.t, self.case) if self.screen.counts else ""

    def _labels(self) -> dict[str, str]:
        return rail_words(self.t) | desk_words(self.t) | notice_words(self.t)

    def _named(self) -> dict[str, Any]:
        """Who and what this is, and the inputs that the notebook itself was opened with."""
        return {
            "client": self.client,
            "scenario": self.scenario,
            "own": {
                key: self.screen.opened[key]
                for key in ("client", "scenario")
                if self.screen.opened[key] != COMMON[key]
            },
            "known": sorted(self.screen.known),
            "hash": self.hash,
            "currency": self.screen.given["currency"],
            "given": self.screen.own_inputs(),
        }

    def _presets(self) -> list[dict[str, Any]]:
        """Starting points; those that are computed first come without inputs."""
        t = self.t
        computed = [
            {"key": key, "title": t(title), "note": ""} for key, title in presets.TITLES.items()
        ]
        cases = presets.book_presets(t, self.book.key)
        return computed + [
            {"key": case.key, "title": case.title, "note": case.note, "inputs": dict(case.inputs)}
            for case in cases
        ]

    def _upload_words(self) -> dict[str, Any]:
        if not self.book.takes_orders:
            return {}
        return {
            "accept": ".csv,.xlsx,.parquet",
            "max_bytes": MAX_UPLOAD,
            "note": self._evidence(),
            "loaded": self.screen.counts is not None,
        }

    # -- changes -----------------------------------------------------------------------------

    def _on_page(self, _change: Mapping[str, Any]) -> None:
        """Answer for what the page now shows; it counts what it asks, and is told what is answered.

        An answer that was called off leaves everything as it was.
        """
        knobs = self._knobs
        asked = knobs.asked
        # One message sets several traits, each of which is announced; it is answered once.
        state = (asked, knobs.base, knobs.moved, knobs.compared)
        if state == self._handled:
            return
        self._handled = state
        try:
            self._follow()
        except KeyboardInterrupt:
            self._knobs.send({"kind": "cancelled"})
        self._knobs.answered = asked

    def _follow(self) -> None:
        base, language, against = self._knobs.base, self.t.language, self._beside.against
        self._client, self._scenario = (str(base.get(key, "")) for key in ("client", "scenario"))
        changed = self.screen.show(base=base.get("inputs", {}), moved=self._knobs.moved)
        self._beside.choose(self._knobs.compared)
        if changed or against != self._beside.against:
            self._refresh(language_changed=language != self.t.language)
        else:
            self._refresh_panels()
        self._tell_refused()
        if self.screen.kept:
            inputs = {name: kept.value for name, kept in self.screen.kept.items()}
            reason = next(iter(self.screen.kept.values())).reason
            note = self._not_taken(reason)
            self._knobs.send({"kind": "kept", "inputs": inputs, "note": note})
        if not self._beside.others:
            self._comparison_shown({})

    def _tell_refused(self) -> None:
        notes = controls.notes(self.t.in_rmb, self.case.facts.by_name.values())
        self._knobs.notes = notes | {
            name: {"text": self._not_taken(told.reason), "tone": "error"}
            for name, told in self.screen.refused.items()
        }

    def _not_taken(self, reason: str) -> str:
        """A refusal with inputs called as on the page, not as in a brief."""
        t = self.t
        for name, fact in self.case.facts.by_name.items():
            reason = re.sub(rf"\b{fact.section}\.{name}\b", t(fact.title), reason)
        return t("Not taken over: {reason}", reason=reason)

    def _on_upload(self, message: Mapping[str, Any], buffers: list[Any]) -> None:
        # The page refuses larger files with a sentence; this one did not come from our page.
        if not buffers or len(buffers[0]) > MAX_UPLOAD:
            return
        from kolkit.order_file import count_orders

        try:
            counted = count_orders((str(message.get("name", "")), bytes(buffers[0])))
        except InputError as error:
            t = self.t
            refusal = t("This file cannot be used: {reason}", reason=error)
            self._knobs.upload = self._upload_words() | {"error": refusal}
        else:
            self._knobs.send({"kind": "counted", "counts": counted.to_dict()})

    def _on_preset(self, message: Mapping[str, Any], _buffers: list[Any]) -> None:
        """The inputs that matter most, at the ends of their plausible ranges."""
        inputs, back, note = self.screen.stance(self.t.in_rmb, str(message.get("key")))
        self._knobs.send({"kind": "apply", "inputs": inputs, "back": back, "note": note})

    def _on_compare(self, _message: Mapping[str, Any], _buffers: list[Any]) -> None:
        card = self._beside.card(self.t, self.scenario)
        if card:
            card["labels"] = self._card_labels(card.pop("source"))
        self._comparison_shown(card)

    def _comparison_shown(self, card: Mapping[str, Any]) -> None:
        """Show the comparison, or nothing."""
        if self._comparison is None or (not card and not self._comparison.title):
            return
        nothing = {"title": "", "subtitle": "", "lead": "", "figure": {}, "why": "", "table": ""}
        with self._comparison.hold_sync():
            for trait, value in (nothing | dict(card)).items():
                setattr(self._comparison, trait, value)

    # -- tables to take away -----------------------------------------------------------------

    def _send_sheet(self, chart: Any, name: str) -> None:
        words = self.book.figures[name].tell(self.t, self.case)
        self._send_tables(chart, [words.table, *words.points])

    def _on_comparison_sheet(self, _message: Mapping[str, Any], _buffers: list[Any]) -> None:
        tables = self._beside.tables(self.t, self.scenario)
        if tables:
            self._send_tables(self._comparison, tables)

    def _send_tables(self, chart: Any, tables: list[Table]) -> None:
        # Adds half a session's memory again, so only whoever takes a table away loads it.
        import pandas as pd

        from kolkit.tables.write import xlsx_bytes

        sheets = {table.name: pd.DataFrame(dict(table.columns)) for table in tables}
        formats = {table.name: table.number_formats() for table in tables}
        chart.send({"kind": "sheet"}, buffers=[xlsx_bytes(sheets, formats=formats)])

    # -- showing -----------------------------------------------------------------------------

    def _refresh_panels(self) -> None:
        for panel, tell in self._panels.values():
            panel.html = tell()
        self._knobs.named = self._named()

    def _refresh(self, *, language_changed: bool) -> None:
        """Show the case: sentence first, then charts, then the rail's own words."""
        self._seq += 1
        if "answer" in self._panels:
            panel, tell = self._panels["answer"]
            panel.html = tell()
        for name, chart in self._charts.items():
            with chart.hold_sync():
                for trait, value in self._card(name).items():
                    setattr(chart, trait, value)
                chart.seq = self._seq
            # Lets the thread that sends have the interpreter, so that what is ready is drawn.
            time.sleep(0.001)
        self._refresh_panels()
        facts, t = self.case.facts.by_name.values(), self.t
        with self._knobs.hold_sync():
            if language_changed:
                self._knobs.spec = controls.rail(t.in_rmb, facts, self.book.groups)
                self._knobs.labels = self._labels()
                self._knobs.presets = self._presets()
                self._knobs.language = t.language
            self._knobs.upload = self._upload_words()
            self._knobs.notes = controls.notes(t.in_rmb, facts)
            self._knobs.chosen = self.book.chosen(self.case)
            self._knobs.tables = self.book.tables(t.in_rmb, self.case)
            self._knobs.values = controls.values(facts, t.language)
