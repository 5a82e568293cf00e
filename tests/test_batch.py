"""Batches: what one bad report costs, what is kept, what is retried, and what is left behind."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import batches
import pytest
from batches import BRIEFS, batch, family, finished, gone, marks, report, started, states, until
from rich.console import Console
from typer.testing import CliRunner

from kolkit.batch import command, worker
from kolkit.batch.board import Board
from kolkit.batch.executors import Local
from kolkit.batch.job import Job, Outcome
from kolkit.batch.options import Options, default_jobs
from kolkit.batch.places import LocalPlace
from kolkit.batch.record import Entry
from kolkit.batch.resume import keep_finished
from kolkit.batch.run import run
from kolkit.batch.single import Stages
from kolkit.batch.sources import Wanted, entries_of, spread
from kolkit.cli import app
from kolkit.errors import EnvironmentFault
from kolkit.pace import MOST, Pace
from kolkit.report.spec import read_spec

LIVE_ONLY = {f"include_{name}": False for name in ("tier_mix", "private_pool")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four briefs: two good ones, one with a mistake, and one that would take another's place."""
    made = tmp_path_factory.mktemp("briefs")
    batches.write_brief(made, "ada", plan=LIVE_ONLY)
    batches.write_brief(made, "bo", plan=LIVE_ONLY)
    batches.write_brief(made, "cy", livestream={"commission_rate": 20})
    batches.write_brief(made, "dee", client="Ada")
    return made


@pytest.fixture(scope="module")
def made(folder: Path) -> tuple[Path, "subprocess.CompletedProcess[str]"]:
    """Those four as a batch: the folder of the reports, and what was said."""
    out = folder / "out"
    return out, report(folder, "--jobs", 2, "--no-pdf", "--out", out)


@pytest.fixture
def whole(made: tuple[Path, Any], tmp_path: Path) -> Path:
    """A copy of those reports that a test may damage."""
    return shutil.copytree(made[0], tmp_path / "out")


# -- a batch -------------------------------------------------------------------------------------


def test_a_refused_brief_costs_itself_only(made):
    out, told = made
    assert told.returncode == 2, told.stderr
    assert states(out) == {
        "ada.yaml": "done", "bo.yaml": "done", "cy.yaml": "refused", "dee.yaml": "refused"
    }  # fmt: skip
    assert len(finished(out)) == 2
    kinds = {path.suffix for path in finished(out)[0].parent.iterdir()}
    assert {".html", ".xlsx", ".ipynb", ".json"} <= kinds
    assert "Traceback" not in told.stderr
    assert "commission_rate must be a share between 0 and 1; got 20" in told.stderr
    assert "dee.yaml and ada.yaml are both" in told.stderr


def test_every_report_has_a_line_while_it_runs_and_a_row_at_the_end_failures_last(made):
    out, told = made
    lines = [line for line in told.stderr.splitlines() if line.startswith("[")]
    assert [line[:5] for line in lines] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    rows = told.stdout.splitlines()
    assert rows[0].split()[:3] == ["Client", "Scenario", "State"]
    assert [row.split()[0] for row in rows[1:5]] == ["ada", "bo", "cy.yaml", "Ada"]
    assert rows[-1] == f"2 done, 2 refused. Record: {out}/batch.json"


def test_the_record_says_what_a_program_needs(made):
    out, _ = made
    told = batch(out)
    assert told["schema"] == 1
    assert told["started"] <= told["ended"]
    ada = told["reports"][0]
    manifest = json.loads((out / ada["folder"] / "manifest.json").read_text("utf-8"))
    assert (ada["hash"], ada["content"]) == (manifest["hash"], manifest["content"])
    assert ada["attempts"] == 1
    assert ada["seconds"] > 0
    assert 100 < ada["peak_mb"] < 4000
    refused = told["reports"][2]
    assert (refused["attempts"], refused["folder"]) == (0, "")
    assert "cy.yaml" in refused["message"]


def test_folders_tables_and_briefs_mix_and_a_bad_row_costs_itself(tmp_path):
    table = tmp_path / "clients.csv"
    table.write_text("client,commission_rate\nEve,20 %\nFay,2000 %\n", "utf-8")
    (tmp_path / "briefs").mkdir()
    batches.write_brief(tmp_path / "briefs", "ada")
    (tmp_path / "empty").mkdir()
    asked = [tmp_path / "briefs", table, tmp_path / "empty", tmp_path / "none.yaml"]
    entries = entries_of(spread(asked), Wanted(tmp_path / "out"), say=lambda: None)
    assert [entry.state for entry in entries] == ["waiting", "waiting", *["refused"] * 3]
    assert entries[1].name == "Eve · Base case"
    told = CliRunner().invoke(app, ["check", *map(str, asked)])
    assert (told.exit_code, told.stdout) == (2, "2 of 5 can be made.\n")
    assert all(entry.message in told.stderr for entry in entries[2:])
    for entry, part in zip(entries[2:], ("row 3", "holds no brief", "there is no"), strict=True):
        assert part in entry.message


