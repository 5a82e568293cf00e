"""Scenarios beside each other: changes on tiles, ghosts in figures, and what moved the answer."""

import json
import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import plotly.graph_objects as go
import pytest
from test_soak import KNOB_SECTIONS, broken, positions, strings

from kolkit.books import BOOKS
from kolkit.charts.compare import moved
from kolkit.charts.ghost import GHOST, with_ghost
from kolkit.controls import build
from kolkit.errors import InputError
from kolkit.inputs import default_of, inputs_of
from kolkit.journeys.compare import compare
from kolkit.order_file import count_orders
from kolkit.orders import OrderCounts
from kolkit.text.compare import comparison_html, comparison_tables, finding, moved_words
from kolkit.text.parts import Answer, Tile
from kolkit.words import Words

SAMPLE = Path(__file__).resolve().parents[1] / "reports" / "briefs" / "orders_nordlys_sample.csv"
EN, ZH = Words("en"), Words("zh")


def runner(journey):
    book = BOOKS[journey]

    def run(given):
        counted = given.get("orders_counted")
        counts = OrderCounts.from_dict(counted) if counted else None
        return book.run(build(journey, given), counts)

    return run


def side_by_side(journey, *given):
    run = runner(journey)
    columns = [(f"Plan {chr(65 + n)}", run(one), one) for n, one in enumerate(given)]
    return compare(BOOKS[journey], columns, run=run)


def at_random(journey, seed):
    """The flat inputs of a random position that can be, and its case."""
    rng, run = np.random.default_rng(seed), runner(journey)
    while True:
        found = positions(KNOB_SECTIONS[journey], rng)
        known = {name for _, name, _, _ in inputs_of(journey)}
        flat = {n: v for section in found.values() for n, v in section.items() if n in known}
        try:
            return flat, run(flat)
        except InputError:
            continue


# -- tiles ---------------------------------------------------------------------------------------


def tile(number, unit="CNY", better=1, **more):
    return Tile("Profit", "", "", key="profit", number=number, unit=unit, better=better, **more)


@pytest.mark.parametrize(
    ("now", "was", "unit", "told"),
    [
        (1_780_000, 1_200_000, "CNY", "+¥580k against ¥1.20m"),
        (-303_000, 500_000, "CNY", "−¥803k against ¥500k"),
        (44.9, 3.8, "CNY", "+¥41.1 against ¥3.8"),
        (0.08, 0.12, "share", "−4 points against 12\u202f%"),
        (0.09, 0.08, "share", "+1 point against 8\u202f%"),
        (30_000, 18_000, "count", "+12.0k against 18.0k"),
        (6, 9, "months", "−3 months against month 9"),
        (10, 9, "months", "+1 month against month 9"),
        (2.1, 1.6, "ratio", "+0.5\u202f× against 1.6\u202f×"),
        (math.inf, 9, "months", "was month 9"),
        (9, math.inf, "months", "was never"),
        (308, None, "CNY", "was –"),
        (None, 308, "CNY", "was ¥308"),
        (math.inf, math.inf, "months", ""),
        (None, None, "CNY", ""),
        (1_000_000, 1_000_000.2, "CNY", ""),
        (0.081, 0.079, "share", ""),
        (5, 5, "count", ""),
    ],
)
def test_a_tile_says_how_it_differs(now, was, unit, told):
    assert tile(now, unit).change(EN, tile(was, unit)) == told


def test_more_is_better_only_where_the_tile_says_so():
    up, down = tile(2), tile(1)
    assert (up.gain(down), down.gain(up)) == (1, -1)
    assert tile(math.inf, "months", -1).gain(tile(9, "months", -1)) == -1
    assert tile(2, better=0).gain(tile(1, better=0)) == 0
    assert tile(None).gain(tile(1)) == 0
    assert "kk-better" in up.change_html(EN, down)
    assert "▲" in up.change_html(EN, down)
    assert "kk-worse" in down.change_html(EN, up)
    assert "(worse)" in down.change_html(EN, up)
    assert "kk-" not in tile(2, better=0).change_html(EN, tile(1, better=0)).replace(
        "kk-change", ""
    ).replace("kk-arrow", "")


