"""Hands jobs to an executor until each has been done, refused, or failed for good."""

import time
from collections import deque
from collections.abc import Callable, Sequence

from kolkit.batch.executors import Executor
from kolkit.batch.job import RETRIED, Job
from kolkit.batch.record import Entry

ATTEMPTS = 2
TICK_SECONDS = 0.5


def run(
    jobs: Sequence[Job],
    entries: Sequence[Entry],
    executor: Executor,
    *,
    changed: Callable[[Entry | None], None],
) -> None:
    """Make the reports.

    What the machine spoilt is tried once more, after all others; a job whose worker died then runs
    with nobody beside it, so that it has the memory to itself and can harm no other.

    Parameters
    ----------
    jobs : in the order in which they begin
    entries : a job's is at its key; their state is kept up to date
    changed : told an entry that began or ended, and None every half second
    """
    waiting, alone = deque(jobs), deque[Job]()
    running: dict[int, Job] = {}

    def begin(job: Job) -> None:
        entry = entries[job.key]
        entry.state, entry.began = "running", time.monotonic()
        entry.attempts += 1
        running[job.key] = job
        executor.submit(job)
        changed(entry)

    while waiting or alone or running:
        while waiting and len(running) < executor.slots:
            begin(waiting.popleft())
        if alone and not waiting and not running and executor.slots:
            begin(alone.popleft())
        outcome = executor.next_finished(TICK_SECONDS)
        if outcome is None:
            changed(None)
            continue
        job, entry = running.pop(outcome.key), entries[outcome.key]
        entry.seconds += time.monotonic() - entry.began
        if outcome.fault in RETRIED and entry.attempts < ATTEMPTS:
            (alone if outcome.fault == "worker" else waiting).append(job)
            entry.state = "waiting"
        else:
            entry.end(outcome, pdf=job.pdf)
        changed(entry)
