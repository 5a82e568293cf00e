"""Measured promises, side by side in one run: `make bench`.

Prints medians and 95th percentiles with the goal beside each, and ratios against the plain route
(Voila's default template with FigureWidgets; papermill, nbconvert webpdf). Nothing here is a test.
"""

import argparse
import contextlib
import itertools
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

from kolkit.machine import browser_flags, require_browser

ROOT = Path(__file__).resolve().parents[2]
WORKBOOK = ROOT / "workbooks" / "04_livestream.ipynb"
BRIEF = ROOT / "reports" / "briefs" / "nordlys.yaml"
BIN = Path(sys.executable).parent
LIVE = "performance.getEntriesByName('kolkit:live').length > 0"

PLAIN = """\
import ipywidgets as w
import plotly.graph_objects as go
from kolkit.words import Words
from kolkit.workbook import start
book = start({}, journey="livestream")
FIGURES = book.book.figures
figures = {n: go.FigureWidget(f.draw(Words("en"), book.case)) for n, f in FIGURES.items()}
slider = w.FloatSlider(value=5e6, min=5e5, max=2e7, step=1e5, description="sales")
def follow(change):
    book._take({**book._opened, "gmv_reported_cny": change["new"]}, None)
    for n, f in FIGURES.items():
        new = f.draw(Words("en"), book.case)
        with figures[n].batch_update():
            drawn = new.to_plotly_json()
            figures[n].update(data=drawn["data"], layout=drawn["layout"])
slider.observe(follow, names="value")
w.VBox([slider, *figures.values()])
"""  # the same engine and figures, as a notebook author would wire them by hand


def plain_notebook(folder: Path) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(PLAIN)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "p", "language": "python"}
    path = folder / "plain.ipynb"
    nbformat.write(notebook, path)
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def voila(notebook: Path) -> Iterator[str]:
    """A preheated Voila on loopback."""
    port = free_port()
    process = subprocess.Popen(
        [BIN / "voila", notebook, "--no-browser", f"--port={port}", "--preheat_kernel=True",
         "--pool_size=1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/voila/static/voila.js", timeout=5).close()
                break
            time.sleep(0.1)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def until_visible(browser: Browser, address: str, visible: str, ready: str) -> tuple[float, float]:
    """Seconds from request to the last chart on show, and to working controls."""
    page = browser.new_page(viewport={"width": 1440, "height": 960})
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(visible, timeout=60_000)
    seen = time.perf_counter() - began
    page.wait_for_function(ready, timeout=60_000)
    live = time.perf_counter() - began
    page.close()
    return seen, live


# The charts in sight that reported sales move: the bar on top and the contracts.
DRAG = """async () => {
  const input = document.querySelector("[data-knob=gmv_reported_cny] input[type=range]");
  const plots = [0, 2].map((i) => document.querySelectorAll("[data-painted] .kk-plot")[i]);
  const first = [], last = [];
  const counts = plots.map(() => 0);
  plots.forEach((plot, i) => plot.on("plotly_afterplot", () => counts[i]++));
  const until = async (done, start) => {
    while (!done() && performance.now() - start < 4000)
      await new Promise((next) => requestAnimationFrame(next));
    return performance.now() - start;
  };
  for (let i = 0; i < 60; i++) {
    const before = [...counts], start = performance.now();
    input.value = String(2e6 + i * 1e5);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    const one = await until(() => counts.some((c, k) => c > before[k]), start);
    const all = await until(() => counts.every((c, k) => c > before[k]), start);
    if (i >= 10) { first.push(one); last.push(all); }
    await new Promise((next) => setTimeout(next, 150));
  }
  return [first, last];
}"""


def p95(times: list[float]) -> float:
    return times[int(0.95 * (len(times) - 1))]


def spread(times: list[float]) -> str:
    """Median and 95th percentile of sorted milliseconds."""
    return f"{statistics.median(times):.0f} / {p95(times):.0f} ms"


def dashboards(table: Table, rounds: int) -> None:
    drawn = "document.querySelectorAll('.js-plotly-plot .main-svg').length >= 4"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(require_browser()), args=list(browser_flags())
        )
        plain = plain_notebook(Path(folder))
        with voila(WORKBOOK) as ours, voila(plain) as theirs:
            seen, live, other = [], [], []
            for _ in range(rounds):
                time.sleep(8)
                first, second = until_visible(browser, ours, drawn, LIVE)
                seen.append(first)
                live.append(second)
                time.sleep(2)
                other.append(until_visible(browser, theirs, drawn, drawn)[0])
            a, b = statistics.median(seen), statistics.median(other)
            table.add_row(
                "warm dashboard visible", f"{a:.2f} s", "≤ 2.0 s", f"{a / b:.2f}", "≤ 0.33"
            )
            table.add_row(
                "warm dashboard, controls work", f"{statistics.median(live):.2f} s", "", "", ""
            )
            table.add_row("  default template, FigureWidgets", f"{b:.2f} s", "", "", "")
            time.sleep(6)
            page = browser.new_page(viewport={"width": 1440, "height": 960})
            page.goto(ours)
            page.wait_for_function(LIVE, timeout=60_000)
            first, last = (sorted(times) for times in page.evaluate(DRAG))
            goal = "p95 ≤ 80 ms"
            table.add_row("slider to first chart painted, p50 / p95", spread(first), goal, "", "")
            table.add_row("slider to last chart in sight", spread(last), goal, "", "")
            page.close()
        browser.close()


