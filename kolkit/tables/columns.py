"""What a caller needs from a table, and how it is found in a file's header."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kolkit.errors import InputError
from kolkit.tables.refusals import short


@dataclass(frozen=True)
class Column:
    """One column that a caller needs, and the headers under which clients send it.

    Parameters
    ----------
    name : str
        Name in the frame that `read_table` returns; accepted as a header too.
    kind : {"number", "date", "text"}
        What its cells hold.
    synonyms : tuple of str
        Other headers, English or Chinese; case, spaces, underscores, hyphens, full-width forms
        and a trailing unit such as "(元)" do not matter.
    required : bool
        Whether a file without it is refused.
    minimum : float or None
        Smallest number allowed; None for no limit. Ignored for dates and text.
    """

    name: str
    kind: Literal["number", "date", "text"]
    synonyms: tuple[str, ...]
    required: bool
    minimum: float | None = 0


OTHERS = Column("*", "text", (), required=False)
"""Stands for every column that no other declaration names: as text, under its own header."""


def header_key(header: str) -> str:
    """A header as it is compared: folded, without separators, marks and a currency suffix."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    bare = re.sub(r"[\s_\-\ufeff\u200b\"']+", "", folded)
    return re.sub(r"\((?:元|人民币|rmb|cny|¥)\)$", "", bare)


def _accepted(column: Column) -> list[str]:
    return [column.name, *column.synonyms]


def check_declaration(columns: Sequence[Column]) -> None:
    """A header that could mean two columns is a defect of the caller, not of the file."""
    owner: dict[str, str] = {}
    for column in columns:
        for key in {header_key(header) for header in _accepted(column)}:
            if owner.setdefault(key, column.name) != column.name:
                raise ValueError(f"'{key}' names both {owner[key]} and {column.name}")
    if not any(column.required for column in columns):
        raise ValueError("at least one column must be required")


def find_columns(
    file: str, header: Sequence[str], columns: Sequence[Column]
) -> list[tuple[Column, int]]:
    """Position in the file of each column it holds; refuses missing and doubled ones."""
    keys = [header_key(text) for text in header]
    found, missing = [], []
    for column in columns:
        if column == OTHERS:
            continue
        accepted = {header_key(text) for text in _accepted(column)}
        hits = [i for i, key in enumerate(keys) if key in accepted]
        if len(hits) > 1:
            names = " and ".join(f"'{short(header[i])}'" for i in hits)
            raise InputError(
                f"{file} has {len(hits)} columns for {column.name}: {names}; "
                "keep the one that is meant and delete or rename the other."
            )
        if hits:
            found.append((column, hits[0]))
        elif column.required:
            missing.append(f"{column.name} (accepted names: {', '.join(_accepted(column))})")
    if missing:
        seen = ", ".join(f"'{short(text)}'" for text in header[:30] if text.strip()) or "none"
        raise InputError(
            f"{file} lacks the column {' and the column '.join(missing)}; "
            f"columns found: {seen}; rename the column that holds it."
        )
    if OTHERS in columns:
        found += _others(file, header, {i for _, i in found})
    return found


def _others(file: str, header: Sequence[str], taken: set[int]) -> list[tuple[Column, int]]:
    """The columns that no declaration names; one without a header is called by its letter."""
    from openpyxl.utils import get_column_letter

    found: list[tuple[Column, int]] = []
    seen: dict[str, str] = {}
    for i, text in enumerate(header):
        if i in taken:
            continue
        name = text.strip() or f"column {get_column_letter(i + 1)}"
        first = seen.setdefault(header_key(name), name)
        if len(seen) == len(found):
            raise InputError(
                f"{file} has two columns '{short(first)}' and '{short(name)}'; keep the one that "
                "is meant."
            )
        found.append((Column(name, "text", (), required=False), i))
    return found


def count_columns(header: Sequence[str], columns: Sequence[Column]) -> int:
    """How many of the needed columns a header row holds."""
    keys = {header_key(text) for text in header}
    return sum(any(header_key(text) in keys for text in _accepted(column)) for column in columns)
