"""What changed since the version that the client has, for one report."""

from collections.abc import Sequence

from kolkit.identity import data_hash
from kolkit.report.manifest import versions
from kolkit.report.notebooks import Chapter
from kolkit.report.spec import ReportSpec
from kolkit.text.changes import Changes, changes
from kolkit.words import Words


def since_last_sent(t: Words, spec: ReportSpec, chapters: Sequence[Chapter]) -> Changes | None:
    """The changes in words; None where nothing was sent before."""
    if spec.last_sent is None:
        return None
    return changes(
        t,
        spec.last_sent,
        parameters=spec.given,
        figures={c.journey: c.steps["answer"]["figures"] for c in chapters},
        data=data_hash(),
        versions=versions(),
        look=spec.look.model_dump(exclude={"logo"}),
    )
