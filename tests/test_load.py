"""Many people at `kolkit serve`: nobody sees another's numbers, and all are answered right."""

import contextlib
import shutil
import statistics

import pytest
from load import Load, drive, our_server, visiting
from pages import WORKBOOKS
from soaking import long, record

from kolkit.books import BOOKS

CARRIED = "average_order_value_cny"
"""An input of every workbook that each visitor's link sets differently."""


def p95(times: list[float]) -> float:
    return times[int(0.95 * (len(times) - 1))]


def summary(count: int, found: Load) -> str:
    """A line for the table of last results."""
    kernel = statistics.median(found.memory.kernels)
    own = statistics.median(found.memory.own)
    cpu = ", ".join(f"{name} {taken:.0f}" for name, taken in found.cpu.items())
    return (
        f"{count} sessions over five workbooks for {found.seconds:.0f} s: {found.moves:,} moves, "
        f"{found.refused} refused by name, 0 errors, every page ends as the engine says; slider to "
        f"first chart p50 {statistics.median(found.first):.0f} ms, p95 {p95(found.first):.0f} ms, "
        f"to last in sight {statistics.median(found.last):.0f} / {p95(found.last):.0f} ms; page "
        f"live p50 {statistics.median(found.live):.1f} s, p95 {p95(found.live):.1f} s; server "
        f"{found.memory.server:.0f} MB, {found.kernels} kernels of {kernel:.0f} MB ({own:.0f} MB "
        f"own), one session {kernel:.0f} MB; processor seconds: {cpu}"
    )


@pytest.mark.browser
@pytest.mark.parametrize(("count", "seconds"), [(3, 5), long(20, 120)])
def test_people_who_move_sliders_at_once_never_see_each_others_values(
    browser, count, seconds, tmp_path
):
    everyone = [*BOOKS.values()] * (count // len(BOOKS))
    picked = everyone or [BOOKS["livestream"], BOOKS["livestream"], BOOKS["plan"]]
    for book in picked:
        shutil.copy(WORKBOOKS / book.notebook, tmp_path)
    with our_server(tmp_path) as server, contextlib.ExitStack() as pages:
        visitors = [
            pages.enter_context(visiting(browser, book, {CARRIED: 200.0 + 20 * number}))
            for number, book in enumerate(picked)
        ]
        found = drive(server, visitors, seconds, hurried=not everyone)
    assert not found.wrong, f"{len(found.wrong)}\n" + "\n".join(found.wrong[:20])
    assert found.moves >= count
    if everyone:
        record("20 people at once", summary(count, found))