def test_tiles_are_matched_by_key_in_any_language():
    run = runner("private_pool")
    now = BOOKS["private_pool"].answer(EN, run({"orders_per_month": 60_000}))
    was = BOOKS["private_pool"].answer(ZH, run({}))
    page = now.html(EN, baseline=was)
    assert page.count("kk-change") >= 3
    assert "against" in page
    assert not re.search("[\u4e00-\u9fff]", page)
    assert now.html(EN, baseline=now) == now.html() == now.html(EN)


def test_an_infinite_fee_was_any_fee():
    fee = tile(5.0, endless="any fee")
    assert fee.change(EN, tile(math.inf)) == "was any fee"


@pytest.mark.parametrize("journey", BOOKS)
def test_every_tile_has_a_key_and_the_number_that_it_shows(journey):
    case = runner(journey)({})
    tiles = BOOKS[journey].answer(EN, case).tiles
    assert len({tile.key for tile in tiles}) == 4
    for one in tiles:
        assert one.number is not None
        said = one.said(EN, one.number)
        # A tile may round more coarsely than the change does; the first digits agree.
        digits = [re.sub(r"\D", "", text)[:2] for text in (said, one.value)]
        assert digits[0][:1] == digits[1][:1], (said, one.value)


def test_the_stake_is_a_number_of_its_book_and_of_its_first_tiles():
    for journey, book in BOOKS.items():
        case = runner(journey)({})
        stake = book.numbers(case)[book.stake[0]]
        assert stake in [one.number for one in book.answer(EN, case).tiles], journey


def test_an_answer_without_tiles_keys_compares_with_nothing():
    plain = Answer("f", "h", "q", (Tile("a", "b", "c"),))
    assert plain.html(EN, baseline=plain) == plain.html()


# -- ghosts --------------------------------------------------------------------------------------

CHANGED = {
    "start": {"gross_margin": 0.4, "accounts_open": 5},
    "tier_mix": {"fake_view_share": 0.5, "budget_cny": 3e6, "order_rate_per_reached": 0.008},
    "private_pool": {
        "gross_margin": 0.62,
        "orders_per_month": 60_000,
        "horizon_months": 18,
        "retained_after_12_months": 0.5,
    },
    "livestream": {"return_rate_observed": 0.6, "slot_fee_cny": 3e5, "gross_margin": 0.6},
    "plan": {"budget_cny": 3e6, "gross_margin": 0.6},
}
FIGURES = [(journey, name) for journey, book in BOOKS.items() for name in book.figures]


def pair(journey, name, t, given=None):
    run, draw = runner(journey), BOOKS[journey].figures[name].draw
    return draw(t, run(given or CHANGED[journey])), draw(t, run({}))


def ghosts(figure):
    return [
        trace
        for trace in figure.to_plotly_json()["data"]
        if GHOST in (trace.get("line", {}).get("color"), trace["marker"].get("color") if
                     "marker" in trace else None)
    ]  # fmt: skip


@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize(("journey", "name"), FIGURES)
def test_every_figure_takes_a_ghost_that_plotly_knows(journey, name, t):
    now, was = pair(journey, name, t)
    kept = [json.dumps(figure.to_plotly_json(), default=list) for figure in (now, was)]
    ghosted = with_ghost(t, now, was)
    checked = go.Figure(ghosted.to_plotly_json())
    assert checked.to_plotly_json()["data"]
    assert kept == [json.dumps(f.to_plotly_json(), default=list) for f in (now, was)]
    if name == "flow":
        assert ghosted is now
        return
    texts = [note["text"] for note in ghosted.to_plotly_json()["layout"]["annotations"]]
    assert sum(text == "╌╌ " + t("Baseline") for text in texts) == 1
    assert ghosts(ghosted)
    assert ghosted.to_json() == with_ghost(t, now, was).to_json()


