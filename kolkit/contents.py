"""What a scenario says: names and inputs, flat, and the brief that stands for them.

A page sends and receives inputs flat; a file holds them by section. Here one becomes the other.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError

from kolkit.brief import LoadedBrief, load_brief
from kolkit.brief_text import new_text
from kolkit.errors import InputError
from kolkit.inputs import SECTIONS, Brief, default_of
from kolkit.messages import nearest, refusal
from kolkit.orders import OrderCounts

LOOK = "report"
FROM_FILE = "orders_file"
"""An input that names a file beside the brief: a page sends what was counted in it instead."""

SECTION_OF = {
    name: section
    for section, model in SECTIONS.items()
    if section != LOOK
    for name in model.model_fields
}
"""The section of every input that a page may send."""


@dataclass(frozen=True)
class Content:
    """What a scenario says: names, language, and the inputs that are set, flat."""

    client: str
    scenario: str
    language: str = "en"
    inputs: Mapping[str, Any] = field(default_factory=dict)


def brief_of(content: Content, look: Mapping[str, Any] | None = None) -> Brief:
    """The brief that a content stands for.

    Raises
    ------
    InputError
        one sentence per refused name or value

    >>> brief_of(Content("Ada", "Base case", inputs={"gross_margin": 0.6})).brand.gross_margin
    0.6
    """
    try:
        return Brief.model_validate(nested(content, look))
    except ValidationError as error:
        raise refusal(error) from None


def nested(content: Content, look: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A content by section, with what `report:` says besides the language."""
    if not isinstance(content.inputs, Mapping):
        raise InputError("inputs must be a mapping of names to values.")
    told: dict[str, Any] = {"client": content.client, "scenario": content.scenario}
    for name, value in content.inputs.items():
        if name not in SECTION_OF:
            close = nearest(name, SECTION_OF)
            raise InputError(f"{name} is not an input.{f' Did you mean {close}?' if close else ''}")
        if name == FROM_FILE and value:
            raise InputError(
                "orders_file names a file on the server: use the order file on the page instead."
            )
        told.setdefault(SECTION_OF[name], {})[name] = value
    report = {**(look or {}), "language": content.language}
    if content.language == default_of(SECTIONS[LOOK].model_fields["language"]):
        del report["language"]
    if report:
        told[LOOK] = report
    return {name: told[name] for name in Brief.model_fields if name in told}


def inputs_of_brief(brief: Brief) -> dict[str, Any]:
    """The inputs that a brief sets, flat and in the order of the declarations."""
    return {
        name: getattr(getattr(brief, section), name)
        for name, section in SECTION_OF.items()
        if name in getattr(brief, section).model_fields_set
    }


@lru_cache(maxsize=64)
def _counted(path: Path, stamp: tuple[int, int]) -> OrderCounts:
    """What is in an order file that was changed last at this stamp."""
    from kolkit.order_file import count_orders

    return count_orders(path)


def look_of(loaded: LoadedBrief) -> dict[str, Any]:
    """What a brief says of its report's look, the logo by its full path."""
    report = loaded.brief.report
    told = {name: getattr(report, name) for name in report.model_fields_set}
    return told | ({"logo": str(loaded.beside(report.logo))} if report.logo else {})


def content_of(loaded: LoadedBrief) -> Content:
    """What a brief says, an order file beside it counted."""
    brief, inputs = loaded.brief, inputs_of_brief(loaded.brief)
    if inputs.pop(FROM_FILE, ""):
        path = loaded.beside(brief.livestream.orders_file)
        stamp = (path.stat().st_mtime_ns, path.stat().st_size) if path.is_file() else (0, 0)
        inputs["orders_counted"] = _counted(path, stamp).to_dict()
    return Content(brief.client, brief.scenario, brief.report.language, inputs)


def brief_bytes(content: Content, look: Mapping[str, Any] | None = None) -> bytes:
    """A new brief for a content, checked by reading it back; `look` is for its `report:`."""
    brief_of(content, look)
    data = new_text(nested(content, look)).encode("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.yaml"
        path.write_bytes(data)
        if content_of(load_brief(path)) != content:
            raise RuntimeError("a brief does not read back as it was written")
    return data


def read_upload(data: bytes) -> tuple[Content, str]:
    """A brief from elsewhere: its content, and a note on a file it names that is not here.

    Raises
    ------
    InputError
        one sentence per mistake, with the line
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "brief.yaml"
        path.write_bytes(data)
        brief = load_brief(path).brief
    inputs = inputs_of_brief(brief)
    missing = inputs.pop(FROM_FILE, "")
    return Content(brief.client, brief.scenario, brief.report.language, inputs), missing


def link(content: Content, *, id: str = "", version: str = "") -> str:
    """The part of an address after the workbook that opens it with this content.

    It ends with the number of its inputs, the language among them: a link that was cut shows.

    >>> link(Content("Ada", "Base case", inputs={"budget_cny": 1e6, "goal": "profit"}))
    '#k=2&client=Ada&scenario=Base+case&language=en&budget_cny=1000000&goal=%22profit%22&z=3'
    """
    told: list[tuple[str, str]] = [
        ("k", "2"),
        ("client", content.client),
        ("scenario", content.scenario),
    ]
    told += [(key, value) for key, value in (("s", id), ("v", version)) if value]
    told.append(("language", content.language))
    told += [(name, _as_json(value)) for name, value in content.inputs.items()]
    told.append(("z", str(len(content.inputs) + 1)))
    return "#" + urlencode(told)


def _as_json(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
