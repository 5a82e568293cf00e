"""The exercise as a trainee meets it: Voila cold and preheated, JupyterLab, paper; network cut."""

import json
import re
import shutil
import subprocess
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import pytest
from pages import BIN, LIVE, SECONDS, dashboard, free_port, papermill, serving, voila
from soaking import long
from test_course import EX01, KEY, ROOT, mark_command, typed_truth

from kolkit import course
from kolkit.course.variants import variant_of

NOTEBOOK = ROOT / "workbooks" / f"{course.EXERCISES['ex01']}.ipynb"
NUMBERS = ("rate", "naive_cpm", "cost", "true_cpm", "cpe", "tie")


@pytest.fixture(scope="module")
def served():
    """The exercise behind Voila."""
    with voila(NOTEBOOK) as address:
        yield address


@pytest.fixture
def visited(watched):
    """A page that is reloaded: Voila refuses its own request to end the kernel that was left."""
    yield watched
    watched.complaints = [text for text in watched.complaints if "403 (Forbidden)" not in text]


def sign_in(page, name: str = "Li Na", key: str = KEY) -> None:
    page.get_by_label("Your name").focus()
    page.keyboard.insert_text(name)
    page.keyboard.press("Tab")
    page.keyboard.insert_text(key)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-task]", timeout=SECONDS)


def dots(page):
    return page.get_by_role("navigation", name="Tasks").get_by_role("button")


def status(page, number: int) -> str:
    return dots(page).nth(number - 1).get_attribute("aria-label").split(": ")[1]


def feedback(page, starts: str) -> str:
    page.wait_for_function(
        "text => document.querySelector('.kk-ex-feedback')?.textContent.startsWith(text)",
        arg=starts,
        timeout=SECONDS,
    )
    return page.locator(".kk-ex-feedback").inner_text()


def answer(page, text: str) -> None:
    page.get_by_label("Your answer").fill(text)
    page.keyboard.press("Enter")


def put_in_order(page, keys) -> None:
    """Move items up with the keyboard until they stand as wanted."""
    for place, key in enumerate(keys):
        item = page.locator(f".kk-ex-order [data-key={key}]")
        while item.evaluate("row => [...row.parentNode.children].indexOf(row)") > place:
            item.get_by_role("button").first.focus()
            page.keyboard.press("Enter")


def solve_all(page, values) -> None:
    """Every task answered rightly, with the keyboard, going on by Enter."""
    for number, question in enumerate(EX01.questions, start=1):
        page.wait_for_selector(f"[data-task={question.key}]")
        truth = typed_truth(question, values)
        if question.kind == "number":
            answer(page, truth)
        elif question.kind == "choice":
            page.locator(f"input[value={truth}]").focus()
            page.keyboard.press("Space")
            page.keyboard.press("Enter")
        else:
            put_in_order(page, question.truth(values))
            page.get_by_role("button", name="Check").focus()
            page.keyboard.press("Enter")
        feedback(page, "Right.")
        if number < len(EX01.questions):
            assert page.evaluate("document.activeElement.textContent") == "Next"
            page.keyboard.press("Enter")


