"""Prints a report's HTML with a Chromium-family browser and checks what came out.

The page may load nothing: every request but data: is aborted. Printing waits for the page's own
promise that its last chart is drawn, never for a time.
"""

import io
import re
import unicodedata
from collections.abc import Iterable
from types import TracebackType

from playwright.sync_api import Browser, Error, Page, Playwright, Route, sync_playwright
from pypdf import PdfReader

from kolkit.errors import EnvironmentFault, InputError
from kolkit.machine import browser_flags, require_browser

READY_MS = 20_000
ADDRESS = "http://report.invalid/"
WIDTHS = {"A4": 794, "Letter": 816}


class Printer:
    """One open browser that prints any number of reports: `with Printer() as printer: ...`."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._page: Page | None = None
        self._document = ""

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

    def print(self, document: str, *, page_size: str) -> bytes:
        """The document as a tagged PDF with an outline.

        Raises
        ------
        InputError
            where the logo is no picture a browser can show
        EnvironmentFault
            where the page did not get ready or the browser died
        """
        self._document = document
        try:
            page = self._open_page()
            page.set_viewport_size({"width": WIDTHS[page_size], "height": 1123})
            page.goto(ADDRESS, wait_until="load", timeout=READY_MS)
            return self._printed(page, page_size)
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

    @staticmethod
    def _printed(page: Page, page_size: str) -> bytes:
        page.evaluate("() => window.__kolkitReady")
        broken = page.evaluate(
            "() => [...document.images].filter(i => !i.complete || !i.naturalWidth).length"
        )
        if broken:
            raise InputError("report.logo is no picture that a browser can show: export it as PNG.")
        return page.pdf(
            format=page_size,
            print_background=True,
            prefer_css_page_size=True,
            tagged=True,
            outline=True,
        )


def squeezed(text: str) -> str:
    """Text without spaces and in one form, as comparison across a PDF's line breaks needs."""
    return re.sub(r"[\s\u2060]+", "", unicodedata.normalize("NFKC", text))


HAN = "[\u2e80-\u9fff\uf900-\ufaff]"


def stands_in(expected: str, text: str) -> bool:
    """Whether a text is in a PDF's text.

    One glyph may serve several Chinese characters (户 and 戶), and a PDF names only one of them:
    one in five Chinese characters may differ, everything else must be the same.
    """
    wanted = squeezed(expected)
    if wanted in text:
        return True
    places = [i for i, c in enumerate(wanted) if re.match(HAN, c)]
    pattern = "".join(HAN if i in places else re.escape(c) for i, c in enumerate(wanted))
    allowed = max(1, len(places) // 5) if places else 0
    # Looked for at every place: a text of Chinese characters alone fits its pattern everywhere.
    return any(
        sum(found[1][i] != wanted[i] for i in places) <= allowed
        for found in re.finditer(f"(?=({pattern}))", text)
    )


def verify(pdf: bytes, *, expected: Iterable[str]) -> int:
    """Check a printed report; returns its number of pages.

    Parameters
    ----------
    pdf : the printed file
    expected : headlines, captions and chart labels that must be there as text

    Raises
    ------
    EnvironmentFault
        names what is missing
    """
    reader = PdfReader(io.BytesIO(pdf))
    pages = [squeezed(page.extract_text()) for page in reader.pages]
    text = "".join(pages)
    missing = [e for e in expected if not stands_in(e, text)]
    if missing:
        raise EnvironmentFault(
            f"the printed PDF lacks {len(missing)} of its texts, the first is: {missing[0]}. "
            "`kolkit doctor` checks browser and fonts."
        )
    if len(pages) < 3:
        raise EnvironmentFault(f"the printed PDF has only {len(pages)} pages; expected 3 or more.")
    numbered = [i for i, page in enumerate(pages[1:], 2) if f"{i}/{len(pages)}" not in page]
    if numbered:
        raise EnvironmentFault(
            f"page {numbered[0]} of the PDF has no page number: update the browser (Chromium 131 "
            "or newer)."
        )
    if not reader.outline:
        raise EnvironmentFault("the PDF has no outline: update the browser.")
    if "\ufffd" in text:
        raise EnvironmentFault("the PDF has characters without a glyph: install a CJK font.")
    return len(pages)
