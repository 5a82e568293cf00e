"""The long runs: `make soak`. Each has a small sibling among the ordinary tests."""

import itertools
import json
import re
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import yaml
from batches import batch, family, finished, gone, marks, report, started, until
from pypdf import PdfReader
from soaking import long, record

from kolkit.assumptions import category_return_rates
from kolkit.books import BOOKS, Book
from kolkit.controls import build
from kolkit.errors import InputError
from kolkit.inputs import SECTIONS, Declared
from kolkit.inputs.cells import PLATFORMS, TIERS
from kolkit.journeys import livestream, mix_plan, plan, plan_engine, private_pool, start, tier_mix
from kolkit.journeys.facts import Facts, gather
from kolkit.models.uncertainty import Interval
from kolkit.report.pdf import Printer
from kolkit.report.pdf_checks import squeezed, stands_in
from kolkit.report.render import render
from kolkit.report.spec import ReportSpec, read_spec
from kolkit.text.plan_figures import money_table
from kolkit.words import LANGUAGES, Words

# -- random positions of the knobs ---------------------------------------------------------------

RARE = {"goal", "survival_table", "cells"}
"""Inputs that, like those that are left out by default, change the question: moved rarely."""


def positions(sections: Iterable[str], rng: np.random.Generator) -> dict[str, dict[str, Any]]:
    """Random positions of some of the knobs of these sections, by section and name."""
    moved = rng.uniform(0.05, 0.6)
    found: dict[str, dict[str, Any]] = {}
    for section in sections:
        for name, field, declared in SECTIONS[section].declared():
            rare = name in RARE or type(None) in get_args(field.annotation)
            if declared.knob and rng.random() < (0.1 if rare else moved):
                whole = int in (field.annotation, *get_args(field.annotation))
                value = one_position(name, declared, field.annotation is bool, rng)
                found.setdefault(section, {})[name] = int(value) if whole else value
    return found


def one_position(name: str, declared: Declared, flag: bool, rng: np.random.Generator) -> Any:
    knob = declared.knob
    assert knob is not None
    if flag:
        return bool(rng.random() < 0.5)
    if name == "category":
        return str(rng.choice(list(category_return_rates())))
    if declared.options:
        return str(rng.choice([value for value, _ in declared.options]))
    if knob.kind == "text":
        left = np.cumprod(np.sort(rng.uniform(0.5, 0.98, rng.integers(3, 13))))
        return "\n".join(str(round(1000 * share)) for share in (1.0, *left))
    if knob.kind == "table":
        return some_cells(rng)
    assert knob.slider is not None
    low, high, step = knob.slider
    return round(low + step * int(rng.integers(0, round((high - low) / step) + 1)), 6)


def some_cells(rng: np.random.Generator, number: int | None = None) -> list[dict[str, Any]]:
    """Prices and sizes of some tiers on some platforms, as a client may know them."""
    kinds = list(itertools.product(TIERS, PLATFORMS))
    picked = rng.permutation(len(kinds))[: number or rng.integers(1, 13)]
    rows = []
    for tier, platform in (kinds[int(k)] for k in picked):
        size = 10 ** (6.5 - TIERS.index(tier)) * rng.lognormal(0, 0.5)
        rows.append(
            {
                "tier": tier,
                "platform": platform,
                "followers": int(size) + 1,
                "price_cny": round(float(0.02 * size * rng.lognormal(0, 0.7)), 2),
            }
        )
    return rows


KNOB_SECTIONS = {
    "start": ("brand", "readiness"),
    "tier_mix": ("brand", "tier_mix"),
    "private_pool": ("brand", "private_pool"),
    "livestream": ("brand", "livestream"),
    "plan": ("brand", "tier_mix", "private_pool", "livestream", "plan"),
}
NAMED_IN_WORDS = ("budget", "lock", "target")
"""How sentences of the optimiser name the inputs that clash; all others give the input's key."""


def check_refusal(refusal: InputError) -> None:
    """A refusal names the input in every sentence, and shows nothing broken."""
    names = {name for section in SECTIONS.values() for name, _, _ in section.declared()}
    for sentence in str(refusal).splitlines():
        named = names & set(re.findall(r"\w+", sentence))
        assert named or any(word in sentence for word in NAMED_IN_WORDS), sentence
        assert not broken(sentence), broken(sentence)


