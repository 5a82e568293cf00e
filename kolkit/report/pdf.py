"""Prints a report's HTML with a Chromium-family browser.

The page may load nothing: every request but data: is aborted. Printing waits for the page's own
promise that its last chart is drawn, never for a time; then the page is asked what it shows and
whether all of it fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from playwright.sync_api import Browser, Error, Page, Playwright, Route, sync_playwright

from kolkit.errors import EnvironmentFault, InputError
from kolkit.machine import browser_flags, require_browser
from kolkit.report.page_numbers import pages_of
from kolkit.resources import PACKAGE

READY_MS = 20_000
ADDRESS = "http://report.invalid/"
WIDTHS = {"A4": 794, "Letter": 816}
SCALES = {"A4": 0.9, "Letter": 0.85}
"""Of print against screen: a sheet is read closer, and either holds half a chapter."""

PRINTS = 3
"""Only a printed page knows its number. The last report's are tried first; where this one has
others, its contents are filled in and it is printed again."""
PLACES = "() => [...document.querySelectorAll('[data-place]')].map(node => node.dataset.place)"
FILL = """pages => document.querySelectorAll('[data-place]').forEach(
  node => node.textContent = pages[node.dataset.place] ?? '')"""


@dataclass(frozen=True)
class Printed:
    """A printed document, and what its page showed: all its texts, and the labels of each chart.

    `theme`: the name of what dresses it, whose faults are not the machine's.
    """

    pdf: bytes
    texts: tuple[str, ...] = ()
    charts: tuple[tuple[str, ...], ...] = ()
    theme: str = ""


class Printer:
    """One open browser that prints any number of reports: `with Printer() as printer: ...`."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._page: Page | None = None
        self._document = ""
        self._numbers: dict[str, int] = {}

    def __enter__(self) -> "Printer":
        executable = require_browser()
        try:
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(
                executable_path=str(executable), args=list(browser_flags())
            )
        except Error as error:
            self.__exit__(None, None, None)
            raise EnvironmentFault(
                f"the browser at {executable} does not start ({error.message.splitlines()[0]}): "
                "`kolkit doctor` says more."
            ) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._browser:
            self._browser.close()
        if self._playwright:
            self._playwright.stop()

    def print(self, document: str, *, page_size: str, theme: str = "") -> Printed:
        """The document as a tagged PDF with an outline; `theme`: the name of what dresses it.

        Raises
        ------
        InputError
            where the logo is no picture this browser can show, something does not fit its place,
            or the theme hides a text
        EnvironmentFault
            where the page did not get ready or the browser died
        """
        self._document = document
        try:
            page = self._open_page()
            page.set_viewport_size({"width": WIDTHS[page_size], "height": 1123})
            page.goto(ADDRESS, wait_until="load", timeout=READY_MS)
            return self._printed(page, page_size, theme=theme)
        except Error as error:
            self._page = None
            raise EnvironmentFault(
                f"printing failed in the browser ({error.message.splitlines()[0]}): run the report "
                "once more, or with --no-pdf."
            ) from None

    def _open_page(self) -> Page:
        """The one page that prints: kept open, it has the chart library compiled already."""
        assert self._browser is not None
        if self._page is None:
            # Offline, and routed for the whole context: a window that the document opens is another
            # page, and sockets pass no route.
            context = self._browser.new_context(offline=True, service_workers="block")
            context.route("**/*", self._answer)
            self._page = context.new_page()
            self._page.emulate_media(media="print")
        return self._page

    def _answer(self, route: Route) -> None:
        # The document itself is the one thing served; it reaches for nothing else.
        if route.request.url == ADDRESS and route.request.is_navigation_request():
            route.fulfill(body=self._document, content_type="text/html; charset=utf-8")
        else:
            route.abort()

    def _printed(self, page: Page, page_size: str, *, theme: str) -> Printed:
        page.evaluate("() => window.__kolkitReady")
        broken = page.evaluate(
            "() => [...document.images].filter(i => !i.complete || !i.naturalWidth).length"
        )
        if broken:
            raise InputError("report.logo is no picture that a browser can show: export it as PNG.")
        shown = page.evaluate((PACKAGE / "static" / "printed.js").read_text("utf-8"), bool(theme))
        if shown["hidden"]:
            hidden = _first([f"“{text}”" for text in shown["hidden"]])
            raise InputError(
                f"the theme {theme} hides {hidden}: give text a colour that stands out "
                "from its ground and a size of 4 px or more."
            )
        if shown["tight"]:
            raise InputError(
                f"the page does not fit its paper: {_first(shown['tight'])}. Shorten it"
                + (f", or print without the theme {theme}." if theme else ".")
            )
        places = page.evaluate(PLACES)
        for _ in range(PRINTS):
            page.evaluate(FILL, self._numbers)
            pdf = _paged(page, page_size)
            found = pages_of(pdf, places)
            if found == self._numbers:
                break
            self._numbers = found
        return Printed(pdf, tuple(shown["texts"]), tuple(map(tuple, shown["charts"])), theme)


def _first(found: Sequence[str]) -> str:
    """The first of many, and how many others there are."""
    return found[0] + (f", and {len(found) - 1} more" if found[1:] else "")


def _paged(page: Page, page_size: str) -> bytes:
    return page.pdf(
        format=page_size,
        scale=SCALES[page_size],
        print_background=True,
        prefer_css_page_size=True,
        tagged=True,
        outline=True,
    )
