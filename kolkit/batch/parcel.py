"""A report's files in one piece: how it comes back from a worker that has another disk."""

import hashlib
import io
import json
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from kolkit.errors import EnvironmentFault
from kolkit.report.folders import replacing
from kolkit.report.manifest import MANIFEST
from kolkit.report.spec import ReportSpec

MAX_BYTES = 500_000_000


def pack(folder: Path) -> bytes:
    """The files of a report's folder as a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return packed.getvalue()


def unpack(parcel: bytes, spec: ReportSpec) -> None:
    """Put a report in `spec.folder`, in the place of an earlier one, once all of it is checked.

    Raises
    ------
    InputError
        where another client's report is in the folder
    EnvironmentFault
        where the parcel is not this report, whole and unchanged, or the folder cannot be written
    """
    try:
        with zipfile.ZipFile(io.BytesIO(parcel)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                raise ValueError("too large")
            files = {name: archive.read(name) for name in archive.namelist()}
        told: dict[str, Any] = json.loads(files[MANIFEST])
        whole = _is_whole(files, told) and told["content"] == spec.content
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError):
        whole = False
    if not whole:
        raise EnvironmentFault(
            f"what a worker sent for {spec.client} · {spec.scenario} is not that report, whole and "
            "unchanged: run it again with --resume, and look at the network and the worker."
        )
    with replacing(spec) as work:
        for name, data in files.items():
            (work / name).write_bytes(data)


def _is_whole(files: dict[str, bytes], told: dict[str, Any]) -> bool:
    """Whether the files are those of the manifest, and none of them lies outside the folder."""
    listed = told["files"]
    return (
        files.keys() == {*listed, MANIFEST}
        and all(PurePosixPath(name).name == name and "\\" not in name for name in files)
        and all(hashlib.sha256(files[name]).hexdigest() == sha for name, sha in listed.items())
    )