# -- what has to hold at every position ----------------------------------------------------------

BROKEN = re.compile(r"[{}]|(?<![A-Za-z])(nan|inf|infinity)(?![A-Za-z])", re.IGNORECASE)


def strings(content: object) -> Iterator[str]:
    """Every text in nested data."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for part in content.values():
            yield from strings(part)
    elif isinstance(content, list | tuple):
        for part in content:
            yield from strings(part)


def told(book: Book, t: Words, case: Any) -> Iterator[str]:
    """Everything that a page says about a case."""
    answer = book.answer(t, case)
    assert answer.headline
    assert answer.qualifier
    yield from (answer.found, answer.html())
    yield from strings(book.details(t, case))
    for figure in book.figures.values():
        words = figure.tell(t, case)
        assert words.title
        yield from (words.title, words.subtitle, words.why, words.source, words.table.html(t))


def drawn(book: Book, t: Words, case: Any) -> Iterator[str]:
    """Every text in the charts, without the places that plotly fills in."""
    for figure in book.figures.values():
        for text in strings(figure.draw(t, case).to_plotly_json()):
            yield re.sub(r"%\{[^}]*\}", "", text)


def broken(text: str) -> str:
    """Where a text shows what is not meant for readers; empty where all is well."""
    text = re.sub(r"<[^>]*>", " ", text)
    found = BROKEN.search(text)
    return text[max(0, found.start() - 60) : found.end() + 60] if found else ""


def in_order(found: Interval) -> None:
    assert found.p10 <= found.p50 <= found.p90


def check_start(case: start.StartCase) -> None:
    assert sum(amount for _, amount in case.order_lines) == pytest.approx(case.contribution)
    assert 0 <= case.readiness <= 1
    in_order(case.contribution_interval)


def check_tier_mix(case: tier_mix.TierMixCase) -> None:
    budget, universe = case.facts["budget_cny"], case.facts["universe_people"]
    assert case.plan.cost_cny + case.unspent == pytest.approx(budget, abs=0.02)
    assert case.unspent >= 0
    for cell, count in zip(case.active, case.plan.counts, strict=True):
        assert 0 <= count <= cell.supply
    for found in (case.expected, case.drawn):
        assert np.all(found.people_reached <= universe * (1 + 1e-9))
        assert np.all(found.orders <= found.people_reached)
    assert np.all(case.measures.impressions <= case.measures.naive_impressions * (1 + 1e-9))
    assert np.all(np.diff(case.sweep.people) >= -1e-6 * universe)
    assert case.verdict.book == (not case.verdict.reasons)
    assert case.gap <= 0.01
    in_order(case.profit)


def check_private_pool(case: private_pool.PoolCase) -> None:
    detail, facts = case.detail, case.facts
    for survival in (detail.survival, *case.curve):
        assert np.all(np.diff(survival) <= 1e-12)
        assert survival.min() >= 0
        assert survival.max() <= 1
    ledger = detail.ledger
    lines = (ledger.margin, ledger.bought, ledger.incentives, ledger.staff, ledger.employees)
    rest = (ledger.groups, ledger.tools, ledger.setup)
    total = sum(float(line.sum()) for line in (*lines, *rest))
    assert total == pytest.approx(float(case.central.profit_cny[0]), abs=1)
    joined = float(detail.growth.joins_total.sum())
    assert joined == pytest.approx(sum(float(j.sum()) for j in detail.growth.joins.values()))
    room = max(0, facts["pool_potential_people"] - facts["members_at_start"])
    assert joined <= room + 1
    assert np.all(case.central.members <= joined + facts["members_at_start"] + 1e-6)
    assert np.all(case.result.funding_needed >= 0)
    assert case.verdict.build == (not case.verdict.reasons)
    if case.verdict.build:
        assert case.funding_needed <= facts["budget_cny"] + 1
    p10, p50, p90 = case.cash_band
    assert np.all((p10 <= p50) & (p50 <= p90))
    in_order(case.interval)


def check_livestream(case: livestream.LivestreamCase) -> None:
    session, reported = case.session, case.facts["gmv_reported_cny"]
    assert float(session.gmv_reported) == pytest.approx(reported)
    assert float(session.net_sales) <= reported * (1 + 1e-9)
    assert float(session.net_sales + session.returns) == pytest.approx(reported)
    assert 0 <= case.share <= 1
    assert np.all(np.diff(case.share_by_base_rate[1]) <= 1e-12)
    assert case.verdict.sign == (not case.verdict.reasons)
    assert case.options[0] is case.offered
    for option in case.options:
        in_order(option.interval)
    best = case.recommended
    if best is not None:
        assert not best.incentive.rewards_self_purchasing
        assert best.loss_probability <= case.facts["loss_tolerance"]
        assert best.terms.slot_fee <= min(case.terms.slot_fee, case.facts["budget_cny"])


def check_plan(case: plan.PlanCase) -> None:
    budget = case.facts["budget_cny"]
    assert sum(line.spent for line in case.lines) + case.unspent == pytest.approx(budget, abs=0.01)
    assert case.unspent >= -1
    money_adds_up(case)
    if case.mix is not None:
        assert plan_engine.one(case.mix.people_reached) <= case.facts["universe_people"] * (
            1 + 1e-9
        )
    if case.live is not None:
        check_livestream(case.live)
    if case.pool is not None:
        assert np.all(np.diff(case.pool.survival) <= 1e-12)
    assert np.allclose(case.parts.total, sum(case.parts.profit.values()))
    assert case.verdict.go == bool(case.actions.active)
    if case.verdict.go:
        assert case.loss_probability <= case.facts["loss_tolerance"]
    assert all(worth >= 0 for _, worth in case.worth_knowing)
    flows_add_up(case)
    for found in (case.interval, *(line.profit for line in case.lines)):
        in_order(found)


def money_adds_up(case: plan.PlanCase) -> list[float]:
    """The amounts of the money table, the last of which is the budget and the sum of the others."""
    amounts: list[Any] = list(money_table(Words("en"), case).columns["RMB"])
    assert len(amounts) == len(case.lines) + 2
    assert sum(amounts[:-1]) == amounts[-1] == round(case.facts["budget_cny"])
    return amounts


def flows_add_up(case: plan.PlanCase) -> None:
    into: dict[str, float] = defaultdict(float)
    out: dict[str, float] = defaultdict(float)
    for flow in case.flows:
        assert flow.amount >= 0
        out[flow.source] += flow.amount
        into[flow.target] += flow.amount
    # Flows below one yuan are not drawn.
    for place in set(into) & set(out):
        assert into[place] == pytest.approx(out[place], abs=8)
    assert into["profit"] - out["budget"] == pytest.approx(
        plan_engine.one(case.central.total), abs=8
    )


CHECKS: dict[str, Callable[[Any], None]] = {
    "start": check_start,
    "tier_mix": check_tier_mix,
    "private_pool": check_private_pool,
    "livestream": check_livestream,
    "plan": check_plan,
}


def check_position(book: Book, given: Mapping[str, Any]) -> str:
    """Whether a position is advised, advised against, or refused; asserts all that must hold."""
    try:
        case = book.run(build(book.key, given), None)
    except InputError as refusal:
        check_refusal(refusal)
        return "refused"
    CHECKS[book.key](case)
    for language in LANGUAGES:
        t = Words(language)
        for text in (*told(book, t, case), *drawn(book, t, case)):
            assert not broken(text), broken(text)
    for name, number in book.numbers(case).items():
        assert number is None or not np.isnan(number), name
    verdict = getattr(case, "verdict", None)
    return "" if verdict is None else "advised" if _advised(verdict) else "advised against"


def _advised(verdict: Any) -> bool:
    return any(getattr(verdict, name, False) for name in ("book", "build", "sign", "go"))


def walk(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Outcomes of so many random positions, and what went wrong with the inputs that show it."""
    rng = np.random.default_rng(seed)
    outcomes: Counter[str] = Counter()
    wrong = []
    for number in range(count):
        book = list(BOOKS.values())[number % len(BOOKS)]
        moved = positions(KNOB_SECTIONS[book.key], rng)
        given = {name: value for part in moved.values() for name, value in part.items()}
        try:
            outcomes[check_position(book, given)] += 1
        except Exception as error:  # the run goes on: one report of everything that is wrong
            wrong.append(f"{book.key} {given}: {type(error).__name__}: {str(error)[:300]}")
        except BaseException:  # out of time: say where
            print(f"stopped at {book.key} {given}")
            raise
    return outcomes, wrong


