"""What the handlers of one server share, and the language a visitor is spoken to in."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jupyter_core.paths import jupyter_path
from tornado.web import RequestHandler

from kolkit.contents import Content
from kolkit.scenarios import NotThere, Store
from kolkit.server.folders import Rendered, Served
from kolkit.server.jobs import Jobs
from kolkit.words import LANGUAGES, Words

SETTING = "kolkit"


@dataclass(frozen=True)
class Site:
    """Folder served, scenarios, reports being made, and where the pages lie.

    `index`, `render` and `api` are paths below the base url, with a slash at their end.
    """

    served: Served
    store: Store
    jobs: Jobs
    index: str = ""
    render: str = "voila/render/"
    api: str = "kolkit/"
    access: str = "here"
    """Who can open a link: somebody on this machine (`here`), with the `token`, by the `proxy`."""

    def beneath(self, content: Content, notebook: str = "") -> Content:
        """A content with what the report's own brief had set beneath it.

        `notebook`: path of the page below the root; without it, client and scenario tell which
        report is meant.
        """
        report = self._report(content, notebook)
        return replace(content, inputs={**report.inputs, **content.inputs}) if report else content

    def look(self, content: Content, *, notebook: str = "", id: str = "") -> dict[str, Any]:
        """How a report of a content looks: as the report that it lies on, and as its own file.

        `id` : of the saved scenario that is open; one that is gone says nothing.
        """
        report = self._report(content, notebook)
        told = dict(report.look) if report else {}
        with suppress(NotThere):
            told |= self.store.look(id) if id else {}
        return told

    def _report(self, content: Content, notebook: str) -> Rendered | None:
        reports = self.served.rendered()
        names = content.client, content.scenario
        fits = [r for r in reports if notebook and notebook in {path for _, path in r.books}]
        fits = fits or [r for r in reports if (r.client, r.scenario) == names]
        fits = fits or (reports if len(reports) == 1 else [])
        return fits[0] if fits else None


def site_of(handler: RequestHandler) -> Site:
    """The site of a handler."""
    site: Site = handler.settings[SETTING]
    return site


def preferred(accept_language: str) -> str:
    """The first language of an Accept-Language header that we speak, English if none.

    >>> preferred("fr-FR,zh-CN;q=0.8,en;q=0.7"), preferred("")
    ('zh', 'en')
    """
    ranked = []
    for number, part in enumerate(accept_language.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        ranked.append((-weight, number, tag.split("-")[0].casefold()))
    return next((tag for _, _, tag in sorted(ranked) if tag in LANGUAGES), "en")


def words_of(handler: RequestHandler) -> Words:
    """Words in the visitor's language: `?lang=`, else what the browser asks for."""
    wanted = handler.get_query_argument("lang", "")
    if wanted not in LANGUAGES:
        wanted = preferred(handler.request.headers.get("Accept-Language", ""))
    return Words(wanted)


@cache
def templates() -> Environment:
    """The templates of our pages, wherever Jupyter finds them."""
    folders = jupyter_path("voila", "templates", "kolkit")
    loader = FileSystemLoader(folders)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


def page_config_hook(config: dict[str, Any], **known: Any) -> dict[str, Any]:
    """Tell a dashboard's page where index and scenarios lie, who can open a link to it, and which
    workbooks lie beside it."""
    settings: Mapping[str, Any] = known["settings"]
    site = settings.get(SETTING)
    if site is not None:
        config["kolkitIndex"] = known["base_url"] + site.index
        config["kolkitApi"] = known["base_url"] + site.api
        config["kolkitAccess"] = site.access
        folder = PurePosixPath(str(known.get("notebook_path", ""))).parent
        config["kolkitBeside"] = [
            path.name
            for path in map(PurePosixPath, site.served.notebooks())
            if path.parent == folder
        ]
    return config
