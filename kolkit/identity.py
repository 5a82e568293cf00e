"""What a result is made of: versions, a hash of the inputs, and folder names."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from kolkit.resources import PACKAGE, shipped


@cache
def data_hash() -> str:
    """First 12 hexadecimal digits over every table of the data package."""
    digest = hashlib.sha256()
    for path in sorted(shipped("data").glob("*.csv")):
        # Line ends differ between checkouts; the numbers do not.
        digest.update(path.name.encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


@cache
def code_hash() -> str:
    """First 12 hexadecimal digits over the package, the workbooks and the report's template."""
    digest = hashlib.sha256()
    for folder, kinds in (
        (PACKAGE, (".py", ".po", ".js", ".css")),
        (shipped("workbooks"), (".ipynb",)),
        (shipped("template"), (".j2", ".css")),
    ):
        found = (p for p in folder.rglob("*") if p.suffix in kinds and "_shipped" not in p.parts)
        for path in sorted(found):
            told = path.relative_to(folder).as_posix()
            digest.update(told.encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


def package_version() -> str:
    """Version of kolkit."""
    return version("kolkit")


ASIDE = ("client", "scenario", "language", "currency", "scenarios", "streamer")


def scenario_hash(parameters: Mapping[str, Any]) -> str:
    """Seven hexadecimal digits that change whenever an input, the data or the package does.

    Words on the page and the scenarios beside this one are left out: its numbers do not depend on
    them.
    """
    numbers = {k: v for k, v in parameters.items() if k not in ASIDE}
    # An order file is what was counted in it, whether a brief names it or a page has read it.
    listed = set(numbers.get("set_by_client", ())) - {"orders_file", "orders_counted", "streamer"}
    numbers["set_by_client"] = sorted(listed)
    # 1 and 1.0 are the same input.
    plain = {
        k: float(v) if isinstance(v, int) and not isinstance(v, bool) else v
        for k, v in numbers.items()
    }
    told = json.dumps(plain, sort_keys=True, ensure_ascii=False, default=str)
    told += data_hash() + package_version()
    return hashlib.sha256(told.encode()).hexdigest()[:7]


def folder_name(text: str) -> str:
    """A client's or scenario's name as a folder: letters, digits and hyphens of any script."""
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"[^\w]+", "-", plain).strip("-_").casefold() or "unnamed"
