"""Read any table a client sends, write tables that are safe to open.

Contents: `Column` declares what is needed; `read_source` loads a file within a size limit;
`read_table` turns CSV, XLSX or Parquet into a frame with our own column names; `write_csv` and
`write_xlsx` write atomically and never let text become a formula.

Conventions: numbers are float64 in plain units (万, 亿, k, m and currency signs are resolved here
and nowhere else), dates are naive datetime64[us] (China standard time where the file gives a UTC
offset), text is `str` and never missing (an empty cell is ""). Rows are numbered as a person sees
them: the header is row 1. A mistake in the file raises `InputError` and names the cell.
"""

import csv
import io
import math
import os
import re
import secrets
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any, Literal

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xlsxwriter
from openpyxl.utils import get_column_letter
from xlsxwriter.exceptions import FileCreateError

from kolkit.errors import EnvironmentFault, InputError

Source = str | Path | tuple[str, bytes]

MAX_BYTES = 50_000_000
MAX_ROWS = 2_000_000
MAX_UNPACKED_BYTES = 500_000_000
MAX_ZIP_RATIO = 200  # a sheet of repeated cells packs about 20:1, a bomb about 1000:1
MAX_ZIP_MEMBERS = 5_000
EXCEL_MAX_ROWS = 1_048_576
EXCEL_MAX_TEXT = 32_767
EXCEL_MAX_DIGITS = 10**15  # Excel keeps 15 digits: a longer order number must stay text

_TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
_BINARY_STARTS = {
    b"PK\x03\x04": "an Excel or zip file",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an old or password-protected Excel file",
    b"%PDF": "a PDF",
}

# Only these characters may occur in a number; the check comes before full-width digits are folded,
# because folding alone would read "10²" as 102.
_NUMBER_ALPHABET = r"^[\x20-\x7e\s\x{00A0}\x{3000}！-～￥¥−元万萬亿億千百人民币]*$"
_UNITS = {
    "": 0, "k": 3, "千": 3, "w": 4, "万": 4, "萬": 4, "m": 6, "百万": 6,
    "千万": 7, "亿": 8, "億": 8, "bn": 9,
}  # fmt: skip
_NUMBER = (
    r"^(?P<sign>-?)\s*(?:¥|rmb|cny)?\s*"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.?\d*|\.\d+)"
    r"(?:(?P<power>e[-+]?\d{1,3})|\s*(?P<unit>k|千万|千|w|百万|万|萬|m|亿|億|bn))?"
    r"\s*(?:元|人民币|rmb|cny)?$"
)
_DATE = (
    r"^(?:(?P<y>\d{4})\s?[-/.年]\s?(?P<m>\d{1,2})\s?[-/.月]\s?(?P<d>\d{1,2})日?"
    r"|(?P<y2>\d{4})(?P<m2>\d{2})(?P<d2>\d{2}))"
    r"(?:[Tt\s]\s*(?P<hh>\d{1,2}):(?P<mm>\d{2})(?::(?P<ss>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<zone>[Zz]|[-+]\d{2}:?\d{2})?)?$"
)
_CHINA_OFFSET_MINUTES = 8 * 60

# What makes a spreadsheet program run a cell; the full-width forms count in a Chinese locale.
_TRIGGERS = "=+\\-@\t\r\n＝＋－＠"
_UNSAFE = rf"^'*[{_TRIGGERS}]"
_QUOTED = rf"^'+[{_TRIGGERS}]"


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


