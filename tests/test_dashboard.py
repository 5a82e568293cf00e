"""A dashboard in a real browser: typing, refusals, files, languages, the walk over the pages."""

import os
import re
import subprocess

import pytest
from pages import (
    BIN,
    LIVE,
    ROOT,
    SECONDS,
    WORKBOOKS,
    dashboard,
    free_port,
    knob,
    papermill,
    sentence,
    serving,
    voila,
)

WORKBOOK = WORKBOOKS / "04_livestream.ipynb"


def test_kolkit_serve_lists_the_workbooks(watched):
    port = free_port()
    served = serving(BIN / "kolkit", "serve", f"--port={port}", "--no-browser", "--no-preheat",
                     port=port)  # fmt: skip
    with dashboard(watched, served, live=False) as page:
        for name in ("Start here", "Tier mix", "Private pool", "Livestream", "Plan"):
            assert page.get_by_role("link", name=name).count() == 1
        page.get_by_role("link", name="Livestream").click()
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
    assert page.evaluate("window.__kolkitReady") == 16
    assert page.locator(".js-plotly-plot .bars").count() >= 3
    assert page.get_by_text("The answer", exact=True).is_visible()
