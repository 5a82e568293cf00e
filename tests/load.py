"""Many people at one server: sessions in a real browser, and what they cost."""

import contextlib
import html
import os
import re
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from pages import BIN, LIVE, READY, SECONDS, free_port
from playwright.sync_api import Browser, ConsoleMessage, Page, TimeoutError

from kolkit.books import Book
from kolkit.contents import Content, link
from kolkit.identity import scenario_hash
from kolkit.workbook import Workbook, parameters

WALK = Path(__file__).with_name("walk.js").read_text("utf-8")
JOINER = "\u2060"
MB = 2**20
FAULT = re.compile(r"Traceback|ERROR|CRITICAL|\[[EC] ")


# -- the server ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A running server, its address and what it writes."""

    address: str
    process: psutil.Process
    log: Path

    def kernels(self) -> list[psutil.Process]:
        """The kernels it started, those that wait for a visitor included."""
        found = []
        for child in self.process.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if any("ipykernel" in part for part in child.cmdline()):
                    found.append(child)
        return found

    def faults(self) -> list[str]:
        """Lines of its log that tell of a failure."""
        return [line for line in self.log.read_text().splitlines() if FAULT.search(line)]


@contextlib.contextmanager
def started(
    *command: object, port: int, path: str = READY, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server on loopback with its log, once it answers at `path`; ended with all it started."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        with log.open("w") as stream:
            process = psutil.Popen(
                [str(part) for part in command],
                stdout=stream,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=dict(os.environ) | dict(env or {}),
                start_new_session=True,
            )
        address = f"http://127.0.0.1:{port}"
        try:
            until_answered(address + path, process, log)
            yield Server(address, process, log)
        finally:
            end(process)


def until_answered(address: str, process: psutil.Process, log: Path) -> None:
    """Wait for a server's first answer, up to a minute."""
    for _ in range(600):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=30).close()
            return
        assert process.is_running(), log.read_text()
        assert process.status() != psutil.STATUS_ZOMBIE, log.read_text()
        time.sleep(0.1)
    raise AssertionError(f"the server never answered: {log.read_text()}")


def end(process: psutil.Process) -> None:
    """Ask a process and what it started to end; those that do not are killed."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
        process.terminate()
        for left in psutil.wait_procs(family, timeout=20)[1]:
            left.kill()


@contextlib.contextmanager
def our_server(*extra: object) -> Iterator[Server]:
    """`kolkit serve` with kernels that wait, for as many visitors as a test brings."""
    port = free_port()
    command = [BIN / "kolkit", "serve", f"--port={port}", "--no-browser", *extra]
    with started(*command, port=port) as server:
        yield server


# -- what it costs -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Memory:
    """Resident memory in MB; shared pages of kernels count in each."""

    server: float
    kernels: tuple[float, ...]
    own: tuple[float, ...]
    """What each kernel has for itself alone: what ending it would give back."""


def memory(server: Server) -> Memory:
    """What server and kernels take now."""
    kernels, own = [], []
    for process in server.kernels():
        with contextlib.suppress(psutil.Error):
            told = process.memory_full_info()
            kernels.append(told.rss / MB)
            own.append(told.uss / MB)
    return Memory(server.process.memory_info().rss / MB, tuple(kernels), tuple(own))


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """Processor time that these processes have taken so far."""
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            told = process.cpu_times()
            total += told.user + told.system
    return total


def browser_processes() -> list[psutil.Process]:
    """The browser of these tests: every process below this one that calls itself so."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "chrom" in child.name():
                found.append(child)
    return found


# -- the visitors --------------------------------------------------------------------------------


