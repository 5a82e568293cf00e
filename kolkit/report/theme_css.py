"""A theme's style: what its CSS may hold, and the rules that embed its fonts."""

from collections.abc import Iterator, Sequence
from typing import Any

import tinycss2

from kolkit.charts.style import FONT
from kolkit.report.picture import data_uri

FONT_KINDS = {".woff2": "woff2", ".ttf": "truetype", ".otf": "opentype"}
FONT_BYTES = 1_500_000
"""All fonts of a theme together: as text they are a third larger, and travel in every report."""
FONT_STARTS = {
    ".woff2": (b"wOF2",),
    ".ttf": (b"\x00\x01\x00\x00", b"true"),
    ".otf": (b"OTTO", b"\x00\x01\x00\x00"),
}
LOADING = {"url", "src", "image", "image-set", "-webkit-image-set"}


def _nodes(nodes: Sequence[Any]) -> Iterator[Any]:
    for node in nodes:
        yield node
        for part in ("prelude", "content", "arguments"):
            inside = getattr(node, part, None)
            if inside:
                yield from _nodes(inside)


def problems(css: str, place: str) -> list[str]:
    """What is wrong with a style sheet: what does not parse, and what loads from elsewhere."""
    found = []
    if "</" in css:
        found.append(f"{place} holds `</`, which would end the style: take it out.")
    for node in _nodes(tinycss2.parse_stylesheet(css, skip_comments=True)):
        where = f"{place}, line {node.source_line}"
        if node.type == "error":
            found.append(f"{where}: this is not valid CSS ({node.message}).")
        elif node.type == "at-rule" and node.lower_at_keyword == "import":
            found.append(f"{where}: @import loads another file; copy its rules into {place}.")
        elif _loads(node):
            found.append(
                f"{where}: a report loads nothing from outside; name fonts in theme.yaml and write "
                "pictures as data: addresses."
            )
    return found


def _loads(node: Any) -> bool:
    if node.type == "url":
        return not node.value.startswith("data:")
    if node.type == "function" and node.lower_name in LOADING:
        told = [n.value for n in _nodes(node.arguments) if n.type == "string"]
        return any(not value.startswith("data:") for value in told)
    return False


def font_face(
    family: str, name: str, data: bytes, *, weight: int | str = 400, italic: bool = False
) -> str:
    """The rule that embeds a font file under a family's name."""
    suffix = name[name.rfind(".") :].lower()
    address = data_uri(f"font/{suffix[1:]}", data)
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
        f"font-style: {'italic' if italic else 'normal'}; "
        f'src: url({address}) format("{FONT_KINDS[suffix]}"); }}'
    )


def stack(families: str) -> str:
    """Families with the report's own behind them, which have the Chinese characters."""
    return f"{families}, {FONT}" if families else ""


def family_rules(text: str, headings: str) -> str:
    """The rules that set text and headings in their families; empty ones stay the report's."""
    rules = []
    if text:
        rules.append(f"html {{ font-family: {stack(text)}; }}")
    if headings:
        rules.append(f"h1, h2, h3, .headline, .cover-client {{ font-family: {stack(headings)}; }}")
    return "\n".join(rules)
