"""The server as visitors meet it: index, scenarios, login, reports, and what it refuses."""

import contextlib
import hashlib
import http.cookiejar
import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import pytest
import yaml
from pages import BIN, LIVE, ROOT, WORKBOOKS, free_port, serving
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from kolkit.books import BOOKS
from kolkit.contents import Content, brief_bytes
from kolkit.errors import InputError
from kolkit.scenarios import Store
from kolkit.server.access import CONTENT_SECURITY_POLICY, Access
from kolkit.server.folders import served
from kolkit.server.jobs import Jobs
from kolkit.server.site import Site
from kolkit.words import Words


class Answer(NamedTuple):
    """An answer, whatever its status."""

    status: int
    headers: Any
    body: bytes
    url: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def told(self) -> Any:
        return json.loads(self.body)


class Visitor:
    """A browser without pages: keeps cookies, follows redirects, reads refusals."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def __call__(self, method: str, path: str, body: Any = None, /, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body
        if isinstance(body, dict):
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        elif method == "POST" and body is None:
            data = b"{}"
            sent.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(
            self.address + path, data=data, method=method, headers=sent
        )
        try:
            with self.opener.open(request, timeout=60) as found:
                return Answer(found.status, found.headers, found.read(), found.url)
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read(), error.url)


@pytest.fixture(scope="module")
def briefs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("briefs")
    for name in ("nordlys.yaml", "hearthline.yaml", "orders_nordlys_sample.csv"):
        shutil.copy(ROOT / "reports" / "briefs" / name, folder)
    (folder / "broken.yaml").write_text("client: [")
    return folder


@contextlib.contextmanager
def kolkit_serve(*extra: object, base: str = "/") -> Iterator[Visitor]:
    port = free_port()
    command = [BIN / "kolkit", "serve", *extra, f"--port={port}", "--no-browser"]
    ready = f"{base}voila/static/voila.js"
    with serving(*command, port=port, path=ready) as address:
        yield Visitor(address)


@pytest.fixture(scope="module")
def server(briefs: Path) -> Iterator[Visitor]:
    with kolkit_serve("--no-preheat", "--briefs", briefs) as visitor:
        yield visitor


# -- pages ---------------------------------------------------------------------------------------


def test_the_index_leads_through_the_journey(server: Visitor) -> None:
    page = server("GET", "/").text
    notebooks = re.findall(r'href="/voila/render/([^"#]+\.ipynb)"', page)
    assert notebooks == [*(b.notebook for b in BOOKS.values()),
                         "course/ex01_tiers_and_engagement.ipynb"]  # fmt: skip
    for book in BOOKS.values():
        assert book.question.replace("’", "’") in page
    links = re.findall(r'href="(/voila/render/05_plan\.ipynb#[^"]+)"', page)
    assert len(links) == 2
    assert any("client=Nordlys&amp;scenario=First+year&amp;s=nordlys&amp;v=" in x for x in links)
    assert "this is not valid YAML" in page
    assert ".py" not in page


@pytest.mark.parametrize(
    ("path", "accept", "language"),
    [("/?lang=zh", "en", "zh"), ("/", "zh-CN,en;q=0.5", "zh"), ("/?lang=en", "zh", "en"),
     ("/?lang=%3Cb%3E", "fr", "en"), ("/nowhere", "zh", "zh")],
)  # fmt: skip
def test_pages_speak_the_visitors_language(
    server: Visitor, path: str, accept: str, language: str
) -> None:
    page = server("GET", path, Accept_Language=accept).text
    assert f'<html lang="{language}">' in page
    assert Words(language)("To the workbooks" if "no" in path else "Saved scenarios") in page


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/voila/render/06_plan.ipynb", "/voila/render/00_start_here.py",
     "/voila/render/../README.md", "/voila/render/", "/voila/render/%2e%2e/README.md",
     "/voila/render//etc/passwd", "/voila/tree", "/voila/tree/course", "/voila/api/contents",
     "/voila/files/00_start_here.py", "/kolkit/files/manifest.json", "/kolkit/"],
)  # fmt: skip
def test_what_is_not_served_is_a_page_of_ours(server: Visitor, path: str) -> None:
    found = server("GET", path)
    assert found.status == 404
    assert "There is no workbook at this address" in found.text
    assert "Jupyter" not in found.text


@pytest.mark.parametrize(
    "path",
    ["/", "/nowhere", "/voila/static/voila.js", "/voila/templates/kolkit/static/around.css",
     "/voila/templates/kolkit/static/../../../x", "/kolkit/scenarios", "/kolkit/scenarios/none",
     "/api/kernels/a-b-c-d-e", "/login", "/voila/render/00_start_here.ipynb"],
)  # fmt: skip
def test_every_answer_carries_the_headers(server: Visitor, path: str) -> None:
    found = server("GET", path)
    assert found.headers["Content-Security-Policy"].startswith(CONTENT_SECURITY_POLICY)
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Referrer-Policy"] == "no-referrer"
    assert found.headers["Server"] is None
    assert "http://" not in found.text.replace("http://www.w3.org", "") or "voila.js" in path


def test_the_policy_names_no_other_host_and_no_inline_script() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert "://" not in CONTENT_SECURITY_POLICY
    assert "*" not in CONTENT_SECURITY_POLICY
    assert not {"'unsafe-inline'", "'unsafe-eval'", "data:"} & set(rules["script-src"].split())
    assert rules["object-src"] == "'none'"


@pytest.mark.browser
def test_dashboards_live_under_the_policy(server: Visitor, watched) -> None:
    """Without the tests' usual way around the policy; what it forbids is told on the console."""
    context = watched.page.context.browser.new_context()
    page = context.new_page()
    page.on("console", watched._console)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    try:
        for path in ("/", "/login", "/voila/render/05_plan.ipynb"):
            page.goto(server.address + path)
            if path.endswith("ipynb"):
                _until(lambda: page.evaluate(LIVE), 60)
    finally:
        context.close()


