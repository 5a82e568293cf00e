"""The report's document: layout checked by machine in the printed pages, links, glossary, words."""

import re
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import BRIEFS, DAY, document, made
from pypdf import PdfReader

from kolkit.alternatives import changed
from kolkit.books import PLAN
from kolkit.brief import load_brief
from kolkit.errors import InputError
from kolkit.order_file import count_orders
from kolkit.report.document import build_document
from kolkit.report.pdf import Printer
from kolkit.report.spec import read_spec
from kolkit.report.summary import plain, summary
from kolkit.text.glossary import ENTRIES, glossary
from kolkit.text.parts import Table
from kolkit.text.rounding import adding_up
from kolkit.words import LANGUAGES, Words
from kolkit.workbook import Workbook

NAMES = ("nordlys", "hearthline")


@pytest.fixture(scope="module")
def printed(browser_path, tmp_path_factory):
    """The examples' pages as PDF files; the path of the first."""
    assert browser_path.exists()
    folder = tmp_path_factory.mktemp("printed")
    with Printer() as printer:
        for name in NAMES:
            pdf = printer.print(document(name), page_size="A4").pdf
            (folder / f"{name}.pdf").write_bytes(pdf)
    return folder / f"{NAMES[0]}.pdf"


@pytest.fixture(scope="module")
def pages(printed):
    return [page.extract_text() for page in PdfReader(printed).pages]


def headings(name: str) -> list[str]:
    found = re.findall(r"<h[23][^>]*>(.*?)</h[23]>", document(name), re.DOTALL)
    return [squeezed(re.sub(r"<[^>]+>", "", told)) for told in found]


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u2060\u202f]+", "", text)


def test_pages_name_client_and_chapter_at_their_head(pages):
    for title in ("The answer", "Tier mix", "Private pool", "Livestream", "Plan", "Scenarios"):
        heads = [page for page in pages[1:] if f"Nordlys · {title}" in page]
        assert 1 <= len(heads) <= 3, title
    assert "Nordlys · " not in pages[0].splitlines()[0]


def test_contents_give_the_page_on_which_each_part_begins(pages):
    answer = pages[1]
    told = dict(re.findall(r"^(.+?)\s*\n?(\d+)$", answer[answer.index("Contents") :], re.MULTILINE))
    for title in ("Tier mix", "Livestream", "Plan", "Scenarios", "Method and limits", "Glossary"):
        page = pages[int(told[title]) - 1]
        assert title in page, (title, told[title])
        assert f"Nordlys · {title}" in page or "Nordlys · Assumptions" in page


def test_every_link_leads_to_a_place_in_the_report(printed):
    for name in NAMES:
        text = document(name)
        ledger = {f"A{n}" for n in range(1, 1 + made(name)[1][-1].steps["assumptions"]["total"])}
        places = set(re.findall(r'id="([^"]+)"', text)) | ledger
        links = re.findall(r'href="#([^"]+)"', text)
        assert set(links) <= places
        assert {"formula-T1", "formula-D", "ledger", "glossary"} <= set(links)
        assert any(link in ledger for link in links)
    reader = PdfReader(printed)
    known = {name.lstrip("/") for name in reader.named_destinations}
    dests = [
        str(link.get_object().get("/Dest", "")).lstrip("/")
        for page in reader.pages
        for link in page.get("/Annots", [])
    ]
    assert len(dests) > 40
    assert set(dests) <= known


def bottom(page) -> tuple[float, str]:
    """How far down a page is filled, as a share of its height, and the lowest line of text."""
    grey = np.asarray(page.render(scale=0.5, grayscale=True).to_pil())
    body = grey[: int(grey.shape[0] * 0.94)]
    filled = np.nonzero((body < 200).any(axis=1))[0].max() / grey.shape[0]
    width, height = page.get_size()
    edge = height * (1 - filled)
    told = page.get_textpage().get_text_bounded(0, edge - 6, width, edge + 6)
    return filled, squeezed(told)


@pytest.mark.parametrize("name", NAMES)
def test_no_page_ends_in_a_heading_or_is_left_half_empty(name, printed):
    pdf = pypdfium2.PdfDocument(printed.with_stem(name))
    found = [bottom(page) for page in pdf][1:]
    known = {told for told in headings(name) if len(told) > 4}
    for _, lowest in found:
        assert lowest not in known
    assert sum(bool(lowest) for _, lowest in found) > 10
    assert min(filled for filled, _ in found[:-1]) > 0.6, found


