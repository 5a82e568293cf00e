"""One report: made in this process, with its stages shown."""

import json
import sys
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from kolkit.batch.executors import Executor, Here
from kolkit.batch.options import Options
from kolkit.batch.record import Entry
from kolkit.batch.run import run
from kolkit.errors import EnvironmentFault, InputError

SHARES = {"notebook": 0.1, "document": 0.6, "pdf": 0.7}
"""Share of the time that has passed when a stage begins."""


class Stages:
    """A bar on a terminal; for a program that waits a line of JSON as each stage begins."""

    def __init__(self, name: str, *, tell: bool) -> None:
        self._name = name
        self._tell = tell
        complaints = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False), BarColumn(),
            console=complaints, transient=True, disable=not complaints.file.isatty(),
        )  # fmt: skip
        self._task = self._bar.add_task(name, total=1.0)

    def __enter__(self) -> "Stages":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def say(self, stage: str) -> None:
        """A stage begins."""
        told = f"{self._name}: {stage}"
        self._bar.update(self._task, completed=SHARES[stage], description=told)
        if self._tell:
            print(json.dumps({"stage": stage, "done": SHARES[stage]}), flush=True)


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
    with options.place.locked(), Stages(entry.name, tell=options.stages) as stages:
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

        return Here(upload_work)
    from kolkit.batch.worker import work

    return Here(partial(work, say=stages.say))
