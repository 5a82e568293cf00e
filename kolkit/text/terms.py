"""The clauses of a livestream contract as a term sheet; its sums are settled in RMB."""

from typing import Any

from kolkit.journeys.livestream import LivestreamCase
from kolkit.models.contracts import Terms
from kolkit.text.parts import Table
from kolkit.text.rate import settlement_note
from kolkit.words import Words

CLAUSES = (
    "slot_fee_cny",
    "guarantee_cny",
    "guarantee_base",
    "shortfall",
    "commission_rate",
    "commission_base",
    "fee_is_advance",
)


def term_sheet(t: Words, case: LivestreamCase) -> Table:
    """The clauses as offered and, where they differ, as recommended; words as at the knobs."""
    facts = [case.facts.by_name[name] for name in CLAUSES]

    def clauses(terms: Terms) -> list[str]:
        guaranteed = terms.shortfall != "none" and terms.guarantee > 0 and terms.slot_fee > 0
        values = {
            "slot_fee_cny": terms.slot_fee or t("none"),
            "guarantee_cny": terms.guarantee if guaranteed else t("none"),
            "guarantee_base": terms.guarantee_base if guaranteed else "–",
            "shortfall": terms.shortfall if guaranteed else "–",
            "commission_rate": terms.commission_rate,
            "commission_base": terms.commission_base,
            "fee_is_advance": terms.fee_is_advance,
        }
        told = []
        for fact in facts:
            value, options = values[fact.name], dict(fact.declared.options)
            if value in options:
                told.append(t(options[value]))
            elif fact.declared.unit == "CNY" and not isinstance(value, str):
                told.append(t.settled(value))
            else:
                told.append(t.value(value, fact.declared.unit))
        later = "net" in (terms.commission_base, terms.guarantee_base if guaranteed else "")
        days = t("{n} days after the session", n=case.facts["return_window_days"])
        return [*told, days if later else "–"]

    columns = {
        t("Clause"): [*(t(fact.title) for fact in facts), t("Sales counted")],
        t("As offered"): clauses(case.terms),
    }
    if case.recommended and not case.verdict.sign:
        columns[t("To offer instead")] = clauses(case.recommended.terms)
    settled = settlement_note(t)
    if settled:
        columns = {
            name: [*cells, settled if told else t("Currency")]
            for told, (name, cells) in enumerate(columns.items())
        }
    streamer = case.facts["streamer"]
    if streamer:
        head = next(iter(columns))
        columns = {
            name: [t("Streamer") if name == head else streamer, *cells]
            for name, cells in columns.items()
        }
    return Table(t("Terms"), columns)


def details(t: Words, case: LivestreamCase) -> dict[str, Any]:
    """What the report prints besides sentence and tiles: the term sheet and the verdict."""
    return {
        "tables": [term_sheet(t, case).data()],
        "sign": case.verdict.sign,
        "reasons": list(case.verdict.reasons),
    }
