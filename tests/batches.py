"""What the tests of batches share: briefs that differ, commands that run, and what they leave."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import yaml

from kolkit.batch.job import Job, Outcome

ROOT = Path(__file__).resolve().parents[1]
BRIEFS = ROOT / "reports" / "briefs"
KOLKIT = Path(sys.executable).parent / "kolkit"


def write_brief(folder: Path, name: str, **sections: Any) -> Path:
    """A brief of that name for a client of that name, by default with the livestream alone."""
    path = folder / f"{name}.yaml"
    content = {"client": name, "scenario": "Base case", **sections}
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return path


def command(*arguments: Any) -> list[str]:
    return [str(KOLKIT), "report", *map(str, arguments)]


def report(*arguments: Any, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run `kolkit report` to its end."""
    plain = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, encoding="utf-8",
        env=plain | environ, timeout=600,
    )  # fmt: skip


@contextmanager
def started(*arguments: Any) -> Iterator["subprocess.Popen[str]"]:
    """`kolkit report` while it runs; killed at the end of the block if it still does."""
    process = subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        encoding="utf-8",
    )  # fmt: skip
    try:
        yield process
    finally:
        for member in family(process.pid):
            member.kill()
        process.kill()
        process.communicate()


def family(pid: int, name: str = "") -> list[psutil.Process]:
    """The processes below one, those with `name` in their command line."""
    found = []
    try:
        for process in psutil.Process(pid).children(recursive=True):
            try:
                if name in " ".join(process.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue
    except psutil.Error:
        pass
    return found


def until(is_so: Callable[[], Any], *, seconds: float = 60) -> Any:
    """Wait for something; what it was."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := is_so():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{is_so} did not come true in {seconds} s")


def batch(out: Path) -> dict[str, Any]:
    """What `batch.json` says; no reports where it is not there yet."""
    try:
        return json.loads((out / "batch.json").read_text("utf-8"))
    except FileNotFoundError:
        return {"reports": []}


def states(out: Path) -> dict[str, str]:
    """The state of each report by its brief."""
    return {entry["brief"]: entry["state"] for entry in batch(out)["reports"]}


def finished(out: Path) -> list[Path]:
    """The manifests of the reports that are there."""
    return [path for path in out.glob("*/*/manifest.json") if ".partial" not in str(path)]


def marks(out: Path) -> dict[Path, tuple[int, str]]:
    """When each finished report was written, and the hash of its manifest."""
    return {
        path: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in finished(out)
    }


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs any more."""
    return not [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def kill_at_one(job: Job) -> Outcome:
    """Work whose second job kills its process and whose fourth raises."""
    if job.key == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if job.key == 3:
        raise ZeroDivisionError("division by zero")
    return Outcome(job.key, "done")


def hang(job: Job) -> Outcome:
    """Work that never ends."""
    while True:
        time.sleep(60)
