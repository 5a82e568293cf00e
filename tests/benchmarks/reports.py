"""Reports measured: one cold, one warm with its stages, and a batch beside the plain loop.

The plain loop is what anyone would write: papermill on each workbook, then nbconvert webpdf on the
result, one after the other, in processes of their own.
"""

import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from rich.table import Table

from kolkit.machine import require_browser

ROOT = Path(__file__).resolve().parents[2]
WORKBOOKS = ROOT / "workbooks"
BRIEF = ROOT / "reports" / "briefs" / "nordlys.yaml"
BIN = Path(sys.executable).parent
BATCH = 20
JOBS = 2
STAGES = {
    "spec": "brief",
    "notebook": "notebooks",
    "document": "document",
    "pdf": "print and check",
}


def seconds(command: list[object], env: dict[str, str] | None = None) -> float:
    """How long a command takes; it must succeed."""
    began = time.perf_counter()
    subprocess.run([str(part) for part in command], check=True, capture_output=True, env=env)
    return time.perf_counter() - began


def _with_own_browser(folder: Path) -> dict[str, str]:
    """An environment in which nbconvert finds the machine's browser where it expects playwright's.

    nbconvert has no setting for it, so a link is put where playwright says that it looked.
    """
    env = dict(os.environ, PLAYWRIGHT_BROWSERS_PATH=str(folder / "browsers"))
    launch = (
        "from playwright.sync_api import sync_playwright as s\nwith s() as p: p.chromium.launch()"
    )
    told = subprocess.run([sys.executable, "-c", launch], env=env, capture_output=True, text=True)
    wanted = Path(re.search(r"doesn't exist at (\S+)", told.stderr)[1])  # type: ignore[index]
    wanted.parent.mkdir(parents=True)
    wanted.symlink_to(require_browser())
    return env


def plain_loop(folder: Path) -> float:
    """Seconds for one client with papermill and nbconvert webpdf."""
    from kolkit.report.spec import read_spec

    env = _with_own_browser(folder)
    spec = read_spec(BRIEF, out=folder)
    took = 0.0
    for book in spec.books:
        given = folder / f"{book.key}.yaml"
        given.write_text(yaml.safe_dump(spec.parameters(book), allow_unicode=True), "utf-8")
        made = folder / book.notebook
        source = WORKBOOKS / book.notebook
        took += seconds([BIN / "papermill", source, made, "-f", given, "--no-progress-bar"], env)
        took += seconds(
            [BIN / "jupyter", "nbconvert", "--to", "webpdf", "--disable-chromium-sandbox", made],
            env,
        )
    return took


def differing_briefs(folder: Path, count: int) -> list[Path]:
    """Briefs of as many clients, each with a budget of its own."""
    told = BRIEF.read_text("utf-8").replace("orders_file: ", f"orders_file: {BRIEF.parent}/")
    paths = []
    for number in range(count):
        path = folder / f"client_{number:02}.yaml"
        content = yaml.safe_load(told)
        content["client"] = f"Client {number:02}"
        content["brand"]["budget_cny"] = 1_000_000 + 50_000 * number
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        paths.append(path)
    return paths


def _warm(out: Path, rounds: int) -> tuple[list[float], dict[str, list[float]]]:
    from kolkit.report.engine import start_fork_server
    from kolkit.report.pdf import Printer
    from kolkit.report.render import render
    from kolkit.report.spec import read_spec

    start_fork_server()
    warm: list[float] = []
    stages: dict[str, list[float]] = {}
    with Printer() as printer:
        for number in range(rounds + 1):
            marks = [("spec", time.perf_counter())]
            spec = read_spec(BRIEF, out=out)
            told = marks
            render(spec, printer=printer, say=lambda s, m=told: m.append((s, time.perf_counter())))
            marks.append(("", time.perf_counter()))
            if number:
                warm.append(marks[-1][1] - marks[0][1])
                for (name, began), (_, ended) in itertools.pairwise(marks):
                    stages.setdefault(name, []).append(ended - began)
    return warm, stages


def reports(table: Table, rounds: int) -> None:
    """One report cold and warm, and a batch; ratios are to the plain loop, per report."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        cold = statistics.median(
            seconds([BIN / "kolkit", "report", BRIEF, "--out", out / "cold"]) for _ in range(rounds)
        )
        times, stages = _warm(out / "warm", rounds)
        warm = statistics.median(times)
        briefs = differing_briefs(out, BATCH)
        together = seconds(
            [BIN / "kolkit", "report", *briefs, "--jobs", JOBS, "--out", out / "batch"]
        )
        told = json.loads((out / "batch" / "batch.json").read_text("utf-8"))
        peaks = [entry["peak_mb"] for entry in told["reports"]]
        plain = plain_loop(out)
    table.add_row("one report, cold", f"{cold:.2f} s", "≤ 6 s", f"{cold / plain:.3f}", "")
    table.add_row("one report, warm", f"{warm:.2f} s", "≤ 1.5 s", f"{warm / plain:.3f}", "")
    for name, spent in stages.items():
        table.add_row(f"  of which {STAGES[name]}", f"{statistics.median(spent):.2f} s", "", "", "")
    table.add_row(
        f"{BATCH} reports, --jobs {JOBS}",
        f"{together:.1f} s, {together / BATCH:.2f} s each",
        "",
        f"{plain * BATCH / together:.0f} × the throughput",
        "≥ 20 ×",
    )
    table.add_row("  peak memory of a worker with its browser", f"{max(peaks):.0f} MB", "", "", "")
    table.add_row("  papermill, then nbconvert webpdf, one client", f"{plain:.1f} s", "", "", "")
