"""Drafts, releases, what changed between them, and names that are not to be told."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest

from kolkit.books import BOOKS
from kolkit.brief import load_brief
from kolkit.errors import InputError
from kolkit.inputs import inputs_of
from kolkit.journeys.facts import Fact
from kolkit.report.links import Links
from kolkit.report.manifest import COMPARED, TOLD, since
from kolkit.report.names import unnamed
from kolkit.report.pdf import Printer
from kolkit.report.pdf_checks import MARK_PIXELS, read_pages
from kolkit.report.render import render
from kolkit.report.spec import read_spec
from kolkit.text.changes import changes
from kolkit.text.references import FORMULAS, INPUTS, inputs_behind, ranges
from kolkit.words import Words

STREAMER = "Wanda Lark"
BRIEF = """\
client: Nordlys
scenario: One stream
livestream:
  streamer: {streamer}
  slot_fee_cny: {fee}
  orders_file: orders_wanda-lark.csv
plan:
  include_tier_mix: false
  include_private_pool: false
report:
  show_names: {names}
"""


def brief(folder: Path, *, fee: float = 300_000.0, names: bool = False) -> Path:
    sample = Path(__file__).resolve().parents[1] / "reports/briefs/orders_nordlys_sample.csv"
    (folder / "orders_wanda-lark.csv").write_bytes(sample.read_bytes())
    told = BRIEF.format(streamer=STREAMER, fee=fee, names=str(names).lower())
    (folder / "brief.yaml").write_text(told)
    return folder / "brief.yaml"


@pytest.fixture(scope="module")
def versions(browser_path, tmp_path_factory):
    """A draft without names; then the report as released, with names; then a draft after that."""
    assert browser_path.exists()
    folder = tmp_path_factory.mktemp("trust")
    out = folder / "out"
    kept = {}
    with Printer() as printer:
        steps = {
            "draft": (read_spec(brief(folder), out=out), printer),
            "released": (read_spec(brief(folder, names=True), out=out, release=True), printer),
        }
        for name, (spec, used) in steps.items():
            made = render(spec, printer=used)
            kept[name] = {path.name: path.read_bytes() for path in made.folder.iterdir()}
    after = read_spec(brief(folder, fee=200_000.0, names=True), out=out)
    made = render(after, printer=None)
    kept["after"] = {path.name: path.read_bytes() for path in made.folder.iterdir()}
    return kept


def of(files: dict[str, bytes], kind: str) -> bytes:
    return next(data for name, data in files.items() if name.endswith(kind))


def marks(pdf: bytes) -> list[int]:
    """How many pictures of the mark each page has."""
    return [page.pictures.count(MARK_PIXELS) for page in read_pages(pdf)]


def test_every_page_of_a_draft_says_so_once_and_no_page_of_a_released_report(versions):
    draft, released = (of(versions[name], "pdf") for name in ("draft", "released"))
    assert set(marks(draft)) == {1}
    assert {page.text.count("DRAFT") for page in read_pages(draft)} == {1}
    assert set(marks(released)) == {0}
    assert not any("DRAFT" in page.text for page in read_pages(released))
    assert b'draft-mark"' in of(versions["draft"], "html")
    assert b'draft-mark"' not in of(versions["released"], "html")


def test_the_mark_stays_on_the_paper(versions):
    for page in pdfium.PdfDocument(of(versions["draft"], "pdf")):
        for picture in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,)):
            left, bottom, right, top = picture.get_bounds()
            assert left >= 0
            assert bottom >= 0
            assert right <= page.get_width()
            assert top <= page.get_height()


def test_a_streamer_who_is_not_to_be_named_stands_in_no_file(versions):
    for name, data in versions["draft"].items():
        texts = [data]
        if name.endswith("pdf"):
            texts = [page.text.encode() for page in read_pages(data)]
        if name.endswith("xlsx"):
            texts = list(cells(data))
        for text in texts:
            assert b"wanda" not in text.lower(), name
            assert b"lark" not in text.lower(), name


def cells(data: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return [book.read(name) for name in book.namelist()]


def test_a_streamer_who_is_to_be_named_stands_in_term_sheet_and_chapter(versions):
    released = versions["released"]
    pages = " ".join(page.text for page in read_pages(of(released, "pdf")))
    assert pages.count(STREAMER) >= 3
    assert f"The session is {STREAMER}’s." in " ".join(pages.split())
    assert any(STREAMER.encode() in part for part in cells(of(released, "xlsx")))


def test_a_title_that_names_the_streamer_is_refused(tmp_path):
    path = brief(tmp_path)
    path.write_text(path.read_text().replace("One stream", "Offer of wanda_lark"))
    with pytest.raises(InputError, match="Offer of wanda_lark names the streamer"):
        read_spec(path, out=tmp_path)


def test_names_are_found_in_any_spelling():
    assert unnamed("orders_WandaLark.csv", STREAMER) == "orders_streamer.csv"
    assert unnamed("李明的直播.csv", "李明") == "streamer的直播.csv"
    assert unnamed("orders.csv", "") == "orders.csv"


def test_a_report_after_a_sent_one_says_what_changed(versions):
    assert json.loads(of(versions["released"], "manifest.json"))["last_sent"] is None
    sent = json.loads(of(versions["after"], "manifest.json"))["last_sent"]
    assert set(sent) == {*COMPARED, *TOLD}
    page = of(versions["after"], "html").decode()
    section = page[page.index('id="changes"') :].partition("</section>")[0]
    assert "Compared with the version of" in section
    assert f"Its name is {sent['version']}." in section
    for text in ("Slot fee", "¥300,000", "¥200,000", "Profit as offered"):
        assert text in section
    assert 'id="changes"' not in of(versions["released"], "html").decode()


def test_the_version_sent_may_be_a_manifest_under_any_name(versions, tmp_path):
    spec = read_spec(brief(tmp_path), out=tmp_path)
    kept = tmp_path / "sent in May.json"
    kept.write_bytes(of(versions["released"], "manifest.json"))
    assert since(kept, spec)["hash"] == json.loads(kept.read_bytes())["hash"]
    shutil.copy(kept, tmp_path / "manifest.json")
    assert since(tmp_path, spec) == since(tmp_path / "report.pdf", spec) == since(kept, spec)
    kept.write_text("{}")
    with pytest.raises(InputError, match=r"sent in May\.json is no manifest\.json of a report"):
        since(kept, spec)


FIGURES = {"plan": {"profit_p50_cny": 1_000_000.0, "loss_probability": 0.1}}
SENT = {
    "hash": "abc1234",
    "made_on": "2026-11-22",
    "parameters": {"slot_fee_cny": 300_000.0, "guarantee_base": "gross", "category": "beauty"},
    "figures": FIGURES,
    "data": "d1",
    "versions": {"kolkit": "1.0", "code": "c1", "numpy": "2.0"},
}


def told(language: str = "en", **now):
    same = {k: SENT[k] for k in ("parameters", "figures", "data", "versions")}
    return changes(Words(language), SENT, **(same | now))


def test_nothing_changed_is_said_so():
    found = told()
    assert (found.inputs, found.figures) == (None, None)
    assert found.notes == ("Nothing changed: inputs, figures, data and version are the same.",)
    assert "22 November 2026" in found.lead


def test_inputs_and_figures_that_moved_are_told_in_words():
    found = told(
        parameters={"slot_fee_cny": 200_000.0, "guarantee_base": "net", "category": "food"},
        figures={"plan": {"profit_p50_cny": 1_250_000.0, "loss_probability": 0.06}},
    )
    assert found.inputs
    rows = {row[0]: row[1:] for row in found.inputs.rows()}
    assert rows["Slot fee"] == ("¥300,000", "¥200,000")
    assert rows["Guarantee on"] == ("gross sales", "net of returns")
    assert found.figures
    assert found.figures.rows()[0] == ("Profit of the plan", "¥1.00m", "¥1.25m", "+¥250k")
    assert found.figures.rows()[1][3] == "−4 points"
    assert found.notes == ()


@pytest.mark.parametrize(
    ("was", "now", "row"),
    [
        (8_744_000, 5_966_000, ("¥8.74m", "¥5.97m", "−¥2.77m")),
        (47_240_000, 2_485_200, ("¥47.2m", "¥2.49m", "−¥44.7m")),
        (999_400, 1_004_000, ("¥999k", "¥1.00m", "+¥1.00k")),
        (12.34, 10.29, ("¥12.3", "¥10.3", "−¥2")),
    ],
)
def test_a_change_is_what_a_reader_finds_who_subtracts(was: float, now: float, row):
    same = {k: SENT[k] for k in ("parameters", "data", "versions")}
    sent = SENT | {"figures": {"plan": {"profit_p50_cny": was}}}
    found = changes(Words("en"), sent, figures={"plan": {"profit_p50_cny": now}}, **same).figures
    assert found
    assert found.rows()[0][1:] == row


def test_no_line_ends_between_minus_and_amount_beside_links():
    links = Links(frozenset(), {"Budget": "A1"}, "ledger")
    told = links.inputs_in("budget ¥1.0k · livestream as offered −¥7.15k")
    assert told.endswith("−\u2060¥7.15k")


def test_revised_data_and_versions_are_named():
    found = told(data="d2", versions={"kolkit": "1.1", "code": "c2", "numpy": "2.1"})
    assert found.notes == (
        "The sourced assumptions have been revised since.",
        "The calculation has been revised since (version 1.0, now 1.1).",
        "Other versions of packages compute it now: numpy 2.1.",
    )
    chinese = told("zh", data="d2")
    assert "假设" in chinese.notes[0]


def test_a_chapters_figures_are_not_called_the_plans():
    sent = {"tier_mix": {"people_reached": 3_100_000.0}, "plan": FIGURES["plan"]}
    now = {"tier_mix": {"people_reached": 2_000_000.0}, "plan": {"profit_p50_cny": 2_000_000.0}}
    same = {k: SENT[k] for k in ("parameters", "data", "versions")}
    found = changes(Words("en"), SENT | {"figures": sent}, figures=now, **same).figures
    assert found
    assert [row[0] for row in found.rows()] == [
        "Profit of the plan", "Tier mix alone · People reached"
    ]  # fmt: skip


def test_another_currency_language_or_look_is_said_and_amounts_are_in_the_new_one():
    before = {"language": "zh", "currency": "CNY", "cny_per_usd": 7.0, "slot_fee_cny": 70_000.0}
    now = before | {"language": "en", "currency": "USD", "slot_fee_cny": 140_000.0}
    same = {k: SENT[k] for k in ("figures", "data", "versions")}
    sent = SENT | {"parameters": before, "look": {"ink": "#000000", "page": "A4"}}
    look = {"ink": "#111111", "page": "A4", "language": "en"}
    found = changes(Words.of(now), sent, parameters=now, look=look, **same)
    assert found.notes[1:4] == (
        "The earlier version was in RMB, this one is in US$. Here its amounts are in US$ at "
        "today’s rate, too.",
        "The earlier version was in Chinese, this one is in English.",
        "It also looks different: Ink.",
    )
    assert found.inputs
    assert ("Slot fee", "US$10,000", "US$20,000") in found.inputs.rows()
    only = changes(Words.of(now), sent | {"parameters": before | {"slot_fee_cny": 140_000.0}},
                   parameters=now, look={}, **same)  # fmt: skip
    assert (only.inputs, only.figures) == (None, None)
    assert only.notes[-1] == "Inputs and headline figures are the same."
    dearer = changes(Words.of(now), sent | {"parameters": now | {"cny_per_usd": 7.2}},
                     parameters=now, look={}, **same)  # fmt: skip
    assert dearer.inputs
    assert [row[0] for row in dearer.inputs.rows()] == ["RMB per US dollar"]
    assert dearer.notes[1:] == (
        "The earlier version counted 7.2 RMB to the dollar. Here its amounts are in US$ at "
        "today’s rate, too.",
    )


# -- references ----------------------------------------------------------------------------------


def moved_to(fact: Fact) -> list[Any]:
    """Other values of an input, a little off where it is a number."""
    if isinstance(fact.value, bool):
        return [not fact.value]
    if isinstance(fact.value, int | float):
        if fact.whole:
            return [fact.value + 1, fact.value - 1]
        return [fact.value * 1.1, fact.value * 0.9] if fact.value else [0.1]
    return [option for option, _ in fact.declared.options if option != fact.value]


@pytest.mark.parametrize("journey", ["tier_mix", "private_pool", "livestream"])
def test_every_input_that_moves_a_key_figure_is_listed_behind_it(journey, shipped_briefs):
    book, t = BOOKS[journey], Words("en")
    content = load_brief(shipped_briefs / "nordlys.yaml").brief
    case = book.run(content, None)
    before = {tile.key: tile.number for tile in book.answer(t, case).tiles}
    assert set(before) == set(FORMULAS[journey])
    moved = 0
    for name, fact in case.facts.by_name.items():
        for value in moved_to(fact):
            section = getattr(content, fact.section).model_copy(update={name: value})
            try:
                other = book.run(content.model_copy(update={fact.section: section}), None)
            except InputError:
                continue
            for tile in book.answer(t, other).tiles:
                if tile.number != before[tile.key]:
                    moved += 1
                    assert name in inputs_behind(journey, tile.key), (name, tile.key)
    assert moved > 20


def test_every_formula_and_input_that_is_referred_to_exists():
    t = Words("en")
    printed = {code for book in BOOKS.values() for code, _ in book.formulas(t)} | {"D"}
    for figures in FORMULAS.values():
        assert {code for codes in figures.values() for code in codes} <= printed
    known = {name for _, name, _, _ in inputs_of("plan")}
    assert {name for names in INPUTS.values() for name in names} <= known
    assert set(INPUTS) == printed - {code for code, _ in BOOKS["start"].formulas(t)}
    plan = inputs_behind("plan", "profit")
    for journey in ("tier_mix", "private_pool", "livestream"):
        for figure in FORMULAS[journey]:
            assert inputs_behind(journey, figure) <= plan


def test_rows_are_told_in_runs():
    assert ranges([9, 3, 4, 5, 4]) == [(3, 5), (9, 9)]


def test_headline_figures_lead_to_formulas_and_rows_that_are_in_the_report(versions):
    page = of(versions["draft"], "html").decode()
    lines = re.findall(r'<small class="refs">(.*?)</small>', page)
    assert len(lines) >= 9
    places = set(re.findall(r'id="(formula-[^"]+)"', page))
    rows = set(re.findall(r"<td>(A\d+)</td>", page))
    for line in lines:
        led = re.findall(r'href="#([^"]+)"', line)
        assert led
        assert set(led) <= places | rows | {"ledger"}, line


# -- the same everywhere -------------------------------------------------------------------------

TELL = """
import json, sys
from pathlib import Path
from kolkit.controls import build
from kolkit.orders import OrderCounts
from kolkit.report.spec import read_spec
from kolkit.words import Words
found = {}
for brief in sys.argv[1:]:
    spec = read_spec(brief, out=Path("out"))
    t, counted = Words(spec.look.language), spec.given["orders_counted"]
    counts = OrderCounts.from_dict(counted) if counted else None
    for book in spec.books:
        case = book.run(build(book.key, spec.given), counts)
        told = book.answer(t, case)
        tables = [figure.tell(t, case) for figure in book.figures.values()]
        words = [told.headline, told.qualifier, [[w.title, w.why, w.table.html(t)] for w in tables]]
        figures = {k: v for k, v in book.numbers(case).items()}
        found[f"{spec.hash} {book.key}"] = [figures, words]
