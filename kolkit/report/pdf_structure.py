"""The tagged structure of a printed report, as a machine reads it.

Checked: the file names its language, is marked as tagged and has a structure tree and an outline;
every figure carries alternative text, itself or through the figure it stands in or holds; headings
begin at the first level and descend by one at most; every table has header cells (cells themselves
are not looked into). That is what a program can see: whether the words help a reader, it cannot.
"""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

CELLS = ("TH", "TD")
"""Not looked into: they are most of a report, and hold words."""
GROUPS = (
    "Document",
    "Part",
    "Sect",
    "Div",
    "NonStruct",
    "THead",
    "TBody",
    "TFoot",
    "TR",
    "Caption",
)


def _text(read: Callable[..., int], node: Any) -> str:
    size = read(node, None, 0)
    told = (ctypes.c_ushort * (size // 2))()
    read(node, told, size)
    return bytes(told).decode("utf-16-le").rstrip("\0")


def _kind(node: Any) -> str:
    return _text(raw.FPDF_StructElement_GetType, node)


def _children(node: Any) -> Iterator[Any]:
    for place in range(raw.FPDF_StructElement_CountChildren(node)):
        child = raw.FPDF_StructElement_GetChildAtIndex(node, place)
        if child:
            yield child


def _has_header(table: Any) -> bool:
    """Whether a table has a header cell; rows may lie in a group of rows."""
    return any(
        kind == "TH" or (kind not in CELLS and _has_header(child))
        for child, kind in ((child, _kind(child)) for child in _children(table))
    )


def _described(node: Any) -> bool:
    """Whether a figure has alternative text, or holds one that has."""
    told = _text(raw.FPDF_StructElement_GetAltText, node)
    return bool(told) or any(_described(child) for child in _children(node))


@dataclass
class _Reading:
    """What has been met so far, and what was wrong with it."""

    faults: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    has_tree: bool = False
    in_table: bool = False
    """What was met last is a table that has a header."""
    carried: bool = False
    """Such a table ended the page before, and nothing was met on this one."""

    def page(self, page: pdfium.PdfPage) -> None:
        """Read the part of the tree that stands on a page."""
        self.carried = self.in_table
        tree = raw.FPDF_StructTree_GetForPage(page)
        for place in range(raw.FPDF_StructTree_CountChildren(tree)):
            self.has_tree = True
            self._node(raw.FPDF_StructTree_GetChildAtIndex(tree, place))
        raw.FPDF_StructTree_Close(tree)

    def _node(self, node: Any) -> None:
        kind = _kind(node)
        if kind in CELLS:
            return
        if kind == "Table":
            has_header = _has_header(node) or self.carried
            if not has_header:
                self.faults.append(f"table after heading {len(self.headings)} has no header cells")
            self.in_table, self.carried = has_header, False
        elif kind == "Figure":
            if not _described(node):
                self.faults.append(
                    f"figure after heading {len(self.headings)} has no alternative text"
                )
        elif kind[:1] == "H" and kind[1:].isdigit():
            self._heading(int(kind[1:]))
        if kind not in GROUPS and kind != "Table":
            self.in_table = self.carried = False
        if kind != "Figure":
            for child in _children(node):
                self._node(child)

    def _heading(self, level: int) -> None:
        if level > (self.headings[-1] if self.headings else 0) + 1:
            self.faults.append(f"heading {len(self.headings) + 1} skips to level {level}")
        self.headings.append(level)


def structure_faults(pdf: bytes) -> list[str]:
    """What the structure of a PDF lacks, each in a few words; empty if nothing does."""
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError:
        return ["structure cannot be read"]
    try:
        found = []
        if not _text(raw.FPDFCatalog_GetLanguage, document):
            found.append("language is not named")
        if not raw.FPDFCatalog_IsTagged(document):
            found.append("file is not marked as tagged")
        if next(document.get_toc(), None) is None:
            found.append("outline is missing")
        reading = _Reading()
        for number in range(len(document)):
            reading.page(document[number])
        if not reading.has_tree:
            return [*found, "structure tree is missing"]
        return found + reading.faults + ([] if reading.headings else ["headings are missing"])
    finally:
        document.close()
