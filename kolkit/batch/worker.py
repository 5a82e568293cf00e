"""Makes one report after the other in a process, with one browser for all of them."""

import atexit
import contextlib
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]

from kolkit.batch.job import Job, Outcome, code_now, defect
from kolkit.errors import EnvironmentFault, InputError
from kolkit.identity import data_hash

if TYPE_CHECKING:
    from kolkit.report.pdf import Printer

LOOK_SECONDS = 0.5
"""How often a worker looks whether its caller still lives."""

MEASURE_SECONDS = 1.0
"""How often memory is looked at, which takes some milliseconds for each process of a browser."""

_printer: "Printer | None" = None


def open_printer() -> "Printer":
    """The browser of this process, which belongs to the thread that asked for it first."""
    global _printer
    if _printer is None:
        from kolkit.report.pdf import Printer

        _printer = Printer().__enter__()
    return _printer


def close_printer() -> None:
    """End the browser, also one that does not answer any more; the next report starts another."""
    global _printer
    printer, _printer = _printer, None
    if printer is not None:
        # What is left of a crashed browser cannot be closed in order.
        with contextlib.suppress(Exception):
            printer.__exit__(None, None, None)


def get_ready(caller: int) -> None:
    """Begin life as a worker process of the caller (its process id): end when it does."""
    # Ctrl-C is for the caller, who ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # loky sets its own way of starting processes, which those of notebooks would be told to use.
    multiprocessing.set_start_method(None, force=True)
    atexit.register(close_printer)
    threading.Thread(target=_end_with, args=(caller,), daemon=True).start()


def _end_with(caller: int) -> None:
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(caller)
        while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
            time.sleep(LOOK_SECONDS)
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()
    os._exit(1)


def warm_up(*, pdf: bool) -> None:
    """Load what every report needs. What fails here fails again in a report, where it is said."""
    from kolkit.report.engine import start_fork_server

    with contextlib.suppress(Exception):
        start_fork_server()
        import kolkit.report.document
        import kolkit.report.render
        import kolkit.report.sheets  # noqa: F401

        if pdf:
            open_printer()


def work(job: Job, *, say: Callable[[str], None] = lambda stage: None) -> Outcome:
    """Make a report in `job.spec.folder`; what goes wrong is in the outcome.

    Call it always from the same thread of a process: the open browser belongs to it. `say` is
    told each stage as it begins.
    """
    began = time.perf_counter()
    with _peak_memory() as peak:
        try:
            made = Outcome(job.key, "done", pages=_render(job, say))
        except InputError as error:
            made = Outcome(job.key, "refused", message=str(error), fault="input")
        except EnvironmentFault as error:
            close_printer()
            made = Outcome(job.key, "failed", message=str(error), fault="environment")
        except Exception as error:
            close_printer()
            made = defect(job, error)
    return replace(
        made,
        seconds=time.perf_counter() - began,
        worker=f"{socket.gethostname()}:{os.getpid()}",
        memory_mb=round(peak[0] / 2**20),
    )


def _render(job: Job, say: Callable[[str], None]) -> int:
    if (job.code, job.data) != (code_now(), data_hash()):
        raise EnvironmentFault(
            f"the worker {socket.gethostname()} has kolkit {code_now()} with data {data_hash()}, "
            f"the caller {job.code} with data {job.data}: install the same on both, or start again "
            "if either was changed meanwhile."
        )
    from kolkit.report.render import render

    return render(job.spec, printer=open_printer() if job.pdf else None, say=say).pages


@contextlib.contextmanager
def _peak_memory() -> Iterator[list[int]]:
    """The largest memory so far of this process and all below it, in bytes, in a list of one."""
    peak, over = [0], threading.Event()
    me = psutil.Process()

    def look() -> None:
        while True:
            peak[0] = max(peak[0], sum(map(_memory, [me, *me.children(recursive=True)])))
            if over.wait(MEASURE_SECONDS):
                return

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield peak
    finally:
        over.set()
        looking.join()


def _memory(process: psutil.Process) -> int:
    """Bytes of a process, of shared pages its part where the system tells it; 0 if it has ended."""
    try:
        told = process.memory_full_info()
        return int(getattr(told, "pss", told.rss))
    except psutil.Error:
        return 0
