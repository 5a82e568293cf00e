"""One notebook, every face: Voila cold and preheated, our server, papermill, nbconvert, JupyterLab.

Each in a real browser with the network cut: a slider moves, sentence and chart follow, no request
leaves the machine, no error reaches the console.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from kolkit.words import Words

ROOT = Path(__file__).resolve().parents[1]
WORKBOOK = ROOT / "workbooks" / "04_livestream.ipynb"
BIN = Path(sys.executable).parent
LIVE = "performance.getEntriesByName('kolkit:live').length > 0"
SECONDS = 60_000
READY = "/voila/static/voila.js"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(*command: object, port: int, path: str = "/") -> Iterator[str]:
    """A server on loopback; its address once it answers at `path`."""
    log = Path(tempfile.mkdtemp()) / "server.log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address + path, timeout=30).close()
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            raise AssertionError(f"the server never answered: {log.read_text()}")
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        process.wait(20)


def voila(notebook: Path, *extra: str) -> contextlib.AbstractContextManager[str]:
    port = free_port()
    return serving(
        BIN / "voila", notebook, "--no-browser", f"--port={port}", *extra, port=port, path=READY
    )  # fmt: skip


def sentence(page) -> str:
    told = "node => node.textContent.replaceAll('\\u2060', '')"
    return page.locator(".lm-Widget .kk-sentence, .kk-sentence:visible").last.evaluate(told)


@contextlib.contextmanager
def dashboard(watched, served, *, live: bool = True, pause: float = 0) -> Iterator[Page]:
    """A page of a server, closed before the server is stopped."""
    with served as address:
        time.sleep(pause)
        watched.page.goto(address)
        if live:
            watched.page.wait_for_function(LIVE, timeout=SECONDS)
        try:
            yield watched.page
        finally:
            watched.page.close()


def knob(page, name: str):
    return page.locator(f"[data-knob={name}]")


def plotted(page, index: int = 0) -> list[float]:
    """The x values that the first trace of a chart card shows."""
    return page.evaluate(
        "i => Array.from(document.querySelectorAll('[data-painted] .js-plotly-plot')[i].data[0].x)",
        index,
    )


def move_and_see(page, *, by: str = "keyboard") -> None:
    """Move the slider of reported sales: sentence and chart follow."""
    drawn = plotted(page)
    assert "¥5.0m" in sentence(page)
    slider = knob(page, "gmv_reported_cny").locator("input[type=range]")
    if by == "mouse":
        slider.click(position={"x": 0.7 * slider.bounding_box()["width"], "y": 9})
    else:
        slider.focus()
        for _ in range(10):
            slider.press("ArrowRight")
    reported = float(slider.input_value())
    assert reported > 5.5e6
    page.wait_for_function(
        "text => document.querySelector('.lm-Widget .kk-sentence').textContent.includes(text)",
        arg=Words("en").money(reported, 2),
        timeout=SECONDS,
    )
    page.wait_for_function(
        "x => Math.abs(document.querySelector('[data-painted] .kk-plot').data[0].x[0] - x) < 1",
        arg=drawn[0] * reported / 5e6,
        timeout=SECONDS,
    )


@pytest.mark.parametrize("face", ["cold", "preheated", "our server"])
def test_dashboard(face, watched):
    if face == "our server":
        port = free_port()
        served = serving(BIN / "kolkit", "serve", WORKBOOK, f"--port={port}", "--no-browser",
                         port=port, path=READY)  # fmt: skip
    else:
        extra = ("--preheat_kernel=True", "--pool_size=1") if face == "preheated" else ()
        served = voila(WORKBOOK, *extra)
    # Time for the pool to run the notebook once; an empty pool falls back to a cold kernel.
    with dashboard(watched, served, pause=0 if face == "cold" else 6) as page:
        assert page.locator(".kk-card:visible").count() == 4
        move_and_see(page)


def test_kolkit_serve_lists_the_workbooks(watched):
    port = free_port()
    served = serving(BIN / "kolkit", "serve", f"--port={port}", "--no-browser", "--no-preheat",
                     port=port)  # fmt: skip
    with dashboard(watched, served, live=False) as page:
        link = page.get_by_role("link", name="Livestream")
        assert link.count() == 1
        link.click()
        page.wait_for_function(LIVE, timeout=SECONDS)
        assert "¥5.0m" in sentence(page)


def test_knobs_accept_what_people_type_and_refuse_what_is_out_of_range(watched):
    with dashboard(watched, voila(WORKBOOK)) as page:
        box = knob(page, "slot_fee_cny").locator("input[type=text]")
        for typed, shown in (("1.2m", "¥1.2m"), ("30万", "¥300k"), ("250,000", "¥250k")):
            box.fill(typed)
            box.press("Enter")
            page.wait_for_function(
                "v => document.querySelector('[data-knob=slot_fee_cny] input').value === v",
                arg=shown,
            )
        # The guarantee follows the fee in the kernel, which has then seen the last value.
        page.wait_for_function(
            "document.querySelector('[data-knob=guarantee_cny] input').value === '¥250k'"
        )
        before = sentence(page)
        for typed in ("many", "-5", "1e12"):
            box.fill(typed)
            box.press("Enter")
            assert knob(page, "slot_fee_cny").locator(".kk-wrong").is_visible()
            box.press("Escape")
        assert sentence(page) == before
        assert "client" in knob(page, "slot_fee_cny").inner_text()
        knob(page, "slot_fee_cny").get_by_role("button", name="Reset").click()
        page.wait_for_function(
            "document.querySelector('[data-knob=slot_fee_cny] input').value === '¥450k'"
        )
        # Left out of the brief, the guarantee follows the fee.
        page.wait_for_function(
            "document.querySelector('[data-knob=guarantee_cny] input').value === '¥450k'"
        )
        box.fill("600k")
        box.press("Enter")
        page.wait_for_function(
            "document.querySelector('[data-knob=guarantee_cny] input').value === '¥600k'"
        )


def test_a_combination_that_cannot_be_is_said_at_the_knob(watched):
    with dashboard(watched, voila(WORKBOOK)) as page:
        before = sentence(page)
        page.locator("summary", has_text="More knobs").click()
        box = knob(page, "self_return_rate").locator("input[type=text]")
        box.fill("20")
        box.press("Enter")
        told = knob(page, "self_return_rate").locator(".kk-under")
        page.wait_for_function(
            "document.querySelector('[data-knob=self_return_rate]').className.includes('error')"
        )
        assert "must be above the base return rate" in told.inner_text()
        assert sentence(page) == before


def test_the_page_speaks_chinese(watched):
    with dashboard(watched, voila(WORKBOOK)) as page:
        page.locator("summary", has_text="More knobs").click()
        knob(page, "language").locator("select").select_option("zh")
        page.wait_for_function(
            "document.querySelector('.lm-Widget .kk-sentence').innerText.includes('万')"
        )
        page.wait_for_function(
            "/[\\u4e00-\\u9fff]/.test(document.querySelector('.kk-group h2').innerText)"
        )
        shown = page.locator("main").inner_text()
        ours = re.sub(
            r"calc\.futa404\.org|TechNode|Dudarenok & Engholm|kolkit|Base case", "", shown
        )
        words = re.findall(r"[A-Za-z]{4,}", ours)
        assert [w for w in words if w not in ("English",)] == []


def test_an_uploaded_order_file_replaces_the_assumed_rate(watched):
    with dashboard(watched, voila(WORKBOOK)) as page:
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Use an order file").click()
        chooser.value.set_files(ROOT / "reports" / "briefs" / "orders_nordlys_sample.csv")
        page.wait_for_function(
            "document.querySelector('.kk-upload-note').innerText.includes('1,394 paid orders')"
        )
        rate = knob(page, "return_rate_observed")
        page.wait_for_function(
            "document.querySelector('[data-knob=return_rate_observed] input').value === '59.8 %'"
        )
        assert "counted in the order file" in rate.inner_text()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Use an order file").click()
        chooser.value.set_files(
            {"name": "x.csv", "mimeType": "text/csv", "buffer": "总金额,退款金额\n1,5\n".encode()}
        )
        page.wait_for_selector(".kk-upload-note.kk-wrong")
        assert "row 2" in page.locator(".kk-upload-note").inner_text()
        assert "¥" in sentence(page)


def papermill(source: Path, target: Path, *parameters: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "papermill", source, target, "--no-progress-bar", *map(str, parameters)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_papermill_then_voila_then_papermill_again(watched, tmp_path):
    rendered = tmp_path / "rendered.ipynb"
    done = papermill(WORKBOOK, rendered, "-p", "commission_rate", 0.25, "-p", "client", "Ada")
    assert done.returncode == 0, done.stderr
    with dashboard(watched, voila(rendered)) as page:
        commission = knob(page, "commission_rate")
        assert commission.locator("input[type=text]").input_value() == "25 %"
        assert "client" in commission.inner_text()
        assert "Ada" in page.locator(".kk-head:visible").first.inner_text()
        told = re.search(r'<h1 class=\\"kk-sentence\\">(.*?)</h1>', rendered.read_text("utf-8"))
        assert sentence(page) == json.loads(f'"{told[1]}"').replace("&amp;", "&")
        move_and_see(page)
    again = tmp_path / "again.ipynb"
    assert papermill(rendered, again, "-p", "commission_rate", 0.30).returncode == 0
    injected = [c for c in json.loads(again.read_text("utf-8"))["cells"]
                if "injected-parameters" in c["metadata"].get("tags", [])]  # fmt: skip
    assert len(injected) == 1
    assert "commission_rate = 0.3" in "".join(injected[0]["source"])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("commission_rate", 20, "Did you mean 0.20?"), ("comission_rate", 0.2, "not an input")],
)
def test_plain_papermill_refuses_what_the_command_line_refuses(name, value, message, tmp_path):
    done = papermill(WORKBOOK, tmp_path / "out.ipynb", "-p", name, value)
    assert done.returncode != 0
    assert message in done.stderr


def test_a_refused_parameter_is_a_sentence_on_the_dashboard(watched, tmp_path):
    rendered = tmp_path / "rendered.ipynb"
    papermill(WORKBOOK, rendered, "-p", "commission_rate", 20)
    with dashboard(watched, voila(rendered), live=False) as page:
        told = page.locator(".kk-error")
        told.wait_for(timeout=SECONDS)
        assert "Did you mean 0.20?" in told.inner_text()
        assert "Traceback" not in page.content()


def test_nbconvert_shows_every_chart_from_a_file(watched, tmp_path):
    rendered = tmp_path / "rendered.ipynb"
    assert papermill(WORKBOOK, rendered, "-p", "slot_fee_cny", 300000).returncode == 0
    done = subprocess.run(
        [BIN / "jupyter", "nbconvert", "--to", "html", "--template", "kolkit", rendered],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = watched.page
    page.goto(rendered.with_suffix(".html").as_uri())
    assert page.evaluate("window.__kolkitReady") == 4
    charts = page.locator(".js-plotly-plot .main-svg").first
    assert charts.is_visible()
    for name in ("Genuine, kept", "As offered", "Slot fee", "Beauty and skincare"):
        assert page.locator("svg text", has_text=name).first.is_visible()
    page.get_by_text("Inputs", exact=True).click()
    assert "¥300" in page.locator(".kk-at-knobs").inner_text().replace("300,000 ¥", "¥300")


def test_the_report_page_opens_from_a_file_with_live_charts(watched, tmp_path):
    done = subprocess.run(
        [BIN / "kolkit", "report", ROOT / "reports/briefs/nordlys.yaml", "--no-pdf"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | {"FORCE_COLOR": "0", "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    path = tmp_path / done.stdout.strip()
    assert path.stat().st_size < 6_000_000
    page = watched.page
    page.goto(path.as_uri())
    assert page.evaluate("window.__kolkitReady") == 4
    assert page.locator(".js-plotly-plot .bars").count() >= 3
    assert page.get_by_text("The answer", exact=True).is_visible()


def test_jupyterlab_runs_top_to_bottom_with_working_sliders(watched, tmp_path):
    shutil.copy(WORKBOOK, tmp_path / "livestream.ipynb")
    port = free_port()
    command = [
        BIN / "jupyter", "lab", "--no-browser", f"--port={port}", "--allow-root",
        f"--ServerApp.root_dir={tmp_path}", "--IdentityProvider.token=", "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly", "--LabApp.check_for_updates_class="
        "jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with serving(*command, port=port, path="/api") as address:
        page = watched.page
        page.goto(f"{address}/lab/tree/livestream.ipynb?reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=SECONDS)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=SECONDS)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        for part in ("[data-painted] .js-plotly-plot", "[data-knob=gmv_reported_cny]"):
            page.wait_for_selector(part, state="attached", timeout=SECONDS)
        page.locator(".kk-sentence").first.scroll_into_view_if_needed()
        move_and_see(page, by="mouse")
        page.close()
