"""From a brief to a folder with the executed notebook, HTML, PDF, XLSX and manifest.

A report is made whole in a folder of its own and then put in the place of the earlier one, which
stays untouched until that moment.
"""

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kolkit.errors import EnvironmentFault, InputError
from kolkit.report.manifest import MANIFEST, manifest, read_manifest
from kolkit.report.notebooks import execute, read_chapter
from kolkit.report.pdf import Printer, verify
from kolkit.report.spec import ReportSpec
from kolkit.words import Words


@dataclass(frozen=True)
class Rendered:
    """A finished report: its folder, the PDF (None without printing) and its pages."""

    folder: Path
    pdf: Path | None
    pages: int


def _restore(folder: Path) -> None:
    """Bring back the report that a run killed while exchanging folders had set aside."""
    aside = folder.with_name(f".{folder.name}.previous")
    if aside.is_dir():
        if folder.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(folder)


def _refuse_foreign(spec: ReportSpec) -> None:
    """Two clients whose names make the same folder must not overwrite each other."""
    there = read_manifest(spec.folder)
    if there is None:
        return
    if (there.get("client"), there.get("scenario")) != (spec.client, spec.scenario):
        raise InputError(
            f"{spec.folder} holds the report of {there.get('client')} · "
            f"{there.get('scenario')}: rename client or scenario in {spec.brief_file}."
        )


def _workspace(spec: ReportSpec) -> Path:
    try:
        spec.folder.parent.mkdir(parents=True, exist_ok=True)
        for left_over in spec.folder.parent.glob(f".{spec.folder.name}.*.partial"):
            if not _running(int(left_over.name.split(".")[-2])):
                shutil.rmtree(left_over, ignore_errors=True)
        _restore(spec.folder)
        work = spec.folder.with_name(f".{spec.folder.name}.{os.getpid()}.partial")
        work.mkdir()
    except OSError as error:
        raise EnvironmentFault(
            f"the output folder {spec.folder.parent} cannot be written ({error.strerror}): choose "
            "another with --out, or free it."
        ) from None
    return work


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _exchange(work: Path, folder: Path) -> None:
    aside = folder.with_name(f".{folder.name}.previous")
    if folder.exists():
        folder.rename(aside)
    work.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


def render(
    spec: ReportSpec,
    *,
    printer: Printer | None,
    say: Callable[[str], None] = lambda stage: None,
) -> Rendered:
    """Render one report.

    Parameters
    ----------
    spec : from `read_spec`
    printer : an open browser; None leaves the PDF out
    say : told the name of each stage as it begins

    Raises
    ------
    InputError, EnvironmentFault
        nothing is left behind, and an earlier report stays as it was
    """
    from kolkit.report.document import build_document, expected_texts
    from kolkit.report.sheets import write_sheets

    _refuse_foreign(spec)
    work = _workspace(spec)
    try:
        say("notebook")
        # Two at a time: a notebook is a process of its own, this one only waits for it.
        with ThreadPoolExecutor(max_workers=2) as pool:
            made = [
                pool.submit(execute, book.notebook, spec.parameters(book), work)
                for book in spec.books
            ]
            chapters = [read_chapter(path.result()) for path in made]
        say("document")
        document = build_document(spec, chapters, made_on=datetime.now().astimezone().date())
        (work / f"{spec.stem}.html").write_text(document, encoding="utf-8")
        write_sheets(work / f"{spec.stem}.xlsx", Words(spec.look.language), chapters, spec.given)
        pages = 0
        if printer:
            say("pdf")
            pdf = printer.print(document, page_size=spec.look.page)
            pages = verify(pdf, expected=expected_texts(chapters))
            (work / f"{spec.stem}.pdf").write_bytes(pdf)
        told = json.dumps(manifest(spec, chapters, work, pages), indent=2, ensure_ascii=False)
        (work / MANIFEST).write_text(told + "\n", encoding="utf-8")
        _exchange(work, spec.folder)
    except OSError as error:
        raise EnvironmentFault(
            f"{spec.folder} could not be written ({error.strerror}): free space or choose another "
            "folder with --out. The earlier report is untouched."
        ) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    printed = spec.folder / f"{spec.stem}.pdf"
    return Rendered(spec.folder, printed if printer else None, pages)
