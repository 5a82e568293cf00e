"""The three widgets of a workbook: a chart card, a panel of words, the rail of knobs.

Each output carries every face: the live widget for Voila and JupyterLab, static HTML for exported
pages, plotly's JSON and the step as data for the report. The front end chooses; nothing here asks
where it runs.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from jupyter_core.paths import jupyter_path

from kolkit.errors import EnvironmentFault
from kolkit.resources import PACKAGE
from kolkit.words import html

STATIC = PACKAGE / "static"
PAGE = Path("nbconvert", "templates", "kolkit", "static")
PLOTLY = "application/vnd.plotly.v1+json"


def page_file(name: str) -> Path:
    """A file that every page shares (plotly's bundle, drawing script, style).

    Found on the Jupyter path, where Voila and nbconvert serve it from, or in the checkout.
    """
    roots = [Path(root) for root in jupyter_path()]
    roots.append(PACKAGE.parent / "share" / "jupyter")
    for root in roots:
        if (root / PAGE / name).is_file():
            return root / PAGE / name
    raise EnvironmentFault(f"kolkit's {name} is not installed: install kolkit again.")


def script(*names: str) -> str:
    """One module from several files, in this order: what the first declare, the later use."""
    return "\n".join((STATIC / f"{name}.js").read_text("utf-8") for name in names)


def inline_json(content: Any) -> str:
    """JSON for a script element: no character can end the element."""
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")


class Faces(anywidget.AnyWidget):
    """A widget whose output also carries static HTML and the step as data (`faces`)."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.faces: dict[str, Any] = {}

    def static_html(self) -> str:
        """The widget without a kernel."""
        raise NotImplementedError

    def answer(self, kind: str, callback: Callable[[Mapping[str, Any], list[Any]], None]) -> None:
        """Call `callback(message, buffers)` for each message of this kind from the page."""

        def received(_widget: Any, content: Any, buffers: Any) -> None:
            if isinstance(content, dict) and content.get("kind") == kind:
                callback(content, list(buffers or ()))

        self.on_msg(received)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle or ({}, {})
        data["text/plain"] = f"<{type(self).__name__}>"
        return data | {"text/html": self.static_html()} | self.faces, metadata


class Panel(Faces):
    """Trusted HTML made by our own text module."""

    _esm = script("dom", "panel")
    html = traitlets.Unicode().tag(sync=True)
    css_class = traitlets.Unicode().tag(sync=True)

    def static_html(self) -> str:
        return f'<div class="kk-panel {html(self.css_class)}">{self.html}</div>'


class Chart(Faces):
    """A card: finding as title, chart, reasoning, table."""

    _esm = script("dom", "chart")
    name = traitlets.Unicode().tag(sync=True)
    figure = traitlets.Dict().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    subtitle = traitlets.Unicode().tag(sync=True)
    why = traitlets.Unicode().tag(sync=True)
    table = traitlets.Unicode().tag(sync=True)
    lead = traitlets.Unicode().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)
    seq = traitlets.Int(0).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.answer("bundle", self._send_bundle)

    def _send_bundle(self, _message: Any, _buffers: Any) -> None:
        self.send({"kind": "bundle"}, buffers=[page_file("plotly-basic.min.js").read_bytes()])

    def static_html(self) -> str:
        if not self.title:
            return ""
        return (
            f'<section class="kk-card"><h3>{html(self.title)}</h3>'
            f'<p class="kk-subtitle">{html(self.subtitle)}</p>'
            f'<div class="kk-plot" data-kk-figure><script type="application/json">'
            f"{inline_json(self.figure)}</script></div></section>"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | ({PLOTLY: self.figure} if self.figure else {}), metadata


class Knobs(Faces):
    """The rail of inputs, and the bar of the scenario.

    The page writes `base` (a saved scenario), `moved` (what the user set since, by name),
    `compared` and `asked`; the kernel writes everything else. Neither writes the other's.
    """

    _esm = script(
        "dom",
        *(
            f"rail/{part}"
            for part in (
                "quantities", "link", "scenario", "services", "notices", "fields", "rail",
                "picture", "saved", "desk", "connection", "knobs",
            )
        ),
    )  # fmt: skip
    # Once a page, for front ends whose template does not bring the style.
    _css = page_file("kolkit.css")
    base = traitlets.Dict().tag(sync=True)
    moved = traitlets.Dict().tag(sync=True)
    compared = traitlets.Dict().tag(sync=True)
    asked = traitlets.Int(0).tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)
    spec: traitlets.List[Any] = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    notes = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Dict().tag(sync=True)
    presets: traitlets.List[Any] = traitlets.List().tag(sync=True)
    named = traitlets.Dict().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)
    upload = traitlets.Dict().tag(sync=True)
    tables = traitlets.Dict().tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)

    def static_html(self) -> str:
        rows = "".join(
            f"<tr><td>{html(knob['label'])}</td><td>{html(_told(knob, self.values))}</td>"
            f"<td>{html(self.notes.get(knob['name'], {}).get('text', ''))}</td></tr>"
            for group in self.spec
            for knob in group["knobs"]
        )
        return (
            f"<details><summary>{html(self.labels.get('inputs', ''))}</summary>"
            f'<table class="kk-table"><tbody>{rows}</tbody></table></details>'
        )


def _told(knob: dict[str, Any], values: dict[str, Any]) -> str:
    """A knob's position in words: the chosen option, or the number with its unit."""
    value = values.get(knob["name"])
    options = dict(knob.get("options") or [])
    if knob["kind"] == "number" and value is not None:
        return f"{value * knob['scale']:,.10g} {knob['unit']}".strip()
    if isinstance(value, list):
        return str(len(value))
    return str(options.get(value, "" if value is None else value))
