"""Known incidents of the packages below us, each tried against the real thing.

Packages and source first, then a real server that strangers ask for what is not theirs. What a
hostile name does to each output stands in test_hostile_names.py, spreadsheets in test_tables.py,
briefs in test_brief.py, floors also in test_setup.py.
"""

import ast
import http.client
import json
import re
import stat
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import websocket
from pages import BIN, LIVE, READY, ROOT, SECONDS, WORKBOOKS, free_port, serving

from kolkit.machine import at_least

SOURCES = sorted((ROOT / "kolkit").rglob("*.py"))
SECRET = "TOPSECRET-4711"

# --- packages and source -------------------------------------------------------------------------

LOCK = {p["name"]: p["version"] for p in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}


@pytest.mark.parametrize(
    ("package", "safe"),
    [
        ("voila", "0.5.6"),
        ("jupyter-server", "2.21"),
        ("nbconvert", "7.17.1"),
        ("ipywidgets", "8"),
        ("defusedxml", "0.7"),
    ],
)
def test_locked_versions_are_above_the_incidents(package, safe):
    assert at_least(LOCK[package], safe)


def test_packages_that_did_harm_are_not_locked():
    # Telemetry; two solvers that clash in one process; a grammar built at every start.
    assert not LOCK.keys() & {"ploomber-engine", "posthog", "ortools", "highspy"}


def calls(tree: ast.AST) -> Iterator[str]:
    """Names of everything called, as written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_unpickled_evaluated_or_run_by_a_shell(path):
    tree = ast.parse(path.read_text("utf-8"))
    imported = {name.split(".")[0] for name in imports(tree)}
    if path.name == "apart.py":  # talks to a process that it has started itself, through its pipes
        imported -= {"pickle"}
    assert not imported & {
        "pickle",
        "cPickle",
        "dill",
        "cloudpickle",
        "shelve",
        "marshal",
        "joblib",
    }
    forbidden = {
        "eval", "exec", "os.system", "os.popen", "yaml.load", "yaml.load_all", "yaml.full_load",
        "yaml.unsafe_load", "pd.read_pickle", "FigureWidget", "go.FigureWidget",
    }  # fmt: skip
    assert not forbidden & set(calls(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword):
            assert (node.arg, ast.unparse(node.value)) not in {
                ("shell", "True"), ("allow_pickle", "True"), ("embed_images", "True"),
                ("Loader", "yaml.Loader"), ("Loader", "yaml.UnsafeLoader"),
            }  # fmt: skip


def test_no_face_is_guessed_from_an_environment_that_holds_another_visitors_values():
    wrong = re.compile(r"VOILA_REQUEST_URL|QUERY_STRING|SERVER_SOFTWARE|PATH_INFO|get_query_string")
    guilty = [p.name for p in SOURCES if wrong.search(p.read_text("utf-8"))]
    assert guilty == []


def test_such_a_call_would_be_found(tmp_path):
    tree = ast.parse("import pickle\nyaml.load(x)\neval('1')")
    assert {"yaml.load", "eval"} <= set(calls(tree))
    assert "pickle" in set(imports(tree))


# --- a server that strangers ask -----------------------------------------------------------------

NOTEBOOK = "04_livestream.ipynb"


@dataclass(frozen=True)
class Served:
    """A server of one folder, `root`, beside another that is not its own, `rootx`."""

    address: str
    temporary: Path

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and body of a path sent as it is: no client tidies it before."""
        parts = urlsplit(self.address)
        link = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
        try:
            link.request("GET", path, headers=headers)
            answer = link.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            link.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    """Preheated as it is for users; the folder and its neighbour hold what nobody may have."""
    outer = tmp_path_factory.mktemp("served")
    temporary = outer / "temporary"
    for folder in (outer / "root", outer / "rootx", temporary):
        folder.mkdir()
    notebook = (WORKBOOKS / NOTEBOOK).read_bytes()
    (outer / "root" / NOTEBOOK).write_bytes(notebook)
    (outer / "root" / ".hidden.ipynb").write_bytes(notebook)
    script = f"<script>document.title = {SECRET!r}</script>"
    for suffix in ("js", "py", "txt", "yaml", "json", "html", "csv", "pdf", "log"):
        (outer / "root" / f"held.{suffix}").write_text(script)
    for folder in ("rootx", "."):
        for name in ("held.png", "held.txt", "held.svg"):
            (outer / folder / name).write_text(SECRET)
    # `rootx` begins like `root`, which once was enough; a list of it would name this.
    (outer / "rootx" / f"{SECRET}.ipynb").write_bytes(notebook)
    (outer / "rootx" / NOTEBOOK).write_bytes(notebook.replace(b"livestream", SECRET.encode()))
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        command = [BIN / "kolkit", "serve", outer / "root", f"--port={port}", "--no-browser"]
        with serving(*command, port=port, path=READY) as address:
            yield Served(address, temporary)


