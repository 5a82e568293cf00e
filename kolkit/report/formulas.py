"""The sheets of a report that calculate: one order's economics, and the contract on offer.

They hold the report's own inputs and give its numbers; whoever changes a cell sees what follows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from kolkit.inputs import inputs_of
from kolkit.report.notebooks import Chapter
from kolkit.tables.calculation import Calculation, Entry, Result
from kolkit.text.parts import CENTS, MONEY
from kolkit.words import Words

PERCENT = "0.0%"
FACTOR = "0.00"


def _with_symbol(t: Words, pattern: str) -> str:
    """A format of numbers with the currency's symbol before them."""
    return f'"{t.symbol}"{pattern}'


class _Ledger:
    """The inputs of a report as entries: label, value and number in the ledger."""

    def __init__(self, t: Words, inputs: Mapping[str, Sequence[Any]]) -> None:
        self._t, self._inputs = t, inputs

    def has(self, *names: str) -> bool:
        return all(name in self._inputs for name in names)

    def _of(self, name: str) -> tuple[str, str, Any]:
        t, (number, label, value) = self._t, self._inputs[name]
        return t("ledger {number}", number=number), label, value

    def share(self, name: str) -> Entry:
        note, label, value = self._of(name)
        return Entry(name, label, float(value), PERCENT, note)

    def factor(self, name: str) -> Entry:
        note, label, value = self._of(name)
        return Entry(name, label, float(value), FACTOR, note)

    def money(self, name: str, pattern: str = MONEY) -> Entry:
        note, label, value = self._of(name)
        amount = self._t.amount(float(value))
        return Entry(name, label, amount, _with_symbol(self._t, pattern), note)

    def choice(self, name: str, *choices: str) -> Entry:
        note, label, value = self._of(name)
        words = next(dict(d.options) for _, n, _, d in inputs_of("livestream") if n == name)
        told = "; ".join(f"{choice} = {self._t(words[choice])}" for choice in choices)
        return Entry(name, label, str(value), note=f"{note} · {told}", choices=choices)

    def switch(self, name: str) -> Entry:
        note, label, value = self._of(name)
        told = f"{note}{self._glossed()}"
        return Entry(name, label, "yes" if value else "no", note=told, choices=("yes", "no"))

    def _glossed(self) -> str:
        """What the cells' yes and no are in another language; empty in English."""
        pairs = [(word, self._t(word)) for word in ("yes", "no")]
        told = "; ".join(f"{word} = {meant}" for word, meant in pairs if word != meant)
        return f" · {told}" if told else ""


def calculations(t: Words, chapters: Sequence[Chapter]) -> list[Calculation]:
    """The sheets that fit a report; the last chapter holds its ledger."""
    ledger = _Ledger(t, chapters[-1].steps["assumptions"].get("inputs", {}))
    live = next((c for c in chapters if c.journey == "livestream"), None)
    found = [_order(t, ledger)]
    if live is not None and ledger.has("slot_fee_cny", "gmv_reported_cny"):
        tempting = "rewards_self_purchasing" in live.steps["answer"]["reasons"]
        found.append(_contract(t, ledger, tempting=tempting))
    return found


def _order(t: Words, ledger: _Ledger) -> Calculation:
    cents = _with_symbol(t, CENTS)
    return Calculation(
        t("Order economics"),
        t("What one more order leaves, before what it cost to win it"),
        [
            ledger.money("average_order_value_cny", CENTS),
            ledger.share("gross_margin"),
            ledger.share("platform_fee_rate"),
            ledger.share("base_return_rate"),
            ledger.money("return_cost_per_order_cny", CENTS),
        ],
        [
            Result(
                "kept",
                t("Sales kept per order"),
                "{average_order_value_cny} * (1 - {base_return_rate})",
                cents,
            ),
            Result("margin", t("Margin on them"), "{kept} * {gross_margin}", cents),
            Result("fee", t("Platform fee"), "-{kept} * {platform_fee_rate}", cents),
            Result(
                "returns", t("Returns"), "-{base_return_rate} * {return_cost_per_order_cny}", cents
            ),
            Result("left", t("One order leaves"), "{margin} + {fee} + {returns}", cents),
            Result(
                "per_sales",
                t("As a share of its price"),
                "IF({average_order_value_cny} > 0, {left} / {average_order_value_cny}, 0)",
                PERCENT,
            ),
        ],
    )


