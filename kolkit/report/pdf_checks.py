"""Reads a printed report back and refuses it unless everything arrived.

What is checked, and nothing beyond it: every text of the page is in the file; the labels of each
chart stand together on one page; every character has a glyph, lies on the paper and comes from a
font inside the file; each page after the cover has its number; there is an outline; and the
structure named in `pdf_structure`.
"""

import ctypes
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from kolkit.errors import EnvironmentFault, InputError
from kolkit.report.pdf import Printed
from kolkit.report.pdf_structure import structure_faults

LEAST_PAGES = 3
EDGE_POINTS = 14.0
"""No character comes nearer to the edge of the paper than office printers print, 5 mm."""
LOOSE = re.compile("[()\\[\\]“”‘’\"'「」《》]")
"""Marks that stand so close to their neighbours that a reader of PDFs may exchange the two."""
HEAD_CHARACTERS = 400
"""Running head and foot come first in a page's text and are no longer than this."""
MARK_PIXELS = (1201, 843)
"""The picture of the mark that `draft.html.j2` draws, told from any other by its size."""
HAN = "[\u2e80-\u9fff\uf900-\ufaff]"
DOCTOR = "`kolkit doctor` checks browser and fonts."
NEWER = "Update the browser (Chromium 131 or newer)."


def squeezed(text: str) -> str:
    """Text without spaces and in one form, as comparison across a PDF's line breaks needs."""
    return re.sub(r"[\s\u2060\u00ad\u200b]+", "", unicodedata.normalize("NFKC", text))


