"""Reports asked for on a page: `kolkit report` in processes of their own, two at a time.

A report is made below a temporary folder, never among the client reports, and kept for half an
hour. Its id is the only key to it and cannot be guessed.
"""

import contextlib
import json
import math
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil  # type: ignore[import-untyped]

from kolkit.errors import EnvironmentFault, InputError
from kolkit.pace import EXPECTED_SECONDS, STAGES, Pace

State = Literal["waiting", "running", "done", "failed", "cancelled"]
KINDS = {"pdf": "application/pdf", "xlsx": "application/octet-stream", "html": "text/html"}
AT_ONCE = 2
KEPT = 20
KEPT_SECONDS = 1800.0
COMMAND = (sys.executable, "-c", "from kolkit.cli import main; main()", "report", "--stages")


@dataclass
class Job:
    """One report: how far it is, and its folder."""

    id: str
    folder: Path
    pdf: bool
    state: State = "waiting"
    stage: str = ""
    message: str = ""
    pace: Pace | None = None
    ended: float = 0.0
    process: "subprocess.Popen[str] | None" = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")

    def result(self, kind: str) -> Path | None:
        """The finished file of a kind (`pdf`, `xlsx`, `html`)."""
        if self.state != "done":
            return None
        return next((self.folder / "out").glob(f"*/*/*.{kind}"), None)


class Jobs:
    """The reports of one server."""

    def __init__(self, *, command: tuple[str, ...] = COMMAND) -> None:
        self._command = command
        self._jobs: dict[str, Job] = {}
        self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="report")
        self._took = dict(EXPECTED_SECONDS)
        self._root: Path | None = None

    def start(self, brief: bytes, *, stem: str, pdf: bool) -> Job:
        """Ask for a report on a brief.

        Raises
        ------
        InputError
            where too many are waiting
        EnvironmentFault
            where no temporary folder can be written
        """
        self._forget(more=1)
        if len(self._jobs) >= KEPT:
            raise InputError("Too many reports are waiting: try again in a minute.")
        job_id = secrets.token_urlsafe(18)
        try:
            if self._root is None:
                self._root = Path(tempfile.mkdtemp(prefix="kolkit_reports_"))
            folder = self._root / job_id
            folder.mkdir()
            path = folder / f"{stem}.yaml"
            path.write_bytes(brief)
        except OSError as error:
            raise EnvironmentFault(
                f"No report can be made ({error.strerror}): free space for temporary files."
            ) from None
        job = Job(job_id, folder, pdf)
        self._jobs[job_id] = job
        self._pool.submit(self._run, job, path)
        return job

    def get(self, job_id: str) -> Job | None:
        """A report that was asked for and is still kept."""
        self._forget()
        return self._jobs.get(job_id)

    def told(self, job: Job) -> dict[str, Any]:
        """How far a report is: state, stage, share done (0-1) and seconds left."""
        done, left = 1.0 if job.state == "done" else 0.0, None
        if job.state == "running" and job.pace:
            done, left = job.pace.told()
        return {
            "state": job.state,
            "stage": job.stage,
            "done": round(done, 3),
            "seconds_left": left and math.ceil(left),
            "message": job.message,
        }

    def cancel(self, job: Job) -> None:
        """End a report that is waiting or running, and remove what was made of it."""
        with job.lock:
            if job.is_over:
                return
            job.state, job.ended = "cancelled", time.monotonic()
            process = job.process
        if process is not None:
            _end_tree(process)
        shutil.rmtree(job.folder, ignore_errors=True)

    def close(self) -> None:
        """End everything and remove every file."""
        for job in list(self._jobs.values()):
            self.cancel(job)
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)

    def _forget(self, *, more: int = 0) -> None:
        """Remove what is older than half an hour, and the oldest where `more` would not fit."""
        over = sorted((j for j in self._jobs.values() if j.is_over), key=lambda j: j.ended)
        too_many = len(self._jobs) + more - KEPT
        now = time.monotonic()
        for number, job in enumerate(over):
            if number < too_many or now - job.ended > KEPT_SECONDS:
                shutil.rmtree(job.folder, ignore_errors=True)
                del self._jobs[job.id]

    # -- in a thread of its own ------------------------------------------------------------------

    def _run(self, job: Job, brief: Path) -> None:
        try:
            self._render(job, brief)
        except OSError as error:
            self._over(job, "failed", f"The report could not be made ({error.strerror}).")
        finally:
            # A report that was cancelled while its process started leaves nothing behind.
            if job.state == "cancelled":
                shutil.rmtree(job.folder, ignore_errors=True)

    def _render(self, job: Job, brief: Path) -> None:
        arguments = [*self._command, str(brief), "--out", str(job.folder / "out")]
        with job.lock:
            if job.state == "cancelled":
                return
            began = time.monotonic()
            job.pace = Pace(STAGES[job.pdf], expected_seconds=self._took[job.pdf])
            job.state = "running"
            job.process = process = subprocess.Popen(
                arguments if job.pdf else [*arguments, "--no-pdf"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
            )
        assert process.stdout is not None
        last, defect = "", False
        for line in process.stdout:
            stage = _stage(line)
            defect = defect or line.startswith("Traceback")
            if stage is None:
                last = line.strip() or last
            else:
                job.pace.begin(stage)
                job.stage = stage
        code = process.wait()
        if code == 0:
            self._took[job.pdf] = 0.5 * (self._took[job.pdf] + time.monotonic() - began)
            self._over(job, "done", "")
        else:
            # Only sentences meant for a person end a report with these codes.
            told = last if code in (1, 2) and not defect else ""
            self._over(job, "failed", told)

    @staticmethod
    def _over(job: Job, state: State, message: str) -> None:
        with job.lock:
            if not job.is_over:
                job.state, job.message, job.ended = state, message, time.monotonic()


def _stage(line: str) -> str | None:
    """The stage of a line that says that one began."""
    if not line.startswith("{"):
        return None
    try:
        return str(json.loads(line)["stage"])
    except (ValueError, KeyError, TypeError):
        return None


def _end_tree(process: "subprocess.Popen[str]") -> None:
    """End a process and every process it started: notebooks, and the browser that prints."""
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(process.pid)
        family = [*parent.children(recursive=True), parent]
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
