"""What a brand's own order export says about returns: counts and amounts, never persons.

Contents: `ORDER_COLUMNS` names what is read from an export; `count_orders` reads a file;
`OrderCounts` is the result, which travels as a plain dictionary. Order numbers, addresses and
buyers are not read at all. Amounts are in the file's currency, taken to be CNY; rates are shares
of 0 to 1.

A return rate is that of the day of the export. Orders younger than the return window still have
returns to come: the result carries the first and last order date so that the caller can judge.
"""

import dataclasses
import difflib
import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kolkit.errors import InputError
from kolkit.tables import Column, Source, read_source, read_table
from kolkit.words import N_

CENT = 0.005  # amounts are written to the cent; differences below half of one are rounding

ORDER_COLUMNS = (
    Column(
        "order_time",
        "date",
        ("订单创建时间", "创建时间", "下单时间", "订单提交时间", "提交时间", "order_date", "date",
         "created_at", "created_time"),
        required=False,
    ),
    Column(
        "paid_time",
        "date",
        ("订单付款时间", "付款时间", "支付时间", "支付完成时间", "订单支付时间", "payment_time",
         "paid_at"),
        required=False,
    ),
    Column(
        "amount",
        "number",
        ("总金额", "订单金额", "订单总金额", "order_amount", "order_total", "total_amount",
         "total"),
        required=True,
    ),
    Column(
        "refund_amount",
        "number",
        ("退款金额", "退款总金额", "实际退款金额", "退款", "refund", "refunded", "refunded_amount"),
        required=True,
    ),
    # Read only so that a damaged export is noticed: some platforms give it before refunds, some
    # after, so no figure rests on it.
    Column(
        "paid_amount",
        "number",
        ("买家实际支付金额", "实际支付金额", "实付金额", "amount_paid"),
        required=False,
    ),
)  # fmt: skip


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


def count_orders(source: Source) -> OrderCounts:
    """Count a brand's order export: placed, paid, refunded, and the return rate with its error.

    Parameters
    ----------
    source : path, or (name, bytes) as an upload gives it
        CSV, XLSX or Parquet with one row per order and the columns of `ORDER_COLUMNS`. An order is
        paid when its payment time is filled; without that column, when its amount is above zero.
        An empty refund cell means no refund.

    Returns
    -------
    OrderCounts

    Raises
    ------
    InputError
        A cell cannot be read, an order has no amount, a refund exceeds its order or belongs to an
        order that was not paid, or no order was paid.

    Notes
    -----
    The rate by value is r = sum(refund) / sum(amount) over n paid orders. Its standard error is
    the linearised one of a ratio: sqrt(sum((refund_i - r * amount_i)^2)) / sum(amount_i). It covers
    chance between orders only, not returns that are still to come.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., section 6.3 (ratio estimate).

    Examples
    --------
    Two of three orders of 100 come back, one of them by half:

    >>> table = b"amount,refund\\n100,100\\n100,50\\n100,0\\n"
    >>> counts = count_orders(("orders.csv", table))
    >>> counts.orders_refunded, counts.return_rate_by_value
    (2, 0.5)
    """
    name, data = read_source(source)
    frame = read_table((name, data), ORDER_COLUMNS)
    amount = frame["amount"]
    if amount.isna().any():
        row = amount.index[amount.isna()][0]
        raise InputError(
            f"{name}, row {row} has no order amount ({int(amount.isna().sum()):,} such rows); "
            "fill it in or delete the row."
        )
    refund = frame["refund_amount"].fillna(0.0)
    warnings = []
    if "paid_time" in frame:
        paid = frame["paid_time"].notna()
    else:
        paid = amount > 0
        warnings.append(N_("The file has no payment time: every order above zero counts as paid."))
    _check_refunds(name, amount, refund, paid)
    spent, returned = amount[paid].to_numpy(), refund[paid].to_numpy()
    total, back = round(float(spent.sum()), 2), round(float(returned.sum()), 2)
    if total <= 0:
        raise InputError(
            f"{name} has {len(frame):,} orders but none that was paid; send the orders of a period "
            "with payments and check the columns for payment time and amount."
        )
    refunded = int((returned > 0).sum())
    rate = back / total
    if len(spent) == 1:
        warnings.append(
            N_("Only one paid order: the return rate says nothing about the next ones.")
        )
    if not refunded:
        warnings.append(
            N_("No order is refunded: the export may have been made before any return.")
        )
    first, last = _date_range(frame)
    return OrderCounts(
        file=name,
        sha256=hashlib.sha256(data).hexdigest()[:12],
        orders_placed=len(frame),
        orders_paid=len(spent),
        amount_placed_cny=round(float(amount.sum()), 2),
        amount_paid_cny=total,
        orders_refunded=refunded,
        amount_refunded_cny=back,
        return_rate_by_value=rate,
        return_rate_by_count=refunded / len(spent),
        return_rate_standard_error=float(np.sqrt(np.sum((returned - rate * spent) ** 2))) / total,
        average_order_value_cny=total / len(spent),
        first_order=first,
        last_order=last,
        warnings=tuple(warnings),
    )


def _check_refunds(name: str, amount: pd.Series, refund: pd.Series, paid: pd.Series) -> None:
    """No refund above its order, none on an order that was never paid."""
    above = refund > amount + CENT
    if above.any():
        row = above.index[above][0]
        raise InputError(
            f"{name}, row {row}: the refund {refund[row]:,.2f} is above the order's amount "
            f"{amount[row]:,.2f} ({int(above.sum()):,} such rows); send one row per order, with "
            "the amount before refunds."
        )
    unpaid = (refund > 0) & ~paid
    if unpaid.any():
        row = unpaid.index[unpaid][0]
        raise InputError(
            f"{name}, row {row}: an order without payment has a refund of {refund[row]:,.2f} "
            f"({int(unpaid.sum()):,} such rows); fill in its payment time or clear the refund."
        )


def _date_range(frame: pd.DataFrame) -> tuple[str, str]:
    """ISO dates of the first and last order, "" where no time is known."""
    times = frame["order_time"].dropna() if "order_time" in frame else pd.Series(dtype="object")
    if times.empty:
        return "", ""
    return times.min().date().isoformat(), times.max().date().isoformat()
