"""Writes a table of clients to start from, filled with two of the shipped briefs."""

from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from kolkit.brief import load_brief
from kolkit.clients import WHO
from kolkit.errors import EnvironmentFault, InputError
from kolkit.inputs import SECTIONS
from kolkit.resources import shipped
from kolkit.tables.write import write_csv, write_xlsx

EXAMPLES = ("nordlys.yaml", "thinmargin.yaml")
FILES = ("logo", "orders_file")
"""Inputs that name a file: the columns are there, the examples' files are not."""


def _columns() -> list[tuple[str, str]]:
    """Section and name of the inputs asked for: those the examples set, and the report's own."""
    briefs = [load_brief(shipped("briefs") / name).brief for name in EXAMPLES]
    return [
        (section, name)
        for section, model in SECTIONS.items()
        for name in model.model_fields
        if section == "report" or any(name in getattr(b, section).model_fields_set for b in briefs)
    ]


def _as_written(value: Any) -> Any:
    """A value as a person writes it: 320, not 320.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def table_to_start_from() -> pd.DataFrame:
    """Two clients as rows, one column an input; a cell left empty takes the default."""
    rows = []
    for name in EXAMPLES:
        brief = load_brief(shipped("briefs") / name).brief
        row: dict[str, Any] = {who: getattr(brief, who) for who in WHO}
        for section, key in _columns():
            part = getattr(brief, section)
            given = key in part.model_fields_set and key not in FILES
            row[key] = _as_written(getattr(part, key)) if given else None
        rows.append(row)
    return pd.DataFrame(rows, dtype=object)


def write_table(path: Path) -> Path:
    """Write the table to start from as CSV or XLSX; never over an existing file.

    Raises
    ------
    InputError
        for another extension, or a file that exists
    EnvironmentFault
        where the folder cannot be written
    """
    suffix = PurePath(path).suffix.lower()
    if suffix not in {".csv", ".xlsx"}:
        raise InputError(f"--table must name a .csv or .xlsx file; got {path.name}.")
    if path.exists():
        raise InputError(f"{path} exists already: give another name.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be written ({error.strerror}).") from None
    frame = table_to_start_from()
    if suffix == ".csv":
        write_csv(frame, path)
    else:
        shares = {
            name: "0%"
            for model in SECTIONS.values()
            for name, _, declared in model.declared()
            if declared.unit == "share" and name in frame
        }
        write_xlsx({"Clients": frame}, path, formats={"Clients": shares})
    return path
