"""A table of clients: any way of writing it gives the same briefs, a bad row costs only itself."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from PIL import Image
from typer.testing import CliRunner

from kolkit.brief import LoadedBrief, load_brief
from kolkit.cli import app
from kolkit.client_table import EXAMPLES, FILES, write_table
from kolkit.clients import read_clients, specs_of_table
from kolkit.errors import InputError
from kolkit.inputs import SECTIONS
from kolkit.report.spec import read_spec
from kolkit.resources import shipped
from kolkit.words import Words

HEADER = ["client", "scenario", "commission_rate", "slot_fee_cny", "commission_base", "category",
          "language", "include_tier_mix", "horizon_months"]  # fmt: skip


def text(header: list[str], *rows: list[str]) -> str:
    return "".join(",".join(row) + "\r\n" for row in (header, *rows))


def written(folder: Path, header: list[str], *rows: list[str], encoding: str = "utf-8") -> Path:
    path = folder / "clients.csv"
    path.write_bytes(text(header, *rows).encode(encoding))
    return path


def only(path: Path) -> dict:
    """What the one row of a table sets."""
    ((_, loaded),) = read_clients(path)
    assert isinstance(loaded, LoadedBrief), str(loaded)
    return loaded.brief.model_dump(exclude_unset=True)


def refused(path: Path) -> str:
    ((_, error),) = read_clients(path)
    assert isinstance(error, InputError)
    return str(error)


MEANT = {
    "client": "Aurora 极光",
    "scenario": "A",
    "livestream": {"commission_rate": 0.2, "slot_fee_cny": 5e6, "commission_base": "net"},
    "brand": {"category": "beauty", "horizon_months": 12},
    "report": {"language": "zh"},
    "plan": {"include_tier_mix": False},
}


@pytest.mark.parametrize(
    "cells",
    [
        ["20 %", "¥5m", "net of returns", "Beauty", "中文", "no", "12"],
        ["0.2", "500万", "net", "beauty", "zh", "否", " 12 "],
        ["２０％", "5000000.00", "NET", "beauty", "ZH", "FALSE", "12.0"],
        ["20%", "5e6", "Net of returns", "BEAUTY", "中文", "0", "12"],
    ],
)
def test_a_cell_may_be_written_as_people_write_it(tmp_path, cells):
    assert only(written(tmp_path, HEADER, ["Aurora 极光", "A", *cells])) == MEANT


def test_columns_go_by_name_full_name_or_label_in_either_language(tmp_path):
    row = ["Aurora 极光", "A", "20%", "500万", "net", "beauty", "zh", "no", "12"]
    labels = ["客户", "方案", "Commission", "livestream.slot_fee_cny", "Commission on",
              "Product category", "report.language", "With the tier mix", "Horizon"]  # fmt: skip
    assert only(written(tmp_path, labels, row)) == MEANT
    t = Words("zh")
    chinese = [t(label) for label in labels]
    chinese[3] = t("Slot fee")
    chinese[6] = t("Language")
    assert only(written(tmp_path, chinese, row, encoding="gbk")) == MEANT


def test_every_input_has_headers_of_its_own(tmp_path):
    for section, model in SECTIONS.items():
        for name, field, _ in model.declared():
            if name in ("cells", "orders_counted"):
                continue
            for header in (name, f"{section}.{name}", field.title):
                path = tmp_path / "t.csv"
                path.write_text(f'client,"{header}"\nA,\n', encoding="utf-8")
                assert only(path) == {"client": "A"}


def test_xlsx_and_parquet_give_the_same_briefs(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["only notes here"])
    sheet = book.create_sheet("Clients")
    sheet.append(HEADER)
    sheet.append(["Aurora 极光", "A", 0.2, 5_000_000, "net", "beauty", "zh", False, 12])
    sheet["C2"].number_format = "0%"
    book.save(tmp_path / "clients.xlsx")
    frame = pd.DataFrame(
        [["Aurora 极光", "A", 0.2, 5e6, "net", "beauty", "zh", False, 12]], columns=HEADER
    )
    frame.to_parquet(tmp_path / "clients.parquet")
    assert only(tmp_path / "clients.xlsx") == only(tmp_path / "clients.parquet") == MEANT


def test_an_empty_cell_takes_the_default_and_counts_as_not_given(tmp_path):
    path = written(tmp_path, ["client", "commission_rate", "goal", ""], ["A", "", "", ""])
    assert only(path) == {"client": "A"}
    ((_, spec),) = specs_of_table(path, out=tmp_path)
    assert spec.given["set_by_client"] == []
    assert spec.folder == tmp_path / "a" / "base-case"


def test_a_bad_row_costs_only_itself_and_names_its_cell(tmp_path):
    header = ["client", "commission_rate", "Slot fee", "commission_base", "gross_margin"]
    path = written(
        tmp_path,
        header,
        ["A", "20", "1", "net", ""],
        ["", "0.2", "1", "net", ""],
        ["", "", "", "", ""],
        ["C", "0.2", "five", "nett", ""],
        ["D", "0.2", "5%", "net", ""],
        ["E", "0.2", "1", "net", "62 %"],
    )
    told = dict(read_clients(path))
    assert list(told) == [f"clients.csv, row {n}" for n in (2, 3, 5, 6, 7)]
    assert str(told["clients.csv, row 2"]) == (
        "clients.csv, row 2, column 'commission_rate': livestream.commission_rate must be a share "
        "between 0 and 1; got 20. Did you mean 0.20?"
    )
    assert "row 3, column 'client': client is missing" in str(told["clients.csv, row 3"])
    assert "row 5, column 'Slot fee': livestream.slot_fee_cny" in str(told["clients.csv, row 5"])
    assert "got nett. Did you mean net?" in str(told["clients.csv, row 5"])
    assert "got 5%." in str(told["clients.csv, row 6"])
    good = told["clients.csv, row 7"]
    assert good.brief.brand.gross_margin == 0.62
    assert good.at() == "clients.csv, row 7"
    assert good.at("brand", "gross_margin") == "clients.csv, row 7, column 'gross_margin'"


def test_a_file_named_twice_is_taken_once(tmp_path):
    path = written(tmp_path, ["client"], ["A"])
    (tmp_path / "b.yaml").write_text("client: B\n", encoding="utf-8")
    named = [path, tmp_path / "b.yaml", tmp_path, tmp_path / ".." / tmp_path.name / path.name]
    told = CliRunner().invoke(app, ["check", *map(str, named)])
    assert told.stdout == "2 of 2 can be made.\n", told.output


def test_two_rows_for_one_report_are_both_refused(tmp_path):
    path = written(tmp_path, ["client", "scenario"], ["Ada", ""], ["Bob", ""], ["ADA", "Base case"])
    first, second, third = (found for _, found in read_clients(path))
    assert str(first).startswith("clients.csv, row 2, columns 'client' and 'scenario': the same")
    assert "row 4" in str(first)
    assert "row 2" in str(third)
    assert second.brief.client == "Bob"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (["client", "comission_rate"], "'comission_rate' is not an input. Did you mean commission"),
        (["client", "佣金比"], "column '佣金比' is not an input"),
        (["client", "commission_rate", "Commission"], "same input as column 'commission_rate'"),
        (["client", "slot_fee_cny", "slot_fee_cny"], "two columns 'slot_fee_cny'"),
        (["client", "客户"], "2 columns for client"),
        (["scenario", "commission_rate"], "lacks the column client"),
        (["client", "cells"], "column 'cells' is a table of its own"),
        (["client", "", "goal"], "column 'column B' is not an input"),
    ],
)
def test_a_wrong_column_is_refused_before_any_row(tmp_path, header, message):
    path = written(tmp_path, header, ["x"] * len(header))
    with pytest.raises(InputError) as caught:
        next(read_clients(path))
    assert message in str(caught.value)
    assert "clients.csv" in str(caught.value)


def test_a_value_below_no_header_is_not_lost(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["client", "goal"])
    book.active.append(["A", None, 0.3])
    packed = io.BytesIO()
    book.save(packed)
    (tmp_path / "clients.xlsx").write_bytes(packed.getvalue())
    with pytest.raises(InputError, match=r"row 2.*cell C2.*below no header"):
        next(read_clients(tmp_path / "clients.xlsx"))


def test_files_named_in_cells_lie_beside_the_table(tmp_path):
    Image.new("RGB", (90, 30)).save(tmp_path / "a.png")
    path = written(tmp_path, ["client", "logo"], ["A", "a.png"], ["B", "b.png"])
    good, bad = (found for _, found in specs_of_table(path, out=tmp_path))
    assert good.logo.startswith("data:image/png")
    assert str(bad).startswith("clients.csv, row 3, column 'logo': report.logo must be a picture")


def test_what_the_models_refuse_names_the_row(tmp_path):
    header = ["client", "share_tier_mix", "share_private_pool"]
    path = written(tmp_path, header, ["A", "90 %", "90 %"], ["B", "", ""])
    bad, good = (found for _, found in specs_of_table(path, out=tmp_path))
    assert str(bad).startswith("clients.csv, row 2: plan.share_tier_mix: the shares of the budget")
    assert good.client == "B"


def test_a_row_and_a_brief_with_the_same_inputs_are_the_same_scenario(tmp_path):
    path = written(tmp_path, HEADER[:4], ["A", "S", "20 %", "60万"])
    brief = tmp_path / "a.yaml"
    brief.write_text(
        "client: A\nscenario: S\nlivestream: {commission_rate: 0.2, slot_fee_cny: 600000}\n"
    )
    ((_, spec),) = specs_of_table(path, out=tmp_path)
    assert spec.hash == read_spec(brief, out=tmp_path).hash


@pytest.mark.parametrize("name", ["clients.csv", "clients.xlsx"])
def test_the_table_to_start_from_holds_the_shipped_briefs(tmp_path, name):
    made = CliRunner().invoke(app, ["new", "--table", str(tmp_path / name)])
    assert made.exit_code == 0
    assert name in made.stdout
    for file, (_, loaded) in zip(EXAMPLES, read_clients(tmp_path / name), strict=True):
        meant = load_brief(shipped("briefs") / file).brief.model_dump(exclude_unset=True)
        # A table of its own, as `cells` is: not in a cell.
        meant.pop("scenarios", None)
        for part in meant.values():
            if isinstance(part, dict):
                [part.pop(own, None) for own in FILES]
        assert loaded.brief.model_dump(exclude_unset=True) == meant
    with pytest.raises(InputError, match="exists already"):
        write_table(tmp_path / name)


def workbook(path: Path, sheets: dict[str, list[list]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def test_a_formula_without_its_result_costs_only_its_row(tmp_path):
    rows = [["client", "budget_cny"], ["A", "500万"], ["B", "=2*2"], ["C", 7_000_000]]
    workbook(tmp_path / "clients.xlsx", {"Clients": [*rows, ['=A2&"x"', 1]]})
    told = dict(read_clients(tmp_path / "clients.xlsx"))
    budgets = [r.brief.brand.budget_cny for r in told.values() if isinstance(r, LoadedBrief)]
    assert budgets == [5_000_000, 7_000_000]
    assert "row 3, column 'budget_cny' holds a formula" in str(told["clients.xlsx, row 3"])
    assert "paste it as a value" in str(told["clients.xlsx, row 5"])
    assert "holds a formula" in refused(written(tmp_path, ["client", "goal"], ["A", "=1+1"]))


def empty_results(path: Path) -> None:
    """Have the result "nothing" stored as Excel stores a text of no letters."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part.replace(b"<v>nothing</v>", b"<v></v>"))


