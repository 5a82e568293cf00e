"""Writes each workbook's parameters cell and its .ipynb from the .py beside it.

python tools/make_notebooks.py            rewrite workbooks/ and the brief's JSON Schema
python tools/make_notebooks.py --check    say what is out of step, change nothing
"""

import json
import sys
from pathlib import Path

import jupytext
import nbformat

from kolkit import course
from kolkit.books import BOOKS
from kolkit.inputs import Brief
from kolkit.parameters import parameters_cell

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "data" / "brief.schema.json"


def rendered(parameters: str, source: Path) -> dict[Path, str]:
    """Both files of a workbook as they should be."""
    notebook = jupytext.read(source)
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02d}"
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = parameters
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    percent = jupytext.writes(notebook, fmt="py:percent")
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata.get("jupytext", {}).pop("text_representation", None)
    return {source: percent, source.with_suffix(".ipynb"): nbformat.writes(notebook) + "\n"}


def schema() -> str:
    """The JSON Schema of a brief, for editors that complete and check YAML."""
    return json.dumps(Brief.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    wanted = {SCHEMA: schema()}
    for book in BOOKS.values():
        source = ROOT / "workbooks" / book.notebook
        wanted |= rendered(parameters_cell(book.key), source.with_suffix(".py"))
    for name in course.EXERCISES.values():
        source = ROOT / "workbooks" / f"{name}.py"
        wanted |= rendered(course.parameters_cell(), source)
    stale = [
        path
        for path, text in wanted.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        print(f"out of step: {path.relative_to(ROOT)}")
        if "--check" not in sys.argv:
            path.write_text(wanted[path], encoding="utf-8", newline="\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
