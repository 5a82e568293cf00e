"""Formulas and limits, as a report's last chapter and a dashboard's footnote."""

from kolkit.words import Words


def formulas(t: Words) -> list[tuple[str, str]]:
    """Number and statement of each formula that captions refer to."""
    return [
        (
            "1",
            t(
                "Unexplained share s = (r_obs − r0) / (rho − r0), by value, clipped to 0–1: r_obs "
                "the total return rate, r0 the category’s base rate, rho the return rate of own "
                "orders. Genuine net sales N = (1 − s)(1 − r0) R of reported sales R."
            ),
        ),
        (
            "2",
            t(
                "Profit = margin × net sales − fee after refund − commission on its base − "
                "platform fee on net sales − cost per returned yuan − margin × displaced share × "
                "kept own orders. The fair fee makes its mean zero; the walk-away fee is the lower "
                "quantile of the fees that each draw can bear."
            ),
        ),
        (
            "3",
            t(
                "Own orders pay the streamer if, at any size, return rate and level of genuine "
                "sales, the added fee and commission exceed (1 − d) of what is kept plus the cost "
                "k of placing the orders; d is what kept goods fetch. On net sales with a pro-rata "
                "guarantee G a fee F is safe at any k if F ≤ (1 − d − c) G; proposals are tested "
                "at k = 0."
            ),
        ),
        (
            "4",
            t(
                "P10, P50 and P90 come from {n} seeded draws; each uncertain input follows a PERT "
                "distribution over its plausible range, a return rate counted in a file a beta "
                "distribution from its counts.",
                n="2,000",
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
