"""Pages for people: dashboards, the login, and what is shown when something is in the way."""

import hmac
import re
from collections.abc import AsyncIterator
from http.client import responses
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import tornado.web
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import User
from jupyter_server.auth.login import LoginFormHandler
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from voila.handler import BaseVoilaHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.voila_identity_provider import VoilaIdentityProvider

from kolkit.server.kernels import DashboardKernels
from kolkit.server.labels import LABELS
from kolkit.server.site import Site, site_of, templates, words_of
from kolkit.words import LANGUAGES, Words

RETRY_SECONDS = 20


def local(address: str) -> str:
    """An address as a path on this server, without a token.

    >>> local("https://elsewhere.example/kol/?token=sesame&lang=zh")
    '/kol/?lang=zh'
    """
    # Slashes at the beginning would make a path the address of another server.
    address = re.sub(r"^[/\\]+", "/", address)
    parts = urlsplit(address)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != "token"]
    return urlunsplit(("", "", re.sub(r"^[/\\]+", "/", parts.path) or "/", urlencode(kept), ""))


class Page:
    """What our pages have in common: words, look, and errors as pages."""

    request: Any
    settings: dict[str, Any]
    base_url: str
    xsrf_token: bytes

    @property
    def t(self) -> Words:
        """Words in the visitor's language."""
        return words_of(self)  # type: ignore[arg-type]

    @property
    def site(self) -> Site:
        """What this server serves."""
        return site_of(self)  # type: ignore[arg-type]

    def page(self, name: str, **told: Any) -> str:
        """One of our templates with its words."""
        t = self.t
        switch = [
            (language, label, self._here(lang=language)) for language, label in LANGUAGES.items()
        ]
        # Jupyter's own server asks for it with every request that changes something.
        _ = self.xsrf_token
        template = templates().get_template(name)
        return str(
            template.render(
                language=t.language,
                say=lambda key, **values: t(LABELS[key], **values),
                base_url=self.base_url,
                index_url=self.base_url + self.site.index,
                static=f"{self.base_url}voila/templates/kolkit/static/",
                switch=switch,
                **told,
            )
        )

    def _here(self, **changed: str) -> str:
        """This page's address with other query values, below the host; a token is left out."""
        kept = {k: v for k, v in parse_qsl(self.request.query) if k not in ("token", *changed)}
        if "next" in kept:
            kept["next"] = local(kept["next"])
        return local(f"{self.request.path}?{urlencode(kept | changed)}")

    def without_token(self) -> bool:
        """Send a visitor whose address carries the token to the same page without it."""
        if "token" not in dict(parse_qsl(self.request.query, keep_blank_values=True)):
            return False
        self.redirect(self._here())  # type: ignore[attr-defined]
        return True

    def write_error(self, status_code: int, **known: Any) -> None:
        """A page that says what is the matter."""
        self.set_header("Content-Type", "text/html; charset=utf-8")  # type: ignore[attr-defined]
        name = "404.html" if status_code == 404 else "error.html"
        reason = responses.get(status_code, "")
        page = self.page(name, status_code=status_code, reason=reason)
        self.finish(page)  # type: ignore[attr-defined]


class NotFound(Page, BaseVoilaHandler):
    """Every address that leads nowhere."""

    def initialize(self, **kwargs: Any) -> None:
        """Takes no configuration."""

    @tornado.web.authenticated
    def get(self, *_path: str) -> None:
        """Always a page that says so."""
        raise tornado.web.HTTPError(404)


class Dashboard(Page, TornadoVoilaHandler):
    """A workbook as a dashboard, if it is one that we serve and a seat is free."""

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """Render the page piece by piece, as Voila does."""
        if self.without_token():
            return
        wanted = unquote(path or "")
        notebook = self.site.served.notebook
        if wanted not in ([""] if notebook else self.site.served.notebooks()):
            raise tornado.web.HTTPError(404)
        _ = self.xsrf_token
        async for piece in self.seated(notebook or wanted, None if notebook else wanted):
            self.write(piece)
            self.flush()

    async def seated(self, name: str, path: str | None) -> AsyncIterator[str]:
        """The pieces of the page, or the page that asks to wait."""
        kernels = self.kernel_manager
        if not isinstance(kernels, DashboardKernels):
            async for piece in self.get_generator(path=path):
                yield piece
            return
        await kernels.renew(name)
        if not await kernels.find_seat():
            self.set_status(503)
            self.set_header("Retry-After", str(RETRY_SECONDS))
            self.set_header("Content-Type", "text/html; charset=utf-8")
            yield self.page("busy.html", seconds=RETRY_SECONDS)
            return
        promised = True
        try:
            async for piece in self.get_generator(path=path):
                if promised:
                    kernels.seated()
                    promised = False
                yield piece
        finally:
            if promised:
                kernels.seated()

    def should_use_rendered_notebook(
        self, notebook_data: Any, pool_size: int, template: Any, theme: Any, arguments: Any
    ) -> bool:
        """Whether a kernel waits; no address asks for another template."""
        return bool(super().should_use_rendered_notebook(notebook_data, pool_size, None, None, {}))


class ShippedDashboard(Dashboard):
    """A workbook of ours on a Jupyter server, whatever folder that one serves."""

    @property
    def contents_manager(self) -> LargeFileManager:
        """Reads the shipped workbooks."""
        return LargeFileManager(root_dir=str(self.site.served.root))


class Identity(VoilaIdentityProvider):
    """Whoever knows the token may come in; they stay nameless."""

    def process_login_form(self, handler: tornado.web.RequestHandler) -> User | None:
        """The visitor behind a login form, or None for a wrong word."""
        typed = handler.get_body_argument("password", "")
        if not hmac.compare_digest(typed.encode(), str(self.token).encode()):
            return None
        return self.generate_anonymous_user(handler)


class Login(Page, LoginFormHandler):
    """The login page."""

    @property
    def t(self) -> Words:
        """Words in the language of the page that was asked for."""
        following = dict(parse_qsl(urlsplit(self.get_query_argument("next", "")).query))
        wanted = self.get_query_argument("lang", following.get("lang", ""))
        return Words(wanted) if wanted in LANGUAGES else super().t

    def _render(self, message: Any = None) -> None:
        t = self.t
        wrong = t("This is not the word that opens this server.") if message else ""
        following = local(self.get_argument("next", default=self.base_url))
        self.write(self.page("login.html", following=following, wrong=wrong))

    @allow_unauthenticated
    def get(self) -> None:
        """Show the form, or go on for whoever has logged in."""
        super().get()

    @allow_unauthenticated
    def post(self) -> None:
        """Check the word."""
        super().post()