def test_no_chart_is_parted_from_its_title_and_caption(pages):
    _, chapters = made("nordlys")
    number = 0
    for chapter in chapters:
        for chart in chapter.charts.values():
            number += 1
            wanted = squeezed(f"Figure {number}.")
            page = next(page for page in pages if wanted in squeezed(page))
            assert squeezed(chart["title"]) in squeezed(page), chart["title"]


def test_the_page_is_one_file_that_can_be_sent():
    for name in NAMES:
        assert len(document(name).encode()) < 6_000_000


# -- scenarios -----------------------------------------------------------------------------------


def test_scenarios_are_held_against_this_one_with_the_numbers_they_have_alone():
    _, chapters = made("nordlys")
    told = chapters[-1].steps["comparison"]
    loaded = load_brief(BRIEFS / "nordlys.yaml")
    counts = count_orders(loaded.beside(loaded.brief.livestream.orders_file))
    figures = dict(told["tables"][0]["columns"])
    assert figures["Scenario"][0] == "First year"
    for at, other in enumerate(loaded.brief.scenarios, start=1):
        assert figures["Scenario"][at] == other.name
        alone = PLAN.numbers(PLAN.run(changed(loaded.brief, other), counts))
        assert figures["Profit of the plan"][at] == pytest.approx(alone["profit_p50_cny"])
    inputs = dict(told["tables"][1]["columns"])
    assert set(inputs["Input"]) == {
        "Budget", "Orders per person reached", "Shop orders per month", "With the livestream",
    }  # fmt: skip
    moved = next(chart for chart in told["charts"] if chart["name"].startswith("moved"))
    *steps, total = dict(moved["table"]["columns"])["RMB"]
    assert sum(steps) == pytest.approx(total)
    for text in (told["headline"], *told["lead"], moved["title"]):
        assert squeezed(text) in squeezed(re.sub(r"<[^>]+>", "", document("nordlys")))


def test_scenarios_do_not_change_the_hash_and_the_dashboard_opens_without_them_on_show():
    spec, _ = made("nordlys")
    book = Workbook(spec.parameters(PLAN), journey="plan")
    assert book.hash == spec.hash
    card = book.comparison()
    assert card.title == card.static_html() == ""
    assert len(next(iter(card.faces.values()))["charts"]) >= 2
    without = Workbook(dict(spec.parameters(PLAN)) | {"scenarios": []}, journey="plan")
    assert without.hash == spec.hash
    assert next(iter(without.comparison().faces.values())) == {"step": "comparison"}


@pytest.mark.parametrize(
    ("scenarios", "line", "told"),
    [
        ("- name: A\n    brand: {budget: 5}", 4, "brand.budget is not an input. Did you mean budg"),
        ("- name: A\n    brand: {budget_cny: x}", 4, "must be an amount in RMB between 0 and"),
        ("- brand: {budget_cny: 5}", 3, "name is missing"),
        ("- name: A", 2, "A changes no input"),
        ("- name: A\n    report: {language: zh}", 4, "report is not an input"),
        ("- name: A\n    livestream: {orders_file: o.csv}", 4, "orders_file cannot change"),
        ("- A", 3, "must be a list of `name: value` lines"),
        ("- name: Base case\n    brand: {budget_cny: 5}", 3, "the brief's own scenario"),
        ("- name: A\n    livestream: {self_return_rate: 0.1}", 3, "must be above the base return"),
        (
            "- name: A\n    brand: {budget_cny: 5}\n  - name: a\n    brand: {budget_cny: 6}",
            2, "a is the name of two scenarios",
        ),
        (
            "\n  ".join(f"- name: A{n}\n    brand: {{budget_cny: 5}}" for n in range(4)),
            2, "at most 3 scenarios stand beside the brief's own; got 4",
        ),
    ],
)  # fmt: skip
def test_a_wrong_scenario_is_refused_with_its_line(tmp_path, scenarios, line, told):
    path = tmp_path / "ada.yaml"
    path.write_text(f"client: Ada\nscenarios:\n  {scenarios}\n")
    with pytest.raises(InputError) as refused:
        read_spec(path, out=tmp_path)
    assert str(refused.value).startswith(f"ada.yaml, line {line}: ")
    assert told in str(refused.value)


