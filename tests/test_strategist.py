"""A strategist's hour in a real browser: scenarios, links, downloads, accidents."""

import os
import re
import signal
import subprocess
from pathlib import Path

import nbformat
import openpyxl
import psutil
import pytest
import yaml
from pages import BIN, LIVE, SECONDS, WORKBOOKS, free_port, knob, says, serving, spoken
from pypdf import PdfReader
from soaking import long
from wire import Wire

from kolkit.books import BOOKS
from kolkit.workbook import Workbook, parameters

LIVESTREAM, PLAN, MIX = BOOKS["livestream"], BOOKS["plan"], BOOKS["tier_mix"]
TEN = {
    "average_order_value_cny": ("280", 280.0),
    "gross_margin": ("61%", 0.61),
    "base_return_rate": ("28%", 0.28),
    "gmv_reported_cny": ("4.2m", 4_200_000.0),
    "return_rate_observed": ("55%", 0.55),
    "slot_fee_cny": ("40万", 400_000.0),
    "guarantee_cny": ("350k", 350_000.0),
    "commission_rate": ("18%", 0.18),
    "platform_fee_rate": ("4%", 0.04),
    "return_cost_per_order_cny": ("15", 15.0),
}
"""What is typed, and the number that is meant."""


@pytest.fixture(scope="module")
def briefs(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("briefs")


@pytest.fixture(scope="module")
def server(briefs):
    port = free_port()
    command = [BIN / "kolkit", "serve", WORKBOOKS, f"--port={port}", "--no-browser",
               "--no-preheat", f"--briefs={briefs}"]  # fmt: skip
    with serving(*command, port=port) as address:
        yield address


@pytest.fixture
def empty(briefs):
    """No scenario is left from another test."""
    for path in briefs.rglob("*"):
        if path.is_file():
            path.unlink()
    return briefs


def opened(page, address: str, book=LIVESTREAM, link: str = ""):
    page.goto(f"{address}/voila/render/{book.notebook}{link}")
    page.wait_for_function(LIVE, timeout=SECONDS)
    return page


def typed(page, name: str, text: str) -> None:
    box = knob(page, name).locator("input[type=text]")
    group = page.locator(f"details.kk-group:has([data-knob={name}])")
    if not group.evaluate("g => g.open"):
        group.locator("summary").click()
    box.fill(text)
    box.press("Enter")


def type_ten(page) -> dict:
    for name, (text, _) in TEN.items():
        typed(page, name, text)
    return {name: number for name, (_, number) in TEN.items()}


def given(**inputs) -> dict:
    """Inputs as the client's own, for the engine."""
    return inputs | {"set_by_client": sorted(inputs)}


def tool(page, name: str):
    return page.locator(".kk-desk").get_by_role("button", name=name, exact=True)


def knobs_in_reach(page) -> None:
    opener = page.locator(".kk-open-knobs")
    if opener.is_visible() and opener.get_attribute("aria-expanded") == "false":
        opener.click()


def save_as(page, client: str, scenario: str) -> None:
    tool(page, "Scenarios").click()
    dialog = page.locator(".kk-saved")
    dialog.locator("[name=client]").fill(client)
    dialog.locator("[name=scenario]").fill(scenario)
    dialog.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text(f"Saved: {client} · {scenario}").wait_for()
    dialog.get_by_role("button", name="Close", exact=True).click()


def address_holds(page, *parts: str) -> None:
    page.wait_for_function(
        "parts => parts.every((p) => decodeURIComponent(location.hash).includes(p))",
        arg=list(parts),
    )


@pytest.mark.parametrize("width", [1440, long(360)])
def test_ten_knobs_survive_reload_walk_and_a_second_browser(watched, browser, server, empty, width):
    page = watched.page
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, server)
    knobs_in_reach(page)
    inputs = type_ten(page)
    expected = spoken(LIVESTREAM, **given(**inputs))
    says(page, expected)
    address_holds(page, "commission_rate=0.18", "slot_fee_cny=400000")
    page.reload()
    page.wait_for_function(LIVE, timeout=SECONDS)
    says(page, expected)
    # On to another workbook and back by the browser's own button: what was moved there stays.
    page.locator(".lm-Widget .kk-steps a", has_text="Tier mix").click()
    page.wait_for_url("**/01_tier_mix.ipynb**")
    page.wait_for_function(LIVE, timeout=SECONDS)
    knobs_in_reach(page)
    typed(page, "gross_margin", "50%")
    moved = inputs | {"gross_margin": 0.5}
    mine = {n: v for n, v in moved.items() if n in ("average_order_value_cny", "gross_margin",
            "base_return_rate", "platform_fee_rate", "return_cost_per_order_cny")}  # fmt: skip
    says(page, spoken(MIX, **given(**mine)))
    address_holds(page, "gross_margin=0.5")
    page.go_back()
    page.wait_for_function(LIVE, timeout=SECONDS)
    says(page, spoken(LIVESTREAM, **given(**moved)))
    # The link from the page opens the same in another browser.
    tool(page, "Share").click()
    link = page.locator(".kk-address").input_value()
    assert "Opens on this computer only" in page.locator(".kk-share").inner_text()
    assert len(link) < 500
    context = browser.new_context(bypass_csp=True)
    other = context.new_page()
    other.goto(link)
    other.wait_for_function(LIVE, timeout=SECONDS)
    says(other, spoken(LIVESTREAM, **given(**moved)))
    assert knob(other, "slot_fee_cny").locator("input[type=text]").input_value() == "¥400k"
    context.close()


