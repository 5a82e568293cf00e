"""What stands around the livestream journey's four figures."""

import numpy as np

from kolkit.assumptions import category_labels, category_return_rates
from kolkit.journeys.livestream import LivestreamCase
from kolkit.text import points
from kolkit.text.livestream import evidence, incentive_word, option_name
from kolkit.text.parts import MONEY, SHARE, Cell, FigureWords, Table
from kolkit.words import Words, html


def decomposition(t: Words, case: LivestreamCase) -> FigureWords:
    """Words for the bar that shows where the reported sales ended."""
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
        t("Where the sales ended"),
        {
            t("Where it ended"): [
                t("Genuine, kept"),
                t("Genuine, returned"),
                t("Unexplained, returned"),
                t("Unexplained, kept and dumped"),
            ],
            t.head: t.amounts(sizes),
            t("Share of reported"): [size / case.facts["gmv_reported_cny"] for size in sizes],
        },
        {t.head: MONEY, t("Share of reported"): SHARE},
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
        subtitle=t("Reported sales, {currency}, by where they ended", currency=t.currency_unit),
        why=f"<p>{html(why)}</p>",
        source=t("Source: {evidence}; formula L1.", evidence=evidence(t, case)),
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
        source=t("Source: category table, grades in the ledger; formula L1."),
        table=Table(t("Unexplained by category"), columns, dict.fromkeys(shares, SHARE)),
        points=(points.unexplained(t, case),),
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
            t("Brand P10"): t.amount(option.interval.p10),
            t("Brand P50"): t.amount(option.interval.p50),
            t("Brand P90"): t.amount(option.interval.p90),
            t("Chance of loss"): option.loss_probability,
            t("Streamer is paid"): t.amount(option.streamer_pay),
            t("Own orders earn up to"): t.amount(option.incentive.gain_cny),
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
            "Brand profit of the session on offer, {currency}: bar P50, tick P10; all in the table",
            currency=t.currency_unit,
        ),
        why=f"<p>{html(why)}</p><p>{html(rule)}</p><p>{html(_choice(t, case))}</p>",
        source=t("Same customers under each contract; formulas L2 and L3."),
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
        t.head: t.amounts(
            [
                float(lines.margin_genuine),
                float(lines.margin_unexplained),
                float(lines.fee),
                float(lines.commission),
                float(lines.platform_fee),
                float(lines.return_cost),
                float(lines.displaced),
                profit,
            ]
        ),
    }
    why = t(
        "The brand is paid for own orders that are kept, and pays commission on them; selling them "
        "on is the streamer’s loss, the sales they displace are the brand’s. Genuine net sales at "
        "which the fee is earned back: {break_even}.",
        break_even=t.money(case.break_even),
    )
    return FigureWords(
        title=title,
        subtitle=t(
            "Brand profit as offered at the most likely values, {currency}",
            currency=t.currency_unit,
        ),
        why=f"<p>{html(why)}</p>",
        source=t("Source: terms on offer and ledger; formula L2."),
        table=Table(t("Profit as offered"), columns, {t.head: MONEY}, sums=(t.head,)),
    )
