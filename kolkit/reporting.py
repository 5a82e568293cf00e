"""`kolkit report`: checks every brief first, then renders with progress and time left."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from kolkit.errors import EnvironmentFault, InputError
from kolkit.machine import require_browser, require_cjk_font
from kolkit.report.engine import start_fork_server
from kolkit.report.spec import ReportSpec, read_spec

STAGES = ("notebook", "document", "pdf")
SHARES = {"notebook": 0.1, "document": 0.6, "pdf": 0.7}
"""Share of one report's time that has passed when a stage begins."""


def _specs(briefs: list[Path], out: Path) -> list[ReportSpec]:
    specs, refused = [], []
    for brief in briefs:
        try:
            specs.append(read_spec(brief, out=out))
        except InputError as error:
            refused.append(str(error))
    if refused:
        raise InputError("\n".join(refused))
    return specs


def render_all(
    briefs: list[Path], *, out: Path, pdf: bool, console: Console, stages: bool = False
) -> None:
    """Render each brief's report below `out`, and print where each PDF (or HTML) is.

    `stages`: also print one line of JSON as each stage begins, for a program that waits.

    Raises
    ------
    InputError, EnvironmentFault
        a mistake in any brief is said before the first report is rendered
    """
    # The process that notebooks are forked from imports while briefs are read and a browser starts.
    start_fork_server()
    specs = _specs(briefs, out)
    if pdf:
        try:
            require_browser()
        except EnvironmentFault as fault:
            raise EnvironmentFault(f"{fault} HTML and XLSX alone: add --no-pdf.") from None
        if any(spec.look.language == "zh" for spec in specs):
            require_cjk_font()
    from kolkit.report.pdf import Printer
    from kolkit.report.render import render

    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with progress, Printer() if pdf else nullcontext() as printer:
        task = progress.add_task("", total=len(specs) * len(STAGES))
        for number, spec in enumerate(specs):
            done = number * len(STAGES)

            def say(stage: str, spec: ReportSpec = spec, done: int = done) -> None:
                told = f"{spec.client} · {spec.scenario}: {stage}"
                progress.update(task, completed=done + STAGES.index(stage), description=told)
                if stages:
                    print(json.dumps({"stage": stage, "done": SHARES[stage]}), flush=True)

            rendered = render(spec, printer=printer, say=say)
            shown = rendered.pdf or rendered.folder / f"{spec.stem}.html"
            console.print(str(shown), soft_wrap=True, markup=False, highlight=False)
