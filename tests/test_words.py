"""Both languages say the same: a complete catalogue, and numbers as each reader writes them."""

import math
import re
import runpy
import string
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from kolkit.currency import dollars
from kolkit.words import LANGUAGES, MINUS, THIN, Words, catalogue

TOOL = runpy.run_path(str(Path(__file__).resolve().parents[1] / "tools" / "extract_words.py"))
SENTENCES = sorted(TOOL["sentences"]())


def placeholders(sentence: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None)


@pytest.fixture(scope="module")
def en() -> Words:
    return Words("en")


@pytest.fixture(scope="module")
def zh() -> Words:
    return Words("zh")


# -- the catalogue ---------------------------------------------------------------------------


def test_catalogue_is_complete_and_in_step():
    known = TOOL["read"]("zh")
    assert {s for s in SENTENCES if not known.get(s)} == set(), "not translated"
    assert known.keys() - set(SENTENCES) == set(), "not used"


def test_extraction_finds_sentences_wherever_they_are_said():
    found = set(SENTENCES)
    assert "never" in found, "said by Words itself"
    assert "Livestream" in found, "said inside an f-string"
    assert "How to read this" in found, "said in the report's template"
    assert "A round sum, as streamers announce it." in found, "said in the data"


def test_placeholders_are_equal_in_both_languages():
    differing = {s for s, told in catalogue("zh").items() if placeholders(s) != placeholders(told)}
    assert differing == set()


def test_translations_are_chinese_and_well_formed():
    for sentence, told in catalogue("zh").items():
        # A sentence of placeholders alone has only its punctuation to translate.
        # Trade terms and names stay as they are in Chinese use too.
        if re.search("[A-Za-z]", re.sub(r"{\w+}|CPE|CPM|KOC|KOL|Keep|P10", "", sentence)):
            assert re.search("[\u4e00-\u9fff]", told), sentence
    for told in catalogue("zh").values():
        assert told == told.strip()
        assert not re.search("[\u4e00-\u9fff][,;:!?]", told), f"half-width punctuation: {told}"


def test_full_sentences_end_as_sentences_in_both_languages():
    for sentence, told in catalogue("zh").items():
        if sentence != "No.":
            assert sentence.endswith(".") == told.endswith("。"), told


def test_nothing_in_the_report_is_called_fake(zh: Words):
    assert [
        told for told in catalogue("zh").values() if re.search("造假|假货|虚假|假单", told)
    ] == []


def test_catalogue_header_names_nobody():
    told = TOOL["path_of"]("zh").read_text("utf-8")
    for filler in ("@", "FIRST AUTHOR", "ORGANIZATION", "FULL NAME", "VERSION", "fuzzy"):
        assert filler not in told


def test_writing_the_catalogue_again_changes_nothing(tmp_path: Path, monkeypatch):
    before = TOOL["path_of"]("zh").read_bytes()
    copy = tmp_path / "kolkit.po"
    monkeypatch.setitem(TOOL["write"].__globals__, "path_of", lambda language: copy)
    TOOL["write"]("zh", dict(catalogue("zh")), set(SENTENCES))
    assert copy.read_bytes() == before


# -- sentences -------------------------------------------------------------------------------


def test_sentence_is_filled_in(en: Words, zh: Words):
    values = {"reported": "A", "genuine": "B"}
    sentence = "Of {reported} reported, about {genuine} stays sold."
    assert en(sentence, **values) == "Of A reported, about B stays sold."
    assert zh(sentence, **values) == "上报的A销售额中，真实净销售额约为B。"


def test_unknown_sentence_falls_back_to_english(zh: Words):
    assert zh("Nobody translated {this}.", this="this one") == "Nobody translated this one."
    assert zh("Braces {stay} without values.") == "Braces {stay} without values."


def test_unknown_language_falls_back_to_english():
    assert Words("fr").language == "en"
    assert set(LANGUAGES) == {"en", "zh"}


