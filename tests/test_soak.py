"""The long runs: `make soak`. Each has a small sibling among the ordinary tests."""

import resource
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader

from kolkit.controls import build
from kolkit.inputs import Brand, Brief, Livestream
from kolkit.journeys.livestream import run
from kolkit.report.pdf import Printer, squeezed, stands_in
from kolkit.report.render import render
from kolkit.report.spec import read_spec
from kolkit.text import livestream as text
from kolkit.words import Words

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "tests" / "soak_results.md"
TITLE = "# Last results of the long runs\n\n| run | date | commit | result |\n|---|---|---|---|\n"

pytestmark = pytest.mark.soak


def record(name: str, result: str) -> None:
    """Replace a run's line in the table of last results."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    told = RESULTS.read_text("utf-8") if RESULTS.exists() else TITLE
    lines = [line for line in told.splitlines() if not line.startswith(f"| {name} |")]
    lines.append(f"| {name} | {time.strftime('%Y-%m-%d')} | {commit} | {result} |")
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def varied(number: int, rng: np.random.Generator) -> str:
    """A brief that differs from all others in its figures and terms."""
    base = ("gross", "net")[number % 2]
    category = ("beauty", "appliances", "apparel")[number % 3]
    return f"""
client: Client {number}
scenario: {("Base case", "净额方案")[number % 2]}
brand: {{category: {category}, gross_margin: {rng.uniform(0.3, 0.7):.2f}}}
livestream:
  gmv_reported_cny: {rng.integers(10, 200) * 50_000}
  return_rate_observed: {rng.uniform(0.1, 0.8):.2f}
  slot_fee_cny: {rng.integers(0, 100) * 10_000}
  commission_rate: {rng.uniform(0.05, 0.3):.2f}
  commission_base: {base}
  guarantee_base: {base}
report: {{language: {("en", "zh")[number % 2]}}}
"""


def test_twenty_reports_that_differ_are_each_right(tmp_path):
    rng = np.random.default_rng(3)
    began, checked = time.perf_counter(), 0
    with Printer() as printer:
        for number in range(20):
            path = tmp_path / f"{number}.yaml"
            path.write_text(varied(number, rng), encoding="utf-8")
            spec = read_spec(path, out=tmp_path / "out")
            made = render(spec, printer=printer)
            case = run(build("livestream", spec.given))
            pages = [page.extract_text() for page in PdfReader(made.pdf).pages]
            headline = text.answer(Words(spec.look.language), case).headline
            assert stands_in(headline, squeezed(pages[0]))
            checked += len(pages)
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    record(
        "20 reports that differ",
        f"20 of 20 right, {checked} pages, {took:.0f} s, peak {peak:.0f} MB in the caller",
    )


def test_five_thousand_slider_positions_have_consistent_answers():
    rng = np.random.default_rng(11)
    signed = 0
    for _ in range(5000):
        live = Livestream(
            gmv_reported_cny=float(rng.uniform(1e4, 5e7)),
            return_rate_observed=float(rng.random()),
            slot_fee_cny=float(rng.uniform(0, 3e6)),
            guarantee_cny=float(rng.uniform(0, 1e7)),
            commission_rate=float(rng.uniform(0, 0.5)),
            commission_base=str(rng.choice(["gross", "net"])),
            guarantee_base=str(rng.choice(["gross", "net"])),
            shortfall=str(rng.choice(["none", "pro_rata", "cliff"])),
            fee_is_advance=bool(rng.random() < 0.3),
        )
        case = run(
            Brief(
                client="Ada",
                brand=Brand(base_return_rate=float(rng.uniform(0, 0.8))),
                livestream=live,
            )
        )
        signed += case.verdict.sign
        parts = case.session
        assert float(parts.gmv_reported) == pytest.approx(case.facts["gmv_reported_cny"])
        best = case.recommended
        if best is not None:
            assert not best.incentive.rewards_self_purchasing
            assert best.loss_probability <= case.facts["loss_tolerance"]
            assert best.terms.slot_fee <= case.terms.slot_fee
    assert 0 < signed < 5000
    record("5,000 slider positions", f"all consistent, {signed} to be signed")
