"""What the pages look like, against pictures that somebody has looked at and approved.

`KOLKIT_APPROVE=1 .venv/bin/python -m pytest -p no:xdist tests/test_pictures.py` makes them anew;
look at each before it is committed. Tolerance and its reasons stand in pictures.py.
"""

import os
from collections.abc import Iterator

import pytest
from axe import wear
from pages import BIN, LIVE, SECONDS, WORKBOOKS, free_port, serving
from pictures import APPROVED, MOST_BYTES, approve, approved, differences, small
from soaking import long

from kolkit.books import BOOKS

TALL = {1440: 2000, 360: 2900}
DRAWN = """[...document.querySelectorAll("[data-painted]:not([hidden])")]
  .every((card) => card.querySelector(".main-svg"))"""
PARTS = """() => {
  const found = {};
  const note = (name, node) => {
    if (!node?.checkVisibility()) return;
    const box = node.getBoundingClientRect();
    found[name] = [box.left, box.top, box.width, box.height];
  };
  note("head", document.querySelector(".kk-at-head, header"));
  note("answer", document.querySelector(".kk-cell.kk-at-answer .lm-Widget"));
  const all = (name, kind) =>
    document.querySelectorAll(kind).forEach((node, i) => note(`${name} ${i + 1}`, node));
  all("knobs", ".kk-rail .kk-group[open]");
  all("chart", "[data-painted]:not([hidden]) .kk-plot");
  all("entry", ".kk-guide, main li");
  return found;
}"""
LOOKS = {
    "index": ((1440, "light"), (360, "light")),
    "start": ((1440, "light"),),
    "tier_mix": ((1440, "light"),),
    "private_pool": ((1440, "light"),),
    "livestream": ((1440, "light"), (360, "light")),
    "plan": ((1440, "light"), (360, "light"), (1440, "dark")),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[str]:
    """Our server on the workbooks, without anybody's saved scenarios."""
    port = free_port()
    command = [
        BIN / "kolkit", "serve", WORKBOOKS, f"--port={port}", "--no-browser", "--no-preheat",
        f"--briefs={tmp_path_factory.mktemp('briefs')}",
    ]  # fmt: skip
    with serving(*command, port=port) as address:
        yield address


def opened(page, address: str, key: str) -> None:
    if key == "index":
        page.goto(address)
    else:
        page.goto(f"{address}/voila/render/{BOOKS[key].notebook}")
        page.wait_for_function(LIVE, timeout=SECONDS)


def taken(page, width: int, theme: str):
    """A picture once nothing on the page moves any more."""
    page.set_viewport_size({"width": width, "height": TALL[width]})
    wear(page, theme)
    page.evaluate("dispatchEvent(new Event('kolkit:theme'))")
    page.wait_for_function(DRAWN, timeout=SECONDS)
    before = b""
    for _ in range(20):
        page.wait_for_timeout(250)
        now = page.screenshot(animations="disabled", caret="hide")
        if now == before:
            break
        before = now
    return small(now, page.evaluate(PARTS))


def named(key: str, width: int, theme: str) -> str:
    return f"{key}_{width}" + ("_dark" if theme == "dark" else "")


@pytest.mark.parametrize("key", LOOKS)
def test_a_page_looks_as_approved(key, served, watched, tmp_path):
    page = watched.page
    opened(page, served, key)
    for width, theme in LOOKS[key]:
        picture = taken(page, width, theme)
        name = named(key, width, theme)
        if os.environ.get("KOLKIT_APPROVE"):
            approve(name, picture)
            continue
        found = differences(picture, approved(name))
        picture.image.save(tmp_path / f"{name}.png")
        assert not found, (
            f"{name}: {'; '.join(found)}. Compare {tmp_path / name}.png with "
            f"{APPROVED / name}.png, then repair the page or approve the picture."
        )


@pytest.mark.parametrize("lost_charts", [1, long(None)])
def test_what_must_be_seen_is_seen_and_what_may_differ_may(served, watched, lost_charts):
    """The comparison itself: a lost chart, a light page for a dark one, another font."""
    page = watched.page
    opened(page, served, "plan")
    light, dark = approved("plan_1440"), approved("plan_1440_dark")
    plain = taken(page, 1440, "light")
    assert differences(plain, light) == []
    assert len(differences(plain, dark)) >= len(dark.parts)
    assert len(differences(taken(page, 1440, "dark"), light)) >= len(light.parts)
    for font in ("'DejaVu Serif', serif", "'DejaVu Sans', sans-serif")[:lost_charts]:
        style = page.add_style_tag(content=f"* {{ font-family: {font} !important; }}")
        assert differences(taken(page, 1440, "light"), light) == [], font
        style.evaluate("style => style.remove()")
    charts = page.locator("[data-painted]:visible .svg-container")
    marks = ".barlayer, .scatterlayer, .shapelayer"
    # The last chart is thin lines: there the whole drawing is taken away.
    gone = [marks] * (charts.count() - 1) + ["svg"]
    for number, lost in enumerate(gone[:lost_charts]):
        opacity = f"svg => svg.querySelectorAll('{lost}').forEach((n) => (n.style.opacity = {{}}))"
        charts.nth(number).evaluate(opacity.format(0))
        told = differences(taken(page, 1440, "light"), light)
        charts.nth(number).evaluate(opacity.format(1))
        assert {t.split(":")[0] for t in told} == {f"chart {number + 1}"}, (lost, told)


def test_approved_pictures_are_small_and_all_of_them_are_used():
    kept = {path.stem: path.stat().st_size for path in APPROVED.glob("*.png")}
    pages = {name for name in kept if not name.startswith("report-")}
    assert pages == {named(key, *look) for key, looks in LOOKS.items() for look in looks}
    assert all(size < MOST_BYTES for size in kept.values())
