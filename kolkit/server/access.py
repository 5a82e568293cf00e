"""Who may reach the server, what every answer carries, and what never gets into a log."""

import base64
import hashlib
import ipaddress
import logging
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform, RequestHandler

from kolkit.errors import InputError

HEARTBEAT = "window.voila_heartbeat()"
"""The one script that Voila itself writes into a page, while a notebook takes long."""


def _hash(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        # Widgets are modules that come over the websocket and are imported from blob addresses.
        f"script-src 'self' blob: {_hash(HEARTBEAT)}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
SANDBOXED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
"""For files that were rendered from a client's data."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Access:
    """Where the server listens and who checks that a visitor may come in.

    `token`: what visitors enter to log in; empty for none. `proxy`: address of the reverse proxy
    that checks them instead; empty for none. `path`: below which everything lies, if not the
    proxy's own.
    """

    ip: str = "127.0.0.1"
    token: str = ""
    proxy: str = ""
    path: str = ""

    def __post_init__(self) -> None:
        """Refuse a server that anyone on the network could use."""
        if self.proxy:
            parts = urlsplit(self.proxy)
            if parts.scheme not in ("http", "https") or not parts.netloc:
                raise InputError(
                    "--proxy must be the address that visitors use, such as "
                    f"https://tool.example/kol/; got {self.proxy}."
                )
        if not self.is_local and not self.token and not self.proxy:
            raise InputError(
                f"--ip {self.ip} lets everyone on the network in: add --token WORD, or name the "
                "reverse proxy that does the login with --proxy https://…."
            )

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server.

        >>> Access("::1").is_local, Access("0.0.0.0", token="word").is_local
        (True, False)
        """
        if self.ip == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.ip).is_loopback
        except ValueError:
            return False

    @property
    def base_url(self) -> str:
        """The path below which the proxy shows the server."""
        path = (self.path or urlsplit(self.proxy).path).strip("/")
        return f"/{path}/" if path else "/"

    @property
    def origin(self) -> str:
        """Scheme and host that pages come from behind the proxy; empty without one."""
        parts = urlsplit(self.proxy)
        return f"{parts.scheme}://{parts.netloc}".lower() if self.proxy else ""


class EveryAnswer(OutputTransform):
    """Puts the headers on every answer, static files and refusals among them."""

    def __init__(self, request: HTTPServerRequest) -> None:
        super().__init__(request)

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Headers as they are sent; a handler's stricter policy stands."""
        for name, value in HEADERS.items():
            if name not in headers:
                headers[name] = value
        if "Server" in headers:
            del headers["Server"]
        return status_code, headers, chunk


FAILED_CELL = "Error at server while executing cell"
SECRET = re.compile(r"(token=)[^&\s'\"]*")


class NoSecrets(logging.Filter):
    """Strikes tokens out of whatever is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites the message; every record passes."""
        told = record.getMessage()
        if told.startswith(FAILED_CELL):
            # Voila adds the whole cell with its outputs, a client's figures among them.
            error = record.exc_info[1] if record.exc_info else None
            told = f"a cell of a notebook failed: {getattr(error, 'ename', type(error).__name__)}"
            record.msg, record.args, record.exc_info = told, (), None
        clean = SECRET.sub(r"\1…", told)
        if clean != told:
            record.msg, record.args = clean, ()
        return True


def log_answer(handler: RequestHandler) -> None:
    """The access log: only what failed here, without address, query or names."""
    if handler.get_status() >= 500 and handler.get_status() != 503:
        logging.getLogger("kolkit").error(
            "%s %s answered %d", handler.request.method, type(handler).__name__,
            handler.get_status(),
        )  # fmt: skip
