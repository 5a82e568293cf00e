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

from kolkit.errors import InputError
from kolkit.identity import code_hash, data_hash, package_version

if TYPE_CHECKING:
    from kolkit.report.notebooks import Chapter
    from kolkit.report.spec import ReportSpec

MANIFEST = "manifest.json"
PACKAGES = ("pandas", "numpy", "scipy", "plotly", "papermill", "ipywidgets", "voila")
COMPARED = ("hash", "made_on", "parameters", "figures", "data", "versions")
"""What a later version needs to know of the one that was sent."""
TOLD = ("version", "look")
"""What it says of that one besides, where its manifest has it."""


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of the report in a folder; None if there is none that can be read."""
    return _read(folder / MANIFEST)


def _read(file: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(file.read_text("utf-8"))
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
    return {name: earlier[name] for name in (*COMPARED, *TOLD) if name in earlier}


def since(path: Path, spec: "ReportSpec") -> dict[str, Any]:
    """What the client has in hand as a manifest elsewhere tells it.

    `path` is a manifest under any name (.json), or a report's folder or another file in it.

    Raises
    ------
    InputError
        where it is no manifest, or another client's
    """
    if path.suffix == ".json":
        told = _read(path)
    else:
        told = read_manifest(path if path.is_dir() else path.parent)
    if told is None or not set(COMPARED) <= told.keys():
        raise InputError(
            f"--since {path} is no {MANIFEST} of a report, and no folder with one: name the "
            "manifest of the version that the client has."
        )
    if told.get("client") != spec.client:
        raise InputError(
            f"--since {path} is the report of {told.get('client')}, not of {spec.client}: name one "
            "of this client."
        )
    return {name: told[name] for name in (*COMPARED, *TOLD) if name in told}


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a report but its manifest, by name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != MANIFEST
    }


def versions() -> dict[str, str]:
    """The packages that a report's numbers and words follow from, with their versions."""
    return {
        "kolkit": package_version(),
        "code": code_hash(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def manifest(
    spec: "ReportSpec",
    chapters: "Sequence[Chapter]",
    work: Path,
    pages: int,
    *,
    made_at: datetime,
) -> dict[str, Any]:
    """The manifest of a report whose files are in `work`; it names no path and no person.

    `made_at` is the time, with its zone, whose day stands on the cover.
    """
    moment = made_at.astimezone(UTC)
    return {
        "client": spec.client,
        "scenario": spec.scenario,
        "hash": spec.hash,
        "content": spec.content,
        "draft": spec.draft,
        "version": f"{moment:%Y-%m-%d %H:%M} UTC · {spec.content[:7]}",
        "made_at": moment.isoformat(timespec="seconds"),
        "made_on": made_at.date().isoformat(),
        "look": spec.look.model_dump(exclude={"logo"}),
        "theme": {"name": spec.theme.settings.name, "hash": spec.theme.hash}
        if spec.theme
        else None,
        "parameters": dict(spec.given),
        "seed": spec.given["seed"],
        "figures": {c.journey: c.steps["answer"]["figures"] for c in chapters},
        "data": data_hash(),
        "versions": versions(),
        "pages": pages,
        "files": file_hashes(work),
        "last_sent": spec.last_sent,
    }
