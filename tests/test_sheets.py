"""The report's spreadsheet: formulas that give the report's numbers, and text that stays text."""

from collections.abc import Iterator
from dataclasses import replace

import openpyxl
import pytest
from made import made

from kolkit.models.unit_economics import contribution_per_order
from kolkit.report.formulas import calculations
from kolkit.report.sheets import write_sheets
from kolkit.tables.calculation import Calculation, Entry, Result, evaluated
from kolkit.words import Words


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The example's workbook file: formulas as written, and the values they are stored with."""
    spec, chapters = made("nordlys")
    path = tmp_path_factory.mktemp("sheets") / "nordlys.xlsx"
    hostile = dict(spec.given) | {"client": "=1+1", "scenario": "@SUM(A1)"}
    write_sheets(path, Words("en"), chapters, hostile)
    return openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)


@pytest.mark.parametrize("name", ["nordlys", "hearthline", "thinmargin"])
def test_the_contract_sheet_gives_the_reports_lines(name):
    """`waterfall` and `decompose`, from the sheet's own formulas."""
    _, chapters = made(name)
    live = next(c for c in chapters if c.journey == "livestream")
    contract = next(c for c in calculations(Words("en"), chapters) if len(c.entries) > 10).values()
    _, (_, lines) = live.charts["waterfall"]["table"]["columns"]
    names = ("margin_genuine", "margin_own", "fee", "commission", "platform", "returns",
             "displaced", "profit")  # fmt: skip
    assert [contract[n] for n in names] == pytest.approx(lines, abs=0.01)
    _, (_, ends), _ = live.charts["decomposition"]["table"]["columns"]
    parts = ("genuine_kept", "genuine_returned", "unexplained_returned", "unexplained_kept")
    assert [contract[n] for n in parts] == pytest.approx(ends, abs=0.01)


def test_the_order_sheet_gives_the_models_contribution():
    _, chapters = made("nordlys")
    order = calculations(Words("en"), chapters)[0]
    values = order.values()
    told = {entry.name: entry.value for entry in order.entries}
    assert values["left"] == pytest.approx(float(contribution_per_order(**told)))
    dearer = replace(order, entries=[replace(e, value=e.value * 2) if "average" in e.name else e
                                     for e in order.entries])  # fmt: skip
    told["average_order_value_cny"] *= 2
    assert dearer.values()["left"] == pytest.approx(float(contribution_per_order(**told)))


def test_only_cells_to_change_are_unlocked_and_results_are_formulas_with_values(book):
    formulas, values = book
    for name in ("Order economics", "Contract"):
        sheet, shown = formulas[name], values[name]
        assert sheet.protection.sheet
        cells = [
            row[1] for row in sheet.iter_rows(min_row=4) if row[1].value not in (None, "Value")
        ]
        written = [cell for cell in cells if str(cell.value).startswith("=")]
        changed = [cell for cell in cells if cell not in written]
        assert len(written) > 5
        assert all(cell.protection.locked for cell in written)
        assert len(changed) >= 5
        assert not any(cell.protection.locked for cell in changed)
        assert all(sheet.cell(cell.row, 3).value for cell in changed)
        assert all(isinstance(shown[cell.coordinate].value, int | float) for cell in written)
    assert values["Contract"].cell(values["Contract"].max_row, 2).value == pytest.approx(
        -575_130, abs=1
    )


def test_a_choice_says_in_words_what_it_means():
    _, chapters = made("hearthline")
    entries = {e.name: e for e in calculations(Words("zh"), chapters)[1].entries}
    assert "pro_rata = 按比例退还坑位费" in entries["shortfall"].note
    assert "yes = 是" in entries["fee_is_advance"].note
    assert "=" not in calculations(Words("en"), chapters)[1].entries[-2].note


def test_no_name_of_a_sheet_is_cut_or_has_a_gap(book):
    formulas, _ = book
    assert "Scenarios figures" in formulas.sheetnames
    assert "Where the money flows" in formulas.sheetnames
    assert not [name for name in formulas.sheetnames if "  " in name]


def test_totals_are_sums_that_a_reader_can_change(book):
    formulas, values = book
    money = formulas["Where the budget goes"]
    last = money.max_row
    assert money.cell(last, 2).value == f"=SUM(B2:B{last - 1})"
    assert values["Where the budget goes"].cell(last, 2).value == 2_000_000
    assert money.cell(2, 2).number_format == "#,##0"
    assert money.freeze_panes == "A2"
    assert money.print_title_rows == "$1:$1"
    assert formulas["Profit as offered"].cell(9, 2).value == "=SUM(B2:B8)"


def test_no_formula_comes_from_a_users_text(book):
    formulas, _ = book
    sheet = formulas["Parameters"]
    told = {row[0].value: row[1] for row in sheet.iter_rows(min_row=2)}
    assert told["client"].value == "=1+1"
    assert told["client"].data_type == told["scenario"].data_type == "s"
    ours = {"Order economics", "Contract"}
    for name in formulas.sheetnames:
        for cell in (cell for row in formulas[name].iter_rows() for cell in row):
            if cell.data_type == "f" and name not in ours:
                assert cell.value.startswith("=SUM(")


