"""What a worker is given for one report, and what it says when it is over."""

import traceback
from dataclasses import dataclass
from typing import Literal

from kolkit.identity import code_hash, data_hash, package_version
from kolkit.report.spec import ReportSpec

State = Literal["done", "kept", "refused", "failed"]
Fault = Literal["", "input", "environment", "worker", "defect"]
"""Whose fault it is: the brief's, the machine's, that of a worker that died, or the program's."""

RETRIED: tuple[Fault, ...] = ("environment", "worker")


def code_now() -> str:
    """Package version and hash of the code in this process, to compare with another's."""
    return f"{package_version()} ({code_hash()})"


@dataclass(frozen=True)
class Job:
    """One report to make; it can be pickled.

    `code` and `data` are what the caller has: a worker elsewhere must have the same. `url` is the
    folder of all reports where that is not on this machine's disk (empty: `spec.folder` counts).
    """

    key: int
    spec: ReportSpec
    pdf: bool
    code: str
    data: str
    url: str = ""

    @classmethod
    def of(cls, key: int, spec: ReportSpec, *, pdf: bool, url: str = "") -> "Job":
        """The job as this process would do it. `key` is unique in the batch."""
        return cls(key, spec, pdf, code_now(), data_hash(), url)

    @property
    def place(self) -> str:
        """Folder of the report below that of all reports: `client/scenario`."""
        return "/".join(self.spec.folder.parts[-2:])


@dataclass(frozen=True)
class Outcome:
    """How one attempt at a job ended; it can be pickled.

    `message` is the sentence for a person (empty if all went well), `trace` the traceback of a
    defect. `pages` is 0 without a PDF. `memory_mb` is the largest memory of the worker with its
    browser and notebooks, in MB (2**20 bytes). `parcel` holds a report's files where they come
    back to the caller through the network.
    """

    key: int
    state: State
    seconds: float = 0.0
    pages: int = 0
    message: str = ""
    fault: Fault = ""
    trace: str = ""
    worker: str = ""
    memory_mb: int = 0
    attempts: int = 1
    parcel: bytes = b""


def defect(job: Job, error: BaseException) -> Outcome:
    """The outcome of a job that raised what nobody expected."""
    told = f"{type(error).__name__}: {error}"
    trace = "".join(traceback.format_exception(error))
    return Outcome(job.key, "failed", fault="defect", message=told, trace=trace)
