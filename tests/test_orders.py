"""Order files: the totals of real exports, and every contradiction refused by row."""

import importlib.util
import io
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolkit.errors import InputError
from kolkit.order_file import count_orders
from kolkit.orders import OrderCounts

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "reports" / "briefs" / "orders_nordlys_sample.csv"
REAL = Path(__file__).resolve().parents[2] / "shared" / "real-data"
TMALL = REAL / "tmall_orders_2020-02-01_22.csv"
needs_real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real order files are not here")

HEADER = "订单创建时间,订单付款时间,总金额,退款金额"


def orders(*rows, header=HEADER, name="orders.csv"):
    return name, "\n".join([header, *rows]).encode()


def refusal(source):
    with pytest.raises(InputError) as caught:
        count_orders(source)
    return str(caught.value)


@needs_real_data
def test_tmall_february_2020_totals():
    """Real export of 1-22 February 2020: 10,158 orders, 26.006 % of the paid value refunded."""
    counts = count_orders(TMALL)
    assert counts.file == TMALL.name
    assert (counts.orders_placed, counts.orders_paid, counts.orders_refunded) == (10158, 8719, 2194)
    assert counts.amount_placed_cny == 976_560.62
    assert counts.amount_paid_cny == 856_806.68
    assert counts.amount_refunded_cny == 222_821.20
    assert round(counts.return_rate_by_value, 5) == 0.26006
    assert counts.return_rate_by_count == 2194 / 8719
    assert counts.average_order_value_cny == pytest.approx(98.2689, abs=1e-4)
    assert (counts.first_order, counts.last_order) == ("2020-02-01", "2020-02-22")
    assert counts.warnings == ()


@needs_real_data
def test_tmall_standard_error_agrees_with_a_bootstrap():
    frame = pd.read_csv(TMALL)
    paid = frame[frame["订单付款时间"].notna()]
    amount, refund = paid["总金额"].to_numpy(), paid["退款金额"].to_numpy()
    rng = np.random.default_rng(7)
    rates = []
    for _ in range(400):
        drawn = rng.integers(0, len(amount), len(amount))
        rates.append(refund[drawn].sum() / amount[drawn].sum())
    error = count_orders(TMALL).return_rate_standard_error
    assert error == pytest.approx(np.std(rates), rel=0.15)


@needs_real_data
@pytest.mark.parametrize("suffix", ["gbk.csv", "xlsx", "parquet"])
def test_tmall_in_other_formats_gives_the_same_totals(suffix):
    frame = pd.read_csv(TMALL)
    out = io.BytesIO()
    if suffix == "xlsx":
        frame.to_excel(out, index=False)
    elif suffix == "parquet":
        frame.to_parquet(out)
    else:
        out.write(frame.to_csv(index=False).encode("gbk"))
    copy = count_orders((f"copy.{suffix}", out.getvalue())).to_dict()
    original = count_orders(TMALL).to_dict()
    for key in ("file", "sha256"):
        copy.pop(key), original.pop(key)
    assert copy == original


@needs_real_data
def test_uk_retail_without_payment_times_counts_every_order_above_zero():
    counts = count_orders(REAL / "orders_uk_retail_2010-12_2011-05.csv")
    assert (counts.orders_placed, counts.orders_paid, counts.orders_refunded) == (7352, 7352, 1463)
    assert counts.return_rate_by_value == pytest.approx(160_717.38 / 3_277_641.24)
    assert (counts.first_order, counts.last_order) == ("2010-12-01", "2011-05-31")
    assert "no payment time" in counts.warnings[0]


@needs_real_data
def test_cdnow_without_refunds_is_refused_in_words():
    message = refusal(REAL / "cdnow_sample_transactions.csv")
    assert "lacks the column refund_amount" in message
    assert "退款金额" in message


