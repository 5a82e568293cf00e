"""`kolkit course mark`: a class's answer files to a table of marks and a summary."""

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from kolkit.course.marking import ClassMarks

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Mark the answer files of a class."
)
console = Console()

BAR = 30
"""Characters of the longest bar in the distribution."""


@app.callback()
def course() -> None:
    """Exercises are served with `kolkit serve`; this marks what trainees hand in."""


@app.command(epilog='Example: `kolkit course mark handed-in/ --key "spring 26"`')
def mark(
    files: Annotated[list[Path], typer.Argument(help="Answer files, or folders of them.")],
    key: Annotated[str, typer.Option(help="The class key that the trainees were given.")],
    out: Annotated[Path, typer.Option(help="Where the marks are written, as CSV.")] = Path(
        "marks.csv"
    ),
    exercise: Annotated[str, typer.Option(help="The exercise that was set.")] = "ex01",
) -> None:
    """Work every answer out again and write marks, misconceptions and remarks."""
    from kolkit.course import declared, marking
    from kolkit.tables.write import write_csv

    marks = marking.mark(declared(exercise), marking.answer_files(files), class_key=key)
    write_csv(marks.frame(), out)
    _summary(marks)
    console.print(str(out), soft_wrap=True, markup=False)


def _summary(marks: "ClassMarks") -> None:
    counted = [row.points(marks.exercise) for row in marks.rows if row.counted]
    told = f"{len(counted)} trainees, {len(marks.rows)} files"
    if counted:
        told += f"; median {median(counted):g} of {marks.most} points"
    console.print(told, highlight=False)
    if counted:
        spread = Table("Points", "Trainees", "", box=None)
        for label, count in marks.distribution():
            spread.add_row(label, str(count), "█" * round(BAR * count / len(counted)))
        console.print(spread)
    common = marks.commonest()
    if common:
        table = Table("Commonest misconceptions", "Task", "Trainees", box=None)
        for title, label, count in common:
            table.add_row(escape(label), escape(title), str(count))
        console.print(table)
    noted = [row for row in marks.rows if row.remarks]
    if noted:
        table = Table("File", "Remarks", box=None)
        for row in noted:
            table.add_row(escape(row.file), escape("; ".join(row.remarks)))
        console.print(table)
