"""Saved scenarios: briefs in a folder, listed, read, written and set aside.

A scenario is a brief, so everything saved from a page can be checked and rendered from the command
line, and every brief written by hand opens in the workbooks. Each write is checked, read back and
then exchanged in one step; a version (a hash of the file) says what a writer has seen.
"""

import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from kolkit.brief import LoadedBrief, load_brief
from kolkit.brief_text import changed_text, new_text
from kolkit.contents import (
    FROM_FILE,
    LOOK,
    SECTION_OF,
    Content,
    brief_of,
    content_of,
    inputs_of_brief,
    link,
    look_of,
    nested,
)
from kolkit.errors import EnvironmentFault, InputError
from kolkit.identity import folder_name
from kolkit.inputs import SECTIONS, default_of
from kolkit.locking import locked
from kolkit.words import N_, Words

__all__ = ["Conflict", "Content", "Listed", "NotThere", "Saved", "Store", "link"]

DELETED = ".deleted"


class _Told(InputError):
    """A refusal that is said in the reader's language: a sentence and its values."""

    def __init__(self, sentence: str, **values: str) -> None:
        super().__init__(sentence.format(**values))
        self.sentence = sentence
        self.values = values

    def told(self, t: Words) -> str:
        """The sentence in a language."""
        return t(self.sentence, **self.values)


class Conflict(_Told):
    """Someone else has written since, or the name is taken; `theirs` is what stands there now."""

    def __init__(self, theirs: "Listed", sentence: str, **values: str) -> None:
        super().__init__(sentence, **values)
        self.theirs = theirs


class NotThere(_Told):
    """There is no such scenario."""


@dataclass(frozen=True)
class Listed:
    """A scenario in the list; `broken` says why a file cannot be read, else it is empty."""

    id: str
    client: str
    scenario: str
    version: str
    saved_at: datetime
    broken: str = ""


@dataclass(frozen=True)
class Saved:
    """A scenario as it stands in the folder; `note` says what could not be taken along."""

    listed: Listed
    content: Content
    note: str = ""


