"""Finds what ships with the package: data, workbooks, briefs, the report's template.

In a checkout these are folders beside the package; in a wheel they lie inside it. Both are
read-only: whatever the software writes goes to the working folder.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = {
    "data": PACKAGE.parent / "data",
    "workbooks": PACKAGE.parent / "workbooks",
    "template": PACKAGE.parent / "reports" / "template",
    "themes": PACKAGE.parent / "reports" / "themes",
    "briefs": PACKAGE.parent / "reports" / "briefs",
}


def shipped(folder: str) -> Path:
    """Path of a shipped folder; `folder` is a key of `CHECKOUT`."""
    installed = PACKAGE / "_shipped" / folder
    return installed if installed.is_dir() else CHECKOUT[folder]
