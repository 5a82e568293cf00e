"""What the command line says about a batch, and what follows from it alone."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kolkit.batch.executors import Executor
from kolkit.batch.job import Job
from kolkit.batch.places import LocalPlace, Place
from kolkit.batch.record import Entry
from kolkit.batch.resume import keep_finished
from kolkit.errors import EnvironmentFault
from kolkit.machine import free_memory_mb, require_browser, require_cjk_font

# The largest of 60 reports with all chapters was 1,061 MB, looked at once a second.
WORKER_MB = 1_100
"""Memory of a worker with its browser and two notebooks, shared pages by their part, in MB."""


@dataclass(frozen=True)
class Options:
    """`out` is a folder or an fsspec URL; `jobs` how many reports are made at once (None: what fits
    this machine).
    """

    out: str
    pdf: bool = True
    jobs: int | None = None
    resume: bool = False
    release: bool = False
    theme: Path | None = None
    scheduler: str = ""
    stages: bool = False
    since: Path | None = None

    @property
    def url(self) -> str:
        """Where reports go if that is given as a URL; else empty."""
        return self.out if "://" in self.out else ""

    @cached_property
    def place(self) -> Place:
        """The folder of all reports."""
        if not self.url:
            return LocalPlace(Path(self.out))
        from kolkit.batch.storage import place_at

        return place_at(self.url)

    @cached_property
    def folder(self) -> Path:
        """The same as a path: only a name where reports are uploaded."""
        if not self.url:
            return Path(self.out)
        from kolkit.batch.storage import folder_of

        return folder_of(self.url)

    def cluster(self) -> Executor:
        """The workers behind the scheduler."""
        from kolkit.batch.cluster import Cluster

        return Cluster(self.scheduler)

    def at_once(self, most: int) -> int:
        """How many workers to start for at most so many reports."""
        return min(self.jobs or default_jobs(), most)

    def require_machine(self, entries: Sequence[Entry]) -> None:
        """EnvironmentFault where this machine cannot print what it is asked to."""
        if not self.pdf or self.scheduler:
            return
        try:
            require_browser()
        except EnvironmentFault as fault:
            raise EnvironmentFault(f"{fault} HTML and XLSX alone: add --no-pdf.") from None
        if any(entry.spec and entry.spec.look.language == "zh" for entry in entries):
            require_cjk_font()

    def jobs_for(self, entries: Sequence[Entry]) -> list[Job]:
        """The jobs that are left; with `resume` what is there already is kept."""
        for entry in entries:
            if self.resume and entry.state == "waiting":
                keep_finished(entry, self.place, pdf=self.pdf)
        return [
            Job.of(entry.key, entry.spec, pdf=self.pdf, url=self.url)
            for entry in entries
            if entry.spec and entry.state == "waiting"
        ]


def default_jobs() -> int:
    """As many workers as there are cores for this process and memory for them; at least one."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(cores, free_memory_mb() // WORKER_MB))
