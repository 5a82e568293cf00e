"""The folder that holds the reports of all clients: what a batch reads and writes there itself."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from kolkit.errors import EnvironmentFault
from kolkit.locking import locked

LOCK = ".kolkit.lock"


class Place(Protocol):
    """A folder of reports; names are relative to it, with `/` between folders."""

    @property
    def shown(self) -> str:
        """What a person calls it."""
        ...

    def read(self, name: str) -> bytes | None:
        """A file's content; None if there is none."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Replace a file as a whole; EnvironmentFault where that cannot be done."""
        ...

    def sha256(self, name: str) -> str | None:
        """The hash of a file; None if there is none."""
        ...

    def locked(self) -> AbstractContextManager[None]:
        """Be the only caller that writes here; EnvironmentFault where another one does."""
        ...


class LocalPlace:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def shown(self) -> str:
        return str(self.folder)

    def read(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Replace a file: whoever reads it has the old or the new, also after a power cut."""
        path = self.folder / name
        partial = path.with_name(f".{path.name}.partial")
        try:
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise self._unwritable(error) from None

    def sha256(self, name: str) -> str | None:
        try:
            with (self.folder / name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None

    @contextmanager
    def locked(self) -> Iterator[None]:
        # Entered by hand: what goes wrong inside the block is not the lock's fault.
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = locked(self.folder / LOCK, wait_seconds=0)
            lock.__enter__()
        except OSError as error:
            raise self._unwritable(error) from None
        except EnvironmentFault:
            raise EnvironmentFault(
                f"Another `kolkit report` is writing to {self.folder}: wait until it ends, or "
                "choose another folder with --out."
            ) from None
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    def _unwritable(self, error: OSError) -> EnvironmentFault:
        return EnvironmentFault(
            f"the output folder {self.folder} cannot be written ({error.strerror}): free space or "
            "choose another with --out. Finished reports are untouched."
        )
