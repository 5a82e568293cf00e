"""What the livestream journey says: sentences over a `LivestreamCase`."""

import math

from kolkit.journeys.livestream import LivestreamCase, Option
from kolkit.text.parts import Answer, Step, Tile
from kolkit.words import N_, Words


def option_name(t: Words, option: Option, case: LivestreamCase) -> str:
    """A contract's name on charts and in tables."""
    fee = t.about(option.terms.slot_fee)
    names = {
        "offered": t("As offered"),
        "proposal": t("Proposed: fee {fee}", fee=fee),
        "guarantee_on_net": t("Only the guarantee on net"),
        "all_on_net": t("Same fee, all on net"),
        "cliff_on_net": t("All on net, fee all or nothing"),
        "market_guarantee": t("Guarantee of three times the fee"),
        "no_guarantee": t("No guarantee"),
        "advance": t("Fee as advance on net commission"),
        "commission_only": t("Commission on net only"),
        "per_new_customer": t("Per genuine new customer"),
    }
    if option.key == "proposal" and not option.terms.slot_fee:
        return t("Proposed: no fee")
    return names[option.key]


def incentive_word(t: Words, option: Option) -> str:
    """Whether own orders pay the streamer, and if not whether the brand loses, in a few words."""
    if option.incentive.rewards_self_purchasing:
        return t("own orders pay")
    return t("loses, no incentive") if option.interval.p50 < 0 else t("safe")


def reasons(t: Words, case: LivestreamCase, *, first: bool = False) -> str:
    """Why not to sign, as clauses, or only the first; empty if the offer stands."""
    clauses = {
        "rewards_self_purchasing": t("buying its own goods pays the streamer"),
        "loses_at_median": t("it loses {loss}", loss=t.money(-case.offered.interval.p50)),
        "earns_nothing": t("it earns nothing"),
        "loss_too_likely": t(
            "it loses money in {n} of 100 cases", n=round(case.offered.loss_probability * 100)
        ),
        "over_budget": t("its fee exceeds the budget"),
    }
    shown = case.verdict.reasons[:1] if first else case.verdict.reasons
    return t.join([clauses[reason] for reason in shown])


def conditions(t: Words, case: LivestreamCase) -> list[str]:
    """What a signature rests on: the terms that carry it, and the fee at which it would fall."""
    found = []
    days = case.facts["return_window_days"]
    if case.still_returning:
        found.append(t("returns are counted again {n} days after the session", n=days))
    elif "net" in (case.terms.commission_base, case.terms.guarantee_base):
        found.append(t("sales are counted {n} days after the session", n=days))
    if case.terms.slot_fee > 0:
        found.append(t("the fee does not exceed {fee}", fee=t.money(case.fee_limit)))
    return found


def instead(t: Words, case: LivestreamCase) -> str:
    """What the recommended contract earns where the offer is not to be signed."""
    best = case.recommended
    if case.verdict.sign or best is None:
        return ""
    return t(
        "The proposal earns {p50} ({range}).",
        p50=t.about(best.interval.p50),
        range=t.span(t.about(best.interval.p10), t.about(best.interval.p90)),
    )


def _who(t: Words, case: LivestreamCase) -> str:
    """Whose session it was, where the brief names the streamer."""
    streamer = case.facts["streamer"]
    return t("The session is {name}’s.", name=streamer) if streamer else ""


def answer(t: Words, case: LivestreamCase) -> Answer:
    """The sentence with the recommendation, its interval, and four tiles."""
    reported, genuine = case.facts["gmv_reported_cny"], float(case.session.genuine_kept)
    found = t(
        "Of {reported} reported, about {genuine} stays sold.",
        reported=t.about(reported),
        genuine=t.about(genuine),
    )
    if case.verdict.sign:
        advice = t("Sign, provided {conditions}.", conditions=t.join(conditions(t, case)))
        if not conditions(t, case):
            advice = t("Sign: no plausible input changes that.")
    else:
        advice = t("Do not sign as offered: {reasons}.", reasons=reasons(t, case))
    base = case.facts.by_name["base_return_rate"]
    interval = case.genuine_interval
    qualifier = t(
        "Genuine net sales P10–P90 {interval}, given a base return rate of {base}. "
        "{share} of the reported sales cannot be explained by ordinary returns.",
        interval=t.span(t.about(interval.p10), t.about(interval.p90)),
        base=t.span(t.share(base.low or base.value), t.share(base.high or base.value)),
        share=t.share(case.share),
    )
    qualifier = t.sentences(_who(t, case), qualifier, instead(t, case))
    if case.still_returning:
        late = t("Returns are still coming in: this share is a lower bound.")
        qualifier = t.sentences(qualifier, late)
    headline = t.sentences(found, advice)
    return Answer(found, headline, qualifier, _tiles(t, case), _step(t, case))


def _step(t: Words, case: LivestreamCase) -> Step | None:
    """The proposed terms at one click."""
    best = case.recommended
    if case.verdict.sign or best is None:
        return None
    terms = best.terms
    inputs = {
        "slot_fee_cny": terms.slot_fee,
        "guarantee_cny": terms.guarantee,
        "commission_rate": terms.commission_rate,
        "commission_base": terms.commission_base,
        "guarantee_base": terms.guarantee_base,
        "shortfall": terms.shortfall,
        "fee_is_advance": terms.fee_is_advance,
    }
    return Step(t("Make it safe: set the proposed terms"), inputs)


