"""Tables: every format reads alike, every bad cell is named, nothing written can run."""

import csv
import io
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kolkit.errors import EnvironmentFault, InputError
from kolkit.tables import excel, parquet
from kolkit.tables.columns import Column
from kolkit.tables.read import read_source, read_table
from kolkit.tables.write import write_csv, write_xlsx

COLUMNS = (
    Column("account", "text", ("账号", "达人"), required=True),
    Column("price", "number", ("报价", "价格"), required=True),
    Column("seen", "date", ("抓取时间",), required=False),
)
NUMBER = [Column("price", "number", ("报价",), required=True)]
ANY_NUMBER = [Column("price", "number", ("报价",), required=True, minimum=None)]
DATE = [Column("seen", "date", ("抓取时间",), required=True)]
TEXT = [
    Column("note", "text", (), required=True),
    Column("rank", "number", (), required=True),
]

ROWS = [
    ["小红", "1.2万", "2026-10-18 20:00:00"],
    ["lili", "320.5", "2026-10-19 08:05:09"],
    ["阿强", "", ""],
]
HEADER = ["账号", "报价", "抓取时间"]


def as_csv(rows, header=HEADER, *, encoding="utf-8", delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue().encode(encoding)


def as_xlsx(rows, header=HEADER, *, above=()):
    book = openpyxl.Workbook()
    for row in [*above, header, *rows]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_parquet(**columns):
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def read_price(*cells, columns=ANY_NUMBER):
    return read_table(("p.csv", as_csv([[c] for c in cells], ["报价"])), columns)["price"].tolist()


def refusal(source, columns=COLUMNS, **limits):
    with pytest.raises(InputError) as caught:
        read_table(source, columns, **limits)
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- the same table in every dress ---------------------------------------------------------------

EXPECTED = pd.DataFrame(
    {
        "account": pd.Series(["小红", "lili", "阿强"], dtype="str"),
        "price": [12000.0, 320.5, np.nan],
        "seen": pd.to_datetime(["2026-10-18 20:00:00", "2026-10-19 08:05:09", None]).astype(
            "datetime64[us]"
        ),
    }
).set_axis(pd.Index([2, 3, 4], name="row"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_encoding_and_delimiter_gives_the_same_frame(encoding, delimiter):
    data = as_csv(ROWS, encoding=encoding, delimiter=delimiter)
    pd.testing.assert_frame_equal(read_table(("roster.txt", data), COLUMNS), EXPECTED)


def test_xlsx_copy_equals_csv_copy():
    typed = [
        ["小红", 12000, pd.Timestamp("2026-10-18 20:00").to_pydatetime()],
        ["lili", 320.5, pd.Timestamp("2026-10-19 08:05:09").to_pydatetime()],
        ["阿强", None, None],
    ]
    for rows in (ROWS, typed):
        frame = read_table(("roster.xlsx", as_xlsx(rows)), COLUMNS)
        pd.testing.assert_frame_equal(frame, EXPECTED)


def test_parquet_copy_equals_csv_copy():
    plain = as_parquet(
        账号=["小红", "lili", "阿强"], 报价=[12000.0, 320.5, None], 抓取时间=EXPECTED["seen"]
    )
    texts = as_parquet(**{name: [row[i] for row in ROWS] for i, name in enumerate(HEADER)})
    packed = as_parquet(
        账号=pa.array(["小红", "lili", "阿强"]).dictionary_encode(),
        报价=pa.array(["12000", "320.50", None]).cast(pa.decimal128(9, 2)),
        抓取时间=pa.array(EXPECTED["seen"]).cast(pa.timestamp("ns")),
    )
    for data in (plain, texts, packed):
        pd.testing.assert_frame_equal(read_table(("roster.parquet", data), COLUMNS), EXPECTED)


def test_a_file_on_disk_reads_like_its_upload(tmp_path):
    path = tmp_path / "Roster.CSV"
    path.write_bytes(as_csv(ROWS))
    pd.testing.assert_frame_equal(read_table(path, COLUMNS), EXPECTED)
    assert read_source(str(path)) == ("Roster.CSV", as_csv(ROWS))
    assert read_source(("C:\\clients\\a/b.csv", b"x"))[0] == "b.csv"


def test_unknown_columns_are_dropped_and_optional_ones_may_be_absent():
    data = as_csv([["x", "5", "王", "13800000000"]], ["账号", "报价", "姓名", "电话"])
    assert list(read_table(("r.csv", data), COLUMNS).columns) == ["account", "price"]


@pytest.mark.parametrize(
    "header", ["报价(元)", " 报 价 ", "报价（RMB）", "Price", "PRICE", '"price"']
)
def test_headers_match_in_any_case_spacing_and_width(header):
    assert read_table(("r.csv", f"{header}\n5\n".encode()), NUMBER)["price"].tolist() == [5]


def test_a_header_in_another_unit_is_not_taken_for_the_column():
    assert "报价(万元)" in refusal(("r.csv", "报价(万元)\n5\n".encode()), NUMBER)


def test_row_numbers_are_those_of_the_file_when_rows_are_blank():
    text = "\n\n账号,报价\nx,1\n,\ny,2\n\n\n"
    assert read_table(("r.csv", text.encode()), COLUMNS).index.tolist() == [4, 6]
    book = as_xlsx([["x", 1], [None, None], ["y", 2]], ["账号", "报价"], above=[[], []])
    assert read_table(("r.xlsx", book), COLUMNS).index.tolist() == [4, 6]


def test_the_sheet_with_the_needed_columns_is_found():
    book = openpyxl.Workbook()
    book.active.append(["说明", "版本"])
    sheet = book.create_sheet("达人")
    sheet.append(["账号", "报价"])
    sheet.append(["x", 7])
    out = io.BytesIO()
    book.save(out)
    assert read_table(("r.xlsx", out.getvalue()), COLUMNS)["price"].tolist() == [7]


# --- numbers and dates ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1.2万", 12_000), ("2.3万", 23_000), ("3亿", 3e8), ("1,234.50", 1234.5), ("¥320", 320),
        ("￥ 320", 320), ("RMB 320", 320), ("320元", 320), ("1.5万元", 15_000), ("１２．５", 12.5),
        ("12k", 12_000), ("1.2m", 1.2e6), ("1.2W", 12_000), ("-5", -5), ("−5", -5), ("-¥5", -5),
        ("1e3", 1000), (".5", 0.5), ("12,345,678", 12_345_678), ("０", 0), ("2百万", 2e6),
    ],
)  # fmt: skip
def test_numbers_as_clients_write_them(cell, value):
    assert read_price(cell) == [value]
    book = as_xlsx([[cell]], ["报价"])
    assert read_table(("p.xlsx", book), ANY_NUMBER)["price"].tolist() == [value]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_plain_and_unit_paths_read_the_same_float(values):
    written = [repr(value) for value in values]
    assert read_price(*written) == values
    assert read_price(*written, "¥1")[:-1] == values


@pytest.mark.parametrize(
    "cell",
    [
        "abc", "nan", "NaN", "inf", "Infinity", "1e400", "1,23", "1,2345", "12%", "$5",
        "10²", "½", "1.2.3", "10万+", "--5", "-", "--", "N/A", "#DIV/0!", "1 2", "0x10", "五",
    ],
)  # fmt: skip
def test_text_that_is_no_number_is_named_by_row_column_and_value(cell):
    for data, name in ((as_csv, "p.csv"), (as_xlsx, "p.xlsx")):
        message = refusal((name, data([["5"], [cell]], ["报价 "])), ANY_NUMBER)
        assert "row 3, column '报价' (cell A3)" in message
        assert f"'{cell}' is not a number" in message
        assert "leave the cell empty" in message


def test_the_first_of_several_bad_cells_is_named_and_the_rest_counted():
    message = refusal(("p.csv", as_csv([["1"], ["x"], ["y"], ["z"]], ["报价"])), NUMBER)
    assert "row 3" in message
    assert "(and 2 more like it)" in message


def test_a_number_below_the_minimum_is_named():
    message = refusal(("p.csv", as_csv([["1"], ["-320"]], ["报价"])), NUMBER)
    assert "row 3" in message
    assert "'-320' is below the smallest value allowed, 0" in message


def test_infinity_in_parquet_is_refused_and_null_is_missing():
    assert "row 3" in refusal(("p.parquet", as_parquet(price=[1.0, np.inf])), NUMBER)
    frame = read_table(("p.parquet", as_parquet(price=[1, None])), NUMBER)
    assert frame["price"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-10-18 20:00:05", "2026-10-18 20:00:05"), ("2026/10/8 8:05", "2026-10-08 08:05"),
        ("2026年10月8日", "2026-10-08"), ("20261018", "2026-10-18"), ("2026.10.8", "2026-10-08"),
        ("2026-10-18T20:00:00.250", "2026-10-18 20:00"),
        ("2026-10-18T12:00:00Z", "2026-10-18 20:00"),
        ("2026-10-18 20:00:00 +0800", "2026-10-18 20:00"),
        ("2026-10-18 12:00:00-05:00", "2026-10-19 01:00"),
    ],
)  # fmt: skip
def test_dates_as_platforms_write_them_in_china_time(cell, moment):
    data = as_csv([[cell], [""], ["2026-01-01"]], ["seen", "x"])
    seen = read_table(("d.csv", data), DATE)["seen"]
    assert seen.dtype == "datetime64[us]"
    assert seen.iloc[0] == pd.Timestamp(moment)
    assert seen.iloc[-1] == pd.Timestamp("2026-01-01")


