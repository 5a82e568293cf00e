"""Keeps a streamer unnamed unless the brief wants the name shown.

The name is taken out of what a report is made from, before any notebook runs: what is not in the
parameters can stand in no file of the report.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from kolkit.brief import LoadedBrief
from kolkit.errors import InputError

INSTEAD = "streamer"
GAP = r"[\s._·-]*"


def _pattern(name: str) -> re.Pattern[str] | None:
    """Finds a name in any case and with any separators; None for no name."""
    letters = [c for c in unicodedata.normalize("NFKC", name) if not re.fullmatch(GAP, c)]
    return re.compile(GAP.join(map(re.escape, letters)), re.IGNORECASE) if letters else None


def unnamed(text: str, name: str) -> str:
    """A text with the name replaced by a neutral word."""
    pattern = _pattern(name)
    return pattern.sub(INSTEAD, unicodedata.normalize("NFKC", text)) if pattern else text


def names(text: str, name: str) -> bool:
    """Whether a text names the streamer."""
    pattern = _pattern(name)
    return bool(pattern and pattern.search(unicodedata.normalize("NFKC", text)))


def without_streamer(loaded: LoadedBrief, given: Mapping[str, Any]) -> dict[str, Any]:
    """The flat inputs of a report, with the streamer's name only if the brief shows names.

    Raises
    ------
    InputError
        where client or scenario, which stand on every page, name a streamer who is not to be named
    """
    streamer = loaded.brief.livestream.streamer
    if loaded.brief.report.show_names or not streamer.strip():
        return dict(given)
    titles = [loaded.brief.client, loaded.brief.scenario]
    titles += [scenario.name for scenario in loaded.brief.scenarios]
    for title in titles:
        if names(title, streamer):
            raise InputError(
                f"{loaded.at('livestream', 'streamer')}: {title} names the streamer, and it stands "
                "in the report; call it otherwise, or set report.show_names: true."
            )
    kept = dict(given)
    if "streamer" in kept:
        kept["streamer"] = ""
    kept["set_by_client"] = [name for name in kept["set_by_client"] if name != "streamer"]
    kept["scenarios"] = [
        {**told, "inputs": {k: v for k, v in told["inputs"].items() if k != "streamer"}}
        for told in kept.get("scenarios", [])
    ]
    counted = kept.get("orders_counted")
    if counted:
        warnings = [unnamed(text, streamer) for text in counted["warnings"]]
        file = unnamed(counted["file"], streamer)
        kept["orders_counted"] = {**counted, "file": file, "warnings": warnings}
    return kept
