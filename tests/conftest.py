"""Fixtures that several test modules share."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

from kolkit import machine
from kolkit.errors import EnvironmentFault


@pytest.fixture(scope="session")
def browser_path() -> Path:
    """The browser to test with. A machine without one fails, so that nothing passes unseen."""
    try:
        return machine.require_browser()
    except EnvironmentFault as fault:
        pytest.fail(str(fault), pytrace=False)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of reference material beside the checkout; skips the test where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("no folder of reference material beside this checkout")
    return folder


@pytest.fixture(scope="module")
def browser(browser_path: Path) -> Iterator[Browser]:
    """One real browser for a test module: playwright allows one at a time in a process."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(browser_path), args=list(machine.browser_flags())
        )
        yield opened
        opened.close()


class Watched:
    """A page with the network cut, and what it tried or complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.left_the_machine: list[str] = []
        self.complaints: list[str] = []
        self._tolerated: tuple[str, ...] = ()
        page.route("**/*", self._route)
        page.on("console", self._console)
        page.on("pageerror", self._thrown)

    def tolerates(self, *parts: str) -> None:
        """From now on the browser may write errors with one of these: an accident is staged."""
        self._tolerated += parts

    def _route(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in ("data", "blob", "file") or parts.hostname == "127.0.0.1":
            route.continue_()
        else:
            self.left_the_machine.append(route.request.url)
            route.abort()

    def _thrown(self, error: Exception) -> None:
        if not any(part in str(error) for part in self._tolerated):
            self.complaints.append(str(error))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(p in message.text for p in self._tolerated):
            self.complaints.append(message.text)


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A fresh page that must not leave the machine nor write an error to the console."""
    # What a test waits for is evaluated as text, which our own policy forbids to pages; pages are
    # opened under that policy in test_server.py.
    context = browser.new_context(viewport={"width": 1440, "height": 960}, bypass_csp=True)
    opened = Watched(context.new_page())
    yield opened
    context.close()
    assert opened.left_the_machine == []
    assert opened.complaints == []


@pytest.fixture(scope="session")
def shipped_briefs() -> Path:
    """The sample briefs of the checkout."""
    return Path(__file__).resolve().parents[1] / "reports" / "briefs"