def test_undo_redo_and_reset(watched, server, empty):
    page = opened(watched.page, server)
    first = spoken(LIVESTREAM)
    assert tool(page, "Undo").is_disabled()
    typed(page, "slot_fee_cny", "1m")
    second = spoken(LIVESTREAM, **given(slot_fee_cny=1e6))
    says(page, second)
    typed(page, "commission_rate", "5%")
    third = spoken(LIVESTREAM, **given(slot_fee_cny=1e6, commission_rate=0.05))
    says(page, third)
    tool(page, "Undo").click()
    says(page, second)
    page.locator(".lm-Widget h1").first.click()
    page.keyboard.press("Control+z")
    says(page, first)
    page.keyboard.press("Control+Shift+Z")
    says(page, second)
    tool(page, "Redo").click()
    says(page, third)
    knob(page, "slot_fee_cny").get_by_role("button", name="Reset").click()
    says(page, spoken(LIVESTREAM, **given(commission_rate=0.05)))
    assert "1 changed" in page.locator(".kk-rail").inner_text()
    page.get_by_role("button", name="Reset all").click()
    says(page, first)
    tool(page, "Undo").click()
    says(page, spoken(LIVESTREAM, **given(commission_rate=0.05)))


def test_scenarios_are_saved_renamed_duplicated_compared_and_deleted_with_undo(
    watched, server, empty, tmp_path
):
    page = opened(watched.page, server, PLAN)
    typed(page, "budget_cny", "3m")
    save_as(page, "Nordlys", "Three million")
    path = next(empty.glob("*.yaml"))
    brief = yaml.safe_load(path.read_text("utf-8"))
    assert brief["client"] == "Nordlys"
    assert brief["brand"] == {"budget_cny": 3_000_000}
    page.locator(".lm-Widget .kk-head", has_text="Nordlys · Three million").wait_for()
    # What is saved is what later changes are held against.
    assert page.locator(".lm-Widget .kk-change").count() == 0
    typed(page, "horizon_months", "18")
    page.wait_for_selector(".lm-Widget .kk-change")
    tool(page, "Scenarios").click()
    dialog = page.locator(".kk-saved")
    dialog.locator("[name=scenario]").fill("Eighteen months")
    dialog.get_by_role("button", name="Save as new").click()
    page.get_by_text("Saved: Nordlys · Eighteen months").wait_for()
    dialog.get_by_role("button", name="Duplicate: Nordlys · Three million").click()
    dialog.get_by_text("Nordlys · Three million (copy)").wait_for()
    dialog.get_by_role("button", name="Rename: Nordlys · Three million (copy)").click()
    dialog.get_by_role("textbox", name="Rename").fill("Three again")
    dialog.get_by_role("textbox", name="Rename").press("Enter")
    dialog.get_by_text("Nordlys · Three again").wait_for()
    assert len(list(empty.glob("*.yaml"))) == 3
    dialog.get_by_role("button", name="Delete: Nordlys · Three again").click()
    dialog.get_by_text("Deleted: Nordlys · Three again").wait_for()
    assert len(list(empty.glob("*.yaml"))) == 2
    dialog.get_by_role("button", name="Undo").click()
    dialog.get_by_role("button", name="Delete: Nordlys · Three again").wait_for()
    assert len(list(empty.glob("*.yaml"))) == 3
    # Two beside each other, the first as the baseline.
    dialog.get_by_role("checkbox", name="Compare: Nordlys · Three million", exact=True).check()
    dialog.get_by_label("Baseline").check()
    dialog.get_by_role("button", name="Close", exact=True).click()
    shown = page.locator(".kk-at-compared .lm-Widget .kk-card")
    shown.get_by_text("What moved it").or_(shown.get_by_text("Key figures")).first.wait_for()
    text = shown.inner_text()
    assert "Horizon" in text
    assert "12 months" in text
    assert "18 months" in text
    ghosts = (
        "[...document.querySelectorAll('[data-painted] .js-plotly-plot')].filter("
        "(p) => p.data?.some((t) => t.line?.dash || t.marker?.symbol?.includes?.('line')))"
    )
    assert page.evaluate(f"{ghosts}.length") > 0
    with page.expect_download() as got:
        shown.get_by_role("button", name="XLSX").click()
    kept = tmp_path / got.value.suggested_filename
    got.value.save_as(kept)
    book = openpyxl.load_workbook(kept)
    assert len(book.sheetnames) >= 3


