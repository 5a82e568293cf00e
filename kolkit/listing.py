"""Tables for the terminal: the inputs in force, all assumptions, and the reference tables."""

from collections.abc import Callable

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kolkit import reference
from kolkit.assumptions import Assumption, assumptions, category_return_rates
from kolkit.controls import build
from kolkit.errors import InputError
from kolkit.orders import OrderCounts
from kolkit.report.spec import ReportSpec
from kolkit.text import ledger
from kolkit.text.livestream import evidence_note
from kolkit.words import Words

GRADES = "ABCU"
ASSUMPTIONS = "assumptions"
READABLE = 24
"""Columns of a terminal that a sentence needs lest it becomes a tower of words."""
ONE_LINE = 10_000


class Listing(Table):
    """A table where the terminal is wide enough to read one, else a paragraph for each row.

    Nothing is cut in either. The paragraph begins with the row's name, the first titled column.
    """

    def __init__(self, name: str, *others: str, marked: bool = False) -> None:
        super().__init__(box=None)
        if marked:
            self.add_column("")
        self.add_column(name, no_wrap=True)
        for heading in others:
            self.add_column(heading, overflow="fold")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        headings = [str(column.header) for column in self.columns]
        columns = [[str(cell) for cell in column.cells] for column in self.columns]
        needed = 0
        for column, cells in zip(self.columns, columns, strict=True):
            width = max(map(cell_len, [str(column.header), *cells]))
            needed += 2 + (width if column.no_wrap else min(width, READABLE))
        if needed <= options.max_width:
            yield from super().__rich_console__(console, options)
            return
        at = 1 + headings.index("") if "" in headings else 0
        for line, row in zip(self.rows, zip(*columns, strict=True), strict=True):
            yield Text(" ".join(filter(None, row[: at + 1])), style=line.style or "")
            told = zip(headings[at + 1 :], row[at + 1 :], strict=True)
            text = " · ".join(
                f"{heading} {cell}" for heading, cell in told if cell not in ("", "–")
            )
            yield Padding(Text(text), (0, 0, 0, 4))


def unbroken(console: Console) -> Console:
    """The console; one that breaks no line where it writes to a file or a pipe."""
    return console if console.file.isatty() else Console(file=console.file, width=ONE_LINE)


def inputs_table(spec: ReportSpec) -> tuple[Table, str]:
    """Every input of a checked brief; what the brief or a file changed is marked with *."""
    t = Words("en")
    book, counted = spec.books[-1], spec.given["orders_counted"]
    counts = OrderCounts.from_dict(counted) if counted else None
    given = spec.parameters(book)
    case = book.run(build(book.key, given), counts)
    facts = case.facts.used()
    table = Listing("Input", "Value", "Plausible range", "Source", "Year", "Grade", marked=True)
    for row in ledger.rows(t, facts):
        table.add_row(
            "*" if row.changed else "", row.name, row.value, row.span, row.source, row.year,
            row.grade, style="bold" if row.changed else None,
        )  # fmt: skip
    unsourced, total = ledger.unsourced(facts)
    note = [
        f"* set by the brief or a file. {unsourced} of {total} inputs are our own, unsourced (U).",
        evidence_note(t, case) if counts else "",
        book.answer(t, case).headline,
    ]
    for other in given["scenarios"]:
        case = book.run(build(book.key, given | other["inputs"]), counts)
        note.append(f"{other['name']}: {book.answer(t, case).headline}")
    return table, "\n".join(line for line in note if line)


def _assumption_rows(found: list[Assumption]) -> list[tuple[str, ...]]:
    return [
        (
            a.key,
            f"{a.value:,.10g}",
            "–" if a.low is None else f"{a.low:,.10g}–{a.high:,.10g}",
            a.unit,
            a.grade,
            a.year or "–",
            a.source.publisher,
            ". ".join(text for text in (a.rule, a.note) if text),
        )
        for a in found
    ]


def _tiers() -> list[tuple[str, ...]]:
    return [
        (t.key, t.label, f"{t.followers_low:,}–{t.followers_high:,}", t.strengths, t.weaknesses,
         t.source.publisher)
        for t in reference.tiers().values()
    ]  # fmt: skip


