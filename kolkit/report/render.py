"""From a brief to a folder with the executed notebook, HTML, PDF, XLSX and manifest."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kolkit.errors import EnvironmentFault
from kolkit.report.chapters import run_chapters
from kolkit.report.folders import replacing
from kolkit.report.glyphs import check_glyphs, refused
from kolkit.report.manifest import MANIFEST, manifest
from kolkit.report.pdf import Printer
from kolkit.report.pdf_checks import check, undrawn
from kolkit.report.spec import ReportSpec
from kolkit.words import Words


@dataclass(frozen=True)
class Rendered:
    """A finished report: its folder, the PDF (None without printing) and its pages."""

    folder: Path
    pdf: Path | None
    pages: int


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
    from kolkit.report.summary import summary

    if printer:
        check_glyphs(spec)
    with replacing(spec) as work:
        say("notebook")
        chapters = run_chapters(spec, work)
        made_at = datetime.now().astimezone()
        say("document")
        document = build_document(spec, chapters, made_on=made_at.date())
        (work / f"{spec.stem}.html").write_text(document, encoding="utf-8")
        told = summary(Words.of(spec.given), spec, chapters)
        (work / f"{spec.stem}.md").write_text(told, encoding="utf-8")
        write_sheets(work / f"{spec.stem}.xlsx", Words.of(spec.given), chapters, spec.given)
        pages = 0
        if printer:
            say("pdf")
            theme = spec.theme.settings.name if spec.theme else ""
            made = printer.print(document, page_size=spec.look.page, theme=theme)
            mark = Words.of(spec.given)("DRAFT") if spec.draft else ""
            try:
                pages = check(made, expected=expected_texts(spec, chapters), mark=mark)
            except EnvironmentFault:
                error = refused(spec, missing=undrawn(made))
                if error:
                    raise error from None
                raise
            (work / f"{spec.stem}.pdf").write_bytes(made.pdf)
        facts = manifest(spec, chapters, work, pages, made_at=made_at)
        content = json.dumps(facts, indent=2, ensure_ascii=False)
        (work / MANIFEST).write_text(content + "\n", encoding="utf-8")
    pdf = spec.folder / f"{spec.stem}.pdf"
    return Rendered(spec.folder, pdf if printer else None, pages)