def test_zoned_parquet_times_come_in_china_time():
    utc = pa.array([pd.Timestamp("2026-10-18 12:00", tz="UTC")], pa.timestamp("ms", "UTC"))
    seen = read_table(("d.parquet", as_parquet(seen=utc)), DATE)["seen"]
    assert seen.tolist() == [pd.Timestamp("2026-10-18 20:00")]


@pytest.mark.parametrize(
    "cell", ["18/10/2026", "2026-02-30", "合计", "44000.5", "0000-00-00", "8pm"]
)
def test_text_that_is_no_date_is_named(cell):
    message = refusal(("d.csv", as_csv([["2026-10-18"], [cell]], ["抓取时间"])), DATE)
    assert f"row 3, column '抓取时间' (cell A3): '{cell}' is not a date" in message


# --- formulas ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["=A1+1", "+5", "+A1", "@SUM(A1)", "-A1", "-SUM(A1)", "=1"])
@pytest.mark.parametrize("columns", [ANY_NUMBER, DATE])
def test_a_csv_formula_is_named_as_such(cell, columns):
    header = columns[0].synonyms[0]
    good = "5" if columns is ANY_NUMBER else "2026-10-18"
    message = refusal(("f.csv", as_csv([[good], [cell]], [header])), columns)
    assert f"cell A3): '{cell}' looks like a formula" in message
    assert "paste the column as values" in message