def _until(holds: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


# -- scenarios -----------------------------------------------------------------------------------


def test_a_scenario_is_saved_changed_deleted_and_restored(server: Visitor, briefs: Path) -> None:
    sent = {"client": "Ada", "scenario": "One", "language": "zh", "inputs": {"gross_margin": 0.5}}
    made = server("POST", "/kolkit/scenarios", sent)
    assert made.status == 201
    assert made.told["inputs"] == {"gross_margin": 0.5}
    assert made.told["language"] == "zh"
    assert made.told["link"].startswith("#k=2&client=Ada&scenario=One&s=ada-one&v=")
    assert (briefs / "ada-one.yaml").is_file()
    assert server("POST", "/kolkit/scenarios", sent).status == 409

    path, version = "/kolkit/scenarios/ada-one", made.told["version"]
    assert server("GET", path).told == made.told
    changed = sent | {"scenario": "Two", "inputs": {"gross_margin": 0.6}}
    assert server("PUT", path, changed).status == 428
    saved = server("PUT", path, changed, If_Match=version)
    assert (saved.status, saved.told["id"], saved.told["scenario"]) == (200, "ada-one", "Two")
    late = server("PUT", path, changed, If_Match=version, X_Kolkit_Language="zh")
    assert late.status == 409
    assert late.told["message"] == "该方案在此期间已被他人修改。"
    assert late.told["theirs"]["version"] == saved.told["version"]

    assert server("DELETE", path, If_Match=version).status == 409
    assert server("DELETE", path, If_Match=f'"{saved.told["version"]}"').status == 204
    assert server("GET", path).status == 404
    told = server("GET", "/kolkit/scenarios").told
    assert "ada-one" not in {s["id"] for s in told["scenarios"]}
    assert [d["id"] for d in told["deleted"]] == ["ada-one"]
    assert server("POST", f"{path}/restore").told["inputs"] == {"gross_margin": 0.6}
    assert server("POST", f"{path}/restore").status == 404
    assert server("GET", "/kolkit/scenarios").told["scenarios"][0]["id"] == "ada-one"
    assert "not valid YAML" in next(
        s["broken"] for s in server("GET", "/kolkit/scenarios").told["scenarios"] if "broken" in s
    )


def test_a_brief_goes_out_and_comes_back(server: Visitor) -> None:
    sent = {"client": "Ada", "scenario": "One / 1".replace("/", "-"), "language": "en",
            "inputs": {"cells": [{"tier": "koc", "platform": "weibo", "price_cny": 9.5,
                                  "followers": 2000}], "goal": "profit"}}  # fmt: skip
    brief = server("POST", "/kolkit/brief", sent)
    assert brief.headers["Content-Type"] == "application/yaml"
    assert "ada-one-1.yaml" in brief.headers["Content-Disposition"]
    assert "sandbox" in brief.headers["Content-Security-Policy"]
    assert yaml.safe_load(brief.text)["private_pool"] == {"goal": "profit"}
    back = server("POST", "/kolkit/upload", brief.body, Content_Type="application/yaml").told
    assert {n: back[n] for n in sent} == sent
    named = b"client: Ada\nlivestream:\n  orders_file: orders.csv\n"
    told = server("POST", "/kolkit/upload", named, Content_Type="text/yaml").told
    assert "orders.csv" in told["note"]
    assert told["inputs"] == {}


@pytest.mark.parametrize(
    ("path", "body", "kind", "status"),
    [
        ("upload", b"client: [", "application/yaml", 422),
        ("upload", b"client: !!python/name:os.system x", "application/yaml", 422),
        ("upload", b"client: Ada\nbrnd: {}", "application/yaml", 422),
        ("upload", b"\xff\xfe", "application/yaml", 422),
        ("upload", b"client: Ada", "text/plain", 415),
        ("upload", b"client: Ada", "", 415),
        ("upload", b"#" * 300_000, "application/yaml", 413),
        ("scenarios", b"{}", "text/plain", 415),
        ("scenarios", b"{}", "application/x-www-form-urlencoded", 415),
        ("scenarios", b"{", "application/json", 400),
        ("scenarios", b"[]", "application/json", 400),
        ("scenarios", b'{"inputs": {"gross_margin": NaN}}', "application/json", 400),
        ("scenarios", b'{"a":' * 50_000, "application/json", 400),
        ("scenarios", b" " * 1_100_000, "application/json", 413),
        ("scenarios", b'{"client": "a", "scenario": 1}', "application/json", 422),
        ("scenarios", b'{"client": "a", "scenario": "b", "inputs": []}', "application/json", 422),
        ("scenarios", b'{"client": "a", "scenario": "b", "inputs": {"goal": 1}}',
         "application/json", 422),
        ("scenarios", b'{"client": "../a", "scenario": "b"}', "application/json", 422),
        ("reports", b'{"client": "a", "scenario": "b", "inputs": {"x": 1}}',
         "application/json", 422),
    ],
)  # fmt: skip
def test_a_bad_body_is_refused_in_one_sentence(
    server: Visitor, briefs: Path, path: str, body: bytes, kind: str, status: int
) -> None:
    before = sorted(briefs.iterdir())
    found = server("POST", f"/kolkit/{path}", body, Content_Type=kind)
    assert found.status == status, found.text
    assert found.told["message"].endswith((".", "?", "”", "。"))
    assert "Traceback" not in found.text
    assert sorted(p for p in briefs.iterdir() if p.name != ".lock") == [
        p for p in before if p.name != ".lock"
    ]


@pytest.mark.parametrize("id", ["..%2Fx", "%2e%2e", "a%5Cb", "none", ".lock", "%00", "x" * 300])
def test_no_address_leads_out_of_the_folder_of_briefs(server: Visitor, id: str) -> None:
    found = server("GET", f"/kolkit/scenarios/{id}")
    assert found.status == 404


def test_another_site_can_save_nothing(server: Visitor) -> None:
    sent = {"client": "Foe", "scenario": "One"}
    for headers in (
        {"Origin": "https://foe.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Host": "foe.example"},
    ):
        assert server("POST", "/kolkit/scenarios", sent, **headers).status in (403, 404), headers
    foreign = server("POST", "/kolkit/scenarios", sent, Sec_Fetch_Site="cross-site")
    assert foreign.told["message"].endswith("load the page anew.")
    assert server("GET", "/", Host="foe.example:80").status == 403
    assert "Foe" not in server("GET", "/kolkit/scenarios").text
    assert server("POST", "/kolkit/brief", sent, Origin=server.address).status == 200


# -- reports -------------------------------------------------------------------------------------


def test_a_report_is_made_from_what_is_on_screen(server: Visitor) -> None:
    sent = {"client": "Ada", "scenario": "Seen", "language": "en", "currency": "USD", "pdf": False,
            "inputs": {"gross_margin": 0.5, "include_tier_mix": False,
                       "include_private_pool": False}}  # fmt: skip
    asked = server("POST", "/kolkit/reports", sent)
    assert asked.status == 202
    path = f"/kolkit/reports/{asked.told['job']}"
    assert server("GET", f"{path}/html").status == 404
    seen = []
    _until(lambda: seen.append(server("GET", path).told) or seen[-1]["state"] == "done", 90)
    assert {s["state"] for s in seen} <= {"waiting", "running", "done"}
    done = [s["done"] for s in seen]
    assert done == sorted(done)
    assert done[-1] == 1
    assert {s["stage"] for s in seen} >= {"notebook", "document"}
    assert any(s["seconds_left"] for s in seen if s["state"] == "running")
    page = server("GET", f"{path}/html")
    assert "Seen" in page.text
    assert "US$" in re.search("<h1>(.*?)</h1>", page.text)[1]
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert server("GET", f"{path}/xlsx").body.startswith(b"PK")
    assert server("GET", f"{path}/pdf").status == 404
    assert server("GET", f"{path}/manifest").status == 404
    assert not (ROOT / "reports" / "out" / "ada").exists()
    assert server("GET", "/kolkit/reports/unknown").status == 404


SCRIPT = """
import json, pathlib, sys, time
print(json.dumps({"stage": "notebook"}), flush=True)
brief = pathlib.Path(sys.argv[1]).read_text()
while "wait" in brief: time.sleep(0.05)
if "fail" in brief: print("one sentence."); sys.exit(2)
if "bug" in brief: raise ZeroDivisionError("secret")
folder = pathlib.Path(sys.argv[3]) / "a" / "b"; folder.mkdir(parents=True)
(folder / "report.html").write_text("done")
"""


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs(command=(str(BIN / "python"), "-c", SCRIPT))
    yield made
    made.close()


def test_two_reports_are_made_at_once_and_the_rest_wait(jobs: Jobs) -> None:
    asked = [jobs.start(b"wait", stem="x", pdf=False) for _ in range(4)]
    _until(lambda: sum(job.stage == "notebook" for job in asked) == 2, 20)
    assert [job.state for job in asked] == ["running", "running", "waiting", "waiting"]
    assert jobs.told(asked[0])["done"] > 0
    assert jobs.told(asked[0])["seconds_left"] >= 1
    assert jobs.told(asked[3])["seconds_left"] is None
    jobs.cancel(asked[2])
    jobs.cancel(asked[0])
    _until(lambda: asked[3].state == "running", 20)
    assert [job.state for job in asked] == ["cancelled", "running", "cancelled", "running"]
    assert not asked[0].folder.exists()
    folders = asked[1].folder.parent
    jobs.close()
    assert not folders.exists()


def test_a_report_that_fails_says_its_sentence_and_no_more(jobs: Jobs) -> None:
    refused = jobs.start(b"fail", stem="x", pdf=False)
    broken = jobs.start(b"bug", stem="x", pdf=False)
    fine = jobs.start(b"", stem="x", pdf=False)
    _until(lambda: refused.is_over and broken.is_over and fine.is_over, 20)
    assert (refused.state, refused.message) == ("failed", "one sentence.")
    assert (broken.state, broken.message) == ("failed", "")
    assert fine.result("html").read_text() == "done"
    assert fine.result("pdf") is None
    assert refused.result("html") is None


def test_the_oldest_reports_make_room_and_waiting_ones_are_not_endless(jobs: Jobs) -> None:
    first = jobs.start(b"", stem="x", pdf=False)
    _until(lambda: first.is_over, 20)
    asked = [jobs.start(b"wait", stem="x", pdf=False) for _ in range(20)]
    assert jobs.get(first.id) is None
    assert not first.folder.exists()
    with pytest.raises(InputError, match="Too many"):
        jobs.start(b"", stem="x", pdf=False)
    assert len({job.id for job in asked}) == 20


# -- a client's folder ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `kolkit report` leaves it, with what must not be shown beside it."""
    folder = tmp_path_factory.mktemp("out") / "hearth" / "first"
    folder.mkdir(parents=True)
    step = {"application/vnd.kolkit.step+json": {"step": "answer", "headline": "Do <not> sign."}}
    cell = {"cell_type": "code", "outputs": [{"output_type": "display_data", "data": step}]}
    for name in ("05_plan.ipynb", "00_start_here.ipynb", "draft.ipynb"):
        (folder / name).write_text(json.dumps({"cells": [cell], "metadata": {}}))
    manifest = {
        "client": "炉边 & Söhne", "scenario": "First", "made_at": "2026-11-22T10:00:00+00:00",
        "parameters": {"gross_margin": 0.4, "budget_cny": 2_000_000.0, "category": "beauty",
                       "set_by_client": ["category"], "orders_file": "", "language": "en",
                       "orders_counted": {}, "commission_rate": 0.1},
        "look": {"currency": "USD", "page": "A4", "ink": "#003344", "unknown": 1},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "炉边.pdf").write_bytes(b"%PDF-1.7")
    (folder / "炉边.xlsx").write_bytes(b"PK")
    (folder / "~notes.pdf").write_bytes(b"x")
    outside = folder.with_name("firstx")
    outside.mkdir()
    (outside / "secret.pdf").write_bytes(b"secret")
    return folder


def test_a_clients_folder_has_an_index_of_its_own(client: Path, tmp_path: Path) -> None:
    with kolkit_serve(client, "--briefs", tmp_path / "briefs") as visitor:
        page = visitor("GET", "/").text
        assert "炉边 &amp; Söhne · First" in page
        assert "Do &lt;not&gt; sign." in page
        notebooks = re.findall(r'href="/voila/render/([^"]+)"', page)
        assert notebooks == ["00_start_here.ipynb", "05_plan.ipynb"]
        files = re.findall(r'href="/kolkit/files/([^"]+)"', page)
        assert files == [quote("炉边.pdf"), quote("炉边.xlsx")]
        assert "Saved scenarios" not in page
        pdf = visitor("GET", f"/kolkit/files/{files[0]}")
        assert pdf.body == b"%PDF-1.7"
        assert pdf.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in pdf.headers["Content-Security-Policy"]
        for path in ("../firstx/secret.pdf", "%2e%2e/firstx/secret.pdf", "manifest.json",
                     "05_plan.ipynb", "~notes.pdf", "..%2ffirstx%2fsecret.pdf"):  # fmt: skip
            assert visitor("GET", f"/kolkit/files/{path}").status == 404
        assert visitor("GET", "/voila/render/draft.ipynb").status == 404

        sent = {"client": "炉边 & Söhne", "scenario": "Second", "inputs": {"gross_margin": 0.45}}
        saved = visitor("POST", "/kolkit/scenarios", sent).told
        beneath = {"category": "beauty", "commission_rate": 0.1, "gross_margin": 0.45}
        assert saved["inputs"] == beneath
        changed = sent | {"inputs": {"budget_cny": 1e6}}
        path = f"/kolkit/scenarios/{quote(saved['id'])}"
        again = visitor("PUT", path, changed, If_Match=saved["version"]).told
        assert again["inputs"] == beneath | {"gross_margin": 0.4, "budget_cny": 1e6}


def test_on_a_clients_pages_no_other_client_is_seen(client: Path, tmp_path: Path) -> None:
    (tmp_path / "ada.yaml").write_text("client: Ada\nscenario: Secret\n")
    with kolkit_serve(client, "--briefs", tmp_path) as visitor:
        assert visitor("GET", "/kolkit/scenarios").told == {"scenarios": [], "deleted": []}
        assert visitor("GET", "/kolkit/scenarios/ada").status == 404
        version = hashlib.sha256((tmp_path / "ada.yaml").read_bytes()).hexdigest()[:12]
        for method in ("PUT", "DELETE"):
            sent = {"client": "Ada", "scenario": "Secret", "inputs": {}}
            answer = visitor(method, "/kolkit/scenarios/ada", sent, If_Match=version)
            assert answer.status in (404, 422)
        sent = {"client": "Ada", "scenario": "Second", "inputs": {}}
        refused = visitor("POST", "/kolkit/scenarios", sent)
        assert refused.status == 422
        assert "client must be 炉边 & Söhne" in refused.told["message"]
    assert [path.name for path in tmp_path.glob("*.yaml")] == ["ada.yaml"]


def test_the_folder_above_shows_every_report(client: Path) -> None:
    found = served(client.parent)
    assert [(r.client, r.scenario) for r in found.rendered()] == [("炉边 & Söhne", "First")]
    assert found.notebooks() == ["first/00_start_here.ipynb", "first/05_plan.ipynb"]


def test_another_folder_lists_its_notebooks_and_nothing_else(tmp_path: Path) -> None:
    for name in ("a_b.ipynb", ".hidden.ipynb", ".ipynb_checkpoints/a.ipynb", "c/d.ipynb", "e.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "manifest.json").write_text("[1]")
    assert served(tmp_path).notebooks() == ["a_b.ipynb", "c/d.ipynb"]
    assert served(WORKBOOKS / "course").notebooks() == ["ex01_tiers_and_engagement.ipynb"]
    assert not served(WORKBOOKS / "course").is_workbooks
    assert served(None).is_workbooks


# -- login ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ip", ["0.0.0.0", "::", "192.168.1.7", "example.org", ""])
def test_a_public_address_needs_a_login(ip: str) -> None:
    with pytest.raises(InputError, match="--token WORD"):
        Access(ip)
    assert Access(ip, token="word").base_url == "/"
    behind = Access(ip, proxy="https://Tool.example/kol")
    assert (behind.base_url, behind.origin) == ("/kol/", "https://tool.example")


@pytest.mark.parametrize("ip", ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
def test_this_machine_alone_needs_none(ip: str) -> None:
    assert Access(ip).is_local


def test_the_command_refuses_what_the_rule_refuses() -> None:
    for extra in (["--ip", "0.0.0.0"], ["--proxy", "tool.example"]):
        ran = subprocess.run(
            [BIN / "kolkit", "serve", *extra], capture_output=True, text=True, timeout=60,
            env={k: v for k, v in os.environ.items() if k != "KOLKIT_TOKEN"},
        )  # fmt: skip
        assert ran.returncode == 2
        assert ran.stderr.count("\n") == 1


WORD = "sesame-8e2f"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, Path]]:
    """A server with a token below a path, and its log."""
    port, log = free_port(), tmp_path_factory.mktemp("log") / "server.log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [BIN / "kolkit", "serve", "--no-preheat", "--base-url=/kol/", f"--port={port}",
             "--no-browser", "--ip=0.0.0.0"],
            stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
            env=os.environ | {"KOLKIT_TOKEN": WORD},
        )  # fmt: skip
    try:
        visitor = Visitor(f"http://127.0.0.1:{port}")
        _until(lambda: _answers(visitor), 60)
        yield visitor, log
    finally:
        process.terminate()
        process.wait(20)