def test_rate_and_error_of_a_case_worked_by_hand():
    """Paid 100, 300; refunded 100, 0: r = 0.25, residuals 75 and -75, s.e. = 75 sqrt(2) / 400."""
    counts = count_orders(
        orders(
            "2026-10-18 20:00:00,2026-10-18 20:01:00,100,100",
            "2026-10-19 20:00:00,2026-10-19 20:01:00,300,",
            "2026-10-20 20:00:00,,50,0",
        )
    )
    assert (counts.orders_placed, counts.orders_paid, counts.orders_refunded) == (3, 2, 1)
    assert counts.amount_placed_cny == 450
    assert counts.return_rate_by_value == 0.25
    assert counts.return_rate_by_count == 0.5
    assert counts.return_rate_standard_error == pytest.approx(75 * math.sqrt(2) / 400)
    assert counts.average_order_value_cny == 200
    assert (counts.first_order, counts.last_order) == ("2026-10-18", "2026-10-20")


def test_one_paid_order_has_a_rate_without_error_and_a_warning():
    counts = count_orders(orders("2026-10-18,2026-10-18,80,20"))
    assert counts.return_rate_by_value == 0.25
    assert counts.return_rate_standard_error == 0
    assert any("Only one paid order" in text for text in counts.warnings)


def test_no_refund_at_all_is_warned_about():
    counts = count_orders(orders("2026-10-18,2026-10-18,80,0", "2026-10-18,2026-10-18,90,"))
    assert counts.return_rate_by_value == 0
    assert any("before any return" in text for text in counts.warnings)


def test_a_file_without_order_times_has_no_dates():
    counts = count_orders(orders("80,20", "0,0", header="amount,refund"))
    assert (counts.first_order, counts.last_order) == ("", "")
    assert (counts.orders_placed, counts.orders_paid) == (2, 1)
    assert OrderCounts.from_dict(counts.to_dict()) == counts


def test_a_refund_above_its_order_is_named_with_both_numbers():
    message = refusal(
        orders(
            "2026-10-18,2026-10-18,80,80",
            "2026-10-18,2026-10-18,80,1280.5",
            "2026-10-18,2026-10-18,80,81",
        )
    )
    assert "row 3: the refund 1,280.50 is above the order's amount 80.00 (2 such rows)" in message


def test_a_refund_on_an_unpaid_order_is_named():
    message = refusal(orders("2026-10-18,2026-10-18,80,0", "2026-10-18,,80,30"))
    assert "row 3: an order without payment has a refund of 30.00" in message


@pytest.mark.parametrize("row", ["2026-10-18,,80,0", "2026-10-18,2026-10-18,0,0"])
def test_no_paid_order_is_refused(row):
    assert "none that was paid" in refusal(orders(row))


def test_an_order_without_amount_is_named():
    message = refusal(orders("2026-10-18,2026-10-18,80,0", "2026-10-18,2026-10-18,,0"))
    assert "row 3 has no order amount" in message


def test_a_total_row_at_the_foot_is_noticed():
    assert "row 3" in refusal(orders("2026-10-18,2026-10-18,80,0", "合计,,80,0"))


def test_no_personal_data_in_result_or_message():
    header = "订单编号,收货人,收货地址,总金额,退款金额"
    good = orders("778899,王小明,上海市延安路1号,80,20", header=header)
    bad = orders("778899,王小明,上海市延安路1号,80,90", header=header)
    shown = json.dumps(count_orders(good).to_dict(), ensure_ascii=False) + refusal(bad)
    for secret in ("778899", "王小明", "延安路"):
        assert secret not in shown


