"""XLSX to cells: the right sheet, no formulas, no zip that unpacks to far more than a table."""

import io
import warnings
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from kolkit.errors import EnvironmentFault, InputError
from kolkit.tables.cells import Cells, cell_text, place
from kolkit.tables.columns import OTHERS, Column, count_columns, find_columns
from kolkit.tables.refusals import MAX_UNPACKED_BYTES, empty_file, no_rows, too_many_rows

MAX_ZIP_RATIO = 200  # a sheet of repeated cells packs about 20:1, a bomb about 1000:1
MAX_ZIP_MEMBERS = 5_000


def read_xlsx(file: str, data: bytes, columns: Sequence[Column], max_rows: int) -> list[Cells]:
    """The needed columns of a workbook's first sheet that holds them all."""
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
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            try:
                sheet = _pick_sheet(file, book, columns)
                return _read_sheet(file, sheet, columns, max_rows)
            finally:
                book.close()
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


def _pick_sheet(file: str, book: Any, columns: Sequence[Column]) -> Any:
    """The first sheet that holds every required column, or else the first that holds anything."""
    required = [column for column in columns if column.required]
    filled = None
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # the stated size may be wrong, or meant to exhaust memory
        for number, row in enumerate(sheet.iter_rows(values_only=True)):
            header = [cell_text(value) for value in row]
            if any(text.strip() for text in header):
                filled = filled or sheet
                if count_columns(header, required) == len(required):
                    return sheet
                break
            if number > 1000:
                break
    if filled is None:
        raise empty_file(file)
    return filled


def _read_sheet(file: str, sheet: Any, columns: Sequence[Column], max_rows: int) -> list[Cells]:
    header: list[str] = []
    found: list[tuple[Column, int]] = []
    texts: list[list[str]] = []
    rows: list[int] = []
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
        rows.append(number)
        unnamed = (i for i in range(len(header), len(row)) if row[i].value not in (None, ""))
        if OTHERS in columns and (i := next(unnamed, -1)) >= 0:
            raise InputError(
                f"{place(file, number, '', i)} has a value below no header; name its column or "
                "delete it."
            )
        for values, (_, i) in zip(texts, found, strict=True):
            cell = row[i] if i < len(row) else None
            # Where any column may come, a row answers for its own cells: the formula is its text.
            if cell is not None and cell.data_type == "f" and OTHERS not in columns:
                raise InputError(
                    f"{place(file, number, header[i], i)} holds a formula, only values are read; "
                    "copy the column and paste it as values."
                )
            values.append("" if cell is None else cell_text(cell.value))
    if not rows:
        raise no_rows(file)
    numbers = np.array(rows)
    return [
        Cells(file, column, header[i], i, numbers, pa.array(values, pa.large_string()), False)
        for values, (column, i) in zip(texts, found, strict=True)
    ]