def test_an_xlsx_formula_is_named_by_its_cell():
    message = refusal(("f.xlsx", as_xlsx([["x", 5], ["y", "=B2*2"]], ["账号", "报价"])))
    assert "cell B3" in message
    assert "holds a formula" in message
    assert "paste it as values" in message


def test_an_xlsx_formula_outside_the_needed_columns_is_no_matter():
    book = as_xlsx([["x", 5, "=B2*2"]], ["账号", "报价", "合计"])
    assert read_table(("f.xlsx", book), COLUMNS)["price"].tolist() == [5]


# --- files that are refused ----------------------------------------------------------------------


def test_a_missing_column_lists_names_accepted_and_found():
    message = refusal(("r.csv", as_csv([["x", "5"]], ["账号", "粉丝数"])))
    assert "price (accepted names: price, 报价, 价格)" in message
    assert "columns found: '账号', '粉丝数'" in message


def test_two_headers_for_one_column_are_refused():
    message = refusal(("r.csv", as_csv([["x", "5", "6"]], ["账号", "报价", "价格"])))
    assert "2 columns for price: '报价' and '价格'" in message


def test_doubled_headers_nobody_needs_are_no_matter():
    data = as_csv([["x", "5", "a", "b"]], ["账号", "报价", "备注", "备注"])
    assert len(read_table(("r.csv", data), COLUMNS)) == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("r.csv", b""), ("r.csv", b"\n \n"), ("r.csv", b"\xef\xbb\xbf\n"),
        ("r.xlsx", as_xlsx([], [])), ("r.xlsx", b""),
    ],
)  # fmt: skip
def test_an_empty_file_is_refused(name, data):
    assert f"{name} is empty" in refusal((name, data))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("r.csv", as_csv([])), ("r.csv", as_csv([["", "", ""]])), ("r.xlsx", as_xlsx([])),
        ("r.parquet", as_parquet(账号=pa.array([], "str"), 报价=pa.array([], "f8"))),
    ],
)  # fmt: skip
def test_a_header_without_rows_is_refused(name, data):
    assert "no rows" in refusal((name, data))


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("r.xls", b"x", "must end in"),
        ("r", b"x", "must end in"),
        ("r.csv", as_xlsx(ROWS), "is an Excel or zip file"),
        ("r.csv", as_parquet(a=[1]), "is a Parquet file"),
        ("r.csv", b"\xff\x81,\x00", "neither UTF-8 nor GBK"),
        ("r.csv", b"\x00\x01\x02", "neither UTF-8 nor GBK"),
        ("r.csv", b"\xef\xbb\xbf\xff\xff", "neither UTF-8 nor GBK"),
        ("r.xlsx", as_csv(ROWS), "not an Excel workbook"),
        ("r.xlsx", as_xlsx(ROWS)[:-30], "not an Excel workbook"),
        ("r.xlsx", b"\xd0\xcf\x11\xe0 etc", "password-protected"),
        ("r.parquet", as_csv(ROWS), "not a Parquet file"),
        ("r.parquet", as_parquet(a=[1])[:-9], "not a Parquet file"),
        ("r.parquet", as_parquet(账号=["x"], 报价=[[1]]), "holds list"),
    ],
)
def test_content_that_is_not_what_the_name_says_is_refused(name, data, words):
    assert words in refusal((name, data))


