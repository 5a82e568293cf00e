"""`kolkit report`: checks everything that is asked for, makes the reports, tells how it went."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from kolkit.batch.board import Board, summary, tally
from kolkit.batch.checking import checked
from kolkit.batch.executors import Executor, Local, Work
from kolkit.batch.job import Job, code_now
from kolkit.batch.options import Options
from kolkit.batch.record import BATCH, Entry, Record
from kolkit.batch.run import run
from kolkit.batch.single import make_one
from kolkit.batch.sources import Wanted, is_single, spread
from kolkit.clients import is_table
from kolkit.errors import InputError
from kolkit.identity import data_hash
from kolkit.listing import unbroken
from kolkit.report.manifest import since


def report(arguments: Sequence[Path], options: Options, *, console: Console) -> int:
    """Make the reports asked for; the exit code: 2 if any was refused, 1 if any failed.

    A batch ends with a summary and leaves `batch.json`; a single brief says where its PDF is.

    Raises
    ------
    InputError, EnvironmentFault
        where a single report cannot be made, or a batch cannot begin or be recorded
    """
    theme = None
    if options.theme is not None:
        from kolkit.report.families import lacking_families
        from kolkit.report.theme_folder import load_theme

        theme = load_theme(options.theme)
        for told in lacking_families(theme):
            console.print(told, markup=False, highlight=False, soft_wrap=True)
    wanted = Wanted(options.folder, options.release, theme)
    if not is_single(arguments):
        if options.since:
            raise InputError("--since compares one report with its last version: name one brief.")
        with options.place.locked():
            return _make_many(spread(arguments), wanted, options, console)
    if not options.scheduler:
        from kolkit.report.engine import start_fork_server

        # It imports what notebooks need while the brief is read and a browser starts.
        start_fork_server()
    (entry,) = _checked(arguments, wanted, options)
    if options.since and entry.spec:
        entry.spec = replace(entry.spec, last_sent=since(options.since, entry.spec))
    return make_one(entry, options, console=console)


def _checked(arguments: Sequence[Path], wanted: Wanted, options: Options) -> list[Entry]:
    entries = checked(arguments, wanted)
    if options.url:
        from kolkit.batch.storage import with_last_sent

        for entry in entries:
            entry.spec = entry.spec and with_last_sent(entry.spec, options.place)
    return entries


def _executor(options: Options, most: int) -> Executor:
    if options.scheduler:
        return options.cluster()
    from kolkit.batch.worker import warm_up, work

    make: Work = work
    if options.url:
        from kolkit.batch.storage import upload_work

        make = upload_work
    return Local(options.at_once(most), make, warm_up=partial(warm_up, pdf=options.pdf))


def _facts(arguments: Sequence[Path], options: Options) -> dict[str, Any]:
    return {
        "briefs": [str(path) for path in arguments],
        "out": options.out,
        "pdf": options.pdf,
        "resume": options.resume,
        "release": options.release,
        "theme": str(options.theme or ""),
        "scheduler": options.scheduler,
        "kolkit": code_now(),
        "data": data_hash(),
    }


def _make_many(
    arguments: Sequence[Path], wanted: Wanted, options: Options, console: Console
) -> int:
    entries: list[Entry] = []
    executor: Executor | None = None
    record = Record(options.place, _facts(arguments, options))
    try:
        if not options.resume and not any(map(is_table, arguments)):
            # How many there are is known: workers load what they need while briefs are checked.
            executor = _executor(options, most=len(arguments))
        entries = _checked(arguments, wanted, options)
        options.require_machine(entries)
        jobs = options.jobs_for(entries)
        record.write(entries)
        if jobs and executor is None:
            executor = _executor(options, most=len(jobs))
        if executor is not None:
            _show_run(jobs, entries, executor, record)
    except KeyboardInterrupt:
        return _stopped(entries, record)
    finally:
        if executor is not None:
            executor.close(at_once=any(not entry.is_over for entry in entries))
    record.write(entries, ended=True)
    unbroken(console).print(summary(entries))
    console.print(tally(entries, options.place), soft_wrap=True, highlight=False)
    states = {entry.state for entry in entries}
    return 2 if "refused" in states else 1 if "failed" in states else 0


def _show_run(
    jobs: Sequence[Job], entries: list[Entry], executor: Executor, record: Record
) -> None:
    with Board(entries, console=Console(stderr=True)) as board:

        def changed(entry: Entry | None) -> None:
            slots = executor.slots
            record.count_jobs(slots)
            if entry is not None and entry.is_over:
                record.write(entries)
            board.show(slots)

        changed(None)
        run(jobs, entries, executor, changed=changed)


def _stopped(entries: Sequence[Entry], record: Record) -> int:
    for entry in entries:
        if entry.state == "running":
            entry.state = "waiting"
    if entries:
        record.write(entries, ended=True)
    left = sum(entry.state == "waiting" for entry in entries)
    Console(stderr=True, soft_wrap=True).print(
        f"Stopped with {left} of {len(entries)} reports left; {BATCH} says which. The same command "
        "with --resume makes them and keeps the finished ones.",
        highlight=False,
    )
    return 130