@dataclass(frozen=True)
class _Cells:
    """One column of the file: arrow values, and what is needed to point at a cell."""

    file: str
    column: Column
    header: str
    position: int  # 0-based column in the file
    rows: np.ndarray  # row numbers as a person sees them
    values: Any  # pyarrow array: large_string, or a number / timestamp type from Parquet
    from_csv: bool

    def where(self, index: int) -> str:
        """The place of one cell, in words."""
        row = int(self.rows[index])
        cell = f"{get_column_letter(self.position + 1)}{row}"
        return f"{self.file}, row {row}, column '{_short(self.header)}' (cell {cell})"

    def fail(self, bad: np.ndarray, problem: str, repair: str) -> InputError:
        """The error for the first cell marked in `bad` (boolean, one per row)."""
        index = int(np.argmax(bad))
        others = int(bad.sum()) - 1
        also = f" (and {others:,} more like it)" if others else ""
        value = _short(str(self.values[index].as_py()))
        return InputError(f"{self.where(index)}: '{value}' {problem}{also}; {repair}.")


def read_source(source: Source, *, max_bytes: int = MAX_BYTES) -> tuple[str, bytes]:
    """Base name and bytes of a file or an upload, refused before opening when too large.

    Parameters
    ----------
    source : path, or (name, bytes) as an upload gives it
    max_bytes : int
        Largest size accepted, in bytes.

    Raises
    ------
    InputError
        No such file, a folder, an empty file, or one above the limit.
    EnvironmentFault
        The file is there but cannot be read.
    """
    if isinstance(source, tuple):
        name, data = re.split(r"[\\/]", source[0])[-1], source[1]
        size = len(data)
    else:
        path = Path(source)
        name, data = path.name, b""
        if not path.is_file():
            raise InputError(
                f"{source} is not a file; give the path of a CSV, XLSX or Parquet file."
            )
        size = path.stat().st_size
    if size > max_bytes:
        raise InputError(
            f"{name} has {size / 1e6:,.1f} MB, at most {max_bytes / 1e6:,.1f} MB are read; "
            "keep only the columns and dates that are needed."
        )
    if not isinstance(source, tuple):
        try:
            data = path.read_bytes()
        except OSError as error:
            raise EnvironmentFault(f"{name} cannot be read: {error.strerror}.") from error
    if not data.strip():
        raise _empty(name)
    return name, data


def read_table(
    source: Source,
    columns: Sequence[Column],
    *,
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
) -> pd.DataFrame:
    """Read a CSV, TSV, XLSX or Parquet table into our own column names and plain units.

    Parameters
    ----------
    source : path, or (name, bytes)
        The extension of the name decides the format; the content must agree with it.
        Text is UTF-8, UTF-16 with a mark, or GB18030 / GBK, separated by comma, semicolon or tab.
    columns : sequence of Column
        What is needed; everything else in the file is dropped unseen.
    max_bytes, max_rows : int
        Limits on the size of the file and on its data rows.

    Returns
    -------
    DataFrame
        The columns found, in the order of `columns` (an optional column that the file lacks is
        absent). Numbers float64 with NaN for an empty cell, dates datetime64[us] with NaT, text
        str with "". The index, named "row", is the row number in the file, header = 1; blank rows
        are left out. In an XLSX the first sheet that holds every required column is read.

    Raises
    ------
    InputError
        Anything wrong with the file: format, size, missing or doubled columns, no data rows, and
        any cell that is not what its column needs (named by row, column and cell).

    Examples
    --------
    >>> followers = Column("followers", "number", ("粉丝数",), required=True)
    >>> upload = ("roster.csv", "粉丝数\\n1.2万\\n".encode("gbk"))
    >>> read_table(upload, [followers])["followers"].tolist()
    [12000.0]
    """
    _check_declaration(columns)
    name, data = read_source(source, max_bytes=max_bytes)
    suffix = PurePath(name).suffix.lower()
    if suffix in _TEXT_SUFFIXES:
        found = _read_text(name, data, columns, max_rows)
    elif suffix == ".xlsx":
        found = _read_xlsx(name, data, columns, max_rows)
    elif suffix == ".parquet":
        found = _read_parquet(name, data, columns, max_rows)
    else:
        raise InputError(
            f"{name} must end in .csv, .tsv, .txt, .xlsx or .parquet; got '{_short(suffix)}'. "
            "In Excel, save it as 'Excel workbook (.xlsx)'."
        )
    convert = {"number": _numbers, "date": _dates, "text": _texts}
    frame = {cells.column.name: convert[cells.column.kind](cells) for cells in found}
    return pd.DataFrame(frame, index=pd.Index(found[0].rows, name="row"))