def test_workers_are_as_many_as_cores_and_memory_allow_and_at_least_one(monkeypatch):
    monkeypatch.setattr("kolkit.batch.options.free_memory_mb", lambda: 100)
    assert default_jobs() == 1
    monkeypatch.setattr("kolkit.batch.options.free_memory_mb", lambda: 10**9)
    assert default_jobs() == len(os.sched_getaffinity(0))
    assert Options("out", jobs=8).at_once(3) == 3
    assert report("x.yaml", "--jobs", 0).returncode == 2


def test_a_table_gets_a_worker_for_each_row_and_the_record_says_how_many(monkeypatch, tmp_path):
    table = tmp_path / "clients.csv"
    table.write_text("client\nAda\nBo\nCy\n", "utf-8")
    reports: list[int] = []
    monkeypatch.setattr(command, "run", lambda *_, **__: None)
    monkeypatch.setattr(
        command, "_executor", lambda options, most: reports.append(most) or Scripted(2, {})
    )
    command.report([table], Options(str(tmp_path), pdf=False), console=Console(quiet=True))
    assert reports == [3]
    assert batch(tmp_path)["jobs"] == 2


# -- retrying ------------------------------------------------------------------------------------


class Scripted:
    """An executor whose outcomes are written down: for each job the faults of its attempts."""

    def __init__(self, slots: int, faults: dict[int, list[str]]) -> None:
        self.slots = slots
        self.faults = faults
        self.beside: list[tuple[int, int]] = []
        self._running: list[Job] = []

    def submit(self, job: Job) -> None:
        self._running.append(job)
        assert len(self._running) <= self.slots

    def next_finished(self, timeout_seconds: float) -> Outcome | None:
        self.beside.append((self._running[0].key, len(self._running)))
        job = self._running.pop(0)
        faults = self.faults.get(job.key)
        if not faults:
            return Outcome(job.key, "done", pages=9)
        fault = faults.pop(0)
        state = "refused" if fault == "input" else "failed"
        return Outcome(job.key, state, message=fault, fault=cast(Any, fault))

    def close(self, *, at_once: bool = False) -> None:
        self._running.clear()


def jobs_and_entries(count: int) -> tuple[list[Job], list[Entry]]:
    spec = cast(Any, None)
    jobs = [Job(key, spec, False, "", "") for key in range(count)]
    return jobs, [Entry(key, f"{key}.yaml") for key in range(count)]


def test_the_machines_fault_is_tried_once_more_and_the_briefs_never():
    jobs, entries = jobs_and_entries(7)
    executor = Scripted(
        2,
        {
            0: ["environment"], 1: ["environment"] * 2, 2: ["input"], 3: ["defect"],
            4: ["worker"], 5: ["worker"] * 2,
        },
    )  # fmt: skip
    run(jobs, entries, executor, changed=lambda entry: None)
    assert [entry.state for entry in entries] == [
        "done", "failed", "refused", "failed", "done", "failed", "done"
    ]  # fmt: skip
    assert [entry.attempts for entry in entries] == [2, 2, 1, 1, 2, 2, 1]
    # What killed its worker once begins again only when nothing else is left to be harmed.
    assert executor.beside[-2:] == [(4, 1), (5, 1)]


def test_a_report_that_always_kills_its_worker_costs_only_itself():
    jobs, entries = jobs_and_entries(5)
    executor = Local(2, batches.kill_at_one, warm_up=None)
    try:
        run(jobs, entries, executor, changed=lambda entry: None)
    finally:
        executor.close()
    assert [entry.state for entry in entries] == ["done", "failed", "done", "failed", "done"]
    assert [entry.attempts for entry in entries] == [1, 2, 1, 1, 1]
    assert "was killed" in entries[1].message
    assert entries[3].message == "ZeroDivisionError: division by zero"
    assert "batches.py" in entries[3].trace


