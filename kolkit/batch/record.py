"""What has become of each report of a batch, in memory and as `batch.json`."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from kolkit.batch.job import Outcome, State
from kolkit.batch.places import Place
from kolkit.report.spec import ReportSpec

BATCH = "batch.json"
VERSION = 1
Now = Literal["waiting", "running"] | State


@dataclass
class Entry:
    """One report of a batch: where it was asked for, and how far it is.

    `spec` is None for a brief that was refused before rendering; client and scenario are then
    what could be read of them, perhaps nothing. `began` is a monotonic time in seconds.
    """

    key: int
    brief: str
    spec: ReportSpec | None = None
    state: Now = "waiting"
    message: str = ""
    pages: int = 0
    seconds: float = 0.0
    attempts: int = 0
    began: float = 0.0
    pdf: str = ""
    worker: str = ""
    memory_mb: int = 0
    trace: str = ""

    @property
    def name(self) -> str:
        """What a person calls it: client and scenario, or the brief if those are not known."""
        return f"{self.spec.client} · {self.spec.scenario}" if self.spec else self.brief

    @property
    def folder(self) -> str:
        """Below the folder of all reports; empty for a refused brief."""
        return "/".join(self.spec.folder.parts[-2:]) if self.spec else ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in ("waiting", "running")

    def end(self, outcome: Outcome, *, pdf: bool) -> None:
        """Take over how its last attempt ended."""
        self.state, self.message, self.trace = outcome.state, outcome.message, outcome.trace
        self.pages, self.worker, self.memory_mb = outcome.pages, outcome.worker, outcome.memory_mb
        self.keep_pdf(pdf and outcome.state == "done")

    def keep_pdf(self, there: bool) -> None:
        """Name its PDF if there is one."""
        self.pdf = f"{self.folder}/{self.spec.stem}.pdf" if there and self.spec else ""

    def told(self) -> dict[str, Any]:
        """As it stands in `batch.json`."""
        spec = self.spec
        return {
            "brief": self.brief,
            "client": spec.client if spec else "",
            "scenario": spec.scenario if spec else "",
            "state": self.state,
            "seconds": round(self.seconds, 2),
            "attempts": self.attempts,
            "pages": self.pages,
            "folder": self.folder,
            "pdf": self.pdf,
            "hash": spec.hash if spec else "",
            "content": spec.content if spec else "",
            "message": self.message,
            "traceback": self.trace,
            "worker": self.worker,
            "peak_mb": self.memory_mb,
        }


class Record:
    """`batch.json` in the folder of all reports, always whole."""

    def __init__(self, place: Place, facts: dict[str, Any]) -> None:
        self._place = place
        self._head = {"schema": VERSION, "started": _now(), "ended": None, "jobs": 0, **facts}

    def count_jobs(self, slots: int) -> None:
        """So many reports are made at once; what is kept is the most that ever were."""
        self._head["jobs"] = max(self._head["jobs"], slots)

    def write(self, entries: Iterable[Entry], *, ended: bool = False) -> None:
        """Say how far everything is; EnvironmentFault where that cannot be written."""
        if ended:
            self._head["ended"] = _now()
        told = self._head | {"reports": [entry.told() for entry in entries]}
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        self._place.write(BATCH, text.encode())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
