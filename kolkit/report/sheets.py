"""The report as a spreadsheet: every table behind a figure, the ledger, the parameters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kolkit.report.notebooks import Chapter
from kolkit.tables.write import write_xlsx
from kolkit.words import Words


def write_sheets(
    path: Path, t: Words, chapters: list[Chapter], parameters: Mapping[str, Any]
) -> None:
    """Write the workbook file; text stays text whatever it begins with."""
    sheets: dict[str, pd.DataFrame] = {}
    formats: dict[str, str] = {}
    lead = chapters[-1].steps
    sheets[t("Answer")] = pd.DataFrame(lead["answer"]["half_page"], columns=["", t("The answer")])
    tables = [lead["answer"]["money"]]
    for chapter in chapters:
        tables += [
            *chapter.steps["answer"]["tables"],
            *(c["table"] for c in chapter.charts.values()),
        ]
    for table in [*tables, lead["assumptions"]["table"]]:
        sheets[table["name"]] = pd.DataFrame(dict(table["columns"]))
        formats |= table["formats"]
    plain = {k: v for k, v in parameters.items() if not isinstance(v, dict | list)}
    sheets[t("Parameters")] = pd.DataFrame(
        {
            t("Parameter"): list(plain),
            t("Value"): ["" if v is None else v for v in plain.values()],
        },
        dtype=object,
    )
    write_xlsx(sheets, path, formats=formats)
