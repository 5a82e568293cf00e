"""What the comparison of scenarios says: a sentence, three tables, and words for a figure."""

from collections.abc import Sequence

from kolkit.journeys.compare import Change, Compared, Comparison, Difference, Part
from kolkit.orders import OrderCounts
from kolkit.text.ledger import value_in_words
from kolkit.text.parts import CENTS, MONEY, SHARE, Cell, FigureWords, Table, Tile
from kolkit.words import MINUS, Words, html

MOST_OF_IT = 0.5
"""Part of a difference from which an input is said to make up most of it."""

FORMATS = {"CNY": MONEY, "share": SHARE, "ratio": CENTS}


def signed(t: Words, amount: float) -> str:
    """An amount with its sign, plus included; tenths where it is a few yuan."""
    sign = "+" if amount >= 0 else MINUS
    return f"{sign}{t.small_money(abs(amount))}"


def titles(t: Words, comparison: Comparison, names: Sequence[str]) -> str:
    """Inputs by their titles, as one phrase."""
    fact = comparison.columns[0].fact
    return t.join([t(fact(name).title) for name in names])


def finding(t: Words, comparison: Comparison, column: int = 1) -> str:
    """How a scenario differs from the baseline, and what makes up most of that."""
    change = comparison.changes[column - 1]
    names = {
        "baseline": comparison.columns[0].name,
        "other": comparison.columns[column].name,
    }
    if not change.parts:
        return t("{other} assumes the same as {baseline}.", **names)
    shown, _ = change.told
    if signed(t, change.amount)[1:] == t.money(0):
        same = t("{other} and {baseline} come to the same result.", **names)
        return t.sentences(same, _cancelling(t, comparison, shown))
    values = names | {
        "sum": t.small_money(abs(change.amount)),
        "cause": _cause(t, comparison, change, shown[0]),
    }
    if comparison.book.key == "start":
        if change.amount > 0:
            return t(
                "One order leaves {sum} more in {other} than in {baseline}; {cause}.", **values
            )
        return t("One order leaves {sum} less in {other} than in {baseline}; {cause}.", **values)
    if change.amount > 0:
        return t("{other} earns {sum} more than {baseline}; {cause}.", **values)
    return t("{other} earns {sum} less than {baseline}; {cause}.", **values)


def _cancelling(t: Words, comparison: Comparison, shown: Sequence[Part]) -> str:
    if not shown:
        return t("What they assume otherwise does not matter for it.")
    values = {"input": _inline(t, comparison, shown[0]), "sum": signed(t, shown[0].amount)}
    return t("What counts most is {input} ({sum}), and other inputs make up for it.", **values)


def _cause(t: Words, comparison: Comparison, change: Change, largest: Part) -> str:
    """Where a difference comes from, as a clause."""
    name = _inline(t, comparison, largest)
    if len(change.parts) == 1:
        return t("all of it comes from {input}", input=name)
    part, size = largest.amount / change.amount, t.small_money(abs(largest.amount))
    if MOST_OF_IT <= part <= 1:
        return t("most of it ({sum}) comes from {input}", input=name, sum=size)
    if 0 < part < MOST_OF_IT:
        return t("the largest part ({sum}) comes from {input}", input=name, sum=size)
    # More than the whole, or the other way: the others take part of it back, or more.
    return t("what counts most is {input} ({sum})", input=name, sum=signed(t, largest.amount))


def _inline(t: Words, comparison: Comparison, part: Part) -> str:
    fact = comparison.columns[0].fact
    names = [t(fact(name).title) for name in part.names]
    if len(names) == 1:
        return t("the input “{name}”", name=names[0])
    return t("the inputs {names}", names=t.join([f"“{name}”" for name in names]))


def method(t: Words, comparison: Comparison) -> str:
    """How a difference is split over its inputs."""
    told = t(
        "Inputs are moved one after the other from the first scenario to the other, and the whole "
        "workbook is computed anew at each step: the parts add up exactly."
    )
    if all(change.both_ways for change in comparison.changes if len(change.parts) > 1):
        order = t(
            "What an input is worth depends on the order, so each part is the mean of going "
            "through them forwards and backwards."
        )
    else:
        order = t("What an input is worth depends on the order; here it is that of the knobs.")
    joint = any(len(part.names) > 1 for change in comparison.changes for part in change.parts)
    together = t("Inputs that cannot be moved one without the other are told together.")
    return t.sentences(told, order, together if joint else "")