# -- numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "digits", "english", "chinese"),
    [
        (0, 3, "¥0", "¥0"),
        (-0.4, 3, "¥0", "¥0"),
        (320, 3, "¥320", "¥320"),
        (999.6, 3, "¥1.00k", "¥1,000"),
        (9_999.6, 3, "¥10.0k", "¥1万"),
        (450_000, 3, "¥450k", "¥45万"),
        (999_999, 3, "¥1.00m", "¥100万"),
        (1_780_000, 3, "¥1.78m", "¥178万"),
        (-1_780_000, 3, "−¥1.78m", "−¥178万"),
        (99_999_999, 3, "¥100m", "¥1亿"),
        (120_000_000, 2, "¥120m", "¥1.2亿"),
        (999_999_999, 3, "¥1.00bn", "¥10亿"),
        (10_000_000_000, 2, "¥10bn", "¥100亿"),
        (math.inf, 3, "never", "无法达到"),
        (-math.inf, 3, "never", "无法达到"),
        (math.nan, 3, "never", "无法达到"),
    ],
)
def test_money(en: Words, zh: Words, value: float, digits: int, english: str, chinese: str):
    assert en.money(value, digits) == english
    assert zh.money(value, digits) == chinese


def test_a_headline_in_dollars_keeps_the_digits_of_its_tables(en: Words):
    usd = Words("en", dollars(6.9))
    assert (en.about(5e6), usd.about(5e6)) == ("¥5.0m", "US$725k")


def test_number(en: Words, zh: Words):
    for t in (en, zh):
        assert t.number(-1_116_442.4) == "−1,116,442"
        assert t.number(-0.4) == "0"
        assert t.number(1234.5, 2) == "1,234.50"
        assert t.number(1234.5, 2, least=0) == "1,234.5"
        # Rounded from the number itself, which is a little below 2.675.
        assert t.number(2.675, 2) == "2.67"
        assert (t.number(math.inf), t.number(math.nan)) == ("∞", "–")


def test_small_sums_keep_their_tenths(en: Words):
    told = [en.money, en.small_money, en.price, en.cents]
    assert [say(5.25) for say in told] == ["¥5", "¥5.2", "¥5.2", "¥5.25"]
    assert [say(-8.0) for say in told] == ["−¥8", "−¥8", "−¥8", "−¥8.00"]
    assert [say(1_234.5) for say in told] == ["¥1.23k", "¥1.23k", "¥1,234", "¥1.23k"]
    assert en.price(math.inf) == "–"


def test_date(en: Words, zh: Words):
    day = date(2026, 11, 22)
    assert (en.date(day), zh.date(day)) == ("22 November 2026", "2026年11月22日")


@pytest.mark.parametrize(
    ("value", "digits", "number"),
    [(0.205, 1, "20.5"), (0.5, 0, "50"), (-0.12, 0, "−12"), (-0.001, 0, "0"), (1, 0, "100")],
)
def test_share(en: Words, zh: Words, value: float, digits: int, number: str):
    assert en.share(value, digits) == f"{number}{THIN}%"
    assert zh.share(value, digits) == f"{number}%"


def test_factor(en: Words, zh: Words):
    for t in (en, zh):
        assert t.factor(2.75) == f"2.8{THIN}×"
        assert t.factor(0.728, 2) == f"0.73{THIN}×"
        assert t.factor(math.inf) == "∞"


def test_span_says_shared_signs_once(en: Words, zh: Words):
    assert en.span(en.money(1.2e6), en.money(1.8e6)) == "¥1.20m–1.80m"
    assert zh.span(zh.money(1.2e6), zh.money(1.8e6)) == "¥120万–180万"
    assert en.span(en.share(0.15), en.share(0.35)) == f"15–35{THIN}%"
    assert zh.span(zh.share(0.15), zh.share(0.35)) == "15–35%"


def test_span_keeps_a_minus_sign_apart_from_the_dash(en: Words, zh: Words):
    assert en.span(en.money(-6e5), en.money(2e5)) == "−¥600k to ¥200k"
    assert zh.span(zh.money(-6e5), zh.money(2e5)) == "−¥60万 至 ¥20万"
    assert MINUS == "\u2212"


