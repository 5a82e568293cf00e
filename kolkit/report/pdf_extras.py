"""Whether a PDF says what the document says that it was printed from, and nothing beyond.

Accounted for is what stands in the document's texts, in its charts' data, in its running heads and
feet, and the numbers of axes and pages. Lines are compared, as a PDF has no sentences; numbers that
stand alone, the logo, drawings of lines and a theme's own pictures are not looked at.
"""

import re
import xml.etree.ElementTree as ET
from base64 import b64decode
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any

import defusedxml.ElementTree as SafeET

from kolkit.errors import EnvironmentFault
from kolkit.report.page_text import read_page
from kolkit.report.pdf_checks import (
    LOOSE,
    MARK_PIXELS,
    PageText,
    missing_texts,
    read_pages,
    squeezed,
    stands_in,
)
from kolkit.report.pdf_overlays import overlays
from kolkit.report.spec import ReportSpec

RUNNING = re.compile(r'content:\s*"((?:[^"\\]|\\.)*)"')
CODE_POINT = re.compile(r"\\([0-9a-f]{6})")
TAG = re.compile(r"<[^<>]*>")
ADDRESS = re.compile(r'href="([^"#][^"]*)"')
NUMBERS = re.compile(r"(?:[−–+-]?+(?:us\$|[¥$])?+[\d.,]++(?:bn|[kmx×%万亿])?+/?+)*+")
"""What an axis or the number of a page adds: amounts without a word. Nothing is tried a second way,
or a long row of digits with a word behind would take for ever."""
MARKER = re.compile(r"^(?:[•◦▪–]|\d+\.)|\d+$")
"""What a list puts before its items, and contents behind them."""


def _bare(text: str) -> str:
    return LOOSE.sub("", squeezed(text)).casefold()


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)


def logo_words(page: str) -> str:
    """The texts of the drawn logo in a page's HTML; a picture of points has none."""
    found = re.search(r'<img class="logo" src="data:image/svg\+xml;base64,([^"]+)"', page)
    try:
        root = SafeET.fromstring(b64decode(found[1])) if found else None
    except (ET.ParseError, ValueError):
        return ""
    return "" if root is None else "".join(root.itertext())


def _running(document: str) -> list[str]:
    """Heads and feet of a document's pages, the longest first."""
    told = [
        CODE_POINT.sub(lambda found: chr(int(found[1], 16)), text)
        for style in re.findall(r"<style>(.*?)</style>", document, re.DOTALL)
        for text in RUNNING.findall(style)
    ]
    return sorted({_bare(text) for text in told} - {""}, key=len, reverse=True)


def foreign_lines(
    pages: Sequence[str], document: str, *, logo: str = ""
) -> Iterator[tuple[int, str]]:
    """Number of the page and text of each line that the document does not account for.

    `logo` is what a drawn logo says.
    """
    words = read_page(document)
    charts = {_bare(TAG.sub("", text)) for chart in words.charts for text in _strings(chart)}
    known = "\n".join([_bare("".join(words.on_paper)), *charts])
    labels = sorted((text for text in charts if len(text) > 2), key=len, reverse=True)
    running = [*_running(document), _bare(logo)]
    for number, page in enumerate(pages, 1):
        for line in page.splitlines():
            left = bare = _bare(line)
            if bare in known:
                continue
            for text in running:
                left = left.replace(text, "", 1)
            if NUMBERS.fullmatch(left) or MARKER.sub("", left) in known:
                continue
            # Labels beside one another are one line of the PDF.
            for text in labels:
                left = left.replace(text, "")
            if not (NUMBERS.fullmatch(left) or stands_in(bare, known)):
                yield number, " ".join(line.split())


def short(text: str) -> str:
    """As much of a text as a message repeats."""
    return text if len(text) <= 160 else f"{text[:160]}…"


def _changed_pictures(pages: Sequence[PageText], spec: ReportSpec) -> Iterator[str]:
    """Marks of a draft that are missing, and pictures that only a theme could have set."""
    for number, page in enumerate(pages, 1):
        if spec.draft and MARK_PIXELS not in page.pictures:
            yield f"page {number} of the PDF lacks its mark of a draft"
        # The cover's may be the logo.
        if number > 1 and spec.theme is None and len(page.pictures) > int(spec.draft):
            yield f"page {number} of the PDF has a picture, which the report does not"


def changed_pdf(spec: ReportSpec, document: str, *, pages: int | None) -> Iterator[str]:
    """What a report's PDF says or shows otherwise than its document, in clauses.

    Parameters
    ----------
    spec : the report
    document : the HTML as it is made anew
    pages : as the manifest counts them
    """
    try:
        pdf = (spec.folder / f"{spec.stem}.pdf").read_bytes()
        found = read_pages(pdf)
    except (OSError, EnvironmentFault):
        yield "the PDF cannot be read"
        return
    told = [page.text for page in found]
    if len(told) != pages:
        yield f"the PDF has {len(told)} pages, not {pages}"
    lacking = missing_texts(told, read_page(document).on_paper)
    yield from (f"the PDF lacks “{short(text)}”" for text in lacking)
    try:
        logo = logo_words((spec.folder / f"{spec.stem}.html").read_text("utf-8"))
    except (OSError, ValueError):
        logo = ""
    for number, line in foreign_lines(told, document, logo=logo):
        yield f"page {number} of the PDF says “{short(line)}”, which the report does not"
    for number, text in enumerate(told[1:], 2):
        if f"{number}/{len(told)}" not in squeezed(text):
            yield f"page {number} of the PDF is not numbered {number} / {len(told)}"
    yield from _changed_pictures(found, spec)
    yield from overlays(pdf, known_links=frozenset(map(unescape, ADDRESS.findall(document))))
