"""What a person sees while a batch runs, and the table at its end."""

import math
import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from kolkit.batch.places import Place
from kolkit.batch.record import BATCH, Entry, Now

COLOURS = {"done": "green", "kept": "cyan", "refused": "red", "failed": "red"}
LAST = ("refused", "failed")


def clock(seconds: float) -> str:
    """Minutes and seconds.

    >>> clock(75)
    '1:15'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def bar(told: str, *, done: float, total: float, seconds_left: float | None) -> Table:
    """A line with a bar and, where it is known, the time left."""
    line = Table.grid(padding=(0, 2))
    left = "" if seconds_left is None else f"{clock(math.ceil(seconds_left))} left"
    line.add_row(
        Text(told, no_wrap=True, overflow="ellipsis"),
        ProgressBar(total=total, completed=done, width=40),
        left,
    )
    return line


class Board:
    """The state of all reports on a terminal; elsewhere a line for each that is over."""

    def __init__(self, entries: Sequence[Entry], *, console: Console) -> None:
        self._entries = entries
        self._slots = 0
        self._console = console
        self._told: set[int] = set()
        # Asked of the file: rich takes every pipe for a terminal where colours are forced.
        self._is_seen = console.file.isatty()
        self._live = Live(console=console, transient=True, auto_refresh=False)

    def __enter__(self) -> "Board":
        if self._is_seen:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_seen:
            self._live.stop()

    def show(self, slots: int) -> None:
        """Show how things are; `slots` are made at once from now on."""
        self._slots = slots
        if self._is_seen:
            self._live.update(self._picture(), refresh=True)
            return
        for entry in self._entries:
            if entry.is_over and entry.key not in self._told:
                self._told.add(entry.key)
                self._console.print(self._line(entry), soft_wrap=True, highlight=False)

    def _line(self, entry: Entry) -> Text:
        total = len(self._entries)
        number = f"{len(self._told):{len(str(total))}}"
        told = f"[{number}/{total}] {entry.state:<7} {entry.name}   {entry.seconds:.1f} s"
        return Text(f"{told}   {entry.message}" if entry.message else told)

    def _seconds_left(self) -> float | None:
        made = [entry.seconds for entry in self._entries if entry.state in ("done", "failed")]
        made = [seconds for seconds in made if seconds]
        if not made or not self._slots:
            return None
        each = sum(made) / len(made)
        now = time.monotonic()
        waiting = sum(entry.state == "waiting" for entry in self._entries)
        begun = [now - e.began for e in self._entries if e.state == "running"]
        return (waiting * each + sum(max(0.0, each - passed) for passed in begun)) / self._slots

    def _picture(self) -> RenderableType:
        counts = Counter(entry.state for entry in self._entries)
        total, over = len(self._entries), sum(entry.is_over for entry in self._entries)
        left = self._seconds_left()
        head = bar(f"{over}/{total}", done=over, total=total, seconds_left=left)
        states: tuple[Now, ...] = ("done", "kept", "failed", "refused", "running", "waiting")
        told = "   ".join(f"{counts[state]} {state}" for state in states if counts[state])
        running = Table.grid(padding=(0, 2))
        for entry in self._entries:
            if entry.state == "running":
                again = "second attempt" if entry.attempts > 1 else ""
                seconds = f"{time.monotonic() - entry.began:.0f} s"
                running.add_row(Text("  " + entry.name), seconds, again)
        return Group(head, Text(told, style="dim"), running)


def summary(entries: Sequence[Entry]) -> Table:
    """A row for each report, those that went wrong last."""
    table = Table(box=None, pad_edge=False)
    table.add_column("Client", overflow="fold")
    table.add_column("Scenario", overflow="fold")
    table.add_column("State")
    for name in ("Pages", "Seconds", "Attempts"):
        table.add_column(name, justify="right")
    table.add_column("File, or what is wrong", overflow="fold")
    for entry in sorted(entries, key=lambda entry: entry.state in LAST):
        spec = entry.spec
        table.add_row(
            Text(spec.client if spec else entry.brief),
            Text(spec.scenario if spec else ""),
            Text(entry.state, style=COLOURS.get(entry.state, "")),
            str(entry.pages or ""),
            f"{entry.seconds:.1f}" if entry.attempts else "",
            str(entry.attempts or ""),
            Text(entry.message or entry.pdf or entry.folder),
        )
    return table


def tally(entries: Sequence[Entry], place: Place) -> str:
    """The last line: how many are in which state, and where the record is."""
    counts = Counter(entry.state for entry in entries)
    told = ", ".join(f"{number} {state}" for state, number in counts.items())
    return f"{told}. Record: {place.shown.rstrip('/')}/{BATCH}"