@pytest.mark.parametrize("count", [50, long(5000)])
def test_slider_positions_of_all_workbooks_have_consistent_answers(count):
    outcomes, wrong = walk(count, seed=11)
    assert not wrong, f"{len(wrong)} of {count}\n" + "\n".join(wrong[:20])
    assert 0 < outcomes["refused"] < count / 4
    if count < 5000:
        return
    assert outcomes["advised"]
    assert outcomes["advised against"]
    record(
        "5,000 slider positions",
        f"all consistent over five workbooks: {outcomes['advised']:,} advised, "
        f"{outcomes['advised against']:,} advised against, {outcomes['refused']:,} refused",
    )


# -- raising the budget --------------------------------------------------------------------------


def raised(count: int, seed: int) -> tuple[int, int, float, list[str]]:
    """Settings compared, those whose locks cost more than any budget, largest gap, and faults."""
    rng = np.random.default_rng(seed)
    compared, refused, gap, wrong = 0, 0, 0.0, []
    while compared < count:
        moved = positions(("brand", "tier_mix"), rng)
        given = moved.get("brand", {}) | moved.get("tier_mix", {})
        least = float(10 ** rng.uniform(4, 7))
        budgets = [least, least + 50_000, least * rng.uniform(1, 1.1), least * rng.uniform(1.1, 4)]
        facts = Facts(gather("tier_mix", build("tier_mix", given)))
        before = -1.0
        for budget in sorted(budgets):
            try:
                found = mix_plan.plan_at(facts, budget).solved
            except InputError as refusal:
                check_refusal(refusal)
                if before >= 0:
                    wrong.append(f"{given} at {budget}: refused, though less was enough")
                continue
            except BaseException:  # out of time: say where
                print(f"stopped at {given}, budget {budget}")
                raise
            gap = max(gap, found.gap)
            if found.value < before * (1 - 1e-12):
                wrong.append(f"{given} at {budget}: {found.value} after {before}")
            before = found.value
        compared += before >= 0
        refused += before < 0
    return compared, refused, gap, wrong


