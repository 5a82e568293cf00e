"""Writes a brief's text: a new one, or an existing one with only the changed values exchanged.

An existing brief is edited in place, value by value, at the positions the YAML parser reports:
comments, order, quoting and line ends stay as their author left them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from kolkit.errors import InputError
from kolkit.inputs import SECTIONS

Content = Mapping[str, Any]
"""`client`, `scenario`, and for each section a mapping of names to values."""

HEADER = "# A scenario as saved from the workbooks; what is not said here follows the sources.\n"
INDENT = "  "


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


def _inline(value: Any) -> str:
    """A value on one line, as PyYAML reads it back."""
    style = '"' if isinstance(value, str) and not value.isprintable() else None
    told = yaml.safe_dump(
        value, allow_unicode=True, default_flow_style=True, default_style=style, width=10**9,
        sort_keys=False,
    )  # fmt: skip
    return told.splitlines()[0]


def _is_plain_block(text: str) -> bool:
    lines = text.split("\n")
    clean = all(line.isprintable() and line == line.strip() and line for line in lines)
    return clean and len(lines) > 1


def entry(name: str, value: Any, indent: str, *, lone: bool = True) -> str:
    r"""`name: value` at an indentation, long values over several lines.

    `lone`: nothing follows on the line where the value ends, so that text may run over lines.

    >>> print(entry("cells", [{"tier": "kol", "platform": "weibo"}], "  "))
      cells:
        - {tier: kol, platform: weibo}
    """
    inner = f"\n{indent}{INDENT}"
    if lone and isinstance(value, str) and _is_plain_block(value):
        return f"{indent}{name}: |-" + "".join(inner + line for line in value.split("\n"))
    if isinstance(value, list) and value:
        return f"{indent}{name}:" + "".join(f"{inner}- {_inline(item)}" for item in value)
    if isinstance(value, dict) and value:
        parts = (f"{inner}{_inline(key)}: {_inline(item)}" for key, item in value.items())
        return f"{indent}{name}:" + "".join(parts)
    return f"{indent}{name}: {_inline(value)}"


def new_text(content: Content) -> str:
    """A brief with only what is set, sections in the order of the declarations."""
    lines = [HEADER.rstrip("\n")]
    lines += [entry(name, content[name], "") for name in ("client", "scenario")]
    for section in SECTIONS:
        if content.get(section):
            lines += ["", *_section(section, content[section])]
    return "\n".join(lines) + "\n"


def _section(section: str, values: Mapping[str, Any]) -> list[str]:
    return [f"{section}:", *(entry(name, value, INDENT) for name, value in values.items())]


# -- changing a text in place --------------------------------------------------------------------


def _same(left: Any, right: Any) -> bool:
    """Equal, and not only because true counts as 1."""
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def _end(node: Any, text: str) -> int:
    """Where a node's own text ends; the parser's mark of a block lies after what follows it."""
    if isinstance(node, yaml.ScalarNode):
        if node.style in ("|", ">"):
            return len(text[: node.end_mark.index].rstrip())
        return int(node.end_mark.index)
    if node.flow_style:
        return int(node.end_mark.index)
    children = [n for pair in node.value for n in (pair if isinstance(pair, tuple) else (pair,))]
    return max((_end(child, text) for child in children), default=int(node.start_mark.index))


def _line_end(text: str, position: int) -> int:
    """Just after the line break of the line in which `position` lies."""
    found = text.find("\n", position)
    return len(text) if found < 0 else found + 1


class _Editor:
    """Collects the edits of one text."""

    def __init__(self, text: str, root: yaml.MappingNode) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.nodes = {key.value: (key, value) for key, value in root.value}
        self.edits: list[_Edit] = []
        self.added: list[str] = []

    def exchange(self, key: yaml.Node, value: yaml.Node, told: str) -> None:
        """Put `told` in the place of an entry, from its name to the end of its value."""
        edit = _Edit(int(key.start_mark.index), _end(value, self.text), told.lstrip(" "))
        self.edits.append(edit)

    def drop(self, key: yaml.Node, value: yaml.Node) -> None:
        """Take out the lines of an entry."""
        start = self.text.rfind("\n", 0, key.start_mark.index) + 1
        end = max(_end(value, self.text), int(key.end_mark.index))
        self.edits.append(_Edit(start, _line_end(self.text, end), ""))

    def insert(self, after: int, lines: list[str]) -> None:
        """Put lines below the line in which the position `after` lies."""
        place = _line_end(self.text, after)
        missing_break = "\n" if place and self.text[place - 1] != "\n" else ""
        told = missing_break + "".join(f"{line}\n" for line in lines)
        self.edits.append(_Edit(place, place, told))

    def section(self, name: str, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        """Bring one section to what is wanted."""
        if before.keys() == wanted.keys() and all(_same(before[n], wanted[n]) for n in wanted):
            return
        if name not in self.nodes:
            self.added += ["", *_section(name, wanted)]
            return
        key, node = self.nodes[name]
        if not isinstance(node, yaml.MappingNode) or not node.value:
            if node.start_mark.index != _end(node, self.text):  # `{}`, `null` or `~`
                self.exchange(key, node, f"{name}:")
            at = key.end_mark.index
            self.insert(at, [entry(n, v, INDENT) for n, v in wanted.items()])
            return
        if node.flow_style:
            kept = [child.value for child, _ in node.value if child.value in wanted]
            ordered = {n: wanted[n] for n in (*kept, *wanted)}
            self.exchange(key, node, "\n".join(_section(name, ordered)))
            return
        indent, last = " " * node.value[0][0].start_mark.column, 0
        for child, value in node.value:
            last = max(last, _end(value, self.text), int(child.end_mark.index))
            if child.value not in wanted:
                self.drop(child, value)
            elif not _same(before.get(child.value), wanted[child.value]):
                told = entry(child.value, wanted[child.value], indent, lone=False)
                self.exchange(child, value, told)
        added = [entry(n, v, indent) for n, v in wanted.items() if n not in before]
        if added:
            self.insert(last, added)

    def applied(self) -> str:
        """The text with every edit made."""
        told = self.text
        if self.added:
            # After everything else that may come to stand at the end.
            self.insert(len(self.text), self.added)
        # From the end, so that earlier positions stay true.
        numbered = sorted(
            enumerate(self.edits), key=lambda e: (e[1].start, e[1].end, e[0]), reverse=True
        )
        for _, edit in numbered:
            text = edit.text.replace("\n", self.newline)
            told = told[: edit.start] + text + told[edit.end :]
        return told


def changed_text(text: str, before: Content, wanted: Content) -> str:
    """The text of a brief, edited so that it says what is wanted.

    Parameters
    ----------
    text : a valid brief
    before, wanted : what it says now, and what it shall say; sections left out of both stay

    Raises
    ------
    InputError
        if the text cannot be edited in place

    >>> told = "client: Ada  # since May\\nbrand:\\n  gross_margin: 0.5  # told by phone\\n"
    >>> print(changed_text(told, {"client": "Ada", "brand": {"gross_margin": 0.5}},
    ...                    {"client": "Ada", "brand": {"gross_margin": 0.6}}), end="")
    client: Ada  # since May
    brand:
      gross_margin: 0.6  # told by phone
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise InputError(
            "this brief is written as one line of braces and cannot be changed here: write it as "
            "`name: value` lines."
        )
    editor = _Editor(text, root)
    for name in _changed_names(before, wanted):
        if name in editor.nodes:
            editor.exchange(*editor.nodes[name], entry(name, wanted[name], ""))
        else:
            client = editor.nodes["client"][1]
            editor.insert(_end(client, text), [entry(name, wanted[name], "")])
    for section in SECTIONS:
        if section in before or section in wanted:
            editor.section(section, before.get(section, {}), wanted.get(section, {}))
    return editor.applied()


def _changed_names(before: Content, wanted: Content) -> Iterator[str]:
    for name in ("client", "scenario"):
        if name in wanted and before.get(name) != wanted[name]:
            yield name
