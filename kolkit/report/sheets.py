"""The report as a spreadsheet: sheets that calculate, every table behind a figure, the ledger."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kolkit.report.formulas import calculations
from kolkit.report.notebooks import Chapter
from kolkit.tables.write import write_xlsx
from kolkit.text.parts import Table
from kolkit.text.rate import rate_note
from kolkit.words import Words


def _tables(chapters: list[Chapter]) -> Iterator[Mapping[str, Any]]:
    """Every table of a report once, in the order in which it is printed."""
    lead = chapters[-1].steps
    yield lead["answer"]["money"]
    for chapter in chapters:
        yield from chapter.steps["answer"]["tables"]
        for chart in chapter.charts.values():
            behind = (chart["table"], *chart.get("points", ()))
            yield from (table for table in behind if table["columns"])
        yield from chapter.tables
    compared = lead.get("comparison", {})
    yield from compared.get("tables", ())
    yield from (chart["table"] for chart in compared.get("charts", ()))
    yield lead["assumptions"]["table"]


def write_sheets(
    path: Path, t: Words, chapters: list[Chapter], parameters: Mapping[str, Any]
) -> None:
    """Write the workbook file; text stays text whatever it begins with."""
    answer, rate = list(chapters[-1].steps["answer"]["half_page"]), rate_note(t)
    if rate:
        answer.append([t("Currency"), rate])
    sheets = {t("Answer"): pd.DataFrame(answer, columns=["", t("The answer")])}
    formats: dict[str, Mapping[str, str]] = {}
    sums: dict[str, list[str]] = {}
    kept: dict[str, Mapping[str, Any]] = {}
    for table in _tables(chapters):
        name, copy = table["name"], 2
        while name in sheets and kept.get(name) != table:
            name, copy = f"{table['name']} ({copy})", copy + 1
        kept[name] = table
        sheets[name] = pd.DataFrame(dict(table["columns"]))
        sums[name] = table.get("sums", [])
        formats[name] = Table.of(table).number_formats()
    plain = {k: v for k, v in parameters.items() if not isinstance(v, dict | list)}
    sheets[t("Parameters")] = pd.DataFrame(
        {
            t("Parameter"): list(plain),
            t("Value, amounts in RMB"): ["" if v is None else v for v in plain.values()],
        },
        dtype=object,
    )
    heads = (
        t("To change"),
        t("Value"),
        t("Source"),
        t("What follows"),
        t.sentences(
            t("Change a framed cell; everything below follows. Nothing is sent anywhere."), rate
        ),
    )
    write_xlsx(
        sheets,
        path,
        formats=formats,
        sums=sums,
        calculations=calculations(t, chapters),
        heads=heads,
    )
