"""Reports made by the workers of a Dask cluster, wherever they run.

Each job is bound to one worker, so that nothing queues behind a busy one and a worker that is lost
costs the report it was making: the batch tries that once more, as it does with workers of its own.
"""

import asyncio
import logging
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from kolkit.batch.job import Job, Outcome, code_now
from kolkit.errors import EnvironmentFault, InputError
from kolkit.identity import data_hash

CONNECT_SECONDS = 10
LOOK_SECONDS = 0.5
SAY_SECONDS = 30.0
ANSWER_SECONDS = 60.0


def _to_stderr(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def facts() -> tuple[str, str]:
    """What a worker has: its code and its data, to compare with the caller's."""
    return code_now(), data_hash()


def remote_work(job: Job, content: str) -> Outcome:
    """Runs on a worker: makes the report there and sends it back, or stores it at `job.url`.

    `content` is the hash of the report's inputs as the caller computed it.
    """
    from distributed import get_worker

    from kolkit.batch.apart import work
    from kolkit.batch.parcel import pack
    from kolkit.batch.storage import store

    # A copy, because the hash that came along is the caller's.
    if replace(job.spec).content != content:
        return Outcome(
            job.key, "failed", fault="environment",
            message="the inputs reached the worker changed, or its code or data differ from the "
            "caller's: install the same kolkit on both and start again.",
        )  # fmt: skip
    scratch = get_worker().local_directory
    if job.url:
        return store(job, work, scratch=scratch)
    with tempfile.TemporaryDirectory(prefix="kolkit-", dir=scratch) as folder:
        here = job.spec.below(Path(folder))
        outcome = work(replace(job, spec=here))
        return replace(outcome, parcel=pack(here.folder)) if outcome.state == "done" else outcome


class Cluster:
    """Does jobs on a Dask cluster, one at a time on each worker with the same code and data.

    Parameters
    ----------
    address : of the scheduler: `tcp://host:8786`, or `tls://` as Dask's own settings say
    say : told what a person should know, such as that there is no worker yet

    Raises
    ------
    InputError
        for what is no address
    EnvironmentFault
        without Dask, where no scheduler answers, or where a worker has other code or data
    """

    def __init__(self, address: str, *, say: Callable[[str], None] = _to_stderr) -> None:
        self._say = say
        self._address = address
        self._client = _connect(address)
        self._asked: dict[str, Any] = {}  # the question after its code and data, by worker
        self._workers: dict[str, bool] = {}  # whether it may be used, by worker
        self._busy: dict[str, tuple[Any, Job]] = {}
        self._looked = self._said = 0.0
        try:
            self._meet()
        except EnvironmentFault:
            self.close()
            raise

    def _meet(self) -> None:
        """Wait for those who are there to say what they have."""
        until = time.monotonic() + ANSWER_SECONDS
        refused = self._look()
        while self._asked and time.monotonic() < until:
            time.sleep(0.05)
            refused += self._look()
        if refused:
            raise EnvironmentFault("\n".join(refused))

    @property
    def slots(self) -> int:
        """Workers that may be used, now."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            for sentence in self._look():
                self._say(sentence)
        count = sum(self._workers.values())
        if not count and time.monotonic() - self._said > SAY_SECONDS:
            self._said = time.monotonic()
            self._say(f"No worker at {self._address} is ready yet: waiting (Ctrl-C ends it).")
        return count

    def _look(self) -> list[str]:
        """Who is there now; one sentence for each newcomer that may not be used."""
        self._looked = time.monotonic()
        try:
            there = set(self._client.nthreads())
        except (OSError, TimeoutError, ValueError) as error:
            raise EnvironmentFault(
                f"the scheduler at {self._address} does not answer any more ({error}): start it "
                "again and run the rest with --resume."
            ) from None
        self._workers = {a: fit for a, fit in self._workers.items() if a in there}
        self._asked = {a: question for a, question in self._asked.items() if a in there}
        for address in sorted(there - self._workers.keys() - self._asked.keys()):
            # A task and not a call: one that hangs or is still importing holds up nobody.
            self._asked[address] = self._client.submit(
                facts, key=f"kolkit-facts-{uuid4().hex[:8]}", workers=[address], pure=False
            )
        refused = []
        for address in [a for a, question in self._asked.items() if question.done()]:
            sentence = self._differs(address, self._asked.pop(address))
            self._workers[address] = not sentence
            refused += [sentence] if sentence else []
        return refused

    @staticmethod
    def _differs(address: str, answer: Any) -> str:
        """A sentence if a worker's answer is not what this machine has, else nothing."""
        if answer.status != "finished":
            told = str(answer.exception() if answer.status == "error" else answer.status)
            return f"The worker {address} has no kolkit that answers ({told}): install it there."
        its, mine = answer.result(), facts()
        if its == mine:
            return ""
        return (
            f"The worker {address} has kolkit {its[0]} with data {its[1]}, this machine "
            f"{mine[0]} with data {mine[1]}: install the same on both."
        )

    def submit(self, job: Job) -> None:
        """Begin a job on a worker that has none."""
        free = [a for a, fit in self._workers.items() if fit and a not in self._busy]
        address = free[0]
        future = self._client.submit(
            remote_work, job, job.spec.content, key=f"kolkit-{job.key}-{uuid4().hex[:8]}",
            workers=[address], allow_other_workers=False, pure=False, retries=0,
        )  # fmt: skip
        self._busy[address] = (future, job)

    def next_finished(self, timeout_seconds: float) -> Outcome | None:
        """The outcome of a job that is over; a report that came back is in its folder by then."""
        until = time.monotonic() + timeout_seconds
        while True:
            for address, (future, job) in self._busy.items():
                gone = address not in self._workers
                if future.done() or gone:
                    del self._busy[address]
                    return self._outcome(future, job, gone=gone and not future.done())
            left = until - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(left, 0.05))
            if time.monotonic() - self._looked > LOOK_SECONDS:
                for sentence in self._look():
                    self._say(sentence)

    def _outcome(self, future: Any, job: Job, *, gone: bool) -> Outcome:
        from distributed import KilledWorker

        if gone:
            future.cancel()
            return _lost(job, "its worker is gone")
        error = future.exception()
        if isinstance(error, KilledWorker):
            return _lost(job, "its workers were lost again and again")
        if future.cancelled():
            return _lost(job, "the scheduler dropped it")
        if error is not None:
            told = f"{type(error).__name__}: {error}"
            return Outcome(job.key, "failed", message=told, fault="defect")
        outcome: Outcome = future.result()
        future.release()
        return _brought_home(outcome, job) if outcome.parcel else outcome

    def close(self, *, at_once: bool = False) -> None:
        """Take leave of the scheduler; workers stay, for whoever started them."""
        for future, _ in self._busy.values():
            future.cancel()
        self._client.close(timeout=2 if at_once else CONNECT_SECONDS)


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise EnvironmentFault(
            "--scheduler needs Dask, which is not installed: pip install 'kolkit[cluster]'."
        ) from None
    # What it says of lost connections is said here, once and in a sentence.
    for part in ("distributed", "distributed.client"):
        logging.getLogger(part).setLevel(logging.CRITICAL)
    try:
        # Dask itself would knock for the whole time where nobody listens, and its client leaves
        # threads behind when it fails halfway.
        socket.create_connection(_host_and_port(address), timeout=CONNECT_SECONDS).close()
        asyncio.run(_shake_hands(address))
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except InputError:
        raise
    except Exception as error:
        # Whatever else listens there answers in its own way, and Dask fails in as many.
        told = (str(error) or type(error).__name__).split("\n")[0]
        raise EnvironmentFault(
            f"no Dask scheduler answers at {address} ({told}): check the address and that "
            "`dask scheduler` runs there."
        ) from None


async def _shake_hands(address: str) -> None:
    """Greet the scheduler and take leave, with the certificates of Dask's own settings."""
    from distributed import Security
    from distributed.comm import connect

    security = Security().get_connection_args("client")
    comm = await connect(address, timeout=CONNECT_SECONDS, **security)
    await comm.close()


def _host_and_port(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        if parts.scheme in {"tcp", "tls"} and parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError:
        pass
    raise InputError(
        f"--scheduler must be an address such as tcp://host:8786 or tls://host:8786; got {address}."
    )


def _lost(job: Job, how: str) -> Outcome:
    told = f"the report was lost in the cluster ({how}): look at the logs there for lack of memory."
    return Outcome(job.key, "failed", fault="worker", message=told)


def _brought_home(outcome: Outcome, job: Job) -> Outcome:
    from kolkit.batch.parcel import unpack

    try:
        unpack(outcome.parcel, job.spec)
    except InputError as error:
        return replace(
            outcome, state="refused", fault="input", message=str(error), pages=0, parcel=b""
        )
    except EnvironmentFault as error:
        return replace(
            outcome, state="failed", fault="environment", message=str(error), pages=0, parcel=b""
        )
    return replace(outcome, parcel=b"")