# --- headers -------------------------------------------------------------------------------------


def _key(header: str) -> str:
    """A header as it is compared: folded, without separators, marks and a currency suffix."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    bare = re.sub(r"[\s_\-\ufeff\u200b\"']+", "", folded)
    return re.sub(r"\((?:元|人民币|rmb|cny|¥)\)$", "", bare)


def _accepted(column: Column) -> list[str]:
    return [column.name, *column.synonyms]


def _check_declaration(columns: Sequence[Column]) -> None:
    """A header that could mean two columns is a defect of the caller, not of the file."""
    owner: dict[str, str] = {}
    for column in columns:
        for key in {_key(header) for header in _accepted(column)}:
            if owner.setdefault(key, column.name) != column.name:
                raise ValueError(f"'{key}' names both {owner[key]} and {column.name}")
    if not any(column.required for column in columns):
        raise ValueError("at least one column must be required")


def _match(file: str, header: Sequence[str], columns: Sequence[Column]) -> list[tuple[Column, int]]:
    """Position in the file of each column it holds; refuses missing and doubled ones."""
    keys = [_key(text) for text in header]
    found, missing = [], []
    for column in columns:
        accepted = {_key(text) for text in _accepted(column)}
        hits = [i for i, key in enumerate(keys) if key in accepted]
        if len(hits) > 1:
            names = " and ".join(f"'{_short(header[i])}'" for i in hits)
            raise InputError(
                f"{file} has {len(hits)} columns for {column.name}: {names}; "
                "keep the one that is meant and delete or rename the other."
            )
        if hits:
            found.append((column, hits[0]))
        elif column.required:
            missing.append(f"{column.name} (accepted names: {', '.join(_accepted(column))})")
    if missing:
        seen = ", ".join(f"'{_short(text)}'" for text in header[:30] if text.strip()) or "none"
        raise InputError(
            f"{file} lacks the column {' and the column '.join(missing)}; "
            f"columns found: {seen}; rename the column that holds it."
        )
    return found


def _matches(header: Sequence[str], columns: Sequence[Column]) -> int:
    """How many of the needed columns a header row holds."""
    keys = {_key(text) for text in header}
    return sum(any(_key(text) in keys for text in _accepted(column)) for column in columns)


def _short(text: str, limit: int = 40) -> str:
    """Text for a message: one line, no control characters, cut to `limit` characters."""
    line = "".join(c if c.isprintable() else " " for c in text).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _empty(file: str) -> InputError:
    return InputError(f"{file} is empty; send a table with a header row and at least one row.")


def _no_rows(file: str) -> InputError:
    return InputError(f"{file} has a header but no rows; send at least one row of data.")


def _too_many_rows(file: str, max_rows: int) -> InputError:
    return InputError(
        f"{file} has more than the {max_rows:,} rows allowed; split it or keep fewer dates."
    )


# --- the three formats ---------------------------------------------------------------------------


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
        return _matches(header, columns), len(header)

    return max(order, key=score)


def _read_text(file: str, data: bytes, columns: Sequence[Column], max_rows: int) -> list[_Cells]:
    text = _decode(file, data)
    blank_top = re.match(r"\ufeff?(?:[ \t]*(?:\r\n|\r|\n))*", text)
    above = len(re.findall(r"\r\n|\r|\n", blank_top.group())) if blank_top else 0
    body = text[blank_top.end() :] if blank_top else text
    if not body.strip():
        raise _empty(file)
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
    arrays = [_one_piece(pa.array(frame[i], type=pa.large_string())) for i in frame.columns]
    header = [array[0].as_py() for array in arrays]
    found = _match(file, header, columns)
    if len(frame) > max_rows + 1:
        raise _too_many_rows(file, max_rows)
    blank = np.ones(len(frame), dtype=bool)
    for array in arrays:
        if not blank.any():
            break
        blank &= _mask(pc.equal(pc.utf8_trim_whitespace(array), ""))
    keep = ~blank
    keep[0] = False
    rows = np.flatnonzero(keep) + 1 + above
    if not len(rows):
        raise _no_rows(file)
    chosen = pa.array(keep)
    return [
        _Cells(file, column, header[i], i, rows, pc.filter(arrays[i], chosen), from_csv=True)
        for column, i in found
    ]


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


def _read_xlsx(file: str, data: bytes, columns: Sequence[Column], max_rows: int) -> list[_Cells]:
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


def _pick_sheet(file: str, book: Any, columns: Sequence[Column]) -> Any:
    """The first sheet that holds every required column, or else the first that holds anything."""
    required = [column for column in columns if column.required]
    filled = None
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # the stated size may be wrong, or meant to exhaust memory
        for number, row in enumerate(sheet.iter_rows(values_only=True)):
            header = [_cell_text(value) for value in row]
            if any(text.strip() for text in header):
                filled = filled or sheet
                if _matches(header, required) == len(required):
                    return sheet
                break
            if number > 1000:
                break
    if filled is None:
        raise _empty(file)
    return filled


def _read_sheet(file: str, sheet: Any, columns: Sequence[Column], max_rows: int) -> list[_Cells]:
    header: list[str] = []
    found: list[tuple[Column, int]] = []
    texts: list[list[str]] = []
    rows: list[int] = []
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > max_rows + 1:
            raise _too_many_rows(file, max_rows)
        if all(cell.value is None or cell.value == "" for cell in row):
            continue
        if not header:
            header = [_cell_text(cell.value) for cell in row]
            found = _match(file, header, columns)
            texts = [[] for _ in found]
            continue
        rows.append(number)
        for values, (_, i) in zip(texts, found, strict=True):
            cell = row[i] if i < len(row) else None
            if cell is not None and cell.data_type == "f":
                raise InputError(
                    f"{file}, row {number}, column '{_short(header[i])}' (cell "
                    f"{get_column_letter(i + 1)}{number}) holds a formula, only values are read; "
                    "copy the column and paste it as values."
                )
            values.append("" if cell is None else _cell_text(cell.value))
    if not rows:
        raise _no_rows(file)
    numbers = np.array(rows)
    return [
        _Cells(file, column, header[i], i, numbers, pa.array(values, pa.large_string()), False)
        for values, (column, i) in zip(texts, found, strict=True)
    ]


def _cell_text(value: Any) -> str:
    """An Excel value as text that the parsers below read back without loss."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        # Excel stores fractions of a day: round, or 20:00:00 becomes 19:59:59.
        rounded = value + timedelta(microseconds=500_000)
        return rounded.replace(microsecond=0).isoformat(sep=" ")
    # Excel's escape for a carriage return, which openpyxl leaves as it stands.
    return str(value).replace("_x000D_", "\r")