@pytest.mark.parametrize(("journey", "name"), FIGURES)
def test_the_same_scenario_has_no_ghost(journey, name):
    now, was = pair(journey, name, EN, {"loss_tolerance": 0.2})
    assert with_ghost(EN, now, was) is now


def test_dashes_stand_where_the_bars_of_the_baseline_ended():
    now, was = pair("start", "order", EN)
    (bars,) = was.to_plotly_json()["data"]
    ends = [base + size for base, size in zip(bars["base"], bars["x"], strict=True)]
    (dashes,) = ghosts(with_ghost(EN, now, was))
    assert set(dashes["x"]) - {None} <= set(ends)
    # The price is the same in both, so its row has no dashes.
    assert len(dashes["x"]) == 3 * (len(ends) - 2)
    assert dashes["customdata"][0].startswith("Baseline: ")
    left = EN.money(runner("start")({}).contribution)
    assert dashes["customdata"][-1] == f"Baseline: Left: {left}"


def test_rows_are_matched_by_name_where_the_order_changes():
    # Dear labour turns the ranking: the same cell stands in another row.
    now, was = pair("tier_mix", "ranking", EN, {"hours_factor": 6.0, "automation_share": 0.0})
    told = [
        {row.partition(": ")[0]: (x, y) for row, x, y in zip(bars["customdata"], bars["x"],
                                                              bars["y"], strict=True)}
        for bars in (now.to_plotly_json()["data"][0], was.to_plotly_json()["data"][0])
    ]  # fmt: skip
    assert [*told[0]] != [*told[1]], "this test needs another order"
    dashes = ghosts(with_ghost(EN, now, was))[0]
    for x, y, said in zip(dashes["x"][::3], dashes["y"][::3], dashes["customdata"][::3],
                          strict=True):  # fmt: skip
        name = said.removeprefix("Baseline: ").partition(": ")[0]
        assert x == told[1][name][0]
        assert abs(y - told[0][name][1]) < 0.5


def test_a_bar_that_is_cut_leaves_no_ghost():
    now, was = pair("tier_mix", "ranking", EN)
    notes = was.to_plotly_json()["layout"]["annotations"]
    cut = [n["y"] for n in notes if n["text"].endswith("›") and n["xref"] == "x"]
    (dashes, *_) = ghosts(with_ghost(EN, now, was))
    rows = {round(y) for y in dashes["y"] if y is not None}
    assert cut
    assert rows.isdisjoint(cut)
    assert rows


def test_a_ghost_that_reaches_further_widens_the_axis():
    now, was = pair("private_pool", "cash", EN, {"horizon_months": 6})
    before = now.to_plotly_json()["layout"]
    after = with_ghost(EN, now, was).to_plotly_json()["layout"]
    assert before["xaxis"]["range"][1] == 6
    assert after["xaxis"]["range"][1] == 12
    now, was = pair("private_pool", "cash", EN, {"gross_margin": 0.3})
    before = now.to_plotly_json()["layout"]
    after = with_ghost(EN, now, was).to_plotly_json()["layout"]
    assert after["yaxis"]["range"][1] > before["yaxis"]["range"][1]
    earlier = was.to_plotly_json()["layout"]
    assert after["yaxis"]["tickvals"] == earlier["yaxis"]["tickvals"]
    assert after["yaxis"]["range"][1] == earlier["yaxis"]["range"][1]


def test_the_amount_beside_a_bar_steps_behind_the_dashes():
    now, was = pair("private_pool", "capacity", EN, {"orders_per_month": 36_000})
    found = with_ghost(EN, now, was).to_plotly_json()
    (dashes,) = ghosts(with_ghost(EN, now, was))
    row = dashes["y"][0] + (dashes["y"][1] - dashes["y"][0]) / 2
    beside = [n for n in found["layout"]["annotations"] if n["y"] == pytest.approx(row)]
    assert max(n["x"] for n in beside) >= dashes["x"][0]
    layout = now.to_plotly_json()["layout"]
    room = layout["xaxis"]["range"][1] - max(n["x"] for n in layout["annotations"])
    kept = found["layout"]["xaxis"]["range"][1] - max(n["x"] for n in found["layout"]["annotations"]
                                                      if n.get("xref") != "paper")  # fmt: skip
    assert kept >= room - 1e-6


