"""One writer at a time in a folder, across processes and threads.

The system lets go of the lock when its holder ends, however it ends, so none is ever left behind.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kolkit.errors import EnvironmentFault

WAIT_SECONDS = 10.0


def _take(handle: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(path: Path, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock file while the block runs.

    Raises
    ------
    EnvironmentFault
        if someone else holds it for longer than `wait_seconds`
    OSError
        if the file cannot be made
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + wait_seconds
        while True:
            try:
                _take(handle)
                break
            except (BlockingIOError, PermissionError):
                if time.monotonic() > until:
                    raise EnvironmentFault(
                        f"Another program has been writing to {path.parent.name} for "
                        f"{wait_seconds:g} seconds: try again in a moment."
                    ) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(handle)
