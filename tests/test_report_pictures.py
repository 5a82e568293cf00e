"""What the printed pages look like, against pictures that somebody has looked at and approved.

`KOLKIT_APPROVE=1 .venv/bin/python -m pytest -p no:xdist tests/test_report_pictures.py` makes them
anew; look at each before it is committed. Each chart is compared wherever it stands on its page, so
that another font's line breaks do not matter; see pictures.py.
"""

import io
import os
import re
from dataclasses import replace

import pypdfium2
import pytest
from made import DAY, made
from pictures import APPROVED, approve, approved, differences, small

from kolkit.report.document import build_document
from kolkit.report.pdf import Printer
from kolkit.resources import shipped

PAGES = {
    "report-cover": "Strategy for China social commerce",
    "report-chapter": "Figure 1.",
    "report-scenarios": "Inputs that differ",
}
SCALE = 1.5


@pytest.fixture(scope="module")
def printer(browser_path):
    assert browser_path.exists()
    with Printer() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(printer):
    """The example's pages; a released version, whose pages carry no mark."""
    spec, chapters = made("nordlys")
    document = build_document(replace(spec, draft=False), chapters, made_on=DAY)
    return pypdfium2.PdfDocument(printer.print(document, page_size="A4").pdf)


def page_with(pages, text: str):
    """The page on which a text stands."""
    wanted = re.sub(r"\s", "", text)
    for page in pages:
        if wanted in re.sub(r"\s", "", page.get_textpage().get_text_range()):
            return page
    raise AssertionError(f"no page says {text}")


def place(page, text: str) -> tuple[float, float]:
    """Left and top of a text, pixels of the picture."""
    told = page.get_textpage()
    found = told.search(text).get_next()
    assert found, text
    left, _, _, top = told.get_charbox(found[0])
    return left * SCALE, (page.get_height() - top) * SCALE


def parts(page) -> dict[str, list[float]]:
    """The boxes above each caption, down to it: a chart with its title; else the whole page."""
    width, height = (SCALE * size for size in page.get_size())
    numbers = re.findall(r"Figure (\d+)\.", page.get_textpage().get_text_range())
    ends = {number: place(page, f"Figure {number}.") for number in numbers}
    right = max((left for left, _ in ends.values()), default=0)
    boxes = {}
    for number, (left, bottom) in ends.items():
        beside = left > width / 3 or (left != right and abs(bottom - ends[numbers[-1]][1]) < 90)
        wide = width * (0.4 if beside else 0.82)
        tall = height * 0.16
        boxes[f"chart {number}"] = [left, bottom - tall, wide, tall]
    return boxes or {"page": [0, 0, width, height]}


@pytest.mark.parametrize("name", PAGES)
def test_a_printed_page_looks_as_approved(name, pages, tmp_path):
    page = page_with(pages, PAGES[name])
    packed = io.BytesIO()
    page.render(scale=SCALE).to_pil().save(packed, "PNG")
    picture = small(packed.getvalue(), parts(page))
    if os.environ.get("KOLKIT_APPROVE"):
        approve(name, picture)
        return
    found = differences(picture, approved(name))
    picture.image.save(tmp_path / f"{name}.png")
    assert not found, (
        f"{name}: {'; '.join(found)}. Compare {tmp_path / name}.png with "
        f"{APPROVED / name}.png, then repair the page or approve the picture."
    )


def chapter(name: str, *heights: int) -> str:
    """A chapter whose parts are so high, each with its own text."""
    parts = "".join(
        f'<div class="figure" style="height:{high}px">{name}{n}</div>'
        for n, high in enumerate(heights)
    )
    return (
        f"<style>@page page-{name} {{}} .part-{name} {{ page: page-{name} }}</style>"
        f'<section class="page chapter part-{name}">{parts}</section>'
    )


def test_a_chapter_goes_on_beneath_the_one_before_where_all_of_it_fits(printer):
    style, flow = ((shipped("template") / name).read_text() for name in ("report.css", "flow.js"))
    body = "".join([
        chapter("answer", 500, 300), chapter("fits", 100, 80),
        chapter("new", 400, 500), chapter("long", 200, 200, 900), chapter("last", 900),
    ])  # fmt: skip
    document = (
        f"<style>{style}</style><body>{body}<script>{flow}\nkolkitFlow(1100);"
        "window.__kolkitReady = Promise.resolve();</script>"
    )
    pages = pypdfium2.PdfDocument(printer.print(document, page_size="A4").pdf)
    told = [re.findall(r"[a-z]+\d(?!\S)", page.get_textpage().get_text_range()) for page in pages]
    assert told == [
        ["answer0", "answer1", "fits0", "fits1"],
        ["new0", "new1"],
        ["long0", "long1"],
        ["long2"],
        ["last0"],
    ]