def test_a_newer_save_by_somebody_else_is_not_overwritten(watched, browser, server, empty):
    page = opened(watched.page, server, PLAN)
    typed(page, "budget_cny", "3m")
    save_as(page, "Nordlys", "Shared")
    path = next(empty.glob("*.yaml"))
    context = browser.new_context(bypass_csp=True)
    other = opened(context.new_page(), server, PLAN)
    tool(other, "Scenarios").click()
    other.get_by_role("button", name="Open: Nordlys · Shared").click()
    says(other, spoken(PLAN, **given(budget_cny=3e6)))
    typed(other, "budget_cny", "4m")
    tool(other, "Save").click()
    other.get_by_text("Saved: Nordlys · Shared").wait_for()
    theirs = path.read_bytes()
    typed(page, "budget_cny", "5m")
    watched.tolerates("409")
    tool(page, "Save").click()
    page.locator(".kk-complaint").get_by_role("button", name="Open the newer one").wait_for()
    assert path.read_bytes() == theirs
    page.get_by_role("button", name="Open the newer one").click()
    says(page, spoken(PLAN, **given(budget_cny=4e6)))
    context.close()


def test_a_brief_by_upload_and_what_is_refused(watched, server, empty, shipped_briefs):
    page = opened(watched.page, server)
    tool(page, "Scenarios").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Load a brief").click()
    chooser.value.set_files(shipped_briefs / "thinmargin.yaml")
    brief = yaml.safe_load((shipped_briefs / "thinmargin.yaml").read_text("utf-8"))
    page.get_by_text(brief["scenario"]).first.wait_for()
    inputs = {**brief.get("brand", {}), **brief.get("livestream", {})}
    says(page, spoken(LIVESTREAM, **given(**inputs)))
    before = page.locator(".lm-Widget .kk-sentence").inner_text()
    watched.tolerates("422")
    for bad in (b"client: [", b"client: X\nlivestream:\n  commission_rate: 20\n", b"\xff\xfe\x00"):
        tool(page, "Scenarios").click()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Load a brief").click()
        chooser.value.set_files({"name": "x.yaml", "mimeType": "text/yaml", "buffer": bad})
        page.wait_for_function("document.querySelector('.kk-complaint').textContent")
        page.get_by_role("button", name="Close", exact=True).first.click()
    assert page.locator(".lm-Widget .kk-sentence").inner_text() == before


def test_downloads_equal_the_screen(watched, server, empty, tmp_path):
    page = opened(watched.page, server, PLAN)
    typed(page, "budget_cny", "3m")
    typed(page, "gross_margin", "60%")
    says(page, spoken(PLAN, **given(budget_cny=3e6, gross_margin=0.6)))
    said = page.locator(".lm-Widget .kk-sentence").inner_text().replace("\u2060", "")
    tiles = page.locator(".lm-Widget .kk-tile .kk-value").all_inner_texts()
    told = parameters(PLAN.key) | given(budget_cny=3e6, gross_margin=0.6)
    identity = Workbook(told, journey=PLAN.key).hash
    page.locator(".lm-Widget .kk-hash", has_text=identity).wait_for()

    def download(name: str) -> Path:
        tool(page, "Download").click()
        with page.expect_download(timeout=SECONDS) as got:
            page.locator(".kk-sheet").get_by_role("button", name=name).click()
        kept = tmp_path / got.value.suggested_filename
        got.value.save_as(kept)
        return kept

    brief = yaml.safe_load(download("Brief (YAML)").read_text("utf-8"))
    assert brief["brand"] == {"budget_cny": 3_000_000, "gross_margin": 0.6}
    sheets = openpyxl.load_workbook(download("Tables (XLSX)")).sheetnames
    assert "Parameters" in sheets
    pdf = PdfReader(download("Report (PDF)"))
    text = re.sub(r"\s+", "", "".join(p.extract_text() for p in pdf.pages)).replace("\u2060", "")
    assert re.sub(r"\s+", "", said) in text
    for tile in tiles:
        assert re.sub(r"\s+", "", tile).replace("\u2060", "") in text
    assert identity in text
    picture = download("Long picture (PNG)").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 100_000


