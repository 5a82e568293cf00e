"""The page on which each part of a printed report begins, for its list of contents."""

import io

from pypdf import PdfReader


def pages_of(pdf: bytes, places: list[str]) -> dict[str, int]:
    """Page, from 1, on which each place begins that a link leads to."""
    reader = PdfReader(io.BytesIO(pdf))
    found = reader.named_destinations
    pages = {}
    for place in places:
        target = found.get(place) or found.get(f"/{place}")
        number = reader.get_destination_page_number(target) if target is not None else None
        if number is not None and number >= 0:
            pages[place] = number + 1
    return pages
