"""Whether this machine has a glyph for every character of a brief's own words.

fc-list names what its fonts hold; where there is no such command (macOS, Windows), nothing is known
before the report is printed.
"""

import re
import subprocess
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from functools import cache

from kolkit.errors import InputError
from kolkit.report.spec import ReportSpec

PLAIN = frozenset(map(chr, range(0x20, 0x7F)))
SELECTORS = "\ufe00-\ufe0f"


def fonts_told(of_each: str) -> str:
    """A property of each font of this machine, a line each; empty where that is not known."""
    try:
        return subprocess.run(
            ["fc-list", "--format", f"%{{{of_each}}}\n"], capture_output=True, text=True, timeout=60
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


@cache
def drawn_here() -> frozenset[int]:
    """Code points that some font of this machine draws; empty where that is not known."""
    found: set[int] = set()
    for run in set(fonts_told("charset").split()):
        ends = re.fullmatch(r"([0-9a-f]+)(?:-([0-9a-f]+))?", run)
        if ends:
            found |= set(range(int(ends[1], 16), int(ends[2] or ends[1], 16) + 1))
    return frozenset(found)


def own_words(spec: ReportSpec) -> Mapping[str, str]:
    """The words on a report's pages that its brief gave, by the input that holds them."""
    told = {"client": spec.client, "scenario": spec.scenario, "report.agency": spec.look.agency}
    told |= {
        f"scenarios, no. {number}: name": other["name"]
        for number, other in enumerate(spec.given.get("scenarios", []), 1)
    }
    return told | {"livestream.streamer": spec.given.get("streamer", "")}


def _drawn(text: str) -> Iterator[str]:
    """The characters of a text that need a glyph of their own."""
    for letter in text:
        if letter in PLAIN or unicodedata.category(letter) in ("Cf", "Zs"):
            continue
        if not re.match(f"[{SELECTORS}]", letter):
            yield letter


def refused(spec: ReportSpec, *, missing: Collection[str]) -> InputError | None:
    """The sentence for the first of a brief's words that has one of these characters, if any."""
    for place, text in own_words(spec).items():
        letter = next((c for c in _drawn(text) if c in missing), "")
        if letter:
            name = unicodedata.name(letter, "no name").lower()
            return InputError(
                f"{spec.brief_file}: {place} has the character “{letter}” (U+{ord(letter):04X}, "
                f"{name}), for which this machine has no font: leave it out, or install a font "
                "that has it."
            )
    return None


def check_glyphs(spec: ReportSpec) -> None:
    """Refuse words that this machine cannot print, before anything is made.

    Raises
    ------
    InputError
        names the character and the input
    """
    if spec.theme and spec.theme.settings.fonts:
        return
    known = drawn_here()
    used = {c for text in own_words(spec).values() for c in _drawn(text)}
    error = refused(spec, missing={c for c in used if ord(c) not in known}) if known else None
    if error:
        raise error
