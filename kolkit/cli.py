"""The command line: `kolkit new | check | report | serve | sources | doctor`.

A user's mistake is one sentence on standard error and exit code 2; a failure of the machine is one
sentence and exit code 1.
"""

import sys

# jsonschema's optional format checker builds a grammar at import, 2.5 s in every process; nothing
# here uses the formats it checks. The lock leaves it out; pip and conda installations get this.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

from pathlib import Path  # noqa: E402
from typing import Annotated  # noqa: E402

import typer  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from kolkit.course.cli import app as course  # noqa: E402
from kolkit.errors import EnvironmentFault, InputError  # noqa: E402
from kolkit.theme_cli import app as theme_app  # noqa: E402

OUT = Path("reports/out")
BRIEFS = Path("reports/briefs")
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="China social commerce: check briefs, render client reports, serve dashboards.",
)
app.add_typer(course, name="course")
app.add_typer(theme_app, name="theme")
console = Console()
complaints = Console(stderr=True, soft_wrap=True)

BriefsArgument = Annotated[
    list[Path], typer.Argument(help="Briefs, tables of clients, folders of briefs.")
]
ThemeOption = Annotated[
    Path | None, typer.Option(help="Folder with an agency's theme.", show_default=False)
]


@app.command(epilog='Example: `kolkit new "Nordlys"` or `kolkit new --table clients.csv`')
def new(
    client: Annotated[str | None, typer.Argument(help="The client's name.")] = None,
    scenario: Annotated[str, typer.Option(help="The scenario's name.")] = "Base case",
    category: Annotated[str, typer.Option(help="Product category.")] = "beauty",
    folder: Annotated[Path, typer.Option(help="Where briefs are kept.")] = BRIEFS,
    table: Annotated[
        Path | None, typer.Option(help="Write a table of clients instead: a .csv or .xlsx file.")
    ] = None,
) -> None:
    """Write a brief to start from: every input with its default, range and source."""
    if table:
        from kolkit.client_table import write_table

        console.print(str(write_table(table)), soft_wrap=True)
        return
    if client is None:
        raise InputError("name a client, or a table to start from with --table clients.csv.")
    from kolkit.starter import write_starter

    console.print(str(write_starter(client, scenario, category, folder)), soft_wrap=True)


@app.command(
    epilog="Example: `kolkit check reports/briefs/nordlys.yaml` or `kolkit check clients.xlsx`"
)
def check(briefs: BriefsArgument, theme: ThemeOption = None) -> None:
    """Check a brief and print every input with range, source and grade; or many: what is wrong."""
    from kolkit.batch.checking import check_all
    from kolkit.batch.sources import Wanted, is_single
    from kolkit.listing import inputs_table, unbroken
    from kolkit.report.glyphs import check_glyphs
    from kolkit.report.spec import read_spec
    from kolkit.report.theme_folder import load_theme

    worn = load_theme(theme) if theme else None
    if not is_single(briefs):
        raise typer.Exit(check_all(briefs, Wanted(OUT, theme=worn), console=console))
    spec = read_spec(briefs[0], out=OUT, theme=worn)
    check_glyphs(spec)
    table, note = inputs_table(spec)
    unbroken(console).print(table)
    unbroken(console).print(note)


@app.command(
    epilog="Example: `kolkit report reports/briefs/nordlys.yaml` or `kolkit report clients.xlsx "
    "--jobs 4 --resume`"
)
def report(
    briefs: BriefsArgument,
    out: Annotated[
        str, typer.Option(help="Folder for the reports of all clients, or a storage URL.")
    ] = str(OUT),
    pdf: Annotated[bool, typer.Option(help="Print the PDF (needs a browser).")] = True,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Reports at once; by cores and memory if left out."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep reports that are there and still right.")
    ] = False,
    release: Annotated[
        bool, typer.Option("--release", help="For the client: without the DRAFT mark.")
    ] = False,
    theme: ThemeOption = None,
    since: Annotated[
        Path | None,
        typer.Option(
            help="Manifest of the version that the client has, if not the one in its folder.",
            show_default=False,
        ),
    ] = None,
    scheduler: Annotated[
        str, typer.Option(help="A Dask scheduler whose workers make the reports.")
    ] = "",
    stages: Annotated[bool, typer.Option("--stages", hidden=True)] = False,
) -> None:
    """Render client reports: executed notebooks, HTML, PDF, XLSX and manifest."""
    from kolkit.batch.command import report
    from kolkit.batch.options import Options

    options = Options(
        out=out, pdf=pdf, jobs=jobs, resume=resume, release=release, theme=theme,
        scheduler=scheduler, stages=stages, since=since,
    )  # fmt: skip
    raise typer.Exit(report(briefs, options, console=console))


