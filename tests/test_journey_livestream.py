"""The livestream journey: verdicts that follow from numbers, intervals, order files."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kolkit.controls import build
from kolkit.errors import InputError
from kolkit.inputs import Brand, Brief, Livestream
from kolkit.journeys.livestream import run
from kolkit.order_file import count_orders
from kolkit.orders import OrderCounts
from kolkit.report.spec import read_spec
from kolkit.text import livestream as text
from kolkit.text import livestream_figures
from kolkit.words import Words

ROOT = Path(__file__).resolve().parents[1]
BRIEFS = ROOT / "reports" / "briefs"


def case_of(name: str, **changes: object):
    """The case of a shipped brief, with some inputs changed."""
    spec = read_spec(BRIEFS / f"{name}.yaml", out=ROOT / "reports" / "out")
    values = dict(spec.given) | changes
    counted = values["orders_counted"]
    return run(build("livestream", values), OrderCounts.from_dict(counted) if counted else None)


def test_the_first_brief_is_not_to_be_signed_and_says_why():
    case = case_of("nordlys")
    assert not case.verdict.sign
    assert "rewards_self_purchasing" in case.verdict.reasons
    told = text.answer(Words("en"), case).headline
    assert "Do not sign as offered: buying its own goods pays the streamer" in told


def test_the_second_brief_is_to_be_signed_on_conditions():
    case = case_of("hearthline")
    assert case.verdict.sign
    assert case.offered.loss_probability <= case.facts["loss_tolerance"]
    assert "Sign, provided" in text.answer(Words("en"), case).headline


def walked(step: float):
    """From the first brief's terms (0) to a fee and clauses that are safe (1)."""
    return case_of(
        "nordlys",
        commission_base="net",
        guarantee_base="net",
        slot_fee_cny=600_000 * (1 - step) + 100_000 * step,
        guarantee_cny=600_000.0,
    )


def test_walking_the_terms_finds_the_point_where_the_verdict_changes():
    """Bisection between the terms on offer and safe ones; what changes is what the rule says."""
    low, high = 0.0, 1.0
    assert not walked(low).verdict.sign
    assert walked(high).verdict.sign
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if walked(middle).verdict.sign else (middle, high)
    before, after = walked(low), walked(high)
    assert not before.verdict.sign
    assert after.verdict.sign
    assert before.verdict.reasons
    bound = (1 - after.facts["dump_recovery_rate"] - after.facts["commission_rate"]) * 600_000
    if "rewards_self_purchasing" in before.verdict.reasons:
        # (1 - d - c) G is safe at any cost of brushing; a cost k > 0 allows a little more.
        k = after.facts["brushing_cost_rate"]
        assert bound - 1 <= after.terms.slot_fee <= bound + k * 600_000 + 1
    else:
        assert after.offered.loss_probability <= after.facts["loss_tolerance"]
        assert before.offered.loss_probability > before.facts["loss_tolerance"]


def test_a_loss_that_is_too_likely_is_a_reason_of_its_own():
    case = case_of("hearthline", slot_fee_cny=300_000.0, loss_tolerance=0.01)
    assert not case.verdict.sign
    assert case.verdict.reasons in (("loss_too_likely",), ("loses_at_median",))
    assert not case.offered.incentive.rewards_self_purchasing


def test_the_proposal_is_safe_affordable_and_no_dearer():
    case = case_of("nordlys")
    best = case.recommended
    assert best is not None
    assert not best.incentive.rewards_self_purchasing
    assert best.loss_probability <= case.facts["loss_tolerance"]
    assert best.terms.slot_fee <= case.terms.slot_fee
    assert best.interval.p50 > case.offered.interval.p50


def test_without_any_margin_the_advice_is_not_to_stream():
    case = case_of("nordlys", gross_margin=0.02)
    assert case.recommended is None
    assert "Neither a lower fee" in livestream_figures.contracts(Words("en"), case).title


def test_interval_holds_the_middle_and_the_same_seed_repeats_it():
    one, two = case_of("nordlys"), case_of("nordlys")
    assert one.genuine_interval.p10 < float(one.session.genuine_kept) < one.genuine_interval.p90
    assert one.offered.interval == two.offered.interval
    assert len(one.offered.profit) == 2000
    assert case_of("nordlys", seed=2).offered.interval != one.offered.interval


