"""`kolkit verify`: says of each report whether it still follows from what it was made from."""

import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from kolkit.errors import InputError
from kolkit.report.engine import start_fork_server
from kolkit.report.theme_folder import load_theme
from kolkit.report.verify import Verdict, reports_at, verify

SHOWN = 12
"""Differences told of one kind; the rest are counted."""


def verify_all(paths: list[Path], *, theme: Path | None, console: Console) -> bool:
    """Verify each report below `paths` and print what was found; whether all of them follow.

    Raises
    ------
    InputError
        where a path is no report
    """
    start_fork_server()
    worn = load_theme(theme) if theme else None
    folders = list(dict.fromkeys(folder for path in paths for folder in reports_at(path)))
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
        disable=len(folders) < 2 or not sys.stderr.isatty(),
    )  # fmt: skip
    verdicts, refused = [], []
    with progress:
        for folder in progress.track(folders, description="verify"):
            try:
                verdicts.append(verify(folder, theme=worn))
            except InputError as error:
                refused.append(str(error))
    for verdict in verdicts:
        _print(verdict, console)
    if len(folders) > 1:
        follow = sum(verdict.follows for verdict in verdicts)
        unread = f"; {len(refused)} cannot be verified" if refused else ""
        told = f"{follow} of {len(folders)} reports follow from what they were made from{unread}."
        console.print(told, soft_wrap=True)
    if refused:
        raise InputError("\n".join(refused))
    return all(verdict.follows for verdict in verdicts)


def _print(verdict: Verdict, console: Console) -> None:
    def say(line: str) -> None:
        console.print(line, soft_wrap=True, markup=False, highlight=False)

    if verdict.follows:
        say(f"{verdict.folder}: files as made; figures, words and PDF follow.")
        return
    say(f"{verdict.folder}: does not follow.")
    kinds = {
        "files": verdict.files,
        "figures": verdict.figures,
        "words": verdict.words,
        "PDF": verdict.pdf,
    }
    for kind, lines in kinds.items():
        for line in lines[:SHOWN]:
            say(f"  {kind}: {line}")
        if len(lines) > SHOWN:
            say(f"  {kind}: and {len(lines) - SHOWN} more")
