"""Client reports: content checked in the printed PDF, the page, the spreadsheet, the manifest."""

import io
import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import openpyxl
import pytest
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from kolkit.books import BOOKS
from kolkit.errors import EnvironmentFault, InputError
from kolkit.journeys.livestream import run
from kolkit.orders import OrderCounts
from kolkit.report.pdf import Printed, Printer
from kolkit.report.pdf_checks import check, squeezed, stands_in
from kolkit.report.picture import data_uri
from kolkit.report.render import render
from kolkit.report.spec import read_spec
from kolkit.text import livestream as text
from kolkit.text.glossary import ENTRIES
from kolkit.words import Words
from kolkit.workbook import Workbook

ROOT = Path(__file__).resolve().parents[1]
BRIEFS = ROOT / "reports" / "briefs"


@pytest.fixture(scope="module")
def printer(browser_path):
    """One browser for the reports of this module, in a process of its own."""
    assert browser_path.exists()
    with Printer() as opened:
        yield opened


@pytest.fixture(scope="module")
def rendered(printer, tmp_path_factory):
    """Both shipped briefs, rendered once."""
    out = tmp_path_factory.mktemp("out")
    specs = {
        name: read_spec(BRIEFS / f"{name}.yaml", out=out) for name in ("nordlys", "hearthline")
    }
    return {name: (spec, render(spec, printer=printer)) for name, spec in specs.items()}


def pages(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def case_of(spec):
    from kolkit.controls import build

    counted = spec.given["orders_counted"]
    return run(build("livestream", spec.given),
               OrderCounts.from_dict(counted) if counted else None)  # fmt: skip


def test_the_pdf_has_cover_answer_chapter_ledger_method_with_numbers_and_outline(rendered):
    spec, made = rendered["nordlys"]
    told = pages(made.pdf)
    assert 10 <= len(told) <= 20
    assert "Nordlys" in told[0]
    assert "/ " not in told[0].splitlines()[-1]
    for number, page in enumerate(told[1:], 2):
        assert f"{number} / {len(told)}" in page
        assert f"Nordlys · {spec.scenario}" in page
        assert spec.hash in page
    for row in ("Do", "Brings", "Risks", "Rests on", "Measure first"):
        assert row in told[1]
    everything = "\n".join(told)
    for heading in ("Assumptions", "Method and limits", "Tier mix", "Private pool", "Livestream"):
        assert heading in everything
    reader = PdfReader(made.pdf)
    titles = [item.title for item in reader.outline if not isinstance(item, list)]
    with PdfDocument(made.pdf) as book:
        entries = [entry.get_title() for entry in book.get_toc()]
    # Words stay apart where a heading breaks, and a heading that goes on is one entry.
    assert {text.answer(Words("en"), case_of(spec)).headline, *titles} <= set(entries)
    assert not [entry for entry in entries if re.search(r",[a-z]", entry)]
    figures = [entry for entry in entries if "own orders never pay" in entry]
    assert len(figures) == 1
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_the_pdf_says_what_the_engine_says(rendered):
    spec, made = rendered["nordlys"]
    t, case = Words("en"), case_of(spec)
    whole = squeezed("".join(pages(made.pdf)))
    for sentence in (text.answer(t, case).headline, text.evidence_note(t, case)):
        assert stands_in(sentence, whole)
    for option in case.options:
        assert squeezed(t.number(option.interval.p50)) in whole
    assert "From the file: total return rate." in " ".join("".join(pages(made.pdf)).split())


def test_the_chinese_report_is_chinese_throughout(rendered):
    _, made = rendered["hearthline"]
    told = "\n".join(pages(made.pdf))
    for word in ("结论", "假设清单", "方法与局限", "万"):
        assert stands_in(word, squeezed(told))
    # Trade terms, names of firms and web addresses stay as they are.
    ours = re.sub(
        r"Hearthline|[\w.]+\.(com|org|cn)|TechNode|Dudarenok|Engholm|PERT|CVaR|Stellar"
        r"|Influencer Hero|taokenav|getit01|wescrm|ijunjun|mr010|Beta|beta|Keep",
        "",
        told,
    )
    # The glossary gives each term in the other language, too.
    terms = {word for entry in ENTRIES for word in re.findall(r"[A-Za-z]{5,}", entry.name)}
    assert set(re.findall(r"[A-Za-z]{5,}", ours)) <= terms


def test_embedded_fonts_and_no_missing_glyphs(rendered):
    for _, made in rendered.values():
        fonts = set()
        for page in PdfReader(made.pdf).pages:
            for font in page["/Resources"].get("/Font", {}).values():
                described = font.get_object()
                if described["/Subtype"] == "/Type3":  # its glyphs are drawings inside the file
                    fonts.add("drawn")
                    continue
                inner = described.get("/DescendantFonts", [described])[0].get_object()
                descriptor = inner.get("/FontDescriptor")
                if descriptor:
                    files = {"/FontFile", "/FontFile2", "/FontFile3"}
                    assert files & set(descriptor.get_object())
                    fonts.add(str(inner["/BaseFont"]))
        assert fonts
        assert "\ufffd" not in "".join(pages(made.pdf))


def formulas_of_others(book) -> list[str]:
    """Formulas that are neither a sum below a table nor on a sheet that calculates."""
    cells = [c for sheet in book if not sheet.protection.sheet for row in sheet for c in row]
    return [c.value for c in cells if c.data_type == "f" and not c.value.startswith("=SUM(")]


def test_the_spreadsheet_has_every_table_with_real_numbers(rendered):
    spec, made = rendered["nordlys"]
    book = openpyxl.load_workbook(made.folder / f"{spec.stem}.xlsx")
    assert {"Answer", "Contracts", "Assumptions", "Parameters", "Terms"} <= set(book.sheetnames)
    rows = list(book["Contracts"].values)
    assert rows[0][:2] == ("Contract", "Brand P10")
    column = rows[0].index("Brand P50")
    case = case_of(spec)
    assert [row[column] for row in rows[1:]] == pytest.approx(
        [option.interval.p50 for option in case.options]
    )
    assert book["Contracts"].cell(2, column + 1).number_format == "#,##0"
    parameters = dict(list(book["Parameters"].values)[1:])
    assert parameters["commission_rate"] == 0.2
    assert formulas_of_others(book) == []


def test_the_manifest_names_parameters_seed_versions_and_files(rendered):
    spec, made = rendered["nordlys"]
    manifest = json.loads((made.folder / "manifest.json").read_text("utf-8"))
    assert manifest["hash"] == spec.hash
    assert manifest["seed"] == spec.given["seed"]
    assert manifest["parameters"] == dict(spec.given)
    files = {path.name for path in made.folder.iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == files
    assert manifest["pages"] == len(pages(made.pdf))
    assert manifest["figures"]["livestream"] == text.numbers(case_of(spec))
    assert set(manifest["figures"]) == {"tier_mix", "private_pool", "livestream", "plan"}


def test_dashboard_and_report_show_the_same_hash_for_the_same_inputs(rendered):
    spec, _ = rendered["nordlys"]
    assert Workbook(spec.given, journey="plan").hash == spec.hash
    other = dict(spec.given) | {"commission_rate": 0.21}
    assert Workbook(other, journey="plan").hash != spec.hash


def test_the_rendered_notebook_needs_no_brief_and_no_order_file(rendered):
    _, made = rendered["nordlys"]
    notebook = nbformat.read(made.folder / "04_livestream.ipynb", as_version=4)
    injected = next(
        c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])
    )
    assert 'orders_file = ""' in injected.source
    assert "'orders_paid': 1394" in injected.source.replace('"', "'")
    assert str(ROOT) not in injected.source
    assert notebook.metadata.papermill["exception"] is None


