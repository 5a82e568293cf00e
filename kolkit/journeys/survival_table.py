"""A survival table pasted as text: members of one cohort left after 0, 1, 2, … months."""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kolkit.errors import InputError
from kolkit.models.retention_fit import FEW_PERIODS, Fit, fit_sbg, standard_error
from kolkit.tables.refusals import short
from kolkit.words import N_

MAX_ROWS = 400
PER_CENT_COHORT = 1000.0
"""Members that a table of per cent is taken for; the true number is not in it."""

_NUMBER = re.compile(r"[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?\s*(万|千|k)?")
_UNIT = {"万": 1e4, "千": 1e3, "k": 1e3}
_DIGIT = re.compile(r"\d")
_GROUPED = re.compile(r"\s*[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?\s*")
_BEFORE_UNIT = re.compile(r"(?<=\d)\s+(?=[%％万千k])")

FEW = N_("The survival table has fewer than six periods: its tail is a guess.")
NO_COUNTS = N_(
    "The survival table gives shares without numbers of members; its error is that of a cohort of "
    "1,000."
)


@dataclass(frozen=True)
class Cohort:
    """What was read: survivors as counts, whether they were given as counts, and the fitted curve.

    `shares` are S(0) ... S(T) as pasted; `errors` the standard errors of the fitted S(1) and S(12).
    """

    survivors: tuple[float, ...]
    counted: bool
    fit: Fit
    errors: tuple[float, float]

    @property
    def shares(self) -> tuple[float, ...]:
        return tuple(left / self.survivors[0] for left in self.survivors)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to keep in mind, in English; each is in the catalogue."""
        told = [] if self.counted else [NO_COUNTS]
        return tuple([FEW, *told] if len(self.survivors) - 1 < FEW_PERIODS else told)


def _split(lines: list[str]) -> list[list[str]]:
    """Each line's cells, divided by the first mark that occurs anywhere."""
    for marks in ("\t", ";；", "|", "，"):
        if any(mark in line for mark in marks for line in lines):
            return [[c.strip() for c in re.split(f"[{re.escape(marks)}]", line)] for line in lines]
    if any("," in line for line in lines):
        divided = [[cell.strip() for cell in line.split(",")] for line in lines]
        grouped = all(_GROUPED.fullmatch(line) for line in lines if "," in line)
        # 1,631 above 2,468 are two columns, 1,250 above 1,031 are thousands.
        if not grouped or (
            len(lines) > 1 and all(len(c) == 2 for c in divided) and _counts_up(divided)
        ):
            return divided
        return [[line.strip()] for line in lines]
    # Words alone are a header; 63.1 % is one number.
    joined = [_BEFORE_UNIT.sub("", line) for line in lines]
    return [line.split() if _DIGIT.search(line) else [line.strip()] for line in joined]


