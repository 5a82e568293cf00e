"""Whether a report still is what it was, and still follows from what it was made from.

Four questions: are its files as they were made; does the engine give the manifest's figures from
the manifest's parameters; do page, spreadsheet and notebooks say what freshly run notebooks say;
does the PDF carry the page's texts, seen and unaltered, and nothing over them. Nothing of the
report is run: only its parameters are read.

Not looked at: the logo; the shapes of the PDF's charts, whose texts are; and lines drawn in an
empty place of a page, such as a number written as an outline.
"""

import math
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kolkit.books import BOOKS
from kolkit.errors import EnvironmentFault, InputError
from kolkit.identity import data_hash, scenario_hash
from kolkit.inputs import Look
from kolkit.report.chapters import run_chapters
from kolkit.report.document import build_document
from kolkit.report.manifest import MANIFEST, file_hashes, read_manifest, versions
from kolkit.report.notebooks import Chapter, read_chapter
from kolkit.report.page_text import read_page
from kolkit.report.pdf_extras import changed_pdf, short
from kolkit.report.sheets import write_sheets
from kolkit.report.spec import ReportSpec
from kolkit.report.summary import summary
from kolkit.report.theme import Theme
from kolkit.words import Words

EXACT = 1e-9
"""Relative difference up to which a figure is the same: machines differ in the last digits."""


LEFT = (MANIFEST, "*.html")
"""Files, one of which every folder of a report still holds."""


@dataclass(frozen=True)
class Verdict:
    """What was found about one report; it follows if nothing was."""

    folder: Path
    files: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    pdf: tuple[str, ...] = ()

    @property
    def follows(self) -> bool:
        """Whether everything is as it was made and follows from its parameters."""
        return not (self.files or self.figures or self.words or self.pdf)


def reports_at(path: Path) -> list[Path]:
    """The folders of the reports that a path names: one, by itself or by a file, or many.

    Among many, one that has lost its manifest is still a report: notebooks beside a page tell it.

    Raises
    ------
    InputError
        where there is none
    """
    folder = path.parent if path.is_file() else path
    if (folder / MANIFEST).is_file():
        return [folder]
    found = [] if path.is_file() else sorted({p.parent for kind in LEFT for p in path.rglob(kind)})
    found = [p for p in found if (p / MANIFEST).is_file() or _holds_report(p)]
    # What a run in progress or a killed one left lies in folders that begin with a dot.
    found = [p for p in found if not any(x.startswith(".") for x in p.relative_to(path).parts)]
    if not found:
        raise InputError(
            f"{path} is no report: name its folder, one of its files, or a folder of reports, each "
            f"with its {MANIFEST}."
        )
    return found


def _holds_report(folder: Path) -> bool:
    return any(folder.glob("*.html")) and any(folder.glob("*.ipynb"))


def verify(folder: Path, *, theme: Theme | None = None) -> Verdict:
    """Compare a report with its manifest, and both with what its parameters give.

    Parameters
    ----------
    folder : holds `manifest.json` and the files that it names
    theme : the agency's look that the report was made with, if it was

    Raises
    ------
    InputError
        where the manifest is none, or lacks what a report is made again from
    EnvironmentFault
        where a notebook fails for the machine's reasons
    """
    if not (folder / MANIFEST).is_file():
        raise InputError(
            f"{folder} has lost its {MANIFEST}, so nothing says what it was made from. Make the "
            "report once more."
        )
    told = read_manifest(folder)
    if told is None or not {"parameters", "figures", "files", "look", "made_on"} <= told.keys():
        raise InputError(
            f"{folder / MANIFEST} cannot be read as a report's: it is damaged, or from a version "
            "before reports could be made again. Make the report once more."
        )
    files = tuple(_changed_files(told["files"], file_hashes(folder)))
    if scenario_hash(told["parameters"]) != told.get("hash") and not _causes(told):
        files += (f"{MANIFEST}: its parameters are not those of {told.get('hash')}",)
    wanted = (told.get("theme") or {}).get("hash", "")
    if wanted != (theme.hash if theme else ""):
        name = told["theme"]["name"] if wanted else ""
        needed = f"it was made with the theme {name}" if wanted else "it was made without a theme"
        return Verdict(folder, files, words=(f"{needed}: name that with --theme",))
    try:
        spec = _spec(told, folder, theme)
        with tempfile.TemporaryDirectory() as work:
            return _compared(spec, told, Path(work), files)
    except InputError as error:
        return Verdict(folder, files, figures=(f"cannot be made again: {error}",))


def _spec(told: Mapping[str, Any], folder: Path, theme: Theme | None) -> ReportSpec:
    try:
        return ReportSpec(
            brief_file=MANIFEST,
            client=told["client"],
            scenario=told["scenario"],
            look=Look.model_validate(told["look"]),
            logo="",
            books=tuple(BOOKS[key] for key in told["figures"] if key in BOOKS),
            given=told["parameters"],
            folder=folder,
            stem=next(iter(Path(n).stem for n in told["files"] if n.endswith(".html")), ""),
            hash=told["hash"],
            draft=told["draft"],
            theme=theme,
            last_sent=told["last_sent"],
        )
    except (KeyError, TypeError, ValidationError):
        raise InputError(f"{MANIFEST} lacks a part or has one of a wrong kind") from None


