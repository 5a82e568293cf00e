"""How far one report is, and how long it will take, by the clock and the stages that began."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

STAGES: Mapping[bool, Mapping[str, float]] = {
    True: {"notebook": 0.15, "document": 0.38, "pdf": 0.41},
    False: {"notebook": 0.05, "document": 0.7},
}
"""With and without PDF: the share (0-1) of a report's time that has passed when a stage begins.
Machines differ in speed, hardly in these shares."""

EXPECTED_SECONDS = {True: 8.0, False: 5.0}
"""With and without PDF, where no report and no stage has shown yet how fast this machine is."""

MOST = 0.97
"""What is shown as done, as a share, of a report that is not."""


@dataclass(frozen=True)
class _Leg:
    """From one stage to the next: shares done at both ends, when it began, seconds for a whole."""

    share: float
    until: float
    since: float
    total: float


class Pace:
    """The progress of one report.

    Within a stage it moves with the clock, never into the next one: what takes longer than expected
    is waited for. The time between two stages tells how fast the rest will be.
    """

    def __init__(
        self,
        stages: Mapping[str, float],
        *,
        expected_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin now.

        Parameters
        ----------
        stages : share (0-1) of the time that has passed when each begins; empty if nobody tells
        expected_seconds : for the whole, until stages have begun
        clock : monotonic seconds
        """
        self._stages, self._expected, self._clock = stages, expected_seconds, clock
        self._first: tuple[float, float] | None = None
        self._leg = _Leg(0.0, min(stages.values(), default=MOST), clock(), expected_seconds)

    def begin(self, stage: str) -> None:
        """A stage begins; the first one once more where a report is tried again."""
        share, now, total = self._stages[stage], self._clock(), self._expected
        if self._first and share > self._first[0]:
            total = (now - self._first[1]) / (share - self._first[0])
        else:
            self._first = (share, now)
        later = (other for other in self._stages.values() if other > share)
        self._leg = _Leg(share, min(later, default=MOST), now, total)

    def told(self) -> tuple[float, float | None]:
        """Share done (0-1), and seconds left: None once it should have been over."""
        leg = self._leg
        done = min(leg.until, leg.share + (self._clock() - leg.since) / leg.total)
        return done, (1 - done) * leg.total if done < MOST else None
