"""An order export as a file, counted: `ORDER_COLUMNS` is what is read, `count_orders` reads it.

Order numbers, addresses and buyers are not read at all. The result is `kolkit.orders.OrderCounts`.
"""

import hashlib

import numpy as np
import pandas as pd

from kolkit.errors import InputError
from kolkit.orders import CENT, OrderCounts
from kolkit.tables.columns import Column
from kolkit.tables.read import Source, read_source, read_table
from kolkit.words import N_

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