@pytest.mark.parametrize(
    ("parts", "english", "chinese"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a and b", "a，以及b"),
        (["a", "b", "c"], "a, b and c", "a、b，以及c"),
    ],
)
def test_join(en: Words, zh: Words, parts: list[str], english: str, chinese: str):
    assert en.join(parts) == english
    assert zh.join(parts) == chinese


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        (None, "CNY", "follows", "按默认规则"),
        (True, "", "yes", "是"),
        (False, "", "no", "否"),
        (-600_000, "CNY", "−¥600,000", "−¥600,000"),
        (0.035, "share", f"3.5{THIN}%", "3.5%"),
        (15, "days", "15 days", "15天"),
        (6, "months", "6 months", "6个月"),
        (20261122, "", "20261122", "20261122"),
        ("beauty", "", "beauty", "beauty"),
    ],
)
def test_value_in_its_unit(en: Words, zh: Words, value, unit: str, english: str, chinese: str):
    assert en.value(value, unit) == english
    assert zh.value(value, unit) == chinese


# -- dollars ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def us() -> Words:
    return Words("en", dollars(7))


@pytest.fixture(scope="module")
def us_zh() -> Words:
    return Words("zh", dollars(7))


def test_every_way_to_tell_an_amount_is_in_dollars(us: Words, us_zh: Words):
    """Seven RMB for a dollar; a sum below a hundred has cents."""
    assert [us.money(v) for v in (7e6, -7e6, 3_500, 35, 0)] == [
        "US$1.00m", "−US$1.00m", "US$500", "US$5", "US$0",
    ]  # fmt: skip
    assert us.money(46.69) == us.small_money(46.69) == us.price(46.69) == "US$6.67"
    assert us.cents(35) == "US$5.00"
    assert us.exact(-7e6) == "−US$1,000,000"
    assert us.value(-4_200_000, "CNY") == "−US$600,000"
    assert us.rounded(123_456, "CNY") == "US$17,600"
    assert us.rounded(0.12345, "share") == f"12.3{THIN}%"
    assert us.span(us.money(7e6), us.money(14e6)) == "US$1.00m–2.00m"
    assert us_zh.money(12_460_000) == "US$178万"
    assert us.money(math.inf) == "never"
    assert us.printed_dollars(46.69, 6.8974) == "US$6.77", "printed at a rate of its own"


def test_round_sums_stay_round_in_either_currency(en: Words, zh: Words, us: Words, us_zh: Words):
    told = [t.round_sum(n) for t in (en, us, zh, us_zh) for n in (1_000, 10_000)]
    assert told == ["¥1,000", "¥10,000", "US$1,000", "US$10,000", "1,000元", "1万元", "1,000美元",
                    "1万美元"]  # fmt: skip
    assert (us.in_cny(1_000), en.in_cny(1_000)) == (7_000, 1_000)


def test_currency_is_named_where_figures_stand_without_it(en: Words, zh: Words, us: Words,
                                                          us_zh: Words):  # fmt: skip
    told = [(t.head, t.currency_name, t.currency_unit) for t in (en, us, zh, us_zh)]
    assert told == [
        ("RMB", "RMB", "RMB"),
        ("US$", "US$", "US$"),
        ("人民币（元）", "人民币", "元"),
        ("美元", "美元", "美元"),
    ]


def test_contracts_stay_in_the_currency_that_they_are_settled_in(en: Words, us: Words,
                                                                 us_zh: Words):  # fmt: skip
    assert en.settled(180_000) == "¥180,000"
    assert us.settled(180_000) == "¥180,000 (US$25,714)"
    assert us_zh.settled(180_000) == "¥180,000（US$25,714）"


def test_people_are_not_exchanged(en: Words, us: Words):
    for say in ("count", "number", "share", "factor"):
        assert getattr(us, say)(1234.5) == getattr(en, say)(1234.5)
    assert us.value(700, "count") == en.value(700, "count") == "700"


def test_columns_of_a_table_are_exchanged_and_empty_cells_stay_empty(en: Words, us: Words):
    assert us.amounts([7, None, 14.0]) == [1, None, 2]
    assert en.amounts([7, None, 14.5]) == [7, None, 14.5]
