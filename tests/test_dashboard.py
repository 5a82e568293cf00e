"""A dashboard in a real browser: typing, refusals, files, languages, the walk over the pages."""

import os
import re
import subprocess
from contextlib import AbstractContextManager, nullcontext

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
    serving_all,
    voila,
)

WORKBOOK = WORKBOOKS / "04_livestream.ipynb"


@pytest.fixture(scope="module")
def plain():
    """All workbooks behind Voila alone."""
    with serving_all("cold") as address:
        yield address


@pytest.fixture(scope="module")
def ours():
    """All workbooks behind our own server."""
    port = free_port()
    command = (BIN / "kolkit", "serve", f"--port={port}", "--no-browser", "--no-preheat")
    with serving(*command, port=port) as address:
        yield address


def at(address: str, notebook: str = "") -> AbstractContextManager[str]:
    """A page of a server that runs already."""
    return nullcontext(f"{address}/voila/render/{notebook}" if notebook else address)


def test_kolkit_serve_lists_the_workbooks(watched, ours):
    with dashboard(watched, at(ours), live=False) as page:
        listed = page.get_by_role("main").locator("ol b").all_inner_texts()
        assert listed == ["Start", "Tier mix", "Private pool", "Livestream", "Plan"]
        page.get_by_role("link", name="Livestream").click()
        page.wait_for_function(LIVE, timeout=SECONDS)
        assert "¥5.0m" in sentence(page)


def test_knobs_accept_what_people_type_and_refuse_what_is_out_of_range(watched, plain):
    with dashboard(watched, at(plain, WORKBOOK.name)) as page:
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


def test_a_combination_that_cannot_be_is_said_at_the_knob(watched, plain):
    with dashboard(watched, at(plain, WORKBOOK.name)) as page:
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


def test_the_page_speaks_chinese(watched, plain):
    with dashboard(watched, at(plain, WORKBOOK.name)) as page:
        page.get_by_role("button", name="中文").click()
        page.wait_for_function(
            "document.querySelector('.lm-Widget .kk-sentence').innerText.includes('万')"
        )
        page.wait_for_function(
            "/[\\u4e00-\\u9fff]/.test(document.querySelector('.kk-group h2').innerText)"
        )
        # Cards out of sight are drawn again when the page has time.
        page.wait_for_function(
            "[...document.querySelectorAll('[data-painted]:not([hidden])')]"
            ".every((c) => c.dataset.painted > 0)"
        )
        shown = page.locator("main").inner_text()
        ours = re.sub(
            r"XLSX|calc\.futa404\.org|TechNode|Dudarenok & Engholm|kolkit|Base case", "", shown
        )
        words = re.findall(r"[A-Za-z]{4,}", ours)
        assert [w for w in words if w not in ("English",)] == []


def test_an_uploaded_order_file_replaces_the_assumed_rate(watched, plain):
    with dashboard(watched, at(plain, WORKBOOK.name)) as page:
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
    assert page.evaluate("window.__kolkitReady") == 18  # four a chapter, two of the scenarios
    assert page.locator(".js-plotly-plot .bars").count() >= 3
    assert page.get_by_role("heading", name="The answer", exact=True).is_visible()


def plotted(page, card: int, trace: int) -> list[str]:
    """What the marks of one trace say, in the order in which they are drawn."""
    return page.evaluate(
        "([c, i]) => Array.from([...document.querySelectorAll("
        "'[data-painted]:not([hidden]) .js-plotly-plot')][c].data[i].customdata)",
        [card, trace],
    )


def titles(page) -> list[str]:
    return page.locator("[data-painted]:not([hidden]) h3").all_text_contents()


def title_with(page, words: str) -> str:
    """The title that contains these words, once a card has it."""
    page.wait_for_function(
        "w => [...document.querySelectorAll('[data-painted]:not([hidden]) h3')]"
        ".some((h) => h.textContent.includes(w))",
        arg=words,
        timeout=SECONDS,
    )
    return next(told for told in titles(page) if words in told)


