"""The first page: the workbooks in order, saved scenarios and exercises; or a client's report."""

import asyncio
from typing import Any
from urllib.parse import quote

import tornado.web
from babel.dates import format_datetime
from voila.handler import BaseVoilaHandler

from kolkit.books import BOOKS, PLAN
from kolkit.course import EXERCISES, declared
from kolkit.errors import EnvironmentFault, InputError
from kolkit.scenarios import Listed, Store, link
from kolkit.server.access import SANDBOXED
from kolkit.server.folders import Rendered
from kolkit.server.pages import Page
from kolkit.server.site import Site
from kolkit.words import Words


def journey(t: Words, site: Site, prefix: str) -> list[dict[str, str]]:
    """The workbooks in order: title, question, address."""
    present = set(site.served.journey())
    return [
        {"title": t(book.title), "question": t(book.question), "href": prefix + book.notebook}
        for book in BOOKS.values()
        if book.notebook in present
    ]


def scenarios(t: Words, store: Store, prefix: str) -> list[dict[str, str]]:
    """Saved scenarios: names, when saved, and the address that opens each in the plan."""
    return [_scenario(t, store, listed, prefix) for listed in store.all()]


def _scenario(t: Words, store: Store, listed: Listed, prefix: str) -> dict[str, str]:
    locale = "zh_CN" if t.language == "zh" else "en_GB"
    told = {
        "client": listed.client or listed.id,
        "scenario": listed.scenario,
        "saved": format_datetime(listed.saved_at.astimezone(), "medium", locale=locale),
        "href": "",
        "broken": listed.broken,
    }
    if listed.broken:
        return told
    try:
        content = store.read(listed.id).content
    except (InputError, EnvironmentFault) as error:
        return told | {"broken": str(error)}
    address = prefix + PLAN.notebook + link(content, id=listed.id, version=listed.version)
    return told | {"href": address}


def reports(t: Words, found: list[Rendered], *, render: str, files: str) -> list[dict[str, Any]]:
    """Rendered reports: names, the headline, workbooks and files with their addresses."""
    return [
        {
            "client": report.client,
            "scenario": report.scenario,
            "headline": report.headline,
            "books": [
                {"title": t(b.title), "question": t(b.question), "href": render + quote(path)}
                for b, path in report.books
            ],
            "files": [(kind, files + quote(path)) for kind, path in report.files],
        }
        for report in found
    ]


class Index(Page, BaseVoilaHandler):
    """The first page."""

    def initialize(self, **kwargs: Any) -> None:
        """Takes no configuration."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """Write the page."""
        if self.without_token():
            return
        t, site = self.t, self.site
        render, api = self.base_url + site.render, self.base_url + site.api
        rendered = site.served.rendered()
        told: dict[str, Any] = {"journey": [], "scenarios": [], "exercises": [], "others": []}
        told["fault"] = ""
        told["reports"] = reports(t, rendered, render=render, files=f"{api}files/")
        if site.served.is_workbooks:
            told["journey"] = journey(t, site, render)
            told["scenarios"], told["fault"] = await asyncio.to_thread(self._scenarios, t, render)
            told["exercises"] = [
                {"title": self._exercise(t, path), "question": "", "href": render + quote(path)}
                for path in site.served.exercises()
            ]
        elif not rendered:
            told["others"] = [
                {"title": self._exercise(t, path), "question": "", "href": render + quote(path)}
                for path in site.served.notebooks()
            ]
        self.set_header("Cache-Control", "no-store")
        self.finish(self.page("tree.html", **told))

    def _scenarios(self, t: Words, render: str) -> tuple[list[dict[str, str]], str]:
        try:
            return scenarios(t, self.site.store, render), ""
        except EnvironmentFault as fault:
            return [], str(fault)

    @staticmethod
    def _exercise(t: Words, path: str) -> str:
        name = path.rsplit("/", 1)[-1].removesuffix(".ipynb")
        key = next((k for k, known in EXERCISES.items() if known.endswith(f"/{name}")), "")
        return t(declared(key).title) if key else _spelled(path)


def _spelled(path: str) -> str:
    """A notebook's name as words.

    >>> _spelled("course/ex01_tiers_and_engagement.ipynb")
    'Course / ex01 tiers and engagement'
    """
    told = path.removesuffix(".ipynb").replace("_", " ").replace("-", " ").replace("/", " / ")
    return told[:1].upper() + told[1:]


class ReportFile(Page, BaseVoilaHandler):
    """The PDF or spreadsheet of a rendered report, to be saved and not opened here."""

    def initialize(self, **kwargs: Any) -> None:
        """Takes no configuration."""

    @tornado.web.authenticated
    def get(self, path: str) -> None:
        """Send the file."""
        found = self.site.served.file(path)
        if found is None:
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Security-Policy", SANDBOXED)
        self.set_attachment_header(found.name)
        self.finish(found.read_bytes())