def test_a_budget_that_moved_leaves_its_rule_behind():
    now, was = pair("tier_mix", "budget", EN, {"budget_cny": 3e6})
    shapes = with_ghost(EN, now, was).to_plotly_json()["layout"]["shapes"]
    assert [s["x0"] for s in shapes if s["line"]["color"] == GHOST] == [2e6]


def test_nothing_in_place_of_a_figure_takes_no_ghost():
    run, draw = runner("plan"), BOOKS["plan"].figures["split"].draw
    nothing = draw(EN, run({"budget_cny": 0.0, "sessions_cap": 0, "order_rate_per_reached": 0.0,
                            "include_private_pool": False}))  # fmt: skip
    assert with_ghost(EN, nothing, draw(EN, run({}))) is nothing


@pytest.mark.parametrize("journey", BOOKS)
@pytest.mark.parametrize("seed", range(3))
def test_ghosts_hold_at_random_positions(journey, seed):
    (_, one), (_, other) = at_random(journey, [1, seed]), at_random(journey, [2, seed])
    for name, figure in BOOKS[journey].figures.items():
        now, was = figure.draw(EN, one), figure.draw(EN, other)
        ghosted = with_ghost(EN, now, was)
        data = go.Figure(ghosted.to_plotly_json()).to_plotly_json()
        assert len(data["data"]) >= len(now.data), name
        layout = data["layout"]
        for trace in ghosts(ghosted):
            for place in ("x", "y"):
                axis = layout[(trace.get(f"{place}axis") or place).replace(place, f"{place}axis")]
                values = [value for value in trace[place] if value is not None]
                if "range" in axis and place == "x":
                    assert axis["range"][0] <= min(values), name
                    assert max(values) <= axis["range"][1], name
        for text in strings(ghosted.to_plotly_json()):
            assert not broken(re.sub(r"%\{[^}]*\}", "", text)), (name, text)


# -- what moved the answer -----------------------------------------------------------------------


def book_of(result):
    """A workbook whose result is a plain function of start's first inputs."""
    real = BOOKS["start"]
    return SimpleNamespace(
        key="start",
        stake=("x", "the result"),
        numbers=lambda case: {"x": result(case.given)},
        answer=real.answer,
        run=real.run,
    )


def toy(result, first, other):
    """Compare two positions of the first page under a result of our own."""

    def run(given):
        return SimpleNamespace(given=given, facts=runner("start")({}).facts)

    book = book_of(result)
    return compare(book, [("A", run(first), first), ("B", run(other), other)], run=run)


def test_a_product_is_split_evenly_between_its_factors():
    # 2 x 3 = 6 to 4 x 6 = 24: forwards +6 and +12, backwards +6 and +12 the other way round.
    change = toy(
        lambda g: g["average_order_value_cny"] * g["return_cost_per_order_cny"],
        {"average_order_value_cny": 2.0, "return_cost_per_order_cny": 3.0},
        {"average_order_value_cny": 4.0, "return_cost_per_order_cny": 6.0},
    ).changes[0]
    assert {part.names: part.amount for part in change.parts} == {
        ("average_order_value_cny",): 9.0,
        ("return_cost_per_order_cny",): 9.0,
    }
    assert (change.before, change.after, change.both_ways) == (6.0, 24.0, True)


def test_a_sum_gives_each_input_its_own_part():
    change = toy(
        lambda g: g["gross_margin"] * 100 - g["budget_cny"],
        {"gross_margin": 0.5, "budget_cny": 10.0},
        {"gross_margin": 0.7, "budget_cny": 40.0},
    ).changes[0]
    assert {p.names[0]: round(p.amount, 9) for p in change.parts} == {
        "gross_margin": 20.0,
        "budget_cny": -30.0,
    }


