"""A table of clients: one row a client and scenario, one column an input.

A column is called by an input's name, its full name (`livestream.commission_rate`) or its label in
any language; a cell is written as a person writes it. What is wrong with a column concerns the
whole table and is refused at once; what is wrong with a cell costs only its row.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from kolkit.assumptions import category_labels
from kolkit.brief import LoadedBrief
from kolkit.errors import InputError
from kolkit.identity import folder_name
from kolkit.inputs import SECTIONS, Brief, Declared
from kolkit.messages import nearest, refusal
from kolkit.tables.columns import OTHERS, Column, header_key
from kolkit.tables.refusals import SUFFIXES, short
from kolkit.words import LANGUAGES, Words

if TYPE_CHECKING:
    from kolkit.report.spec import ReportSpec
    from kolkit.report.theme import Theme

MAX_BYTES = 5_000_000
MAX_ROWS = 2_000
WHO = ("client", "scenario")

Row = tuple[str, LoadedBrief | InputError]


@dataclass(frozen=True)
class Input:
    """An input that can be a column: where it belongs, and how its cells are read.

    `choices` are its values by the key of every way of writing them; empty where any value goes.
    """

    section: str
    name: str
    choices: Mapping[str, Any]
    number: bool
    percent: bool

    @property
    def path(self) -> tuple[str, str]:
        """Section and name, the key of its value in a brief."""
        return self.section, self.name


def is_table(path: str | Path) -> bool:
    """Whether a file is a table of clients, by its extension."""
    return Path(path).suffix.lower() in SUFFIXES


def told_in_every_language(sentence: str) -> set[str]:
    """A label or word in English and in every other language."""
    return {Words(language)(sentence) for language in LANGUAGES}


def _choices(name: str, field: FieldInfo, declared: Declared) -> dict[str, Any]:
    """What may be chosen, by the key of each way of writing it."""
    told: dict[Any, set[str]] = defaultdict(set)
    types = [kind for kind in get_args(field.annotation) if kind is not type(None)]
    if bool in (field.annotation, *types):
        told[True] = {"true", "y", "1", *told_in_every_language("yes")}
        told[False] = {"false", "n", "0", *told_in_every_language("no")}
    elif name == "category":
        for language in LANGUAGES:
            for value, label in category_labels(language).items():
                told[value] |= {value, label}
    elif declared.options:
        for value, label in declared.options:
            told[value] |= {value, *told_in_every_language(label)}
    elif name == "language":
        for value, label in LANGUAGES.items():
            told[value] |= {value, label}
    elif all(isinstance(kind, str) for kind in types):
        told |= {value: {value} for value in types}
    return {header_key(way): value for value, ways in told.items() for way in ways}


def _input(section: str, name: str, field: FieldInfo, declared: Declared) -> Input | None:
    """How cells of an input are read; None for one that is a table of its own."""
    types = {field.annotation, *get_args(field.annotation)}
    if not types & {bool, int, float, str} and not any(isinstance(kind, str) for kind in types):
        return None
    return Input(
        section=section,
        name=name,
        choices=_choices(name, field, declared),
        number=bool(types & {int, float}),
        percent=declared.unit in {"share", "ratio"},
    )


@cache
def _known() -> tuple[dict[str, Input | None], dict[str, str]]:
    """Every input by the key of each of its headers, and those headers as written."""
    inputs: dict[str, Input | None] = {}
    written: dict[str, str] = {}
    for section, model in SECTIONS.items():
        for name, field, declared in model.declared():
            found = _input(section, name, field, declared)
            labels = told_in_every_language(str(field.title))
            for header in (name, f"{section}.{name}", *labels):
                inputs[header_key(header)] = found
                written[header] = name
    return inputs, written


def _find_inputs(file: str, headers: list[str]) -> dict[str, Input]:
    """The input behind each header; refuses every header that names none, or the same again."""
    inputs, written = _known()
    found: dict[str, Input] = {}
    owner: dict[tuple[str, str], str] = {}
    refused = []
    for header in headers:
        place = f"{file}, column '{short(header)}'"
        key = header_key(header)
        own = inputs.get(key)
        if own is None and key in inputs:
            refused.append(
                f"{place} is a table of its own and has no place in a cell. Give this client a "
                "brief (.yaml)."
            )
        elif own is None:
            close = nearest(header, [*WHO, *written])
            repair = f"Did you mean {close}?" if close else "Rename it, or delete it."
            refused.append(f"{place} is not an input. {repair}")
        elif own.path in owner:
            refused.append(
                f"{place} is the same input as column '{short(owner[own.path])}'. Keep one of them."
            )
        else:
            owner[own.path] = header
            found[header] = own
    if refused:
        raise InputError("\n".join(refused))
    return found


def _numbers(texts: list[str]) -> list[float | None]:
    """The number in each text, None where there is none to be read; per cent are hundredths."""
    import pyarrow as pa

    from kolkit.tables.cells import parse_numbers

    percents = [text.endswith(("%", "％")) for text in texts]
    bare = [text[:-1].rstrip() if per else text for text, per in zip(texts, percents, strict=True)]
    values, _ = parse_numbers(pa.array([text or None for text in bare], pa.large_string()))
    # A division rounds once, so that 57 % is 0.57 and not 0.5700000000000001.
    told = (v / 100 if per else v for v, per in zip(values.tolist(), percents, strict=True))
    return [number if number == number else None for number in told]


def _values(own: Input, texts: list[str]) -> list[Any]:
    """A column's cells as values; what cannot be understood stays text, for the brief to refuse."""
    if own.choices:
        return [own.choices.get(header_key(text), text) for text in texts]
    if not own.number:
        return list(texts)
    values: list[Any] = []
    for text, number in zip(texts, _numbers(texts), strict=True):
        if number is None or (text.endswith(("%", "％")) and not own.percent):
            values.append(text)
        else:
            values.append(int(number) if number.is_integer() else number)
    return values


