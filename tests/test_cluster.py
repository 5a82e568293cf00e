"""Reports made on a Dask cluster of this machine, and reports on storage behind a URL."""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import fsspec
import psutil
import pytest
from distributed import Client
from pypdf import PdfReader
from soaking import long, record

from kolkit.batch import apart, cluster, lease, storage
from kolkit.batch.cluster import Cluster
from kolkit.batch.job import Job, Outcome
from kolkit.batch.parcel import pack, unpack
from kolkit.batch.places import LocalPlace
from kolkit.clients import specs_of_table
from kolkit.errors import EnvironmentFault, InputError
from kolkit.report.manifest import MANIFEST
from kolkit.report.spec import ReportSpec, read_spec

DASK = str(Path(sys.executable).with_name("dask"))
KOLKIT = str(Path(sys.executable).with_name("kolkit"))
NAMES = tuple(f"Zirkel{letter}" for letter in "ABCDEFGH")


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a scheduler on loopback that nobody has joined."""
    folder = tmp_path_factory.mktemp("dask")
    told = folder / "scheduler.json"
    with (folder / "scheduler.log").open("w") as log:
        process = subprocess.Popen(
            [DASK, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
             "--scheduler-file", str(told)],
            stdout=log, stderr=log,
        )  # fmt: skip
        until = time.monotonic() + 60
        while not told.exists() and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(0.1)
        yield json.loads(told.read_text())["address"]
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def workers(
    scheduler: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[psutil.Process]]:
    """Two workers, as the nannies that start them anew when they die."""
    folder = tmp_path_factory.mktemp("workers")
    with (folder / "workers.log").open("w") as log:
        nannies = [
            subprocess.Popen(
                [DASK, "worker", scheduler, "--nthreads", "1", "--no-dashboard",
                 "--local-directory", str(folder)],
                stdout=log, stderr=log,
            )
            for _ in range(2)
        ]  # fmt: skip
        with Client(scheduler, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield [psutil.Process(nanny.pid) for nanny in nannies]
        for nanny in nannies:
            nanny.terminate()
        for nanny in nannies:
            nanny.wait(30)


def table(folder: Path, count: int) -> Path:
    """So many clients, each with its own budget, and only the chapter on the tier mix."""
    rows = [f"{name},{n + 1}00万,no,no" for n, name in enumerate(NAMES[:count])]
    header = "client,budget_cny,include_private_pool,include_livestream"
    path = folder / "clients.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


def at_work(nannies: list[psutil.Process]) -> psutil.Process:
    """The process of a worker that is making a report, as soon as there is one."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for nanny in nannies:
            for process in nanny.children(recursive=True):
                busy = kolkit_process(process) and process.children()
                if busy:
                    return process.parent()
        time.sleep(0.02)
    pytest.fail("no worker began a report")


def kolkit_process(process: psutil.Process) -> bool:
    try:
        return "kolkit.batch.apart" in process.cmdline()
    except psutil.Error:
        return False


def check_report(spec: ReportSpec, *, pdf: bool) -> None:
    """The files are those of this report and say this client's name and no other's."""
    told = json.loads((spec.folder / MANIFEST).read_text("utf-8"))
    assert told["content"] == spec.content
    assert told["parameters"]["budget_cny"] == spec.given["budget_cny"]
    files = {path.name for path in spec.folder.iterdir()}
    assert files == {*told["files"], MANIFEST}
    for name, sha in told["files"].items():
        assert hashlib.sha256((spec.folder / name).read_bytes()).hexdigest() == sha
    text = (spec.folder / f"{spec.stem}.html").read_text("utf-8")
    if pdf:
        text = "".join(
            page.extract_text() for page in PdfReader(spec.folder / f"{spec.stem}.pdf").pages
        )
    assert {name for name in NAMES if name in text} == {spec.client}


def test_workers_are_waited_for_and_one_with_other_data_is_left_out(
    scheduler, request, monkeypatch
):
    said: list[str] = []
    joined = Cluster(scheduler, say=said.append)
    try:
        assert joined.slots == joined.slots == 0
        assert said == [f"No worker at {scheduler} is ready yet: waiting (Ctrl-C ends it)."]
        assert joined.next_finished(0) is None
        monkeypatch.setattr(cluster, "data_hash", lambda: "0123456789ab")
        request.getfixturevalue("workers")
        until = time.monotonic() + 60
        while len(said) < 3 and time.monotonic() < until:
            assert joined.slots == 0
            time.sleep(0.05)
    finally:
        joined.close()
    assert all(sentence.startswith("The worker tcp://127.0.0.1:") for sentence in said[1:])
    with pytest.raises(EnvironmentFault) as caught:
        Cluster(scheduler)
    assert sorted(str(caught.value).splitlines()) == sorted(said[1:])
    assert "with data 0123456789ab: install the same on both" in said[1]


