"""`kolkit serve`: Voila with our pages, a login where one is needed, seats and ceilings."""

import errno
import logging
import os
import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from traitlets.config import Config
from voila.app import Voila
from voila.request_info_handler import RequestInfoSocketHandler
from voila.static_file_handler import AllowListFileHandler
from voila.tornado.contentshandler import VoilaContentsHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.treehandler import TornadoVoilaTreeHandler

from kolkit.errors import EnvironmentFault
from kolkit.machine import SESSION_MB, fits_sessions
from kolkit.scenarios import Store
from kolkit.server.access import HEADERS, Access, EveryAnswer, NoSecrets, log_answer
from kolkit.server.api import HANDLERS as API
from kolkit.server.folders import Served, served
from kolkit.server.index import Index, ReportFile
from kolkit.server.jobs import Jobs
from kolkit.server.kernels import DashboardKernels
from kolkit.server.pages import Dashboard, Identity, Login, NotFound
from kolkit.server.report_api import HANDLERS as REPORTS
from kolkit.server.site import SETTING, Site, page_config_hook

MOST_SEATS = 40
MOST_PREHEATED = 8
PORTS_TRIED = 5
UNUSED = (
    RequestInfoSocketHandler,  # asks for no login, and nothing here reads an address in a kernel
    AllowListFileHandler,
    VoilaContentsHandler,
    TornadoVoilaTreeHandler,
    TornadoVoilaHandler,
)


@dataclass(frozen=True)
class Options:
    """How a server is run; `seats` and `preheat` follow memory and folder where None."""

    port: int = 8866
    briefs: Path = Path("reports/briefs")
    seats: int | None = None
    idle_minutes: float = 30
    preheat: bool | None = None
    open_browser: bool = True


def preheated(found: Served, wanted: bool | None) -> list[str]:
    """The notebooks whose kernels are started ahead: none for a rendered report."""
    if wanted is False or (wanted is None and found.rendered()):
        return []
    names = found.notebooks()
    return names if len(names) <= MOST_PREHEATED else []


def seats_for(wanted: int | None, ahead: int) -> int:
    """Sessions at once: as asked, else what free memory holds besides the kernels kept ready."""
    return wanted or max(1, min(MOST_SEATS, fits_sessions() - ahead))


class Dashboards(Voila):
    """Voila's application with our handlers."""

    site: Site
    access: Access
    ahead: int = 0
    console: Console
    server: HTTPServer | None = None
    port: Any

    def _config_file_paths_default(self) -> list[str]:
        # A file in the working folder must not change who may come in.
        return []

    def init_settings(self) -> dict[str, Any]:
        """Voila's settings, and ours."""
        settings: dict[str, Any] = super().init_settings()
        access = self.access
        settings |= {
            SETTING: self.site,
            "headers": dict(HEADERS),
            "log_function": log_answer,
            # Without a login, a page elsewhere must not reach this machine by another name for it.
            "allow_remote_access": bool(access.token or access.proxy),
            "local_hostnames": ["localhost"],
            "allow_origin": access.origin,
            # Requests that change something are refused by their origin (see `Api`), the cookie is
            # not sent along by other sites, and Voila's own good-bye carries no XSRF token.
            "disable_check_xsrf": True,
        }
        return settings

    def init_handlers(self) -> list[Any]:
        """Ours first, then what the pages need of Voila's."""
        self.app.add_transform(EveryAnswer)
        base = self.base_url
        voila = [handler for handler in super().init_handlers() if handler[1] not in UNUSED]
        configuration = {
            "config": self.config,
            "template_paths": self.template_paths,
            "voila_configuration": self.voila_configuration,
        }
        ours: list[Any] = [(f"{base}kolkit/{path}", kind) for path, kind in (*API, *REPORTS)]
        ours += [(f"{base}kolkit/files/(.*)", ReportFile), (f"{base}login", Login)]
        if self.site.served.notebook:
            one = configuration | {"notebook_path": self.site.served.notebook}
            pages: list[Any] = [(f"{base}()", Dashboard, one)]
        else:
            pages = [(base, Index), (f"{base}voila/render/(.*)", Dashboard, configuration)]
        return [*ours, *pages, *voila, (r".*", NotFound)]

    def listen(self) -> None:
        """Take the port, say where everything is, and serve until interrupted."""
        self.server = HTTPServer(self.app, xheaders=bool(self.access.proxy))
        self._bind(self.server)
        _announce(self)
        self.ioloop = IOLoop.current()
        if self.open_browser:
            self.ioloop.call_later(0.1, webbrowser.open, address_of(self))
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            self.log.info("Stopping…")
        finally:
            self.site.jobs.close()
            self.stop()

    def _bind(self, server: HTTPServer) -> None:
        # Whoever put a proxy in front, or opened the port to others, relies on the number.
        tried = PORTS_TRIED if self.access.is_local and not self.access.proxy else 1
        for port in range(self.port, min(self.port + tried, 65536)):
            try:
                server.listen(port, self.ip)
            except OSError as error:
                if error.errno in (errno.EADDRINUSE, errno.EACCES):
                    continue
                raise EnvironmentFault(
                    f"The server cannot listen on {self.ip} ({error.strerror}): name an address "
                    "of this machine with --ip."
                ) from None
            self.port = port
            return
        raise EnvironmentFault(
            f"Port {self.port} is in use or not allowed: choose another with --port."
        )