def test_what_is_impossible_on_the_way_is_moved_in_another_order():
    # 80 % cannot be left after twelve months while 20 % are after one: the first has to go first.
    first = {"retained_after_1_month": 0.2, "retained_after_12_months": 0.1}
    other = {"retained_after_1_month": 0.9, "retained_after_12_months": 0.8}
    change = side_by_side("private_pool", first, other).changes[0]
    assert math.fsum(p.amount for p in change.parts) == pytest.approx(change.amount, abs=1e-6)
    assert {name for part in change.parts for name in part.names} == set(first)


def test_two_inputs_that_only_go_together_share_their_part():
    def result(given):
        margin, fee = given["gross_margin"], given["platform_fee_rate"]
        if (margin == 0.9) != (fee == 0.4):
            raise InputError("gross_margin: not without platform_fee_rate.")
        return 1000 * margin + given["budget_cny"]

    first = {"gross_margin": 0.5, "platform_fee_rate": 0.1, "budget_cny": 0.0}
    other = {"gross_margin": 0.9, "platform_fee_rate": 0.4, "budget_cny": 50.0}
    found = toy(result, first, other)
    assert [(p.names, round(p.amount, 6)) for p in found.changes[0].parts] == [
        (("gross_margin", "platform_fee_rate"), 400.0),
        (("budget_cny",), 50.0),
    ]
    assert "told together" in moved_words(EN, found).why


def test_many_small_parts_are_told_as_all_others_and_still_add_up():
    given = {
        "gross_margin": 0.6, "budget_cny": 3e6, "average_order_value_cny": 320.0,
        "base_return_rate": 0.3, "fake_view_share": 0.4, "view_rate": 0.25,
        "order_rate_per_reached": 0.005, "orders_per_month": 30_000, "card_scan_rate": 0.1,
        "slot_fee_cny": 300_000.0, "commission_rate": 0.15, "return_rate_observed": 0.45,
    }  # fmt: skip
    found = side_by_side("plan", {}, given)
    change = found.changes[0]
    shown, others = change.told
    assert len(found.differences) == len(change.parts) == 12
    assert len(shown) == 7
    assert len(others.names) == 5
    assert round(sum(p.amount for p in shown) + others.amount) == round(change.amount)
    bars = moved(EN, found).to_plotly_json()
    (trace,) = bars["data"]
    assert sum(trace["x"][:-1]) == pytest.approx(trace["x"][-1])
    assert trace["x"][-1] == change.after
    assert len(trace["x"]) == 10
    go.Figure(bars)


@pytest.mark.parametrize("journey", BOOKS)
@pytest.mark.parametrize("seed", range(3))
def test_parts_add_up_to_the_yuan_at_random_positions(journey, seed):
    one, other = at_random(journey, [3, seed])[0], at_random(journey, [4, seed])[0]
    found = side_by_side(journey, one, other)
    (change,) = found.changes
    book, run = BOOKS[journey], runner(journey)
    ends = [float(book.numbers(run(given))[book.stake[0]]) for given in (one, other)]
    assert [change.before, change.after] == ends
    total = math.fsum(part.amount for part in change.parts)
    assert total == pytest.approx(ends[1] - ends[0], abs=0.01)
    names = [name for part in change.parts for name in part.names]
    assert sorted(names) == sorted(d.name for d in found.differences)
    for t in (EN, ZH):
        page = comparison_html(t, found)
        assert not broken(page)
        assert finding(t, found)
        for text in strings(moved(t, found).to_plotly_json()):
            assert not broken(re.sub(r"%\{[^}]*\}", "", text))
        go.Figure(moved(t, found).to_plotly_json())


def test_the_same_inputs_differ_in_nothing():
    found = side_by_side("start", {}, {"gross_margin": 0.55})
    assert found.differences == ()
    assert found.changes[0].parts == ()
    assert finding(EN, found) == "Plan B assumes the same as Plan A."
    assert "All inputs are the same." in comparison_html(EN, found)
    assert len(comparison_tables(EN, found)) == 2