# -- cells ---------------------------------------------------------------------------------------


def shown_value(t: Words, difference: Difference, column: int) -> str:
    """An input of one scenario as a reader writes it."""
    given, fact = difference.given[column], difference.facts[column]
    if difference.name == "orders_counted":
        if not given:
            return t("none")
        counts = OrderCounts.from_dict(given)
        return t("{n} paid orders", n=t.number(counts.orders_paid))
    if given is None and fact.value is None:
        return t("free")
    told = value_in_words(t, fact)
    others = {value_in_words(t, other) for other in difference.facts}
    if len(others) == 1 and len(set(map(str, difference.given))) == 1:
        # The same figure, but known for certain in one scenario and assumed in another.
        return t("{value}, known", value=told) if fact.origin == "client" else told
    return told


def tiles_of(t: Words, comparison: Comparison) -> list[dict[str, Tile]]:
    """The key figures of each scenario, by key."""
    return [
        {tile.key: tile for tile in comparison.book.answer(t, column.case).tiles}
        for column in comparison.columns
    ]


def headings(columns: Sequence[Compared], *taken: str) -> list[str]:
    """The scenarios' names as column heads, told apart where two are alike."""
    found: list[str] = []
    for column in columns:
        name, number = column.name, 2
        while name in (*found, *taken):
            name, number = f"{column.name} ({number})", number + 1
        found.append(name)
    return found


# -- tables --------------------------------------------------------------------------------------


def comparison_tables(t: Words, comparison: Comparison) -> list[Table]:
    """The comparison for a spreadsheet: key figures, inputs, and what moved the answer."""
    return [
        _figures_table(t, comparison),
        _inputs_table(t, comparison),
        *([_moved_table(t, comparison)] if any(c.parts for c in comparison.changes) else []),
    ]


def _figures_table(t: Words, comparison: Comparison) -> Table:
    """Scenarios as rows, so that each figure is a column with one unit."""
    tiles = tiles_of(t, comparison)
    columns: dict[str, list[Cell]] = {t("Scenario"): list(headings(comparison.columns))}
    formats = {}
    for key, first in tiles[0].items():
        numbers = [row[key].number for row in tiles if key in row]
        endless = [n for n in numbers if n is not None and abs(n) == float("inf")]
        columns[first.label] = (
            [tile.said(t, tile.number) for tile in (row[key] for row in tiles)]
            if endless
            else t.amounts(numbers)
            if first.unit == "CNY"
            else list(numbers)
        )
        small = first.unit == "CNY" and all(
            abs(t.amount(n)) < 100 for n in numbers if n is not None
        )
        formats[first.label] = CENTS if small else FORMATS.get(first.unit, MONEY)
    return Table(t("Scenarios: figures"), columns, formats)


def _inputs_table(t: Words, comparison: Comparison) -> Table:
    first = t("Input")
    columns: dict[str, list[Cell]] = {
        first: [t(difference.facts[0].title) for difference in comparison.differences]
    }
    for number, name in enumerate(headings(comparison.columns, first)):
        columns[name] = [shown_value(t, d, number) for d in comparison.differences]
    return Table(t("Scenarios: inputs"), columns)


def _moved_table(t: Words, comparison: Comparison) -> Table:
    """Every part, also the small ones, so that each column adds up to its last line."""
    first = t("Input")
    keys = dict.fromkeys(part.names for change in comparison.changes for part in change.parts)
    start, *others = headings(comparison.columns, first)
    columns: dict[str, list[Cell]] = {
        first: [start, *(titles(t, comparison, names) for names in keys), t("Result")]
    }
    for name, change in zip(others, comparison.changes, strict=True):
        parts = {part.names: part.amount for part in change.parts}
        columns[name] = t.amounts(
            [change.before, *(parts.get(names) for names in keys), change.after]
        )
    small = t.amount(max(abs(c.before) + abs(c.after) for c in comparison.changes)) < 1000
    money = CENTS if small else MONEY
    return Table(t("Scenarios: what moved it"), columns, dict.fromkeys(others, money), sums=others)


