"""What a brand's own order export says about returns: counts and amounts, never persons.

`OrderCounts` travels as a plain dictionary; `kolkit.order_file` counts a file. Amounts are in the
file's currency, taken to be CNY; rates are shares of 0 to 1. Every kernel loads this module and few
ever see a file, so nothing that reads tables is imported here.

A return rate is that of the day of the export. Orders younger than the return window still have
returns to come: the result carries the first and last order date so that the caller can judge.
"""

import dataclasses
import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kolkit.errors import InputError

CENT = 0.005  # amounts are written to the cent; differences below half of one are rounding


@dataclass(frozen=True)
class OrderCounts:
    """Totals of one order file.

    Attributes
    ----------
    file : str
        Base name of the file.
    sha256 : str
        First 12 hexadecimal digits of the SHA-256 of its bytes.
    orders_placed, orders_paid, orders_refunded : int
        Orders; refunded ones (in full or in part) are among the paid, the paid among the placed.
    amount_placed_cny, amount_paid_cny, amount_refunded_cny : float
        Sums of the order amounts and of the refunds, CNY, to the cent.
    return_rate_by_value : float
        Refunded over paid amount, share 0-1.
    return_rate_by_count : float
        Refunded over paid orders, share 0-1.
    return_rate_standard_error : float
        Of the rate by value, as a ratio of two sums over paid orders, in the same unit.
    average_order_value_cny : float
        Paid amount per paid order, CNY.
    first_order, last_order : str
        ISO dates of the earliest and latest order, "" where the file has no times.
    warnings : tuple of str
        What to know before relying on the rate, one sentence each.
    """

    file: str
    sha256: str
    orders_placed: int
    orders_paid: int
    amount_placed_cny: float
    amount_paid_cny: float
    orders_refunded: int
    amount_refunded_cny: float
    return_rate_by_value: float
    return_rate_by_count: float
    return_rate_standard_error: float
    average_order_value_cny: float
    first_order: str
    last_order: str
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON and a notebook parameter can hold."""
        return {**dataclasses.asdict(self), "warnings": list(self.warnings)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "OrderCounts":
        """The inverse of `to_dict`; every key, type, range and sum is checked.

        Raises
        ------
        InputError
            A key is unknown or missing, a value has the wrong type or range, or the totals
            contradict each other.
        """
        if not isinstance(values, Mapping):
            raise _wrong("orders", "a mapping with the totals of an order file", values)
        fields = {field.name: field.type for field in dataclasses.fields(cls)}
        for key in values:
            if key not in fields:
                near = difflib.get_close_matches(str(key), fields, n=1)
                hint = f" Did you mean {near[0]}?" if near else " Remove it."
                raise InputError(f"orders.{key} is not a total of an order file.{hint}")
        for key in fields:
            if key not in values:
                raise InputError(f"orders.{key} is missing; count the order file again.")
        checked = {key: _CHECKS[kind](key, values[key]) for key, kind in fields.items()}
        counts = cls(**checked)
        _check_totals(counts)
        return counts


def _wrong(key: str, allowed: str, given: Any) -> InputError:
    shown = repr(given)
    shown = shown if len(shown) <= 40 else shown[:39] + "…"
    return InputError(f"{key} must be {allowed}; got {shown}. Count the order file again.")


def _text(key: str, value: Any) -> str:
    rules = {
        "file": (r"[^/\\\x00-\x1f]{1,255}", "a file name without folders"),
        "sha256": (r"[0-9a-f]{12}", "12 hexadecimal digits"),
    }
    pattern, allowed = rules.get(key, (r"(\d{4}-\d{2}-\d{2})?", "a date like 2026-10-18, or ''"))
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise _wrong(f"orders.{key}", allowed, value)
    if key in ("first_order", "last_order") and value:
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise _wrong(f"orders.{key}", allowed, value) from error
    return value


def _whole(key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(f"orders.{key}", "a whole number, zero or more", value)
    return value


def _real(key: str, value: Any) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    share = key.startswith("return_rate")
    if not is_number or not math.isfinite(value) or value < 0 or (share and value > 1):
        allowed = "a share between 0 and 1" if share else "an amount in CNY, zero or more"
        raise _wrong(f"orders.{key}", allowed, value)
    return float(value)


def _sentences(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(text, str) for text in value):
        raise _wrong(f"orders.{key}", "a list of sentences", value)
    return tuple(value)


_CHECKS: dict[Any, Any] = {str: _text, int: _whole, float: _real, tuple[str, ...]: _sentences}


def _check_totals(counts: OrderCounts) -> None:
    """The figures of one file must agree with each other."""
    if not 0 < counts.orders_paid <= counts.orders_placed:
        raise _wrong("orders.orders_paid", f"1 to {counts.orders_placed}", counts.orders_paid)
    if counts.orders_refunded > counts.orders_paid:
        raise _wrong(
            "orders.orders_refunded", f"at most {counts.orders_paid}", counts.orders_refunded
        )
    if not 0 < counts.amount_paid_cny <= counts.amount_placed_cny + CENT:
        raise _wrong(
            "orders.amount_paid_cny",
            f"above 0 and at most {counts.amount_placed_cny}",
            counts.amount_paid_cny,
        )
    expected = {
        "return_rate_by_value": counts.amount_refunded_cny / counts.amount_paid_cny,
        "return_rate_by_count": counts.orders_refunded / counts.orders_paid,
        "average_order_value_cny": counts.amount_paid_cny / counts.orders_paid,
    }
    for key, value in expected.items():
        given = getattr(counts, key)
        if not math.isclose(given, value, rel_tol=1e-6, abs_tol=1e-9):
            raise _wrong(f"orders.{key}", f"{value:.6g}, as its totals say", given)
    if counts.last_order < counts.first_order:
        raise _wrong("orders.last_order", f"{counts.first_order} or later", counts.last_order)