def _read_parquet(file: str, data: bytes, columns: Sequence[Column], max_rows: int) -> list[_Cells]:
    try:
        schema = pq.read_schema(pa.BufferReader(data))
        found = _match(file, schema.names, columns)
        names = [schema.names[i] for _, i in found]
        # Dictionaries keep a repeated text once: its unpacked size is known before unpacking.
        plain = [name for name in names if not pa.types.is_nested(schema.field(name).type)]
        opened = pq.ParquetFile(pa.BufferReader(data), read_dictionary=plain)
        if opened.metadata.num_rows > max_rows:
            raise _too_many_rows(file, max_rows)
        if not opened.metadata.num_rows:
            raise _no_rows(file)
        _check_unpacked(file, _stored_size(opened.metadata, set(names)))
        table = opened.read(columns=names, use_threads=False)
        rows = np.arange(table.num_rows) + 2
        return [
            _Cells(file, column, schema.names[i], i, rows, _flat(file, column, table[name]), False)
            for (column, i), name in zip(found, names, strict=True)
        ]
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{file} is not a Parquet file, or is damaged; write it again or send CSV."
        ) from error


def _stored_size(metadata: Any, names: set[str]) -> int:
    """Bytes of the needed columns before compression, as the file's own index states."""
    chunks = (
        metadata.row_group(group).column(i)
        for group in range(metadata.num_row_groups)
        for i in range(metadata.num_columns)
    )
    return sum(c.total_uncompressed_size for c in chunks if c.path_in_schema.split(".")[0] in names)