@pytest.mark.parametrize("count", [2, long(8)])
def test_a_worker_that_is_killed_costs_no_report(scheduler, workers, tmp_path, count):
    pdf, clients, out = count > 2, table(tmp_path, count), tmp_path / "out"
    specs = [spec for _, spec in specs_of_table(clients, out=out)]
    command = [KOLKIT, "report", str(clients), "--scheduler", scheduler]
    command += [] if pdf else ["--no-pdf"]
    began = time.monotonic()
    run = subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    killed = at_work(workers)
    below = killed.children(recursive=True)
    killed.kill()
    _, complaints = run.communicate(timeout=600)
    took = time.monotonic() - began
    assert run.returncode == 0, complaints
    for spec in specs:
        check_report(spec, pdf=pdf)
    attempts = [
        entry["attempts"] for entry in json.loads((out / "batch.json").read_text())["reports"]
    ]
    assert sorted(attempts) == [1] * (count - 1) + [2]
    gone, left = psutil.wait_procs(below, timeout=20)
    assert not left
    if pdf:
        assert gone
        again = [*command, "--out", f"file://{out}", "--resume"]
        subprocess.run(again, check=True, capture_output=True, timeout=120)
        told = json.loads((out / "batch.json").read_text())["reports"]
        assert [entry["state"] for entry in told] == ["kept"] * count
        record(
            "Cluster", f"{count} reports with PDF on 2 workers, one killed: {took:.0f} s, all right"
        )


def some_spec(folder: Path, client: str = "Ada") -> ReportSpec:
    brief = folder / f"{client}.yaml"
    brief.write_text(
        f"client: {client}\nplan: {{include_private_pool: false, include_livestream: false}}\n"
    )
    return read_spec(brief, out=folder / "out")