def test_a_row_with_too_many_fields_is_named_instead_of_shifted():
    message = refusal(("r.csv", "\n账号,报价\nx,5\ny,1,234.50\n".encode()))
    assert "row 4 has 3 fields where the header has 2" in message
    assert "double quotes" in message


def test_an_open_quote_is_named():
    assert "row 3 opens a double quote" in refusal(("r.csv", '账号,报价\nx,5\n"y,6\n'.encode()))


@pytest.mark.parametrize(("name", "make"), [("r.csv", as_csv), ("r.xlsx", as_xlsx)])
def test_sizes_above_the_limits_are_refused(name, make):
    data = make(ROWS)
    assert "at most" in refusal((name, data), max_bytes=len(data) - 1)
    assert "more than the 2 rows" in refusal((name, data), max_rows=2)
    assert len(read_table((name, data), COLUMNS, max_rows=3, max_bytes=len(data))) == 3


def test_too_large_a_file_is_refused_before_it_is_opened(tmp_path, monkeypatch):
    path = tmp_path / "large.csv"
    with path.open("wb") as stream:
        stream.truncate(60_000_000)
    monkeypatch.setattr(type(path), "read_bytes", lambda self: pytest.fail("opened"))
    assert "60.0 MB, at most 50.0 MB" in refusal(path)


def test_no_such_file_is_a_users_mistake(tmp_path):
    assert "is not a file" in refusal(tmp_path / "none.csv")
    assert "is not a file" in refusal(tmp_path)