def _answers(visitor: Visitor) -> bool:
    with contextlib.suppress(OSError):
        return visitor("GET", "/kol/voila/static/voila.js").status == 200
    return False


def test_without_the_word_there_is_only_the_login_page(guarded: tuple[Visitor, Path]) -> None:
    address = guarded[0].address
    for path in ("/kol/", "/kol/voila/render/05_plan.ipynb", "/kol/nowhere"):
        found = Visitor(address)("GET", path)
        assert urlsplit(found.url).path == "/kol/login"
        assert "Access word" in found.text
    for method, path in (
        ("GET", "scenarios"), ("POST", "scenarios"), ("GET", "scenarios/nordlys"),
        ("PUT", "scenarios/nordlys"), ("DELETE", "scenarios/nordlys"), ("POST", "brief"),
        ("POST", "upload"), ("POST", "reports"), ("GET", "reports/x"), ("GET", "reports/x/pdf"),
        ("DELETE", "reports/x"), ("GET", "kernels/a-b-c-d-e"),
        ("POST", "kernels/a-b-c-d-e/interrupt"), ("POST", "scenarios/nordlys/restore"),
    ):  # fmt: skip
        found = Visitor(address)(method, f"/kol/kolkit/{path}", {} if method != "GET" else None)
        assert found.status == 403, (method, path)
        assert found.told == {"message": "Log in first."}
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{address.replace('http', 'ws')}/kol/api/kernels/a-b-c-d-e/channels")
    assert refused.value.response.status_code == 403
    for path in ("api/kernels/a-b-c-d-e", "voila/api/shutdown/a-b-c-d-e"):
        assert Visitor(address)("POST" if "voila" in path else "GET", f"/kol/{path}").status == 403


