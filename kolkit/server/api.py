"""Scenarios, briefs and kernels over HTTP: JSON in and out, every refusal one sentence."""

import asyncio
import json
from collections.abc import Mapping
from http.client import responses
from typing import Any
from urllib.parse import unquote

import tornado.web
from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler

from kolkit.contents import Content, brief_bytes, read_upload
from kolkit.errors import EnvironmentFault, InputError
from kolkit.identity import folder_name
from kolkit.scenarios import Conflict, Listed, NotThere, Saved, link
from kolkit.server.access import SANDBOXED
from kolkit.server.site import Site, site_of
from kolkit.words import LANGUAGES, N_, Words

BODY_BYTES = 1_000_000
UPLOAD_BYTES = 256 * 1024
SWALLOWED_BYTES = 16_000_000
"""A body that is too large is read to its end, and thrown away, if it is no larger than this:
who is cut off while sending never reads why."""
YAML_TYPES = (
    "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml",
    "application/octet-stream",
)  # fmt: skip

REFUSALS = {
    400: N_("This request cannot be read."),
    403: N_("Log in first."),
    404: N_("There is nothing here."),
    405: N_("This cannot be done here."),
    413: N_("This is too large: at most {n} KB."),
    415: N_("Send this as {kind}."),
    428: N_("Say which version was seen last (If-Match)."),
    500: N_("Something went wrong on the server."),
}


class Refusal(tornado.web.HTTPError):
    """An answer with a sentence, and more for a program."""

    def __init__(self, status: int, sentence: str, **more: Any) -> None:
        super().__init__(status)
        self.sentence = sentence
        self.more = more


@tornado.web.stream_request_body
class Api(APIHandler):
    """What the handlers have in common: limits on bodies, types, and refusals as JSON."""

    limit = BODY_BYTES
    types: tuple[str, ...] = ("application/json",)

    @property
    def t(self) -> Words:
        """Words in the language that the page asks for."""
        wanted = self.request.headers.get("X-Kolkit-Language", "en")
        return Words(wanted if wanted in LANGUAGES else "en")

    @property
    def site(self) -> Site:
        """What this server serves."""
        return site_of(self)

    # -- bodies ----------------------------------------------------------------------------------

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse what is too large or of another kind before it is read."""
        self._body = bytearray()
        self._received = 0
        await super().prepare()
        # Older browsers do not say where a request comes from; their Origin has been checked.
        comes_from = self.request.headers.get("Sec-Fetch-Site", "none")
        if self.request.method not in ("GET", "HEAD") and comes_from not in ("same-origin", "none"):
            raise tornado.web.HTTPError(403)
        announced = self.request.headers.get("Content-Length", "0")
        if announced.isdigit() and int(announced) > SWALLOWED_BYTES:
            raise self._too_large()

    def data_received(self, chunk: bytes) -> None:
        """Keep what fits."""
        self._received += len(chunk)
        if self._received <= self.limit:
            self._body += chunk
        elif self._received > SWALLOWED_BYTES:
            raise self._too_large()

    def body(self) -> bytes:
        """The whole body, of a kind that is taken here."""
        kind = self.request.headers.get("Content-Type", "").split(";")[0].strip().casefold()
        if kind not in self.types:
            raise Refusal(415, self.t(REFUSALS[415], kind=self.types[0]))
        if self._received > self.limit:
            raise self._too_large()
        return bytes(self._body)

    def told(self) -> dict[str, Any]:
        """The body as a mapping."""
        try:
            found = json.loads(self.body(), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise Refusal(400, self.t(REFUSALS[400])) from None
        if not isinstance(found, dict):
            raise Refusal(400, self.t(REFUSALS[400]))
        return found

    def content(self) -> tuple[Content, dict[str, Any]]:
        """The body as names and inputs, and the whole of it.

        On a client's rendered page what its report had set stands beneath what is sent.
        """
        told = self.told()
        sent = Content(
            told.get("client", ""),
            told.get("scenario", ""),
            told.get("language", "en"),
            told.get("inputs", {}),
        )
        if not isinstance(sent.inputs, Mapping):
            raise InputError("inputs must be a mapping of names to values.")
        return self.site.beneath(sent, str(told.get("notebook", ""))), told

    def _too_large(self) -> Refusal:
        return Refusal(413, self.t(REFUSALS[413], n=self.limit // 1000))

    # -- answers ---------------------------------------------------------------------------------

    def answer(self, told: Mapping[str, Any], status: int = 200) -> None:
        """Finish with JSON."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(told, ensure_ascii=False))

    def attach(self, data: bytes, *, name: str, kind: str) -> None:
        """Finish with a file to be saved."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", SANDBOXED)
        self.set_attachment_header(name)
        self.finish(data, set_content_type=kind)

    def write_error(self, status_code: int, **known: Any) -> None:
        """One sentence, whatever went wrong."""
        error = known.get("exc_info", (None, None, None))[1]
        more: Mapping[str, Any] = {}
        if isinstance(error, Refusal):
            sentence, more = error.sentence, error.more
        elif isinstance(error, Conflict):
            status_code, sentence = 409, error.told(self.t)
            more = {"theirs": _seen(error.theirs)}
        elif isinstance(error, NotThere):
            status_code, sentence = 404, error.told(self.t)
        elif isinstance(error, InputError):
            status_code, sentence = 422, " ".join(str(error).splitlines())
        elif isinstance(error, EnvironmentFault):
            status_code, sentence = 507, str(error)
        else:
            sentence = self.t(REFUSALS.get(status_code, responses.get(status_code, "")))
            if status_code == 403 and getattr(self, "_jupyter_current_user", None):
                sentence = self.t("This came from a page that may not do it: load the page anew.")
        self.set_status(status_code)
        self.finish(json.dumps({"message": sentence, **more}, ensure_ascii=False))

    def log_exception(self, kind: Any, value: Any, trace: Any) -> None:
        """A refusal is an answer; only a defect is logged."""
        if not isinstance(value, InputError | EnvironmentFault | tornado.web.HTTPError):
            self.log.error("%s failed", type(self).__name__, exc_info=(kind, value, trace))

    @property
    def seen_version(self) -> str:
        """The version that the page has seen, from If-Match."""
        version = self.request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
        if not version:
            raise Refusal(428, self.t(REFUSALS[428]))
        return version


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _seen(listed: Listed) -> dict[str, str]:
    return {"version": listed.version, "saved_at": listed.saved_at.isoformat()}


def _as_json(saved: Saved) -> dict[str, Any]:
    listed, content = saved.listed, saved.content
    return {
        "id": listed.id,
        "client": content.client,
        "scenario": content.scenario,
        "version": listed.version,
        "saved_at": listed.saved_at.isoformat(),
        "language": content.language,
        "inputs": dict(content.inputs),
        "link": link(content, id=listed.id, version=listed.version),
    }


class Scenarios(Api):
    """The list of scenarios."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """Every scenario, and those set aside."""
        store = self.site.store
        standing = await asyncio.to_thread(store.all)
        aside = await asyncio.to_thread(store.deleted)
        found = []
        for listed in standing:
            if listed.broken:
                found.append({"id": listed.id, "broken": listed.broken})
                continue
            names = {"id": listed.id, "client": listed.client, "scenario": listed.scenario}
            found.append(names | _seen(listed))
        deleted = [
            {
                "id": listed.id,
                "client": listed.client,
                "scenario": listed.scenario,
                "deleted_at": listed.saved_at.isoformat(),
            }
            for listed in aside
            if not listed.broken
        ]
        self.answer({"scenarios": found, "deleted": deleted})

    @tornado.web.authenticated
    async def post(self) -> None:
        """Save a new one."""
        content, _ = self.content()
        saved = await asyncio.to_thread(self.site.store.create, content)
        self.answer(_as_json(saved), 201)


class Scenario(Api):
    """One scenario."""

    @tornado.web.authenticated
    async def get(self, id: str) -> None:
        """What it says."""
        self.answer(_as_json(await asyncio.to_thread(self.site.store.read, unquote(id))))

    @tornado.web.authenticated
    async def put(self, id: str) -> None:
        """Save over the version that was seen."""
        version = self.seen_version
        content, _ = self.content()
        saved = await asyncio.to_thread(self.site.store.replace, unquote(id), content, version)
        self.answer(_as_json(saved))

    @tornado.web.authenticated
    async def delete(self, id: str) -> None:
        """Set aside."""
        await asyncio.to_thread(self.site.store.delete, unquote(id), self.seen_version)
        self.set_status(204)
        self.finish()


class Restore(Api):
    """A scenario that was set aside."""

    @tornado.web.authenticated
    async def post(self, id: str) -> None:
        """Bring it back."""
        self.body()
        self.answer(_as_json(await asyncio.to_thread(self.site.store.restore, unquote(id))))


class Brief(Api):
    """A brief to be saved on the visitor's own machine."""

    @tornado.web.authenticated
    async def post(self) -> None:
        """The YAML of what is sent."""
        content, _ = self.content()
        data = await asyncio.to_thread(brief_bytes, content)
        name = f"{folder_name(content.client)}-{folder_name(content.scenario)}.yaml"
        self.attach(data, name=name, kind="application/yaml")


