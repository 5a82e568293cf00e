"""Limits that more than one format keeps, and the refusals that they word alike."""

from kolkit.errors import InputError

MAX_UNPACKED_BYTES = 500_000_000
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
SUFFIXES = (*TEXT_SUFFIXES, ".xlsx", ".parquet")
"""Extensions of the files that are read."""


def short(text: str, limit: int = 40) -> str:
    """Text for a message: one line, no control characters, cut to `limit` characters."""
    line = "".join(c if c.isprintable() else " " for c in text).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def empty_file(file: str) -> InputError:
    return InputError(f"{file} is empty; send a table with a header row and at least one row.")


def no_rows(file: str) -> InputError:
    return InputError(f"{file} has a header but no rows; send at least one row of data.")


def too_many_rows(file: str, max_rows: int) -> InputError:
    return InputError(
        f"{file} has more than the {max_rows:,} rows allowed; split it or keep fewer dates."
    )
