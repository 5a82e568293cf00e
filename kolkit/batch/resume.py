"""Which reports are there already: made from the same content, and every file still as made."""

import json

from kolkit.batch.places import Place
from kolkit.batch.record import Entry
from kolkit.report.manifest import MANIFEST


def keep_finished(entry: Entry, place: Place, *, pdf: bool) -> bool:
    """Whether an entry's report is there, whole and from the same content; then it is kept.

    `pdf`: its PDF has to be there as well.
    """
    if entry.spec is None:
        return False
    try:
        there = json.loads(place.read(f"{entry.folder}/{MANIFEST}") or b"")
        files, content, pages = there["files"], there["content"], there["pages"]
    except (ValueError, KeyError, TypeError):
        return False
    printed = f"{entry.spec.stem}.pdf" in files
    if content != entry.spec.content or (pdf and not printed):
        return False
    if any(place.sha256(f"{entry.folder}/{name}") != sha for name, sha in files.items()):
        return False
    entry.state, entry.pages = "kept", pages
    entry.keep_pdf(printed)
    return True
