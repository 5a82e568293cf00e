"""Where people have to log in first: the workbooks inside other Jupyter servers.

A Jupyter server with its token, always; a real JupyterHub with its proxy, in the long runs. The hub
gets an environment of its own, so that it never comes near the project's packages.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from load import Server, started
from pages import BIN, LIVE, ROOT, SECONDS, free_port, move_and_see, says, sentence
from playwright.sync_api import Browser, BrowserContext, Page, Request, TimeoutError
from soaking import record

from kolkit.books import BOOKS

BOOK = BOOKS["livestream"]
RENDERED = f"kolkit/render/{BOOK.notebook}"
SECRET = "a-secret-for-this-test"
HUB = ROOT / ".bench" / "hub"


def allowed_root() -> list[str]:
    """Jupyter servers refuse to run as root unless told."""
    return ["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []


def open_workbook(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function(LIVE, timeout=SECONDS)


def status(context: BrowserContext, address: str) -> int:
    """What a request of this visitor gets, where it ends up."""
    return context.request.get(address, max_redirects=0).status


def opens_socket(page: Page, address: str) -> bool:
    """Whether a page of this visitor can talk to a kernel."""
    return page.evaluate(
        """address => new Promise((done) => {
          const socket = new WebSocket(address);
          socket.onopen = () => { socket.close(); done(true); };
          socket.onerror = () => done(false);
        })""",
        address.replace("http://", "ws://"),
    )


def saves(page: Page, scenario: str) -> list[str]:
    """Save what is on screen under a name; all that this visitor then finds saved."""
    page.get_by_role("button", name="Save", exact=True).first.click()
    form = page.locator(".kk-saved-form")
    form.locator("[name=client]").fill("Ada & Co")
    form.locator("[name=scenario]").fill(scenario)
    form.locator("button.kk-main").click()
    row = page.locator(".kk-saved-name, .kk-complaint:not(:empty)")
    row.first.wait_for(timeout=SECONDS)
    told = row.all_inner_texts()
    page.keyboard.press("Escape")
    return [text.splitlines()[0] for text in told]


# -- a Jupyter server ----------------------------------------------------------------------------


@contextlib.contextmanager
def jupyter_server(folder: Path) -> Iterator[Server]:
    """A Jupyter server of any folder, with its extensions as installed and a token."""
    port = free_port()
    command = [
        BIN / "jupyter", "server", "--no-browser", f"--port={port}", *allowed_root(),
        f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={SECRET}",
    ]  # fmt: skip
    with started(*command, port=port, path="/login") as server:
        yield server


@pytest.mark.browser
def test_a_workbook_in_a_jupyter_server_opens_after_its_token_only(watched, tmp_path):
    page = watched.page
    with jupyter_server(tmp_path) as server:
        for path in ("kolkit/", RENDERED):
            assert status(page.context, f"{server.address}/{path}") == 302, path
        for path in ("kolkit/scenarios", "api/kernels"):
            assert status(page.context, f"{server.address}/{path}") == 403, path
        page.goto(f"{server.address}/kolkit/")
        page.get_by_label("Password or token").fill("another secret")
        page.locator("#login_submit").click()
        page.get_by_text("Invalid credentials").wait_for()
        # The browser counts the refusal as an error of the page.
        assert [told for told in watched.complaints if "401" not in told] == []
        watched.complaints.clear()
        page.get_by_label("Password or token").fill(SECRET)
        page.locator("#login_submit").click()
        page.get_by_role("link", name=BOOK.title).first.click()
        page.wait_for_function(LIVE, timeout=SECONDS)
        move_and_see(page, BOOK)
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request))
        assert saves(page, "First year") == ["Ada & Co · First year"]
        # A hub wants the page's own token with everything that a script asks for, a GET included.
        scripted = [told for told in asked if told.resource_type == "fetch"]
        assert {told.method for told in scripted} >= {"GET", "POST"}
        assert [told.url for told in scripted if "x-xsrftoken" not in told.headers] == []
        page.goto("about:blank")
        assert not server.faults()
        assert SECRET not in server.log.read_text()


# -- a hub ---------------------------------------------------------------------------------------


def uv() -> str:
    """The uv that the project's own set-up uses."""
    own = ROOT / ".tools" / "uv" / "bin" / "uv"
    found = shutil.which("uv") or (str(own) if own.exists() else "")
    if not found:
        pytest.fail("The hub's environment needs uv: run `make setup`.", pytrace=False)
    return found


def hub_environment() -> Path:
    """Where a hub, its proxy (one that needs no node) and this package are installed together."""
    inside = dict(os.environ) | {"UV_PROJECT_ENVIRONMENT": str(HUB)}
    python = HUB / "bin" / "python"
    hub = ["jupyterhub>=6.1", "configurable-http-proxy>=0.4"]
    for command in (
        ["sync", "--quiet", "--frozen", "--no-dev", "--inexact", "--reinstall-package", "kolkit"],
        ["pip", "install", "--quiet", "--python", str(python), *hub],
    ):
        done = subprocess.run(
            [uv(), *command], cwd=ROOT, env=inside, capture_output=True, text=True, check=False
        )
        if done.returncode:
            told = " ".join(done.stderr.split())[-300:]
            pytest.fail(
                f"A hub cannot be installed: a package registry must be reachable ({told}).",
                pytrace=False,
            )
    return python.parent