def test_language_and_theme_change_without_losing_anything(watched, server, empty):
    page = opened(watched.page, server, link="#k=2&slot_fee_cny=900000&z=1")
    says(page, spoken(LIVESTREAM, **given(slot_fee_cny=9e5)))
    tool(page, "中文").click()
    says(page, spoken(LIVESTREAM, **given(slot_fee_cny=9e5), language="zh"))
    page.get_by_role("button", name="English").click()
    says(page, spoken(LIVESTREAM, **given(slot_fee_cny=9e5)))
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    tool(page, "Dark or light").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.wait_for_function(
        "[...document.querySelectorAll('[data-painted] .js-plotly-plot')]"
        ".some((p) => JSON.stringify(p.layout ?? {}).includes('#e9ebee'))"
    )
    page.reload()
    page.wait_for_function(LIVE, timeout=SECONDS)
    assert page.evaluate("document.documentElement.dataset.kkTheme") == "dark"
    says(page, spoken(LIVESTREAM, **given(slot_fee_cny=9e5)))


def test_presets_and_locks(watched, server, empty):
    page = opened(watched.page, server, MIX)
    first = page.locator(".lm-Widget .kk-sentence").inner_text()
    page.get_by_label("Start from").select_option("cautious")
    page.locator(".kk-notice", has_text="unfavourable").wait_for()
    page.wait_for_function(
        "told => document.querySelector('.lm-Widget .kk-sentence').innerText !== told", arg=first
    )
    assert page.locator(".kk-knob.kk-changed").count() >= 3
    page.get_by_label("Start from").select_option("typical")
    page.wait_for_function(
        "told => document.querySelector('.lm-Widget .kk-sentence').innerText === told", arg=first
    )
    assert page.locator(".kk-knob.kk-changed").count() == 0
    page.locator("summary", has_text="Fixed numbers").click()
    lock = knob(page, "lock_micro_kol")
    number = re.search(r"[\d,]+", lock.get_by_role("button", name="Fix at").inner_text())[0]
    lock.get_by_role("button", name="Fix at").click()
    lock.get_by_role("button", name="Leave free").wait_for()
    assert lock.locator("input[type=text]").input_value() == number
    lock.get_by_role("button", name="Leave free").click()
    lock.get_by_role("button", name="Fix at").wait_for()


def test_a_lost_connection_is_said_and_mended_without_losing_what_was_moved(watched, server, empty):
    wire = Wire(server)
    page = watched.page
    try:
        opened(page, wire.address)
        typed(page, "slot_fee_cny", "800k")
        says(page, spoken(LIVESTREAM, **given(slot_fee_cny=8e5)))
        watched.tolerates("WebSocket", "ERR_", "Failed to fetch", "Connection lost", "reconnect")
        wire.cut()
        banner = page.locator(".kk-banner")
        banner.get_by_text("Your scenario is kept").wait_for()
        assert banner.get_by_role("button", name="Resume").is_visible()
        # The page still answers to the hand; it is taken over when the connection is back.
        typed(page, "commission_rate", "7%")
        wire.mend()
        says(page, spoken(LIVESTREAM, **given(slot_fee_cny=8e5, commission_rate=0.07)))
        banner.wait_for(state="hidden")
    finally:
        page.close()
        wire.close()


def kernels_of(server: str) -> list[psutil.Process]:
    port = int(server.rsplit(":", 1)[1])
    owner = next(
        c.pid
        for c in psutil.net_connections("tcp")
        if c.laddr.port == port and c.status == "LISTEN"
    )
    return [
        p
        for p in psutil.Process(owner).children(recursive=True)
        if any("ipykernel" in part for part in p.cmdline())
    ]


def test_a_killed_kernel_is_replaced_and_the_scenario_restored(watched, server, empty):
    page = opened(watched.page, server)
    typed(page, "slot_fee_cny", "700k")
    says(page, spoken(LIVESTREAM, **given(slot_fee_cny=7e5)))
    address_holds(page, "slot_fee_cny=700000")
    watched.tolerates("WebSocket", "ERR_", "Connection lost", "404", "403")
    for kernel in kernels_of(server):
        os.kill(kernel.pid, signal.SIGKILL)
    page.locator(".kk-notice", has_text="started afresh").wait_for(timeout=SECONDS)
    page.wait_for_function(LIVE, timeout=SECONDS)
    says(page, spoken(LIVESTREAM, **given(slot_fee_cny=7e5)))


