"""The data package is valid and whole."""

import csv
import re
from itertools import pairwise
from pathlib import Path

import pytest
from frictionless import Package

from kolkit.assumptions import assumption, assumptions, category_return_rates, sources

ROOT = Path(__file__).resolve().parents[1]


def test_the_data_package_is_valid():
    report = Package(str(ROOT / "data" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])


def test_a_broken_row_would_be_found(tmp_path):
    for path in (ROOT / "data").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    table = tmp_path / "assumptions.csv"
    table.write_text(
        table.read_text("utf-8") + "livestream.extra,0.5,,,share,,D,nobody,,\n", encoding="utf-8"
    )
    report = Package(str(tmp_path / "datapackage.json")).validate()
    kinds = {row[0] for row in report.flatten(["type"])}
    assert {"constraint-error", "foreign-key"} <= kinds


def test_every_table_of_the_folder_is_described():
    package = Package(str(ROOT / "data" / "datapackage.json"))
    described = {resource.path for resource in package.resources}
    assert described == {path.name for path in (ROOT / "data").glob("*.csv")}


def test_every_assumption_has_a_source_and_a_range_around_its_value():
    for known in (*assumptions().values(), *category_return_rates().values()):
        assert known.source.key in sources(), known.key
        assert (known.low is None) == (known.high is None), known.key
        if known.low is not None and known.high is not None:
            assert known.low <= known.value <= known.high, known.key
        if known.unit == "share":
            assert 0 <= known.value <= 1, known.key


def test_what_has_no_source_is_graded_so_and_only_that():
    for known in assumptions().values():
        assert (known.grade == "U") == (known.source.key == "kolkit"), known.key


def test_no_grade_is_better_than_its_source():
    for known in assumptions().values():
        assert known.grade >= known.source.grade, known.key


def test_what_is_unsourced_says_so_in_a_note_or_a_rule():
    for known in assumptions().values():
        if known.grade == "U" and known.key.startswith(("tier.", "cell.", "brand.")):
            assert known.note or known.rule, known.key


FX = 6.8974
DERIVED = {
    "brand.wage_cny_per_hour": round(120_698 / 12 / 174),
    "tier.kol.engagement_rate_by_followers": 0.1 * (158_114 / 300) ** -0.309,
    "tier.micro_kol.engagement_rate_by_followers": 0.1 * (27_000 / 300) ** -0.309,
    "cell.celebrity.weibo.price_cny": 300_000 * FX,
    "cell.micro_kol.weibo.price_cny": 200 * FX,
    "cell.kol.xiaohongshu.price_cny": (3_000 * 30_000) ** 0.5,
    "cell.kol.xiaohongshu.followers": (50_000 * 500_000) ** 0.5,
    "cell.micro_kol.xiaohongshu.price_cny": (300 * 5_000) ** 0.5,
    "cell.micro_kol.xiaohongshu.followers": (10_000 * 50_000) ** 0.5,
    "cell.koc.xiaohongshu.price_cny": (200 * 800) ** 0.5,
    "cell.koc.xiaohongshu.followers": (1_000 * 10_000) ** 0.5,
    "market.retail_cny": 8_523_900_000_000 / 0.207,
    "market.click_farm_share": 1 / 3,
    "market.engagement_rate_ratio": 0.1 / 0.004,
    "market.cac.tmall_2015_cny": 250 / 1.6,
    "market.cac.jd_2015_cny": 250 / 2.64,
    "market.pool.shift_factor": 150 / 100,
    "market.pool.group_life_months": (6 * 24) ** 0.5,
    "market.true_fans.income_usd": 1_000 * 100,
    "market.yatsen.net_of_gross_sales": 1.34 / 1.56,
    "market.ruhnn.services_share_2020q2": 64.8 / 272.7,
    "market.ruhnn.services_share_2021q2": 119.3 / 248.5,
    "market.mogu.livestream_share": 1_581 / 2_420,
    "market.mogu.take_rate": 119 / 2_420,
    "vendor.dw.contacts": 14_000 * 10,
    "vendor.dw.cost_usd": 14_000 * 200,
    "vendor.hfp.posts_per_account": 6_247 / 1_428,
    "vendor.yonghui.group_fill": 130_000 / 500 / 500,
    "vendor.teenie_weenie.closed_stores": 0.8 * 1_300,
}


@pytest.mark.parametrize("key", DERIVED)
def test_a_derived_number_follows_from_the_rule_it_names(key):
    known = assumption(key)
    assert known.rule
    assert known.value == pytest.approx(DERIVED[key], rel=0.005)


def test_the_exchange_rate_of_the_prices_is_the_one_in_the_table():
    assert assumption("brand.cny_per_usd").value == FX


def test_revenue_per_customer_agrees_with_revenue_and_customers_of_the_same_filing():
    for period in ("2018", "2019", "9m2019", "9m2020"):
        revenue = assumption(f"market.yatsen.direct_revenue_{period}_cny").value
        customers = assumption(f"market.yatsen.customers_{period}").value
        printed = assumption(f"market.yatsen.revenue_per_customer_{period}_cny").value
        assert revenue / customers == pytest.approx(printed, rel=0.005)


TIER_FIELDS = {
    "followers_low", "followers_high", "engagement_rate_by_followers", "on_target_share",
    "fake_view_weight", "crisis_probability", "supply", "hours_find", "hours_assess",
    "hours_match", "hours_contact", "hours_manage", "contacts_per_collaboration",
    "product_given_share",
}  # fmt: skip


@pytest.mark.parametrize("tier", ["celebrity", "kol", "micro_kol", "koc"])
def test_every_tier_has_every_field(tier):
    found = {key.split(".")[2] for key in assumptions() if key.startswith(f"tier.{tier}.")}
    assert found == TIER_FIELDS


def test_bands_meet_and_engagement_falls_with_size():
    tiers = ("koc", "micro_kol", "kol", "celebrity")
    for smaller, larger in pairwise(tiers):
        top = assumption(f"tier.{smaller}.followers_high").value
        assert top == assumption(f"tier.{larger}.followers_low").value
        rates = [
            assumption(f"tier.{t}.engagement_rate_by_followers").value for t in (smaller, larger)
        ]
        assert rates[0] > rates[1]


def test_a_cell_has_both_price_and_followers_inside_its_tier():
    cells = {tuple(key.split(".")[1:3]) for key in assumptions() if key.startswith("cell.")}
    assert len(cells) == 6
    for tier, platform in cells:
        assert assumption(f"cell.{tier}.{platform}.price_cny").value >= 0
        followers = assumption(f"cell.{tier}.{platform}.followers").value
        low, high = (assumption(f"tier.{tier}.followers_{end}").value for end in ("low", "high"))
        assert low <= followers <= high


CONTACT = (r"[\w.+-]+@[\w-]+\.\w+", r"(?<![\d.])1[3-9]\d{9}(?![\d.])", r"(?<!\d)0\d{2,3}[- ]\d{4}")
AMOUNTS = {"value", "low", "high", "price_usd", "reach", "cpm_printed_usd", "cost_cny"}


@pytest.mark.parametrize("path", sorted((ROOT / "data").glob("*.csv")), ids=lambda p: p.stem)
def test_no_table_holds_an_address_or_a_telephone_number(path):
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for column, cell in row.items():
                if column not in AMOUNTS:
                    assert not any(re.search(pattern, cell) for pattern in CONTACT), cell


@pytest.mark.parametrize("text", ["someone@example.com", "13900000000", "0755 8529 0000"])
def test_an_address_or_a_telephone_number_would_be_found(text):
    assert any(re.search(pattern, f"call {text} now") for pattern in CONTACT)