def test_a_stuck_worker_is_ended(monkeypatch):
    monkeypatch.setattr("kolkit.batch.executors.LIMIT_SECONDS", 1.0)
    jobs, entries = jobs_and_entries(1)
    executor = Local(1, batches.hang, warm_up=None)
    try:
        run(jobs, entries, executor, changed=lambda entry: None)
    finally:
        executor.close(at_once=True)
    assert (entries[0].state, entries[0].attempts) == ("failed", 2)
    assert "did not get ready" in entries[0].message


def test_a_browser_is_opened_again_after_a_fault_and_kept_otherwise(monkeypatch, tmp_path):
    opened = []

    class Printer:
        def __enter__(self):
            opened.append(self)
            return self

        def __exit__(self, *_):
            raise RuntimeError("the browser is dead")

    outcomes: Iterator[Any] = iter([None, EnvironmentFault("it crashed"), None, ValueError("odd")])

    def render(spec: Any, *, printer: Any, say: Any) -> Any:
        fault = next(outcomes)
        if fault:
            raise fault
        return type("Rendered", (), {"pages": 3})

    monkeypatch.setattr("kolkit.report.pdf.Printer", Printer)
    monkeypatch.setattr("kolkit.report.render.render", render)
    monkeypatch.setattr(worker, "_printer", None)
    job = Job.of(0, read_spec(BRIEFS / "watch.yaml", out=tmp_path), pdf=True)
    told = [worker.work(job) for _ in range(4)]
    assert [(one.state, one.fault) for one in told] == [
        ("done", ""), ("failed", "environment"), ("done", ""), ("failed", "defect")
    ]  # fmt: skip
    assert len(opened) == 2
    assert told[3].message == "ValueError: odd"


def test_a_worker_with_other_code_or_data_refuses_to_render(tmp_path):
    spec = read_spec(BRIEFS / "watch.yaml", out=tmp_path)
    told = worker.work(Job(0, spec, False, "9.9 (other)", "data"))
    assert (told.state, told.fault) == ("failed", "environment")
    assert "9.9 (other)" in told.message
    assert list(tmp_path.iterdir()) == []


# -- keeping what is finished ----------------------------------------------------------------------


def test_what_is_finished_and_unchanged_is_not_made_again(made, folder, whole):
    before = marks(whole)
    again = report(folder / "ada.yaml", folder / "bo.yaml", "--no-pdf", "--resume", "--out", whole)
    assert again.returncode == 0
    assert set(states(whole).values()) == {"kept"}
    assert marks(whole) == before


