"""What one report is made from: a checked brief, its parameters, and where the files go."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from kolkit import alternatives
from kolkit.books import Book, chapters_of
from kolkit.brief import LoadedBrief, load_brief
from kolkit.errors import InputError
from kolkit.identity import code_hash, data_hash, folder_name, package_version, scenario_hash
from kolkit.inputs import Look, inputs_of
from kolkit.order_file import count_orders
from kolkit.orders import OrderCounts
from kolkit.report.colours import unreadable
from kolkit.report.manifest import last_sent, read_manifest
from kolkit.report.names import without_streamer
from kolkit.report.picture import check_size, picture
from kolkit.report.theme import Theme
from kolkit.workbook import parameters


@dataclass(frozen=True)
class ReportSpec:
    """Everything that decides a report; made before any notebook runs.

    `books` are its chapters, the last of them the one that speaks for all. `given` holds every
    input flat, with the order file already counted so that the rendered notebooks need no file.
    `logo` is a data URI or empty. `last_sent` is the manifest of the version that the client has
    (None: there is none). A `draft` says so on every page. It can be pickled.
    """

    brief_file: str
    client: str
    scenario: str
    look: Look
    logo: str
    books: tuple[Book, ...]
    given: Mapping[str, Any]
    folder: Path
    stem: str
    hash: str
    draft: bool = True
    theme: Theme | None = None
    last_sent: Mapping[str, Any] | None = None

    @cached_property
    def content(self) -> str:
        """Hash of everything that the report follows from; where it is, only the clock tells."""
        told = {
            "client": self.client,
            "scenario": self.scenario,
            "look": self.look.model_dump(),
            "logo": self.logo,
            "books": [book.key for book in self.books],
            "given": dict(self.given),
            "draft": self.draft,
            "theme": self.theme.hash if self.theme else "",
            "last_sent": self.last_sent,
            "made_from": [package_version(), code_hash(), data_hash()],
        }
        plain = json.dumps(told, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()

    def below(self, out: Path) -> "ReportSpec":
        """The same report with its files below another folder."""
        return replace(self, folder=out.joinpath(*self.folder.parts[-2:]))

    def parameters(self, book: Book) -> dict[str, Any]:
        """The parameters of one chapter's notebook."""
        known = parameters(book.key)
        own = {name: self.given[name] for name in known}
        return own | {"set_by_client": [n for n in self.given["set_by_client"] if n in known]}


def _order_counts(loaded: LoadedBrief) -> OrderCounts | None:
    live = loaded.brief.livestream
    if not live.orders_file:
        return OrderCounts.from_dict(live.orders_counted) if live.orders_counted else None
    try:
        return count_orders(loaded.beside(live.orders_file))
    except InputError as error:
        place = loaded.at("livestream", "orders_file")
        raise InputError(f"{place}: livestream.orders_file: {error}") from None


def _logo(loaded: LoadedBrief) -> str:
    name = loaded.brief.report.logo
    if not name:
        return ""
    place = f"{loaded.at('report', 'logo')}: report.logo"
    path = loaded.beside(name)
    try:
        check_size(place, path.name, path.stat().st_size)
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{place} must be a picture beside the brief; {name} cannot be read "
            f"({error.strerror}). Check the path."
        ) from None
    return picture(place, path.name, data)


STEM_BYTES = 200
"""Of a file name; most file systems take 255, and a suffix and a temporary mark come on top."""


def _stem(client: str, scenario: str) -> str:
    """Name of a report's files without suffix; its folder tells apart what is cut off here."""
    name = f"{client}-{scenario}".encode()
    return name[:STEM_BYTES].decode(errors="ignore").rstrip("-_")


def _look(loaded: LoadedBrief, theme: Theme | None) -> Look:
    own = loaded.brief.report
    look = theme.dressed(own) if theme else own

    def place(name: str) -> str:
        if theme and name not in own.model_fields_set:
            return f"the theme {theme.settings.name}: {name}"
        return f"{loaded.at('report', name)}: report.{name}"

    found = list(unreadable(look, place))
    if found:
        raise InputError("\n".join(found))
    return look


def read_spec(
    brief: str | Path, *, out: Path, release: bool = False, theme: Theme | None = None
) -> ReportSpec:
    """Check a brief file and everything it names; as `spec_of`."""
    return spec_of(load_brief(brief), out=out, release=release, theme=theme)


def spec_of(
    loaded: LoadedBrief, *, out: Path, release: bool = False, theme: Theme | None = None
) -> ReportSpec:
    """Check a brief's inputs and the files it names; refuse before any notebook runs.

    Parameters
    ----------
    loaded : a brief that has been read
    out : folder that holds the reports of all clients
    release : leave out the mark of a draft: the report is sent
    theme : an agency's look and chapters

    Raises
    ------
    InputError
        for anything the brief's author can mend
    """
    content = loaded.brief
    look = _look(loaded, theme)
    logo = _logo(loaded) or (theme.logo if theme else "")
    counts = _order_counts(loaded)
    given: dict[str, Any] = {
        "client": content.client,
        "scenario": content.scenario,
        "language": content.report.language,
        "currency": content.report.currency,
    }
    set_by_client: set[str] = set()
    for book in chapters_of(content):
        for model, name, _, _ in inputs_of(book.key):
            section = getattr(content, model.name)
            given[name] = getattr(section, name)
            set_by_client |= {name} & section.model_fields_set
    given["set_by_client"] = sorted(set_by_client)
    given |= {"orders_file": "", "orders_counted": counts.to_dict() if counts else {}}
    try:
        for book in chapters_of(content):
            book.run(content, counts)
    except InputError as error:
        raise InputError(f"{loaded.at()}: {error}") from None
    given[alternatives.NAME] = alternatives.flat(loaded, counts)
    given = without_streamer(loaded, given)
    client, scenario = folder_name(content.client), folder_name(content.scenario)
    folder = out / client / scenario
    spec = ReportSpec(
        brief_file=loaded.path.name,
        client=content.client,
        scenario=content.scenario,
        look=look,
        logo=logo,
        books=chapters_of(content),
        given=given,
        folder=folder,
        stem=_stem(client, scenario),
        hash=scenario_hash(given),
        draft=not release,
        theme=theme,
    )
    return replace(spec, last_sent=last_sent(read_manifest(folder), spec))
