"""Each check of a printed page, made to fail."""

import io

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from kolkit.errors import EnvironmentFault, InputError
from kolkit.report.pdf import Printed, Printer
from kolkit.report.pdf_checks import check, missing_texts, read_pages, stands_in, undrawn
from kolkit.report.pdf_structure import structure_faults

READY = "<script>window.__kolkitReady = Promise.resolve(0)</script>"
FOOT = '@bottom-right { content: counter(page) " / " counter(pages); font: 8pt Arial }'
CHART = """<figure role="group"><div class="kk-plot" role="img" aria-label="A chart">
<svg width="300" height="80"><text x="{x}" y="20">Micro-KOL</text>
<text x="30" y="70" transform="rotate(-90 30 70)">12k</text></svg></div></figure>"""
TABLE = "<table><tr><th>Name</th></tr><tr><td>One</td></tr></table>"


def page(body: str = "", *, css: str = "", lang: str = "en", foot: str = FOOT) -> str:
    """A document of three pages, sound unless `body` or `css` says otherwise."""
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><title>x</title><style>'
        f"@page {{ size: A4; margin: 20mm; {foot} }} .kk-plot {{ width: 300px }} {css}</style>"
        f"</head><body><section class=page><h1>First</h1>{body}</section>"
        "<p style='break-before:page'>second page</p><p style='break-before:page'>third page</p>"
        f"{READY}</body></html>"
    )


@pytest.fixture(scope="module")
def printer(browser_path):
    """One browser for this module."""
    assert browser_path.exists()
    with Printer() as opened:
        yield opened


@pytest.fixture
def printed(printer):
    """Prints a document on A4."""
    return lambda document: printer.print(document, page_size="A4")


def test_a_sound_document_passes_with_the_labels_of_its_chart(printed):
    made = printed(page(CHART.format(x=20) + TABLE))
    assert made.charts == (("Micro-KOL", "12k"),)
    assert {"First", "Name", "One", "second page"} <= set(made.texts)
    assert check(made, expected=["third page"]) == 3


def test_a_chart_label_that_is_not_in_the_file_is_missed(printed):
    made = printed(page(CHART.format(x=20)))
    with pytest.raises(EnvironmentFault, match="labels of chart 1; lacking: KOC"):
        check(Printed(made.pdf, made.texts, (("Micro-KOL", "KOC"),)))
    with pytest.raises(EnvironmentFault, match="lacking: 12k"):
        check(Printed(made.pdf, made.texts, (("12k", "12k"),)))


def test_a_text_of_the_page_that_is_not_in_the_file_is_missed(printed):
    made = printed(page("<p>A sentence</p>"))
    with pytest.raises(EnvironmentFault, match="the first is: Another sentence"):
        check(Printed(made.pdf, (*made.texts, "Another sentence")))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (CHART.format(x=280), "the chart label “Micro-KOL” is cut off"),
        ("<div style='width:90px'><b>Unbreakablylongwordofaname</b></div>", "wider than its place"),
        (
            "<table style='table-layout:fixed;width:60px'><tr><th>Unbreakablylongword</table>",
            "wider than its table cell",
        ),
        ("<div style='height:9px;overflow:hidden'>two<br>lines</div>", "twolines"),
    ],
)
def test_what_does_not_fit_its_place_is_refused_before_printing(printed, body, told):
    with pytest.raises(InputError, match=told):
        printed(page(body))


def test_text_over_the_edge_of_the_paper_is_refused(printed):
    made = printed(page("<p>over the edge</p>", css="@page { margin: 3mm } body { margin: 0 }"))
    with pytest.raises(EnvironmentFault, match="page 1 of the PDF runs over its edge"):
        check(made)


def test_a_character_without_a_glyph_is_refused(printed):
    made = printed(page("<p>ab\ue123cd</p>"))
    with pytest.raises(EnvironmentFault, match="page 1 of the PDF has characters without a glyph"):
        check(made)


def test_the_characters_without_a_glyph_are_told(printed):
    assert undrawn(printed(page("<p>ab\ue123cd</p>"))) == {"\ue123"}
    assert undrawn(printed(page("<p>户 ab</p>"))) == set()