def _tiles(t: Words, case: LivestreamCase) -> tuple[Tile, ...]:
    genuine, factor = case.genuine_interval, case.inflation_interval
    profit = case.offered.interval
    return (
        Tile(
            t("Genuine net sales"),
            t.money(float(case.session.genuine_kept)),
            t.span(t.about(genuine.p10), t.about(genuine.p90)),
            key="genuine",
            number=float(case.session.genuine_kept),
            unit="CNY",
            better=1,
        ),
        Tile(
            t("Inflation factor"),
            t.factor(float(case.session.inflation_factor)),
            t(
                "reported over genuine net, {range}",
                range=t.span(t.factor(factor.p10), t.factor(factor.p90)),
            ),
            key="inflation",
            number=float(case.session.inflation_factor),
            unit="ratio",
            better=-1,
            endless="∞",
        ),
        Tile(
            t("Profit as offered"),
            t.money(profit.p50),
            t(
                "{range}, loss in {n} of 100",
                range=t.span(t.about(profit.p10), t.about(profit.p90)),
                n=round(case.offered.loss_probability * 100),
            ),
            "bad" if profit.p50 < 0 else "good",
            key="profit",
            number=profit.p50,
            unit="CNY",
            better=1,
        ),
        Tile(
            t("Walk-away fee as offered"),
            t.money(case.walk_away_fee) if math.isfinite(case.walk_away_fee) else t("any fee"),
            t(
                "at a {risk} chance of loss; fair fee {fair}",
                risk=t.share(case.facts["loss_tolerance"]),
                fair=t.about(case.fair_fee) if math.isfinite(case.fair_fee) else t("any fee"),
            ),
            key="walk_away",
            number=case.walk_away_fee,
            unit="CNY",
            better=1,
            endless=N_("any fee"),
        ),
    )


def evidence(t: Words, case: LivestreamCase) -> str:
    """Where the return rate comes from: an order file or a claim."""
    if case.counts is None:
        if case.facts.by_name["return_rate_observed"].origin == "client":
            return t("return rate as told by the client")
        return t("assumed return rate")
    return t(
        "order file {file}, {orders} paid orders",
        file=case.counts.file,
        orders=t.number(case.counts.orders_paid),
    )


def evidence_note(t: Words, case: LivestreamCase) -> str:
    """Which figures an order file replaced, and which stayed; empty without a file."""
    counts = case.counts
    if counts is None:
        return ""
    replaced = [
        t.inline(t(fact.title)) for fact in case.facts.by_name.values() if fact.origin == "file"
    ]
    told = t(
        "{file}: {orders} paid orders of {amount}, {refunded} refunded ({share} by value). From "
        "the file: {replaced}. Everything else is as given or assumed.",
        file=counts.file,
        orders=t.number(counts.orders_paid),
        amount=t.money(counts.amount_paid_cny),
        refunded=t.number(counts.orders_refunded),
        share=t.share(counts.return_rate_by_value, 1),
        replaced=t.join(replaced),
    )
    return t.sentences(told, *(t(warning) for warning in counts.warnings))


def numbers(case: LivestreamCase) -> dict[str, float]:
    """The headline numbers, unrounded, for the manifest."""
    best = case.recommended
    return {
        "gmv_reported_cny": float(case.facts["gmv_reported_cny"]),
        "genuine_net_sales_cny": float(case.session.genuine_kept),
        "unexplained_share": case.share,
        "offered_profit_p10_cny": case.offered.interval.p10,
        "offered_profit_p50_cny": case.offered.interval.p50,
        "offered_profit_p90_cny": case.offered.interval.p90,
        "offered_loss_probability": case.offered.loss_probability,
        "walk_away_fee_cny": case.walk_away_fee,
        "fair_fee_cny": case.fair_fee,
        "recommended_profit_p50_cny": best.interval.p50 if best else 0.0,
        "recommended_fee_cny": best.terms.slot_fee if best else 0.0,
    }


def formulas(t: Words) -> list[tuple[str, str]]:
    """Number and statement of each formula that captions refer to."""
    return [
        (
            "L1",
            t(
                "Unexplained share s = (r_obs − r0) / (rho − r0), by value, clipped to 0–1: r_obs "
                "the total return rate, r0 the category’s base rate, rho the return rate of own "
                "orders. Genuine net sales N = (1 − s)(1 − r0) R of reported sales R."
            ),
        ),
        (
            "L2",
            t(
                "Profit = margin × net sales − fee after refund − commission on its base − "
                "platform fee on net sales − cost of returns − margin × displaced share × "
                "kept own orders. The fair fee makes its mean zero; the walk-away fee is the lower "
                "quantile of the fees that each draw can bear."
            ),
        ),
        (
            "L3",
            t(
                "Own orders pay the streamer if, at any size, return rate and level of genuine "
                "sales, the added fee and commission exceed (1 − d) of what is kept plus the cost "
                "k of placing the orders; d is what kept goods fetch. On net sales with a pro-rata "
                "guarantee G a fee F is safe at any k if F ≤ (1 − d − c) G; proposals are tested "
                "at k = 0."
            ),
        ),
    ]


def limits(t: Words) -> list[str]:
    """What the analysis cannot show."""
    return [
        t(
            "This is no finding of fraud: it states what ordinary returns do not explain, given a "
            "base rate. Another base rate gives another share."
        ),
        t(
            "Where a contract does not reward own orders, they are taken to stay away while the "
            "customers remain the same; nobody has measured that."
        ),
        t("A share clipped at zero overstates the mean when there is nothing to explain."),
        t("Young orders look clean: count returns only after the return window has closed."),
        t(
            "The contract test assumes that the streamer pays the full price, that the platform "
            "fee is the brand’s, and that returns after settlement are clawed back."
        ),
        t("Payment per new customer is safe only as far as identities are checked."),
    ]
