"""Frames to CSV or XLSX: whole files or none, and no text that a spreadsheet would run."""

import io
import math
import os
import re
import secrets
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kolkit.errors import EnvironmentFault, InputError
from kolkit.tables.calculation import Calculation, write_calculation
from kolkit.tables.cells import UNSAFE
from kolkit.tables.refusals import short

EXCEL_MAX_ROWS = 1_048_576
EXCEL_MAX_TEXT = 32_767
EXCEL_MAX_DIGITS = 10**15  # Excel keeps 15 digits: a longer order number must stay text


def write_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a frame as CSV that Excel opens without running or garbling anything.

    UTF-8 with a byte order mark (so that Chinese shows in Excel), CRLF line ends, no index.
    Text that starts with = + - @ tab or a line end is prefixed with an apostrophe, which
    `read_table` takes off again; numbers stay numbers. The file appears whole or not at all.

    Raises
    ------
    EnvironmentFault
        The file cannot be written.
    """
    safe = frame.copy()
    safe.columns = pd.Index([_safe_text(str(name)) for name in frame.columns])
    for i in range(safe.shape[1]):
        values = frame.iloc[:, i]
        if not pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_datetime64_dtype(
            values
        ):
            safe.isetitem(i, np.fromiter(map(_safe_text, values), dtype=object, count=len(safe)))
    with _replacing(Path(path)) as temporary:
        safe.to_csv(temporary, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def write_xlsx(
    sheets: Mapping[str, pd.DataFrame],
    path: str | Path,
    *,
    formats: Mapping[str, Mapping[str, str]] | None = None,
    sums: Mapping[str, Collection[str]] | None = None,
    calculations: Sequence[Calculation] = (),
    heads: Sequence[str] = (),
) -> None:
    """Write frames as the sheets of one workbook: text stays text, numbers stay numbers.

    Parameters
    ----------
    sheets : mapping of sheet name to DataFrame
        Names are cut to Excel's 31 characters, freed of characters it forbids and made unique.
        The index is not written. Headers are bold and frozen.
    path : path
        Appears whole or not at all.
    formats : mapping of sheet name to Excel number formats by column, optional
        Such as "#,##0" or "0.0%".
    sums : mapping of sheet name to columns, optional
        Columns whose last cell is the sum of those above; it is written as a formula.
    calculations : sheets that calculate, behind the first frame
    heads : of their columns, as `write_calculation` takes them

    Raises
    ------
    InputError
        More than 1,048,576 rows, or a text above 32,767 characters: Excel holds no more.
    EnvironmentFault
        The file cannot be written.
    """
    packed = xlsx_bytes(sheets, formats=formats, sums=sums, calculations=calculations, heads=heads)
    with _replacing(Path(path)) as temporary:
        temporary.write_bytes(packed)


def xlsx_bytes(
    sheets: Mapping[str, pd.DataFrame],
    *,
    formats: Mapping[str, Mapping[str, str]] | None = None,
    sums: Mapping[str, Collection[str]] | None = None,
    calculations: Sequence[Calculation] = (),
    heads: Sequence[str] = (),
) -> bytes:
    """The workbook that `write_xlsx` writes, for sending instead of keeping."""
    import xlsxwriter

    if not sheets:
        raise ValueError("a workbook needs at least one sheet")
    for name, frame in sheets.items():
        if len(frame) >= EXCEL_MAX_ROWS:
            raise InputError(
                f"the table '{short(name)}' has {len(frame):,} rows, an Excel sheet holds "
                f"{EXCEL_MAX_ROWS - 1:,}; write it as CSV or Parquet."
            )
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, options)
    given = list(sheets)
    safe = iter(_sheet_names([*given[:1], *(c.name for c in calculations), *given[1:]]))
    for number, name in enumerate(given):
        sheet, told = book.add_worksheet(next(safe)), (formats or {}).get(name, {})
        _write_sheet(book, sheet, sheets[name], told, (sums or {}).get(name, ()))
        if number == 0:
            for calculation in calculations:
                sheet = book.add_worksheet(next(safe))
                _print_setup(sheet)
                write_calculation(book, sheet, calculation, heads)
    book.close()
    return packed.getvalue()


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` that takes its place only when all was written."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise EnvironmentFault(
            f"{path.name} cannot be written to {path.parent}: {error}; "
            "check that the folder exists, may be written to and is not full."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _safe_text(value: Any) -> Any:
    """Text that a spreadsheet would run gets an apostrophe in front; all else is unchanged."""
    return f"'{value}" if isinstance(value, str) and re.match(UNSAFE, value) else value


def _sheet_names(names: Sequence[str]) -> list[str]:
    """Names that Excel accepts: no []:*?/\\ or control characters, 31 long, unique by case."""
    taken: set[str] = set()
    result = []
    for name in names:
        bare = "".join(" " if c in "[]:*?/\\" or not c.isprintable() else c for c in name)
        bare = " ".join(bare.split()).strip(" '")[:31].strip(" '") or "Sheet"
        if bare.casefold() == "history":  # reserved by Excel
            bare += "_"
        unique, copy = bare, 2
        while unique.casefold() in taken:
            unique = f"{bare[: 31 - len(str(copy)) - 3]} ({copy})"
            copy += 1
        taken.add(unique.casefold())
        result.append(unique)
    return result


def _print_setup(sheet: Any) -> None:
    """A4, as wide as one page, with file, sheet and page at its foot."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&F&C&A&R&P / &N")