def stands_in(expected: str, text: str) -> bool:
    """Whether a text is in a PDF's text.

    One glyph may serve several Chinese characters (户 and 戶), and a PDF names only one of them:
    one in five Chinese characters may differ, everything else must be the same.
    """
    wanted = squeezed(expected)
    if wanted in text:
        return True
    places = [i for i, c in enumerate(wanted) if re.match(HAN, c)]
    if not places:
        return False
    pattern = "".join(HAN if i in places else re.escape(c) for i, c in enumerate(wanted))
    allowed = max(1, len(places) // 5)
    # Looked for at every place: a text of Chinese characters alone fits its pattern everywhere.
    return any(
        sum(found[1][i] != wanted[i] for i in places) <= allowed
        for found in re.finditer(f"(?=({pattern}))", text)
    )


@dataclass(frozen=True)
class PageText:
    """One page of a PDF: its text, the pixels of its pictures, and what is wrong with it.

    `blank`: a character has no glyph; `outside`: the first text that comes too near to the edge;
    `foreign_fonts`: those that the file does not carry.
    """

    text: str
    pictures: tuple[tuple[int, int], ...]
    blank: bool
    outside: str
    foreign_fonts: tuple[str, ...]


def read_pages(pdf: bytes) -> list[PageText]:
    """The pages of a PDF as text.

    Raises
    ------
    EnvironmentFault
        where the file is no PDF
    """
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError:
        raise EnvironmentFault("the PDF cannot be read: it is damaged or none.") from None
    try:
        return [_read(document[number]) for number in range(len(document))]
    finally:
        document.close()


def _read(page: pdfium.PdfPage) -> PageText:
    width, height = page.get_size()
    text = page.get_textpage()
    blank = any(raw.FPDFText_GetUnicode(text, i) == 0 for i in range(text.count_chars()))
    outside = ""
    across, down = ctypes.c_uint(), ctypes.c_uint()
    for number in range(text.count_rects()):
        left, bottom, right, top = box = text.get_rect(number)
        low = min(left, bottom, width - right, height - top)
        if low < EDGE_POINTS and right > left:
            outside = text.get_text_bounded(*box)
            break
    fonts: dict[int, str] = {}
    pictures = []
    for item in _objects(page):
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            raw.FPDFImageObj_GetImagePixelSize(item, across, down)
            pictures.append((across.value, down.value))
        elif kind == raw.FPDF_PAGEOBJ_TEXT:
            font = raw.FPDFTextObj_GetFont(item)
            address = ctypes.addressof(font.contents) if font else 0
            if address and address not in fonts:
                fonts[address] = "" if raw.FPDFFont_GetIsEmbedded(font) else _font_name(font)
    foreign = tuple(sorted({name for name in fonts.values() if name}))
    # A hyphen at the end of a line comes as a control character.
    told = text.get_text_range().replace("\x02", "-").replace("\ufffe", "-")
    return PageText(told, tuple(pictures), blank, outside, foreign)


def _objects(page: pdfium.PdfPage) -> Iterator[Any]:
    """What is drawn on a page, also inside of forms; bare: wrapping each would double the time."""
    forms = []
    for number in range(raw.FPDFPage_CountObjects(page)):
        item = raw.FPDFPage_GetObject(page, number)
        yield item
        forms.append(item)
    while forms:
        item = forms.pop()
        if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_FORM:
            inner = [
                raw.FPDFFormObj_GetObject(item, number)
                for number in range(raw.FPDFFormObj_CountObjects(item))
            ]
            yield from inner
            forms += inner


def _font_name(font: object) -> str:
    size = raw.FPDFFont_GetBaseFontName(font, None, 0)
    name = ctypes.create_string_buffer(size or 1)
    raw.FPDFFont_GetBaseFontName(font, name, size)
    return name.value.decode(errors="replace") or "a font without a name"


def _flowing(pages: Sequence[str]) -> str:
    """The pages' texts in one, without head and foot: a paragraph may cross pages."""
    told = []
    for number, page in enumerate(pages, 1):
        foot = f"{number}/{len(pages)}"
        at = page.find(foot, 0, HEAD_CHARACTERS)
        told.append(page[at + len(foot) :] if at >= 0 else page)
    return "".join(told)


def missing_texts(pages: Iterable[str], expected: Iterable[str]) -> list[str]:
    """Those of the expected texts that are not in a PDF whose pages read so."""
    single = [squeezed(page) for page in pages]
    whole, flowing = "".join(single), _flowing(single)
    folded = whole.casefold()
    lacking = []
    for text in dict.fromkeys(expected):
        wanted = squeezed(text)
        # Capitals may be the style's, not the text's.
        if wanted in whole or wanted in flowing or wanted.casefold() in folded:
            continue
        if not any(stands_in(text, told) for told in (flowing, whole)):
            lacking.append(text)
    if lacking:
        bare = LOOSE.sub("", flowing)
        lacking = [text for text in lacking if not stands_in(LOOSE.sub("", squeezed(text)), bare)]
    return lacking


def _missing_labels(pages: Sequence[str], charts: Sequence[Sequence[str]]) -> tuple[int, list[str]]:
    """The first chart whose labels no single page holds: its number, and what is lacking."""
    single = [squeezed(page) for page in pages]
    for number, labels in enumerate(charts, 1):
        wanted = Counter(squeezed(label) for label in labels)
        fewest: list[str] | None = None
        for page in single:
            lacking = [
                label
                for label, count in wanted.items()
                if page.count(label) < count and not (count == 1 and stands_in(label, page))
            ]
            if fewest is None or len(lacking) < len(fewest):
                fewest = lacking
            if not lacking:
                break
        if fewest:
            return number, fewest
    return 0, []


def undrawn(printed: Printed) -> set[str]:
    """Characters that its page showed and that stand nowhere in a PDF with blanks in place of some.

    A PDF without blanks has drawn them all.
    """
    pages = read_pages(printed.pdf)
    if not any(page.blank for page in pages):
        return set()
    drawn = set(squeezed("".join(page.text for page in pages)))
    shown = {c for text in printed.texts for c in text}
    return {c for c in shown if not set(squeezed(c)) <= drawn}


def check(printed: Printed, *, expected: Iterable[str] = (), mark: str = "") -> int:
    """Check a printed report; returns its number of pages.

    Parameters
    ----------
    printed : the file, and what its page showed
    expected : headlines, captions and chart labels that must be there as text
    mark : what must stand across every page, such as DRAFT

    Raises
    ------
    EnvironmentFault
        names the page and the text
    InputError
        the same, where the report wears a theme, which is the likelier cause
    """
    found = read_pages(printed.pdf)
    theme = printed.theme
    if len(found) < LEAST_PAGES:
        raise _fault(
            f"the printed PDF has only {len(found)} pages; expected {LEAST_PAGES} or more", theme
        )
    for number, page in enumerate(found, 1):
        _check_page(page, number, len(found), mark, theme)
    pages = [page.text for page in found]
    missing = missing_texts(pages, [*expected, *printed.texts])
    if missing:
        raise _fault(
            f"the printed PDF lacks {len(missing)} of its texts, the first is: {missing[0]}",
            theme,
        )
    chart, labels = _missing_labels(pages, printed.charts)
    if labels:
        raise _fault(
            f"no page of the printed PDF has all labels of chart {chart}; lacking: "
            f"{'; '.join(labels[:3])}",
            theme,
        )
    faults = structure_faults(printed.pdf)
    if faults:
        raise _fault(f"the PDF’s {faults[0]}", theme, NEWER)
    return len(found)


def _fault(told: str, theme: str, repair: str = DOCTOR) -> InputError | EnvironmentFault:
    """What a page is refused with, and whose fault it is."""
    if theme:
        return InputError(f"{told}. Mend the style of the theme {theme}, or print without it.")
    return EnvironmentFault(f"{told}. {repair}")


def _check_page(page: PageText, number: int, pages: int, mark: str, theme: str) -> None:
    text = squeezed(page.text)
    if page.blank or "\ufffd" in text:
        raise EnvironmentFault(
            f"page {number} of the PDF has characters without a glyph: install a CJK font. {DOCTOR}"
        )
    if page.outside:
        raise _fault(
            f"page {number} of the PDF runs over its edge at “{' '.join(page.outside.split())}”",
            theme,
        )
    if page.foreign_fonts:
        raise EnvironmentFault(
            f"page {number} of the PDF uses {page.foreign_fonts[0]} without carrying it."
        )
    if number > 1 and f"{number}/{pages}" not in text:
        raise _fault(f"page {number} of the PDF has no page number", theme, NEWER)
    if mark and (squeezed(mark) not in text or MARK_PIXELS not in page.pictures):
        raise _fault(f"page {number} of the PDF lacks its mark {mark}", theme)
