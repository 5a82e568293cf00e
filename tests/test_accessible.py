"""Pages for everybody: screen readers, keyboard alone, small screens, dark, colour-blind eyes."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe import EVERY_LOOK, OPPOSITE_LOOKS, THEMES, everywhere, violations, wear
from pages import BIN, LIVE, ROOT, SECONDS, WORKBOOKS, free_port, knob, serving
from soaking import long

from kolkit.books import BOOKS

EXERCISE = "course/ex01_tiers_and_engagement.ipynb"


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[str]:
    """Our server on the workbooks and the course, with two saved scenarios."""
    briefs = tmp_path_factory.mktemp("briefs")
    for name in ("nordlys", "hearthline"):
        shutil.copy(ROOT / "reports" / "briefs" / f"{name}.yaml", briefs)
    port = free_port()
    command = [
        BIN / "kolkit", "serve", WORKBOOKS, f"--port={port}", "--no-browser", "--no-preheat",
        f"--briefs={briefs}",
    ]  # fmt: skip
    with serving(*command, port=port) as address:
        yield address


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Path:
    """A client's folder with page and rendered notebooks, without PDF."""
    out = tmp_path_factory.mktemp("client")
    done = subprocess.run(
        [BIN / "kolkit", "report", ROOT / "reports/briefs/nordlys.yaml", "--no-pdf"],
        cwd=out, capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | {"FORCE_COLOR": "0", "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out / done.stdout.strip()


def live(page, address: str) -> None:
    page.goto(address)
    page.wait_for_function(LIVE, timeout=SECONDS)


def assert_accessible(page, looks=OPPOSITE_LOOKS) -> None:
    found = {where: faults for where, faults in everywhere(page, looks) if faults}
    told = "\n".join(f"{where}: {fault}" for where, faults in found.items() for fault in faults)
    assert not found, told


QUICK = ("start", "livestream", "plan")
SHOWN = [book if book.key in QUICK else long(book) for book in BOOKS.values()]


@pytest.mark.parametrize("book", SHOWN, ids=BOOKS)
def test_a_workbook(book, served, watched):
    live(watched.page, f"{served}/voila/render/{book.notebook}")
    assert_accessible(watched.page, EVERY_LOOK if book.key == "start" else OPPOSITE_LOOKS)


@pytest.mark.parametrize("path", ["/", "/?lang=zh"])
def test_an_index(path, served, watched):
    watched.page.goto(served + path)
    assert_accessible(watched.page)


def test_a_page_that_is_not_there(served, watched):
    watched.tolerates("404")
    assert watched.page.goto(f"{served}/voila/render/none.ipynb").status == 404
    assert_accessible(watched.page, EVERY_LOOK)


def test_an_exercise(served, watched):
    page = watched.page
    live(page, f"{served}/voila/render/{EXERCISE}")
    assert_accessible(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Class key").fill("spring 26")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-task]", timeout=SECONDS)
    assert_accessible(page)


def test_an_exported_report(client, watched):
    watched.page.goto(client.as_uri())
    watched.page.evaluate("window.__kolkitReady")
    assert_accessible(watched.page)


def test_a_clients_folder(client, watched):
    port = free_port()
    command = [BIN / "kolkit", "serve", client.parent, f"--port={port}", "--no-browser"]
    with serving(*command, "--no-preheat", port=port) as address:
        watched.page.goto(address)
        assert_accessible(watched.page)
        watched.page.close()


def test_a_login_page(watched):
    port = free_port()
    command = [BIN / "kolkit", "serve", WORKBOOKS, f"--port={port}", "--no-browser", "--no-preheat"]
    with serving(*command, "--token=a-long-word-of-ours", port=port, path="/login") as address:
        watched.page.goto(address)
        assert watched.page.locator("input[type=password]").count() == 1
        assert_accessible(watched.page, EVERY_LOOK)
        watched.page.close()


def assert_part_accessible(page, part: str) -> None:
    for theme in THEMES:
        wear(page, theme)
        assert violations(page, part=part) == [], theme


def test_what_opens_over_a_page(served, watched):
    """Menus, the list of saved scenarios, the table of prices, a comparison."""
    page = watched.page
    live(page, f"{served}/voila/render/01_tier_mix.ipynb")
    for menu in (".kk-share", ".kk-download"):
        page.locator(f"{menu} > button").click()
        page.wait_for_selector(f"{menu} .kk-sheet:not([hidden])")
        assert_part_accessible(page, menu)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Scenarios", exact=True).click()
    page.wait_for_selector("dialog[open] .kk-saved-row")
    assert_part_accessible(page, "dialog[open]")
    page.keyboard.press("Escape")
    page.locator("summary", has_text="More knobs").click()
    page.get_by_text("Edit the table").click()
    page.wait_for_selector("dialog[open] table")
    assert_part_accessible(page, "dialog[open]")
    page.keyboard.press("Escape")


# --- keyboard alone ------------------------------------------------------------------------------

MARK_CONTROLS = """() => {
  const groups = new Set();
  const marked = [];
  for (const node of document.querySelectorAll(
    "button, a[href], input, select, textarea, summary, [tabindex='0']"
  )) {
    if (node.disabled || node.tabIndex < 0) continue;
    if (!node.checkVisibility({ visibilityProperty: true })) continue;
    if (node.closest("[inert], .svg-container")) continue;
    if (node.type === "radio") {
      if (groups.has(node.name)) continue;
      groups.add(node.name);
    }
    node.dataset.kkControl = String(marked.push(node.outerHTML.slice(0, 160)) - 1);
  }
  return marked;
}"""
FOCUSED = """() => {
  const node = document.activeElement;
  if (!node || node === document.body || node === document.documentElement) return null;
  const style = getComputedStyle(node);
  const box = node.getBoundingClientRect();
  return {
    control: node.dataset.kkControl ?? null,
    told: node.outerHTML.slice(0, 160),
    ring: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1)
      || style.boxShadow !== "none",
    shown: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""
"""What has the focus: whether one sees it, and where it is."""


def walk(page, most: int) -> list[dict]:
    """Everything that Tab leads to, from the top of the page until it leaves it."""
    found: list[dict] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None or (found and focused["control"] == found[0]["control"]):
            return found
        found.append(focused)
    raise AssertionError(f"Tab never leaves the page: {[f['told'] for f in found[-5:]]}")


@pytest.mark.parametrize("name", ["04_livestream", "05_plan"])
def test_every_control_of_a_dashboard_is_reached_by_tab_and_seen(name, served, watched):
    page = watched.page
    live(page, f"{served}/voila/render/{name}.ipynb")
    # What slides into view is looked at where it comes to rest.
    page.add_style_tag(content="* { transition: none !important; }")
    controls = page.evaluate(MARK_CONTROLS)
    assert len(controls) > 30
    found = walk(page, len(controls) + 20)
    assert "kk-skip" in found[0]["told"]
    reached = {focused["control"] for focused in found}
    assert [told for i, told in enumerate(controls) if str(i) not in reached] == []
    assert [f["told"] for f in found if not f["ring"]] == []
    assert [f["told"] for f in found if not f["shown"]] == []
    # To pass through a field changes nothing.
    page.wait_for_timeout(500)
    assert "#" not in page.url
    # And back again.
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED)["control"] in reached


def test_a_dashboard_is_worked_with_the_keyboard_alone(served, watched):
    page = watched.page
    live(page, f"{served}/voila/render/01_tier_mix.ipynb")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "kk-answer"

    # A slider, with arrows; the sentence follows.
    slider = knob(page, "fake_view_share").locator("input[type=range]")
    slider.focus()
    before, seen = slider.input_value(), page.locator("[data-painted] h3").all_text_contents()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    assert float(slider.input_value()) > float(before)
    page.wait_for_function(
        "seen => [...document.querySelectorAll('[data-painted] h3')]"
        ".some((h, i) => h.textContent !== seen[i])",
        arg=seen,
        timeout=SECONDS,
    )
    # A typed value, with Enter; Escape takes back what was not entered.
    box = knob(page, "fake_view_share").locator("input[type=text]")
    box.focus()
    page.keyboard.type("20%")
    page.keyboard.press("Enter")
    page.wait_for_function("v => document.activeElement.value.includes(v)", arg="20")
    page.keyboard.type("77")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert box.input_value() == "20 %"

    # Why and Table of a card.
    why = page.locator(".kk-foot button[aria-expanded]:visible").first
    why.focus()
    page.keyboard.press("Enter")
    assert why.get_attribute("aria-expanded") == "true"

    # A folded group, and the dialog within.
    page.locator("summary", has_text="More knobs").focus()
    page.keyboard.press("Enter")
    opener = page.get_by_text("Edit the table")
    opener.focus()
    page.keyboard.press("Enter")
    within = "document.activeElement.closest('dialog[open]') !== null"
    page.wait_for_function(within)
    for _ in range(4):
        page.keyboard.press("Tab")
        # Beyond its ends a dialog leads to the browser itself, never to the page beneath.
        assert page.evaluate(f"{within} || document.activeElement === document.body")
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('dialog[open]')")
    assert opener.evaluate("node => node === document.activeElement")


@pytest.mark.parametrize("opener", [".kk-share > button", ".kk-download > button"])
def test_a_menu_closes_by_escape_and_gives_the_focus_back(opener, served, watched):
    page = watched.page
    live(page, f"{served}/voila/render/00_start_here.ipynb")
    button = page.locator(opener)
    button.focus()
    page.keyboard.press("Enter")
    sheet = button.locator("xpath=..").locator(".kk-sheet")
    assert sheet.is_visible()
    assert sheet.evaluate("sheet => sheet.contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert not sheet.is_visible()
    assert button.evaluate("node => node === document.activeElement")


def test_the_knobs_of_a_narrow_page_open_and_close_by_keyboard(served, watched):
    page = watched.page
    page.set_viewport_size({"width": 360, "height": 800})
    live(page, f"{served}/voila/render/05_plan.ipynb")
    opener = page.locator(".kk-open-knobs")
    opener.focus()
    page.keyboard.press("Enter")
    assert opener.get_attribute("aria-expanded") == "true"
    assert knob(page, "budget_cny").locator("input[type=range]").is_visible()
    opener.focus()
    page.keyboard.press("Enter")
    assert opener.get_attribute("aria-expanded") == "false"
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360
