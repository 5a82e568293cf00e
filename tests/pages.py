"""Servers, pages and knobs for the tests in a real browser."""

import contextlib
import html
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from kolkit.books import Book
from kolkit.workbook import Workbook, parameters

ROOT = Path(__file__).resolve().parents[1]
WORKBOOKS = ROOT / "workbooks"
BIN = Path(sys.executable).parent
LIVE = "performance.getEntriesByName('kolkit:live').length > 0"
SECONDS = 60_000
READY = "/voila/static/voila.js"
MOVES = {
    "start": "average_order_value_cny",
    "tier_mix": "fake_view_share",
    "private_pool": "purchases_per_member_month",
    "livestream": "gmv_reported_cny",
    "plan": "budget_cny",
}
"""The knob that each workbook's test moves."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(*command: object, port: int, path: str = "/") -> Iterator[str]:
    """A server on loopback; its address once it answers at `path`."""
    log = Path(tempfile.mkdtemp()) / "server.log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address + path, timeout=30).close()
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            raise AssertionError(f"the server never answered: {log.read_text()}")
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        process.wait(20)


def voila(notebook: Path, *extra: str) -> contextlib.AbstractContextManager[str]:
    port = free_port()
    return serving(
        BIN / "voila", notebook, "--no-browser", f"--port={port}", *extra, port=port, path=READY
    )  # fmt: skip


def sentence(page) -> str:
    told = "node => node.textContent.replaceAll('\\u2060', '')"
    return page.locator(".lm-Widget .kk-sentence, .kk-sentence:visible").last.evaluate(told)


@contextlib.contextmanager
def dashboard(watched, served, *, live: bool = True, pause: float = 0) -> Iterator[Page]:
    """A page of a server, closed before the server is stopped."""
    with served as address:
        time.sleep(pause)
        watched.page.goto(address)
        if live:
            watched.page.wait_for_function(LIVE, timeout=SECONDS)
        try:
            yield watched.page
        finally:
            watched.page.close()


def knob(page, name: str):
    return page.locator(f"[data-knob={name}]")


def serving_all(face: str) -> contextlib.AbstractContextManager[str]:
    """A server of every workbook: plain Voila with cold or preheated kernels, or our own."""
    port = free_port()
    if face == "our server":
        command = [BIN / "kolkit", "serve", WORKBOOKS, f"--port={port}", "--no-browser"]
    else:
        extra = ["--preheat_kernel=True", "--pool_size=1"] if face == "preheated" else []
        command = [BIN / "voila", WORKBOOKS, "--no-browser", f"--port={port}", *extra]
    return serving(*command, port=port, path=READY)


def spoken(book: Book, **given: object) -> str:
    """The sentence that the engine gives for these inputs."""
    opened = Workbook(parameters(book.key) | given, journey=book.key)
    told = re.search(r'kk-sentence">(.*?)</h1>', opened.answer().html)
    return html.unescape(told[1]).replace("\u2060", "")


def says(page: Page, text: str) -> None:
    """Wait until the page's sentence is this one."""
    page.wait_for_function(
        "text => document.querySelector('.lm-Widget .kk-sentence')"
        ".textContent.replaceAll('\u2060', '') === text",
        arg=text,
        timeout=SECONDS,
    )


def move_and_see(page: Page, book: Book, *, by: str = "keyboard", **given: object) -> None:
    """Move a slider: sentence and charts follow, and say what the engine says."""
    name = MOVES[book.key]
    slider = knob(page, name).locator("input[type=range]")
    before = float(slider.input_value())
    if by == "mouse":
        slider.click(position={"x": 0.7 * slider.bounding_box()["width"], "y": 9})
    else:
        slider.focus()
        for _ in range(8):
            slider.press("ArrowRight")
    value = float(slider.input_value())
    assert value > before
    says(page, spoken(book, **{**given, name: value}))
    opened = Workbook(parameters(book.key) | given | {name: value}, journey=book.key)
    page.wait_for_function(
        "text => document.querySelector('[data-painted]:not([hidden]) h3').textContent === text",
        arg=opened.chart(next(iter(book.figures))).title,
        timeout=SECONDS,
    )
    drawn = "Number(document.querySelector('[data-painted]:not([hidden])').dataset.painted) > 0"
    page.wait_for_function(drawn, timeout=SECONDS)


def papermill(source: Path, target: Path, *parameters: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "papermill", source, target, "--no-progress-bar", *map(str, parameters)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