def slide_to(page, name: str, value: float) -> None:
    """Drag a slider as a hand does: press, move in steps, let go."""
    slider = knob(page, name).locator("input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    low, high = (float(slider.get_attribute(end)) for end in ("min", "max"))
    at = float(slider.input_value())

    def place(v: float) -> float:
        # The thumb's middle travels half a thumb less at either end.
        return box["x"] + 8 + (v - low) / (high - low) * (box["width"] - 16)

    page.mouse.move(place(at), box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(place(value), box["y"] + box["height"] / 2, steps=12)
    page.mouse.up()


def test_the_first_sixty_seconds(watched):
    """From no sign-in to a contract made safe, as a strategist sees it for the first time."""
    port = free_port()
    served = serving(BIN / "kolkit", "serve", f"--port={port}", "--no-browser", port=port,
                     path="/voila/static/voila.js")  # fmt: skip
    with dashboard(watched, served, live=False, pause=5) as page:
        assert page.locator("input[type=password]").count() == 0
        page.get_by_role("link", name="Tier mix").click()
        page.locator(".kk-sentence:visible").first.wait_for(timeout=10_000)
        page.wait_for_function(LIVE, timeout=SECONDS)
        assert page.locator(".lm-Widget .kk-sentence").count() == 1
        assert "P10–P50–P90" in page.locator(".lm-Widget .kk-interval").inner_text()
        assert page.locator(".lm-Widget .kk-tile").count() == 4

        # Views that are not people: both rankings are drawn anew, the page says where they flip.
        slide_to(page, "fake_view_share", 0.02)
        title_with(page, "At 6")
        by_cpm, by_cpe = plotted(page, 0, 0), plotted(page, 0, 2)
        slide_to(page, "fake_view_share", 0.58)
        told = title_with(page, "is ahead of")
        names = [mark.split(":")[0] for mark in plotted(page, 0, 0)]
        assert names != [mark.split(":")[0] for mark in by_cpm]
        assert plotted(page, 0, 0) != by_cpm
        assert re.search(r"From \d+\s%.*is ahead of.*by CPM; by CPE nothing moves", told)
        winner, loser = re.search(r"people, (.*) is ahead of (.*) by CPM", told).groups()
        assert names.index(winner) < names.index(loser)
        before = [mark.split(":")[0] for mark in by_cpm]
        assert before.index(winner) > before.index(loser)
        assert [m.split(":")[0] for m in plotted(page, 0, 2)] == [m.split(":")[0] for m in by_cpe]

        # Labour off and on: the book's 6.67 becomes the true price.
        check = knob(page, "count_labour").locator("input")
        check.uncheck()
        without = title_with(page, "Without labour and outreach, US$6.67")
        check.check()
        with_labour = title_with(page, "US$6.67 (¥46) per 1,000 followers is")
        price = r"¥([\d.]+) per 1,000 views"
        dearer = float(re.search(price, with_labour)[1])
        assert dearer > float(re.search(price, without)[1]) > 46

        # The livestream: reported against genuine over base rates, the incentive, one click.
        page.locator("nav").get_by_role("link", name="Livestream").click()
        page.wait_for_function(LIVE, timeout=SECONDS)
        assert "buying its own goods pays the streamer" in sentence(page)
        assert "stays unexplained at any plausible base rate" in " ".join(titles(page))
        page.get_by_role("button", name="Make it safe").click()
        page.wait_for_function(
            "document.querySelector('.lm-Widget .kk-sentence').textContent.includes('Sign, ')",
            timeout=SECONDS,
        )
        title_with(page, "Under the offer own orders never pay the streamer")
        assert page.get_by_role("button", name="Make it safe").count() == 0
        page.get_by_role("button", name="Reset all").click()
        page.get_by_role("button", name="Make it safe").wait_for(timeout=SECONDS)


def test_the_scenario_goes_along_from_page_to_page_and_survives_a_reload(watched, ours):
    with dashboard(watched, at(ours, "00_start_here.ipynb")) as page:
        box = knob(page, "average_order_value_cny").locator("input[type=text]")
        box.fill("480")
        box.press("Enter")
        page.locator(".lm-Widget .kk-guide-card").first.click()
        page.wait_for_url("**/01_tier_mix.ipynb#k=2*")
        page.wait_for_function(LIVE, timeout=SECONDS)
        slide_to(page, "fake_view_share", 0.1)
        page.locator("nav").get_by_role("link", name="Plan").click()
        page.wait_for_url("**/05_plan.ipynb#k=2*")
        page.wait_for_function(LIVE, timeout=SECONDS)
        page.get_by_label("With the livestream", exact=True).uncheck()
        page.wait_for_url(lambda url: "include_livestream" in url)
        for reloaded in (False, True):
            if reloaded:
                page.reload()
                page.wait_for_function(LIVE, timeout=SECONDS)
            page.wait_for_function(
                "document.querySelector('[data-knob=average_order_value_cny] input').value"
                " === '¥480'"
            )
            page.wait_for_function(
                "document.querySelector('[data-knob=fake_view_share] input').value !== '33 %'"
            )
            assert not page.get_by_label("With the livestream", exact=True).is_checked()


def test_a_link_that_was_tampered_with_is_refused_at_the_knob(watched, ours):
    link = f"{WORKBOOK.name}#k1=%7B%22commission_rate%22%3A20%2C%22x%22%3A1%7D"
    with dashboard(watched, at(ours, link)) as page:
        page.wait_for_function(
            "document.querySelector('[data-knob=commission_rate]').className.includes('error')"
        )
        assert "Did you mean 0.20?" in knob(page, "commission_rate").inner_text()
        assert "¥5.0m" in sentence(page)


def test_a_cell_without_a_source_is_switched_on_in_the_table(watched, plain):
    with dashboard(watched, at(plain, "01_tier_mix.ipynb")) as page:
        before = sentence(page)
        page.locator("summary", has_text="More knobs").click()
        page.get_by_text("Edit the table").click()
        on = page.get_by_label("Douyin KOL: On", exact=True)
        assert not on.is_checked()
        page.get_by_label("Douyin KOL: Price, RMB").fill("8000")
        page.get_by_label("Douyin KOL: Price, RMB").press("Tab")
        page.wait_for_function(
            "document.querySelector('dialog .kk-wrong')?.textContent.includes('Give price_cny')"
        )
        page.get_by_label("Douyin KOL: Followers").fill("40万")
        page.get_by_label("Douyin KOL: Followers").press("Tab")
        page.wait_for_function(
            "[...document.querySelectorAll('dialog input')]"
            ".find((i) => i.dataset.at === 'kol.douyin.on').checked"
        )
        assert "on Douyin" in sentence(page)
        page.get_by_text("Reset the table").click()
        page.get_by_text("Close", exact=True).click()
        page.wait_for_function(
            "text => document.querySelector('.lm-Widget .kk-sentence').textContent"
            ".replaceAll('\\u2060', '') === text",
            arg=before,
        )
