"""One column of a file as it stands, and its cells as numbers, dates or text.

A cell that is not what its column needs is refused by row, column and cell; a formula is refused
as a formula.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kolkit.errors import InputError
from kolkit.tables.columns import Column
from kolkit.tables.refusals import short

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
UNSAFE = rf"^'*[{_TRIGGERS}]"
_QUOTED = rf"^'+[{_TRIGGERS}]"


@dataclass(frozen=True)
class Cells:
    """One column of the file: arrow values, and what is needed to point at a cell."""

    file: str
    column: Column
    header: str
    position: int  # 0-based column in the file
    rows: np.ndarray  # row numbers as a person sees them
    values: Any  # pyarrow array: large_string, or a number / timestamp type from Parquet
    from_csv: bool

    def fail(self, bad: np.ndarray, problem: str, repair: str) -> InputError:
        """The error for the first cell marked in `bad` (boolean, one per row)."""
        index = int(np.argmax(bad))
        others = int(bad.sum()) - 1
        also = f" (and {others:,} more like it)" if others else ""
        value = short(str(self.values[index].as_py()))
        where = place(self.file, int(self.rows[index]), self.header, self.position)
        return InputError(f"{where}: '{value}' {problem}{also}; {repair}.")


def place(file: str, row: int, header: str, position: int) -> str:
    """A cell in words; `row` as a person counts it, `position` of its column from 0."""
    from openpyxl.utils import get_column_letter

    cell = f"{get_column_letter(position + 1)}{row}"
    return f"{file}, row {row}, column '{short(header)}' (cell {cell})"


def cell_text(value: Any) -> str:
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


def one_piece(values: Any) -> Any:
    """A chunked arrow array as a plain one, which every kernel used here accepts."""
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def mask(values: Any) -> np.ndarray:
    """An arrow boolean array as numpy, null counting as False."""
    return pc.fill_null(values, False).to_numpy(zero_copy_only=False).astype(bool)


def _refuse_formulas(cells: Cells, bad: np.ndarray) -> None:
    """Name a formula as what it is; called only once some cell was not understood."""
    if cells.from_csv:
        formula = bad & mask(pc.match_substring_regex(cells.values, r"^\s*([=+@]|-\s*[^\s\d.¥-])"))
        if formula.any():
            raise cells.fail(
                formula, "looks like a formula, only values are read", "paste the column as values"
            )


def to_numbers(cells: Cells) -> pd.Series:
    """float64, empty -> NaN; text is tried as plain digits first, then with units and signs."""
    values = cells.values
    if pa.types.is_floating(values.type):
        numbers = values.to_numpy(zero_copy_only=False).astype(float)
        bad = np.isinf(numbers)
    else:
        trimmed = pc.utf8_trim_whitespace(values)
        nothing = pa.scalar(None, pa.large_string())
        filled = pc.if_else(pc.equal(trimmed, ""), nothing, trimmed)
        numbers, bad = parse_numbers(filled)
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


def parse_numbers(texts: Any) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (NaN where empty or not understood) and a mask of what was not understood."""
    empty = mask(pc.is_null(texts))
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


def to_dates(cells: Cells) -> pd.Series:
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


def to_texts(cells: Cells) -> pd.Series:
    """str as written; the apostrophe that `write_csv` puts before a risky text is taken off."""
    texts = pd.Series(cells.values.to_pandas(), dtype="str")
    if cells.from_csv:
        quoted = texts.str.match(_QUOTED)
        texts = texts.where(~quoted, texts.str[1:])
    return texts.set_axis(pd.Index(cells.rows, name="row"))