def _platforms() -> list[tuple[str, ...]]:
    return [
        (p.key, p.label, p.kind, p.audience, p.kol_sizes, p.best_for, p.note, p.source.publisher)
        for p in reference.platforms().values()
    ]


def _channels() -> list[tuple[str, ...]]:
    return [
        (c.key, c.label, f"{c.price_usd:,.0f}", f"{c.reach:,.0f}", f"{c.cpm_printed_usd:g}",
         f"{c.cpm_usd:.2f}", c.note, c.source.publisher)
        for c in reference.channels().values()
    ]  # fmt: skip


def _cases() -> list[tuple[str, ...]]:
    return [
        (c.brand, c.role, c.what, c.figures, c.lesson, c.note, c.location, c.source.publisher)
        for c in reference.cases().values()
    ]


def _directory() -> list[tuple[str, ...]]:
    return [
        (a.name, a.kind, ", ".join(a.services), ", ".join(a.platforms), ", ".join(a.industries),
         ", ".join(a.base), a.website, a.status, a.note)
        for a in reference.directory().values()
    ]  # fmt: skip


def _claims() -> list[tuple[str, ...]]:
    return [
        (c.claim, c.location, c.reason, c.source.publisher)
        for c in reference.claims_not_used().values()
    ]


TABLES: dict[str, tuple[tuple[str, ...], Callable[[], list[tuple[str, ...]]]]] = {
    "tiers": (("Key", "Tier", "Followers", "Strengths", "Weaknesses", "Source"), _tiers),
    "platforms": (
        ("Key", "Platform", "Kind", "Audience", "KOL sizes", "Best for", "Note", "Source"),
        _platforms,
    ),
    "channels": (
        ("Key", "Channel", "Price, US$", "Reach", "CPM printed", "CPM computed", "Note", "Source"),
        _channels,
    ),
    "cases": (
        ("Brand", "Role", "What", "Figures", "Lesson", "Note", "Where", "Source"),
        _cases,
    ),
    "directory": (
        ("Name", "Kind", "Services", "Platforms", "Industries", "Base", "Site", "Status", "Note"),
        _directory,
    ),
    "claims": (("Claim", "Where", "Why it is not used", "Source"), _claims),
}
"""Headings and rows of the tables that `kolkit sources --table` prints."""


def _printed(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    table = Listing(*headings)
    for row in rows:
        table.add_row(*row)
    return table


def sources_table(
    words: str, *, grade: str = "", unsourced: bool = False, table: str = ASSUMPTIONS
) -> tuple[Table, str]:
    """What `kolkit sources` prints, and one sentence that counts it.

    Rows contain `words` (empty: all). Assumptions are narrowed to a `grade` (A, B, C, U; empty:
    all) or to the `unsourced`, grade U; the sentence says how many are unsourced in all. Any other
    `table` has no grades. Raises InputError for an unknown grade or table, or a contradiction.
    """
    wanted = grade.upper()
    if wanted not in ("", *GRADES):
        raise InputError(f"--grade must be one of A, B, C, U; got {grade}.")
    if unsourced and wanted not in ("", "U"):
        raise InputError(f"--unsourced means grade U; leave out --grade {wanted}.")
    if table != ASSUMPTIONS:
        if table not in TABLES:
            allowed = ", ".join((ASSUMPTIONS, *TABLES))
            raise InputError(f"--table must be one of {allowed}; got {table}.")
        if wanted or unsourced:
            raise InputError(f"The table {table} has no grades; leave out --grade and --unsourced.")
        headings, rows = TABLES[table]
        every = rows()
        shown = [row for row in every if words.casefold() in " ".join(row).casefold()]
        return _printed(headings, shown), f"{len(shown)} of {len(every)} shown."
    wanted = "U" if unsourced else wanted
    known = [*assumptions().values(), *category_return_rates().values()]
    found = [
        a
        for a in known
        if wanted in ("", a.grade)
        and words.casefold() in f"{a.key} {a.note} {a.rule} {a.source.publisher}".casefold()
    ]
    headings = (
        "Assumption", "Value", "Range", "Unit", "Grade", "Year", "Source", "Rule and note",
    )  # fmt: skip
    count = sum(a.grade == "U" for a in known)
    note = f"{len(found)} shown; {count} of {len(known)} assumptions are unsourced (U)."
    return _printed(headings, _assumption_rows(found)), note