@pytest.mark.parametrize(
    "css",
    [
        "p { color: #fff }",
        "p { color: rgb(0 0 0 / 5%) }",
        "p { background: color-mix(in srgb, black 90%, white); color: #222 }",
        "p { font-size: .1px }",
        "p { visibility: hidden }",
        "body { opacity: 0 }",
    ],
)
def test_texts_that_a_theme_hides_are_named(printer, css):
    with pytest.raises(InputError, match=r"the theme Ours hides “.*, and .* more: give"):
        printer.print(page(css=css), page_size="A4", theme="Ours")


def test_pale_text_is_seen_on_dark_ground_and_on_pictures(printer):
    css = "p { color: #fff; background: #333 } h1 { color: #fff; background: url(data:,) #fff }"
    assert "second page" in printer.print(page(css=css), page_size="A4", theme="Ours").texts


def test_a_theme_is_spoken_of_only_where_there_is_one(printer):
    body = "<div style='width:90px'><b>Unbreakablylongwordofaname</b></div>"
    with pytest.raises(InputError, match=r"place\. Shorten it\.$"):
        printer.print(page(body), page_size="A4")
    with pytest.raises(InputError, match="or print without the theme Ours"):
        printer.print(page(body), page_size="A4", theme="Ours")
    made = printer.print(page(), page_size="A4", theme="Ours")
    with pytest.raises(
        InputError, match=r"the first is: A headline\. Mend the style of the theme O"
    ):
        check(made, expected=["A headline"])


def test_a_page_without_its_number_is_refused(printed):
    with pytest.raises(EnvironmentFault, match="page 2 of the PDF has no page number"):
        check(printed(page(foot="")))


def test_a_draft_without_its_mark_is_refused(printed):
    with pytest.raises(EnvironmentFault, match="page 1 of the PDF lacks its mark DRAFT"):
        check(printed(page("<p>DRAFT</p>")), mark="DRAFT")


def test_a_font_that_the_file_does_not_carry_is_refused(printed):
    writer = PdfWriter(clone_from=io.BytesIO(printed(page()).pdf))
    for font in writer.pages[0]["/Resources"]["/Font"].values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()
        del inner["/FontDescriptor"].get_object()[NameObject("/FontFile2")]
    stripped = io.BytesIO()
    writer.write(stripped)
    with pytest.raises(EnvironmentFault, match=r"page 1 of the PDF uses .* without carrying it"):
        check(Printed(stripped.getvalue()))


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (page(lang=""), "language is not named"),
        (page("<h3>deep</h3>"), "heading 2 skips to level 3"),
        (page("<svg role=img width=9 height=9><rect width=9 height=9></svg>"), "no alternative"),
        (
            page("<table><caption>x</caption><tr><td>One</table>"),
            "no header cells",
        ),
        (
            page(
                "<table><caption>x</caption><tr><th>One</table>"
                "<table><caption>y</caption><tr><td>Two</table>"
            ),
            "no header cells",
        ),
    ],
)
def test_a_fault_of_the_structure_is_named(printed, document, fault):
    faults = structure_faults(printed(document).pdf)
    assert any(fault in told for told in faults), faults


def test_a_table_that_goes_on_without_its_header_is_one_table(printed):
    rows = "<tr><td>One<td>Two" * 150
    # A header higher than a quarter of a page is printed once.
    once = page(f"<table><thead><tr><th>A<th style='height:400px'>B</thead>{rows}</table>")
    assert structure_faults(printed(once).pdf) == []


def test_a_file_without_tags_or_outline_is_refused(printed):
    made = printed(page())
    assert structure_faults(made.pdf) == []
    bare = PdfWriter()
    for sheet in PdfReader(io.BytesIO(made.pdf)).pages:
        bare.add_page(sheet)
    stripped = io.BytesIO()
    bare.write(stripped)
    faults = structure_faults(stripped.getvalue())
    assert "file is not marked as tagged" in faults
    assert "outline is missing" in faults
    assert "structure tree is missing" in faults


def test_a_paragraph_across_two_pages_and_a_hyphen_at_a_line_end_are_found(printed):
    long = "self-purchasing " * 900 + "the end"
    made = printed(page(f"<p>{long}</p>"))
    assert missing_texts([sheet.text for sheet in read_pages(made.pdf)], [long]) == []


def test_what_is_no_pdf_is_a_sentence():
    with pytest.raises(EnvironmentFault, match="damaged or none"):
        read_pages(b"no pdf")


def test_brackets_that_change_places_are_the_same_text():
    assert missing_texts(["回收率(”70%)"], ["回收率”（70%）"]) == []
    assert not stands_in("回收率80", "回收率70")
