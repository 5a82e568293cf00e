"""The sheet without a kernel: every question of the variant with room to write, no answer."""

from collections.abc import Mapping
from typing import Any

from kolkit.words import html

State = Mapping[str, Any]


def printed_head(state: State) -> str:
    """Title and trainee."""
    return (
        f'<div class="kk-panel kk-head kk-ex-head"><span class="kk-client">'
        f'{html(state["title"])}</span><span class="kk-hash">{html(state["trainee"])}</span></div>'
    )


def printed_tasks(state: State) -> str:
    """The questions one under the other; the case's table stands before the first that needs it."""
    words = state["words"]
    parts = [f'<p class="kk-ex-intro">{html(state["intro"])}</p>']
    if not state["trainee"]:
        blank = "_" * 30
        parts.append(f'<p class="kk-ex-print">{html(words["name_line"])}: {blank}</p>')
    case_told = False
    for number, task in enumerate(state["tasks"], start=1):
        if task["case"] and not case_told:
            parts.append(_case(state))
            case_told = True
        parts.append(_task(number, task))
    return f'<div class="kk-panel kk-ex kk-ex-sheet">{"".join(parts)}</div>'


def _case(state: State) -> str:
    head, *rows = state["case"]
    cells = "".join(f'<th scope="col">{html(cell)}</th>' for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{html(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f'<div class="kk-ex-print kk-ex-case"><h3>{html(state["case_title"])}</h3>'
        f'<table class="kk-table"><thead><tr>{cells}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _task(number: int, task: State) -> str:
    mark = {"choice": "☐", "order": "__"}.get(task["kind"], "")
    entries = "".join(f"<li>{mark} {html(text)}</li>" for _, text in task["entries"])
    room = f"<ul>{entries}</ul>" if entries else f"<p>{'_' * 20} {html(task['unit'])}</p>"
    return (
        f'<section class="kk-ex-print"><h3>{number}. {html(task["title"])}</h3>'
        f"<p>{html(task['prompt'])}</p>{room}</section>"
    )
