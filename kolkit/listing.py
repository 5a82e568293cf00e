"""Tables for the terminal: the inputs in force in a brief, and all assumptions."""

from rich.table import Table

from kolkit.assumptions import assumptions, category_return_rates
from kolkit.controls import build
from kolkit.errors import InputError
from kolkit.inputs import Brand, Livestream
from kolkit.journeys.livestream import run
from kolkit.orders import OrderCounts
from kolkit.report.spec import ReportSpec
from kolkit.text import ledger
from kolkit.text.livestream import answer, evidence_note
from kolkit.words import Words

GRADES = "ABCU"


def inputs_table(spec: ReportSpec) -> tuple[Table, str]:
    """Every input of a checked brief; what the brief or a file changed is marked with *."""
    t = Words("en")
    brand, live = build("livestream", spec.parameters)
    assert isinstance(brand, Brand)
    assert isinstance(live, Livestream)
    counts = OrderCounts.from_dict(live.orders_counted) if live.orders_counted else None
    case = run(brand, live, counts)
    facts = case.facts.by_name.values()
    table = Table("", box=None)
    table.add_column("Input", no_wrap=True)
    for title in ("Value", "Plausible range", "Source", "Year", "Grade"):
        table.add_column(title)
    for row in ledger.rows(t, facts):
        table.add_row(
            "*" if row.changed else "", row.name, row.value, row.span, row.source, row.year,
            row.grade, style="bold" if row.changed else None,
        )  # fmt: skip
    unsourced, total = ledger.unsourced(facts)
    note = [
        f"* set by the brief or a file. {unsourced} of {total} inputs are our own, unsourced (U).",
        evidence_note(t, case),
        answer(t, case).headline,
    ]
    return table, "\n".join(line for line in note if line)


def sources_table(words: str, grade: str) -> tuple[Table, str]:
    """All assumptions that contain `words` and have `grade` (empty: all), and the count of U."""
    if grade and grade.upper() not in GRADES:
        raise InputError(f"--grade must be one of A, B, C, U; got {grade}.")
    known = [*assumptions().values(), *category_return_rates().values()]
    found = [
        a
        for a in known
        if (not grade or a.grade == grade.upper())
        and words.casefold() in f"{a.key} {a.note} {a.rule} {a.source.publisher}".casefold()
    ]
    table = Table("Assumption", "Value", "Range", "Unit", "Grade", "Year", "Source", "Rule or note",
                  box=None)  # fmt: skip
    for a in found:
        span = "–" if a.low is None else f"{a.low:g}–{a.high:g}"
        table.add_row(
            a.key, f"{a.value:g}", span, a.unit, a.grade, a.year or "–", a.source.publisher,
            a.rule or a.note,
        )  # fmt: skip
    unsourced = sum(a.grade == "U" for a in known)
    return table, f"{len(found)} shown; {unsourced} of {len(known)} assumptions are unsourced (U)."