def test_the_word_opens_the_server_until_the_browser_forgets(
    guarded: tuple[Visitor, Path],
) -> None:
    visitor = Visitor(guarded[0].address)
    page = "/kol/login?next=%2Fkol%2F%3Flang%3Dzh"
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    wrong = visitor("POST", page, b"password=open", **form)
    assert wrong.status == 401
    assert "访问口令不正确。" in wrong.text
    right = visitor("POST", page, f"password={WORD}".encode(), **form)
    assert right.url.endswith("/kol/?lang=zh")
    assert "已保存的方案" in right.text
    cookie = next(c for c in visitor.cookies if c.name.startswith("username"))
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.path == "/kol/"
    assert visitor("GET", "/kol/kolkit/scenarios").status == 200
    away = visitor("GET", "/kol/login?next=https://foe.example/")
    assert urlsplit(away.url).path == "/kol/"


def test_the_word_in_an_address_is_exchanged_and_never_logged(
    guarded: tuple[Visitor, Path],
) -> None:
    visitor, log = Visitor(guarded[0].address), guarded[1]
    found = visitor("GET", f"/kol/?token={WORD}&lang=zh")
    assert urlsplit(found.url).query == "lang=zh"
    assert "已保存的方案" in found.text
    assert visitor("GET", "/kol/").status == 200
    wrong = Visitor(guarded[0].address)("GET", "/kol/?token=other")
    assert "/kol/login" in wrong.url
    assert "other" not in wrong.text
    for path in ("nowhere", "kolkit/scenarios/x", "api/kernels/a-b-c-d-e", "voila/static/none"):
        visitor("GET", f"/kol/{path}?token={WORD}")
    told = log.read_text()
    assert WORD not in told
    assert "visitors log in with the token" in told