def _who(name: str) -> Column:
    title = str(Brief.model_fields[name].title)
    labels = tuple(sorted(told_in_every_language(title)))
    return Column(name, "text", labels, required=name == "client")


@dataclass(frozen=True)
class _Table:
    """The columns of a file: texts as written under each header, and values under inputs'."""

    path: Path
    texts: Mapping[str, list[str]]
    inputs: Mapping[str, Input]
    values: Mapping[str, list[Any]]

    def brief(self, i: int, row: int) -> LoadedBrief | InputError:
        """The brief of the i-th row, which is `row` in the file, or its refusal."""
        uncomputed = [header for header, cells in self.texts.items() if cells[i].startswith("=")]
        if uncomputed:
            return InputError(
                f"{self.path.name}, row {row}, column '{short(uncomputed[0])}' holds a formula "
                "without its result, and formulas are not calculated here: paste it as a value, or "
                "open the file in Excel and save it."
            )
        content: dict[str, Any] = {
            name: self.texts[name][i] for name in WHO if name in self.texts and self.texts[name][i]
        }
        lines: dict[tuple[str, ...], int | str] = {(): f"row {row}"}
        lines |= {(name,): f"row {row}, column '{name}'" for name in WHO}
        for header, own in self.inputs.items():
            if self.texts[header][i]:
                content.setdefault(own.section, {})[own.name] = self.values[header][i]
                lines[own.path] = f"row {row}, column '{short(header)}'"
        try:
            return LoadedBrief(Brief.model_validate(content), self.path, lines)
        except ValidationError as error:
            return refusal(error, place=self.path.name, lines=lines)


def _repeated(names: dict[int, tuple[str, str]], file: str) -> dict[int, InputError]:
    """Rows whose reports would lie in the same folder: none of them can be known to be meant."""
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, (client, scenario) in names.items():
        if client and "=" not in (client[0], scenario[0]):  # a formula is no name
            rows[folder_name(client), folder_name(scenario)].append(row)
    return {
        row: InputError(
            f"{file}, row {row}, columns 'client' and 'scenario': the same report as row "
            f"{next(other for other in same if other != row)}, in the folder "
            f"{'/'.join(where)}. Keep one of them, or give each its own scenario."
        )
        for where, same in rows.items()
        if len(same) > 1
        for row in same
    }


def read_clients(path: str | Path) -> Iterator[Row]:
    """Read and check a table of clients, row by row.

    Parameters
    ----------
    path : CSV, XLSX or Parquet with a column `client` and at most 2,000 rows; an empty cell takes
        the default, file names in cells are relative to the table, a formula counts as the result
        that Excel stored with it

    Yields
    ------
    (label, brief or refusal)
        the row as `clients.csv, row 7`; a refusal names row and column itself

    Raises
    ------
    InputError
        at the first step, for what concerns the whole table
    """
    from kolkit.tables.read import read_table

    path = Path(path)
    columns = [*map(_who, WHO), OTHERS]
    frame = read_table(path, columns, max_bytes=MAX_BYTES, max_rows=MAX_ROWS)
    texts = {str(header): [text.strip() for text in frame[header]] for header in frame}
    headers = [
        header
        for header, cells in texts.items()
        # A column without header and cells is only a trailing separator.
        if header not in WHO and (any(cells) or not header.startswith("column "))
    ]
    inputs = _find_inputs(path.name, headers)
    values = {header: _values(own, texts[header]) for header, own in inputs.items()}
    default = str(Brief.model_fields["scenario"].default)
    said = {name: texts.get(name, [""] * len(frame)) for name in WHO}
    rows = [int(row) for row in frame.index]
    names = {row: (said["client"][i], said["scenario"][i] or default) for i, row in enumerate(rows)}
    repeated = _repeated(names, path.name)
    table = _Table(path, texts, inputs, values)
    for i, row in enumerate(rows):
        yield f"{path.name}, row {row}", repeated.get(row) or table.brief(i, row)


def specs_of_table(
    path: str | Path, *, out: Path, release: bool = False, theme: "Theme | None" = None
) -> "Iterator[tuple[str, ReportSpec | InputError]]":
    """The report of each row, checked as `read_spec` checks a brief; labels as `read_clients`."""
    from kolkit.report.spec import spec_of

    for label, loaded in read_clients(path):
        if isinstance(loaded, InputError):
            yield label, loaded
            continue
        try:
            yield label, spec_of(loaded, out=out, release=release, theme=theme)
        except InputError as refused:
            yield label, refused
