"""What the livestream journey says: sentences over a `LivestreamCase`."""

import math

import numpy as np

from kolkit.assumptions import category_labels, category_return_rates
from kolkit.journeys.livestream import LivestreamCase, Option
from kolkit.text.parts import Answer, Cell, FigureWords, Table, Tile
from kolkit.words import Words, html

MONEY = "#,##0"
SHARE = "0.0%"


def option_name(t: Words, option: Option, case: LivestreamCase) -> str:
    """A contract's name on charts and in tables."""
    fee = t.money(option.terms.slot_fee, 2)
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
    """Whether own orders pay the streamer, in two words."""
    if option.incentive.rewards_self_purchasing:
        return t("self-buying pays")
    return t("no incentive") if option.interval.p50 < 0 else t("safe")


def reasons(t: Words, case: LivestreamCase) -> str:
    """Why not to sign, as clauses; empty if the offer stands."""
    clauses = {
        "rewards_self_purchasing": t("buying its own goods pays the streamer"),
        "loses_at_median": t("it loses {loss}", loss=t.money(-case.offered.interval.p50)),
        "earns_nothing": t("it earns nothing"),
        "loss_too_likely": t(
            "it loses money in {n} of 100 cases", n=round(case.offered.loss_probability * 100)
        ),
        "over_budget": t("its fee exceeds the budget"),
    }
    return t.join([clauses[reason] for reason in case.verdict.reasons])


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
        p50=t.money(best.interval.p50, 2),
        range=t.span(t.money(best.interval.p10, 2), t.money(best.interval.p90, 2)),
    )


def answer(t: Words, case: LivestreamCase) -> Answer:
    """The sentence with the recommendation, its interval, and four tiles."""
    reported, genuine = case.facts["gmv_reported_cny"], float(case.session.genuine_kept)
    found = t(
        "Of {reported} reported, about {genuine} stays sold.",
        reported=t.money(reported, 2),
        genuine=t.money(genuine, 2),
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
        interval=t.span(t.money(interval.p10, 2), t.money(interval.p90, 2)),
        base=t.span(t.share(base.low or base.value), t.share(base.high or base.value)),
        share=t.share(case.share),
    )
    qualifier = t.sentences(qualifier, instead(t, case))
    if case.still_returning:
        late = t("Returns are still coming in: this share is a lower bound.")
        qualifier = t.sentences(qualifier, late)
    return Answer(found, t.sentences(found, advice), qualifier, _tiles(t, case))


