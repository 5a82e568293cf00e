"""Reads a theme's folder whole, and says in sentences what is wrong with it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from jinja2 import TemplateError
from jinja2.sandbox import SandboxedEnvironment

from kolkit.books import BOOKS
from kolkit.errors import EnvironmentFault, InputError
from kolkit.messages import nearest
from kolkit.report.colours import unreadable
from kolkit.report.own_chapter import declared_inputs
from kolkit.report.picture import check_size
from kolkit.report.theme import JOURNEYS, NOTEBOOKS, PARTIAL, SETTINGS, STYLE, Settings, Theme
from kolkit.report.theme_css import FONT_BYTES, FONT_KINDS, FONT_STARTS, problems
from kolkit.resources import shipped

THEME_BYTES = 20_000_000
SKELETON = "report.html.j2"
EXAMPLE = "harbour"
PLACES = ("scenarios", "appendix")
"""Places in a document that no file of the template is named after."""
SKIPPED = ("__pycache__", "node_modules")


def load_theme(folder: str | Path) -> Theme:
    """A theme's folder, read whole and checked.

    Raises
    ------
    InputError
        one sentence per mistake in it
    EnvironmentFault
        a file cannot be read
    """
    folder = Path(folder)
    if not (folder / SETTINGS).is_file():
        raise InputError(
            f"there is no theme at {folder}: a theme is a folder with a {SETTINGS}. "
            f"`kolkit theme new {folder}` makes one to start from."
        )
    theme = Theme(_read(folder))
    found = check_theme(theme)
    if found:
        raise InputError("\n".join(f"{folder.name}/{line}" for line in found))
    return theme


def _read(folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    size = 0
    try:
        for path in _walk(folder):
            size += path.stat().st_size
            if size > THEME_BYTES:
                raise InputError(
                    f"{folder} holds more than {THEME_BYTES // 1_000_000} MB: a theme travels with "
                    "every report; take out what no report prints."
                )
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    except OSError as error:
        raise EnvironmentFault(f"{error.filename} cannot be read: {error.strerror}.") from None
    return files


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in SKIPPED)
        for name in sorted([*folders, *names]):
            path = Path(place) / name
            if name.startswith("."):
                continue
            if path.is_symlink():
                raise InputError(
                    f"{path.relative_to(folder.parent)} is a link: a theme holds its files itself; "
                    "copy what it points to."
                )
            if name in names and path.is_file():
                yield path


def check_theme(theme: Theme) -> list[str]:
    """What is wrong with a theme, a sentence each; empty where nothing is."""
    for name, data in theme.files.items():
        if name.endswith((PARTIAL, ".yaml", ".css", ".ipynb")):
            try:
                data.decode("utf-8-sig")
            except UnicodeDecodeError:
                return [f"{name} is not UTF-8 text: save it as UTF-8."]
    try:
        told = theme.settings
    except InputError as error:
        return str(error).splitlines()
    found = [*_look(theme), *_fonts(theme, told), *_chapters(theme, told), *_partials(theme)]
    own = problems(theme.text(STYLE), STYLE)
    if not own and not found:
        own = problems(theme.css, SETTINGS)
    return found + own


def _look(theme: Theme) -> Iterator[str]:
    logo = theme.settings.logo
    try:
        check_size(f"{SETTINGS}: logo", logo, len(theme.files.get(logo, b"")))
        yield from unreadable(theme.look, lambda name: f"{SETTINGS}: {name}")
        assert theme.logo is not None
    except InputError as error:
        yield from str(error).splitlines()


def _fonts(theme: Theme, told: Settings) -> Iterator[str]:
    for font in told.fonts:
        place, data = f"{SETTINGS}: fonts: {font.file}", theme.files.get(font.file)
        suffix = Path(font.file).suffix.lower()
        if suffix not in FONT_KINDS:
            yield f"{place} must end in {', '.join(FONT_KINDS)}: convert the font to WOFF2."
        elif data is None:
            yield f"{place} is not in the theme's folder: copy it there, or leave it out."
        elif not data.startswith(FONT_STARTS[suffix]):
            yield f"{place} is not a {suffix[1:].upper()} font: export it again."
    size = sum(len(theme.files.get(name, b"")) for name in {font.file for font in told.fonts})
    if size > FONT_BYTES:
        yield (
            f"{SETTINGS}: fonts: together they must be at most {FONT_BYTES / 1e6:.1f} MB, as every "
            f"report carries them; they have {size / 1e6:.1f} MB. Cut them down to the characters "
            "that are used (pyftsubset), and leave Chinese to the machine's own fonts."
        )


def _chapters(theme: Theme, told: Settings) -> Iterator[str]:
    own = [Path(n).stem for n in theme.files if n.startswith(NOTEBOOKS) and n.endswith(".ipynb")]
    taken = {*BOOKS, *PLACES, *(part.removesuffix(PARTIAL) for part in _parts())}
    taken |= {Path(book.notebook).stem for book in BOOKS.values()}
    for name in own:
        if name in taken or not name.isidentifier() or not name.isascii():
            yield (
                f"{NOTEBOOKS}{name}.ipynb: an own chapter is named by letters, digits and _, and "
                "not as one of the report's; rename it."
            )
    known = [*JOURNEYS, *own]
    for at, name in enumerate(told.chapters):
        close = nearest(name, known)
        if name in told.chapters[:at]:
            yield f"{SETTINGS}: chapters: {name} is given twice; keep one of the two."
        elif name not in known:
            hint = f"Did you mean {close}?" if close else f"Known: {', '.join(known)}."
            yield f"{SETTINGS}: chapters: there is no chapter {name}. {hint}"
        elif name in own:
            try:
                declared_inputs(f"{NOTEBOOKS}{name}.ipynb", theme.text(f"{NOTEBOOKS}{name}.ipynb"))
            except InputError as error:
                yield str(error)
    if not told.chapters:
        yield f"{SETTINGS}: chapters is empty: name at least one of {', '.join(known)}."


def _parts() -> list[str]:
    """The files that the report's template is made of."""
    return sorted(path.name for path in shipped("template").glob(f"*{PARTIAL}"))


def _partials(theme: Theme) -> Iterator[str]:
    known = [part for part in _parts() if part != SKELETON]
    for name, source in theme.partials.items():
        if name == SKELETON:
            yield (
                f"{name} holds the page together (fonts, page numbers, safety) and cannot be "
                f"replaced; replace one of {', '.join(known)}."
            )
        elif name not in known:
            close = nearest(name, known)
            hint = f"Did you mean {close}?" if close else f"Known: {', '.join(known)}."
            yield f"{name} replaces no part of the report. {hint}"
        try:
            SandboxedEnvironment().parse(source)
        except TemplateError as error:
            line = f", line {error.lineno}" if hasattr(error, "lineno") else ""
            yield f"{name}{line}: this is not a valid template ({error.message})."


def new_theme(folder: Path) -> Path:
    """Copy the example theme to a new folder, to start from.

    Raises
    ------
    InputError
        the folder is there already
    EnvironmentFault
        it cannot be written
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is there already: name a new folder, or delete it first.")
    try:
        shutil.copytree(shipped("themes") / EXAMPLE, folder, dirs_exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(f"{folder} cannot be written: {error.strerror}.") from None
    return folder