# -- on a Jupyter server -------------------------------------------------------------------------


def test_a_jupyter_server_has_the_same_pages_behind_its_own_login(tmp_path: Path) -> None:
    port = free_port()
    command = [
        BIN / "jupyter", "server", f"--ServerApp.root_dir={tmp_path}", f"--port={port}",
        "--no-browser", "--allow-root", f"--IdentityProvider.token={WORD}",
        "--ServerApp.base_url=/user/ada/",
    ]  # fmt: skip
    with serving(*command, port=port, path="/user/ada/api") as address:
        stranger, visitor = Visitor(address), Visitor(address)
        assert "/user/ada/login" in stranger("GET", "/user/ada/kolkit/").url
        assert stranger("GET", "/user/ada/kolkit/scenarios").status == 403
        page = visitor("GET", f"/user/ada/kolkit/?token={WORD}")
        assert page.url == f"{address}/user/ada/kolkit/"
        assert 'href="/user/ada/kolkit/render/05_plan.ipynb"' in page.text
        xsrf = next(c.value for c in visitor.cookies if c.name == "_xsrf")
        sent = {"client": "Ada", "scenario": "One"}
        made = visitor("POST", "/user/ada/kolkit/scenarios", sent, X_XSRFToken=xsrf or "")
        assert made.status == 201
        assert (tmp_path / "reports" / "briefs" / "ada-one.yaml").is_file()
        assert visitor("GET", "/user/ada/kolkit/render/06.ipynb").status == 404


