"""The table of cells: what a client changes about a tier on a platform, row by row."""

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any

from kolkit.assumptions import assumptions
from kolkit.errors import InputError

TIERS = ("celebrity", "kol", "micro_kol", "koc")
PLATFORMS = (
    "wechat", "weibo", "douyin", "bilibili", "kuaishou", "xiaohongshu", "weitao", "keep",
    "mafengwo", "toutiao", "baidu", "zhihu",
)  # fmt: skip

SHARES = ("engagement_rate", "on_target_share")
WHOLE = ("followers", "supply")
COLUMNS = ("tier", "platform", "price_cny", "followers", *SHARES, "supply", "bookable")


def sourced(tier: str, platform: str) -> bool:
    """Whether the data package has a price and a size for this tier on this platform."""
    known = assumptions()
    return all(f"cell.{tier}.{platform}.{field}" in known for field in ("price_cny", "followers"))


def check_cells(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as given, if every one can be used.

    Raises
    ------
    InputError
        one sentence that names the row, what is allowed and the repair

    >>> check_cells([{"tier": "kol", "platform": "weibo", "price_cny": 20_000,
    ...               "followers": 200_000}])[0]["platform"]
    'weibo'
    """
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows, start=1):
        _check_names(row, f"row {number}")
        where = f"row {number} ({row['tier']}, {row['platform']})"
        key = (row["tier"], row["platform"])
        if key in seen:
            raise InputError(f"{where} repeats row {seen[key]}. Keep one of them.")
        seen[key] = number
        for name in ("price_cny", *WHOLE, *SHARES):
            if row.get(name) is not None:
                _check_number(name, row[name], where)
        if "bookable" in row and not isinstance(row["bookable"], bool):
            raise InputError(f"{where}: bookable must be true or false; got {row['bookable']}.")
        needed = [name for name in ("price_cny", "followers") if row.get(name) is None]
        if row.get("bookable", True) and needed and not sourced(*key):
            raise InputError(
                f"{where} has no sourced {' and no '.join(needed)}. Give price_cny and followers, "
                "or set bookable to false."
            )
    return rows


def _check_names(row: Mapping[str, Any], where: str) -> None:
    for name in row:
        if name not in COLUMNS:
            raise InputError(f"{where} has no column {name}.{_nearest(name, COLUMNS)}")
    for name, known in (("tier", TIERS), ("platform", PLATFORMS)):
        value = row.get(name)
        if value not in known:
            given = f"got {value}" if value is not None else "it is missing"
            raise InputError(
                f"{where}: {name} must be one of {', '.join(known)}; {given}."
                f"{_nearest(str(value), known)}"
            )


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name.casefold(), list(known), n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""


def _check_number(name: str, value: object, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(f"{where}: {name} must be a number; got {value}.")
    if name in SHARES:
        if not 0 <= value <= 1:
            meant = f" Did you mean {value / 100:.2f}?" if 1 < value <= 100 else ""
            raise InputError(
                f"{where}: {name} must be a share between 0 and 1; got {value:g}.{meant}"
            )
        return
    least = 1 if name == "followers" else 0
    if value < least:
        raise InputError(f"{where}: {name} must be {least} or more; got {value:g}.")
    if name in WHOLE and value != int(value):
        raise InputError(f"{where}: {name} must be a whole number; got {value:g}.")
