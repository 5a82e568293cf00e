"""Where jobs are done: in this process, or in worker processes that may die without harm."""

import os
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kolkit.batch.job import Job, Outcome, defect
from kolkit.batch.worker import close_printer, get_ready

if TYPE_CHECKING:
    from loky.process_executor import ProcessPoolExecutor

Work = Callable[[Job], Outcome]
LIMIT_SECONDS = 600.0
"""How long a report may take before its worker is taken for stuck and ended."""


class Executor(Protocol):
    """Does jobs; one is submitted for each free slot, so that whatever is submitted is running."""

    @property
    def slots(self) -> int:
        """How many jobs it does at once; may change while it is open."""
        ...

    def submit(self, job: Job) -> None:
        """Begin a job."""
        ...

    def next_finished(self, timeout_seconds: float) -> Outcome | None:
        """The outcome of a job that is over; None if none is after so long.

        A worker that died while it had the job is an outcome, too: `failed`, fault `worker`.
        """
        ...

    def close(self, *, at_once: bool = False) -> None:
        """End the workers and whatever they started; `at_once` in the middle of their jobs."""
        ...


class Here:
    """Does jobs in this process, one after the other: no worker has to start."""

    slots = 1

    def __init__(self, work: Work) -> None:
        self._work = work
        self._jobs: list[Job] = []

    def submit(self, job: Job) -> None:
        self._jobs.append(job)

    def next_finished(self, timeout_seconds: float) -> Outcome | None:
        """The outcome of the oldest job, however long it takes."""
        return self._work(self._jobs.pop(0)) if self._jobs else None

    def close(self, *, at_once: bool = False) -> None:
        close_printer()


class Local:
    """Worker processes on this machine, each a pool of its own.

    A pool breaks when its worker dies. With one worker in each, that costs the one report it was
    making, it is known which, and the neighbours go on.
    """

    def __init__(self, slots: int, work: Work, *, warm_up: Callable[[], None] | None) -> None:
        """Start the workers; each does `warm_up` before its first job."""
        self.slots = slots
        self._work = work
        self._warm_up = warm_up
        self._busy: dict[Future[Outcome], _Busy] = {}
        self._free = [self._pool() for _ in range(slots)]

    def _pool(self) -> "ProcessPoolExecutor":
        # Imported here: one report alone needs no pool.
        from loky.process_executor import ProcessPoolExecutor

        pool = ProcessPoolExecutor(max_workers=1, initializer=get_ready, initargs=(os.getpid(),))
        if self._warm_up:
            pool.submit(self._warm_up)
        return pool

    def submit(self, job: Job) -> None:
        pool = self._free.pop()
        try:
            future = pool.submit(self._work, job)
        except BrokenExecutor:
            # Its worker died while it had nothing to do.
            _kill(pool)
            pool = self._pool()
            future = pool.submit(self._work, job)
        self._busy[future] = _Busy(pool, job, time.monotonic() + LIMIT_SECONDS)

    def next_finished(self, timeout_seconds: float) -> Outcome | None:
        over = wait(self._busy, timeout=timeout_seconds, return_when=FIRST_COMPLETED).done
        if not over:
            now = time.monotonic()
            for stuck in (busy for busy in self._busy.values() if now > busy.until):
                _kill(stuck.pool)
            return None
        future = over.pop()
        busy = self._busy.pop(future)
        error = future.exception()
        if error is None:
            self._free.append(busy.pool)
            return future.result()
        _kill(busy.pool)
        self._free.append(self._pool())
        too_long = time.monotonic() > busy.until
        if too_long or isinstance(error, BrokenExecutor):
            return died(busy.job, stuck=too_long)
        return defect(busy.job, error)

    def close(self, *, at_once: bool = False) -> None:
        pools = [*self._free, *(busy.pool for busy in self._busy.values())]
        for pool in pools:
            pool.shutdown(wait=False, kill_workers=at_once)
        for pool in pools:
            pool.shutdown(wait=True, kill_workers=at_once)


@dataclass(frozen=True)
class _Busy:
    """A worker with a job, and the monotonic time in seconds until which it has it."""

    pool: "ProcessPoolExecutor"
    job: Job
    until: float


def _kill(pool: "ProcessPoolExecutor") -> None:
    pool.shutdown(wait=True, kill_workers=True)


def died(job: Job, *, stuck: bool = False) -> Outcome:
    """The outcome of a job whose worker died, or was ended because it was `stuck`."""
    how = (
        f"did not get ready within {LIMIT_SECONDS // 60:.0f} minutes and was ended"
        if stuck
        else "was killed, most often for lack of memory"
    )
    told = f"the process that made the report {how}: try --resume with fewer --jobs."
    return Outcome(job.key, "failed", fault="worker", message=told)
