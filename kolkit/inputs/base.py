"""What an input carries, and what every section of a brief has in common.

Three ranges are kept apart: what is *allowed* (`ge`, `le`), what a *slider* spans (`slider`), and
what is *plausible* (in `data/`, by the key in `source`); only the last is drawn at random. Shares
are 0-1, money is RMB.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from kolkit.assumptions import assumption

Unit = Literal["CNY", "share", "days", "months", "hours", "ratio", "count", ""]
Group = Literal[
    "start", "goal", "market", "mix", "locks", "pool", "capacity", "retention", "session", "deal",
    "split", "brand", "more",
]  # fmt: skip


@dataclass(frozen=True)
class Knob:
    """How an input appears beside the charts: slider minimum, maximum and step, and its group.

    Which groups show at once and which fold is the workbook's choice; choices and switches need no
    slider range. `kind` is derived from the type unless given: `text` is a box of several lines.
    """

    group: Group
    slider: tuple[float, float, float] | None = None
    kind: Literal["", "text", "table"] = ""


@dataclass(frozen=True)
class Declared:
    """What an input carries beyond its type: unit, knob, and the key of its assumption.

    `known_once_given`: a value from the client is a fact about the client and no longer drawn; for
    the others stay uncertain, with the width of the sourced range around the value.
    `drawn`: uncertain inputs are drawn; terms of a contract are not, though a source may give a
    usual range.
    `options` are the words for choices. `journeys` that use the input; empty: all that take its
    section.
    """

    unit: Unit = ""
    knob: Knob | None = None
    source: str = ""
    known_once_given: bool = False
    drawn: bool = False
    options: tuple[tuple[str, str], ...] = ()
    journeys: tuple[str, ...] = ()


def _plain_name(text: str) -> str:
    if not text.strip() or text.startswith(".") or any(c in '<>/\\"|?*:' for c in text):
        raise ValueError("name")
    if any(not c.isprintable() for c in text):
        raise ValueError("name")
    return text


Name = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_plain_name)]


def from_data(key: str) -> float:
    """The value of an assumption, as an input's default."""
    return assumption(key).value


def whole_from_data(key: str) -> int:
    """The value of an assumption that counts something."""
    return int(assumption(key).value)


class Section(BaseModel):
    """A part of a brief: refuses unknown keys, wrong types, NaN and infinity."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
    name: ClassVar[str] = ""

    @classmethod
    def declared(cls) -> Iterator[tuple[str, FieldInfo, Declared]]:
        """Each input with its pydantic field and its declaration, in order."""
        for key, field in cls.model_fields.items():
            extra = next((m for m in field.metadata if isinstance(m, Declared)), Declared())
            yield key, field, extra