def swap_part(book, part, content):
    """A workbook with one part replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            new.writestr(member, content if member == part else old.read(member))
    return out.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    bomb = swap_part(as_xlsx(ROWS), "xl/worksheets/sheet1.xml", b" " * 30_000_000)
    assert len(bomb) < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *a, **k: pytest.fail("unpacked"))
    assert "would unpack to 30 MB" in refusal(("bomb.xlsx", bomb))
    monkeypatch.setattr(excel, "MAX_ZIP_RATIO", 1e9)
    monkeypatch.setattr(excel, "MAX_UNPACKED_BYTES", 20_000_000)
    assert "at most 20 MB" in refusal(("bomb.xlsx", bomb))


def test_xml_entities_in_a_workbook_are_refused():
    book = as_xlsx([["x", 5]], ["账号", "报价"])
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read(part)
    entity = b'<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    hostile = entity + sheet.replace(b"<t>x</t>", b"<t>&b;</t>")
    assert hostile != entity + sheet
    assert len(read_table(("r.xlsx", swap_part(book, part, sheet)), COLUMNS)) == 1
    assert "damaged Excel workbook" in refusal(("r.xlsx", swap_part(book, part, hostile)))


def test_workbooks_are_not_read_without_defusedxml(monkeypatch):
    assert openpyxl.DEFUSEDXML is True
    monkeypatch.setattr(openpyxl, "DEFUSEDXML", False)
    with pytest.raises(EnvironmentFault, match="defusedxml"):
        read_table(("r.xlsx", as_xlsx(ROWS)), COLUMNS)


def test_a_workbook_that_states_a_giant_size_or_skips_rows_stays_small():
    book = as_xlsx([["x", 5]], ["账号", "报价"])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    giant = sheet.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    assert giant != sheet
    part = "xl/worksheets/sheet1.xml"
    assert len(read_table(("r.xlsx", swap_part(book, part, giant)), COLUMNS)) == 1
    far = sheet.replace(b'<row r="2">', b'<row r="999999999999">')
    assert far != sheet
    assert "more than the 5,000 rows" in refusal(
        ("r.xlsx", swap_part(book, part, far)), max_rows=5000
    )


def test_a_parquet_text_that_unpacks_too_far_is_refused(monkeypatch):
    data = as_parquet(账号=["x" * 1000] * 5000, 报价=[1.0] * 5000)
    assert len(data) < 100_000
    monkeypatch.setattr(parquet, "MAX_UNPACKED_BYTES", 1_000_000)
    assert "would unpack to 5 MB" in refusal(("r.parquet", data))


def test_a_declaration_with_one_header_for_two_columns_is_a_defect():
    columns = [Column("a", "text", ("x",), True), Column("b", "text", (" X ",), True)]
    with pytest.raises(ValueError, match="names both a and b"):
        read_table(("r.csv", b"x\n1\n"), columns)


def test_messages_show_no_control_characters_and_no_long_cells():
    message = refusal(("p.csv", as_csv([["\x1b[31m" + "x" * 500]], ["报价"])), NUMBER)
    assert "\x1b" not in message
    assert len(message) < 300


def test_two_million_rows_are_read():
    rows = 2_000_000
    data = b"price,note\n" + b"1234.5,\n" * rows
    frame = read_table(("p.csv", data), NUMBER)
    assert frame["price"].sum() == 1234.5 * rows
    assert "more than the 2,000,000 rows" in refusal(("p.csv", data + b"1,\n"), NUMBER)


# --- writing -------------------------------------------------------------------------------------

HOSTILE = [
    "=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1+1", "'=1", "''=1", "'plain", "plain",
    "", "=HYPERLINK(\"http://x\")", "a,b;c\td", 'say "hi"', "two\nlines", "<b>&amp;</b>",
    "<r><t>x</t></r>", "<r></r>", "http://example.com", "小红书", "🙂", "0012", "TRUE", "1e5",
]  # fmt: skip
TRIGGERS = tuple("=+-@\t\r\n＝＋－＠")


def test_csv_text_that_would_run_is_prefixed_and_numbers_are_not(tmp_path):
    path = tmp_path / "out.csv"
    frame = pd.DataFrame({"=note": HOSTILE, "rank": np.arange(len(HOSTILE)) - 5.0})
    write_csv(frame, path)
    text = path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["'=note", "rank"]
    assert not any(row[0].startswith(TRIGGERS) for row in rows)
    assert [row[1] for row in rows[1:4]] == ["-5.0", "-4.0", "-3.0"]


@pytest.mark.parametrize("write", ["csv", "xlsx"])
def test_hostile_text_comes_back_as_it_was(tmp_path, write):
    path = tmp_path / f"out.{write}"
    frame = pd.DataFrame({"note": HOSTILE, "rank": range(len(HOSTILE))})
    if write == "csv":
        write_csv(frame, path)
    else:
        write_xlsx({"a": frame}, path)
    back = read_table(path, TEXT)
    assert back["note"].tolist() == HOSTILE
    assert back["rank"].tolist() == list(range(len(HOSTILE)))


ENDS = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
PRINTABLE = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"])


@given(st.lists(st.text(ENDS) | st.sampled_from(HOSTILE), min_size=1, max_size=8))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_survives_a_csv(tmp_path, notes):
    path = tmp_path / "any.csv"
    write_csv(pd.DataFrame({"note": notes, "rank": range(len(notes))}), path)
    assert read_table(path, TEXT)["note"].tolist() == notes


@given(st.lists(st.text(PRINTABLE) | st.sampled_from(HOSTILE), min_size=1, max_size=8))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_printable_text_survives_an_xlsx(tmp_path, notes):
    path = tmp_path / "any.xlsx"
    write_xlsx({"a": pd.DataFrame({"note": notes, "rank": range(len(notes))})}, path)
    assert read_table(path, TEXT)["note"].tolist() == notes


def test_xlsx_cells_keep_their_types_and_formats(tmp_path):
    path = tmp_path / "out.xlsx"
    frame = pd.DataFrame(
        {
            "note": ["=1+1", None],
            "share": [0.256, np.nan],
            "cost": [1200, -5],
            "order": [2026101800000001234, 2],
            "day": pd.to_datetime(["2026-10-18", None]),
            "ok": [True, False],
            "never": [np.inf, 1.0],
        }
    )
    formats = {"a": {"share": "0.0%", "cost": "#,##0", "absent": "0"}, "b": {"cost": "0.00"}}
    write_xlsx({"a": frame}, path, formats=formats)
    sheet = openpyxl.load_workbook(path)["a"]
    note, share, cost, order, day, ok, never = sheet[2]
    assert (note.value, note.data_type) == ("=1+1", "s")
    assert (share.value, share.number_format) == (0.256, "0.0%")
    assert (cost.value, cost.number_format) == (1200, "#,##0")
    assert order.value == "2026101800000001234"
    assert day.value == pd.Timestamp("2026-10-18")
    assert day.number_format == "yyyy-mm-dd"
    assert ok.value is True
    assert never.value == "inf"
    assert [cell.value for cell in sheet[3]][:2] == [None, None]
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"
    assert 8 < sheet.column_dimensions["A"].width <= 50


def test_sheet_names_are_legal_short_and_unique(tmp_path):
    path = tmp_path / "names.xlsx"
    frame = pd.DataFrame({"a": [1]})
    names = ["[a]:*?/\\b", "x" * 40, "X" * 50, "'q'", "", "History", " \n"]
    write_xlsx(dict.fromkeys(names, frame), path)
    written = openpyxl.load_workbook(path).sheetnames
    assert len({name.casefold() for name in written}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'\n") for name in written)


def test_what_an_excel_sheet_cannot_hold_is_refused(tmp_path):
    path = tmp_path / "out.xlsx"
    with pytest.raises(InputError, match="32,767"):
        write_xlsx({"a": pd.DataFrame({"note": ["x" * 40_000]})}, path)
    with pytest.raises(InputError, match="1,048,575"):
        write_xlsx({"a": pd.DataFrame(index=range(1_048_576))}, path)
    assert list(tmp_path.iterdir()) == []


class Broken:
    """A cell whose text cannot be made: stands for a failure half-way through a file."""

    def __str__(self):
        raise RuntimeError("half-way")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path, suffix, monkeypatch):
    path = tmp_path / f"out.{suffix}"

    def write(frame):
        return write_csv(frame, path) if suffix == "csv" else write_xlsx({"a": frame}, path)

    write(pd.DataFrame({"a": [1]}))
    before = path.read_bytes()
    with pytest.raises(RuntimeError, match="half-way"):
        write(pd.DataFrame({"a": ["x"] * 5 + [Broken()]}))
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(EnvironmentFault, match="No space left"):
        write(pd.DataFrame({"a": [2]}))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def full_disk(_):
    raise OSError(28, "No space left on device")


def test_a_missing_folder_is_said_in_words(tmp_path):
    with pytest.raises(EnvironmentFault, match="check that the folder exists"):
        write_csv(EXPECTED, tmp_path / "none" / "out.csv")
    with pytest.raises(EnvironmentFault, match="check that the folder exists"):
        write_xlsx({"a": EXPECTED}, tmp_path / "none" / "out.xlsx")
