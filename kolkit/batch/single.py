"""One report: made in this process, with its stages shown."""

import json
import sys
from functools import partial

from rich.console import Console
from rich.live import Live
from rich.table import Table

from kolkit.batch.board import bar
from kolkit.batch.executors import Executor, Here
from kolkit.batch.options import Options
from kolkit.batch.record import Entry
from kolkit.batch.run import run
from kolkit.errors import EnvironmentFault, InputError
from kolkit.pace import EXPECTED_SECONDS, STAGES, Pace


class Stages:
    """A bar with the time left on a terminal; for a program a line of JSON as each stage begins."""

    def __init__(self, name: str, pace: Pace, *, tell: bool) -> None:
        self._name = self._doing = name
        self._pace = pace
        self._tell = tell
        complaints = Console(stderr=True)
        self._live = Live(
            console=complaints, transient=True, get_renderable=self._picture, redirect_stdout=False
        )
        # Asked of the file: rich takes every pipe for a terminal where colours are forced.
        self._is_seen = complaints.file.isatty()

    def __enter__(self) -> "Stages":
        if self._is_seen:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_seen:
            self._live.stop()

    def say(self, stage: str) -> None:
        """A stage begins."""
        self._doing = f"{stage}: {self._name}"
        self._pace.begin(stage)
        if self._tell:
            print(json.dumps({"stage": stage}), flush=True)

    def _picture(self) -> Table:
        done, left = self._pace.told()
        return bar(self._doing, done=done, total=1, seconds_left=left)


def make_one(entry: Entry, options: Options, *, console: Console) -> int:
    """Make a checked report and print where its PDF (or HTML) is; the exit code.

    Raises
    ------
    InputError, EnvironmentFault
        with the sentence why there is none
    """
    if entry.spec is None or entry.is_over:
        raise InputError(entry.message)
    options.require_machine([entry])
    # A cluster's worker tells nobody how far it is.
    known = {} if options.scheduler else STAGES[options.pdf]
    pace = Pace(known, expected_seconds=EXPECTED_SECONDS[options.pdf])
    with options.place.locked(), Stages(entry.name, pace, tell=options.stages) as stages:
        executor = _executor(options, stages)
        try:
            run(options.jobs_for([entry]), [entry], executor, changed=lambda entry: None)
        finally:
            executor.close(at_once=not entry.is_over)
    if entry.state == "refused":
        raise InputError(entry.message)
    if entry.trace:
        print(entry.trace, file=sys.stderr, end="")
        return 1
    if entry.state == "failed":
        raise EnvironmentFault(entry.message)
    shown = entry.pdf or f"{entry.folder}/{entry.spec.stem}.html"
    told = f"{options.url.rstrip('/')}/{shown}" if options.url else str(options.folder / shown)
    console.print(told, soft_wrap=True, markup=False, highlight=False)
    return 0


def _executor(options: Options, stages: Stages) -> Executor:
    if options.scheduler:
        return options.cluster()
    if options.url:
        from kolkit.batch.storage import upload_work

        return Here(partial(upload_work, say=stages.say))
    from kolkit.batch.worker import work

    return Here(partial(work, say=stages.say))