@pytest.mark.parametrize(("mode", "is_read"), [("manual", True), ("auto", False)])
def test_a_formula_counts_as_the_result_that_a_spreadsheet_stored(tmp_path, mode, is_read):
    book = xlsxwriter.Workbook(tmp_path / "clients.xlsx")
    book.set_calc_mode(mode)  # "auto" asks Excel to replace the results, so they prove nothing
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["client", "budget_cny"])
    sheet.write_formula(1, 0, '="A"&"da"', None, "Ada")
    sheet.write_formula(1, 1, "=2*1000000", None, 2_000_000)
    sheet.write_formula(2, 0, '=IF(A9="","",A9)', None, "nothing")
    book.close()
    empty_results(tmp_path / "clients.xlsx")
    (_, found), *more = read_clients(tmp_path / "clients.xlsx")
    if is_read:
        assert more == []
        assert isinstance(found, LoadedBrief), str(found)
        assert (found.brief.client, found.brief.brand.budget_cny) == ("Ada", 2_000_000)
    else:
        assert "row 2, column 'client' holds a formula without its result" in str(found)


def test_what_is_hidden_is_no_clients_and_two_sheets_of_clients_are_refused(tmp_path):
    path = tmp_path / "clients.xlsx"
    sheets = {"Old": [["client"], ["Secret"]], "North": [["client"], ["A"]], "New": [["client"]]}
    book = workbook(path, sheets)
    with pytest.raises(InputError, match=r"2 sheets .*: 'Old' and 'North'; .*or hide"):
        next(read_clients(path))
    book["Old"].sheet_state = "hidden"
    book.save(path)
    assert only(path) == {"client": "A"}
