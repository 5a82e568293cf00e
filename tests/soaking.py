"""What the long runs share: how they are marked, and the table of their last results."""

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "tests" / "soak_results.md"
TITLE = "# Last results of the long runs\n\n| run | date | commit | result |\n|---|---|---|---|\n"


def long(*given: Any) -> Any:
    """The length of a run that only `make soak` makes, with twenty minutes to do it."""
    return pytest.param(*given, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])


def record(name: str, result: str) -> None:
    """Replace a run's line in the table of last results."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    told = RESULTS.read_text("utf-8") if RESULTS.exists() else TITLE
    lines = [line for line in told.splitlines() if not line.startswith(f"| {name} |")]
    lines.append(f"| {name} | {time.strftime('%Y-%m-%d')} | {commit} | {result} |")
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
