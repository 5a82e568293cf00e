"""XLSX to cells: the right sheet, values only, no zip that unpacks to far more than a table."""

import contextlib
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from kolkit.errors import EnvironmentFault, InputError
from kolkit.tables.cells import Cells, cell_text, place
from kolkit.tables.columns import OTHERS, Column, count_columns, find_columns
from kolkit.tables.refusals import MAX_UNPACKED_BYTES, empty_file, no_rows, short, too_many_rows

MAX_ZIP_RATIO = 200  # a sheet of repeated cells packs about 20:1, a bomb about 1000:1
MAX_ZIP_MEMBERS = 5_000
HEAD_ROWS = 1_000
"""Rows in which a sheet's header and first data are looked for."""


def read_xlsx(file: str, data: bytes, columns: Sequence[Column], max_rows: int) -> list[Cells]:
    """The needed columns of the visible sheet that holds them all."""
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise EnvironmentFault(
            "Excel files are not read without the package defusedxml, which is missing or switched "
            "off by OPENPYXL_DEFUSEDXML; install it or unset the variable."
        )
    _check_zip(file, data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl remarks on styles that we do not read
            with _opened(data) as book:
                sheet = _pick_sheet(file, book, columns)
                return _read_sheet(file, data, sheet, columns, max_rows)
    except InputError:
        raise
    except Exception as error:
        # Damaged workbooks fail inside openpyxl in many ways (KeyError, TypeError, XML errors,
        # entities refused by defusedxml); for the user they are all one.
        raise InputError(
            f"{file} is a damaged Excel workbook; open it in Excel and save it again, or send CSV."
        ) from error


def _check_zip(file: str, data: bytes) -> None:
    """Refuse what is no zip, or one that would unpack to far more than a table needs."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            f"{file} is an old or password-protected Excel file; save it as 'Excel workbook "
            "(.xlsx)' without a password."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InputError(
            f"{file} is not an Excel workbook, or is damaged; open it in Excel and save it again."
        ) from error
    unpacked = sum(member.file_size for member in members)
    ratio = unpacked / len(data)
    if (
        unpacked > MAX_UNPACKED_BYTES
        or len(members) > MAX_ZIP_MEMBERS
        or (ratio > MAX_ZIP_RATIO and unpacked > 1_000_000)
    ):
        raise InputError(
            f"{file} would unpack to {unpacked / 1e6:,.0f} MB ({ratio:,.0f} times its size), at "
            f"most {MAX_UNPACKED_BYTES / 1e6:,.0f} MB and {MAX_ZIP_RATIO} times are read; "
            "send the rows as CSV."
        )


@contextlib.contextmanager
def _opened(data: bytes, *, results: bool = False) -> Iterator[Any]:
    """The workbook with its formulas, or with the results that are stored with them."""
    import openpyxl

    book = openpyxl.load_workbook(
        io.BytesIO(data), read_only=True, keep_links=False, data_only=results
    )
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # the stated size may be wrong, or meant to exhaust memory
    try:
        yield book
    finally:
        book.close()


def _head(sheet: Any) -> list[list[str]]:
    """The first two rows that hold anything: the header and a row of data, if both are there."""
    rows = ([cell_text(v) for v in row] for row in sheet.iter_rows(values_only=True))
    filled = (row for row in islice(rows, HEAD_ROWS) if any(text.strip() for text in row))
    return list(islice(filled, 2))


def _pick_sheet(file: str, book: Any, columns: Sequence[Column]) -> Any:
    """The sheet that holds rows and every required column; else the one that comes nearest."""
    required = [column for column in columns if column.required]
    heads = {s.title: _head(s) for s in book.worksheets if s.sheet_state == "visible"}
    filled = [title for title, head in heads.items() if head]
    fitting = [t for t in filled if count_columns(heads[t][0], required) == len(required)]
    with_rows = [title for title in fitting if len(heads[title]) > 1]
    if len(with_rows) > 1:
        names = " and ".join(f"'{short(title)}'" for title in with_rows)
        raise InputError(
            f"{file} has {len(with_rows)} sheets with the needed columns: {names}; only one is "
            "read: put all rows on one of them, or hide what is not meant."
        )
    if not filled:
        raise empty_file(file)
    return book[(with_rows or fitting or filled)[0]]


def _results(data: bytes, sheet: str, max_rows: int) -> list[list[str]]:
    """Every row of a sheet by the results stored with its formulas; "=" where none is stored."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        # What a program other than a spreadsheet wrote has zeros that only Excel would replace.
        unsure = any(
            re.search(rb'fullCalcOnLoad="(1|true)"', archive.read(name))
            for name in archive.namelist()
            if name.endswith("workbook.xml")
        )

    def result(cell: Any) -> str:
        if cell.data_type == "str" and not unsure:
            return ""  # a text of no letters, which openpyxl takes for nothing
        return "=" if unsure or cell.value is None else cell_text(cell.value)

    with _opened(data, results=True) as book:
        rows = islice(book[sheet].iter_rows(), max_rows + 1)
        return [[result(cell) for cell in row] for row in rows]


def _read_sheet(
    file: str, data: bytes, sheet: Any, columns: Sequence[Column], max_rows: int
) -> list[Cells]:
    header: list[str] = []
    found: list[tuple[Column, int]] = []
    texts: list[list[str]] = []
    rows: list[int] = []
    results: list[list[str]] | None = None
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > max_rows + 1:
            raise too_many_rows(file, max_rows)
        if all(cell.value is None or cell.value == "" for cell in row):
            continue
        if not header:
            header = [cell_text(cell.value) for cell in row]
            found = find_columns(file, header, columns)
            texts = [[] for _ in found]
            continue
        unnamed = (i for i in range(len(header), len(row)) if row[i].value not in (None, ""))
        if OTHERS in columns and (i := next(unnamed, -1)) >= 0:
            raise InputError(
                f"{place(file, number, '', i)} has a value below no header; name its column or "
                "delete it."
            )
        told = []
        for _, i in found:
            cell = row[i] if i < len(row) else None
            if cell is None or cell.data_type != "f":
                told.append("" if cell is None else cell_text(cell.value))
                continue
            if OTHERS not in columns:
                raise InputError(
                    f"{place(file, number, header[i], i)} holds a formula, only values are read; "
                    "copy the column and paste it as values."
                )
            # Where any column may come, people calculate: what they see in the cell is meant.
            if results is None:
                results = _results(data, sheet.title, max_rows)
            told.append(results[number - 1][i])
        if OTHERS in columns and not any(text.strip() for text in told):
            continue  # formulas that wait for more clients
        rows.append(number)
        for values, text in zip(texts, told, strict=True):
            values.append(text)
    if not rows:
        raise no_rows(file)
    numbers = np.array(rows)
    return [
        Cells(file, column, header[i], i, numbers, pa.array(values, pa.large_string()), False)
        for values, (column, i) in zip(texts, found, strict=True)
    ]
