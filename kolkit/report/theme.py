"""An agency's look and chapters: a folder, read whole, that travels with the report."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Theme:
    """The files of a theme by their path in its folder."""

    files: Mapping[str, bytes]

    @cached_property
    def hash(self) -> str:
        """Changes with any of its files."""
        digest = hashlib.sha256()
        for name in sorted(self.files):
            digest.update(name.encode() + hashlib.sha256(self.files[name]).digest())
        return digest.hexdigest()[:12]
