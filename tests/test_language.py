"""One result, told in either language and currency: nothing left out, nothing told twice.

The engine computes in RMB; what a reader sees may be in dollars at a stated rate.
"""

import ast
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kolkit.books import BOOKS
from kolkit.currency import dollars as dollars_at
from kolkit.errors import InputError
from kolkit.inputs import inputs_of
from kolkit.report.render import render
from kolkit.report.spec import read_spec
from kolkit.words import Words
from kolkit.workbook import Workbook, parameters

ROOT = Path(__file__).resolve().parents[1]
RATE = 7.1
CHINESE = re.compile("[\u4e00-\u9fff]")
Page = dict[str, Any]


def _page(journey: str, language: str, currency: str) -> Page:
    """Everything that a workbook says and draws, as the report reads it."""
    book = Workbook(
        {"language": language, "currency": currency, "cny_per_usd": RATE}, journey=journey
    )
    cards = {name: book._card(name) for name in book.book.figures}
    tables = [figure.tell(book.t, book.case).table for figure in book.book.figures.values()]
    answer = book._answer_data()
    return {
        "hash": book.hash,
        "figures": answer.pop("figures"),
        "answer": answer,
        "ledger": book._ledger_data(),
        "cards": cards,
        "tables": [table.data() for table in tables],
    }


@pytest.fixture(scope="module")
def pages() -> dict[tuple[str, str, str], Page]:
    return {
        (journey, language, currency): _page(journey, language, currency)
        for journey in BOOKS
        for language in ("en", "zh")
        for currency in ("CNY", "USD")
    }


