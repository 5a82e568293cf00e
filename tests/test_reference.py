"""The reference tables are whole, in both languages, and the counts of the command agree."""

import csv
from pathlib import Path

import pytest

from kolkit import reference
from kolkit.assumptions import assumptions, category_return_rates
from kolkit.errors import InputError
from kolkit.listing import ASSUMPTIONS, TABLES, sources_table

DATA = Path(__file__).resolve().parents[1] / "data"
BRANDS = """Daniel Wellington|Perfect Diary|DJI|Girlcult|HomeFacialPro (HFP)|Yonghui|Xiaomi|
Teenie Weenie|Lin Qingxuan|Estée Lauder|Patagonia|Samsonite|BMW|IKEA|H&M|Ericsson|Volvo|Rolex|
Lil Miquela|Kizuna AI|Luo Tianyi|Discovery Channel|British Museum|Metropolitan Museum of Art|
National Geographic|Viral Access|Alarice|Yatsen|Ruhnn|MOGU""".replace("\n", "").split("|")


def test_the_costs_per_thousand_are_computed_beside_the_printed_ones():
    channels = reference.channels().values()
    assert [round(c.cpm_usd, 2) for c in channels] == [100, 40, 30, 6.67]
    assert [c.cpm_printed_usd for c in channels] == [100, 40, 30, 7]


def test_there_are_four_tiers_and_twelve_platforms():
    assert list(reference.tiers()) == ["celebrity", "kol", "micro_kol", "koc"]
    assert len(reference.platforms()) == 12
    assert [p.key for p in reference.platforms().values() if not p.active] == ["weitao"]


def test_every_cell_and_case_names_a_known_tier_and_platform():
    for key in assumptions():
        if key.startswith("cell."):
            _, tier, platform, _ = key.split(".")
            assert tier in reference.tiers()
            assert platform in reference.platforms()
    for case in reference.cases().values():
        assert set(case.platforms) <= set(reference.platforms()), case.brand


@pytest.mark.parametrize("brand", BRANDS)
def test_every_brand_of_the_sources_is_a_case(brand):
    assert brand in {case.brand for case in reference.cases().values()}


def test_the_directory_is_the_union_of_both_lists():
    agencies = reference.directory().values()
    in_mcn, in_agency = (
        {a.key for a in agencies if a.in_mcn_list},
        {a.key for a in agencies if a.in_agency_list},
    )
    assert (len(in_mcn), len(in_agency), len(in_mcn & in_agency)) == (16, 11, 9)
    assert len(agencies) == len(in_mcn | in_agency) == 18
    assert in_agency - in_mcn == {"viral_access", "toutiao_kol"}
    assert all(a.status == "2020, unverified" for a in agencies)
    assert all("/" not in a.website for a in agencies)


def test_lists_are_as_long_in_chinese():
    for english, chinese in zip(
        reference.directory("en").values(), reference.directory("zh").values(), strict=True
    ):
        for name in ("services", "platforms", "industries", "base"):
            assert len(getattr(english, name)) == len(getattr(chinese, name)), english.key


@pytest.mark.parametrize("path", sorted(DATA.glob("*.csv")), ids=lambda p: p.stem)
def test_what_is_said_in_english_is_said_in_chinese(path):
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for column in row:
                if f"{column}_zh" in row:
                    assert bool(row[column]) == bool(row[f"{column}_zh"]), (row, column)


def test_a_reader_gets_the_language_asked_for():
    assert reference.tiers("zh")["celebrity"].label == "明星"
    assert reference.platforms("zh")["weibo"].label == "微博"
    assert reference.claims_not_used("zh")["dw_rolex"].reason == "是数量，不是金额"


def test_the_count_of_the_unsourced_is_the_count_of_u():
    known = [*assumptions().values(), *category_return_rates().values()]
    unsourced = sum(a.grade == "U" for a in known)
    shown, note = sources_table("", unsourced=True)
    assert shown.row_count == unsourced
    assert note == (
        f"{unsourced} shown; {unsourced} of {len(known)} assumptions are unsourced (U)."
    )


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_printed_and_filtered(table):
    everything, note = sources_table("", table=table)
    nothing, none = sources_table("no such word", table=table)
    assert everything.row_count > 0
    assert note == f"{everything.row_count} of {everything.row_count} shown."
    assert nothing.row_count == 0
    assert none == f"0 of {everything.row_count} shown."


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"grade": "X"}, "--grade must be one of A, B, C, U; got X"),
        ({"grade": "AB"}, "--grade must be one of A, B, C, U; got AB"),
        ({"grade": "B", "unsourced": True}, "--unsourced means grade U"),
        ({"table": "brands"}, f"--table must be one of {ASSUMPTIONS}, tiers"),
        ({"table": "cases", "grade": "C"}, "The table cases has no grades"),
    ],
)
def test_what_cannot_be_listed_is_refused_in_a_sentence(asked, told):
    with pytest.raises(InputError, match=told):
        sources_table("", **asked)


def test_a_rule_does_not_hide_the_remark_that_sources_disagree():
    shown, _ = sources_table("The sources disagree")
    (told,) = shown.columns[-1].cells
    assert "Geometric middle" in str(told)
    assert "The sources disagree" in str(told)
