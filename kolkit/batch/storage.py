"""Reports on storage that several machines share: any URL that fsspec opens.

A report there is complete when its `manifest.json` names exactly the files that lie beside it; the
manifest is written last, and the earlier one stays until then.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from kolkit.batch.job import Job, Outcome
from kolkit.batch.lease import leased
from kolkit.batch.places import LOCK, LocalPlace, Place
from kolkit.errors import EnvironmentFault, InputError
from kolkit.report.folders import refuse_foreign
from kolkit.report.manifest import MANIFEST, last_sent
from kolkit.report.spec import ReportSpec

Make = Callable[[Job], Outcome]


def is_url(text: str) -> bool:
    """Whether an output folder is given as a URL (`s3://bucket/reports`) and not as a path."""
    return "://" in text


def place_at(out: str) -> Place:
    """The folder of all reports at a path or URL; a `file://` URL is a folder like any other."""
    if not is_url(out):
        return LocalPlace(Path(out))
    return LocalPlace(folder_of(out)) if out.startswith("file://") else UrlPlace(out)


def folder_of(url: str) -> Path:
    """The path within a URL: a real folder for `file://`, for others only a name."""
    if url.startswith("file://"):
        from fsspec.implementations.local import (  # type: ignore[import-untyped]
            LocalFileSystem,
        )

        return Path(LocalFileSystem._strip_protocol(url))
    return Path(url.split("://", 1)[1])


def _fault(shown: str, error: Exception) -> EnvironmentFault:
    told = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
    return EnvironmentFault(
        f"the output folder {shown} cannot be used ({told}): check the address, the rights and the "
        "network. Finished reports are untouched."
    )


class UrlPlace:
    """A folder of reports behind a URL."""

    def __init__(self, url: str) -> None:
        import fsspec  # type: ignore[import-untyped]

        self.url = url.rstrip("/")
        try:
            self.files, self.root = fsspec.core.url_to_fs(self.url)
        except ImportError as error:
            raise EnvironmentFault(f"{url} cannot be opened: {error}.") from None
        except ValueError as error:
            raise InputError(
                f"--out must be a folder or the URL of one, such as s3://bucket/reports; got {url} "
                f"({error})."
            ) from None

    @property
    def shown(self) -> str:
        """The URL."""
        return self.url

    def _path(self, name: str) -> str:
        return f"{self.root.rstrip('/')}/{name}"

    def read(self, name: str) -> bytes | None:
        """A file's content; None if there is none."""
        try:
            return bytes(self.files.cat_file(self._path(name)))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except Exception as error:
            # Every storage has errors of its own; for the user they are all one.
            raise _fault(self.url, error) from None

    def write(self, name: str, data: bytes) -> None:
        """Replace a file, which object storages do as a whole."""
        path = self._path(name)
        try:
            self.files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            self.files.pipe_file(path, data)
        except Exception as error:
            raise _fault(self.url, error) from None

    def sha256(self, name: str) -> str | None:
        """The hash of a file; None if there is none."""
        data = self.read(name)
        return None if data is None else hashlib.sha256(data).hexdigest()

    def remove_others(self, folder: str, kept: set[str]) -> None:
        """Remove the files of a folder that are not among those to be kept."""
        try:
            for path in self.files.ls(self._path(folder), detail=False):
                if PurePosixPath(path).name not in kept:
                    self.files.rm_file(path)
        except Exception as error:
            raise _fault(self.url, error) from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only caller that writes here."""
        try:
            self.files.makedirs(self.root, exist_ok=True)
        except Exception as error:
            raise _fault(self.url, error) from None
        with leased(self.files, self._path(LOCK), shown=self.url):
            yield


def with_last_sent(spec: ReportSpec, place: Place) -> ReportSpec:
    """The report with what the client has in hand, as the manifest in a place tells it."""
    there = read_manifest_at(place, "/".join(spec.folder.parts[-2:]))
    return replace(spec, last_sent=last_sent(there, spec))


def read_manifest_at(place: Place, folder: str) -> dict[str, Any] | None:
    """The manifest of the report in a folder of a place; None if there is none."""
    try:
        told = json.loads(place.read(f"{folder}/{MANIFEST}") or b"")
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def upload_work(job: Job, *, say: Callable[[str], None] = lambda stage: None) -> Outcome:
    """As `work`, with the report at `job.url`."""
    from kolkit.batch.worker import work

    return store(job, partial(work, say=say))


def store(job: Job, make: Make, *, scratch: str | None = None) -> Outcome:
    """Make a report and put it at `job.url`; what goes wrong is in the outcome.

    Parameters
    ----------
    make : makes a report in `job.spec.folder`
    scratch : folder for the report until it is stored; the system's own if None
    """
    try:
        place = place_at(job.url)
        if isinstance(place, LocalPlace):
            return make(replace(job, spec=job.spec.below(place.folder)))
        assert isinstance(place, UrlPlace)
        refuse_foreign(job.spec, read_manifest_at(place, job.place))
        with tempfile.TemporaryDirectory(prefix="kolkit-", dir=scratch) as folder:
            here = job.spec.below(Path(folder))
            outcome = make(replace(job, spec=here))
            if outcome.state == "done":
                _upload(here.folder, place, job.place)
            return outcome
    except InputError as error:
        return Outcome(job.key, "refused", message=str(error), fault="input")
    except (EnvironmentFault, OSError) as error:
        return Outcome(job.key, "failed", message=str(error), fault="environment")


def _upload(folder: Path, place: UrlPlace, name: str) -> None:
    """Write a report's files, its manifest last, and then remove what an earlier one left over."""
    paths = sorted(folder.iterdir(), key=lambda path: path.name == MANIFEST)
    for path in paths:
        place.write(f"{name}/{path.name}", path.read_bytes())
    place.remove_others(name, {path.name for path in paths})