def _compared(
    spec: ReportSpec, told: Mapping[str, Any], work: Path, files: tuple[str, ...]
) -> Verdict:
    chapters = run_chapters(spec, work)
    causes = _causes(told)
    because = f" ({'; '.join(causes)})" if causes else ""
    fresh = {c.journey: c.steps["answer"]["figures"] for c in chapters}
    figures = tuple(line + because for line in _changed_figures(told["figures"], fresh))
    document = build_document(spec, chapters, made_on=date.fromisoformat(told["made_on"]))
    words = [
        *_changed_page(spec, document),
        *_changed_notebooks(spec.folder, work, chapters),
        *_changed_summary(spec, chapters),
        *_changed_sheets(spec, chapters, work),
    ]
    pages = told.get("pages")
    printed = f"{spec.stem}.pdf" in told["files"]
    pdf = tuple(changed_pdf(spec, document, pages=pages)) if printed else ()
    return Verdict(spec.folder, files, figures, tuple(line + because for line in words), pdf)


def _changed_files(listed: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*listed, *found}):
        if name not in found:
            yield f"{name} is missing"
        elif name not in listed:
            yield f"{name} was added"
        elif listed[name] != found[name]:
            yield f"{name} was changed"


def _causes(told: Mapping[str, Any]) -> list[str]:
    """What is different here from where the report was made."""
    found = []
    if told.get("data") != data_hash():
        found.append(f"data {told.get('data')} then, {data_hash()} now")
    then = told.get("versions") or {}
    for name, now in versions().items():
        if name in then and then[name] != now:
            found.append(f"{name} {then[name]} then, {now} now")
    return found


def _changed_figures(
    then: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    for journey in {**then, **now}:
        before, after = then.get(journey, {}), now.get(journey, {})
        for name in {**before, **after}:
            if not _same(before.get(name), after.get(name)):
                yield f"{journey} {name}: {before.get(name)} printed, {after.get(name)} recomputed"


def _same(one: Any, other: Any) -> bool:
    numbers = (int, float)
    if isinstance(one, numbers) and isinstance(other, numbers):
        return math.isclose(one, other, rel_tol=EXACT, abs_tol=EXACT)
    return bool(one == other)


def _alike(one: Any, other: Any) -> bool:
    """Whether two trees of plain data are the same up to the last digits of their numbers."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_alike(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return _same(one, other)


def _changed_page(spec: ReportSpec, document: str) -> Iterator[str]:
    try:
        stored = read_page((spec.folder / f"{spec.stem}.html").read_text("utf-8"))
    except (OSError, ValueError):
        yield "the page cannot be read"
        return
    fresh = read_page(document)
    yield from _differences(stored.texts, fresh.texts)
    for number, (before, after) in enumerate(zip(stored.charts, fresh.charts, strict=False), 1):
        if not _alike(before, after):
            yield f"chart {number} of the page shows other numbers"
    if len(stored.charts) != len(fresh.charts):
        yield f"the page has {len(stored.charts)} charts, not {len(fresh.charts)}"


def _differences(stored: Sequence[str], fresh: Sequence[str]) -> Iterator[str]:
    if stored == fresh:
        return
    matcher = SequenceMatcher(None, stored, fresh, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            before, after = " ".join(stored[a:b]), " ".join(fresh[c:d])
            yield f"the page says “{short(before)}”, not “{short(after)}”"


def _changed_notebooks(folder: Path, work: Path, chapters: Sequence[Chapter]) -> Iterator[str]:
    for chapter in chapters:
        try:
            stored = read_chapter(folder / chapter.notebook)
        except (OSError, ValueError, KeyError, EnvironmentFault):
            if (work / chapter.notebook).is_file() and chapter.journey in BOOKS:
                yield f"{chapter.notebook} cannot be read"
            continue
        if not _alike(_plain(stored), _plain(chapter)):
            yield f"{chapter.notebook} says something else than its parameters give"


def _plain(chapter: Chapter) -> dict[str, Any]:
    return {"steps": chapter.steps, "charts": chapter.charts, "figures": chapter.figures}


def _changed_summary(spec: ReportSpec, chapters: Sequence[Chapter]) -> Iterator[str]:
    name = f"{spec.stem}.md"
    try:
        stored = (spec.folder / name).read_text("utf-8")
    except (OSError, ValueError):
        yield f"{name} cannot be read"
        return
    if stored != summary(Words.of(spec.given), spec, chapters):
        yield f"{name} says something else"


def _changed_sheets(spec: ReportSpec, chapters: list[Chapter], work: Path) -> Iterator[str]:
    name = f"{spec.stem}.xlsx"
    write_sheets(work / name, Words.of(spec.given), chapters, spec.given)
    try:
        stored = _cells(spec.folder / name)
    except (OSError, ValueError, zipfile.BadZipFile):
        yield f"{name} cannot be read"
        return
    if stored != _cells(work / name):
        yield f"{name} holds other cells"


def _cells(path: Path) -> dict[str, bytes]:
    """The parts of a workbook file; when and by whom it was written is not one."""
    with zipfile.ZipFile(path) as book:
        if sum(item.file_size for item in book.infolist()) > 100_000_000:
            raise ValueError("too large")
        return {n: book.read(n) for n in book.namelist() if not n.startswith("docProps/")}
