"""Makes reports in a process of its own, for a caller that cannot: a worker of another system.

Such a worker runs tasks in changing threads beside an event loop, must answer its scheduler all the
while, and may be forbidden processes of `multiprocessing`; the browser and the notebooks want one
thread, no loop, and such processes. Jobs and outcomes travel as pickles through the pipes of a
plain subprocess, which ends with its caller.
"""

import contextlib
import os
import pickle
import struct
import subprocess
import sys
import threading
from typing import IO, Any

from kolkit.batch.executors import LIMIT_SECONDS, died
from kolkit.batch.job import Job, Outcome

IDLE_SECONDS = 300.0
"""How long the other process is kept, browser and all, for the next job."""

_SIZE = struct.Struct("!Q")
_lock = threading.Lock()
_resting: threading.Timer | None = None
_process: "subprocess.Popen[bytes] | None" = None


def work(job: Job) -> Outcome:
    """As `kolkit.batch.worker.work`, in the other process; one job at a time.

    If that process dies, the outcome says so, and the next job gets a new one.
    """
    global _process, _resting
    with _lock:
        if _resting is not None:
            _resting.cancel()
        if _process is None or _process.poll() is not None:
            _process = subprocess.Popen(
                [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        assert _process.stdin is not None
        assert _process.stdout is not None
        stuck = threading.Timer(LIMIT_SECONDS, _process.kill)
        stuck.start()
        try:
            _send(_process.stdin, job)
            outcome: Outcome = _receive(_process.stdout)
        except (OSError, EOFError):
            _process.kill()
            _process.wait()
            _process = None
            return died(job, stuck=not stuck.is_alive())
        finally:
            stuck.cancel()
        _resting = threading.Timer(IDLE_SECONDS, _rest)
        _resting.daemon = True
        _resting.start()
        return outcome


def _rest() -> None:
    """End the other process, and with it the browser, unless it has a job again."""
    global _process
    if not _lock.acquire(blocking=False):
        return
    try:
        if _process is not None and _process.stdin is not None:
            _process.stdin.close()
            _process.wait()
            _process = None
    finally:
        _lock.release()


def _send(pipe: IO[bytes], thing: Any) -> None:
    data = pickle.dumps(thing)
    pipe.write(_SIZE.pack(len(data)) + data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    """What the other end sent; only ever this module in a process of the same user."""
    head = pipe.read(_SIZE.size)
    data = pipe.read(_SIZE.unpack(head)[0]) if len(head) == _SIZE.size else b""
    if not data:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 - from our own process


def _serve() -> None:
    from kolkit.batch import worker

    # Whatever else prints must not come between the outcomes.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    worker.get_ready(os.getppid())
    with contextlib.suppress(EOFError):
        while True:
            _send(answers, worker.work(_receive(sys.stdin.buffer)))
    worker.close_printer()


if __name__ == "__main__":
    # See kolkit.cli: the checker builds a grammar for seconds and is not used.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    _serve()