def _texts(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for name, part in told.items():
            yield from (name, *_texts(part))
    elif isinstance(told, list | tuple):
        for part in told:
            yield from _texts(part)


# -- dollars -------------------------------------------------------------------------------------

STATED = re.compile(
    # the rate, and the contract that is settled in RMB
    r"at 7\.1 RMB per dollar \(client’s figure\); contracts are settled in RMB"
    r"|汇率为1美元兑7\.1元人民币（客户数据）；合同以人民币结算"
    r"|^RMB per US dollar$|^1美元兑人民币$"
    r"|^¥[\d,]+ ?[（(]US\$[\d,]+[)）]$"
    r"|^settled in RMB; in brackets US\$ at 7\.1$|^以人民币结算；括号内为美元，汇率7\.1$"
)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("journey", BOOKS)
def test_page_in_dollars_says_no_amount_in_rmb(pages, journey: str, language: str):
    page = pages[journey, language, "USD"]
    left = [
        text
        for text in _texts([page["answer"], page["ledger"], page["cards"], page["tables"]])
        if re.search("¥|RMB|人民币|(?<!美)元", STATED.sub("", text))
    ]
    assert left == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("journey", BOOKS)
def test_page_in_rmb_says_dollars_only_where_the_book_prints_them(pages, journey: str, language):
    page = pages[journey, language, "CNY"]
    rest = {name: card for name, card in page["cards"].items() if name != "bridge"}
    tables = [t for t in page["tables"] if not {"US$", "美元"} & dict(t["columns"]).keys()]
    told = " ".join(_texts([page["answer"], rest, tables]))
    assert not re.search(r"US\$|美元", told)


COUNTED = {
    "Followers", "People reached", "People reached alone", "Collaborations", "Hours", "Contacts",
    "Month", "Joins", "Members", "Members left", "Groups", "Accounts", "People", "Orders",
}  # fmt: skip


def _rate(table: Page, head: str) -> float:
    """What a column of a table in RMB is divided by."""
    counted = head in COUNTED and table["name"] != "Cash by month"
    share = table["formats"].get(head) == "0.0%"
    return 1 if counted or share or head.startswith(("Month", "Joins: ")) else RATE


@pytest.mark.parametrize("journey", BOOKS)
def test_every_amount_of_a_table_is_exchanged_and_nothing_else_is(pages, journey: str):
    """A column is the same in both currencies, or all of it is RMB over the rate."""
    rmb, usd = (pages[journey, "en", currency]["tables"] for currency in ("CNY", "USD"))
    checked = 0
    for before, after in zip(rmb, usd, strict=True):
        given = dict(before["columns"])
        for head, cells in after["columns"]:
            own = given.get(head.replace("US$", "RMB"))
            if own is None or any(isinstance(cell, str) for cell in cells):
                continue
            rate = _rate(before, head)
            for a, b in zip(own, cells, strict=True):
                # Lines that have to add up are whole dollars, and what rounding leaves is a line.
                slack = 4 if isinstance(b, int) else 0
                assert b is None or b == pytest.approx(a / rate, rel=1e-9, abs=slack), head
                checked += b is not None
    assert checked > 4


@pytest.mark.parametrize("journey", BOOKS)
def test_engine_and_identity_know_nothing_of_the_currency(pages, journey: str):
    one, *others = (
        pages[journey, language, currency]
        for language in ("en", "zh")
        for currency in ("CNY", "USD")
    )
    for other in others:
        assert other["figures"] == one["figures"]
        assert other["hash"] == one["hash"]


@pytest.mark.parametrize("journey", BOOKS)
def test_words_at_the_mouse_and_at_the_axes_are_in_the_page_s_currency(pages, journey: str):
    def money_in(page: Page) -> list[str]:
        figures = [card["figure"] for card in page["cards"].values()]
        traces = [trace for figure in figures for trace in figure["data"]]
        axes = [v for f in figures for k, v in f["layout"].items() if k[1:5] == "axis"]
        told = _texts([[trace.get("hovertext"), trace.get("customdata"), trace.get("text")]
                       for trace in traces] + [axis.get("ticktext") for axis in axes])  # fmt: skip
        return [text for text in told if "¥" in text or "US$" in text]

    rmb, usd = (money_in(pages[journey, "en", currency]) for currency in ("CNY", "USD"))
    assert rmb
    assert not [text for text in usd if "¥" in text]
    assert len(usd) > 0.5 * len(rmb)


def test_rate_is_said_with_its_source_unless_it_is_the_client_s(pages):
    """The answer page and the ledger of a report say at which rate, and from where."""
    book = Workbook({"currency": "USD"}, journey="plan")
    told = (
        "All amounts in US dollars at 6.8974 RMB per dollar (National Bureau of Statistics of "
        "China, 2020); contracts are settled in RMB."
    )
    assert told in book._ledger_data()["note"]
    assert told in book._answer_data()["money_note"]
    own = pages["plan", "en", "USD"]
    assert "at 7.1 RMB per dollar (client’s figure)" in own["ledger"]["note"]
    assert "dollar" not in pages["plan", "en", "CNY"]["ledger"]["note"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"currency": "EUR"}, "report.currency must be one of CNY, USD; got EUR."),
        ({"currency": "USD", "cny_per_usd": 0}, "brand.cny_per_usd must be"),
        ({"currency": "USD", "cny_per_usd": "7"}, "brand.cny_per_usd must be"),
    ],
)
@pytest.mark.parametrize("journey", ["livestream", "tier_mix"])
def test_unknown_currency_and_impossible_rate_are_refused(journey: str, given: Page, told: str):
    with pytest.raises(InputError, match=re.escape(told)):
        Workbook(given, journey=journey)


def test_knobs_stay_in_rmb_and_say_so():
    """Inputs are given in RMB, so the lines beneath the knobs and the table of cells are too."""
    book = Workbook({"currency": "USD"}, journey="tier_mix")
    knobs = book.knobs()
    told = " ".join(_texts([knobs.notes, knobs.spec, knobs.tables]))
    assert "¥" in told
    assert "US$" not in told
    said = "Amounts are typed in RMB here; the results are in US$."
    assert knobs.labels["typed_in"] == said
    assert Workbook({}, journey="start").knobs().labels["typed_in"] == ""


# -- the ledger's digits -------------------------------------------------------------------------


def _read(told: str) -> float:
    """The number in a printed value; a share as per cent."""
    found = re.search(r"(−?)[^\d−]*([\d,]+(?:\.\d+)?)", told)
    assert found, told
    return float(found[1].replace("−", "-") + found[2].replace(",", ""))