def make(job: Job) -> Outcome:
    """Stands in for the making of a report: two small files and their manifest."""
    folder = job.spec.folder
    folder.mkdir(parents=True)
    files = {f"{job.spec.stem}.html": job.spec.content.encode(), "a.ipynb": b"{}"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    told = {
        "client": job.spec.client,
        "scenario": job.spec.scenario,
        "content": job.spec.content,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        "draft": job.spec.draft,
    }
    (folder / MANIFEST).write_text(json.dumps(told))
    return Outcome(job.key, "done")


def test_a_parcel_brings_a_report_home(tmp_path):
    spec = some_spec(tmp_path)
    there = spec.below(tmp_path / "worker")
    make(Job.of(0, there, pdf=False))
    unpack(pack(there.folder), spec)
    names = [path.name for path in sorted(spec.folder.iterdir())]
    assert names == ["a.ipynb", "ada-base-case.html", MANIFEST]


@pytest.mark.parametrize("harm", ["changed", "missing", "extra", "outside", "other", "cut"])
def test_a_parcel_that_is_not_the_report_is_refused_and_the_earlier_one_stays(tmp_path, harm):
    spec = some_spec(tmp_path)
    make(Job.of(0, spec, pdf=False))
    before = {path.name: path.read_bytes() for path in spec.folder.iterdir()}
    there = spec.below(tmp_path / "worker")
    if harm == "other":
        there = replace(there, draft=False)
    make(Job.of(0, there, pdf=False))
    if harm == "changed":
        (there.folder / "a.ipynb").write_bytes(b"{ }")
    if harm == "missing":
        (there.folder / "a.ipynb").unlink()
    if harm == "extra":
        (there.folder / "b.ipynb").write_bytes(b"")
    parcel = pack(there.folder)
    if harm == "outside":
        parcel = parcel.replace(b"a.ipynb", b"../a.ip")
    with pytest.raises(EnvironmentFault, match="not that report, whole and unchanged"):
        unpack(parcel[:-30] if harm == "cut" else parcel, spec)
    assert {path.name: path.read_bytes() for path in spec.folder.iterdir()} == before
    assert [path.name for path in spec.folder.parent.iterdir()] == ["base-case"]


@pytest.fixture
def url() -> Iterator[str]:
    """Storage behind a URL that ends with the test."""
    yield "memory://reports"
    fsspec.filesystem("memory").rm("/reports", recursive=True)


def test_a_report_is_stored_behind_a_url_with_its_manifest_last(tmp_path, url, monkeypatch):
    place = storage.place_at(url)
    place.write("ada/base-case/of-an-earlier-one.pdf", b"%PDF")
    written: list[str] = []
    write = storage.UrlPlace.write
    monkeypatch.setattr(
        storage.UrlPlace, "write",
        lambda self, name, data: (written.append(name), write(self, name, data)),
    )  # fmt: skip
    job = Job.of(0, some_spec(tmp_path), pdf=False, url=url)
    assert storage.store(job, make).state == "done"
    folder = "ada/base-case"
    assert written == [f"{folder}/a.ipynb", f"{folder}/ada-base-case.html", f"{folder}/{MANIFEST}"]
    assert place.read(f"{folder}/of-an-earlier-one.pdf") is None
    told = storage.read_manifest_at(place, folder)
    assert all(place.sha256(f"{folder}/{name}") == sha for name, sha in told["files"].items())
    assert not (tmp_path / "out").exists()


def test_what_the_client_has_in_hand_is_read_behind_the_url(tmp_path, url):
    place = storage.place_at(url)
    sent = replace(some_spec(tmp_path), draft=False)
    storage.store(Job.of(0, sent, pdf=False, url=url), make)
    told = storage.read_manifest_at(place, "ada/base-case")
    place.write(f"ada/base-case/{MANIFEST}", json.dumps(told | {"hash": "abc1234"}).encode())
    assert storage.with_last_sent(some_spec(tmp_path), place).last_sent == {"hash": "abc1234"}


def test_another_clients_report_behind_a_url_is_not_overwritten(tmp_path, url):
    storage.store(Job.of(0, some_spec(tmp_path), pdf=False, url=url), make)
    outcome = storage.store(Job.of(0, some_spec(tmp_path, "ADA"), pdf=False, url=url), make)
    assert (outcome.state, outcome.fault) == ("refused", "input")
    assert "holds the report of Ada" in outcome.message


def test_a_report_that_fails_leaves_the_stored_one(tmp_path, url):
    job = Job.of(0, some_spec(tmp_path), pdf=False, url=url)
    storage.store(job, make)
    files = fsspec.filesystem("memory")
    before = {path: files.cat_file(path) for path in files.find("/reports")}
    failed = storage.store(job, lambda job: Outcome(job.key, "failed", fault="environment"))
    assert failed.state == "failed"
    assert {path: files.cat_file(path) for path in files.find("/reports")} == before


def test_one_caller_at_a_time_behind_a_url(url, monkeypatch):
    place = storage.place_at(url)
    with place.locked():
        second = storage.place_at(url).locked()
        with pytest.raises(EnvironmentFault, match="Another `kolkit report` is writing to memory:"):
            second.__enter__()
        monkeypatch.setattr(lease, "LEASE_SECONDS", -1)
        with storage.place_at(url).locked():
            pass
    assert fsspec.filesystem("memory").find("/reports") == []


def test_a_file_url_is_a_folder_like_any_other(tmp_path):
    assert isinstance(storage.place_at(f"file://{tmp_path}"), LocalPlace)
    job = Job.of(0, some_spec(tmp_path), pdf=False, url=f"file://{tmp_path}/shared")
    assert storage.store(job, make).state == "done"
    assert (tmp_path / "shared" / "ada" / "base-case" / MANIFEST).is_file()


@pytest.mark.parametrize(
    ("address", "kind", "words"),
    [
        ("localhost", InputError, "--scheduler must be an address such as tcp://host:8786"),
        ("tcp://127.0.0.1", InputError, "got tcp://127.0.0.1"),
        ("tcp://127.0.0.1:1", EnvironmentFault, "no Dask scheduler answers at tcp://127.0.0.1:1"),
    ],
)
def test_a_scheduler_that_is_not_there_is_said_at_once(address, kind, words):
    with pytest.raises(kind, match=words):
        Cluster(address)


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EnvironmentFault, match=r"pip install 'kolkit\[cluster\]'"):
        Cluster("tcp://127.0.0.1:8786")


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [("nope://x", InputError, "got nope://x"), ("s3://x", EnvironmentFault, "Install s3fs")],
)
def test_storage_that_cannot_be_opened_is_said_in_a_sentence(url, kind, words):
    with pytest.raises(kind, match=words):
        storage.place_at(url)


def test_a_process_apart_that_dies_is_an_outcome(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    outcome = apart.work(Job.of(7, some_spec(tmp_path), pdf=False))
    assert (outcome.key, outcome.state, outcome.fault) == (7, "failed", "worker")