def test_lines_add_up_to_the_profit():
    lines = case_of("nordlys").lines
    parts = [getattr(lines, name) for name in lines.__dataclass_fields__]
    assert sum(map(float, parts)) == pytest.approx(float(lines.profit))


@pytest.mark.parametrize("brief", ["nordlys", "hearthline"])
def test_inputs_flip_the_advice_where_they_are_said_to(brief):
    case = case_of(brief)
    best = case.recommended
    assert best is not None
    flips = {name: case.flip(name) for name in case.uncertain}
    flipping = {name: at for name, at in flips.items() if at is not None}
    assert flipping
    for name, at in flipping.items():
        here = case.facts[name]
        assert case._reasons_at(best, name, here + 0.97 * (at - here)) == ()
        assert case._reasons_at(best, name, here + 1.001 * (at - here)) != ()


@pytest.mark.parametrize("guarantee", [600_000.0, 250_000.0])
def test_the_fee_that_is_named_as_limit_is_the_last_that_would_be_signed(guarantee):
    case = case_of("hearthline", guarantee_cny=guarantee)
    assert case.verdict.sign
    assert case_of("hearthline", guarantee_cny=guarantee, slot_fee_cny=case.fee_limit).verdict.sign
    above = case_of("hearthline", guarantee_cny=guarantee, slot_fee_cny=case.fee_limit + 10_000)
    assert not above.verdict.sign


def test_a_session_without_buyers_is_not_signed():
    for rate in (0.95, 1.0):
        case = case_of("hearthline", return_rate_observed=rate)
        assert not case.verdict.sign


def test_a_fee_above_the_budget_is_not_signed_nor_proposed():
    case = case_of("hearthline", slot_fee_cny=1_000_000.0, guarantee_cny=5_000_000.0)
    assert "over_budget" in case.verdict.reasons
    if case.recommended:
        assert case.recommended.terms.slot_fee <= case.facts["budget_cny"]


def test_a_thin_margin_is_met_with_a_lower_commission_before_giving_up():
    case = case_of("hearthline", gross_margin=0.17)
    assert case.recommended is not None
    assert case.recommended.terms.slot_fee == 0
    assert 0 < case.recommended.terms.commission_rate < case.terms.commission_rate


def test_a_proposal_stays_safe_if_dumped_goods_fetch_the_most_that_is_plausible():
    case = case_of("nordlys")
    high = case.facts.by_name["dump_recovery_rate"].high
    assert "rewards_self_purchasing" not in case._reasons_at(
        case.recommended, "dump_recovery_rate", high
    )


def test_returns_below_the_base_rate_still_add_up():
    case = run(
        Brief(
            client="Ada",
            brand=Brand(base_return_rate=0.9),
            livestream=Livestream(return_rate_observed=0.5),
        )
    )
    assert case.share == 0
    assert float(case.session.returns) == pytest.approx(2_500_000)
    assert float(case.session.genuine_kept) == pytest.approx(2_500_000)


def test_what_a_brief_sets_is_the_clients_even_if_it_equals_the_default():
    facts = case_of("nordlys").facts.by_name
    assert facts["budget_cny"].origin == "client"
    assert facts["commission_rate"].origin == "client"
    assert facts["self_return_rate"].origin == "default"


def test_an_order_file_replaces_the_rate_and_a_whole_session_the_amounts():
    counts = count_orders(BRIEFS / "orders_nordlys_sample.csv")
    sample = run(Brief(client="Ada", livestream=Livestream(orders_scope="sample")), counts)
    whole = run(Brief(client="Ada", livestream=Livestream(orders_scope="session")), counts)
    assert sample.facts["return_rate_observed"] == counts.return_rate_by_value
    assert sample.facts.by_name["return_rate_observed"].origin == "file"
    assert sample.facts["gmv_reported_cny"] == 5_000_000
    assert whole.facts["gmv_reported_cny"] == counts.amount_paid_cny
    assert whole.facts["average_order_value_cny"] == counts.average_order_value_cny
    note = text.evidence_note(Words("en"), sample)
    assert "From the file: total return rate." in note
    assert "orders_nordlys_sample.csv" in note


