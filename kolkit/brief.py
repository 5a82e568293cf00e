"""Reads a brief: one client and scenario as YAML, data and never code.

Tags, anchors and aliases are refused, so are duplicate keys and large files; messages carry the
line. File names in a brief are relative to the brief.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from kolkit.errors import InputError
from kolkit.inputs import Brief
from kolkit.messages import place_of, refusal

MAX_BYTES = 256 * 1024


@dataclass(frozen=True)
class LoadedBrief:
    """A valid brief, the file it came from, and the line of each key in it.

    From a table of clients, `lines` holds the row under the empty key and a cell for each key.
    """

    brief: Brief
    path: Path
    lines: Mapping[tuple[str, ...], int | str]

    def beside(self, name: str) -> Path:
        """A file that the brief names, relative to the brief's folder."""
        return (self.path.parent / name).resolve()

    def at(self, *path: str) -> str:
        """`file, line n` of a key or `file, row n, column x` of a cell, for messages."""
        return place_of(path, file=self.path.name, lines=self.lines)


def _refuse(path: Path, mark: Any, what: str) -> InputError:
    line = f", line {mark.line + 1}" if mark else ""
    return InputError(f"{path.name}{line}: {what}")


def _check_events(text: str, path: Path) -> None:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refuse(
                path,
                event.start_mark,
                "anchors (&) and aliases (*) are not used in a brief; write the value out.",
            )
        tag = getattr(event, "tag", None)
        if tag:
            raise _refuse(
                path,
                event.start_mark,
                f"the tag {tag} is not allowed: a brief is data; write the plain value.",
            )


def _lines(node: yaml.Node, path: Path, prefix: tuple[str, ...] = ()) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            found[(*prefix, str(number))] = item.start_mark.line + 1
            found |= _lines(item, path, (*prefix, str(number)))
    if not isinstance(node, yaml.MappingNode):
        return found
    for key, value in node.value:
        here = (*prefix, str(key.value))
        if here in found:
            raise _refuse(
                path, key.start_mark, f"{'.'.join(here)} is given twice; keep one of the two."
            )
        found[here] = key.start_mark.line + 1
        found |= _lines(value, path, here)
    return found


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path.name} is larger than {MAX_BYTES // 1024} KB: not a brief.")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            f"there is no brief at {path}. `kolkit new NAME` writes one to start from."
        ) from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; name a brief (.yaml) in it.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text: save it as UTF-8.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None


def load_brief(path: str | Path) -> LoadedBrief:
    """Read and check a brief.

    Raises
    ------
    InputError
        one sentence per mistake, with file and line
    """
    path = Path(path)
    text = _text(path)
    try:
        _check_events(text, path)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = _lines(node, path) if node else {}
        content: Any = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        raise _refuse(
            path,
            error.problem_mark,
            f"this is not valid YAML ({error.problem}); check the indentation and the colon after "
            "each name on this line and the one before.",
        ) from None
    except InputError:
        raise
    except (yaml.YAMLError, ValueError) as error:
        raise _refuse(path, None, f"this is not valid YAML ({error}).") from None
    except RecursionError:
        raise _refuse(path, None, "this is nested too deeply to be a brief.") from None
    if not isinstance(content, dict):
        raise _refuse(
            path, None, "a brief is a list of `name: value` lines, beginning with client:."
        )
    content = {str(key): value for key, value in content.items()}
    for section, value in content.items():
        # `brand:` with nothing under it is an empty section, not a wrong one.
        if value is None and section in Brief.model_fields:
            content[section] = {}
    try:
        return LoadedBrief(Brief.model_validate(content), path, lines)
    except ValidationError as error:
        raise refusal(error, place=path.name, lines=lines) from None
