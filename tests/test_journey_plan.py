"""The joint plan: one budget, nothing spent twice, and each journey alone as on its own page."""

import itertools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kolkit.books import BOOKS
from kolkit.brief import load_brief
from kolkit.errors import InputError
from kolkit.inputs import Brand, Brief, Livestream, Plan, PrivatePool, TierMix
from kolkit.journeys import livestream, mix_plan, plan, private_pool, tier_mix
from kolkit.journeys.plan_engine import KEYS, NO_ACTION, Actions, Engine, one
from kolkit.text import plan as text
from kolkit.text.half_page import half_page
from kolkit.words import Words

ROOT = Path(__file__).resolve().parents[1]
BRIEFS = ROOT / "reports" / "briefs"
GOOD = Brand(gross_margin=0.65, average_order_value_cny=320.0)


def brief(**sections: object) -> Brief:
    return Brief(client="Ada", **sections)


def only(key: str, **shares: float) -> Plan:
    return Plan(**{f"include_{k}": k == key for k in KEYS}, **shares)


def test_alone_the_tier_mix_is_its_own_page_to_the_cent():
    joint = plan.run(brief(brand=GOOD, plan=only("tier_mix")))
    single = tier_mix.run(brief(brand=GOOD))
    assert single.verdict.book
    assert joint.actions.mix.counts == single.plan.counts
    assert np.array_equal(joint.profit, single.drawn.profit_cny)
    assert joint.interval == single.profit
    assert joint.lines[0].spent == pytest.approx(single.plan.cost_cny, abs=0.005)


@pytest.mark.parametrize("budget", [50e6, 500e6, 5e9])
def test_a_budget_beyond_what_posts_can_use_is_left_over_not_wasted(budget):
    enough = plan.run(brief(brand=Brand(budget_cny=3e6)))
    much = plan.run(brief(brand=Brand(budget_cny=budget)))
    assert enough.lines[0].spent > 1e6
    assert much.lines[0].spent == pytest.approx(enough.lines[0].spent, rel=0.5)
    assert np.median(much.profit) > 0.95 * np.median(enough.profit)


def test_alone_the_pool_is_its_own_page_to_the_cent():
    pool = PrivatePool(orders_per_month=80_000, social_joins_per_month=300)
    joint = plan.run(brief(brand=GOOD, private_pool=pool, plan=only("private_pool")))
    single = private_pool.run(brief(brand=GOOD, private_pool=pool))
    assert single.verdict.build
    assert joint.actions.paid_joins == single.paid_joins
    assert np.array_equal(joint.profit, single.profit)
    assert joint.lines[0].spent == pytest.approx(single.funding_needed, abs=0.005)


def test_alone_the_livestream_is_its_own_page_to_the_cent():
    joint = plan.run(brief(plan=only("livestream")))
    single = livestream.run(brief())
    assert np.array_equal(joint.profit, single.recommended.profit)
    assert joint.interval == single.recommended.interval
    assert joint.lines[0].spent == single.recommended.terms.slot_fee


def test_a_journey_that_its_own_page_refuses_is_refused_alone():
    thin = Brand(gross_margin=0.1, average_order_value_cny=60.0)
    for key in KEYS:
        case = plan.run(brief(brand=thin, plan=only(key)))
        assert not case.verdict.go
        assert case.profit.max() == case.profit.min() == 0
        assert case.unspent == thin.budget_cny


@pytest.mark.parametrize(("advance", "said"), [(0.3, "a pool that carries itself"),
                                               (80_300, "¥80.3k to carry the pool")])  # fmt: skip
def test_no_sentence_asks_for_an_advance_of_nothing(advance, said):
    line = SimpleNamespace(key="private_pool", spent=advance)
    done = SimpleNamespace(active=("private_pool",), sessions=0)
    told = text.spending(Words("en"), SimpleNamespace(lines=[line], actions=done))
    assert told[0].startswith(said)


def test_no_yuan_is_spent_twice():
    case = plan.run(brief())
    assert len(case.actions.active) == 3
    assert sum(line.spent for line in case.lines) + case.unspent == pytest.approx(2_000_000)
    assert case.unspent >= 0
    assert case.parts.total == pytest.approx(sum(case.parts.profit[key] for key in KEYS))


def test_joins_from_posts_and_buyers_reach_the_pool_and_raise_its_profit():
    whole, alone = plan.run(brief()), private_pool.run(brief())
    mix = mix_plan.outcome(whole.facts, whole.actions.mix, whole.facts.centre())
    assert one(whole.central.mix_joins) == pytest.approx(one(mix.pool_joins) / 12)
    buyers = livestream.buyers_of(whole.live.recommended, whole.facts, whole.facts.centre())
    assert one(whole.central.live_joins) == pytest.approx(float(buyers) * 0.15 / 12)
    assert whole.pool.growth.members[0, -1] > alone.central.members[0, -1]
    assert np.median(whole.parts.profit["private_pool"]) > alone.interval.p50


