"""`kolkit verify` finds what was changed in a report, whoever also mended the manifest."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.annotations import FreeText, Link
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)
from typer.testing import CliRunner

from kolkit.cli import app
from kolkit.errors import InputError
from kolkit.report.pdf import Printer
from kolkit.report.render import render
from kolkit.report.spec import read_spec
from kolkit.report.verify import reports_at, verify

BRIEF = """\
client: Nordlys
scenario: One stream
livestream:
  slot_fee_cny: 300000.0
plan:
  include_tier_mix: false
  include_private_pool: false
report:
  agency: Harbour
"""


@pytest.fixture(scope="module")
def made(browser_path, tmp_path_factory):
    """A small report with every kind of file."""
    assert browser_path.exists()
    folder = tmp_path_factory.mktemp("verify")
    (folder / "brief.yaml").write_text(BRIEF)
    spec = read_spec(folder / "brief.yaml", out=folder / "out")
    with Printer() as printer:
        return render(spec, printer=printer).folder


@pytest.fixture
def copy(made, tmp_path):
    """A copy of it to tamper with."""
    return Path(shutil.copytree(made, tmp_path / "report"))


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def rewrite(folder: Path, told: dict) -> None:
    """Write a manifest whose hashes fit the files as they are now."""
    for name in told["files"]:
        told["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")


def dictionary(told: dict) -> DictionaryObject:
    return DictionaryObject({NameObject(name): value for name, value in told.items()})


def draw(writer: PdfWriter, page: PageObject, operators: bytes) -> None:
    """Draw over what a page shows, in points from its lower left corner."""
    streams = page.get("/Contents", ArrayObject()).get_object()
    streams = streams if isinstance(streams, ArrayObject) else [page.raw_get("/Contents")]
    ends = []
    for data in (b"q", b"Q " + operators):
        content = DecodedStreamObject()
        content.set_data(data)
        ends.append(writer._add_object(content))
    page[NameObject("/Contents")] = ArrayObject([ends[0], *streams, ends[1]])


def found(folder: Path, kind: str) -> Path:
    return next(folder.glob(f"*.{kind}"))


def test_an_untouched_report_follows_and_the_command_says_so(made):
    told = CliRunner().invoke(app, ["verify", str(found(made, "pdf"))])
    assert told.exit_code == 0, told.output
    assert "files as made; figures, words and PDF follow." in told.output


def test_changed_missing_and_added_files_are_named_and_what_they_say_too(copy):
    page = found(copy, "html")
    digit = re.search(r"<dd>[^<]*?¥(\d)", page.read_text("utf-8"))
    assert digit
    edit(page, digit[0], digit[0][:-1] + str((int(digit[1]) + 1) % 10))
    notebook = copy / "04_livestream.ipynb"
    edit(notebook, "Do not sign as offered", "Sign at once")
    found(copy, "xlsx").unlink()
    with found(copy, "md").open("a") as stream:
        stream.write("One more line.")
    (copy / "note.txt").write_text("x")
    verdict = verify(copy)
    assert set(verdict.files) == {
        f"{page.name} was changed", "04_livestream.ipynb was changed",
        f"{page.stem}.xlsx is missing", f"{page.stem}.md was changed", "note.txt was added",
    }  # fmt: skip
    told = " ".join(verdict.words)
    assert digit[0][4:-1] in told
    assert "04_livestream.ipynb says something else than its parameters give" in told
    assert f"{page.stem}.md says something else" in told
    assert f"{page.stem}.xlsx cannot be read" in told
    assert verdict.figures == ()
    assert verdict.pdf == ()


def test_a_changed_figure_is_recomputed_and_other_data_is_named_as_its_cause(copy):
    told = manifest_of(copy)
    right = told["figures"]["livestream"]["fair_fee_cny"]
    told["figures"]["livestream"]["fair_fee_cny"] = right + 1000
    told["data"], told["versions"]["numpy"] = "0" * 12, "1.0"
    rewrite(copy, told)
    verdict = verify(copy)
    assert verdict.files == ()
    (line,) = verdict.figures
    assert line.startswith(f"livestream fair_fee_cny: {right + 1000} printed, {right} recomputed (")
    assert "data 000000000000 then" in line
    assert "numpy 1.0 then" in line


def test_changed_parameters_are_found_by_their_hash_and_by_what_they_give(copy):
    told = manifest_of(copy)
    told["parameters"]["slot_fee_cny"] = 310_000.0
    rewrite(copy, told)
    verdict = verify(copy)
    assert verdict.files == (f"manifest.json: its parameters are not those of {told['hash']}",)
    assert any("offered_profit_p50_cny" in line for line in verdict.figures)
    assert any("310" in line for line in verdict.words)


def test_the_pdf_of_another_report_lacks_this_ones_texts(copy):
    told = manifest_of(copy)
    from_elsewhere = found(copy, "pdf").read_bytes()
    page = found(copy, "html")
    edit(page, "Nordlys", "Nordlyt")
    told["client"] = "Nordlyt"
    told["parameters"]["client"] = "Nordlyt"
    found(copy, "pdf").write_bytes(from_elsewhere)
    rewrite(copy, told)
    verdict = verify(copy)
    assert verdict.files == ()
    assert "the PDF lacks “Nordlyt”" in verdict.pdf
    found(copy, "pdf").write_bytes(b"%PDF-1.4 nothing")
    rewrite(copy, told)
    told = CliRunner().invoke(app, ["verify", str(copy)])
    assert told.exit_code == 1
    assert "PDF: the PDF cannot be read" in told.output


def test_a_foreign_page_is_found_though_the_manifest_counts_it(copy):
    path, told = found(copy, "pdf"), manifest_of(copy)
    writer = PdfWriter(clone_from=path)
    writer.add_page(PdfReader(path).pages[2])
    page = writer.add_blank_page()
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    helvetica = dictionary({name: NameObject(value) for name, value in font.items()})
    fonts = dictionary({"/Font": dictionary({"/F": helvetica})})
    page[NameObject("/Resources")] = fonts
    draw(writer, page, b"BT /F 12 Tf 99 99 Td (The client has paid in full) Tj ET")
    writer.write(path)
    rewrite(copy, told)
    pages = told["pages"]
    verdict = verify(copy)
    assert f"the PDF has {pages + 2} pages, not {pages}" in verdict.pdf
    foreign = "says “The client has paid in full”, which the report does not"
    assert f"page {pages + 2} of the PDF {foreign}" in verdict.pdf
    assert f"page {pages + 1} of the PDF is not numbered {pages + 1} / {pages + 2}" in verdict.pdf


def test_what_was_laid_over_a_pdf_is_found(copy):
    path, told = found(copy, "pdf"), manifest_of(copy)
    writer = PdfWriter(clone_from=path)
    writer.add_annotation(1, FreeText(text="Profit 9,999,999", rect=(100, 400, 400, 450)))
    writer.add_annotation(2, Link(rect=(0, 0, 600, 800), url="http://elsewhere.example/"))
    draw(writer, writer.pages[0], b"1 1 1 rg 0 780 600 62 re f")
    pixel = b"BI /W 1 /H 1 /BPC 8 /CS /G ID x EI"
    draw(writer, writer.pages[3], b"1 1 1 rg 0 0 600 842 re f q 9 0 0 9 99 99 cm " + pixel + b" Q")
    del writer.pages[4]["/Resources"]["/XObject"]
    writer.add_attachment("contract.txt", b"another contract")
    script = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("app.alert('Sold')")}
    names = [TextStringObject("0"), writer._add_object(dictionary(script))]
    writer.root_object["/Names"][NameObject("/JavaScript")] = dictionary(
        {"/Names": ArrayObject(names)}
    )
    writer.write(path)
    rewrite(copy, told)
    lines = {re.sub(r"“.*” and \d+ more", "“...” and more", line) for line in verify(copy).pdf}
    assert lines == {
        "the PDF carries a script",
        "the PDF carries another file",
        "page 2 of the PDF has a note over it: “Profit 9,999,999”",
        "page 3 of the PDF links to http://elsewhere.example/, which the report does not",
        "page 1 of the PDF hides “...” and more",
        "page 4 of the PDF hides “...” and more",
        "page 4 of the PDF hides its mark of a draft",
        "page 4 of the PDF has a picture, which the report does not",
        "page 5 of the PDF lacks its mark of a draft",
    }


def test_reports_without_a_manifest_or_with_a_damaged_one_are_counted(made, tmp_path):
    for name in ("lost", "damaged"):
        shutil.copytree(made, tmp_path / "out" / name)
    (tmp_path / "out" / "lost" / "manifest.json").unlink()
    (tmp_path / "out" / "damaged" / "manifest.json").write_text('{"a":')
    told = CliRunner().invoke(app, ["verify", str(tmp_path / "out")])
    assert told.exit_code != 0
    assert (
        "0 of 2 reports follow from what they were made from; 2 cannot be verified." in told.output
    )
    with pytest.raises(InputError, match=r"lost has lost its manifest\.json"):
        verify(tmp_path / "out" / "lost")


def test_what_is_no_report_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no report"):
        reports_at(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="Make the report once more"):
        verify(tmp_path)


def test_a_hostile_manifest_runs_nothing(copy):
    told = manifest_of(copy)
    told["parameters"]["slot_fee_cny"] = "__import__('os').system('true')"
    rewrite(copy, told)
    assert "slot_fee_cny" in verify(copy).figures[0]
    told["look"]["ink"] = "red; }"
    rewrite(copy, told)
    assert "wrong kind" in verify(copy).figures[0]