@pytest.mark.parametrize("count", [25, long(2000)])
def test_raising_the_budget_never_shows_a_worse_mix(count):
    compared, refused, gap, wrong = raised(count, seed=5)
    assert not wrong, f"{len(wrong)} of {count}\n" + "\n".join(wrong[:20])
    assert gap <= 0.01
    if count == 2000:
        record(
            "2,000 tier-mix settings",
            f"more budget is never worse in {compared:,}, locks above every budget in "
            f"{refused:,}, largest gap {gap:.2%}",
        )


# -- reports -------------------------------------------------------------------------------------


def varied(number: int, rng: np.random.Generator) -> dict[str, Any]:
    """A brief with all chapters whose inputs differ from all others over all sections."""
    sections = [name for name in SECTIONS if name != "report"]
    content = positions(sections, rng)
    for key in plan_engine.KEYS:
        content.get("plan", {}).pop(f"include_{key}", None)
    return content | {
        "client": f"Client {number}",
        "scenario": ("Base case", "净额方案")[number % 2],
        "report": {
            "language": tuple(LANGUAGES)[number % 2],
            "page": ("A4", "Letter")[number % 3 > 1],
        },
    }


def specs(count: int, folder: Path, rng: np.random.Generator) -> Iterator[tuple[ReportSpec, int]]:
    """So many briefs that can be used, each with the number of those refused before it."""
    for number in range(count):
        for refused in itertools.count():
            path = folder / f"{number}.yaml"
            told = yaml.safe_dump(varied(number, rng), allow_unicode=True, sort_keys=False)
            path.write_text(told, encoding="utf-8")
            try:
                yield read_spec(path, out=folder / "out"), refused
            except InputError as refusal:
                check_refusal(refusal)
                continue
            break


