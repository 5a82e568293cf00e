"""The report as a short text for an e-mail, in Markdown."""

import re
from collections.abc import Sequence

from kolkit.report.notebooks import Chapter
from kolkit.report.spec import ReportSpec
from kolkit.text.parts import Table
from kolkit.text.rate import rate_note
from kolkit.words import Words

NUMBERS = 3
"""Key figures that a short text names."""
MARKUP = re.compile(r"([\\`*_\[\]<>|~&])")
OPENING = re.compile(r"(?<=[<\]])(?=\S)|(?<=&)(?=#?\w+;)|(?<=[Hh])(?=ttps?:)|(?<=[Ff])(?=tp:)"
                     r"|(?<=[Ww])(?=ww\.)|(?<=[Mm])(?=ailto:)")  # fmt: skip
"""Where an unescaped text would begin HTML, a link or an address."""


def plain(text: str) -> str:
    """Text that no reader of Markdown takes for markup, a link or HTML."""
    told = MARKUP.sub(r"\\\1", " ".join(text.split()))
    # An address becomes a link by itself, also without brackets.
    return re.sub(
        r"(?i)(https?|ftp|www|mailto)(?=[:.])", lambda m: f"{m[0][0]}\u2060{m[0][1:]}", told
    )


def to_copy(text: str) -> str:
    """Text that someone copies into another field: as it is, yet never a link or HTML."""
    return OPENING.sub("\u2060", " ".join(text.split()))


def summary(t: Words, spec: ReportSpec, chapters: Sequence[Chapter]) -> str:
    """Subject line, sentence, five rows, the money table and three numbers: under 250 words."""
    answer = chapters[-1].steps["answer"]
    subject = f"{spec.client} · {spec.scenario}"
    mark = t("DRAFT") if spec.draft else ""
    tiles = answer["tiles"][:NUMBERS]
    ledger = chapters[-1].steps["assumptions"]
    unsourced = t(
        "{n} of {total} assumptions unsourced", n=ledger["unsourced"], total=ledger["total"]
    )
    parts = [
        to_copy(t.colon(t("Subject"), t.colon(mark, subject) if mark else subject)),
        f"**{plain(answer['headline'])}**",
        "\n".join(
            f"- **{plain(label)}**{plain(t.colon('', text))}" for label, text in answer["half_page"]
        ),
        _table(t, Table.of(answer["money"])),
        plain(t.sentences(t("P50s of parts need not add up."), rate_note(t))),
        "\n".join(
            f"- {plain(t.colon(label, t.bracketed(value, note)))}"
            for label, value, note, *_ in tiles
        ),
        to_copy(" · ".join(part for part in (mark, spec.hash, unsourced) if part)),
    ]
    return "\n\n".join(parts) + "\n"


def _table(t: Words, table: Table) -> str:
    """The table with its numbers as printed."""
    heads = [plain(name) for name in table.columns]
    rows = [[plain(cell) for cell in row] for row in table.printed(t)]
    line = "|".join(" --- " if number == 0 else " ---: " for number in range(len(heads)))
    told = [f"| {' | '.join(heads)} |", f"|{line}|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(told)
