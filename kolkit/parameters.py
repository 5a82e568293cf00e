"""The papermill `parameters` cell of a workbook, written from the declarations.

Flat and typed, one assignment a line; papermill loses parameters annotated with `|`, so an input
that may stay empty is annotated with its type and set to None.
"""

from typing import get_args

from pydantic.fields import FieldInfo

from kolkit.inputs import Declared, inputs_of
from kolkit.workbook import common, parameters

UNITS = {
    "CNY": "RMB",
    "share": "share 0-1",
    "days": "days",
    "months": "months",
    "hours": "hours",
    "ratio": "ratio",
    "count": "number",
}


def _type_name(field: FieldInfo) -> str:
    kinds = [field.annotation, *get_args(field.annotation)]
    for kind in (bool, int, float):
        if kind in kinds:
            return kind.__name__
    return next((k for k in ("dict", "list") if k in str(field.annotation)), "str")


def comment_of(field: FieldInfo, declared: Declared) -> str:
    """What an input is, its unit and what is allowed, for the end of its line."""
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    told = [field.title or ""]
    if declared.unit:
        told.append(UNITS[declared.unit])
    if low is not None and high is not None:
        told.append(f"{low:,.12g} to {high:,.12g}")
    if declared.options:
        told.append(" or ".join(value for value, _ in declared.options))
    return ", ".join(part for part in told if part)


def parameters_cell(journey: str) -> str:
    """Source of the cell tagged `parameters`."""
    defaults = parameters(journey)
    inputs = list(inputs_of(journey))
    own = {name for _, name, _, _ in inputs}
    lines = [
        f"{name}: {type(value).__name__} = {value!r}"
        for name, value in common(journey).items()
        if name not in own
    ]
    for _, name, field, declared in inputs:
        comment = comment_of(field, declared)
        lines.append(f"{name}: {_type_name(field)} = {defaults[name]!r}  # {comment}")
    return "\n".join(lines)