def test_the_same_brief_gives_the_same_numbers_again(rendered, printer, tmp_path):
    _, made = rendered["nordlys"]
    again = render(read_spec(BRIEFS / "nordlys.yaml", out=tmp_path), printer=None)
    first, second = (
        json.loads((folder / "manifest.json").read_text("utf-8"))["figures"]
        for folder in (made.folder, again.folder)
    )
    assert first == second


def write(folder: Path, **changes: str) -> Path:
    content = (BRIEFS / "hearthline.yaml").read_text("utf-8")
    for old, new in changes.items():
        content = re.sub(rf"(?m)^(\s*){old}:.*$", rf"\g<1>{old}: {new}", content)
    path = folder / "brief.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def test_hostile_names_stay_text(printer, tmp_path):
    path = write(tmp_path, client="'=1+1 & {{ 7-7 }}'", scenario="'a''); alert(1)'", language="en")
    spec = read_spec(path, out=tmp_path)
    made = render(spec, printer=printer)
    told = pages(made.pdf)
    assert "=1+1 & {{ 7-7 }}" in told[0]
    book = openpyxl.load_workbook(made.folder / f"{spec.stem}.xlsx")
    assert formulas_of_others(book) == []
    page = (made.folder / f"{spec.stem}.html").read_text("utf-8")
    assert "=1+1 &amp; {{ 7-7 }}" in page


def test_logo_and_colours_reach_the_cover(printer, tmp_path):
    drawing = 'xmlns="http://www.w3.org/2000/svg" width="80" height="20"'
    svg = f'<svg {drawing}><text y="15">LOGO</text></svg>'
    (tmp_path / "logo.svg").write_text(svg)
    path = write(tmp_path)
    path.write_text(
        path.read_text("utf-8") + '  logo: logo.svg\n  ink: "#102030"\n  page: Letter\n', "utf-8"
    )
    made = render(read_spec(path, out=tmp_path), printer=printer)
    cover = PdfReader(made.pdf).pages[0]
    assert "LOGO" in cover.extract_text()
    assert [round(float(edge)) for edge in cover.mediabox[2:]] == [612, 792]