def _tiles(t: Words, case: LivestreamCase) -> tuple[Tile, ...]:
    genuine, factor = case.genuine_interval, case.inflation_interval
    profit = case.offered.interval
    return (
        Tile(
            t("Genuine net sales"),
            t.money(float(case.session.genuine_kept)),
            t.span(t.money(genuine.p10, 2), t.money(genuine.p90, 2)),
        ),
        Tile(
            t("Inflation factor"),
            t.factor(float(case.session.inflation_factor)),
            t(
                "reported over genuine net, {range}",
                range=t.span(t.factor(factor.p10), t.factor(factor.p90)),
            ),
        ),
        Tile(
            t("Profit as offered"),
            t.money(profit.p50),
            t(
                "{range}, loss in {n} of 100",
                range=t.span(t.money(profit.p10, 2), t.money(profit.p90, 2)),
                n=round(case.offered.loss_probability * 100),
            ),
            "bad" if profit.p50 < 0 else "good",
        ),
        Tile(
            t("Walk-away fee as offered"),
            t.money(case.walk_away_fee) if math.isfinite(case.walk_away_fee) else t("any fee"),
            t(
                "at a {risk} chance of loss; fair fee {fair}",
                risk=t.share(case.facts["loss_tolerance"]),
                fair=t.money(case.fair_fee, 2) if math.isfinite(case.fair_fee) else t("any fee"),
            ),
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
        orders=f"{case.counts.orders_paid:,}",
    )


def decomposition(t: Words, case: LivestreamCase) -> FigureWords:
    """Words for the bar that shows where each reported yuan ended."""
    share = case.share
    if share >= 0.01:
        title = t(
            "{share} of what was reported, ordinary returns do not explain", share=t.share(share)
        )
    else:
        title = t("Ordinary returns explain what came back")
    s = case.session
    sizes = [
        float(s.genuine_kept),
        float(s.genuine_returned),
        float(s.unexplained_returned),
        float(s.unexplained_kept),
    ]
    table = Table(
        t("Where each yuan ended"),
        {
            t("Where it ended"): [
                t("Genuine, kept"),
                t("Genuine, returned"),
                t("Unexplained, returned"),
                t("Unexplained, kept and dumped"),
            ],
            t("RMB"): sizes,
            t("Share of reported"): [size / case.facts["gmv_reported_cny"] for size in sizes],
        },
        {t("RMB"): MONEY, t("Share of reported"): SHARE},
    )
    why = t(
        "The session returned {observed}; the category returns {base} anyway and own orders about "
        "{own}. So s = ({observed} − {base}) / ({own} − {base}) = {share}. With a base rate at the "
        "other end of its range the share changes: see the chart by base rate.",
        observed=t.share(case.facts["return_rate_observed"], 1),
        base=t.share(case.facts["base_return_rate"], 1),
        own=t.share(case.facts["self_return_rate"], 1),
        share=t.share(share, 1),
    )
    return FigureWords(
        title=title,
        subtitle=t("Reported sales, RMB, by where each yuan ended"),
        why=f"<p>{html(why)}</p>",
        source=t("Source: {evidence}; formula 1.", evidence=evidence(t, case)),
        table=table,
    )


def base_rate(t: Words, case: LivestreamCase) -> FigureWords:
    """Words for the curve of the unexplained share over base return rates."""
    fact = case.facts.by_name["base_return_rate"]
    low, high = (
        fact.value if fact.low is None else fact.low,
        fact.value if fact.high is None else fact.high,
    )
    xs, ys = case.share_by_base_rate
    at_low, at_high = float(np.interp(low, xs, ys)), float(np.interp(high, xs, ys))
    if at_high < 0.01 <= at_low:
        title = t("Whether anything is unexplained depends on the category")
    elif at_low < 0.01:
        title = t("At no plausible base rate is anything unexplained")
    else:
        title = t(
            "Between {low} and {high} stays unexplained at any plausible base rate",
            low=t.share(at_high),
            high=t.share(at_low),
        )
    labels = category_labels(t.language)
    rates = category_return_rates()
    columns: dict[str, list[Cell]] = {
        t("Category"): [labels[key] for key in rates],
        t("Base return rate, low"): [rates[key].low for key in rates],
        t("high"): [rates[key].high for key in rates],
        t("Unexplained at low"): [float(np.interp(rates[k].low or 0, xs, ys)) for k in rates],
        t("at high"): [float(np.interp(rates[k].high or 0, xs, ys)) for k in rates],
        t("Grade"): [rates[key].grade for key in rates],
    }
    shares = list(columns)[1:5]
    why = t(
        "The same return rate means different things in different categories. Bands are the "
        "plausible ranges of the assumptions table, with their grades; U marks our own."
    )
    return FigureWords(
        title=title,
        subtitle=t("Unexplained share of reported sales, by the category’s base return rate"),
        why=f"<p>{html(why)}</p>",
        source=t("Source: category table, grades in the ledger; formula 1."),
        table=Table(t("Unexplained by category"), columns, dict.fromkeys(shares, SHARE)),
    )


def contracts(t: Words, case: LivestreamCase) -> FigureWords:
    """Words for the comparison of contracts."""
    best = case.recommended
    if case.verdict.sign:
        title = t("Under the offer own orders never pay the streamer")
    elif best is None:
        title = t("Neither a lower fee nor a lower commission makes this session pay")
    elif best.terms.slot_fee:
        title = t(
            "With a fee of {fee} on the proposed terms, own orders never pay",
            fee=t.money(best.terms.slot_fee),
        )
    else:
        title = t("Only a deal without a fee pays here")
    rows: list[dict[str, Cell]] = [
        {
            t("Contract"): option_name(t, option, case),
            t("Brand P10"): option.interval.p10,
            t("Brand P50"): option.interval.p50,
            t("Brand P90"): option.interval.p90,
            t("Chance of loss"): option.loss_probability,
            t("Streamer is paid"): option.streamer_pay,
            t("Own orders earn up to"): option.incentive.gain_cny,
            t("Self-purchasing"): incentive_word(t, option),
        }
        for option in case.options
    ]
    tempts = case.offered.incentive
    why = (
        t(
            "Buying {size} of its own goods and returning {back} of them earns the streamer up to "
            "{gain} under the contract on offer, at some level of genuine sales.",
            size=t.money(max(tempts.size_cny, 1.0)),
            back=t.share(tempts.return_rate),
            gain=t.money(tempts.gain_cny),
        )
        if tempts.rewards_self_purchasing
        else t("At no size, return rate or level of genuine sales do own orders pay the streamer.")
    )
    rule = t(
        "On net sales a pro-rata guarantee is safe while fee / guarantee + commission stays at or "
        "below 1 − resale value ({limit}); where a contract is safe, the comparison leaves own "
        "orders out and keeps the same customers.",
        limit=t.share(1 - case.facts["dump_recovery_rate"]),
    )
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    money = dict.fromkeys(columns, MONEY) | {t("Chance of loss"): SHARE}
    return FigureWords(
        title=title,
        subtitle=t(
            "Brand profit of the session on offer, RMB: bar P50, tick P10; all in the table"
        ),
        why=f"<p>{html(why)}</p><p>{html(rule)}</p><p>{html(_choice(t, case))}</p>",
        source=t("Same customers under each contract; formulas 2 and 3."),
        table=Table(t("Contracts"), columns, money),
    )


def _choice(t: Words, case: LivestreamCase) -> str:
    """How the proposal was chosen, and what the streamer would have to accept for more."""
    best, most = case.recommended, case.best_safe
    if case.verdict.sign or best is None or most is None:
        return ""
    told = t(
        "The proposal is the smallest change of the offer that passes this test, also if dumped "
        "goods fetch the most that is plausible, and that the brand can bear; the streamer would "
        "be paid {pay} instead of {offered}.",
        pay=t.money(best.streamer_pay),
        offered=t.money(case.offered.streamer_pay),
    )
    if most.key == best.key or most.interval.p50 <= best.interval.p50:
        return told
    more = t(
        "If the streamer accepted “{name}” for {pay}, the brand would earn {sum}.",
        name=option_name(t, most, case),
        pay=t.money(most.streamer_pay),
        sum=t.money(most.interval.p50),
    )
    return t.sentences(told, more)


def waterfall(t: Words, case: LivestreamCase) -> FigureWords:
    """Words for the brand's result as offered."""
    profit = float(case.lines.profit)
    title = (
        t("At the most likely values the offer costs the brand {sum}", sum=t.money(-profit))
        if profit < 0
        else t("At the most likely values the offer earns the brand {sum}", sum=t.money(profit))
    )
    lines = case.lines
    columns: dict[str, list[Cell]] = {
        t("Line"): [
            t("Margin, genuine"),
            t("Margin, own orders"),
            t("Slot fee"),
            t("Commission"),
            t("Platform fee"),
            t("Returns"),
            t("Sales displaced"),
            t("Profit"),
        ],
        t("RMB"): [
            float(lines.margin_genuine),
            float(lines.margin_unexplained),
            float(lines.fee),
            float(lines.commission),
            float(lines.platform_fee),
            float(lines.return_cost),
            float(lines.displaced),
            profit,
        ],
    }
    why = t(
        "The brand is paid for own orders that are kept, and pays commission on them; selling them "
        "on is the streamer’s loss, the sales they displace are the brand’s. Genuine net sales at "
        "which the fee is earned back: {break_even}.",
        break_even=t.money(case.break_even),
    )
    return FigureWords(
        title=title,
        subtitle=t("Brand profit as offered at the most likely values, RMB"),
        why=f"<p>{html(why)}</p>",
        source=t("Source: terms on offer and ledger; formula 2."),
        table=Table(t("Profit as offered"), columns, {t("RMB"): MONEY}),
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
        orders=f"{counts.orders_paid:,}",
        amount=t.money(counts.amount_paid_cny),
        refunded=f"{counts.orders_refunded:,}",
        share=t.share(counts.return_rate_by_value, 1),
        replaced=t.join(replaced),
    )
    return t.sentences(told, *(t(warning) for warning in counts.warnings))


def figures(case: LivestreamCase) -> dict[str, float]:
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
