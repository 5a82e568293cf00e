"""The chapters of one report: every notebook that it takes, run and read back."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kolkit.report.notebooks import Chapter, execute, read_chapter
from kolkit.report.own_chapter import read_own, run_own
from kolkit.report.spec import ReportSpec


def run_chapters(spec: ReportSpec, folder: Path) -> list[Chapter]:
    """Run the notebooks of a report into `folder`; the one that speaks for all comes last.

    Raises
    ------
    InputError, EnvironmentFault
        from the first notebook that failed
    """
    own = spec.theme.own if spec.theme else ()
    # Two at a time: a notebook is a process of its own, this one only waits for it.
    with ThreadPoolExecutor(max_workers=2) as pool:
        journeys = [
            pool.submit(execute, book.notebook, spec.parameters(book), folder)
            for book in spec.books
        ]
        others = [pool.submit(run_own, chapter, spec.given, folder) for chapter in own]
        chapters = [read_chapter(path.result()) for path in journeys]
        added = [
            read_own(path.result(), chapter.name) for chapter, path in zip(own, others, strict=True)
        ]
    return [*chapters[:-1], *(chapter for chapter in added if chapter), chapters[-1]]


def printed(spec: ReportSpec, chapters: list[Chapter]) -> list[Chapter]:
    """The chapters as the document has them: a theme chooses and orders, the others only count."""
    if spec.theme is None:
        return chapters
    by_name = {chapter.journey: chapter for chapter in chapters}
    return [by_name[name] for name in spec.theme.order if name in by_name]
