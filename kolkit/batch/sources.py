"""What is asked for: briefs, tables of clients and folders of briefs, each report checked."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kolkit.batch.record import Entry
from kolkit.clients import is_table, read_clients, specs_of_table
from kolkit.errors import InputError
from kolkit.report.spec import ReportSpec, read_spec
from kolkit.report.theme import Theme

BRIEFS = (".yaml", ".yml")


@dataclass(frozen=True)
class Wanted:
    """How each report is made: folder of all reports, released or draft, theme."""

    out: Path
    release: bool = False
    theme: Theme | None = None


def is_single(arguments: Sequence[Path]) -> bool:
    """Whether one brief is named, and nothing that may hold several."""
    return len(arguments) == 1 and not is_table(arguments[0]) and not arguments[0].is_dir()


def spread(arguments: Sequence[Path]) -> list[Path]:
    """The arguments, each once, with each folder replaced by the briefs in it.

    A folder without any stays.
    """
    found: list[Path] = []
    for argument in arguments:
        inside: list[Path] = []
        if argument.is_dir():
            inside = sorted(path for path in argument.iterdir() if path.suffix in BRIEFS)
        found += inside or [argument]
    # Links count as files of their own: what a brief names lies beside the link.
    return list({os.path.abspath(path): path for path in found}.values())


def count(arguments: Sequence[Path]) -> int:
    """How many reports briefs and tables, from `spread`, ask for; what cannot be read is one."""
    return sum(_rows(path) if is_table(path) else 1 for path in arguments)


def _rows(table: Path) -> int:
    try:
        return sum(1 for _ in read_clients(table))
    except InputError:
        return 1


def _one(path: Path, wanted: Wanted) -> ReportSpec | InputError:
    try:
        return read_spec(path, out=wanted.out, release=wanted.release, theme=wanted.theme)
    except InputError as error:
        return error


def _found(argument: Path, wanted: Wanted) -> Iterator[tuple[str, ReportSpec | InputError]]:
    if argument.is_dir():
        yield argument.name, InputError(f"{argument} holds no brief (.yaml): name another folder.")
    elif is_table(argument):
        try:
            yield from specs_of_table(
                argument, out=wanted.out, release=wanted.release, theme=wanted.theme
            )
        except InputError as error:
            yield argument.name, error
    else:
        yield argument.name, _one(argument, wanted)


def entries_of(
    arguments: Sequence[Path], wanted: Wanted, *, say: Callable[[], None]
) -> list[Entry]:
    """An entry for each report asked for; what cannot be made is refused with its sentence.

    `arguments` are briefs and tables, from `spread`; `say` is called after each.
    """
    entries: list[Entry] = []
    owners: dict[Path, Entry] = {}
    for argument in arguments:
        for brief, found in _found(argument, wanted):
            say()
            entry = Entry(len(entries), brief)
            if isinstance(found, InputError):
                entry.state, entry.message = "refused", str(found)
            else:
                entry.spec = found
                owner = owners.setdefault(found.folder, entry)
                if owner is not entry:
                    entry.state = "refused"
                    entry.message = (
                        f"{brief} and {owner.brief} are both {entry.name}, so one report would "
                        "replace the other: rename client or scenario in one of them."
                    )
            entries.append(entry)
    return entries
