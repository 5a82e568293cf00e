"""A theme's own notebook as a chapter: its parameters, its run, and what it may print.

What comes back is read as words, tables and plotly figures only; words are escaped here, whatever
the notebook wrote.
"""

import ast
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellTimeoutError
from pydantic import BaseModel, ConfigDict, ValidationError

from kolkit.books import BOOKS
from kolkit.chapter import ALL_INPUTS, TRACES
from kolkit.errors import EnvironmentFault, InputError
from kolkit.messages import nearest
from kolkit.report.engine import NotebookEnded
from kolkit.report.notebooks import PLOTLY, Chapter, outputs, run_notebook
from kolkit.report.theme import OwnChapter
from kolkit.text import method
from kolkit.text.parts import Table
from kolkit.words import Words, html
from kolkit.workbook import STEP, parameters

SECONDS = 120
"""Most that one cell of an own notebook may take."""
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
COMMON = ("client", "scenario", "language", "currency")


class _Step(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Title(_Step):
    title: str
    headline: str
    lead: str


class _TableStep(_Step):
    name: str
    columns: list[tuple[str, list[str | float | None]]]
    formats: dict[str, str]


class _ChartStep(_Step):
    name: str
    title: str
    subtitle: str
    source: str
    why: str
    table: _TableStep | None


class _Number(_Step):
    name: str
    value: float


class _Formula(_Step):
    number: str
    text: str


class _Limit(_Step):
    text: str


class _LeftOut(_Step):
    reason: str


KINDS: dict[str, type[_Step]] = {
    "own-title": _Title,
    "own-chart": _ChartStep,
    "own-table": _TableStep,
    "own-number": _Number,
    "own-formula": _Formula,
    "own-limit": _Limit,
    "own-left-out": _LeftOut,
}


def _notebook(place: str, source: str) -> nbformat.NotebookNode:
    try:
        notebook = nbformat.reads(source, as_version=4)
    except Exception:  # nbformat raises whatever the broken file makes it raise
        raise InputError(f"{place} is not a notebook: save it with Jupyter again.") from None
    kernel = notebook.metadata.setdefault("kernelspec", nbformat.NotebookNode(KERNEL))
    if kernel.setdefault("language", "python") != "python":
        raise InputError(f"{place} is written in {kernel.language}: a chapter is in Python.")
    return notebook


def _parameters_cell(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    tagged = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", ()))
    return next(tagged, None)


def declared_inputs(place: str, source: str) -> tuple[str, ...]:
    """The names that a notebook's `parameters` cell assigns.

    Raises
    ------
    InputError
        it is no notebook, the cell is not Python, or it declares what is no input
    """
    cell = _parameters_cell(_notebook(place, source))
    if cell is None:
        return ()
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        raise InputError(
            f"{place}: line {error.lineno} of the cell tagged `parameters` is not Python."
        ) from None
    names: list[str] = []
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names += [target.id for target in targets if isinstance(target, ast.Name)]
    known = {*parameters("plan"), *COMMON}
    for name in names:
        if name not in known and name != ALL_INPUTS:
            close = nearest(name, known)
            hint = f"Did you mean {close}?" if close else "`kolkit check BRIEF` lists every input."
            raise InputError(
                f"{place}: {name} in the cell tagged `parameters` is not an input. {hint} What is "
                "only the notebook's own belongs into another cell."
            )
    return tuple(names)


def _prepared(place: str, source: str) -> tuple[str, int]:
    """The notebook with room for all inputs, and the cell behind which papermill puts values."""
    notebook = _notebook(place, source)
    cell = _parameters_cell(notebook)
    if cell is None:
        cell = nbformat.v4.new_code_cell(metadata={"tags": ["parameters"]})
        notebook.cells.insert(0, cell)
        at = -1
    else:
        at = notebook.cells.index(cell)
    cell.source = f"{cell.source}\n{ALL_INPUTS}: dict = {{}}".strip()
    return nbformat.writes(notebook), at


def run_own(chapter: OwnChapter, given: Mapping[str, Any], folder: Path) -> Path:
    """Run a theme's notebook with the inputs of a brief into `folder`; the path of the result.

    Raises
    ------
    InputError
        a cell raised, took too long or ended its process: cell, as counted in the theme's
        notebook, and error
    EnvironmentFault
        the machine failed, or ended the process
    """

    def number(index: int) -> int:
        # Behind the cell of parameters papermill has put one with their values.
        return index + 1 - (index > max(at, 0)) - (at < 0)

    name = f"{chapter.name}.ipynb"
    source, at = _prepared(name, chapter.source)
    values = {n: given[n] for n in chapter.declared if n in given} | {ALL_INPUTS: dict(given)}
    with tempfile.TemporaryDirectory() as beside:
        original = Path(beside) / name
        original.write_text(source, encoding="utf-8")
        try:
            run_notebook(
                original,
                values,
                folder / name,
                called=f"the theme's {name}",
                seconds=SECONDS,
                cell_number=number,
            )
        except CellTimeoutError:
            raise InputError(
                f"the theme's {name} has a cell that takes longer than {SECONDS} seconds: make it "
                "faster, or leave the chapter out of theme.yaml."
            ) from None
        except NotebookEnded as ended:
            when = "" if ended.cell is None else f", in cell {number(ended.cell)},"
            fault = EnvironmentFault if ended.killed else InputError
            raise fault(f"the theme's {name}{when} lost its process, which {ended.how}.") from None
    return folder / name


def _why(text: str) -> str:
    parts = [part.strip() for part in text.split("\n\n")]
    return "".join(f"<p>{html(part)}</p>" for part in parts if part)


def _figure(place: str, data: Mapping[str, Any]) -> dict[str, Any]:
    figure = data.get(PLOTLY)
    if not isinstance(figure, Mapping) or not isinstance(figure.get("data"), list):
        raise InputError(f"{place} has a figure that is not plotly's: draw it with plotly.")
    kinds = {str(trace.get("type", "scatter")) for trace in figure["data"]}
    if not kinds <= set(TRACES):
        raise InputError(
            f"{place} draws {min(kinds - set(TRACES))}; a report can draw {', '.join(TRACES)}."
        )
    return {"data": figure["data"], "layout": {"annotations": [], **figure.get("layout", {})}}


def read_own(path: Path, name: str) -> Chapter | None:
    """What an executed notebook of a theme prints; None where it leaves itself out.

    Raises
    ------
    InputError
        it prints nothing, or something that is neither words nor table nor plotly figure
    """
    place = f"the theme's {name}.ipynb"
    found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    figures: dict[str, Mapping[str, Any]] = {}
    for data in outputs(nbformat.read(path, as_version=4)):
        kind = (data.get(STEP) or {}).get("step")
        if kind not in KINDS:
            continue
        try:
            step = KINDS[kind].model_validate(data[STEP])
        except ValidationError as error:
            what = error.errors()[0]
            raise InputError(
                f"{place}: {kind.removeprefix('own-')} has {'.'.join(map(str, what['loc']))} as "
                f"it cannot be printed ({what['msg']})."
            ) from None
        found[kind].append(step)
        if isinstance(step, _ChartStep):
            figures[step.name] = _figure(place, data)
    if found["own-left-out"]:
        return None
    charts, tables = found["own-chart"], found["own-table"]
    if not found["own-title"] or not (charts or tables):
        raise InputError(
            f"{place} prints nothing: begin with `Chapter(title=..., headline=...)` and give it a "
            "figure or a table."
        )
    title = found["own-title"][-1]
    ours = _our_formulas() & {formula.number for formula in found["own-formula"]}
    if ours:
        raise InputError(
            f"{place} calls a formula {min(ours)}, as one of the report's is called: give it "
            "another letter."
        )
    return Chapter(
        journey=name,
        notebook=path.name,
        steps={
            "answer": {
                "journey": name,
                "title": title.title,
                "headline": title.headline,
                "found": title.headline,
                "qualifier": title.lead,
                "tiles": [],
                "tables": [],
                "figures": {n.name: n.value for n in found["own-number"]},
            },
            "method": {
                "formulas": [[f.number, f.text] for f in found["own-formula"]],
                "limits": [limit.text for limit in found["own-limit"]],
                "shared": [],
            },
        },
        charts={chart.name: _chart(chart) for chart in charts},
        figures=figures,
        tables=tuple(_data(table) for table in tables),
    )


@cache
def _our_formulas() -> frozenset[str]:
    """Numbers of the formulas that a report has without a theme."""
    t = Words("en")
    told = [*method.formulas(t), *(f for book in BOOKS.values() for f in book.formulas(t))]
    return frozenset(number for number, _ in told)


def _data(table: _TableStep) -> dict[str, Any]:
    return Table(table.name, dict(table.columns), table.formats).data()


def _chart(chart: _ChartStep) -> dict[str, Any]:
    told = chart.model_dump(exclude={"why", "table"})
    behind = _data(chart.table) if chart.table else Table(chart.title, {}).data()
    return told | {"why": _why(chart.why), "table": behind}