UPWARD = [
    "/static{up}etc/passwd",
    "/static//etc/passwd",
    "//static//etc/passwd",
    "/voila/static{up}{up}{up}{up}{up}{up}{up}{up}{up}{up}etc/passwd",
    "/voila/static//etc/passwd",
    "/voila/templates/kolkit/static{up}{up}{up}{up}{up}{up}{up}{up}{up}{up}etc/passwd",
    "/voila/templates{up}{up}{up}/static/held.png",
    "/voila/labextensions{up}{up}{up}{up}{up}{up}{up}{up}{up}etc/passwd",
    "/voila/api/themes{up}{up}{up}{up}{up}{up}{up}{up}etc/passwd",
    "/voila/files{up}rootx/held.png",
    "/voila/files{up}rootx/held.svg",
    "/voila/files{up}held.png",
    "/voila/files{up}{up}{up}{up}{up}{up}etc/passwd",
    "/voila/files//etc/passwd",
    "/voila/render{up}rootx/" + NOTEBOOK,
    "/voila/tree{up}rootx",
    "/voila/api/contents{up}rootx",
    "/voila/api/contents{up}rootx/" + NOTEBOOK,
    "/kolkit/scenarios{up}{up}{up}etc/passwd",
    "/kolkit/reports{up}{up}{up}etc/passwd",
]
WAYS = {
    "plain": "/../", "encoded dots": "/%2e%2e/", "encoded slashes": "%2f..%2f",
    "encoded twice": "/%252e%252e/", "backslashes": "/..%5c", "nul": "/..%00/",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_path_leads_out_of_the_served_folder(served, way):
    for pattern in UPWARD:
        path = pattern.replace("{up}", way)
        status, body = served.get(path)
        assert status >= 300, path
        assert "root:x:" not in body, path
        assert SECRET not in body, path


@pytest.mark.parametrize("suffix", ["js", "py", "txt", "yaml", "json", "html", "csv", "pdf", "log"])
def test_files_beside_the_notebooks_are_not_handed_out(served, suffix):
    for path in (
        f"/voila/files/held.{suffix}", f"/files/held.{suffix}", f"/voila/render/held.{suffix}",
        f"/voila/api/contents/held.{suffix}?content=1", f"/held.{suffix}",
        f"/voila/files/held.{suffix}%00.png", f"/voila/files/held.{suffix}?x=.png",
    ):  # fmt: skip
        status, body = served.get(path)
        assert status >= 300, path
        assert SECRET not in body, path


def test_a_notebook_is_rendered_and_never_handed_out(served):
    for path in (f"/voila/files/{NOTEBOOK}", f"/voila/api/contents/{NOTEBOOK}?content=1"):
        status, body = served.get(path)
        assert status >= 300 or json.loads(body)["content"] is None, path
        assert "cell_type" not in body


def test_what_jupyter_offers_beside_voila_is_not_there(served):
    """Stored scripts ran where notebooks' HTML is shown; kernels start where the API is open."""
    for path in (
        "/files/held.html", f"/nbconvert/html/{NOTEBOOK}", f"/view/{NOTEBOOK}", f"/edit/{NOTEBOOK}",
        f"/notebooks/{NOTEBOOK}", f"/api/contents/{NOTEBOOK}", "/api/sessions", "/api/kernels",
        "/api/terminals", "/api/config/notebook", "/lab", "/tree", "/voila/render/.hidden.ipynb",
    ):  # fmt: skip
        status, body = served.get(path)
        assert status >= 400, path
        assert SECRET not in body
    request = urllib.request.Request(f"{served.address}/api/kernels", data=b"{}", method="POST")
    with pytest.raises(urllib.error.HTTPError, match=r"40[345]"):
        urllib.request.urlopen(request, timeout=30)


def test_the_list_of_workbooks_names_no_drafts_and_no_files(served):
    for path in ("/", "/?classic-tree=false", "/voila/tree/"):
        _, body = served.get(path)
        assert "held" not in body
        assert "hidden" not in body


REMOTE = re.compile(
    r"""(?:src|href|action|data|poster)\s*=\s*["']?\s*(?:https?:)?//[^"'\s>]+
    |url\(\s*["']?(?:https?:)?//|@import|import\(["']https?:""",
    re.VERBOSE | re.IGNORECASE,
)
NETWORKS = re.compile(r"cdn\.jsdelivr|unpkg\.com|cdnjs|googleapis|cdn\.plot\.ly|fontawesome", re.I)
QUERIES = (
    "",
    "?template=lab&theme=dark",
    "?template=../../..&theme=../../etc",
    "?voila-template=lab",
)


@pytest.mark.parametrize("path", ["/", "/none", "/voila/render/none.ipynb", "/kolkit/none",
                                  "/?classic-tree=false", "/voila/tree/?theme=dark"])  # fmt: skip
def test_index_and_error_pages_load_nothing_from_elsewhere(served, path):
    _, body = served.get(path)
    assert not REMOTE.search(body.replace(served.address, ""))
    assert not NETWORKS.search(body)


@pytest.mark.parametrize("path", ["/none%22%3E%3Cscript%3Epwned()%3C/script%3E",
                                  "/none\"><script>pwned()</script>", "//evil.example/none",
                                  "/?lang=%22%3E%3Cscript%3Epwned()%3C/script%3E",
                                  "/none?next=//evil.example"])  # fmt: skip
def test_an_error_page_repeats_an_address_as_text_only(served, path):
    _, body = served.get(path)
    assert "<script>pwned" not in body
    assert not REMOTE.search(body.replace(served.address, ""))


@pytest.mark.parametrize("path", ["//evil.example/?token=x", "//evil.example?token=x",
                                  "/\\evil.example/?token=x"])  # fmt: skip
def test_no_answer_sends_a_visitor_to_another_host(served, path):
    parts = urlsplit(served.address)
    link = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
    link.request("GET", path)
    target = link.getresponse().headers.get("Location", "/")
    link.close()
    assert re.match(r"/(?![/\\])", target)


@pytest.mark.parametrize("query", QUERIES)
def test_template_and_theme_in_an_address_change_nothing(served, query):
    status, body = served.get(f"/voila/render/{NOTEBOOK}{query}")
    assert status == 200
    assert 'class="kk-body"' in body
    assert not REMOTE.search(body.replace(served.address, ""))
    assert not NETWORKS.search(body)


# --- kernels -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kernel(served) -> str:
    """The kernel of one visit."""
    _, body = served.get(f"/voila/render/{NOTEBOOK}")
    page = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', body, re.DOTALL)
    assert page, body[:2000]
    return json.loads(page[1])["kernelId"]


def message(kind: str, channel: str, **content: object) -> str:
    header = {"msg_id": f"{kind}-1", "session": "stranger", "msg_type": kind, "username": "x",
              "version": "5.3", "date": "2026-01-01T00:00:00Z"}  # fmt: skip
    told = {"header": header, "parent_header": {}, "metadata": {}, "channel": channel,
            "content": content, "buffers": []}  # fmt: skip
    return json.dumps(told)


def channels(served: Served, kernel: str, **options: object) -> websocket.WebSocket:
    address = served.address.replace("http:", "ws:")
    target = f"{address}/api/kernels/{kernel}/channels"
    return websocket.create_connection(target, timeout=30, **options)


def test_a_visitor_cannot_run_code_in_a_kernel(served, kernel):
    """Whoever has the page has the socket; only messages of widgets pass it."""
    marker = served.temporary / "was-run"
    code = f"open({str(marker)!r}, 'w').write('x')"
    socket = channels(served, kernel)
    try:
        socket.send(message("execute_request", "shell", code=code, silent=False))
        socket.send(message("execute_request", "control", code=code, silent=True))
        expression = {"type": "request", "command": "evaluate", "seq": 1,
                      "arguments": {"expression": code}}  # fmt: skip
        socket.send(message("debug_request", "control", **expression))
        socket.send(message("complete_request", "shell", code="kolk", cursor_pos=4))
        socket.send(message("inspect_request", "shell", code="book", cursor_pos=4))
        socket.send(message("history_request", "shell", hist_access_type="tail", n=9))
        socket.send(message("comm_info_request", "shell"))
        heard: list[str] = []
        until = time.monotonic() + 30
        while "comm_info_reply" not in heard and time.monotonic() < until:
            heard.append(json.loads(socket.recv())["msg_type"])
    finally:
        socket.close()
    # The kernel answers what is allowed, and it was asked that last.
    assert "comm_info_reply" in heard
    assert not {kind for kind in heard if kind.endswith("_reply")} - {
        "comm_info_reply", "kernel_info_reply",
    }  # fmt: skip
    assert not marker.exists()


def test_another_sites_page_cannot_open_a_kernels_socket(served, kernel):
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        channels(served, kernel, origin="https://evil.example")


def test_messages_to_kernels_are_signed_and_stay_on_this_machine(served, kernel):
    files = list(served.temporary.rglob(f"*{kernel}*.json"))
    assert files
    for path in files:
        told = json.loads(path.read_text())
        assert len(told["key"]) >= 32
        assert told["signature_scheme"] == "hmac-sha256"
        assert told["ip"] in ("127.0.0.1", "localhost") or told["transport"] == "ipc"
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_two_visitors_of_preheated_kernels_each_see_what_their_link_says(served, browser):
    """A kernel that was ready before the visitor came knows nothing of the visitor's address."""
    contexts = [browser.new_context(bypass_csp=True) for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    try:
        for page, amount in zip(pages, (4_000_000, 7_000_000), strict=True):
            page.goto(f"{served.address}/voila/render/{NOTEBOOK}#k=2&gmv_reported_cny={amount}")
        for page in pages:
            page.wait_for_function(LIVE, timeout=SECONDS)
        for page, amount in zip(pages, ("4.0m", "7.0m"), strict=True):
            page.wait_for_function(
                "amount => document.querySelector('.lm-Widget .kk-sentence')"
                ".textContent.includes(amount)",
                arg=f"¥{amount}",
                timeout=SECONDS,
            )
    finally:
        for context in contexts:
            context.close()


def test_the_chart_library_comes_once_and_without_its_buttons(served, watched):
    """Each figure once brought five megabytes of its own, and a button that uploads the chart."""
    page = watched.page
    sent: list[int] = []
    asked: list[str] = []
    page.on("websocket", lambda s: s.on("framereceived", lambda frame: sent.append(len(frame))))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.address}/voila/render/{NOTEBOOK}")
    page.wait_for_function(LIVE, timeout=SECONDS)
    assert len([url for url in asked if "plotly" in url]) == 1
    assert 0 < sum(sent) < 400_000
    page.locator("[data-painted] .js-plotly-plot").first.hover()
    assert page.locator(".modebar-btn").count() == 0
    page.close()
