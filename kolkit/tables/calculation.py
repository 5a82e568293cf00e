"""A sheet that calculates: cells to change, and formulas that answer for them.

A formula is written with the names of other lines in braces: `{sales} * (1 - {returned})`. It knows
numbers, texts in quotes, `+ - * /`, comparisons, IF, MIN and MAX, which is also all that is
evaluated here: a sheet shows its results before any spreadsheet has calculated.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Value = float | str
NAME = re.compile(r"\{(\w+)\}")
OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Eq: operator.eq,
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.GtE: operator.ge,
    ast.LtE: operator.le,
}


@dataclass(frozen=True)
class Entry:
    """A cell to change: its name in formulas, label, value, number format, and where it is from."""

    name: str
    label: str
    value: Value
    format: str = ""
    note: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A cell that follows: its name in formulas, label, formula and number format."""

    name: str
    label: str
    formula: str
    format: str = ""
    note: str = ""


@dataclass(frozen=True)
class Calculation:
    """One sheet: what it answers, its entries and its results, in order."""

    name: str
    title: str
    entries: Sequence[Entry]
    results: Sequence[Result]

    def values(self) -> dict[str, Value]:
        """Every line by its name, results as the formulas give them."""
        found: dict[str, Value] = {entry.name: entry.value for entry in self.entries}
        for result in self.results:
            found[result.name] = evaluated(result.formula, found)
        return found


def evaluated(formula: str, known: Mapping[str, Value]) -> Value:
    """What a formula gives for known lines.

    Raises
    ------
    ValueError
        for anything that is not of the language above
    """
    told = re.sub(r"(?<![<>=])=(?!=)", "==", NAME.sub(r"\1", formula))
    result: Value = _value(ast.parse(told, mode="eval").body, known)
    return result


def _value(node: ast.AST, known: Mapping[str, Value]) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        return node.value
    if isinstance(node, ast.Name):
        return known[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, known)
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](_value(node.left, known), _value(node.right, known))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = _value(node.left, known), _value(node.comparators[0], known)
        return OPERATORS[type(node.ops[0])](left, right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "IF":
            test, yes, no = node.args
            return _value(yes if _value(test, known) else no, known)
        if node.func.id in ("MIN", "MAX"):
            numbers = [_value(argument, known) for argument in node.args]
            return min(numbers) if node.func.id == "MIN" else max(numbers)
    raise ValueError(f"not a formula of this sheet: {ast.unparse(node)}")


TITLE_ROW, FIRST = 0, 3
"""The title stands in the first row; lines begin in the fourth, below their heads."""


def write_calculation(
    book: Any, sheet: Any, calculation: Calculation, heads: Sequence[str]
) -> None:
    """Put a calculation on a sheet of XlsxWriter's: only its entries can be changed.

    `heads` name the columns of labels, values and notes, and the results below the entries.
    """
    bold = book.add_format({"bold": True, "font_size": 13})
    head = book.add_format({"bold": True, "bottom": 1})
    quiet = book.add_format({"font_color": "#5d6675"})
    sheet.write_string(TITLE_ROW, 0, calculation.title, bold)
    sheet.write_string(TITLE_ROW + 1, 0, heads[4], quiet)
    _write_heads(sheet, FIRST - 1, heads[:3], head)
    cells = {}
    for row, entry in enumerate(calculation.entries, start=FIRST):
        cells[entry.name] = f"$B${row + 1}"
        look = {"locked": False, "bg_color": "#fdf3df", "border": 1, "border_color": "#c08a2b"}
        style = book.add_format(look | ({"num_format": entry.format} if entry.format else {}))
        sheet.write_string(row, 0, entry.label)
        if isinstance(entry.value, str):
            sheet.write_string(row, 1, entry.value, style)
        else:
            sheet.write_number(row, 1, entry.value, style)
        sheet.write_string(row, 2, entry.note, quiet)
        if entry.choices:
            listed = {"validate": "list", "source": list(entry.choices)}
            sheet.data_validation(row, 1, row, 1, listed)
    start = FIRST + len(calculation.entries) + 2
    _write_heads(sheet, start - 1, [heads[3], *heads[1:3]], head)
    values = calculation.values()
    for row, result in enumerate(calculation.results, start=start):
        cells[result.name] = f"$B${row + 1}"
        told = NAME.sub(lambda found: cells[found[1]], result.formula)
        style = book.add_format({"num_format": result.format} if result.format else {})
        sheet.write_string(row, 0, result.label)
        sheet.write_formula(row, 1, f"={told}", style, values[result.name])
        sheet.write_string(row, 2, result.note, quiet)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, 2, 46)
    sheet.freeze_panes(FIRST, 0)
    sheet.protect(options={"format_columns": True, "select_locked_cells": True})


def _write_heads(sheet: Any, row: int, heads: Sequence[str], style: Any) -> None:
    for column, told in enumerate(heads):
        sheet.write_string(row, column, told, style)
