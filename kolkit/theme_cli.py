"""`kolkit theme new | check`: a folder to start from, and what is wrong with it."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from kolkit.errors import InputError
from kolkit.machine import find_browser

if TYPE_CHECKING:
    from kolkit.report.theme import Theme

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Themes: an agency's colours, fonts, logo, order of chapters and own notebooks.",
)
console = Console(soft_wrap=True, highlight=False)
TRIED_ON = ("nordlys.yaml", "hearthline.yaml")
"""Example briefs that a theme is tried on: one in English, one in Chinese."""

Folder = Annotated[Path, typer.Argument(help="The theme's folder.")]


@app.callback()
def theme() -> None:
    """Used with `kolkit report ... --theme FOLDER`. A theme may hold code: use those you trust."""


@app.command(epilog="Example: `kolkit theme new themes/ours`")
def new(folder: Folder) -> None:
    """Copy the example theme to a new folder, to start from."""
    from kolkit.report.theme_folder import new_theme

    console.print(str(new_theme(folder)), markup=False)


@app.command(epilog="Example: `kolkit theme check themes/ours`")
def check(folder: Folder) -> None:
    """Check a theme, and print two example briefs with it, one English and one Chinese."""
    from kolkit.report.engine import start_fork_server
    from kolkit.report.families import lacking_families
    from kolkit.report.theme_folder import load_theme

    start_fork_server()
    found = load_theme(folder)
    browser = find_browser()
    wrong = _tried(found, printed=browser is not None)
    if wrong:
        raise InputError("\n".join(wrong))
    for told in lacking_families(found):
        console.print(told, markup=False)
    size = sum(map(len, found.files.values())) / 1e6
    how = "Printed" if browser else "Tried, not printed (there is no browser),"
    console.print(
        f"{found.settings.name}: {len(found.order)} chapters ({', '.join(found.order)}), "
        f"{len(found.files)} files, {size:.1f} MB. {how} in English and Chinese: nothing is wrong.",
        markup=False,
    )


def _tried(theme: "Theme", *, printed: bool) -> list[str]:
    """What goes wrong in the example briefs' reports, a sentence each."""
    from kolkit.report.pdf import Printer
    from kolkit.report.render import render
    from kolkit.report.spec import read_spec
    from kolkit.resources import shipped

    wrong: dict[str, str] = {}
    with ExitStack() as opened:
        out = opened.enter_context(tempfile.TemporaryDirectory())
        shown = Console(stderr=True, quiet=not sys.stderr.isatty())
        status = opened.enter_context(shown.status("browser"))
        printer = opened.enter_context(Printer()) if printed else None
        for brief in TRIED_ON:
            spec = read_spec(shipped("briefs") / brief, out=Path(out), theme=theme)
            status.update(brief)
            try:
                render(spec, printer=printer)
            except InputError as error:
                wrong.setdefault(str(error), spec.look.language)
    return [f"{error} (tried in the language {language})" for error, language in wrong.items()]
