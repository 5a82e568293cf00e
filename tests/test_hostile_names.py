"""Names that are markup, scripts or formulas, from the brief to every output."""

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import nbformat
import openpyxl
import pytest
import yaml
from pages import BIN, LIVE, SECONDS, WORKBOOKS, free_port, papermill, serving
from pypdf import PdfReader

from kolkit.errors import InputError
from kolkit.report.pdf_checks import squeezed
from kolkit.report.spec import read_spec

MARKUP = "</script><img src=x onerror=pwned()>"
# What a name may still hold: markup and quotes are refused before anything is made.
CLIENT = "=1+1 & {{ 7-7 }} &lt;b&gt;"
SCENARIO = "@SUM(A1) ${7} %s `x`"
AGENCY = "\"';}</style><script>pwned()</script>"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """The folder of a report, with PDF, of a client whose every name means harm."""
    folder = tmp_path_factory.mktemp("hostile")
    content = {"client": CLIENT, "scenario": SCENARIO, "report": {"agency": AGENCY}}
    (folder / "brief.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    done = subprocess.run(
        [BIN / "kolkit", "report", "brief.yaml"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return next((folder / "reports" / "out").rglob("*.pdf")).parent


def only(folder: Path, suffix: str) -> Path:
    """The one file of a kind."""
    found = list(folder.glob(f"*.{suffix}"))
    assert len(found) == 1
    return found[0]


def harmless(page) -> None:
    """No script of a name ran, and none of its elements is in the page."""
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert page.locator("img[src=x], svg[onload], [onerror]").count() == 0


def test_the_pdf_prints_hostile_names_as_they_are(made):
    told = squeezed("".join(page.extract_text() for page in PdfReader(only(made, "pdf")).pages))
    for name in (CLIENT, SCENARIO, AGENCY):
        assert squeezed(name).casefold() in told.casefold()  # a line of the cover is in capitals


def test_the_spreadsheet_has_no_formula_but_ours_and_no_link(made):
    book = openpyxl.load_workbook(only(made, "xlsx"))
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert not [cell for cell in cells if cell.hyperlink]
    # Ours are sums, and what a sheet calculates from its own cells.
    formulas = {cell.value for cell in cells if cell.data_type == "f"}
    assert all(re.fullmatch(r'=(SUM|IF|MAX|MIN|[-+*/(),:<>=$ 0-9.]|\$?[A-Z]\$?\d+|"[a-z_]+")+', f)
               for f in formulas), formulas  # fmt: skip
    assert SCENARIO in [cell.value for cell in cells]


def test_the_page_shows_hostile_names_and_runs_none(made, watched):
    page = watched.page
    page.goto(only(made, "html").as_uri())
    page.evaluate("window.__kolkitReady")
    harmless(page)
    cover = page.locator(".cover").text_content()
    assert CLIENT in cover
    assert AGENCY in cover


def test_folders_and_files_keep_nothing_of_a_hostile_name(made):
    names = [path.name for path in made.rglob("*")] + [*made.parts[-2:]]
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.") for name in names)


@pytest.fixture(scope="module")
def markup_notebooks(tmp_path_factory) -> Path:
    """Workbooks run by papermill, which lets any text be a client's name."""
    folder = tmp_path_factory.mktemp("markup")
    for name in ("03_private_pool.ipynb", "05_plan.ipynb"):
        done = papermill(
            WORKBOOKS / name, folder / name, "--engine", "kolkit",
            "-p", "client", MARKUP, "-p", "scenario", f"=1+1{MARKUP}",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return folder


def test_dashboards_show_hostile_names_and_run_none(made, markup_notebooks, watched):
    shutil.copy(made / "04_livestream.ipynb", markup_notebooks)
    port = free_port()
    command = [BIN / "kolkit", "serve", markup_notebooks, f"--port={port}", "--no-browser"]
    page = watched.page
    shown = {
        "05_plan.ipynb": MARKUP, "03_private_pool.ipynb": MARKUP, "04_livestream.ipynb": CLIENT
    }  # fmt: skip
    with serving(*command, "--no-preheat", port=port) as address:
        page.goto(address)
        harmless(page)
        for name, client in shown.items():
            page.goto(f"{address}/voila/render/{name}")
            page.wait_for_function(LIVE, timeout=SECONDS)
            harmless(page)
            assert client in page.locator(".kk-head:visible").first.inner_text()
        page.close()


def test_a_hostile_link_is_text_at_most(markup_notebooks, watched):
    """The address carries names and tables as well as numbers."""
    fields = {
        "client": MARKUP, "scenario": MARKUP, "survival_table": json.dumps(MARKUP),
        "orders_counted": json.dumps({"file": MARKUP}), "language": MARKUP, "<b>": MARKUP,
        "__proto__": "{}", "members_start": json.dumps(MARKUP),
    }  # fmt: skip
    port = free_port()
    command = [BIN / "kolkit", "serve", WORKBOOKS, f"--port={port}", "--no-browser"]
    page = watched.page
    with serving(*command, "--no-preheat", port=port) as address:
        page.goto(f"{address}/voila/render/03_private_pool.ipynb#k=2&{urlencode(fields)}")
        page.wait_for_function(LIVE, timeout=SECONDS)
        page.wait_for_timeout(500)
        harmless(page)
        assert page.locator(".lm-Widget .kk-sentence").inner_text()
        page.close()


def test_nbconvert_shows_hostile_names_and_runs_none(markup_notebooks, watched):
    path = markup_notebooks / "05_plan.ipynb"
    to_page(path)
    page = watched.page
    page.goto(path.with_suffix(".html").as_uri())
    harmless(page)
    assert MARKUP in page.locator(".kk-head:visible").first.inner_text()


@pytest.mark.parametrize("name", ["client", "scenario"])
def test_a_brief_refuses_markup_and_paths_as_names(name, tmp_path):
    brief = tmp_path / "brief.yaml"
    for wrong in (MARKUP, "a/../b", "..\\b", ".hidden", "a\nb", "a\u202eb", "x" * 61, 'a"b'):
        brief.write_text(yaml.safe_dump({"client": "x"} | {name: wrong}), "utf-8")
        with pytest.raises(InputError, match=f"{name} must be a plain name"):
            read_spec(brief, out=tmp_path)


def to_page(path: Path, *options: str) -> str:
    done = subprocess.run(
        [BIN / "jupyter", "nbconvert", "--to", "html", "--template", "kolkit", path, *options],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return path.with_suffix(".html").read_text("utf-8")


def test_nbconvert_brings_no_file_of_this_machine_along(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>TOPSECRET</text></svg>")
    notebook = nbformat.read(WORKBOOKS / "00_start_here.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell(f"![x]({secret}) <img src='{secret}'>"))
    path = tmp_path / "x" / "book.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook, path)
    told = to_page(path, "--HTMLExporter.embed_images=True")
    assert "TOPSECRET" not in told
    assert base64.b64encode(secret.read_bytes()).decode()[:40] not in told
    # Inputs stay out of what a client gets.
    assert "Workbook(" not in told


def test_a_brief_is_data_and_no_program(tmp_path):
    marker = tmp_path / "was-run"
    brief = tmp_path / "brief.yaml"
    for tag in ("!!python/object/apply:os.system", "!!python/object/new:os.system", "!x"):
        brief.write_text(f"client: {tag} ['touch {marker}']\n")
        done = subprocess.run(
            [BIN / "kolkit", "check", brief], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert "is not allowed: a brief is data" in " ".join(done.stderr.split())
    assert not marker.exists()