def test_a_figure_known_by_the_client_differs_from_the_same_one_assumed():
    found = side_by_side("start", {}, {"gross_margin": 0.55, "set_by_client": ["gross_margin"]})
    assert [d.name for d in found.differences] == ["gross_margin"]
    assert "known" in comparison_html(EN, found)
    # What stays uncertain once given is no difference.
    same = side_by_side(
        "start", {}, {"base_return_rate": None, "set_by_client": ["base_return_rate"]}
    )
    assert same.differences == ()


def test_an_order_file_is_one_input():
    counts = count_orders(SAMPLE)
    run = runner("livestream")
    given = {"orders_file": str(SAMPLE), "orders_scope": "sample"}
    with_file = BOOKS["livestream"].run(build("livestream", {"orders_scope": "sample"}), counts)
    columns = [("Claimed", run({}), {}), ("Counted", with_file, given)]
    found = compare(BOOKS["livestream"], columns, run=run)
    assert [d.name for d in found.differences] == ["orders_scope", "orders_counted"]
    (change,) = found.changes
    assert math.fsum(p.amount for p in change.parts) == pytest.approx(change.amount)
    assert change.after == with_file.offered.interval.p50
    page = comparison_html(EN, found)
    assert f"{counts.orders_paid:,} paid orders" in page
    assert "none" in page


def test_two_to_four_scenarios_fit():
    with pytest.raises(InputError, match="2 to 4; got 1"):
        side_by_side("start", {})
    four = side_by_side("start", {}, *({"gross_margin": m} for m in (0.4, 0.5, 0.6)))
    assert len(four.changes) == 3
    with pytest.raises(InputError, match="got 5"):
        side_by_side("start", *([{}] * 5))


def test_the_finding_names_what_makes_up_most_of_it():
    found = side_by_side("plan", {}, {"gross_margin": 0.6, "card_cost_cny": 0.5})
    told = finding(EN, found)
    assert re.match(r"Plan B earns ¥\w+ more than Plan A; ", told.replace(".", ""))
    assert "the input “Gross margin”" in told
    alone = side_by_side("start", {}, {"gross_margin": 0.4})
    assert finding(EN, alone).startswith("One order leaves ¥")
    assert finding(EN, alone).endswith("less in Plan B than in Plan A; all of it comes from the "
                                       "input “Gross margin”.")  # fmt: skip


def test_tables_name_their_rows_and_columns_and_are_safe():
    run = runner("tier_mix")
    given = [{}, {"cells": [{"tier": "kol", "platform": "weibo", "price_cny": 9e3,
                             "followers": 200_000}], "target_reach_people": 900_000}]  # fmt: skip
    columns = [("<b>A</b>", run(given[0]), given[0]), ("<b>A</b>", run(given[1]), given[1])]
    found = compare(BOOKS["tier_mix"], columns, run=run)
    page = comparison_html(EN, found)
    assert "<b>A" not in page
    assert "&lt;b&gt;A&lt;/b&gt; (2)" in page
    assert page.count("<caption>") == 3
    assert page.count('<th scope="row">') >= 4 + 2
    assert "1 rows" in page
    assert "free" in page
    figures, inputs, _ = comparison_tables(EN, found)
    assert figures.columns["Scenario"] == ["<b>A</b>", "<b>A</b> (2)"]
    assert inputs.rows()[0][0]
    assert all(len(table.rows()) for table in comparison_tables(ZH, found))


def test_the_table_of_parts_adds_up_in_every_column():
    other = {"gross_margin": 0.6, "commission_rate": 0.1}
    found = side_by_side("livestream", {}, {"slot_fee_cny": 2e5}, other)
    table = comparison_tables(EN, found)[2]
    for name in ("Plan B", "Plan C"):
        *parts, result = table.columns[name]
        assert math.fsum(p for p in parts if p is not None) == pytest.approx(result)
    words = moved_words(EN, found, 2)
    *parts, result = words.table.columns["RMB"]
    assert math.fsum(parts) == pytest.approx(result)
    assert "Plan C" in words.subtitle


def test_defaults_stand_in_for_what_is_left_out():
    full = {name: default_of(field) for _, name, field, _ in inputs_of("plan")}
    assert side_by_side("plan", {}, full).differences == ()
