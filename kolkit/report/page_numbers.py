"""The page on which each part of a printed report begins, for its list of contents."""

from collections.abc import Iterable

import pypdfium2 as pdfium
import pypdfium2.raw as raw


def pages_of(pdf: bytes, places: Iterable[str]) -> dict[str, int]:
    """Page, from 1, on which each place begins that a link leads to."""
    document = pdfium.PdfDocument(pdf)
    try:
        found = {}
        for place in places:
            target = raw.FPDF_GetNamedDestByName(document, place.encode())
            page = raw.FPDFDest_GetDestPageIndex(document, target) if target else -1
            if page >= 0:
                found[place] = page + 1
        return found
    finally:
        document.close()