def downloaded(page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="Download answer file").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.mark.parametrize("face", ["preheated", long("cold")])
def test_from_a_wrong_answer_to_the_trainers_table(face, visited, tmp_path):
    extra = ("--preheat_kernel=True", "--pool_size=1") if face == "preheated" else ()
    values = variant_of(EX01, KEY, "Li Na").values
    with dashboard(visited, voila(NOTEBOOK, *extra), pause=0 if face == "cold" else 6) as page:
        sign_in(page)
        answer(page, f"{100 * EX01.question('rate').truth(values):.3f}")
        assert "1 means all" in feedback(page, "Not yet.")
        assert status(page, 1) == "tried, not right yet"
        live = page.locator(".kk-ex-feedback")
        assert live.get_attribute("aria-live") == "polite"
        box, told = page.get_by_label("Your answer").bounding_box(), live.bounding_box()
        assert abs(box["y"] - told["y"]) < 150, "feedback stands beside the answer"
        page.reload()
        page.wait_for_function(LIVE, timeout=SECONDS)
        page.wait_for_selector("[data-task=rate]", timeout=SECONDS)
        page.wait_for_function("document.querySelector('.kk-ex-tries').textContent.includes('2')")
        solve_all(page, values)
        page.get_by_text("23 of 24 points").wait_for()
        page.reload()
        page.wait_for_function(LIVE, timeout=SECONDS)
        page.get_by_text("23 of 24 points").wait_for(timeout=SECONDS)
        path = downloaded(page, tmp_path)
    assert path.name == "ex01-li-na.json"
    done = mark_command(path, "--key", KEY, "--out", "marks.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    row = pd.read_csv(tmp_path / "marks.csv", encoding="utf-8-sig").iloc[0]
    assert (row["trainee"], row["marks"], row["of"]) == ("Li Na", 23, 24)
    assert row["rate misconception"] == "A per cent number without its sign"
    assert row["rate attempts"] == 2
    assert pd.isna(row["remarks"])


def test_an_answer_file_goes_on_at_another_machine_and_a_damaged_one_is_named(
    visited, served, tmp_path
):
    values = variant_of(EX01, KEY, "李娜").values
    with dashboard(visited, nullcontext(served)) as page:
        sign_in(page, "李娜")
        answer(page, typed_truth(EX01.question("rate"), values))
        feedback(page, "Right.")
        path = downloaded(page, tmp_path)
        page.evaluate("localStorage.clear()")
        page.reload()
        page.wait_for_function(LIVE, timeout=SECONDS)
        page.get_by_label("Your name").wait_for()

        def load(data: bytes) -> None:
            with page.expect_file_chooser() as chooser:
                page.get_by_role("button", name="Load an answer file").click()
            given = {"name": "a.json", "mimeType": "application/json", "buffer": data}
            chooser.value.set_files(given)

        load(b"no json")
        page.get_by_text("nothing was changed").first.wait_for()
        load(b" " * 10_000_000)
        page.get_by_text("too large").wait_for()
        content = json.loads(path.read_text("utf-8"))
        load(json.dumps(content | {"marks": {}}).encode())
        page.get_by_text("The answers of 李娜 were loaded.").wait_for()
        assert "damaged or edited" in page.locator(".kk-ex-rail .kk-ex-notice").inner_text()
        assert status(page, 1) == "right"


def test_hostile_names_and_answers_stay_text(visited, served):
    with dashboard(visited, nullcontext(served)) as page:
        hostile = "<img src=x onerror=alert(1)>"
        sign_in(page, hostile, "=cmd|'/c calc'!A1")
        assert page.locator(".kk-ex-who").inner_text() == hostile
        for typed in ("1e400", "NaN", "__import__('os')", "<script>"):
            answer(page, typed)
            feedback(page, "This")
        assert page.locator(".kk-ex-tries").inner_text() == ""
        page.get_by_role("button", name="Someone else").click()
        page.get_by_label("Your name").wait_for()
        page.reload()
        page.wait_for_function(LIVE, timeout=SECONDS)
        assert page.get_by_label("Your name").is_visible()


def test_the_sheet_fits_a_phone_and_speaks_chinese(visited, served):
    page = visited.page
    page.set_viewport_size({"width": 360, "height": 740})
    with dashboard(visited, nullcontext(served)):
        sign_in(page)
        answer(page, "0.9")
        feedback(page, "Not yet.")
        page.get_by_role("button", name="中文").click()
        feedback(page, "还不对")
        heads = []
        for number in range(1, 9):
            page.get_by_role("navigation").get_by_role("button").nth(number - 1).click()
            heads.append(page.locator(".kk-ex-card").inner_text())
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        shown = " ".join(heads)
        assert set(re.findall(r"[A-Za-z]{4,}", shown)) == set()
        answer_sheet = page.locator(".kk-rail").inner_text()
        assert "下载答案文件" in answer_sheet
        page.reload()
        page.wait_for_function(LIVE, timeout=SECONDS)
        page.get_by_text("您的答案").wait_for(timeout=SECONDS)


def test_every_control_has_a_name_for_screen_readers(watched, served):
    with dashboard(watched, nullcontext(served)) as page:
        sign_in(page)
        for number in range(8):
            dots(page).nth(number).click()
            unnamed = page.evaluate(
                "[...document.querySelectorAll('.lm-Widget button, .lm-Widget input')]"
                ".filter(c => !c.hidden && !(c.getAttribute('aria-label') || c.textContent.trim()"
                " || c.labels?.length)).map(c => c.outerHTML)"
            )
            assert unnamed == []
            assert page.evaluate("document.activeElement.tagName") == "H2"


def test_a_rendered_notebook_is_a_sheet_to_print_and_the_trainees_own(visited, tmp_path):
    rendered = tmp_path / "sheet.ipynb"
    done = papermill(NOTEBOOK, rendered, "-p", "trainee", "Ada", "-p", "class_key", KEY)
    assert done.returncode == 0, done.stderr
    command = [BIN / "jupyter", "nbconvert", "--to", "html", "--template", "kolkit", rendered]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    page = visited.page
    page.goto(rendered.with_suffix(".html").as_uri())
    assert page.locator("section.kk-ex-print:visible").count() == 8
    assert page.locator(".kk-ex-case:visible").count() == 1
    assert "Worked out" not in page.locator("main").inner_text()
    friends = variant_of(EX01, KEY, "Ada").values["friends"]
    assert f"{friends:,.0f} friends" in page.locator("main").inner_text()
    with dashboard(visited, voila(rendered)):
        page.wait_for_selector("[data-task=rate]")
        assert page.locator(".kk-ex-who").inner_text() == "Ada"
        answer(page, "0.9")
        feedback(page, "Not yet.")
        page.reload()
        page.wait_for_function(LIVE, timeout=SECONDS)
        page.wait_for_function("document.querySelector('.kk-ex-tries').textContent.includes('0.9')")


def test_a_mistyped_parameter_stops_papermill_with_a_sentence(tmp_path):
    done = papermill(NOTEBOOK, tmp_path / "out.ipynb", "-p", "trainne", "Ada")
    assert done.returncode != 0
    assert "trainne is not a parameter of an exercise" in done.stderr


def test_jupyterlab_answers_as_voila_does(watched, tmp_path):
    shutil.copy(NOTEBOOK, tmp_path / "exercise.ipynb")
    port = free_port()
    command = [
        BIN / "jupyter", "lab", "--no-browser", f"--port={port}", "--allow-root",
        f"--ServerApp.root_dir={tmp_path}", "--IdentityProvider.token=", "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly", "--LabApp.check_for_updates_class="
        "jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with serving(*command, port=port, path="/api") as address:
        page = watched.page
        page.goto(f"{address}/lab/tree/exercise.ipynb?reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=SECONDS)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=SECONDS)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.get_by_label("Your name").wait_for(timeout=SECONDS)
        sign_in(page)
        answer(page, "0.9")
        feedback(page, "Not yet.")
        page.close()