@given(
    st.lists(
        st.tuples(st.integers(1, 10**7), st.floats(0, 1), st.booleans()), min_size=1, max_size=30
    ).filter(lambda rows: any(paid for _, _, paid in rows))
)
@settings(max_examples=60, deadline=None)
def test_rates_stay_shares_and_totals_stay_ordered(rows):
    lines = [
        f"2026-10-18,{'2026-10-18' if paid else ''},{cents / 100},"
        f"{round(cents * share) / 100 if paid else 0}"
        for cents, share, paid in rows
    ]
    counts = count_orders(orders(*lines))
    assert counts.orders_refunded <= counts.orders_paid <= counts.orders_placed
    assert 0 <= counts.return_rate_by_value <= 1
    assert 0 <= counts.return_rate_standard_error < 1.5
    assert OrderCounts.from_dict(json.loads(json.dumps(counts.to_dict()))) == counts


# --- the result as a dictionary ------------------------------------------------------------------


@pytest.fixture
def plain():
    return count_orders(
        orders("2026-10-18,2026-10-18,100,100", "2026-10-19,2026-10-19,300,0")
    ).to_dict()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("file", "../etc/passwd"), ("file", ""), ("file", 5), ("sha256", "xyz"),
        ("orders_placed", 1), ("orders_placed", 2.0), ("orders_placed", True),
        ("orders_paid", 0), ("orders_paid", -1), ("orders_refunded", 3),
        ("amount_placed_cny", "400"), ("amount_placed_cny", 10), ("amount_paid_cny", math.nan),
        ("amount_refunded_cny", 500), ("amount_refunded_cny", -1), ("return_rate_by_value", 25),
        ("return_rate_by_value", 0.2), ("return_rate_by_count", 0.4),
        ("return_rate_standard_error", -0.1), ("return_rate_standard_error", math.inf),
        ("average_order_value_cny", 90), ("first_order", "18/10/2026"),
        ("first_order", "2026-13-01"), ("last_order", "2026-10-01"), ("last_order", None),
        ("warnings", "text"), ("warnings", [1]),
    ],
)  # fmt: skip
def test_a_changed_total_is_refused(plain, key, value):
    with pytest.raises(InputError, match=r"orders\.\w+ must be"):
        OrderCounts.from_dict({**plain, key: value})


def test_unknown_and_missing_keys_are_refused(plain):
    with pytest.raises(InputError, match=r"orders\.order_paid .* Did you mean orders_paid\?"):
        OrderCounts.from_dict({**plain, "order_paid": 2})
    with pytest.raises(InputError, match=r"orders\.sha256 is missing"):
        OrderCounts.from_dict({key: plain[key] for key in plain if key != "sha256"})
    with pytest.raises(InputError, match="orders must be a mapping"):
        OrderCounts.from_dict([1])


# --- the shipped sample --------------------------------------------------------------------------


def test_sample_file_is_what_its_script_writes():
    path = ROOT / "tools" / "make_sample_orders.py"
    spec = importlib.util.spec_from_file_location("make_sample_orders", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.TARGET == SAMPLE
    assert SAMPLE.read_bytes() == script.build().encode("utf-8")


def test_sample_is_one_marked_synthetic_livestream_evening():
    counts = count_orders(SAMPLE)
    assert counts.orders_placed == 1500
    assert counts.orders_paid / counts.orders_placed == pytest.approx(0.93, abs=0.01)
    assert counts.average_order_value_cny == pytest.approx(320, abs=10)
    assert counts.return_rate_by_value == pytest.approx(0.60, abs=0.01)
    assert counts.first_order == counts.last_order == "2026-10-18"
    assert counts.warnings == ()
    frame = pd.read_csv(SAMPLE)
    assert ",".join(frame.columns) == (
        "订单编号,总金额,买家实际支付金额,收货地址,订单创建时间,订单付款时间,退款金额"
    )
    assert frame["订单编号"].str.fullmatch(r"SYN-\d{6}").all()
    assert frame["订单创建时间"].between("2026-10-18 20:00:00", "2026-10-18 23:59:59").all()
    partial = frame["退款金额"].between(0, frame["总金额"], inclusive="neither")
    assert partial.sum() / (frame["退款金额"] > 0).sum() == pytest.approx(0.04, abs=0.015)