@app.command(epilog="Example: `kolkit verify reports/out`")
def verify(
    reports: Annotated[
        list[Path], typer.Argument(help="Reports: their folders or files, or a folder of many.")
    ],
    theme: Annotated[
        Path | None, typer.Option(help="The theme that they were made with.", show_default=False)
    ] = None,
) -> None:
    """Check that reports are as they were made and follow from their parameters."""
    from kolkit.verifying import verify_all

    if not verify_all(reports, theme=theme, console=console):
        raise typer.Exit(1)


@app.command(epilog="Example: `kolkit serve --port 8866` or `kolkit serve reports/out/nordlys`")
def serve(
    path: Annotated[
        Path | None, typer.Argument(help="A notebook or a folder; the workbooks if left out.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8866,
    ip: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine need a login.")
    ] = "127.0.0.1",
    token: Annotated[
        str,
        typer.Option(envvar="KOLKIT_TOKEN", show_envvar=False, help="What visitors log in with."),
    ] = "",
    proxy: Annotated[
        str, typer.Option(help="Address of the reverse proxy that does the login.")
    ] = "",
    base_url: Annotated[str, typer.Option(help="Path below which everything lies.")] = "",
    briefs: Annotated[Path, typer.Option(help="Where scenarios are saved.")] = BRIEFS,
    seats: Annotated[
        int | None,
        typer.Option(min=1, max=500, help="Sessions at once; by free memory if left out."),
    ] = None,
    idle: Annotated[
        float, typer.Option(min=0.1, help="Minutes after which an untouched session ends.")
    ] = 30,
    preheat: Annotated[
        bool | None,
        typer.Option("--preheat/--no-preheat", help="Keep kernels ready for the next visitor."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Serve the workbooks as dashboards: to this machine, or with a login to others."""
    from kolkit.server.access import Access
    from kolkit.server.app import Options, serve_dashboards

    access = Access(ip=ip, token=token, proxy=proxy, path=base_url)
    options = Options(
        port=port, briefs=briefs, seats=seats, idle_minutes=idle, preheat=preheat,
        open_browser=browser,
    )  # fmt: skip
    serve_dashboards(path, access=access, options=options, console=console)


@app.command(epilog="Example: `kolkit sources commission`")
def sources(
    words: Annotated[str, typer.Argument(help="Only rows with this word.")] = "",
    grade: Annotated[str, typer.Option(help="Only this grade: A, B, C or U.")] = "",
    unsourced: Annotated[bool, typer.Option("--unsourced", help="Only grade U.")] = False,
    table: Annotated[
        str,
        typer.Option(
            help="Which table: assumptions, tiers, platforms, channels, cases, directory, claims."
        ),
    ] = "assumptions",
) -> None:
    """List every assumption with its source, and count what is unsourced; or another table."""
    from kolkit.listing import sources_table, unbroken

    found, note = sources_table(words, grade=grade, unsourced=unsourced, table=table)
    unbroken(console).print(found)
    unbroken(console).print(note)


@app.command(epilog="Example: `kolkit doctor`")
def doctor() -> None:
    """Check this machine: Python, packages, browser, Chinese font, templates, memory."""
    from kolkit.machine import checks

    found = checks(OUT)
    table = Table("", "Check", "Found", "What to do", box=None)
    for item in found:
        mark = "[green]ok[/]" if item.ok else "[red]no[/]"
        table.add_row(mark, item.name, item.detail, "" if item.ok else item.repair)
    console.print(table)
    if not all(item.ok for item in found):
        raise typer.Exit(1)


def main() -> None:
    """Entry point: turns the two kinds of failure into one line and an exit code."""
    try:
        app()
    except InputError as error:
        complaints.print(str(error), style="red", markup=False, highlight=False)
        sys.exit(2)
    except EnvironmentFault as error:
        complaints.print(str(error), style="red", markup=False, highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
