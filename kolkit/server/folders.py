"""What a server serves: our workbooks, a client's rendered folder, or another folder.

Only notebooks listed here are opened, so that no draft beside them is.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kolkit.books import BOOKS, Book
from kolkit.contents import FROM_FILE, SECTION_OF
from kolkit.errors import InputError
from kolkit.inputs import SECTIONS, Look, default_of
from kolkit.resources import shipped
from kolkit.workbook import STEP

MANIFEST = "manifest.json"
COURSE = "course"
FILES = {".pdf": "PDF", ".xlsx": "XLSX"}


@dataclass(frozen=True)
class Rendered:
    """A client's scenario as rendered: notebooks and files by their path below the root."""

    client: str
    scenario: str
    made_at: str
    headline: str
    books: tuple[tuple[Book, str], ...]
    files: tuple[tuple[str, str], ...]
    inputs: Mapping[str, Any]
    """What the report's brief had set, with its order file counted."""
    look: Mapping[str, Any]
    """How it looks, but for its logo."""


@dataclass(frozen=True)
class Served:
    """A folder (`root`), or one notebook in it (`notebook`, a name)."""

    root: Path
    notebook: str = ""

    @property
    def is_workbooks(self) -> bool:
        """Whether these are the workbooks as shipped."""
        return not self.notebook and self.root == shipped("workbooks").resolve()

    def rendered(self) -> list[Rendered]:
        """Rendered reports below the root, the latest first."""
        if self.notebook or self.is_workbooks:
            return []
        found = [read for path in self._manifests() if (read := self._read(path))]
        return sorted(found, key=lambda r: r.made_at, reverse=True)

    def notebooks(self) -> list[str]:
        """Every notebook that is opened, by its path below the root, in order."""
        if self.notebook:
            return [self.notebook]
        if self.is_workbooks:
            return [*self.journey(), *self.exercises()]
        reports = [path for report in self.rendered() for _, path in report.books]
        return reports or list(self._visible("**/*.ipynb"))

    def journey(self) -> list[str]:
        """The workbooks in the order in which a client walks through them."""
        return [b.notebook for b in BOOKS.values() if (self.root / b.notebook).is_file()]

    def exercises(self) -> list[str]:
        """The exercises."""
        return list(self._visible(f"{COURSE}/*.ipynb"))

    def file(self, path: str) -> Path | None:
        """A file of a report, if it is one."""
        known = {name for report in self.rendered() for _, name in report.files}
        found = (self.root / path).resolve()
        return found if path in known and found.is_relative_to(self.root) else None

    def _visible(self, pattern: str) -> Iterator[str]:
        for path in sorted(self.root.glob(pattern)):
            relative = path.relative_to(self.root)
            if not any(part.startswith(".") for part in relative.parts) and path.is_file():
                yield relative.as_posix()

    def _manifests(self) -> list[Path]:
        for depth in (MANIFEST, f"*/{MANIFEST}", f"*/*/{MANIFEST}"):
            found = [self.root / name for name in self._visible(depth)]
            if found:
                return found
        return []

    def _read(self, path: Path) -> Rendered | None:
        try:
            manifest = json.loads(path.read_text("utf-8"))
            client, scenario = str(manifest["client"]), str(manifest["scenario"])
            parameters = dict(manifest.get("parameters", {}))
            look = dict(manifest.get("look", {}))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        folder = path.parent
        below = folder.relative_to(self.root)
        books = tuple(
            (book, (below / book.notebook).as_posix())
            for book in BOOKS.values()
            if (folder / book.notebook).is_file()
        )
        files = tuple(
            (FILES[f.suffix], (below / f.name).as_posix())
            for f in sorted(folder.iterdir())
            if f.suffix in FILES and not f.name.startswith((".", "~"))
        )
        headline = _headline(folder / books[-1][0].notebook) if books else ""
        made_at = str(manifest.get("made_at", ""))
        inputs = _inputs(parameters)
        return Rendered(client, scenario, made_at, headline, books, files, inputs, _look(look))


def _inputs(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs among a manifest's parameters that its brief had set."""
    told = set(parameters.get("set_by_client") or ())
    known = {name: v for name, v in parameters.items() if name in SECTION_OF and name != FROM_FILE}
    return {
        name: value
        for name, value in known.items()
        if name in told or value != default_of(SECTIONS[SECTION_OF[name]].model_fields[name])
    }


def _look(told: Mapping[str, Any]) -> dict[str, Any]:
    """What of a manifest's look is not as everywhere."""
    fields = Look.model_fields
    return {n: v for n, v in told.items() if n in fields and v != default_of(fields[n])}


def _headline(notebook: Path) -> str:
    """The sentence that an executed workbook answers with; empty if it was not run."""
    try:
        cells = json.loads(notebook.read_text("utf-8"))["cells"]
        outputs = [o["data"] for c in cells for o in c.get("outputs", []) if "data" in o]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    steps = (data[STEP] for data in outputs if STEP in data)
    return next((str(s.get("headline", "")) for s in steps if s.get("step") == "answer"), "")


def served(path: Path | None) -> Served:
    """What `kolkit serve PATH` serves.

    Raises
    ------
    InputError
        for a path without a notebook
    """
    path = path or shipped("workbooks")
    if not path.exists():
        raise InputError(f"there is nothing at {path}: name a notebook or a folder of notebooks.")
    if path.is_file():
        if path.suffix != ".ipynb":
            raise InputError(f"{path} is no notebook (.ipynb).")
        return Served(path.resolve().parent, path.name)
    found = Served(path.resolve())
    if not found.notebooks():
        raise InputError(f"{path} holds no notebook: render a report into it, or name another.")
    return found
