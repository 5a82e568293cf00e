"""One notebook, every face: Voila cold and preheated, our server, papermill, nbconvert, JupyterLab.

Every workbook in each of them, in a real browser with the network cut: a slider moves, sentence and
charts follow, no request leaves the machine, no error reaches the console.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import (
    BIN,
    LIVE,
    MOVES,
    READY,
    SECONDS,
    WORKBOOKS,
    free_port,
    knob,
    move_and_see,
    papermill,
    says,
    serving,
    serving_all,
    spoken,
)
from soaking import long

from kolkit.books import BOOKS

GIVEN = {
    "start": ("average_order_value_cny", 450.0),
    "tier_mix": ("fake_view_share", 0.2),
    "private_pool": ("purchases_per_member_month", 0.25),
    "livestream": ("gmv_reported_cny", 4_000_000.0),
    "plan": ("budget_cny", 1_000_000.0),
}
"""What papermill is given for each workbook."""

every_book = pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
AT_ONCE = ("start", "plan")
"""Opened in JupyterLab by every run of the tests; the others by the long runs."""


@pytest.fixture(scope="module", params=["preheated", "our server", long("cold")])
def served(request) -> Iterator[str]:
    """One server after the other, each for all workbooks."""
    with serving_all(request.param) as address:
        yield address


@every_book
def test_dashboard(book, served, watched):
    page = watched.page
    page.goto(f"{served}/voila/render/{book.notebook}")
    page.wait_for_function(LIVE, timeout=SECONDS)
    assert page.locator(".kk-card:visible").count() == len(book.figures)
    move_and_see(page, book)
    page.close()


@pytest.fixture(scope="module")
def rendered(tmp_path_factory) -> Path:
    """Every workbook run by plain papermill for a client, in one folder."""
    folder = tmp_path_factory.mktemp("client")
    for book in BOOKS.values():
        name, value = GIVEN[book.key]
        target = folder / book.notebook
        done = papermill(
            WORKBOOKS / book.notebook, target, "-p", name, value, "-p", "client", "Ada"
        )
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def client_served(rendered) -> Iterator[str]:
    """Plain Voila on a client's rendered notebooks."""
    port = free_port()
    command = [BIN / "voila", rendered, "--no-browser", f"--port={port}"]
    with serving(*command, port=port, path=READY) as address:
        yield address


@every_book
def test_papermill_then_voila(book, client_served, watched):
    page = watched.page
    page.goto(f"{client_served}/voila/render/{book.notebook}")
    page.wait_for_function(LIVE, timeout=SECONDS)
    name, value = GIVEN[book.key]
    assert float(knob(page, name).locator("input[type=range]").input_value()) == value
    assert "client" in knob(page, name).inner_text()
    assert "Ada" in page.locator(".kk-head:visible").first.inner_text()
    says(page, spoken(book, **{name: value}))
    assert MOVES[book.key] == name
    move_and_see(page, book)
    page.close()


@every_book
def test_nbconvert_shows_every_chart_from_a_file(book, rendered, watched):
    path = rendered / book.notebook
    done = subprocess.run(
        [BIN / "jupyter", "nbconvert", "--to", "html", "--template", "kolkit", path],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = watched.page
    page.goto(path.with_suffix(".html").as_uri())
    assert page.evaluate("window.__kolkitReady") == len(book.figures)
    assert page.locator(".js-plotly-plot .main-svg").first.is_visible()
    assert page.locator("svg text").count() > 8
    name, value = GIVEN[book.key]
    told = page.locator(".kk-sentence:visible").first.text_content().replace("\u2060", "")
    assert told == spoken(book, **{name: value})
    page.get_by_text("Inputs", exact=True).click()
    assert page.locator(".kk-at-knobs td").count() > 20
    page.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[str]:
    """JupyterLab on copies of the workbooks."""
    folder = tmp_path_factory.mktemp("lab")
    for book in BOOKS.values():
        shutil.copy(WORKBOOKS / book.notebook, folder / book.notebook)
    port = free_port()
    command = [
        BIN / "jupyter", "lab", "--no-browser", f"--port={port}", "--allow-root",
        f"--ServerApp.root_dir={folder}", "--IdentityProvider.token=", "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly", "--LabApp.check_for_updates_class="
        "jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with serving(*command, port=port, path="/api") as address:
        yield address


@pytest.mark.parametrize(
    "book", [book if key in AT_ONCE else long(book) for key, book in BOOKS.items()], ids=BOOKS
)
def test_jupyterlab_runs_top_to_bottom_with_working_sliders(book, lab, watched):
    page = watched.page
    page.goto(f"{lab}/lab/tree/{book.notebook}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=SECONDS)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=SECONDS)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    for part in ("[data-painted] .js-plotly-plot", f"[data-knob={MOVES[book.key]}]"):
        page.wait_for_selector(part, state="attached", timeout=SECONDS)
    page.locator(".kk-sentence").first.scroll_into_view_if_needed()
    move_and_see(page, book, by="mouse")
    page.close()