def moved_words(t: Words, comparison: Comparison, column: int = 1) -> FigureWords:
    """Words around the figure of what moved the answer."""
    change = comparison.changes[column - 1]
    columns: dict[str, list[Cell]] = {
        t("Input"): [
            comparison.columns[0].name,
            *(titles(t, comparison, part.names) for part in change.parts),
            comparison.columns[column].name,
        ],
        t.head: t.amounts([change.before, *(part.amount for part in change.parts), change.after]),
    }
    small = t.amount(max(abs(change.before), abs(change.after))) < 1000
    return FigureWords(
        title=finding(t, comparison, column),
        subtitle=t(
            "From {baseline} to {other}, input by input: {stake}, {currency}",
            baseline=comparison.columns[0].name,
            other=comparison.columns[column].name,
            stake=t.inline(t(comparison.book.stake[1])),
            currency=t.currency_name,
        ),
        why=f"<p>{html(method(t, comparison))}</p>",
        source=t("Source: ledger; own computation."),
        table=Table(
            t("What moved it"), columns, {t.head: CENTS if small else MONEY}, sums=(t.head,)
        ),
    )


# -- page ----------------------------------------------------------------------------------------


def comparison_html(t: Words, comparison: Comparison) -> str:
    """The comparison as a page reads it: findings first, then figures, inputs, and what moved."""
    found = [finding(t, comparison, number) for number in range(1, len(comparison.columns))]
    heads = headings(comparison.columns)
    return "".join(
        (
            '<section class="kk-comparison">',
            f'<h2 class="kk-sentence">{html(found[0])}</h2>',
            *(f'<p class="kk-interval">{html(told)}</p>' for told in found[1:]),
            _figures_html(t, comparison, heads),
            _inputs_html(t, comparison, heads),
            _moved_html(t, comparison, heads),
            "</section>",
        )
    )


def _table_html(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column names the rows; cells come as safe HTML."""
    head = "".join(
        f'<th scope="col"{" class=kk-number" if number else ""}>{html(name)}</th>'
        for number, name in enumerate(heads)
    )
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f'<td class="kk-number">{cell}</td>' for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="kk-table"><caption>{html(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _figures_html(t: Words, comparison: Comparison, heads: Sequence[str]) -> str:
    tiles = tiles_of(t, comparison)
    rows = []
    for key, first in tiles[0].items():
        cells = [html(first.label)]
        for column in tiles:
            tile = column[key]
            against = "" if column is tiles[0] else tile.change_html(t, first)
            cells.append(
                f'<div class="kk-value">{html(tile.value)}</div>'
                f'<div class="kk-note">{html(tile.note)}</div>{against}'
            )
        rows.append(cells)
    return _table_html(t("Key figures"), [t("Figure"), *heads], rows)


def _inputs_html(t: Words, comparison: Comparison, heads: Sequence[str]) -> str:
    if not comparison.differences:
        return f'<p class="kk-note">{html(t("All inputs are the same."))}</p>'
    rows = [
        [
            html(t(difference.facts[0].title)),
            *(html(shown_value(t, difference, number)) for number in range(len(heads))),
        ]
        for difference in comparison.differences
    ]
    return _table_html(t("Inputs that differ"), [t("Input"), *heads], rows)


def _moved_html(t: Words, comparison: Comparison, heads: Sequence[str]) -> str:
    told = []
    for name, change in zip(heads[1:], comparison.changes, strict=True):
        if not change.parts:
            continue
        shown, others = change.told
        rows = [[html(heads[0]), html(t.small_money(change.before))]]
        rows += [
            [html(titles(t, comparison, part.names)), html(signed(t, part.amount))]
            for part in shown
        ]
        if others:
            rows.append([html(t("All others")), html(signed(t, others.amount))])
        rows.append([html(name), html(t.small_money(change.after))])
        caption = t(
            "What moves {stake} from {baseline} to {other}",
            stake=t.inline(t(comparison.book.stake[1])),
            baseline=heads[0],
            other=name,
        )
        told.append(_table_html(caption, [t("Input"), t.head], rows))
    if not told:
        return ""
    return (
        f"<details><summary>{html(t('What moved it'))}</summary>{''.join(told)}"
        f'<p class="kk-note">{html(method(t, comparison))}</p></details>'
    )
