"""Formulas and limits that all journeys share."""

from kolkit.journeys.facts import DRAWS
from kolkit.words import Words


def formulas(t: Words) -> list[tuple[str, str]]:
    """Number and statement of the formulas behind every interval."""
    return [
        (
            "D",
            t(
                "P10, P50 and P90 come from {n} seeded draws; each uncertain input follows a PERT "
                "distribution over its plausible range, a return rate counted in a file a beta "
                "distribution from its counts.",
                n=t.number(DRAWS),
            ),
        ),
    ]