def kernel_share(table: Table) -> None:
    """Where a slider's time goes: the part that the kernel takes."""
    from kolkit.workbook import start

    book = start({}, journey="livestream")
    book.answer()
    knobs = book.knobs()
    for name in book.book.figures:
        book.chart(name)
    times = []
    for i in range(60):
        began = time.perf_counter()
        knobs.moved = {"gmv_reported_cny": 2e6 + i * 1e5}
        times.append(1000 * (time.perf_counter() - began))
    times = sorted(times[10:])
    table.add_row("a slider's share of the kernel, p50 / p95", spread(times), "", "", "")


def command_seconds(command: list[object]) -> float:
    began = time.perf_counter()
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    return time.perf_counter() - began


def reports(table: Table, rounds: int) -> None:
    from kolkit.report.engine import start_fork_server
    from kolkit.report.pdf import Printer
    from kolkit.report.render import render
    from kolkit.report.spec import read_spec

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        cold = [
            command_seconds([BIN / "kolkit", "report", BRIEF, "--out", out]) for _ in range(rounds)
        ]
        executed = out / "plain.ipynb"
        plain = command_seconds([BIN / "papermill", WORKBOOK, executed, "--no-progress-bar"])
        plain += command_seconds([BIN / "jupyter", "nbconvert", "--to", "html", executed])
        start_fork_server()
        warm, stages = [], {}
        with Printer() as printer:
            for number in range(rounds + 1):
                marks = [("spec", time.perf_counter())]
                spec = read_spec(BRIEF, out=out / "warm")
                told = marks
                render(
                    spec, printer=printer, say=lambda s, m=told: m.append((s, time.perf_counter()))
                )
                marks.append(("", time.perf_counter()))
                if number:
                    warm.append(marks[-1][1] - marks[0][1])
                    for (name, began), (_, ended) in itertools.pairwise(marks):
                        stages.setdefault(name, []).append(ended - began)
        a, b = statistics.median(cold), statistics.median(warm)
        table.add_row("report, cold", f"{a:.2f} s", "≤ 6 s", f"{a / plain:.2f}", "")
        table.add_row("report, warm", f"{b:.2f} s", "≤ 1.5 s", f"{b / plain:.2f}", "")
        for name, times in stages.items():
            table.add_row(f"  of which {name}", f"{statistics.median(times):.2f} s", "", "", "")
        table.add_row("  papermill + nbconvert html, no PDF", f"{plain:.2f} s", "", "", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    table = Table("measured", "result", "goal", "ratio to the plain route", "goal")
    reports(table, rounds)
    kernel_share(table)
    dashboards(table, rounds)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