def test_refund_counts_narrow_the_interval():
    counts = count_orders(BRIEFS / "orders_nordlys_sample.csv")
    counted = run(Brief(client="Ada", livestream=Livestream(orders_scope="sample")), counts)
    told = run(
        Brief(client="Ada", livestream=Livestream(return_rate_observed=counts.return_rate_by_value))
    )
    narrow = np.std(counted.draws["return_rate_observed"])
    wide = np.std(told.draws["return_rate_observed"])
    assert narrow == pytest.approx(counts.return_rate_standard_error, rel=0.05)
    assert narrow < wide


def test_the_real_tmall_file_feeds_the_journey(shared_dir):
    counts = count_orders(shared_dir / "real-data" / "tmall_orders_2020-02-01_22.csv")
    case = run(Brief(client="Ada", brand=Brand(category="all_categories")), counts)
    assert case.facts["gmv_reported_cny"] == pytest.approx(856_806.68)
    assert case.facts["return_rate_observed"] == pytest.approx(0.26006, abs=1e-5)
    assert case.share < 0.05


def test_own_orders_that_come_back_like_others_are_refused():
    with pytest.raises(InputError, match=r"must be above the base return rate of 0\.55"):
        run(
            Brief(
                client="Ada",
                brand=Brand(category="womenswear"),
                livestream=Livestream(self_return_rate=0.5),
            )
        )


def test_a_young_session_says_that_returns_are_still_coming():
    case = run(Brief(client="Ada", livestream=Livestream(session_age_days=3)))
    assert "lower bound" in text.answer(Words("en"), case).qualifier


def test_a_clients_own_figure_is_known_and_an_assumption_stays_uncertain():
    case = run(
        Brief(
            client="Ada", brand=Brand(gross_margin=0.6), livestream=Livestream(self_return_rate=0.9)
        )
    )
    assert "gross_margin" not in case.uncertain
    assert "self_return_rate" in case.uncertain
    fact = case.facts.by_name["self_return_rate"]
    assert (fact.low, fact.high) == (pytest.approx(0.8), pytest.approx(0.95))


@settings(max_examples=60, deadline=None)
@example(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, ("gross", "gross"), "none", False)
@given(
    fee=st.floats(0, 3e6), guarantee=st.floats(0, 1e7), c=st.floats(0, 0.5),
    r=st.floats(0, 1), r0=st.floats(0, 0.8), margin=st.floats(0, 1),
    bases=st.tuples(st.sampled_from(["gross", "net"]), st.sampled_from(["gross", "net"])),
    shortfall=st.sampled_from(["none", "pro_rata", "cliff"]), advance=st.booleans(),
)  # fmt: skip
def test_every_position_of_the_sliders_has_an_answer_in_both_languages(
    fee, guarantee, c, r, r0, margin, bases, shortfall, advance
):
    brand = Brand(base_return_rate=r0, gross_margin=margin)
    case = run(Brief(client="Ada", brand=brand, livestream=Livestream(
            return_rate_observed=r, slot_fee_cny=fee, guarantee_cny=guarantee, commission_rate=c,
            commission_base=bases[0], guarantee_base=bases[1], shortfall=shortfall,
            fee_is_advance=advance,
        )))  # fmt: skip
    for language in ("en", "zh"):
        t = Words(language)
        told = text.answer(t, case)
        for sentence in (told.headline, told.qualifier):
            assert sentence
            assert "{" not in sentence
            assert "nan" not in sentence.casefold()
        if case.verdict.sign:
            assert not case.offered.incentive.rewards_self_purchasing
            assert case.offered.loss_probability <= case.facts["loss_tolerance"]
        else:
            assert case.verdict.reasons


def test_numbers_agree_between_table_and_result():
    case = case_of("nordlys")
    words = livestream_figures.contracts(Words("en"), case)
    assert words.table.columns["Brand P50"] == [o.interval.p50 for o in case.options]