DAMAGE = {
    "a changed file": lambda folder: next(folder.glob("*.html")).write_text("x"),
    "a lost file": lambda folder: next(folder.glob("*.xlsx")).unlink(),
    "half a manifest": lambda folder: (folder / "manifest.json").write_text('{"content'),
    "no report": shutil.rmtree,
    "other inputs": lambda folder: (folder / "manifest.json").write_text(
        (folder / "manifest.json").read_text("utf-8").replace('"content": "', '"content": "0')
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_damaged_or_from_other_inputs_is_made_again(damage, folder, whole):
    entry = Entry(0, "ada.yaml", read_spec(folder / "ada.yaml", out=whole))
    assert keep_finished(entry, LocalPlace(whole), pdf=False)
    assert not keep_finished(entry, LocalPlace(whole), pdf=True)
    DAMAGE[damage](whole / entry.folder)
    assert not keep_finished(entry, LocalPlace(whole), pdf=False)


def test_a_killed_caller_leaves_no_process_and_the_rest_can_be_resumed(folder, tmp_path):
    for name in ("eve", "fay", "gus"):
        batches.write_brief(tmp_path, name, plan=LIVE_ONLY)
    out = tmp_path / "out"
    asked = (tmp_path, "--no-pdf", "--out", out, "--jobs", 1)
    with started(*asked) as caller:
        until((out / "batch.json").exists)
        second = report(BRIEFS / "watch.yaml", "--no-pdf", "--out", out)
        until(lambda: "done" in states(out).values())
        workers = family(caller.pid)
        caller.kill()
        until(lambda: gone(workers), seconds=10)
    assert len(workers) >= 2
    assert second.returncode == 1
    assert f"Another `kolkit report` is writing to {out}" in second.stderr
    before = marks(out)
    assert before
    again = report(*asked, "--resume")
    assert again.returncode == 0, again.stderr
    assert set(states(out).values()) == {"kept", "done"}
    assert before.items() <= marks(out).items()
    assert len(finished(out)) == 3


def test_ctrl_c_leaves_a_record_and_says_how_to_go_on(monkeypatch, capsys, tmp_path):
    def stop(jobs: Any, entries: list[Entry], *_: Any, **__: Any) -> None:
        entries[0].state = "running"
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run", stop)
    monkeypatch.setattr(command, "_executor", lambda options, most: Scripted(1, {}))
    asked = [BRIEFS / "watch.yaml", BRIEFS / "thinmargin.yaml"]
    options = Options(str(tmp_path / "out"), pdf=False)
    assert command.report(asked, options, console=Console()) == 130
    assert set(states(tmp_path / "out").values()) == {"waiting"}
    assert "Stopped with 2 of 2 reports left" in capsys.readouterr().err


# -- one caller, and a disk that takes no more -----------------------------------------------------


def test_the_lock_of_a_killed_caller_is_free(tmp_path):
    hold = (
        "import sys, time; from pathlib import Path; from kolkit.batch.places import LocalPlace\n"
        f"with LocalPlace(Path({str(tmp_path)!r})).locked(): print('held', flush=True), "
        "time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    place = LocalPlace(tmp_path)
    with pytest.raises(EnvironmentFault, match="wait until it ends"), place.locked():
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with pytest.raises(EnvironmentFault, match=r"^inside$"), place.locked():
        raise EnvironmentFault("inside")
    with place.locked():
        assert place.read("none") is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB: less than two reports."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_or_read_only_disk_is_a_sentence_and_costs_no_earlier_report(made, small_disk):
    earlier = made[0] / "ada"
    shutil.copytree(earlier, small_disk / "ada")
    before = marks(small_disk)
    (small_disk / "rest").write_bytes(b"0" * (shutil.disk_usage(small_disk).free - 60_000))
    told = report(made[0].parent / "ada.yaml", "--no-pdf", "--out", small_disk)
    assert told.returncode == 1
    assert "No space left on device" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
    assert marks(small_disk) == before
    assert [path.name for path in (small_disk / "ada").iterdir()] == ["base-case"]
    place = LocalPlace(small_disk)
    place.write("batch.json", b"{}")
    with pytest.raises(EnvironmentFault, match="No space left"):
        place.write("batch.json", b"0" * 3_000_000)
    assert place.read("batch.json") == b"{}"
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(EnvironmentFault, match="Read-only file system"):
        place.write("batch.json", b"")
    with pytest.raises(EnvironmentFault, match="Read-only file system"), place.locked():
        pass


# -- what is seen ----------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_time_left_and_the_state_of_each_client(tmp_path):
    seen = Terminal()
    entries = [Entry(key, f"{key}.yaml") for key in range(6)]
    entries[0].state, entries[0].seconds = "done", 30.0
    entries[1].state, entries[1].seconds = "failed", 30.0
    entries[2].state, entries[2].attempts = "running", 2
    entries[2].began = time.monotonic()
    with Board(entries, console=Console(file=seen, width=100, force_terminal=True)) as board:
        board.show(2)
    told = seen.getvalue()
    assert "2/6" in told
    # three waiting and one that has just begun, two at once
    assert "1:00 left" in told
    assert "1 done" in told
    assert "3 waiting" in told
    assert "2.yaml" in told
    assert "second attempt" in told


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_time_left_follows_the_stages_and_never_pretends():
    clock = Clock()
    pace = Pace({"notebook": 0.2, "pdf": 0.5}, expected_seconds=10, clock=clock)
    assert pace.told() == (0.0, 10)
    clock.now = 60
    assert pace.told() == (0.2, 8)
    pace.begin("notebook")
    clock.now = 62
    assert pace.told() == pytest.approx((0.4, 6))
    clock.now = 66
    assert pace.told() == (0.5, 5)
    # 30 % of the report took 6 s
    pace.begin("pdf")
    assert pace.told() == (0.5, 10)
    clock.now = 71
    assert pace.told() == pytest.approx((0.75, 5))
    clock.now = 99
    assert pace.told() == (MOST, None)
    # tried again
    pace.begin("notebook")
    assert pace.told() == (0.2, 8)


def test_one_report_on_a_terminal_shows_its_stage_and_the_time_left(monkeypatch, capsys):
    seen, clock = Terminal(), Clock()
    monkeypatch.setattr("sys.stderr", seen)
    pace = Pace({"notebook": 0.2, "pdf": 0.5}, expected_seconds=10, clock=clock)
    with Stages("Ada · Base case", pace, tell=True) as stages:
        stages.say("notebook")
        clock.now = 6
        stages.say("pdf")
    assert "pdf: Ada · Base case" in seen.getvalue()
    assert "0:10 left" in seen.getvalue()
    assert capsys.readouterr().out == '{"stage": "notebook"}\n{"stage": "pdf"}\n'
