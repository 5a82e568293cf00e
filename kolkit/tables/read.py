"""A file or an upload to a frame with our own column names, whatever its format."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePath

import pandas as pd

from kolkit.errors import EnvironmentFault, InputError
from kolkit.tables.cells import to_dates, to_numbers, to_texts
from kolkit.tables.columns import Column, check_declaration
from kolkit.tables.delimited import read_text
from kolkit.tables.excel import read_xlsx
from kolkit.tables.parquet import read_parquet
from kolkit.tables.refusals import SUFFIXES, TEXT_SUFFIXES, empty_file, short

Source = str | Path | tuple[str, bytes]
MAX_BYTES = 50_000_000
MAX_ROWS = 2_000_000


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
        raise empty_file(name)
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
        are left out. In an XLSX the visible sheet that holds every required column is read.

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
    check_declaration(columns)
    name, data = read_source(source, max_bytes=max_bytes)
    suffix = PurePath(name).suffix.lower()
    if suffix in TEXT_SUFFIXES:
        found = read_text(name, data, columns, max_rows)
    elif suffix == ".xlsx":
        found = read_xlsx(name, data, columns, max_rows)
    elif suffix == ".parquet":
        found = read_parquet(name, data, columns, max_rows)
    else:
        raise InputError(
            f"{name} must end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}; got "
            f"'{short(suffix)}'. "
            "In Excel, save it as 'Excel workbook (.xlsx)'."
        )
    convert = {"number": to_numbers, "date": to_dates, "text": to_texts}
    frame = {cells.column.name: convert[cells.column.kind](cells) for cells in found}
    return pd.DataFrame(frame, index=pd.Index(found[0].rows, name="row"))