class Upload(Api):
    """A brief from the visitor's own machine."""

    limit = UPLOAD_BYTES
    types = YAML_TYPES

    @tornado.web.authenticated
    async def post(self) -> None:
        """What the brief says."""
        content, missing = await asyncio.to_thread(read_upload, self.body())
        note = ""
        if missing:
            note = self.t(
                "The order file {file} did not come along: use it on the livestream page.",
                file=missing,
            )
        self.answer(
            {
                "client": content.client,
                "scenario": content.scenario,
                "language": content.language,
                "inputs": dict(content.inputs),
                "note": note,
                "link": link(content),
            }
        )


class Kernel(Api):
    """Whether a page's kernel still runs."""

    @tornado.web.authenticated
    async def get(self, kernel_id: str) -> None:
        """Alive or not; a kernel that nobody knows is not."""
        kernels = self.kernel_manager
        alive = kernel_id in kernels and await ensure_async(kernels.is_alive(kernel_id))
        self.answer({"alive": bool(alive)})


class Interrupt(Api):
    """A kernel that computes for too long."""

    @tornado.web.authenticated
    async def post(self, kernel_id: str) -> None:
        """Interrupt what it computes."""
        self.body()
        if kernel_id not in self.kernel_manager:
            raise tornado.web.HTTPError(404)
        kernel: Any = self.kernel_manager.get_kernel(kernel_id)
        await ensure_async(kernel.interrupt_kernel())
        self.set_status(204)
        self.finish()


_ID = r"([^/]+)"
_KERNEL = r"(\w+-\w+-\w+-\w+-\w+)"
HANDLERS: tuple[tuple[str, type[Api]], ...] = (
    (r"scenarios", Scenarios),
    (rf"scenarios/{_ID}", Scenario),
    (rf"scenarios/{_ID}/restore", Restore),
    (r"brief", Brief),
    (r"upload", Upload),
    (rf"kernels/{_KERNEL}", Kernel),
    (rf"kernels/{_KERNEL}/interrupt", Interrupt),
)
"""Handlers by their path below `kolkit/`."""