def test_every_table_of_the_report_is_a_sheet_of_its_own_name(book):
    formulas, _ = book
    names = formulas.sheetnames
    assert len({name.casefold() for name in names}) == len(names)
    assert max(map(len, names)) <= 31
    _, chapters = made("nordlys")
    wanted = {c["table"]["name"] for chapter in chapters for c in chapter.charts.values()}
    wanted |= {table["name"] for table in chapters[-1].steps["comparison"]["tables"]}
    assert {" ".join(name.replace(":", " ").split())[:31].strip() for name in wanted} <= set(names)


def test_every_number_has_a_format_of_its_own(book):
    formulas, _ = book
    for sheet in formulas.worksheets[:-1]:  # the parameters stand last, as a brief takes them
        plain = {
            cell.coordinate
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell.value, int | float) and cell.number_format == "General"
        }
        assert plain == set(), sheet.title
    assert formulas.sheetnames[-1] == "Parameters"


def drawn(figure) -> Iterator[tuple[float, ...]]:
    """Each number that a chart draws, told in one way or another; places of rows are none."""
    layout = figure["layout"]
    rows_only = layout["yaxis"].get("visible") is False
    cut = any(note["text"].endswith(" ›") for note in layout.get("annotations", ()))
    for trace in figure["data"]:
        xs, ys = trace["x"], trace["y"]
        if trace.get("fill") == "toself":
            yield (ys[0] - ys[-1],)
            continue
        ends = [x for x in xs if x is not None]
        for x, base in zip(ends, trace.get("base", [0.0] * len(ends)), strict=True):
            if not (cut and x == max(ends)):
                yield x, base + x
        if trace["type"] == "scatter" and not rows_only:
            yield from ((y,) for y in ys)
    if not any(trace.get("fill") == "toself" for trace in figure["data"]):
        for shape in layout.get("shapes", ()):
            lying = shape["type"] == "line" and shape["x0"] != shape["x1"]
            yield from () if lying else ((x,) for x in (shape["x0"], shape["x1"]) if x)


@pytest.mark.parametrize("name", ["nordlys", "hearthline"])
def test_every_number_that_a_figure_draws_is_in_its_sheets(name, tmp_path):
    spec, chapters = made(name)
    write_sheets(tmp_path / "book.xlsx", Words.of(spec.given), chapters, spec.given)
    book = openpyxl.load_workbook(tmp_path / "book.xlsx", data_only=True)
    charts = [(c.charts[key], figure) for c in chapters for key, figure in c.figures.items()]
    compared = chapters[-1].steps.get("comparison", {})
    charts += [(chart, chart["figure"]) for chart in compared.get("charts", ())]
    assert len(charts) >= 16
    for chart, figure in charts:
        names = [table["name"] for table in (chart["table"], *chart.get("points", ()))]
        sheets = [book[" ".join(name.replace(":", " ").split())[:31].strip()] for name in names]
        told = [cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row]
        known = [number for number in told if isinstance(number, int | float)]
        numbers = list(drawn(figure))
        assert numbers or len(figure["layout"]["annotations"]) == 1, chart["name"]
        for ways in numbers:
            assert any(
                number == pytest.approx(way, rel=1e-5, abs=5e-5) for way in ways for number in known
            ), (chart["name"], ways)


@pytest.mark.parametrize("text", ["__import__('os')", "{a}.b", "[1, 2]", "PI()", "{a} ** 2"])
def test_a_sheet_evaluates_nothing_but_its_own_language(text):
    with pytest.raises((ValueError, KeyError)):
        evaluated(text, {"a": 1.0})


def test_a_calculation_follows_its_lines_in_order():
    sheet = Calculation(
        "S", "s", [Entry("a", "A", 3.0), Entry("kind", "K", "net")],
        [Result("b", "B", "MAX({a}, 2) - 1"),
         Result("c", "C", 'IF({kind} = "net", {b} * 2, MIN({b}, -{a}))')],
    )  # fmt: skip
    assert sheet.values() == {"a": 3.0, "kind": "net", "b": 2.0, "c": 4.0}


def test_a_report_in_dollars_calculates_in_dollars():
    spec, chapters = made("nordlys")
    dollars = Words.of(dict(spec.given) | {"currency": "USD"})
    for in_rmb, in_usd in zip(
        calculations(Words("en"), chapters), calculations(dollars, chapters), strict=True
    ):
        last = in_rmb.results[-1] if in_rmb.results[-1].name == "profit" else in_rmb.results[-2]
        rate = spec.given["cny_per_usd"]
        assert in_usd.values()[last.name] == pytest.approx(in_rmb.values()[last.name] / rate)
