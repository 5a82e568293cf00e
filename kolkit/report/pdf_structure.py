"""The tagged structure of a printed report, as a machine reads it.

Checked: the file names its language, is marked as tagged and has a structure tree and an outline;
every figure carries alternative text, itself or through the figure it stands in or holds; headings
begin at the first level and descend by one at most; every table has header cells (cells themselves
are not looked into). That is what a program can see: whether the words help a reader, it cannot.
"""

import io
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from kolkit.errors import EnvironmentFault

CELLS = ("/TH", "/TD")
"""Not looked into: they are most of a report, and hold words."""


def _children(node: Any) -> Iterator[Any]:
    held = node.get("/K")
    held = held.get_object() if hasattr(held, "get_object") else held
    for item in held if isinstance(held, list) else [held]:
        child = item.get_object() if hasattr(item, "get_object") else item
        if hasattr(child, "get") and "/S" in child:
            yield child


def _has_header(table: Any) -> bool:
    """Whether a table has a header cell; rows may lie in a group of rows."""
    return any(
        child["/S"] == "/TH" or (child["/S"] not in CELLS and _has_header(child))
        for child in _children(table)
    )


def _described(node: Any) -> bool:
    """Whether a figure has alternative text, or holds one that has."""
    return bool(node.get("/Alt")) or any(_described(child) for child in _children(node))


def _faults(node: Any, headings: list[int]) -> Iterator[str]:
    for child in _children(node):
        kind = str(child["/S"])
        if kind in CELLS:
            continue
        if kind == "/Figure":
            if not _described(child):
                yield f"figure after heading {len(headings)} has no alternative text"
            continue
        if kind[:2] == "/H" and kind[2:].isdigit():
            level = int(kind[2:])
            if level > (headings[-1] if headings else 0) + 1:
                yield f"heading {len(headings) + 1} skips to level {level}"
            headings.append(level)
        if kind == "/Table" and not _has_header(child):
            yield f"table after heading {len(headings)} has no header cells"
        yield from _faults(child, headings)


def structure_faults(pdf: bytes) -> list[str]:
    """What the structure of a PDF lacks, each in a few words; empty if nothing does."""
    try:
        reader = PdfReader(io.BytesIO(pdf))
        root: Any = reader.trailer["/Root"]
        found = []
        if not root.get("/Lang"):
            found.append("language is not named")
        if not root.get("/MarkInfo", {}).get("/Marked"):
            found.append("file is not marked as tagged")
        if not reader.outline:
            found.append("outline is missing")
        if "/StructTreeRoot" not in root:
            return [*found, "structure tree is missing"]
        headings: list[int] = []
        found += _faults(root["/StructTreeRoot"], headings)
        return found if headings else [*found, "headings are missing"]
    except (PyPdfError, KeyError, TypeError) as error:
        return [f"structure cannot be read ({type(error).__name__})"]


def check_structure(pdf: bytes) -> None:
    """Refuse a PDF whose structure lacks something.

    Raises
    ------
    EnvironmentFault
        names the first fault
    """
    faults = structure_faults(pdf)
    if faults:
        raise EnvironmentFault(
            f"the PDF’s {faults[0]}"
            + (f", and {len(faults) - 1} more" if faults[1:] else "")
            + ": update the browser (Chromium 131 or newer), or mend the theme."
        )