def _number(text: str) -> tuple[float, bool] | None:
    """A cell as a number, and whether it was a per cent; None if it is none."""
    folded = text.replace("％", "%").replace("−", "-").strip()
    per_cent = folded.endswith("%")
    folded = folded.rstrip("%").strip()
    match = _NUMBER.fullmatch(folded)
    if not match or not _DIGIT.search(folded):
        return None
    unit = match[1] or ""
    digits = folded.removesuffix(unit).replace(",", "")
    value = float(digits) * _UNIT.get(unit, 1.0)
    return (value, per_cent) if math.isfinite(value) else None


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Row number as a person counts it, and its cells; a single line is turned into a column."""
    numbers = [n for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    cells = [
        [cell for cell in row if cell]
        for row in _split([x for x in text.splitlines() if x.strip()])
    ]
    if len(cells) == 1 and len(cells[0]) > 1:
        return [(n, [cell]) for n, cell in enumerate(cells[0], 1)]
    return [(n, row) for n, row in zip(numbers, cells, strict=True) if row]


def _is_header(cells: list[str]) -> bool:
    return bool(cells) and all(_number(cell) is None and _wordy(cell) for cell in cells)


def _wordy(cell: str) -> bool:
    return not _DIGIT.search(cell) and cell.casefold() not in {"n/a", "na", "-", "nan", "null"}


def _counts_up(rows: list[list[str]]) -> bool:
    """Whether the first column counts periods: 0, 1, 2, … or 1, 2, 3, …, with or without words."""
    first = [_number(re.sub(r"^\D+|\D+$", "", cells[0])) for cells in rows]
    numbers = [cell[0] for cell in first if cell]
    steps = all(b - a == 1 for a, b in pairwise(numbers))
    return len(numbers) == len(rows) and steps


def read_survival_table(text: str) -> tuple[tuple[float, ...], bool]:
    """Survivors after 0, 1, 2, … periods, and whether they are counts.

    Parameters
    ----------
    text : one row a period (or one line with all), cells divided by tabs, commas, semicolons or
        spaces; counts, per cent or shares; a header and a column of periods may be there. The first
        row is the cohort at its start; where per cent or shares begin lower, 100 % is put first.

    Raises
    ------
    InputError
        one sentence: which row, what it holds, and the smallest repair

    Examples
    --------
    >>> read_survival_table("month,members\\n0,1000\\n1,631\\n2,468")
    ((1000.0, 631.0, 468.0), True)
    >>> read_survival_table("63.1%\\n46.8%")
    ((1000.0, 631.0, 468.0), False)
    """
    rows = _rows(text)
    if not rows:
        raise InputError(
            "the table is empty; paste the members left after 0, 1, 2, … months, one a line."
        )
    if _is_header(rows[0][1]):
        if len(rows) == 1:
            raise InputError(
                f"row {rows[0][0]}: '{short(' '.join(rows[0][1]))}' is not a number; paste the "
                "members left after 0, 1, 2, … months, one a line."
            )
        rows = rows[1:]
    if len(rows) > MAX_ROWS:
        raise InputError(f"a table may have {MAX_ROWS} rows; got {len(rows):,}. Keep one cohort.")
    column = -1
    wide = [(n, cells) for n, cells in rows if len(cells) > 1]
    if wide:
        number, cells = next(((n, c) for n, c in rows if len(c) > 2), (0, []))
        if number:
            raise InputError(
                f"row {number}: a survival table has one column of survivors, or periods and "
                f"survivors; got {len(cells)} columns. Keep one cohort."
            )
        _refuse_uneven(rows)
        if not _counts_up([cells for _, cells in rows]):
            raise InputError(
                f"row {rows[0][0]}: the first of two columns must count the periods 0, 1, 2, …; "
                f"got '{short(rows[0][1][0])}'. Keep only the column of survivors."
            )
    read = [(number, cells[column], _read(number, cells[column])) for number, cells in rows]
    return _as_counts(read)


def _refuse_uneven(rows: list[tuple[int, list[str]]]) -> None:
    """Rows of one and of two cells: the word that is no number, else the row that is short."""
    alone = [(number, cells) for number, cells in rows if len(cells) == 1]
    if not alone:
        return
    for number, cells in rows:
        _read(number, cells[-1])
    number, cells = alone[0]
    raise InputError(
        f"row {number}: '{short(cells[0])}' stands alone, other rows have two numbers; write the "
        "survivors alone in every row, or the period and the survivors."
    )


def _read(number: int, cell: str) -> tuple[float, bool]:
    found = _number(cell)
    if found is None:
        raise InputError(
            f"row {number}: '{short(cell)}' is not a number; delete the row or write the survivors."
        )
    if found[0] < 0:
        raise InputError(
            f"row {number}: '{short(cell)}' is below 0; write the members who were left."
        )
    return found


Row = tuple[int, str, tuple[float, bool]]


def _as_counts(read: list[Row]) -> tuple[tuple[float, ...], bool]:
    values = [value for _, _, (value, _) in read]
    per_cent = any(marked for _, _, (_, marked) in read)
    if per_cent and not all(marked or value == 0 for _, _, (value, marked) in read):
        number, cell, _ = next(row for row in read if not row[2][1] and row[2][0])
        raise InputError(
            f"row {number}: '{short(cell)}' has no % sign but other rows do; write all alike."
        )
    shares = not per_cent and max(values) <= 1 and any(value != int(value) for value in values)
    whole = 100.0 if per_cent else 1.0
    # Per cent without their sign: 100, 63.1, 46.8 are no counts, people are whole.
    if not per_cent and not shares and max(values) <= 100:
        shares = any(value != int(value) for value in values)
        whole = 100.0 if shares else 1.0
    counted = not (per_cent or shares)
    if not counted:
        _refuse_above(read, whole)
        values = [round(value / whole * PER_CENT_COHORT, 9) for value in values]
        if values[0] < PER_CENT_COHORT:
            values = [PER_CENT_COHORT, *values]
    _refuse_rises(read, values)
    if len(values) < 3:
        raise InputError(
            f"a table needs the start and two or more periods; got {len(read)} "
            f"{'value' if len(read) == 1 else 'values'}. Add the members left after each month."
        )
    if values[0] <= 0:
        raise InputError(
            f"row {read[0][0]}: a cohort starts with the members who joined; got 0. "
            "Put their number first."
        )
    if values[0] == values[-1]:
        raise InputError(
            "the table shows nobody leaving, so no curve can be fitted; add later months."
        )
    return tuple(values), counted


def _refuse_above(read: list[Row], whole: float) -> None:
    for number, cell, (value, _) in read:
        if value > whole:
            raise InputError(
                f"row {number}: '{short(cell)}' is more than the whole cohort; "
                "write a share of those who joined, at most 100 %."
            )


def _refuse_rises(read: list[Row], values: list[float]) -> None:
    offset = len(values) - len(read)
    for at in range(1, len(values)):
        if values[at] > values[at - 1]:
            number, cell, _ = read[at - offset]
            before = read[at - offset - 1][1] if at - offset else "100 %"
            raise InputError(
                f"row {number}: survivors cannot rise in period {at}; got '{short(cell)}' after "
                f"'{short(before)}'. Count only those who joined in period 0, or write "
                f"{short(before)} or less."
            )


@lru_cache(maxsize=32)
def cohort(text: str) -> Cohort:
    """The pasted table with its fitted curve.

    Raises
    ------
    InputError
        as `read_survival_table`
    """
    survivors, counted = read_survival_table(text)
    fit = fit_sbg(survivors)
    errors = tuple(standard_error(survivors, fit, period=period) for period in (1, 12))
    return Cohort(survivors, counted, fit, (errors[0], errors[1]))