SLOW = """
import time
from kolkit.books import BOOKS as _books

quick = _books["livestream"].run
def slow(brief, counts):
    if brief.livestream.commission_rate == 0.33:
        time.sleep(60)
    return quick(brief, counts)
object.__setattr__(_books["livestream"], "run", slow)
"""


def test_an_answer_that_takes_long_says_so_and_can_be_called_off(watched, tmp_path):
    notebook = nbformat.read(WORKBOOKS / LIVESTREAM.notebook, as_version=4)
    begins = next(i for i, c in enumerate(notebook.cells) if "inputs" in c.metadata.get("tags", []))
    notebook.cells.insert(begins, nbformat.v4.new_code_cell(SLOW))
    nbformat.write(notebook, tmp_path / LIVESTREAM.notebook)
    port = free_port()
    command = [BIN / "kolkit", "serve", tmp_path, f"--port={port}", "--no-browser", "--no-preheat"]
    with serving(*command, port=port) as address:
        page = opened(watched.page, address)
        typed(page, "slot_fee_cny", "900k")
        says(page, spoken(LIVESTREAM, **given(slot_fee_cny=9e5)))
        typed(page, "commission_rate", "33%")
        page.locator(".kk-notice", has_text="Calculating").wait_for()
        page.locator(".kk-notice").get_by_role("button", name="Cancel").click()
        page.locator(".kk-notice", has_text="Called off").wait_for()
        says(page, spoken(LIVESTREAM, **given(slot_fee_cny=9e5)))
        assert knob(page, "commission_rate").locator("input[type=text]").input_value() == "20 %"
        # The kernel is as good as before.
        typed(page, "commission_rate", "32%")
        says(page, spoken(LIVESTREAM, **given(slot_fee_cny=9e5, commission_rate=0.32)))
        page.close()


def test_a_clients_rendered_folder_says_what_its_pdf_says(watched, tmp_path, shipped_briefs):
    done = subprocess.run(
        [BIN / "kolkit", "report", shipped_briefs / "nordlys.yaml", "--out", tmp_path / "out"],
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "out" / "nordlys" / "first-year"
    pages = PdfReader(folder / "nordlys-first-year.pdf").pages
    text = re.sub(r"\s+", "", "".join(p.extract_text() for p in pages)).replace("\u2060", "")
    port = free_port()
    command = [BIN / "kolkit", "serve", folder, f"--port={port}", "--no-browser",
               f"--briefs={tmp_path / 'briefs'}"]  # fmt: skip
    page = watched.page
    with serving(*command, port=port) as address:
        page.goto(address)
        listed = page.get_by_role("main").locator("ol b").all_inner_texts()
        assert listed == ["Tier mix", "Private pool", "Livestream", "Plan"]
        page.get_by_role("main").locator("ol a", has_text="Livestream").click()
        for number, name in enumerate(("Livestream", "Tier mix", "Private pool", "Plan")):
            if number:
                page.locator(".lm-Widget .kk-steps a", has_text=name).click()
                page.wait_for_function(
                    "name => document.querySelector('.kk-steps .kk-here')?.textContent === name",
                    arg=name,
                )
            page.wait_for_function(LIVE, timeout=SECONDS)
            assert page.locator(".lm-Widget .kk-steps a").all_inner_texts() == listed
            said = page.locator(".lm-Widget .kk-interval").first.inner_text()
            assert re.sub(r"\s+", "", said).replace("\u2060", "") in text
        for said in (
            page.locator(".lm-Widget .kk-sentence").first.inner_text(),
            *page.locator(".lm-Widget .kk-tile .kk-value").all_inner_texts(),
        ):
            assert re.sub(r"\s+", "", said).replace("\u2060", "") in text
        # Saved from here, nothing of the report's own brief is lost.
        typed(page, "budget_cny", "2.5m")
        save_as(page, "Nordlys", "More")
        brief = yaml.safe_load((tmp_path / "briefs" / "nordlys-more.yaml").read_text("utf-8"))
        assert brief["brand"]["budget_cny"] == 2_500_000
        assert brief["tier_mix"] == {"universe_people": 15_000_000}
        assert brief["livestream"]["slot_fee_cny"] == 600_000
        assert brief["livestream"]["orders_counted"]["orders_paid"] == 1394
        page.close()