def test_the_split_is_the_best_of_the_grid():
    """Every other combination earns no more or costs too much."""
    case = plan.run(brief())
    engine, centre = case.engine, case.facts.centre()
    best = one(engine.parts(case.tried, centre).total)
    rng = np.random.default_rng(7)
    for _ in range(40):
        level = float(rng.integers(0, 21)) / 20 * 2_000_000
        mix = mix_plan.plan_at(case.facts, level) if level else None
        sessions = int(rng.integers(0, 2))
        paid = float(rng.choice([0, 250, 1000, 2500]))
        other = Actions(mix, sessions, paid)
        cost = (mix.cost_cny if mix else 0) + sessions * engine.fee()
        pool = engine._pool(np.array([paid]), np.atleast_1d(_joins(engine, other, centre)))
        if cost + float(pool[1][0]) <= 2_000_000:
            assert one(engine.parts(other, centre).total) <= best + 0.01


def _joins(engine: Engine, actions: Actions, centre: dict[str, float]) -> float:
    parts = engine.parts(actions, centre)
    return one(parts.mix_joins) + one(parts.live_joins)


def test_given_shares_are_kept_and_too_many_are_refused():
    case = plan.run(brief(plan=Plan(share_tier_mix=0.25)))
    assert case.tried.mix is None or case.tried.mix.cost_cny <= 500_000
    with pytest.raises(InputError, match=r"share_tier_mix.* 1\.20.*Lower it by 0\.20 to 0\.50"):
        plan.run(brief(plan=Plan(share_tier_mix=0.7, share_private_pool=0.3, share_livestream=0.2)))
    with pytest.raises(InputError, match="every journey is left out"):
        plan.run(brief(plan=only("none")))


def test_more_budget_never_plans_less_profit():
    found = []
    for budget in np.linspace(0, 4_000_000, 17):
        case = plan.run(brief(brand=Brand(budget_cny=float(budget))))
        found.append(one(case.engine.parts(case.tried, case.facts.centre()).total))
    # Levels are shares of the budget: a larger one can miss the best level by less than a step.
    assert all(later >= earlier * 0.99 - 1 for earlier, later in itertools.pairwise(found))
    assert found[-1] > found[0]


def test_flows_add_up_at_every_place():
    for sections in ({}, {"brand": GOOD}, {"tier_mix": TierMix(order_rate_per_reached=0.004)}):
        case = plan.run(brief(**sections))
        into: dict[str, float] = {}
        out: dict[str, float] = {}
        for flow in case.flows:
            out[flow.source] = out.get(flow.source, 0) + flow.amount
            into[flow.target] = into.get(flow.target, 0) + flow.amount
        for way in set(into) & set(out):
            assert into[way] == pytest.approx(out[way], abs=3)
        loss = out.get("budget", 0.0)
        assert into.get("profit", 0.0) - loss == pytest.approx(one(case.central.total), abs=5)


def test_drivers_end_where_the_engine_ends_and_flips_flip():
    case = plan.run(brief())
    centre = case.facts.centre()
    for driver in case.drivers[:6]:
        p10, p90 = np.quantile(case.draws[driver.name], [0.1, 0.9])
        assert (driver.p10, driver.p90) == (p10, p90)
        for end, told in ((p10, driver.profit_at_low), (p90, driver.profit_at_high)):
            total = case.engine.parts(case.actions, {**centre, driver.name: end}).total
            assert one(total) == pytest.approx(told)
    flipping = [driver for driver in case.drivers if driver.flips_at is not None]
    assert flipping
    lesser = [NO_ACTION, *(case.actions.without(key) for key in case.actions.active)]
    for driver in flipping:
        if driver.name in case.live.uncertain and case.live.flip(driver.name) == driver.flips_at:
            continue
        here = case.facts[driver.name]
        beyond = {**centre, driver.name: here + 1.05 * (driver.flips_at - here)}
        own = one(case.engine.parts(case.actions, beyond).total)
        assert max(one(case.engine.parts(a, beyond).total) for a in lesser) >= own - 1


def test_worth_of_knowing_is_never_negative_and_ranked():
    worth = [value for _, value in plan.run(brief()).worth_knowing]
    assert worth == sorted(worth, reverse=True)
    assert worth[0] > 0
    assert worth[-1] >= 0


