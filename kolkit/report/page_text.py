"""What a report's HTML says, as texts in order, and the data of its charts."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
SILENT = frozenset({"script", "style", "title", "template"})


@dataclass(frozen=True)
class PageWords:
    """The texts that a reader meets, in order; those of them on paper; and each chart's data."""

    texts: tuple[str, ...]
    on_paper: tuple[str, ...]
    charts: tuple[Any, ...]


@dataclass
class _Reader(HTMLParser):
    texts: list[tuple[str, bool]] = field(default_factory=list)
    charts: list[Any] = field(default_factory=list)
    open_tags: list[tuple[str, bool, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in VOID:
            return
        is_chart = tag == "script" and given.get("type") == "application/json"
        self.open_tags.append((tag, "data-kk-screen" in given, is_chart))

    def handle_endtag(self, tag: str) -> None:
        while self.open_tags:
            if self.open_tags.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if not data.strip() or not self.open_tags:
            return
        if self.open_tags[-1][2]:
            self.charts.append(data)
        elif not any(name in SILENT for name, _, _ in self.open_tags):
            screen = any(only for _, only, _ in self.open_tags)
            self.texts.append((" ".join(data.split()), not screen))


def read_page(html: str) -> PageWords:
    """The words of a report's page; what carries `data-kk-screen` is never printed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return PageWords(
        tuple(text for text, _ in reader.texts),
        tuple(text for text, printed in reader.texts if printed),
        tuple(_chart(told) for told in reader.charts),
    )


def _chart(told: str) -> Any:
    try:
        return json.loads(told)
    except ValueError:
        return told
