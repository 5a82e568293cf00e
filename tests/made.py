"""A shipped brief's chapters, run once for all tests of a process."""

import tempfile
from datetime import date
from functools import cache
from pathlib import Path

from kolkit.report.chapters import run_chapters
from kolkit.report.document import build_document
from kolkit.report.spec import read_spec

ROOT = Path(__file__).resolve().parents[1]
BRIEFS = ROOT / "reports" / "briefs"
DAY = date(2026, 11, 22)


@cache
def made(name: str):
    """Specification and executed chapters of a brief."""
    with tempfile.TemporaryDirectory() as folder:
        spec = read_spec(BRIEFS / f"{name}.yaml", out=Path(folder))
        return spec, run_chapters(spec, Path(folder))


@cache
def document(name: str) -> str:
    """The brief's report as HTML."""
    spec, chapters = made(name)
    return build_document(spec, chapters, made_on=DAY)
