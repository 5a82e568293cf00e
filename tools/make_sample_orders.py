"""Rewrite the sample order file of the invented brand Nordlys.

Run `python tools/make_sample_orders.py`; the same seed gives the same file, byte for byte.

One evening of livestream sales, 18 October 2026, as a shop's export would show it a few weeks
later: 1,500 orders, about 7 % never paid, about 60 % of the paid value refunded. Every order is
drawn, none is real; the order numbers start with SYN for that reason.
"""

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

TARGET = Path(__file__).resolve().parents[1] / "reports" / "briefs" / "orders_nordlys_sample.csv"
SEED = 20261018
ORDERS = 1_500
UNPAID_SHARE = 0.07
REFUND_SHARE = 0.607  # of paid orders; a little above the share by value, as some are partial
PARTIAL_SHARE = 0.04  # of refunds

START = datetime(2026, 10, 18, 20, 0, 0)
SECONDS = 4 * 3600  # 20:00:00 to 23:59:59

HEADER = (
    "订单编号",
    "总金额",
    "买家实际支付金额",
    "收货地址",
    "订单创建时间",
    "订单付款时间",
    "退款金额",
)
# List prices in CNY with the share of baskets that hold each; a second item joins one in five.
PRICES = {99: 0.14, 169: 0.20, 239: 0.27, 299: 0.19, 399: 0.13, 599: 0.07}
SECOND_ITEM_SHARE = 0.20
PROVINCES = {
    "广东省": 0.15, "浙江省": 0.12, "江苏省": 0.12, "上海": 0.11, "北京": 0.09, "四川省": 0.08,
    "山东省": 0.08, "湖北省": 0.07, "福建省": 0.06, "湖南省": 0.06, "河南省": 0.06,
}  # fmt: skip


def pick(rng: np.random.Generator, weights: dict, size: int) -> np.ndarray:
    """Keys drawn by weight; from plain uniforms, whose stream NumPy keeps fixed for a seed."""
    edges = np.cumsum(list(weights.values()))
    drawn = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.array(list(weights))[drawn]


def build() -> str:
    """The file's text: header and 1,500 rows, oldest order first."""
    rng = np.random.default_rng(SEED)
    seconds = np.sort((rng.random(ORDERS) * SECONDS).astype(int))
    amount = pick(rng, PRICES, ORDERS)
    amount = amount + pick(rng, PRICES, ORDERS) * (rng.random(ORDERS) < SECOND_ITEM_SHARE)
    province = pick(rng, PROVINCES, ORDERS)
    paid = rng.random(ORDERS) >= UNPAID_SHARE
    delay = 5 + (rng.random(ORDERS) ** 3 * 900).astype(int)
    refunded = paid & (rng.random(ORDERS) < REFUND_SHARE)
    partial = rng.random(ORDERS) < PARTIAL_SHARE
    share = np.where(partial, 0.2 + 0.6 * rng.random(ORDERS), 1.0)
    refund = np.where(refunded, np.round(amount * share, 2), 0.0)

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for i in range(ORDERS):
        placed = START + timedelta(seconds=int(seconds[i]))
        paid_at = (placed + timedelta(seconds=int(delay[i]))).isoformat(sep=" ") if paid[i] else ""
        kept = amount[i] - refund[i] if paid[i] else 0.0
        writer.writerow(
            [
                f"SYN-{i + 1:06d}",
                f"{amount[i]:.2f}",
                f"{kept:.2f}",
                province[i],
                placed.isoformat(sep=" "),
                paid_at,
                f"{refund[i]:.2f}",
            ]
        )
    return out.getvalue()


if __name__ == "__main__":
    TARGET.write_text(build(), encoding="utf-8", newline="\n")