def check_report(spec: ReportSpec, printer: Printer) -> int:
    """Render a report and compare what is printed with the engine; its number of pages."""
    made = render(spec, printer=printer)
    assert check_printed(spec) == made.pages
    return made.pages


def check_printed(spec: ReportSpec) -> int:
    """Compare what is printed in a report's folder with the engine; its number of pages."""
    t = Words(spec.look.language)
    printed = PdfReader(spec.folder / f"{spec.stem}.pdf").pages
    pages = [squeezed(page.extract_text()) for page in printed]
    whole = "".join(pages)
    manifest = json.loads((spec.folder / "manifest.json").read_text("utf-8"))
    for book in spec.books:
        case = book.run(build(book.key, spec.parameters(book)), None)
        # JSON knows no infinity: what never comes is null there.
        numbers = {
            k: n if n is not None and np.isfinite(n) else None
            for k, n in book.numbers(case).items()
        }
        assert manifest["figures"][book.key] == numbers, book.key
        answer = book.answer(t, case)
        shown = [tile.value for tile in answer.tiles] if book is spec.books[-1] else []
        for text in (answer.headline, answer.qualifier, *shown):
            assert stands_in(text, whole), (book.key, text)
    for amount in money_adds_up(case):
        assert t.number(amount) in pages[1], amount
    return len(pages)


@pytest.mark.parametrize("count", [1, long(20)])
def test_reports_that_differ_are_each_right(count, tmp_path):
    rng = np.random.default_rng(3)
    began, printed, refused = time.perf_counter(), 0, 0
    with Printer() as printer:
        for spec, before in specs(count, tmp_path, rng):
            printed += check_report(spec, printer)
            refused += before
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if count == 20:
        record(
            "20 reports that differ",
            f"20 of 20 right with all chapters, {refused} briefs refused by name, {printed} pages, "
            f"{took:.0f} s, peak {peak:.0f} MB in the caller",
        )


# -- batches -------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [long(20)])
def test_twenty_reports_survive_the_death_of_worker_browser_driver_and_caller(count, tmp_path):
    wanted = [spec for spec, _ in specs(count, tmp_path, np.random.default_rng(4))]
    out = tmp_path / "out"
    asked = (tmp_path, "--jobs", 2, "--out", out)
    began = time.perf_counter()
    with started(*asked) as caller:
        for done, victim in ((3, "LokyProcess"), (6, "chromium"), (9, "run-driver")):
            until(lambda n=done: len(finished(out)) >= n, seconds=240)
            # A browser is many processes; the others are its first one's.
            found = [p for p in family(caller.pid, victim) if "--type=" not in str(p.cmdline())]
            found[0].kill()
        second = report(*asked)
        until(lambda: len(finished(out)) >= 13, seconds=240)
        everyone = family(caller.pid)
        caller.kill()
        until(lambda: gone(everyone), seconds=15)
    assert second.returncode == 1
    assert "is writing to" in second.stderr
    before = marks(out)
    spoilt = [entry["brief"] for entry in batch(out)["reports"] if entry["attempts"] > 1]
    assert len(spoilt) <= 3
    again = report(*asked, "--resume")
    took = time.perf_counter() - began
    assert again.returncode == 0, again.stdout
    told = batch(out)["reports"]
    kept = [entry for entry in told if entry["state"] == "kept"]
    assert len(kept) == len(before) >= 13
    assert before.items() <= marks(out).items()
    assert {entry["state"] for entry in told} == {"kept", "done"}
    pages = sum(check_printed(spec) for spec in wanted)
    assert pages == sum(entry["pages"] for entry in told)
    record(
        "20 reports, everything killed once",
        f"worker, browser, its driver and the caller killed: 20 of 20 right, {len(kept)} kept and "
        f"none of them made twice, {pages} pages, {took:.0f} s, a worker with its browser at most "
        f"{max(entry['peak_mb'] for entry in told):,} MB",
    )