print(json.dumps(found))
"""
MACHINES = (
    {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_CORETYPE": "Prescott",
     "PYTHONHASHSEED": "0", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
    {"OPENBLAS_NUM_THREADS": "4", "OMP_NUM_THREADS": "4", "OPENBLAS_CORETYPE": "Haswell",
     "PYTHONHASHSEED": "4711", "TZ": "Pacific/Pago_Pago", "LC_ALL": "de_DE.UTF-8",
     "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512_SKX"},
)  # fmt: skip
"""Two machines that differ in everything but the processor: kernels of linear algebra, threads,
order of sets, time zone, language."""


def test_the_same_brief_says_the_same_to_the_last_printed_digit_elsewhere(shipped_briefs):
    briefs = [str(shipped_briefs / f"{name}.yaml") for name in ("nordlys", "hearthline")]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", TELL, *briefs], env={**os.environ, **machine},
            stdout=subprocess.PIPE, cwd=shipped_briefs.parents[1],
        )
        for machine in MACHINES
    ]  # fmt: skip
    here, there = (json.loads(process.communicate(timeout=120)[0]) for process in running)
    assert list(here) == list(there)
    assert len(here) == 8
    for name, (figures, words) in here.items():
        others, elsewhere = there[name]
        assert words == elsewhere, name
        assert list(figures) == list(others)
        for key, figure in figures.items():
            other = others[key]
            assert figure == (other if other is None else pytest.approx(other, rel=1e-9, abs=1e-9))