def test_a_logo_that_only_the_browser_cannot_show_is_refused_and_nothing_is_left(printer, tmp_path):
    spec = read_spec(write(tmp_path), out=tmp_path / "out")
    with pytest.raises(InputError, match="no picture that a browser can show"):
        render(replace(spec, logo=data_uri("image/png", b"no picture")), printer=printer)
    assert [p for p in (tmp_path / "out").rglob("*") if p.is_file()] == []


def test_printing_reaches_for_nothing(printer, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    document = (
        "<html><body><h1>x</h1><script>window.__kolkitReady = Promise.resolve(0)</script>"
        f'<iframe src="{secret.as_uri()}"></iframe><iframe src="http://127.0.0.1:9/"></iframe>'
        "</body></html>"
    )
    told = "".join(p.extract_text() for p in PdfReader(io.BytesIO(
        printer.print(document, page_size="A4").pdf)).pages)  # fmt: skip
    assert "TOPSECRET" not in told


def test_verification_finds_a_missing_chart_and_missing_page_numbers(rendered, printer):
    _, made = rendered["nordlys"]
    pdf = made.pdf.read_bytes()
    with pytest.raises(EnvironmentFault, match="lacks 1 of its texts, the first is: A chart"):
        check(Printed(pdf), expected=["The answer", "A chart label that is not there"])
    bare = printer.print(
        "<style>@page { margin: 20mm }</style><body>1<p style='break-before:page'>2"
        "<p style='break-before:page'>3"
        "<script>window.__kolkitReady = Promise.resolve(0)</script>",
        page_size="A4",
    )
    with pytest.raises(EnvironmentFault, match="no page number"):
        check(bare)


def test_an_earlier_report_stays_until_the_new_one_is_whole(rendered, tmp_path, monkeypatch):
    spec = read_spec(write(tmp_path), out=tmp_path)
    first = render(spec, printer=None)
    before = {p.name: p.read_bytes() for p in first.folder.iterdir()}
    monkeypatch.setattr("kolkit.report.render.manifest", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        render(spec, printer=None)
    monkeypatch.undo()
    assert {p.name: p.read_bytes() for p in first.folder.iterdir()} == before
    assert [p for p in first.folder.parent.iterdir() if p.name.startswith(".")] == []


def test_a_report_set_aside_by_a_killed_run_is_brought_back(tmp_path):
    spec = read_spec(write(tmp_path), out=tmp_path)
    first = render(spec, printer=None)
    aside = first.folder.with_name(f".{first.folder.name}.previous")
    first.folder.rename(aside)
    left_over = first.folder.with_name(f".{first.folder.name}.999999.partial")
    left_over.mkdir()
    assert render(spec, printer=None).folder.is_dir()
    assert not aside.exists()
    assert not left_over.exists()


def test_a_full_disk_is_a_sentence_and_keeps_the_earlier_report(tmp_path, monkeypatch):
    spec = read_spec(write(tmp_path), out=tmp_path)
    first = render(spec, printer=None)
    before = (first.folder / "manifest.json").read_bytes()

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("kolkit.report.sheets.write_xlsx", full)
    with pytest.raises(EnvironmentFault, match=r"No space left on device.*earlier report"):
        render(spec, printer=None)
    assert (first.folder / "manifest.json").read_bytes() == before


def test_two_clients_with_one_folder_name_do_not_overwrite_each_other(tmp_path):
    first = write(tmp_path, client="A B")
    render(read_spec(first, out=tmp_path), printer=None)
    second = write(tmp_path, client="A-B")
    with pytest.raises(InputError, match="holds the report of A B"):
        render(read_spec(second, out=tmp_path), printer=None)


def test_a_workbook_that_fails_says_which_cell(tmp_path, monkeypatch):
    spec = read_spec(write(tmp_path), out=tmp_path)
    broken = tmp_path / "books"
    broken.mkdir()
    source = json.loads((ROOT / "workbooks" / "04_livestream.ipynb").read_text("utf-8"))
    head = next(c for c in source["cells"] if "head" in c["metadata"].get("tags", []))
    head["source"] = ["1 / 0"]
    for book in BOOKS.values():
        shutil.copy(ROOT / "workbooks" / book.notebook, broken / book.notebook)
    (broken / "04_livestream.ipynb").write_text(json.dumps(source))
    monkeypatch.setattr("kolkit.report.notebooks.shipped", lambda _name: broken)
    with pytest.raises(InputError, match="ZeroDivisionError"):
        render(spec, printer=None)
    assert not spec.folder.exists()


def test_a_chinese_sentence_is_found_wherever_it_begins():
    wanted = "除已花费外没有风险。"
    for before in range(12):
        text = "主" * before + "除已花费外没有⻛险。" + "关键依据"
        assert stands_in(wanted, text)
    assert not stands_in(wanted, "除已花费外没有利润也没有回报。")
