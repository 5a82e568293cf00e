"""One writer at a time where the storage knows no locks: an object that its holder keeps renewing.

A holder that dies stops renewing, and after a while the next caller takes over. The machines'
clocks must agree to within a minute.
"""

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from kolkit.errors import EnvironmentFault

LEASE_SECONDS = 120.0
RENEW_SECONDS = 20.0


@contextlib.contextmanager
def leased(files: Any, path: str, *, shown: str) -> Iterator[None]:
    """Hold the lock object at `path` of a file system of fsspec while the block runs.

    Raises
    ------
    EnvironmentFault
        where another caller holds it
    """
    me = uuid4().hex
    there = _holder(files, path)
    if there and time.time() - there["renewed"] < LEASE_SECONDS:
        raise _held(shown, there)
    if there:
        with contextlib.suppress(FileNotFoundError):
            files.rm_file(path)
    try:
        files.pipe_file(path, _told(me), mode="create")
    except FileExistsError:
        raise _held(shown, _holder(files, path)) from None
    except (NotImplementedError, TypeError, ValueError):
        # This storage has no "only if it is not there": the last to write holds it.
        files.pipe_file(path, _told(me))
    if (_holder(files, path) or {}).get("holder") != me:
        raise _held(shown, _holder(files, path))
    over = threading.Event()
    renewing = threading.Thread(target=_renew, args=(files, path, me, over), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        over.set()
        renewing.join()
        with contextlib.suppress(OSError):
            files.rm_file(path)


def _told(me: str) -> bytes:
    who = f"{socket.gethostname()}, process {os.getpid()}"
    return json.dumps({"holder": me, "who": who, "renewed": time.time()}).encode()


def _holder(files: Any, path: str) -> dict[str, Any] | None:
    try:
        told = json.loads(files.cat_file(path))
        return {"who": str(told["who"]), "holder": told["holder"], "renewed": told["renewed"] + 0}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return {"who": "unknown", "holder": "", "renewed": 0.0}


def _renew(files: Any, path: str, me: str, over: threading.Event) -> None:
    while not over.wait(RENEW_SECONDS):
        with contextlib.suppress(Exception):
            files.pipe_file(path, _told(me))


def _held(shown: str, there: dict[str, Any] | None) -> EnvironmentFault:
    who = f" ({there['who']})" if there else ""
    return EnvironmentFault(
        f"Another `kolkit report` is writing to {shown}{who}: wait until it ends (one that died is "
        f"forgotten after {LEASE_SECONDS:.0f} seconds), or choose another folder with --out."
    )