def address_of(app: Dashboards) -> str:
    """Where a browser finds the first page."""
    if app.access.proxy:
        return app.access.proxy
    host = "127.0.0.1" if app.ip in ("0.0.0.0", "::", "") else app.ip  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{app.port}{app.base_url}"


def _announce(app: Dashboards) -> None:
    access, kernels = app.access, app.kernel_manager
    if access.token:
        login = "visitors log in with the token"
    elif access.proxy:
        login = "the proxy does the login"
    else:
        login = "no login, for this machine only"
    told = [
        f"Serving {app.site.served.root / app.site.served.notebook}",
        f"at {address_of(app)} ({login}); room for {kernels.seats} sessions of about "
        f"{SESSION_MB} MB.",
        f"Scenarios are saved in {app.site.store.folder}.",
    ]
    if app.ahead:
        told.append(f"{app.ahead} kernels are being started ahead; the first pages come slower.")
    app.console.print("\n".join(told), soft_wrap=True, markup=False, highlight=False)


def _quiet_logs() -> None:
    handler = logging.StreamHandler()
    handler.addFilter(NoSecrets())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _hide_secrets(log: logging.Logger) -> None:
    for handler in log.handlers:
        handler.addFilter(NoSecrets())


def _configuration(access: Access, options: Options, ahead: list[str]) -> Config:
    """How Voila and its kernels are run."""
    idle_seconds = max(1, round(options.idle_minutes * 60))
    pools = {"default": {"pool_size": 0}} | {name: {"pool_size": 1} for name in ahead}
    return Config(
        {
            "Voila": {
                "ip": access.ip,
                "port": options.port,
                "base_url": access.base_url,
                "token": access.token or None,
                "identity_provider_class": Identity,
                "open_browser": options.open_browser,
                "log_level": logging.ERROR,
            },
            "VoilaConfiguration": {
                "template": "kolkit",
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "preheat_kernel": bool(ahead),
                "multi_kernel_manager_class": DashboardKernels,
                "page_config_hook": page_config_hook,
            },
            "VoilaKernelManager": {"kernel_pools_config": pools},
            "DashboardKernels": {
                "seats": seats_for(options.seats, len(ahead)),
                "cull_idle_timeout": idle_seconds,
                "cull_interval": min(60, idle_seconds),
                "transport_encryption": "auto",
            },
            # A kernel that died is gone: the page opens another one.
            "KernelRestarter": {"restart_limit": 0, "time_to_dead": 1.0},
            "IdentityProvider": {
                "cookie_options": {"samesite": "Lax"},
                "secure_cookie": access.origin.startswith("https") or None,
            },
        }
    )


def serve_dashboards(
    path: Path | None, *, access: Access, options: Options, console: Console
) -> None:
    """Serve until interrupted.

    Raises
    ------
    InputError
        for a path without a notebook
    EnvironmentFault
        where the port cannot be had
    """
    # Kernels have no business with the token.
    os.environ.pop("KOLKIT_TOKEN", None)
    found = served(path)
    ahead = preheated(found, options.preheat)
    _quiet_logs()
    sys.argv = ["kolkit"]
    app = Dashboards.instance()
    app.access, app.ahead, app.console = access, len(ahead), console
    app.site = Site(
        served=found,
        store=Store(options.briefs.absolute(), {r.client for r in found.rendered()}),
        jobs=Jobs(),
        access="proxy" if access.proxy else "token" if access.token else "here",
    )
    app.update_config(_configuration(access, options, ahead))
    app.initialize([str(found.root / found.notebook)])
    _hide_secrets(logging.getLogger(app.log.name))
    app.start()
