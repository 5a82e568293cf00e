"""What a report was made from and what it says in numbers, as `manifest.json` beside it."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kolkit.identity import data_hash, package_version

if TYPE_CHECKING:
    from kolkit.report.notebooks import Chapter
    from kolkit.report.spec import ReportSpec

MANIFEST = "manifest.json"
PACKAGES = ("pandas", "numpy", "plotly", "papermill", "ipywidgets", "voila")
COMPARED = ("hash", "made_at", "parameters", "figures", "data", "versions")
"""What a later version needs to know of the one that was sent."""


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of the report in a folder; None if there is none that can be read."""
    try:
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def last_sent(earlier: Mapping[str, Any] | None, spec: "ReportSpec") -> dict[str, Any] | None:
    """What the client has in hand when this report is made, from the report now in its folder.

    A released report made once more from the same content follows the one before it, not itself.
    """
    if earlier is None:
        return None
    before: dict[str, Any] | None = earlier.get("last_sent")
    if earlier.get("draft", True):
        return before
    if replace(spec, last_sent=before).content == earlier.get("content"):
        return before
    return {name: earlier[name] for name in COMPARED if name in earlier}


def manifest(
    spec: "ReportSpec", chapters: "Sequence[Chapter]", work: Path, pages: int
) -> dict[str, Any]:
    """The manifest of a report whose files are in `work`."""
    return {
        "client": spec.client,
        "scenario": spec.scenario,
        "hash": spec.hash,
        "content": spec.content,
        "draft": spec.draft,
        "brief": spec.brief_file,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "parameters": dict(spec.given),
        "seed": spec.given["seed"],
        "figures": {c.journey: c.steps["answer"]["figures"] for c in chapters},
        "data": data_hash(),
        "versions": {
            "kolkit": package_version(),
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
        "pages": pages,
        "files": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(work.iterdir())
        },
        "last_sent": spec.last_sent,
    }