@pytest.mark.parametrize("currency", ["CNY", "USD"])
@pytest.mark.parametrize("journey", BOOKS)
def test_the_ledger_prints_the_value_that_the_model_uses(pages, journey: str, currency: str):
    """To three digits: a half-life of 8.3 months is not 8 to whoever recomputes a page."""
    ledger = pages[journey, "en", currency]["ledger"]
    printed = dict(zip(*(cells for _, cells in ledger["table"]["columns"][:3:2]), strict=True))
    units = {name: declared.unit for _, name, _, declared in inputs_of("plan")}
    checked = 0
    for name, (key, _, number) in ledger["inputs"].items():
        if isinstance(number, int | float) and not isinstance(number, bool):
            scale = {"share": 100, "CNY": 1 / RATE if currency == "USD" else 1}
            used = number * scale.get(units.get(name, ""), 1)
            assert _read(printed[key]) == pytest.approx(used, rel=5e-3), name
            checked += 1
    assert checked >= 10


@pytest.mark.parametrize("unit", ["CNY", "share", "days", "months", "hours", "ratio", "count", ""])
def test_a_value_is_printed_to_three_digits_at_the_least(unit: str):
    for t in (Words("en"), Words("zh"), Words("en", dollars_at(RATE))):
        for value in (0.01234, 0.0567, 0.3, 1.5, 8.3, 16.6, 45.67, 99.996, 123.4, 6543.21):
            used = value * 100 if unit == "share" else t.amount(value) if unit == "CNY" else value
            assert _read(t.value(value, unit)) == pytest.approx(used, rel=5e-3), (unit, value)


@pytest.mark.parametrize("budget", [300_000, 500_000])
def test_sentence_and_table_leave_the_same_amount_unspent(budget: int):
    """Where rounded lines leave another rest than the rest itself rounds to."""
    given = {"language": "zh", "currency": "USD", "cny_per_usd": RATE, "budget_cny": budget}
    book = Workbook(given, journey="plan")
    told = book._answer_data()
    left = dict(told["money"]["columns"])["美元"][-2]
    assert left != round(book.t.amount(book.case.unspent))
    assert f"US${left}未动用" in told["qualifier"]


# -- a report in dollars -------------------------------------------------------------------------

NOTE = "所有金额以美元列示，汇率为1美元兑7.1元人民币（客户数据）；合同以人民币结算。"


@pytest.fixture(scope="module")
def dollars(tmp_path_factory) -> Path:
    """The folder of a Chinese report whose client thinks in dollars."""
    folder = tmp_path_factory.mktemp("dollars")
    brief = folder / "brief.yaml"
    brief.write_text(
        f"client: 美元客户\nbrand:\n  cny_per_usd: {RATE}\n  budget_cny: 2000000\n"
        "livestream:\n  gmv_reported_cny: 5000000\nreport:\n  language: zh\n  currency: USD\n",
        encoding="utf-8",
    )
    return render(read_spec(brief, out=folder / "out"), printer=None).folder


def test_spreadsheet_holds_dollars_as_numbers_and_the_manifest_rmb(dollars: Path):
    manifest = json.loads((dollars / "manifest.json").read_text("utf-8"))
    book = openpyxl.load_workbook(next(dollars.glob("*.xlsx")), data_only=True)
    money = next(sheet for sheet in book if str(sheet["A1"].value).startswith("US$"))
    rows = [[cell.value for cell in row] for row in money.iter_rows()]
    assert rows[0][1] == "美元"
    assert rows[0][0].startswith("US$281,690")
    assert rows[-1][1] == round(2_000_000 / RATE) == sum(row[1] for row in rows[1:-1])
    p50 = manifest["figures"]["plan"]["profit_p50_cny"]
    assert rows[-1][2] == pytest.approx(p50 / RATE)
    assert manifest["parameters"]["currency"] == "USD"
    heads = [cell.value for sheet in book for cell in sheet[1] if isinstance(cell.value, str)]
    left = [head for head in heads if "人民币" in head or re.search("(?<!美)元", head)]
    assert left == ["数值（金额为人民币）"]  # the parameters, as a brief gives them
    formats = {cell.number_format for cell in book["合同"]["B"]}
    assert '"US$"#,##0' in formats
    assert book["合同"]["C4"].value.startswith("假设清单A")
    assert book["从报价CPM到真实CPM"]["B2"].number_format == "#,##0.00"
    assert NOTE in book["结论"]["B7"].value
    assert NOTE in book["合同"]["A2"].value
    summary = next(dollars.glob("*.md")).read_text("utf-8")
    assert NOTE in summary
    assert not re.search("[()]", summary)


