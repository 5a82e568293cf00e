"""CSV, TSV and other separated text to cells: encoding, separator, blank and broken rows."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import PurePath

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kolkit.errors import InputError
from kolkit.tables.cells import Cells, mask, one_piece
from kolkit.tables.columns import Column, count_columns, find_columns
from kolkit.tables.refusals import empty_file, no_rows, too_many_rows

_BINARY_STARTS = {
    b"PK\x03\x04": "an Excel or zip file",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an old or password-protected Excel file",
    b"%PDF": "a PDF",
}


def read_text(file: str, data: bytes, columns: Sequence[Column], max_rows: int) -> list[Cells]:
    """The needed columns of a separated text."""
    text = _decode(file, data)
    body = re.sub(r"^\ufeff?(?:[ \t]*(?:\r\n|\r|\n))*", "", text, count=1)
    above = len(re.findall(r"\r\n|\r|\n", text[: len(text) - len(body)]))
    if not body.strip():
        raise empty_file(file)
    first = re.split(r"[\r\n]", body, maxsplit=1)[0]
    try:
        delimiter = _delimiter(first, columns, PurePath(file).suffix.lower())
        # Every column is read: with `usecols` pandas would no longer notice a row with too many
        # fields, and an unquoted "1,234.50" would shift its neighbours in silence.
        frame = pd.read_csv(
            io.BytesIO(body.encode("utf-8")),
            sep=delimiter,
            header=None,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
            nrows=max_rows + 2,
            engine="c",
        )
    except (pd.errors.ParserError, csv.Error) as error:
        raise _broken_text(file, str(error), above) from error
    arrays = [one_piece(pa.array(frame[i], type=pa.large_string())) for i in frame.columns]
    header = [array[0].as_py() for array in arrays]
    found = find_columns(file, header, columns)
    if len(frame) > max_rows + 1:
        raise too_many_rows(file, max_rows)
    blank = np.ones(len(frame), dtype=bool)
    for array in arrays:
        if not blank.any():
            break
        blank &= mask(pc.equal(pc.utf8_trim_whitespace(array), ""))
    keep = ~blank
    keep[0] = False
    rows = np.flatnonzero(keep) + 1 + above
    if not len(rows):
        raise no_rows(file)
    chosen = pa.array(keep)
    return [
        Cells(file, column, header[i], i, rows, pc.filter(arrays[i], chosen), from_csv=True)
        for column, i in found
    ]


def _decode(file: str, data: bytes) -> str:
    """Text of a CSV: UTF-8, UTF-16 with a byte order mark, or GB18030 (which contains GBK)."""
    for start, what in _BINARY_STARTS.items():
        if data.startswith(start):
            raise InputError(
                f"{file} is named like text but is {what}; give it its right extension."
            )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif data.startswith(b"\xef\xbb\xbf"):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise InputError(
        f"{file} is neither UTF-8 nor GBK text; in Excel, save it as 'CSV UTF-8' or as .xlsx."
    )


def _delimiter(first: str, columns: Sequence[Column], suffix: str) -> str:
    """The delimiter whose header names most needed columns, then gives most fields."""
    order = "\t,;" if suffix == ".tsv" else ",;\t"

    def score(delimiter: str) -> tuple[int, int]:
        header = next(csv.reader([first], delimiter=delimiter), [])
        return count_columns(header, columns), len(header)

    return max(order, key=score)


def _broken_text(file: str, message: str, above: int) -> InputError:
    """A parser's complaint in our words, with the row as the user counts it."""
    wide = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if wide:
        expected, row, got = (int(group) for group in wide.groups())
        return InputError(
            f"{file}, row {row + above} has {got} fields where the header has {expected}; put "
            'fields that contain the separator (such as "1,234.50") in double quotes.'
        )
    quote = re.search(r"EOF inside string starting at row (\d+)", message)
    if quote:
        return InputError(
            f"{file}, row {int(quote.group(1)) + 1 + above} opens a double quote that is never "
            "closed; close it or remove it."
        )
    return InputError(f"{file} cannot be read as a table; save it again as 'CSV UTF-8' or .xlsx.")