# -- words ---------------------------------------------------------------------------------------


def test_the_glossary_explains_only_what_the_report_says_in_both_languages():
    t = Words("en")
    assert glossary(t, "Nothing of the kind; a kolossal amount.") == []
    term = glossary(t, "Book 20 KOLs.")[0]
    assert (term.name, term.other, term.other_language) == ("KOL", Words("zh")("KOL"), "zh")
    names = [term.name for term in glossary(Words("zh"), "签合同，坑位费和私域")]
    assert names == sorted([Words("zh")("Slot fee"), Words("zh")("Private pool")])
    for entry in ENTRIES:
        for language in set(LANGUAGES) - {"en"}:
            assert Words(language)(entry.meaning) != entry.meaning, entry.name
    assert "CPE" in document("nordlys").partition('id="glossary"')[2]
    assert not re.search(r"<dt>(\w+) <span[^>]*>\1<", document("nordlys"))
    assert "坑位费" in document("nordlys").partition('id="glossary"')[2]
    assert "Slot fee" in document("hearthline").partition('id="glossary"')[2]


@pytest.mark.parametrize("name", NAMES)
def test_the_summary_for_an_email_is_short_and_has_the_reports_numbers(name):
    spec, chapters = made(name)
    t = Words(spec.look.language)
    told = summary(t, spec, chapters)
    words = re.findall(r"[^\s|*\-]+", told)
    assert len(words) < 250
    answer = chapters[-1].steps["answer"]
    assert plain(answer["headline"]) in told
    assert told.splitlines()[0].startswith(t("Subject"))
    assert t("DRAFT") in told.splitlines()[0]
    assert not {"\\", "[", "]"} & {*told.splitlines()[0], *told.splitlines()[-1]}
    assert t("P50s of parts need not add up.") in told
    assert t("DRAFT") not in summary(t, replace(spec, draft=False), chapters)
    assert spec.hash in told
    for label, text in answer["half_page"]:
        assert f"**{label}**" in told
        assert plain(text) in told
    for row in Table.of(answer["money"]).printed(t):
        assert f"| {' | '.join(row)} |" in told


def test_a_hostile_name_stays_a_name_in_the_summary():
    spec, chapters = made("nordlys")
    hostile = replace(spec, client="[a](http://x.invalid) <b>| `c` www.x.invalid\n# d")
    first = summary(Words("en"), hostile, chapters).splitlines()[0]
    assert "\\" not in first
    for address in ("](", "<b", "http:", "www."):
        assert address not in first
    assert first.endswith("First year")


# -- sums ----------------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=12), st.sampled_from([0, 2]))
def test_rounded_parts_add_up_and_each_is_off_by_less_than_one_unit(parts, places):
    total = sum(parts)
    found = adding_up(parts, total, places=places)
    assert round(sum(found), places) == pytest.approx(round(total, places), abs=1e-6)
    assert all(abs(a - b) <= 10**-places + 1e-6 for a, b in zip(found, parts, strict=True))


@pytest.mark.parametrize("name", ["nordlys", "hearthline"])
def test_printed_tables_add_up_to_their_last_line(name):
    spec, chapters = made(name)
    t = Words(spec.look.language)
    tables = [chapters[-1].steps["answer"]["money"]]
    tables += [chart["table"] for chapter in chapters for chart in chapter.charts.values()]
    tables += [c["table"] for c in chapters[-1].steps["comparison"].get("charts", [])]
    summed = 0
    for table in map(Table.of, tables):
        for column in table.sums:
            at = list(table.columns).index(column)
            cells = [row[at].replace("−", "-").replace(",", "") for row in table.printed(t)]
            numbers = [0.0 if cell == "–" else float(cell) for cell in cells]
            assert sum(numbers[:-1]) == pytest.approx(numbers[-1], abs=1e-6), (table.name, column)
            summed += 1
    assert summed >= 6


def test_a_clients_name_cannot_leave_its_place_in_the_page_style():
    spec, chapters = made("nordlys")
    text = build_document(
        replace(spec, client='x"; } </style><script>alert(1)</script>'), chapters, made_on=DAY
    )
    assert "<script>alert(1)" not in text
    assert text.count("</style>") == 1