def test_a_reports_own_inputs_lie_beneath_what_is_sent(client: Path, jobs: Jobs) -> None:
    site = Site(served(client), Store(client), jobs)
    told = site.beneath(Content("x", "y", inputs={"gross_margin": 0.9}), "05_plan.ipynb")
    assert told.inputs == {"category": "beauty", "commission_rate": 0.1, "gross_margin": 0.9}


def test_a_report_from_a_page_looks_as_its_own_brief_says(
    client: Path, jobs: Jobs, tmp_path: Path
) -> None:
    (tmp_path / "ada.yaml").write_text(
        "client: Ada\nreport: {language: zh, ink: '#112233', logo: ada.png, currency: CNY}\n"
    )
    site = Site(served(client), Store(tmp_path), jobs)
    other = Content("Ada", "Base case")
    on_page = {"currency": "USD", "ink": "#003344"}
    assert site.look(other, notebook="05_plan.ipynb") == on_page
    assert site.look(other, notebook="05_plan.ipynb", id="gone") == on_page
    saved = Site(served(None), Store(tmp_path), jobs).look(other, id="ada")
    assert saved == {"language": "zh", "ink": "#112233", "logo": str(tmp_path / "ada.png"),
                     "currency": "CNY"}  # fmt: skip
    report = yaml.safe_load(brief_bytes(other, saved | {"currency": "USD"}))["report"]
    assert "language" not in report  # the page's is English, the default
    assert report == {k: v for k, v in saved.items() if k != "language"} | {"currency": "USD"}