def _version(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def _when(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


@lru_cache(maxsize=512)
def _loaded(path: Path, version: str) -> LoadedBrief:
    """The brief in a file whose bytes have this version."""
    return load_brief(path)


def _names(path: Path, version: str) -> tuple[str, str, str]:
    """Client, scenario and, for a file that is no brief, why."""
    try:
        brief = _loaded(path, version).brief
    except InputError as error:
        return "", "", str(error)
    return brief.client, brief.scenario, ""


class Store:
    """The scenarios of one folder; of some clients alone where `clients` names any.

    Every method raises `NotThere` for an id that is none, `InputError` for contents that are
    refused, `Conflict` where someone else was faster, and `EnvironmentFault` where the folder
    cannot be read or written; in each case every file stays as it was.
    """

    def __init__(self, folder: Path, clients: Collection[str] = ()) -> None:
        self.folder = folder
        self.clients = frozenset(clients)

    def all(self) -> list[Listed]:
        """Every scenario, the one saved last first."""
        return self._listed(self.folder)

    def deleted(self) -> list[Listed]:
        """What was set aside and can be restored, the latest first."""
        return self._listed(self.folder / DELETED)

    def read(self, id: str) -> Saved:
        """One scenario."""
        path = self._existing(id)
        listed = self._entry(path)
        return Saved(listed, content_of(_loaded(path, listed.version)))

    def look(self, id: str) -> dict[str, Any]:
        """How the scenario's report looks, as its file says."""
        path = self._existing(id)
        return look_of(_loaded(path, self._entry(path).version))

    def create(self, content: Content) -> Saved:
        """Save a scenario that is new."""
        self._refuse_foreign(content)
        brief_of(content)
        with self._writing():
            self._refuse_taken(content)
            path = self.folder / f"{self._free_stem(content)}.yaml"
            self._put(path, new_text(nested(content)), content)
        return self.read(path.stem)

    def replace(self, id: str, content: Content, version: str) -> Saved:
        """Save over the scenario that the writer has seen as `version`.

        Comments and order of a brief written by hand stay. An input that the file had set and
        that is not sent, or is sent at its default, is taken out of it.
        """
        self._refuse_foreign(content)
        brief_of(content)
        with self._writing():
            path = self._seen(id, version)
            self._refuse_taken(content, but=id)
            loaded = load_brief(path)
            text = path.read_bytes().decode("utf-8-sig")
            before, wanted, kept = self._compared(loaded, content)
            self._put(path, changed_text(text, before, wanted), kept)
        return self.read(id)

    def delete(self, id: str, version: str) -> None:
        """Set a scenario aside, from where it can be restored."""
        with self._writing():
            path = self._seen(id, version)
            aside = self.folder / DELETED
            aside.mkdir(exist_ok=True)
            target = aside / path.name
            number = 2
            while target.exists():
                target = aside / f"{id}~{number}.yaml"
                number += 1
            path.rename(target)
            os.utime(target)

    def restore(self, id: str) -> Saved:
        """Bring back a scenario that was set aside."""
        with self._writing():
            path = self._existing(id, self.folder / DELETED)
            content = content_of(load_brief(path))
            self._refuse_taken(content)
            target = self.folder / f"{id.split('~')[0]}.yaml"
            if target.exists():
                told = N_("{file} exists again: delete or rename it first.")
                raise Conflict(self._entry(target), told, file=target.name)
            path.rename(target)
            os.utime(target)
        return self.read(target.stem)

    # -- one file --------------------------------------------------------------------------------

    def _existing(self, id: str, folder: Path | None = None) -> Path:
        folder = folder or self.folder
        plain = id.isprintable() and not id.startswith(".") and not set(id) & set('/\\:"<>|?*')
        path = folder / f"{id}.yaml"
        if not id or not plain or len(id) > 200 or not path.is_file():
            raise NotThere(N_("There is no such scenario: it may have been deleted or renamed."))
        if not path.resolve().is_relative_to(folder.resolve()):
            raise NotThere(N_("There is no such scenario: it lies in another folder."))
        if self.clients and self._entry(path).client not in self.clients:
            raise NotThere(N_("There is no such scenario: it may have been deleted or renamed."))
        return path

    def _refuse_foreign(self, content: Content) -> None:
        if self.clients and content.client not in self.clients:
            raise InputError(
                f"client must be {' or '.join(sorted(self.clients))} on this client's own pages; "
                f"got {content.client}."
            )

    def _seen(self, id: str, version: str) -> Path:
        path = self._existing(id)
        standing = self._entry(path)
        if standing.version != version:
            raise Conflict(
                standing, N_("This scenario was changed by someone else in the meantime.")
            )
        return path

    def _entry(self, path: Path) -> Listed:
        version = _version(path.read_bytes())
        client, scenario, broken = _names(path, version)
        return Listed(path.stem, client, scenario, version, _when(path), broken)

    def _listed(self, folder: Path) -> list[Listed]:
        if not folder.is_dir():
            return []
        found = []
        try:
            for path in folder.glob("*.yaml"):
                try:
                    found.append(self._entry(self._existing(path.stem, folder)))
                except (NotThere, FileNotFoundError):
                    continue
        except OSError as error:
            raise self._fault(error) from None
        return sorted(found, key=lambda listed: (listed.saved_at, listed.id), reverse=True)

    def _refuse_taken(self, content: Content, but: str = "") -> None:
        wanted = folder_name(content.client), folder_name(content.scenario)
        for other in self.all():
            if (
                other.id != but
                and (folder_name(other.client), folder_name(other.scenario)) == wanted
            ):
                raise Conflict(
                    other,
                    N_("{client} · {scenario} exists already: open it, or choose another name."),
                    client=content.client,
                    scenario=content.scenario,
                )

    def _free_stem(self, content: Content) -> str:
        stem = f"{folder_name(content.client)}-{folder_name(content.scenario)}"[:120]
        taken, number = stem, 2
        while (self.folder / f"{taken}.yaml").exists():
            taken = f"{stem}-{number}"
            number += 1
        return taken

    def _compared(
        self, loaded: LoadedBrief, content: Content
    ) -> tuple[dict[str, Any], dict[str, Any], Content]:
        """What the file says, what it shall say, and that as content."""
        old = inputs_of_brief(loaded.brief)
        named, inputs = old.get(FROM_FILE), dict(content.inputs)
        if named and inputs.get("orders_counted") == content_of(loaded).inputs["orders_counted"]:
            # The file the author named has not changed: its name says more than its counts.
            inputs[FROM_FILE] = named
            del inputs["orders_counted"]
        for name, value in list(inputs.items()):
            model = SECTIONS[SECTION_OF[name]]
            if name in old and old[name] != value == default_of(model.model_fields[name]):
                del inputs[name]
        wanted = nested(Content(content.client, content.scenario, "en", {}))
        before: dict[str, Any] = {"client": loaded.brief.client}
        if "scenario" in loaded.brief.model_fields_set:
            before["scenario"] = loaded.brief.scenario
        elif content.scenario == loaded.brief.scenario:
            del wanted["scenario"]
        for told, source in ((before, old), (wanted, inputs)):
            for name, value in source.items():
                told.setdefault(SECTION_OF[name], {})[name] = value
        look = {n: getattr(loaded.brief.report, n) for n in loaded.brief.report.model_fields_set}
        before[LOOK] = look
        changed = loaded.brief.report.language != content.language
        wanted[LOOK] = look | ({"language": content.language} if changed else {})
        kept = Content(content.client, content.scenario, content.language, inputs)
        return before, wanted, kept

    def _put(self, path: Path, text: str, content: Content) -> None:
        """Write, read back, and only then take the file's place."""
        with tempfile.TemporaryDirectory(prefix=".", dir=self.folder) as beside:
            made = Path(beside) / path.name
            with made.open("wb") as stream:
                stream.write(text.encode("utf-8"))
                stream.flush()
                os.fsync(stream.fileno())
            brief = load_brief(made).brief
            told = Content(
                brief.client, brief.scenario, brief.report.language, inputs_of_brief(brief)
            )
            if told != content:
                raise InputError(
                    f"{path.name} is written in a way that cannot be changed here without losing "
                    "something: change it by hand, or save under another name."
                )
            os.replace(made, path)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / ".lock"):
                yield
        except OSError as error:
            raise self._fault(error) from None

    def _fault(self, error: OSError) -> EnvironmentFault:
        return EnvironmentFault(
            f"The folder of scenarios cannot be used ({error.strerror or error}): nothing was "
            "changed. Free space, make it writable, or name another with --briefs."
        )
