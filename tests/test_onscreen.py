"""The scenario on screen: what was opened, saved, moved; stances; what it is held against."""

import pytest

from kolkit.beside import Beside
from kolkit.books import BOOKS
from kolkit.controls import build
from kolkit.onscreen import OnScreen
from kolkit.orders import OrderCounts
from kolkit.report.spec import read_spec
from kolkit.scenarios import Store
from kolkit.words import Words
from kolkit.workbook import Workbook, parameters

T = Words("en")


def screen(journey: str = "tier_mix", **given) -> OnScreen:
    return OnScreen(BOOKS[journey], parameters(journey) | given)


def test_what_was_saved_lies_beneath_what_was_moved():
    shown = screen()
    shown.show(base={"budget_cny": 3e6, "gross_margin": 0.6}, moved={"budget_cny": 4e6})
    assert shown.given["budget_cny"] == 4e6
    assert shown.given["gross_margin"] == 0.6
    assert shown.given["set_by_client"] == ["budget_cny", "gross_margin"]
    assert shown.changed
    shown.show(base={"budget_cny": 3e6, "gross_margin": 0.6}, moved={})
    assert shown.given["budget_cny"] == 3e6
    assert not shown.changed
    shown.show(base={}, moved={})
    assert shown.given == parameters("tier_mix")


@pytest.mark.parametrize("name", ["nordlys", "hearthline", "watch", "thinmargin"])
def test_a_saved_brief_is_the_same_scenario_as_its_report(name, shipped_briefs, tmp_path):
    spec = read_spec(shipped_briefs / f"{name}.yaml", out=tmp_path)
    inputs = Store(shipped_briefs).read(name).content.inputs
    book = Workbook({}, journey="plan")
    knobs = book.knobs()
    knobs.base = {"client": spec.client, "scenario": spec.scenario, "inputs": inputs}
    assert book.screen.given["set_by_client"]
    assert book.hash == spec.hash
    numbers = BOOKS["plan"].numbers(book.case)
    case = spec.books[-1].run(
        build("plan", spec.given), OrderCounts.from_dict(spec.given["orders_counted"])
        if spec.given["orders_counted"] else None,
    )  # fmt: skip
    assert numbers == BOOKS["plan"].numbers(case)


def test_an_input_without_a_knob_is_kept_too():
    shown = screen("plan")
    shown.show(base={"seed": 7}, moved={})
    assert shown.given["seed"] == 7


def test_a_page_sets_inputs_only():
    shown = screen()
    before = dict(shown.given)
    shown.show(base={"client": "x", "orders_file": "/etc/passwd"}, moved={"set_by_client": ["x"]})
    assert shown.given == before


@pytest.mark.parametrize("journey", list(BOOKS))
def test_one_stance_after_another_never_drifts(journey):
    shown = screen(journey)
    seen = {}
    for key in ("cautious", "bold", "cautious", "typical", "bold"):
        inputs, back, note = shown.stance(T, key)
        kept = {name: value for name, value in shown.moved.items() if name not in back}
        shown.show(base={}, moved=kept | inputs)
        assert not shown.refused
        stake = BOOKS[journey].numbers(shown.case)[BOOKS[journey].stake[0]]
        assert seen.setdefault(key, stake) == stake
        assert note
    assert seen["cautious"] < seen["typical"] < seen["bold"]
    shown.show(base={}, moved={})
    assert BOOKS[journey].numbers(shown.case)[BOOKS[journey].stake[0]] == seen["typical"]


def test_a_stance_keeps_what_the_client_had_moved():
    shown = screen()
    shown.show(base={}, moved={"view_rate": 0.35, "budget_cny": 1e6})
    inputs, back, _ = shown.stance(T, "cautious")
    shown.show(base={}, moved=shown.moved | inputs)
    assert shown.given["view_rate"] < 0.35
    inputs, back, _ = shown.stance(T, "typical")
    kept = {name: value for name, value in shown.moved.items() if name not in back}
    shown.show(base={}, moved=kept | inputs)
    assert shown.moved == {"view_rate": 0.35, "budget_cny": 1e6}


def test_the_baseline_is_what_was_opened_then_saved_then_chosen():
    shown = screen("plan")
    beside = Beside(shown)
    beside.choose({})
    assert beside.baseline is None
    shown.show(base={}, moved={"budget_cny": 3e6})
    beside.choose({})
    assert beside.baseline.facts["budget_cny"] == 2e6
    shown.show(base={"budget_cny": 3e6}, moved={})
    beside.choose({})
    assert beside.baseline is None
    other = {"id": "a", "name": "Small", "inputs": {"budget_cny": 1e6}}
    beside.choose({"baseline": "a", "others": [other]})
    assert beside.baseline.facts["budget_cny"] == 1e6
    card = beside.card(T, "Here")
    assert card["title"].startswith("From Small to Here, on screen")
    assert "Budget" in card["lead"]
    assert [table.name for table in beside.tables(T, "Here")]


def test_a_scenario_that_cannot_be_is_said_in_the_comparison():
    beside = Beside(screen("livestream"))
    other = {"id": "a", "name": "Wrong", "inputs": {"commission_rate": 20}}
    beside.choose({"others": [other]})
    card = beside.card(T, "Here")
    assert "Did you mean 0.20?" in card["lead"]
    assert card["title"]
