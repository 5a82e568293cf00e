"""Accessibility of a page as axe-core sees it: in both themes, wide and narrow, all unfolded."""

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
EVERY_LOOK = ((1440, "light"), (1440, "dark"), (360, "light"), (360, "dark"))
THEMES = ("light", "dark")
OPPOSITE_LOOKS = ((1440, "light"), (360, "dark"))
"""Every width and every theme once, where the same styles are seen in every look elsewhere."""
SCRIPT = Axe().axe_script
# Plotly's own drawing is one picture with a name: axe would walk thousands of paths for nothing.
CONTEXT = {"exclude": [[".js-plotly-plot .svg-container"]]}
UNFOLD = """() => {
  for (const folded of document.querySelectorAll("details:not([open])")) folded.open = true;
  for (const button of document.querySelectorAll(".kk-foot button[aria-expanded=false]")) {
    if (button.checkVisibility()) button.click();
  }
}"""


def violations(page: Page, *, part: str = "") -> list[str]:
    """The grave violations, each as `rule: selector (what axe says)`; of one part if asked for."""
    page.evaluate(SCRIPT)
    context = CONTEXT | ({"include": [[part]]} if part else {})
    options = {"resultTypes": ["violations"]}
    found = page.evaluate("([c, o]) => axe.run(c, o)", [context, options])["violations"]
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))} "
        f"({node['failureSummary'].splitlines()[-1].strip()})"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def wear(page: Page, theme: str) -> None:
    """Put a theme on: for this page, and kept as the page itself would keep it."""
    page.evaluate(
        """theme => {
          try { localStorage.setItem("kk-theme", theme); } catch { /* a page from a file */ }
          document.documentElement.dataset.kkTheme = theme;
        }""",
        theme,
    )
    # Colours that fade from one theme to the other would be measured half-way.
    page.add_style_tag(content="*, *::before, *::after { transition: none !important; }")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")


def everywhere(page: Page, looks: tuple[tuple[int, str], ...]) -> Iterator[tuple[str, list[str]]]:
    """(where, violations) of a page unfolded, for each width and theme asked for."""
    for width, theme in looks:
        page.set_viewport_size({"width": width, "height": 900})
        wear(page, theme)
        page.evaluate(UNFOLD)
        yield f"{width} px, {theme}", violations(page)