def _check_unpacked(file: str, unpacked: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES:
        raise InputError(
            f"{file} would unpack to {unpacked / 1e6:,.0f} MB, at most "
            f"{MAX_UNPACKED_BYTES / 1e6:,.0f} MB are read; keep fewer rows or shorter texts."
        )


def _flat(file: str, column: Column, values: Any) -> Any:
    """A Parquet column as numbers, timestamps or text, in one piece; nulls in text become ""."""
    if pa.types.is_dictionary(values.type):
        unpacked = sum(
            pc.sum(pc.take(pc.binary_length(chunk.dictionary), chunk.indices)).as_py() or 0
            for chunk in values.chunks
            if pa.types.is_large_string(chunk.type.value_type)
            or pa.types.is_string(chunk.type.value_type)
        )
        _check_unpacked(file, unpacked)
    is_number = (
        pa.types.is_integer(values.type)
        or pa.types.is_floating(values.type)
        or pa.types.is_decimal(values.type)
    )
    is_time = pa.types.is_timestamp(values.type) or pa.types.is_date(values.type)
    if column.kind == "number" and is_number:
        kind = pa.float64()
    elif column.kind == "date" and is_time:
        kind = pa.timestamp("us", getattr(values.type, "tz", None))
    elif pa.types.is_nested(values.type):
        raise InputError(
            f"{file}: the column for {column.name} holds {values.type} values; write plain ones."
        )
    elif pa.types.is_floating(values.type):  # ids stored as floats: 12345.0 is meant as 12345
        texts = [_cell_text(value) for value in values.to_pylist()]
        return pa.array(texts, pa.large_string())
    else:
        kind = pa.large_string()
    flat = _one_piece(pc.cast(values, kind, safe=False))
    return pc.fill_null(flat, "") if kind == pa.large_string() else flat


# --- cells ---------------------------------------------------------------------------------------


def _one_piece(values: Any) -> Any:
    """A chunked arrow array as a plain one, which every kernel below accepts."""
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _mask(values: Any) -> np.ndarray:
    """An arrow boolean array as numpy, null counting as False."""
    return pc.fill_null(values, False).to_numpy(zero_copy_only=False).astype(bool)


def _refuse_formulas(cells: _Cells, bad: np.ndarray) -> None:
    """Name a formula as what it is; called only once some cell was not understood."""
    if cells.from_csv:
        formula = bad & _mask(pc.match_substring_regex(cells.values, r"^\s*([=+@]|-\s*[^\s\d.¥-])"))
        if formula.any():
            raise cells.fail(
                formula, "looks like a formula, only values are read", "paste the column as values"
            )


def _numbers(cells: _Cells) -> pd.Series:
    """float64, empty -> NaN; text is tried as plain digits first, then with units and signs."""
    values = cells.values
    if pa.types.is_floating(values.type):
        numbers = values.to_numpy(zero_copy_only=False).astype(float)
        bad = np.isinf(numbers)
    else:
        trimmed = pc.utf8_trim_whitespace(values)
        nothing = pa.scalar(None, pa.large_string())
        filled = pc.if_else(pc.equal(trimmed, ""), nothing, trimmed)
        numbers, bad = _parse_numbers(filled)
        _refuse_formulas(cells, bad)
    if bad.any():
        raise cells.fail(
            bad,
            "is not a number that can be read",
            "write digits such as 1234.50, 1,234.50, 1.2万 or ¥320, or leave the cell empty",
        )
    minimum = cells.column.minimum
    if minimum is not None and (low := numbers < minimum).any():
        raise cells.fail(low, f"is below the smallest value allowed, {minimum:g}", "correct it")
    return pd.Series(numbers, index=pd.Index(cells.rows, name="row"))


def _parse_numbers(texts: Any) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (NaN where empty or not understood) and a mask of what was not understood."""
    empty = _mask(pc.is_null(texts))
    try:
        plain = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        pass
    else:
        # The cast also takes "nan", "inf" and "+5", which are decided below.
        if np.isfinite(plain[~empty]).all() and not pc.any(pc.starts_with(texts, "+")).as_py():
            return plain, np.zeros(len(plain), dtype=bool)
    known = pc.match_substring_regex(texts, _NUMBER_ALPHABET)
    folded = pc.utf8_lower(pc.utf8_normalize(pc.if_else(known, texts, ""), form="NFKC"))
    parts = pc.extract_regex(pc.replace_substring(folded, "−", "-"), _NUMBER)
    sign, digits, power, unit = (
        pc.struct_field(parts, field) for field in ("sign", "digits", "power", "unit")
    )
    exponents = pa.array([f"e{value}" for value in _UNITS.values()], pa.large_string())
    exponent = pc.take(exponents, pc.index_in(unit, pa.array(list(_UNITS), unit.type)))
    exponent = pc.if_else(pc.equal(power, ""), exponent, power)
    digits = pc.replace_substring(digits, ",", "")
    # The unit goes in as an exponent, so that 2.3万 is 23000 and not 22999.999999999996.
    written = pc.binary_join_element_wise(sign, digits, exponent, pa.scalar("", pa.large_string()))
    numbers = pc.cast(written, pa.float64()).to_numpy(zero_copy_only=False).astype(float)
    return numbers, ~empty & ~np.isfinite(numbers)


def _dates(cells: _Cells) -> pd.Series:
    """datetime64[us] without a zone, empty -> NaT; year first, since 3/4/2026 has two readings."""
    index = pd.Index(cells.rows, name="row")
    if pa.types.is_timestamp(cells.values.type):
        moments = pd.Series(cells.values.to_pandas()).astype(cells.values.type.to_pandas_dtype())
        if moments.dt.tz is not None:
            moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
            moments += pd.Timedelta(minutes=_CHINA_OFFSET_MINUTES)
        return moments.astype("datetime64[us]").set_axis(index)
    trimmed = pc.utf8_trim_whitespace(cells.values)
    texts = pd.Series(trimmed.to_pandas(), dtype="str")
    moments = pd.to_datetime(texts, format="%Y-%m-%d %H:%M:%S", errors="coerce")
    moments = moments.astype("datetime64[us]")
    rest = (moments.isna() & (texts != "")).to_numpy()
    if rest.any():
        moments[rest] = _parse_dates(pc.filter(trimmed, pa.array(rest)))
        bad = (moments.isna() & (texts != "")).to_numpy()
        _refuse_formulas(cells, bad)
        if bad.any():
            raise cells.fail(
                bad,
                "is not a date that can be read",
                "write it as 2026-10-18 or 2026-10-18 20:00, or leave the cell empty",
            )
    return moments.set_axis(index)


def _parse_dates(texts: Any) -> np.ndarray:
    """Other year-first ways of writing a moment; NaT where none fits."""
    parts = pc.extract_regex(texts, _DATE)
    part = {
        name: pd.Series(pc.struct_field(parts, name).to_pandas(), dtype="str")
        for name in ("y", "m", "d", "y2", "m2", "d2", "hh", "mm", "ss", "zone")
    }
    day = part["y"] + part["y2"] + "-" + part["m"] + part["m2"] + "-" + part["d"] + part["d2"]
    clock = [part[name].replace("", "00") for name in ("hh", "mm", "ss")]
    written = day + " " + clock[0] + ":" + clock[1] + ":" + clock[2]
    moments = pd.to_datetime(written, format="%Y-%m-%d %H:%M:%S", errors="coerce")
    zone = part["zone"].str.upper().replace("Z", "+0000").str.replace(":", "")
    has_zone = zone.fillna("").ne("")
    if has_zone.any():
        known = zone[has_zone]
        minutes = known.str[1:3].astype(int) * 60 + known.str[3:5].astype(int)
        east = minutes.where(known.str[0] == "+", -minutes)
        moments[has_zone] += pd.to_timedelta(_CHINA_OFFSET_MINUTES - east, unit="min")
    return moments.to_numpy(dtype="datetime64[us]")


def _texts(cells: _Cells) -> pd.Series:
    """str as written; the apostrophe that `write_csv` puts before a risky text is taken off."""
    texts = pd.Series(cells.values.to_pandas(), dtype="str")
    if cells.from_csv:
        quoted = texts.str.match(_QUOTED)
        texts = texts.where(~quoted, texts.str[1:])
    return texts.set_axis(pd.Index(cells.rows, name="row"))


# --- writing -------------------------------------------------------------------------------------


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` that takes its place only when all was written."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except (OSError, FileCreateError) as error:
        raise EnvironmentFault(
            f"{path.name} cannot be written to {path.parent}: {error}; "
            "check that the folder exists, may be written to and is not full."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _safe_text(value: Any) -> Any:
    """Text that a spreadsheet would run gets an apostrophe in front; all else is unchanged."""
    return f"'{value}" if isinstance(value, str) and re.match(_UNSAFE, value) else value


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
    formats: Mapping[str, str] | None = None,
) -> None:
    """Write frames as the sheets of one workbook: text stays text, numbers stay numbers.

    Parameters
    ----------
    sheets : mapping of sheet name to DataFrame
        Names are cut to Excel's 31 characters, freed of characters it forbids and made unique.
        The index is not written. Headers are bold and frozen.
    path : path
        Appears whole or not at all.
    formats : mapping of column name to Excel number format, optional
        Such as "#,##0" or "0.0%"; applies in every sheet that has the column.

    Raises
    ------
    InputError
        More than 1,048,576 rows, or a text above 32,767 characters: Excel holds no more.
    EnvironmentFault
        The file cannot be written.
    """
    if not sheets:
        raise ValueError("a workbook needs at least one sheet")
    for name, frame in sheets.items():
        if len(frame) >= EXCEL_MAX_ROWS:
            raise InputError(
                f"the table '{_short(name)}' has {len(frame):,} rows, an Excel sheet holds "
                f"{EXCEL_MAX_ROWS - 1:,}; write it as CSV or Parquet."
            )
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with _replacing(Path(path)) as temporary:
        packed = io.BytesIO()
        book = xlsxwriter.Workbook(packed, options)
        for name, frame in zip(_sheet_names(list(sheets)), sheets.values(), strict=True):
            _write_sheet(book, book.add_worksheet(name), frame, formats or {})
        book.close()
        temporary.write_bytes(packed.getvalue())


def _sheet_names(names: Sequence[str]) -> list[str]:
    """Names that Excel accepts: no []:*?/\\ or control characters, 31 long, unique by case."""
    taken: set[str] = set()
    result = []
    for name in names:
        bare = "".join(" " if c in "[]:*?/\\" or not c.isprintable() else c for c in name)
        bare = bare.strip(" '")[:31].strip(" '") or "Sheet"
        if bare.casefold() == "history":  # reserved by Excel
            bare += "_"
        unique, copy = bare, 2
        while unique.casefold() in taken:
            unique = f"{bare[: 31 - len(str(copy)) - 3]} ({copy})"
            copy += 1
        taken.add(unique.casefold())
        result.append(unique)
    return result


def _write_sheet(book: Any, sheet: Any, frame: pd.DataFrame, formats: Mapping[str, str]) -> None:
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
            _put(sheet, row, i, cell, style)


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
