"""Everything that is asked for is checked before anything is made; or checked and no more."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from kolkit.batch.record import Entry
from kolkit.batch.sources import Wanted, count, entries_of, spread
from kolkit.errors import InputError
from kolkit.report.glyphs import check_glyphs


def checked(arguments: Sequence[Path], wanted: Wanted) -> list[Entry]:
    """An entry for each report asked for, as `entries_of`, with the time left on a terminal."""
    # Asked of the file: rich takes every pipe for a terminal where colours are forced.
    is_seen = sys.stderr.isatty()
    total = count(arguments) if is_seen else 0
    columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn("Checking")]
    if total > 1:
        columns += [BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(compact=True)]
        columns += [TextColumn("left")]
    bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not is_seen)
    with bar:
        task = bar.add_task("", total=total)
        return entries_of(arguments, wanted, say=lambda: bar.advance(task))


def check_all(arguments: Sequence[Path], wanted: Wanted, *, console: Console) -> int:
    """Say which of the reports asked for could not be made, and why; the exit code."""
    entries = checked(spread(arguments), wanted)
    complaints = Console(stderr=True, soft_wrap=True)
    refused = 0
    for entry in entries:
        try:
            if entry.spec is None or entry.is_over:
                raise InputError(entry.message)
            check_glyphs(entry.spec)
        except InputError as error:
            refused += 1
            complaints.print(str(error), style="red", markup=False, highlight=False)
    console.print(f"{len(entries) - refused} of {len(entries)} can be made.", highlight=False)
    return 2 if refused else 0
