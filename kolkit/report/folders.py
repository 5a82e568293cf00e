"""A report's folder, replaced as a whole: made beside it, then put in the place of the earlier one.

The earlier report stays untouched until that moment, and whatever a killed run left is tidied up.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kolkit.errors import EnvironmentFault, InputError
from kolkit.report.manifest import read_manifest
from kolkit.report.spec import ReportSpec


def refuse_foreign(spec: ReportSpec, there: Mapping[str, Any] | None) -> None:
    """Two clients whose names make the same folder must not overwrite each other.

    `there` is the manifest of the report in the folder; None if there is none.
    """
    if there is None:
        return
    if (there.get("client"), there.get("scenario")) != (spec.client, spec.scenario):
        raise InputError(
            f"{spec.folder} holds the report of {there.get('client')} · "
            f"{there.get('scenario')}: rename client or scenario in {spec.brief_file}."
        )


@contextmanager
def replacing(spec: ReportSpec) -> Iterator[Path]:
    """A new folder to make a report in; it becomes `spec.folder` if nothing goes wrong.

    Raises
    ------
    InputError
        where another client's report is in the folder
    EnvironmentFault
        where it cannot be written; nothing is left behind
    """
    refuse_foreign(spec, read_manifest(spec.folder))
    work = _workspace(spec)
    try:
        yield work
        _exchange(work, spec.folder)
    except OSError as error:
        raise EnvironmentFault(
            f"{spec.folder} could not be written ({error.strerror}): free space or choose another "
            "folder with --out. The earlier report is untouched."
        ) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _restore(folder: Path) -> None:
    """Bring back the report that a run killed while exchanging folders had set aside."""
    aside = folder.with_name(f".{folder.name}.previous")
    if aside.is_dir():
        if folder.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(folder)


def _workspace(spec: ReportSpec) -> Path:
    try:
        spec.folder.parent.mkdir(parents=True, exist_ok=True)
        for left_over in spec.folder.parent.glob(f".{spec.folder.name}.*.partial"):
            if not _running(int(left_over.name.split(".")[-2])):
                shutil.rmtree(left_over, ignore_errors=True)
        _restore(spec.folder)
        work = spec.folder.with_name(f".{spec.folder.name}.{os.getpid()}.partial")
        work.mkdir()
    except OSError as error:
        raise EnvironmentFault(
            f"the output folder {spec.folder.parent} cannot be written ({error.strerror}): choose "
            "another with --out, or free it."
        ) from None
    return work


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _exchange(work: Path, folder: Path) -> None:
    aside = folder.with_name(f".{folder.name}.previous")
    if folder.exists():
        folder.rename(aside)
    work.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)