class Visitor:
    """One page with cookies of its own, opened from a link, and what it complained about."""

    def __init__(self, browser: Browser, book: Book, given: Mapping[str, Any]) -> None:
        self.book, self.given = book, dict(given)
        self.complaints: list[str] = []
        self.seconds_to_live = 0.0
        self.found: dict[str, Any] = {}
        self.page: Page = browser.new_context(
            viewport={"width": 1440, "height": 960}, bypass_csp=True
        ).new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def open(self, address: str) -> None:
        """Open the workbook with the scenario of the link; returns when the controls work."""
        began = time.perf_counter()
        told = link(Content("", "Base case", inputs=self.given))
        page = f"{address}/voila/render/{self.book.notebook}{told}"
        self.page.goto(page, wait_until="commit")
        try:
            self.page.wait_for_function(LIVE, timeout=SECONDS)
        except TimeoutError:
            shown = self.page.locator("body").inner_text()[:300]
            raise AssertionError(f"{page} shows {shown!r}, {self.complaints}") from None
        self.seconds_to_live = time.perf_counter() - began

    def set_off(self, seconds: float, *, seed: int, hurried: bool = False) -> None:
        """Start moving sliders, without waiting for the end."""
        told = {
            "seconds": seconds,
            "seed": seed,
            "breath": [100, 300] if hurried else [400, 1200],
            "rest": [200, 600] if hurried else [2500, 6000],
            # What the link set stays, so that every state differs from every other visitor's.
            "still": next(iter(self.given), ""),
        }
        self.page.evaluate(f"told => {{ window.kolkitWalk = ({WALK})(told); }}", told)

    def arrive(self) -> None:
        """Wait until this visitor has stopped moving."""
        self.found = self.page.evaluate("window.kolkitWalk")

    def _expected(self, moved: Mapping[str, Any]) -> dict[str, Any]:
        """Every parameter of this visitor's notebook after these moves."""
        mine = {**self.given, **moved}
        counted = {"orders_counted": {}, "orders_file": ""} if self.book.takes_orders else {}
        return parameters(self.book.key) | mine | counted | {"set_by_client": sorted(mine)}

    def wrong(self) -> list[str]:
        """Where the page differed from what the engine gives for its inputs; empty if nowhere."""
        found = [f"no answer to {move}" for move in self.found["unanswered"]]
        for moved, shown in self.found["trail"]:
            if shown != scenario_hash(self._expected(moved)):
                found.append(f"on the way, at {moved}: {shown} is another scenario")
        told = Workbook(self._expected(self.found["moved"]), journey=self.book.key)
        answer = re.search(r'kk-sentence">(.*?)</h1>', told.answer().html)
        assert answer
        expected = [
            html.unescape(answer[1]),
            *(told.chart(name).title for name in self.book.figures),
        ]
        shown = self.page.locator(
            ".lm-Widget .kk-sentence, [data-painted]:not([hidden]) h3"
        ).all_text_contents()
        for text, seen in zip(expected, shown, strict=True):
            if text.replace(JOINER, "") != seen.replace(JOINER, ""):
                found.append(f"at {self.found['moved']}: {seen!r} instead of {text!r}")
        return [f"{self.book.key} {self.given} {told}" for told in found + self.complaints]


@contextlib.contextmanager
def visiting(browser: Browser, book: Book, given: Mapping[str, Any]) -> Iterator[Visitor]:
    """A visitor with a page of its own, which is closed in the end."""
    visitor = Visitor(browser, book, given)
    try:
        yield visitor
    finally:
        visitor.page.context.close()


# -- all together --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    """What came of so many visitors."""

    moves: int
    refused: int
    first: list[float]
    """Milliseconds from a slider's move to the first chart in sight that is drawn, sorted."""
    last: list[float]
    live: list[float]
    """Seconds from a visitor's request to controls that work, sorted."""
    seconds: float
    cpu: dict[str, float]
    """Processor seconds of server, kernels and browser while the sliders moved."""
    memory: Memory
    kernels: int
    wrong: list[str]


def drive(
    server: Server, visitors: list[Visitor], seconds: float, *, hurried: bool = False
) -> Load:
    """Open every visitor's page, let all move at once, and compare each page with the engine."""
    for visitor in visitors:
        visitor.open(server.address)
    parts = {
        "server": [server.process],
        "kernels": server.kernels(),
        "browser": browser_processes(),
    }
    before = {name: cpu_seconds(processes) for name, processes in parts.items()}
    began = time.perf_counter()
    for number, visitor in enumerate(visitors):
        visitor.set_off(seconds, seed=number + 1, hurried=hurried)
    for visitor in visitors:
        visitor.arrive()
    took = time.perf_counter() - began
    cpu = {name: cpu_seconds(processes) - before[name] for name, processes in parts.items()}
    taken = memory(server)
    wrong = [told for visitor in visitors for told in visitor.wrong()]
    return Load(
        moves=sum(len(v.found["trail"]) for v in visitors),
        refused=sum(v.found["refused"] for v in visitors),
        first=sorted(time for v in visitors for time in v.found["first"]),
        last=sorted(time for v in visitors for time in v.found["last"]),
        live=sorted(v.seconds_to_live for v in visitors),
        seconds=took,
        cpu=cpu,
        memory=taken,
        kernels=len(taken.kernels),
        wrong=wrong + server.faults(),
    )
