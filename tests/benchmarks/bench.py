"""Measured promises, side by side in one run: `make bench`.

Prints medians and 95th percentiles with the goal beside each, and ratios against the plain route
(Voila's default template with FigureWidgets; papermill, nbconvert webpdf). Nothing here is a test.
"""

import argparse
import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

from kolkit.books import BOOKS
from kolkit.brief import load_brief
from kolkit.inputs import Brief, TierMix, inputs_of
from kolkit.inputs.cells import PLATFORMS, TIERS
from kolkit.journeys import mix_plan, plan, plan_engine
from kolkit.journeys.facts import Facts, gather
from kolkit.journeys.tier_cells import cells_of
from kolkit.machine import browser_flags, require_browser

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))
from pages import MOVES  # noqa: E402 - the tests' own knobs

from reports import reports  # noqa: E402 - beside this file

WORKBOOKS = ROOT / "workbooks"
WORKBOOK = WORKBOOKS / BOOKS["livestream"].notebook
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
    book.screen.show(base={}, moved={"gmv_reported_cny": change["new"]})
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
def voila(served: Path, *, preheated: bool = True) -> Iterator[str]:
    """Voila on loopback, for one notebook or a folder of them."""
    port = free_port()
    heat = ["--preheat_kernel=True", "--pool_size=1"] if preheated else []
    process = subprocess.Popen(
        [BIN / "voila", served, "--no-browser", f"--port={port}", *heat],
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


# For every position the page is told which charts the kernel will send; those in sight count.
DRAG = """async ([knob, moves, warm]) => {
  const input = document.querySelector(`[data-knob=${knob}] input[type=range]`);
  const plots = [...document.querySelectorAll("[data-painted]:not([hidden]) .kk-plot")];
  const inSight = plots.map((plot) => {
    const box = plot.getBoundingClientRect();
    return box.top < innerHeight && box.bottom > 0;
  });
  const first = [], last = [];
  const counts = plots.map(() => 0);
  plots.forEach((plot, i) => plot.on("plotly_afterplot", () => counts[i]++));
  const until = async (done, start) => {
    while (!done() && performance.now() - start < 4000)
      await new Promise((next) => requestAnimationFrame(next));
    return performance.now() - start;
  };
  for (const [number, [value, sent]] of moves.entries()) {
    const before = [...counts], start = performance.now();
    const mine = sent.filter((i) => inSight[i]);
    input.value = String(value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    const one = await until(() => mine.some((i) => counts[i] > before[i]) || !mine.length, start);
    const all = await until(() => mine.every((i) => counts[i] > before[i]), start);
    if (number >= warm && mine.length) { first.push(one); last.push(all); }
    await new Promise((next) => setTimeout(next, 150));
  }
  return [first, last];
}"""

DRAGGED, WARM = 50, 10


@dataclass(frozen=True)
class Drag:
    """One slider pulled from end to end: where it stops, which charts the kernel then sends, ms."""

    knob: str
    moves: list[tuple[float, list[int]]]
    kernel: list[float]


def positions(journey: str) -> list[float]:
    """Where a workbook's slider is pulled to, from its least to its largest value."""
    declared = next(d for _, name, _, d in inputs_of(journey) if name == MOVES[journey])
    assert declared.knob is not None
    assert declared.knob.slider is not None
    low, high, step = declared.knob.slider
    steps = np.linspace(0, round((high - low) / step), DRAGGED).round()
    return [round(float(low + k * step), 6) for k in steps]


def kernel_share(journey: str) -> Drag:
    """The part of a slider's time that the kernel takes, measured without a page."""
    from kolkit.workbook import start

    book = start({}, journey=journey)
    book.answer()
    knobs = book.knobs()
    sent: set[int] = set()
    for number, name in enumerate(book.book.figures):
        chart = book.chart(name)
        chart.observe(lambda _change, number=number: sent.add(number), names="figure")
    moves, times = [], []
    for value in positions(journey):
        sent.clear()
        began = time.perf_counter()
        knobs.moved = {MOVES[journey]: value}
        times.append(1000 * (time.perf_counter() - began))
        moves.append((value, sorted(sent)))
    return Drag(MOVES[journey], moves, sorted(times[WARM:]))


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
        browser.close()


def sliders(table: Table) -> None:
    """Every workbook's slider, in kernels that no other kernel is started beside."""
    drags = {key: kernel_share(key) for key in BOOKS}
    goal = "p95 ≤ 80 ms"
    with sync_playwright() as playwright, voila(WORKBOOKS, preheated=False) as address:
        browser = playwright.chromium.launch(
            executable_path=str(require_browser()), args=list(browser_flags())
        )
        for key, drag in drags.items():
            page = browser.new_page(viewport={"width": 1440, "height": 960})
            page.goto(f"{address}/voila/render/{BOOKS[key].notebook}")
            page.wait_for_function(LIVE, timeout=60_000)
            time.sleep(1)
            found = page.evaluate(DRAG, [drag.knob, drag.moves, WARM])
            first, last = (sorted(times) for times in found)
            page.close()
            name = BOOKS[key].title.lower()
            table.add_row(f"{name}: slider to first chart, p50 / p95", spread(first), goal, "", "")
            table.add_row("  to last chart in sight", spread(last), goal, "", "")
            table.add_row("  of which the kernel", spread(drag.kernel), "", "", "")
        browser.close()


def all_cells() -> list[dict[str, Any]]:
    """A price and a size for every tier on every platform: the sourced ones, others around them."""
    rng, rows = np.random.default_rng(1), []
    known = {(cell.tier, cell.platform): cell for cell in cells_of([])}
    for tier in TIERS:
        sourced = [c for c in known.values() if c.tier == tier and c.price_cny and c.followers]
        for platform in PLATFORMS:
            cell = known[tier, platform]
            like = sourced[int(rng.integers(len(sourced)))]
            size = cell.followers or (like.followers or 1) * rng.lognormal(0, 0.4)
            price = cell.price_cny or (like.price_cny or 1) * rng.lognormal(0, 0.4)
            row = {"tier": tier, "platform": platform}
            rows.append({**row, "followers": int(size), "price_cny": round(float(price), 2)})
    return rows


def optima(table: Table) -> None:
    """The best mix for fifty budgets, none planned before."""
    for name, rows in {"default cells": [], "all 48 cells": all_cells()}.items():
        brief = Brief(client="Bench", tier_mix=TierMix(cells=rows))
        facts = Facts(gather("tier_mix", brief))
        assert not rows or len(mix_plan.active_cells(facts)[0]) == len(TIERS) * len(PLATFORMS)
        times, gaps = [], []
        for budget in np.linspace(200_000, 10_000_000, 50):
            began = time.perf_counter()
            found = mix_plan.plan_at(facts, float(budget))
            times.append(1000 * (time.perf_counter() - began))
            gaps.append(found.gap)
        told = f"{max(times):.0f} ms, gap {max(gaps):.2%}"
        table.add_row(f"best mix of {name}, worst of 50", told, "≤ 200 ms, gap ≤ 1 %", "", "")


def draws(table: Table) -> None:
    """Ten thousand draws of a whole plan; every round draws anew."""
    case = plan.run(load_brief(BRIEF).brief)
    assert len(case.tried.active) == len(plan_engine.KEYS)
    times = []
    for seed in range(20):
        fresh = case.facts.known("seed", seed)
        began = time.perf_counter()
        drawn: Mapping[str, Any] = fresh.drawn(draws=10_000)
        case.engine.parts(case.tried, drawn)
        times.append(1000 * (time.perf_counter() - began))
    told = spread(sorted(times))
    table.add_row("10,000 draws of the whole plan, p50 / p95", told, "≤ 300 ms", "", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    table = Table("measured", "result", "goal", "ratio to the plain route", "goal")
    reports(table, rounds)
    dashboards(table, rounds)
    sliders(table)
    optima(table)
    draws(table)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