def _contract(t: Words, ledger: _Ledger, *, tempting: bool) -> Calculation:
    own = Entry(
        "own_orders",
        t("With own orders in the next session"),
        "yes" if tempting else "no",
        note=t("yes where the contract rewards them"),
        choices=("yes", "no"),
    )
    money = _with_symbol(t, MONEY)
    observed = "({return_rate_observed} - {base_return_rate})"
    return Calculation(
        t("Contract"),
        t("What the session on offer leaves the brand, at the most likely values"),
        [
            ledger.money("gmv_reported_cny"),
            ledger.factor("next_session_factor"),
            ledger.share("return_rate_observed"),
            ledger.share("base_return_rate"),
            ledger.share("self_return_rate"),
            ledger.share("gross_margin"),
            ledger.share("platform_fee_rate"),
            ledger.money("average_order_value_cny", CENTS),
            ledger.money("return_cost_per_order_cny", CENTS),
            ledger.share("displaced_share"),
            ledger.money("slot_fee_cny"),
            ledger.money("guarantee_cny"),
            ledger.choice("guarantee_base", "gross", "net"),
            ledger.choice("shortfall", "pro_rata", "cliff", "none"),
            ledger.share("commission_rate"),
            ledger.choice("commission_base", "gross", "net"),
            ledger.switch("fee_is_advance"),
            own,
        ],
        [
            Result(
                "share",
                t("Unexplained share of reported"),
                f"MAX(0, MIN(1, {observed} / ({{self_return_rate}} - {{base_return_rate}})))",
                PERCENT,
                "s = (r − r₀) / (ρ − r₀)",
            ),
            Result(
                "genuine_kept",
                t("Genuine, kept"),
                "{gmv_reported_cny} * (1 - {share}) * (1 - {base_return_rate})",
                money,
            ),
            Result(
                "genuine_returned",
                t("Genuine, returned"),
                "{gmv_reported_cny} * (1 - {share}) * {base_return_rate}",
                money,
            ),
            Result(
                "unexplained_returned",
                t("Unexplained, returned"),
                "{gmv_reported_cny} * {share} * {self_return_rate}",
                money,
            ),
            Result(
                "unexplained_kept",
                t("Unexplained, kept and dumped"),
                "{gmv_reported_cny} * {share} * (1 - {self_return_rate})",
                money,
            ),
            Result(
                "with_own",
                t("Next session: own orders counted (1 or 0)"),
                'IF({own_orders} = "yes", 1, 0)',
                "0",
            ),
            Result(
                "gross",
                t("Next session: gross sales"),
                "{next_session_factor} * ({genuine_kept} + {genuine_returned}"
                " + {with_own} * ({unexplained_kept} + {unexplained_returned}))",
                money,
            ),
            Result(
                "net",
                t("Next session: net sales"),
                "{next_session_factor} * ({genuine_kept} + {with_own} * {unexplained_kept})",
                money,
            ),
            Result(
                "measured",
                t("Sales that the guarantee counts"),
                'IF({guarantee_base} = "net", {net}, {gross})',
                money,
            ),
            Result(
                "fee_kept",
                t("Part of the fee that stays paid"),
                'IF({shortfall} = "none", 1, IF({guarantee_cny} > 0,'
                ' IF({shortfall} = "cliff", IF({measured} >= {guarantee_cny}, 1, 0),'
                " MIN(1, {measured} / {guarantee_cny})), 1))",
                PERCENT,
            ),
            Result(
                "earned",
                t("Commission earned"),
                '{commission_rate} * IF({commission_base} = "net", {net}, {gross})',
                money,
            ),
            Result(
                "margin_genuine",
                t("Margin, genuine"),
                "{gross_margin} * {next_session_factor} * {genuine_kept}",
                money,
            ),
            Result(
                "margin_own",
                t("Margin, own orders"),
                "{gross_margin} * {next_session_factor} * {with_own} * {unexplained_kept}",
                money,
            ),
            Result(
                "fee",
                t("Slot fee"),
                '-IF({fee_is_advance} = "yes", MAX({slot_fee_cny} * {fee_kept} - {earned}, 0),'
                " {slot_fee_cny} * {fee_kept})",
                money,
            ),
            Result("commission", t("Commission"), "-{earned}", money),
            Result("platform", t("Platform fee"), "-{platform_fee_rate} * {net}", money),
            Result(
                "returns",
                t("Returns"),
                "-{return_cost_per_order_cny} / {average_order_value_cny} * ({gross} - {net})",
                money,
            ),
            Result(
                "displaced",
                t("Sales displaced"),
                "-{displaced_share} * {margin_own}",
                money,
            ),
            Result(
                "profit",
                t("Profit"),
                "{margin_genuine} + {margin_own} + {fee} + {commission} + {platform} + {returns}"
                " + {displaced}",
                money,
            ),
        ],
    )
