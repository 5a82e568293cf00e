"""What a report's chapter on scenarios says: which of them earns most, and what each differs by."""

from kolkit.journeys.compare import Compared, Comparison
from kolkit.text.compare import finding, headings
from kolkit.text.parts import SHARE, Cell, FigureWords, Table
from kolkit.words import Words, html


def _p50(column: Compared) -> float:
    return float(column.case.interval.p50)


def headline(t: Words, comparison: Comparison) -> str:
    """Which scenario earns most, and how much more than this one or the next."""
    first, *others = comparison.columns
    best = max(comparison.columns, key=_p50)
    if best is first:
        second = max(others, key=_p50)
        return t(
            "{name} earns most of {n} scenarios: {sum}, against {other} for {second}",
            name=first.name,
            n=len(comparison.columns),
            sum=t.money(_p50(first)),
            other=t.money(_p50(second)),
            second=second.name,
        )
    return t(
        "{name} would earn most of {n} scenarios: {sum}, against {other} as planned",
        name=best.name,
        n=len(comparison.columns),
        sum=t.money(_p50(best)),
        other=t.money(_p50(first)),
    )


def lead(t: Words, comparison: Comparison) -> list[str]:
    """How each scenario differs from this one, in a sentence each, unless a figure says it."""
    return [
        finding(t, comparison, column)
        for column, change in enumerate(comparison.changes, start=1)
        if len(change.parts) < 2
    ]


def rows(comparison: Comparison) -> list[tuple[str, Compared]]:
    """Each scenario under a name of its own."""
    return list(zip(headings(comparison.columns), comparison.columns, strict=True))


def ranges(t: Words, comparison: Comparison) -> FigureWords:
    """Words around the figure of the scenarios' profits and their ranges."""
    shown = rows(comparison)
    lowest = min(comparison.columns, key=lambda column: float(column.case.interval.p10))
    columns: dict[str, list[Cell]] = {
        t("Scenario"): [name for name, _ in shown],
        t("Profit P10"): t.amounts(column.case.interval.p10 for _, column in shown),
        t("Profit P50"): t.amounts(column.case.interval.p50 for _, column in shown),
        t("Profit P90"): t.amounts(column.case.interval.p90 for _, column in shown),
        t("Chance of loss"): [column.case.loss_probability for _, column in shown],
    }
    why = t("Every scenario is planned anew with its own inputs and the same draws.")
    return FigureWords(
        title=t(
            "{name} ends lowest in a bad case: one result in ten is below {sum}",
            name=lowest.name,
            sum=t.money(float(lowest.case.interval.p10)),
        ),
        subtitle=t(
            "Profit of each scenario, {unit}: point P50, line P10 to P90", unit=t.currency_name
        ),
        why=f"<p>{html(why)}</p>",
        source=t("Source: seeded draws; formulas J1 and D."),
        table=Table(t("Scenarios: profit"), columns, {t("Chance of loss"): SHARE}),
    )