def test_printed_report_states_the_rate_on_the_answer_page_and_in_the_ledger(dollars: Path):
    document = next(dollars.glob("*.html")).read_text("utf-8")
    assert document.count(NOTE) == 2
    assert "以人民币结算；括号内为美元，汇率7.1" in document
    shown = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", document, flags=re.DOTALL)
    assert not re.search(r"¥[\d.,]+[万亿]", shown)
    assert "US$28万" in shown


# -- the catalogue and the tables ----------------------------------------------------------------


def _tables() -> list[Path]:
    return sorted((ROOT / "data").glob("*.csv"))


@pytest.mark.parametrize("path", _tables(), ids=lambda path: path.stem)
def test_every_column_with_a_chinese_twin_is_filled_in_both(path: Path):
    """Where a table carries both languages, no line has one without the other."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    twins = [name for name in rows[0] if f"{name}_zh" in rows[0]]
    missing = [
        (row[name], row[f"{name}_zh"])
        for row in rows
        for name in twins
        if bool(row[name]) != bool(row[f"{name}_zh"])
    ]
    assert missing == []
    for name in twins:
        told = [row[f"{name}_zh"] for row in rows if row[f"{name}_zh"]]
        names = name in ("name", "publisher", "brand", "label", "base", "industries", "platforms")
        plain = [text for text in told if not CHINESE.search(text)]
        assert names or plain == [], f"{path.stem}.{name}_zh"


# -- one place that formats ----------------------------------------------------------------------

SHARES_BY_PLOTLY = {
    "%{x}: %{y:.0%}<extra></extra>",
    "%{x:.0%} → %{y:.0%}<extra></extra>",
    "%{customdata}: %{x:,.0f}<extra></extra>",
    "%{x:,.0f}<extra></extra>",
}
"""Shares and counts at the mouse that plotly writes alike in both languages."""

WORDED = {
    "Price, RMB",  # a knob, which takes RMB
    "Where {sum} RMB goes",
    "All amounts in US dollars at {rate} RMB per dollar ({source}); contracts are settled in RMB.",
    "settled in RMB; in brackets {currency} at {rate}",
    "Amounts are typed in RMB here; the results are in {currency}.",
    "The earlier version counted {before} RMB to the dollar.",
    "US$",  # the second column of the book's own comparison
    "{cell}: the book prints US$7 and its own figures give US$6.67, price over all followers. "
    "Here {hours} hours of work stand behind one collaboration.",
}
"""What names a currency whatever the page's is."""


def _documentation(tree: ast.Module) -> set[int]:
    """Ids of the strings that stand alone: they are read by programmers."""
    alone = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {id(value) for value in alone if isinstance(value, ast.Constant)}


@pytest.mark.parametrize(
    "path",
    [*(ROOT / "kolkit" / "text").glob("*.py"), *(ROOT / "kolkit" / "charts").glob("*.py")],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_sentences_and_charts_leave_formatting_to_words(path: Path):
    tree = ast.parse(path.read_text("utf-8"))
    documentation = _documentation(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            # Rounding to a number of digits and reading it back is no formatting.
            if ast.unparse(node) != "{people:.{n}g}":
                found.append(ast.unparse(node))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if id(node) in documentation or text in WORDED | SHARES_BY_PLOTLY:
                continue
            if re.search(r"[¥元]|\bRMB\b|US\$|%\{\w+:|\{:", text):
                found.append(text)
    assert found == []


def test_parameters_of_every_notebook_carry_the_currency():
    for journey in BOOKS:
        known = parameters(journey)
        assert (known["currency"], known["cny_per_usd"]) == ("CNY", 6.8974)