CONFIGURATION = """\
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = ["{bin}/configurable-http-proxy", "--timeout", "60000"]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "{secret}"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/{{username}}"
c.JupyterHub.shutdown_on_logout = True
c.Spawner.cmd = ["{bin}/jupyterhub-singleuser"]
c.Spawner.args = {root}
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.Spawner.default_url = "/kolkit/"
"""


@contextlib.contextmanager
def hub(folder: Path) -> Iterator[Server]:
    """A hub with its proxy on loopback; everyone who knows the secret may log in."""
    bins = hub_environment()
    port = free_port()
    told = CONFIGURATION.format(
        port=port, hub_port=free_port(), proxy_port=free_port(), bin=bins, secret=SECRET,
        folder=folder, root=allowed_root(),
    )  # fmt: skip
    written = folder / "jupyterhub_config.py"
    written.write_text(told, encoding="utf-8")
    path = {"PATH": f"{bins}{os.pathsep}{os.environ['PATH']}"}
    command = [bins / "jupyterhub", f"--config={written}"]
    with started(*command, port=port, path="/hub/login", env=path) as server:
        yield server


def logged_in(browser: Browser, server: Server, name: str) -> Page:
    """Someone who has logged in and opened a workbook from the index that the hub leads to."""
    context = browser.new_context(viewport={"width": 1440, "height": 960}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{server.address}/hub/login")
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(SECRET)
    page.locator("input[type=submit]").click()
    try:
        page.wait_for_url(f"**/user/{name}/kolkit/", timeout=2 * SECONDS)
    except TimeoutError:
        raise AssertionError(server.log.read_text()[-5000:]) from None
    page.get_by_role("link", name=BOOK.title).first.click()
    page.wait_for_function(LIVE, timeout=SECONDS)
    return page


def kernels(page: Page, home: str) -> list[str]:
    """Ids of the kernels that run in the server of a visitor's own home."""
    answered = page.context.request.get(f"{home}/api/kernels")
    assert answered.status == 200
    return [kernel["id"] for kernel in answered.json()]


def servers_of(server: Server, name: str) -> list[psutil.Process]:
    """The processes that the hub runs for one person."""
    found = []
    for child in server.process.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if child.environ().get("JUPYTERHUB_USER") == name:
                found.append(child)
    return found


@pytest.mark.browser
@pytest.mark.soak
@pytest.mark.timeout(600)
def test_behind_a_hub_everyone_has_kernels_of_their_own_and_logging_out_ends_them(
    browser, tmp_path
):
    with hub(tmp_path) as server:
        homes = {name: f"{server.address}/user/{name}" for name in ("ada", "bob")}
        ada = logged_in(browser, server, "ada")
        move_and_see(ada, BOOK)
        told = sentence(ada)
        bob = logged_in(browser, server, "bob")
        (hers,), (his,) = kernels(ada, homes["ada"]), kernels(bob, homes["bob"])
        assert hers != his
        for page, name in ((ada, "ada"), (bob, "bob")):
            assert saves(page, f"{name}'s own") == [f"Ada & Co · {name}'s own"]

        # Nobody gets at the other's server: not its pages, nor its kernels, nor their sockets.
        for path in ("kolkit/", RENDERED, "kolkit/scenarios", f"api/kernels/{hers}"):
            assert status(bob.context, f"{homes['ada']}/{path}") in (302, 403), path
        channels = f"api/kernels/{hers}/channels"
        assert opens_socket(ada, f"{homes['ada']}/{channels}")
        assert not opens_socket(bob, f"{homes['ada']}/{channels}")
        assert not opens_socket(bob, f"{homes['bob']}/{channels}")
        bob.goto(f"{homes['ada']}/{RENDERED}")
        assert bob.locator(".kk-sentence").count() == 0
        open_workbook(bob, f"{homes['bob']}/{RENDERED}")
        move_and_see(bob, BOOK, by="mouse")
        says(ada, told)
        assert told != sentence(bob)

        stranger = browser.new_context()
        assert status(stranger, f"{homes['ada']}/{RENDERED}") == 302
        assert status(stranger, f"{homes['ada']}/api/kernels") in (302, 403)

        # Her notebook's server ends with its kernels, his goes on.
        running = servers_of(server, "ada")
        assert len(running) >= 2
        ada.goto(f"{server.address}/hub/logout")
        left = psutil.wait_procs(running, timeout=30)[1]
        assert not left
        assert status(ada.context, f"{homes['ada']}/{RENDERED}") == 302
        move_and_see(bob, BOOK)
        for context in (ada.context, bob.context, stranger):
            context.close()
        # Hub and proxy count as errors what they refused, or could not deliver to an ended server.
        assert "Traceback" not in server.log.read_text()
    version = subprocess.run(
        [HUB / "bin" / "jupyterhub", "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    record(
        "JupyterHub",
        f"JupyterHub {version}, a proxy without node: two people log in and move sliders, neither "
        "reaches the other's pages, kernels or sockets, logging out ends server and kernels",
    )
