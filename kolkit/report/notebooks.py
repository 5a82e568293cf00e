"""Runs a workbook for one client and reads its steps back."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from kolkit.errors import EnvironmentFault, InputError
from kolkit.resources import shipped
from kolkit.workbook import STEP

MACHINE = ("MemoryError", "OSError", "BlockingIOError", "TimeoutError", "EnvironmentFault")
"""Errors in a cell that another run may not meet; all others follow from its inputs."""
PLOTLY = "application/vnd.plotly.v1+json"

# What papermill would log of a notebook that cannot be run is in the sentence that is raised.
logging.getLogger("papermill").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Chapter:
    """One executed workbook: its steps by name, and plotly's JSON of each figure."""

    journey: str
    notebook: str
    steps: Mapping[str, Mapping[str, Any]]
    charts: Mapping[str, Mapping[str, Any]]
    figures: Mapping[str, Mapping[str, Any]]
    tables: tuple[Mapping[str, Any], ...] = ()
    """Tables that stand by themselves; only a theme's own chapters have such."""


def outputs(notebook: nbformat.NotebookNode) -> Iterator[Mapping[str, Any]]:
    """What the cells of an executed notebook show, by MIME type."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "data" in output:
                yield output["data"]


def read_chapter(path: Path) -> Chapter:
    """The steps of an executed workbook.

    Raises
    ------
    EnvironmentFault
        where a step is missing: the notebook was not run to its end
    """
    notebook = nbformat.read(path, as_version=4)
    steps: dict[str, Mapping[str, Any]] = {}
    charts: dict[str, Mapping[str, Any]] = {}
    figures: dict[str, Mapping[str, Any]] = {}
    for data in outputs(notebook):
        step = data.get(STEP)
        if step and step["step"] == "chart":
            charts[step["name"]] = step
            figures[step["name"]] = data[PLOTLY]
        elif step:
            steps[step["step"]] = step
    if not {"head", "answer", "assumptions", "method"} <= steps.keys() or not charts:
        raise EnvironmentFault(f"{path.name} was not run to its end: run the report once more.")
    return Chapter(steps["answer"]["journey"], path.name, steps, charts, figures)


def execute(name: str, parameters: Mapping[str, Any], folder: Path) -> Path:
    """Run a workbook (its file name) with papermill into `folder`; as `run_notebook`."""
    return run_notebook(shipped("workbooks") / name, parameters, folder / name)


def run_notebook(
    source: Path,
    parameters: Mapping[str, Any],
    target: Path,
    *,
    called: str = "",
    seconds: int | None = None,
    cell_number: Callable[[int], int] = lambda index: index + 1,
) -> Path:
    """Run a notebook with papermill into `target`, and return that.

    Parameters
    ----------
    source, target : .ipynb files
    parameters : values for its `parameters` cell
    called : what messages call it, where its file name is not enough
    seconds : most that one cell may take; None: any time
    cell_number : number of a cell for messages, from its index in the executed notebook

    Raises
    ------
    InputError
        a cell raised, and would again
    EnvironmentFault
        a cell failed for lack of memory, space or time, or its process died (NotebookEnded)
    """
    # Imported here: papermill costs a second that checking a brief should not pay.
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    try:
        made = execute_notebook(
            str(source),
            None,
            parameters=dict(parameters),
            engine_name="kolkit",
            kernel_name="python3",
            progress_bar=False,
            autosave_cell_every=0,
            request_save_on_cell_execute=False,
            execution_timeout=seconds,
        )
    except PapermillExecutionError as error:
        told = (
            f"{called or target.name} stopped in cell {cell_number(error.cell_index)} with "
            f"{error.ename}: {error.evalue}"
        )
        fault = EnvironmentFault if error.ename in MACHINE else InputError
        raise fault(told) from None
    # Where this machine keeps its files is nobody's business.
    made.metadata.papermill |= {"input_path": source.name, "output_path": target.name}
    nbformat.write(made, target)
    return target