def test_too_risky_a_plan_gives_way_to_a_part_of_it():
    careful = plan.run(brief(brand=Brand(loss_tolerance=0.02)))
    assert careful.verdict.go
    assert careful.verdict.reasons == ("loss_too_likely",)
    assert careful.loss_probability <= 0.02
    assert careful.actions.mix.cost_cny < careful.tried.mix.cost_cny
    assert "Do not do more" in text.answer(Words("en"), careful).headline


def test_one_journey_alone_is_advised_with_less_where_the_whole_budget_is_too_risky():
    rich = Brand(gross_margin=0.62, average_order_value_cny=320.0, budget_cny=5_000_000.0)
    wide = TierMix(universe_people=15_000_000)
    case = plan.run(brief(brand=rich, tier_mix=wide, plan=only("tier_mix")))
    assert not tier_mix.run(brief(brand=rich, tier_mix=wide)).verdict.book
    assert case.verdict.go
    assert 0 < case.lines[0].spent < 5_000_000
    assert case.loss_probability <= rich.loss_tolerance


def test_shares_that_the_client_gives_are_kept():
    case = plan.run(brief(plan=Plan(share_tier_mix=1.0)))
    assert case.tried.mix.cost_cny == pytest.approx(2_000_000, rel=0.01)
    assert case.tried.sessions == 0
    pooled = plan.run(brief(brand=Brand(gross_margin=0.2), plan=Plan(share_private_pool=0.2)))
    assert pooled.tried.paid_joins is not None
    cheap = plan.run(brief(plan=Plan(share_livestream=0.05)))
    assert cheap.tried.sessions == 0
    with pytest.raises(InputError, match="too little to carry it"):
        plan.run(brief(plan=Plan(share_private_pool=0.01)))
    with pytest.raises(InputError, match="reserved for a journey that is left out"):
        plan.run(brief(plan=Plan(share_livestream=0.3, include_livestream=False)))


@pytest.mark.parametrize("name", ["nordlys", "hearthline", "watch", "thinmargin"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_half_page_has_at_most_120_words_and_a_table_that_adds_up(name, language):
    case = plan.run(load_brief(BRIEFS / f"{name}.yaml").brief)
    page = half_page(Words(language), case)
    told = [row for _, row in page.rows(Words(language))]
    assert all(told)
    if language == "en":
        # A number and its unit are one word: a narrow space keeps them together.
        words = " ".join(told).replace("\u202f", "").replace("·", "").split()
        assert len(words) <= 120
    *parts, total = (row[1] for row in page.table.rows())
    assert sum(parts) == total == case.facts["budget_cny"]


def test_the_watch_brands_campaign_follows_from_the_books_figures():
    """14,000 micro-KOLs, ten contacted for each, US$200 each: 140,000 contacts, US$2.8m in fees."""
    case = tier_mix.run(load_brief(BRIEFS / "watch.yaml").brief)
    assert case.plan.collaborations == 14_000
    prices = (case.measures.price[:, 0] * case.plan.counts).sum()
    assert prices / case.facts["cny_per_usd"] == pytest.approx(2_800_000, rel=0.001)
    assert (case.measures.contacts[:, 0] * case.plan.counts).sum() == pytest.approx(140_000)
    assert case.outreach.enough > 140_000
    assert case.outreach.days > 252, "one sender cannot do it in a year"


def test_one_brief_is_refused_in_every_journey():
    found = load_brief(BRIEFS / "thinmargin.yaml").brief
    for key in ("tier_mix", "private_pool", "livestream", "plan"):
        book = BOOKS[key]
        told = book.answer(Words("en"), book.run(found, None)).headline
        assert "Do not" in told, key
    assert "tier mix −¥" in half_page(Words("en"), plan.run(found)).brings


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_plan_has_words(language):
    t, rng = Words(language), np.random.default_rng(3)
    for _ in range(25):
        case = plan.run(
            brief(
                brand=Brand(
                    budget_cny=float(rng.choice([0, 5e4, 5e5, 1e7])),
                    gross_margin=float(rng.uniform(0, 0.9)),
                    horizon_months=int(rng.integers(1, 25)),
                ),
                livestream=Livestream(return_rate_observed=float(rng.uniform(0, 1))),
                plan=Plan(
                    include_tier_mix=bool(rng.random() < 0.8),
                    include_livestream=bool(rng.random() < 0.8),
                    sessions_cap=int(rng.integers(0, 4)),
                ),
            )
        )
        told = text.answer(t, case)
        rows = [row for _, row in half_page(t, case).rows(t)]
        figures = [figure.tell(t, case) for figure in BOOKS["plan"].figures.values()]
        for sentence in [told.headline, told.qualifier, *rows, *(f.title for f in figures)]:
            assert sentence
            assert "{" not in sentence
            assert "nan" not in sentence.casefold()
