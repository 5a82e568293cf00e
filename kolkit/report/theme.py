"""An agency's look and chapters: a folder, read whole, that travels with the report.

A theme may hold code (its notebooks), so only the command line names one, never a brief.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kolkit.books import BOOKS
from kolkit.errors import InputError
from kolkit.inputs import Look
from kolkit.messages import refusal
from kolkit.report.picture import picture
from kolkit.report.theme_css import family_rules, font_face
from kolkit.words import LANGUAGES

SETTINGS = "theme.yaml"
STYLE = "theme.css"
PARTIAL = ".html.j2"
NOTEBOOKS = "chapters/"
JOURNEYS = tuple(key for key in BOOKS if key != "start")
"""The chapters of a report without a theme, in its order."""
FROM_LOOK = ("ink", "accent", "agency", "page")
"""What a theme may set of a brief's `report:`; where a brief sets it too, the brief counts."""

Language = Annotated[str, Field(pattern=f"^({'|'.join(LANGUAGES)})$")]
Family = Annotated[str, Field(pattern=r"^[\w ,'\"-]{0,200}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Font(_Part):
    """A font file of the theme and the name that style sheets call it by."""

    family: Annotated[str, Field(pattern=r"^[\w -]{1,60}$")]
    file: str
    weight: Annotated[str, Field(pattern=r"^[1-9]00( [1-9]00)?$", coerce_numbers_to_str=True)] = (
        "400"
    )
    italic: bool = False


class Settings(_Part):
    """`theme.yaml`; `cover` is the line under the cover's rule, by language."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    ink: str | None = None
    accent: str | None = None
    agency: str | None = None
    page: str | None = None
    logo: str = ""
    fonts: tuple[Font, ...] = ()
    text: Family = ""
    headings: Family = ""
    chapters: tuple[str, ...] = JOURNEYS
    cover: Mapping[Language, Annotated[str, Field(max_length=120)]] = {}


ALLOWED = {
    "": "text",
    "name": "a name of 1 to 60 characters",
    "fonts": "a list of {family, file, weight, italic}",
    "family": "a plain name of letters, digits, spaces and hyphens",
    "weight": "100, 200, ... 900, or two of them for a variable font, such as 300 700",
    "italic": "true or false",
    "text": "CSS families divided by commas",
    "headings": "CSS families divided by commas",
    "chapters": "a list of chapter names, each on a line of its own behind a hyphen",
    "cover": f"one line of at most 120 characters for each of {', '.join(LANGUAGES)}",
}
"""What a setting may be, for messages."""


def read_settings(text: str) -> Settings:
    """`theme.yaml` as settings; InputError with one sentence per mistake."""
    try:
        if any(isinstance(e, yaml.AliasEvent) for e in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise InputError(f"{SETTINGS}: aliases (*) are not used; write the value out.")
        content: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{SETTINGS}{line}: this is not valid YAML; check it there.") from None
    if not isinstance(content, dict):
        raise InputError(f"{SETTINGS} is a list of `name: value` lines, beginning with name:.")
    given = {str(key): value for key, value in content.items() if value is not None}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise InputError("\n".join(_told(item) for item in error.errors())) from None


def _told(item: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in item["loc"] if part != "[key]")
    if item["type"] == "extra_forbidden":
        known = Font.model_fields if where.startswith("fonts.") else Settings.model_fields
        return f"{SETTINGS}: {where} is not known here. Known: {', '.join(known)}."
    if item["type"] == "missing":
        return f"{SETTINGS}: {where} is missing; write it down."
    part = next((p for p in reversed(item["loc"]) if p in ALLOWED), "")
    return f"{SETTINGS}: {where} must be {ALLOWED[part]}; got {item['input']!r}."


@dataclass(frozen=True)
class OwnChapter:
    """A theme's own notebook: its name in `chapters`, its source, the inputs it declares."""

    name: str
    source: str
    declared: tuple[str, ...]


@dataclass(frozen=True)
class Theme:
    """The files of a theme by their path in its folder. It can be pickled."""

    files: Mapping[str, bytes]

    @cached_property
    def hash(self) -> str:
        """Changes with any of its files."""
        digest = hashlib.sha256()
        for name in sorted(self.files):
            digest.update(name.encode() + hashlib.sha256(self.files[name]).digest())
        return digest.hexdigest()[:12]

    def text(self, name: str) -> str:
        """One of its text files; empty where there is none."""
        return self.files.get(name, b"").decode("utf-8-sig")

    @cached_property
    def settings(self) -> Settings:
        """What `theme.yaml` says."""
        return read_settings(self.text(SETTINGS))

    @cached_property
    def look(self) -> Look:
        """What it sets of a brief's look."""
        given = {name: getattr(self.settings, name) for name in FROM_LOOK}
        try:
            return Look.model_validate({k: v for k, v in given.items() if v is not None})
        except ValidationError as error:
            told = str(refusal(error, section=Look.name))
            raise InputError(told.replace(f"{Look.name}.", f"{SETTINGS}: ")) from None

    def dressed(self, look: Look) -> Look:
        """A brief's look, with the theme's where the brief says nothing."""
        own = self.look.model_fields_set - look.model_fields_set
        return look.model_copy(update={name: getattr(self.look, name) for name in own})

    @cached_property
    def logo(self) -> str:
        """The agency's logo as data: URI, or empty."""
        name = self.settings.logo
        if not name:
            return ""
        if name not in self.files:
            raise InputError(f"{SETTINGS}: logo names {name}, which is not in the theme's folder.")
        return picture(f"{SETTINGS}: logo", name, self.files[name])

    @cached_property
    def css(self) -> str:
        """Fonts, families, and the theme's own rules."""
        told = self.settings
        faces = [
            font_face(
                font.family, font.file, self.files[font.file], weight=font.weight,
                italic=font.italic,
            )
            for font in told.fonts
        ]  # fmt: skip
        return "\n".join([*faces, family_rules(told.text, told.headings), self.text(STYLE)])

    @cached_property
    def partials(self) -> Mapping[str, str]:
        """Parts of the template that it replaces."""
        return {name: self.text(name) for name in self.files if name.endswith(PARTIAL)}

    @property
    def order(self) -> tuple[str, ...]:
        """Journeys and own chapters as they are printed; the others are not."""
        return self.settings.chapters

    @cached_property
    def own(self) -> tuple[OwnChapter, ...]:
        """Its own chapters that are printed, in order."""
        from kolkit.report.own_chapter import declared_inputs

        found = []
        for name in self.order:
            if name not in JOURNEYS:
                source = self.text(f"{NOTEBOOKS}{name}.ipynb")
                found.append(OwnChapter(name, source, declared_inputs(f"{name}.ipynb", source)))
        return tuple(found)
