"""What was laid over a printed PDF: notes, links and scripts, and whatever hides its words.

Each page is drawn by PDFium three times: whole, without its words and the mark of a draft, and
those alone. Where words or mark leave no trace in the whole page, they are covered or have the
colour of their ground. A drawing in an empty place hides nothing and is not found.
"""

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from kolkit.report.pdf_checks import MARK_PIXELS

SCALE = 0.75
"""Pixels per point: a line of text is six pixels high, which tells seen from hidden."""
PLAIN = raw.FPDF_RENDER_NO_SMOOTHTEXT | raw.FPDF_RENDER_NO_SMOOTHPATH
GROUND, PAPER = (1, 254, 3), (255, 255, 255)
"""What words alone are drawn on, which is no colour of a report; and what a page is."""
TEXT_TRACE, MARK_TRACE = 24, 5
"""Difference, of 255, that either must leave in the whole page: the mark of a draft is pale."""
HIDDEN, LEAST_HIDDEN = 0.2, 5
"""Share of a line's or the mark's points that may leave no trace, as labels cross one another and
the mark crosses greys as pale as itself; and so many points are not looked at."""
OPAQUE = 255
Points = NDArray[np.bool_]
Box = tuple[float, float, float, float]


def overlays(pdf: bytes, *, known_links: frozenset[str]) -> Iterator[str]:
    """What lies over a PDF's pages or travels in it beside them, in clauses.

    Parameters
    ----------
    pdf : of a report
    known_links : addresses that its document links to; other links lead into the PDF itself
    """
    document = pdfium.PdfDocument(pdf)
    try:
        if raw.FPDFDoc_GetJavaScriptActionCount(document):
            yield "the PDF carries a script"
        if raw.FPDFDoc_GetAttachmentCount(document):
            yield "the PDF carries another file"
        for number in range(len(document)):
            place = f"page {number + 1} of the PDF"
            yield from (f"{place} {told}" for told in _annotations(document[number], known_links))
            yield from (f"{place} {told}" for told in _hidden(document[number]))
    finally:
        document.close()


def _annotations(page: pdfium.PdfPage, known_links: frozenset[str]) -> Iterator[str]:
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, number)
        try:
            if raw.FPDFAnnot_GetSubtype(note) != raw.FPDF_ANNOT_LINK:
                words = _utf16(lambda *to, note=note: raw.FPDFAnnot_GetStringValue(
                    note, b"Contents", *to))  # fmt: skip
                yield "has a note over it" + (f": “{words}”" if words else "")
                continue
            action = raw.FPDFLink_GetAction(raw.FPDFAnnot_GetLink(note))
            if not action or raw.FPDFAction_GetType(action) == raw.PDFACTION_GOTO:
                continue
            address = _address(page.pdf, action)
            if address not in known_links:
                yield f"links to {address or 'something outside'}, which the report does not"
        finally:
            raw.FPDFPage_CloseAnnot(note)


def _utf16(read: Callable[..., int]) -> str:
    size = read(None, 0)
    told = (ctypes.c_ushort * (size // 2))()
    read(told, size)
    return bytes(told).decode("utf-16-le", errors="replace").rstrip("\0")


def _address(document: pdfium.PdfDocument, action: Any) -> str:
    told = ctypes.create_string_buffer(raw.FPDFAction_GetURIPath(document, action, None, 0) or 1)
    raw.FPDFAction_GetURIPath(document, action, told, len(told))
    return told.value.decode(errors="replace")


def _hidden(page: pdfium.PdfPage) -> Iterator[str]:
    """Lines of a page, and its mark, that are there and cannot be seen."""
    words: list[Any] = []
    others: list[Any] = []
    marks: list[Box] = []
    for number in range(raw.FPDFPage_CountObjects(page)):
        item = raw.FPDFPage_GetObject(page, number)
        if _is_mark(item):
            marks.append(_bounds(item))
        (words if _is_mark(item) or _has_text(item) else others).append(item)
    without = _drawn(page, PAPER, leaving_out=words)
    trace = _difference(_drawn(page, PAPER), without)
    alone = _drawn(page, GROUND, leaving_out=others)
    ink = _difference(alone, np.array((*GROUND, OPAQUE), dtype=np.uint8))
    found = list(_lost_lines(page, ink > TEXT_TRACE, trace > TEXT_TRACE))
    if found:
        others_told = f" and {len(found) - 1} more" if len(found) > 1 else ""
        yield f"hides “{found[0]}”{others_told}"
    if any(_lost(ink > MARK_TRACE, trace > MARK_TRACE, box) for box in marks):
        yield "hides its mark of a draft"


def _lost_lines(page: pdfium.PdfPage, ink: Points, seen: Points) -> Iterator[str]:
    if not (ink & ~seen).any():
        return
    text = page.get_textpage()
    for number in range(text.count_rects()):
        box = text.get_rect(number)
        if _lost(ink, seen, box):
            yield " ".join(text.get_text_bounded(*box).split())


def _is_mark(item: Any) -> bool:
    across, down = ctypes.c_uint(), ctypes.c_uint()
    return (
        raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_IMAGE
        and bool(raw.FPDFImageObj_GetImagePixelSize(item, across, down))
        and (across.value, down.value) == MARK_PIXELS
    )


def _has_text(item: Any) -> bool:
    """Whether something drawn is text, or a group that holds any."""
    kind = raw.FPDFPageObj_GetType(item)
    return kind == raw.FPDF_PAGEOBJ_TEXT or (
        kind == raw.FPDF_PAGEOBJ_FORM
        and any(
            _has_text(raw.FPDFFormObj_GetObject(item, number))
            for number in range(raw.FPDFFormObj_CountObjects(item))
        )
    )


def _bounds(item: Any) -> Box:
    ends = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(item, *ends)
    left, bottom, right, top = (end.value for end in ends)
    return left, bottom, right, top


def _drawn(
    page: pdfium.PdfPage, ground: tuple[int, int, int], leaving_out: list[Any] | None = None
) -> NDArray[np.uint8]:
    """A page as rows × columns × red, green, blue and a constant, 0 to 255."""
    across, down = (round(SCALE * size) for size in page.get_size())
    bitmap = pdfium.PdfBitmap.new_native(across, down, raw.FPDFBitmap_BGRx)
    bitmap.fill_rect((*ground, OPAQUE), 0, 0, across, down)
    for item in leaving_out or ():
        raw.FPDFPageObj_SetIsActive(item, False)
    raw.FPDF_RenderPageBitmap(
        bitmap, page, 0, 0, across, down, 0, PLAIN | raw.FPDF_REVERSE_BYTE_ORDER
    )
    for item in leaving_out or ():
        raw.FPDFPageObj_SetIsActive(item, True)
    return bitmap.to_numpy()


def _difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The largest difference of any colour, rows × columns."""
    apart = np.maximum(one, other) - np.minimum(one, other)
    return np.maximum(np.maximum(apart[..., 0], apart[..., 1]), apart[..., 2])


def _lost(ink: Points, seen: Points, box: Box) -> bool:
    """Whether too much of what is drawn in a box (points from the lower left) leaves no trace."""
    left, bottom, right, top = (SCALE * end for end in box)
    high, start = len(ink), max(0, int(left))
    part = np.s_[max(0, int(high - top)) : int(high - bottom) + 1, start : int(right) + 1]
    drawn, lost = np.count_nonzero(ink[part]), np.count_nonzero(ink[part] & ~seen[part])
    return bool(lost >= LEAST_HIDDEN and lost > HIDDEN * drawn)