def _write_sheet(
    book: Any,
    sheet: Any,
    frame: pd.DataFrame,
    formats: Mapping[str, str],
    sums: Collection[str] = (),
) -> None:
    _print_setup(sheet)
    sheet.repeat_rows(0)
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 0)
    for i, name in enumerate(frame.columns):
        header, values = str(name), frame.iloc[:, i]
        pattern = formats.get(header)
        if pattern is None and pd.api.types.is_datetime64_any_dtype(values):
            whole_days = (values.dropna() == values.dropna().dt.normalize()).all()
            pattern = "yyyy-mm-dd" if whole_days else "yyyy-mm-dd hh:mm"
        style = book.add_format({"num_format": pattern}) if pattern else None
        cells = values.astype(object).tolist()
        shown = [header, *(cell if isinstance(cell, str) else "0" * 10 for cell in cells[:200])]
        sheet.set_column(i, i, min(max(map(_display_width, shown)) + 2, 50), style)
        _put_text(sheet, 0, i, header, bold)
        for row, cell in enumerate(cells, start=1):
            if header in sums and row == len(cells) > 1:
                above = f"{_cell_name(1, i)}:{_cell_name(row - 1, i)}"
                sheet.write_formula(row, i, f"=SUM({above})", style, cell)
            else:
                _put(sheet, row, i, cell, style)


def _cell_name(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(row, column))


def _display_width(text: str) -> int:
    """Width in Latin characters; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text[:60])


def _put(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    """Write one cell by its type; missing values stay blank."""
    if isinstance(value, str):
        _put_text(sheet, row, column, value, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif pd.api.types.is_scalar(value) and pd.isna(value):
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, (int, np.integer)) and abs(int(value)) >= EXCEL_MAX_DIGITS:
        sheet.write_string(row, column, str(value), style)
    elif isinstance(value, (int, float, np.number)) and math.isfinite(value):
        sheet.write_number(row, column, float(value), style)
    elif isinstance(value, (datetime, date)):
        sheet.write_datetime(row, column, value, style)
    else:
        _put_text(sheet, row, column, str(value), style)


def _put_text(sheet: Any, row: int, column: int, text: str, style: Any) -> None:
    if len(text) > EXCEL_MAX_TEXT:
        raise InputError(
            f"a text of {len(text):,} characters (row {row + 1}, column {column + 1}) is longer "
            f"than the {EXCEL_MAX_TEXT:,} that an Excel cell holds; shorten it or write CSV."
        )
    if text.startswith("<r>") and text.endswith("</r>"):
        # XlsxWriter copies such a text into the sheet as raw XML; in pieces it is escaped.
        sheet.write_rich_string(row, column, "<", "r", text[2:], *([style] if style else []))
    else:
        sheet.write_string(row, column, text, style)
