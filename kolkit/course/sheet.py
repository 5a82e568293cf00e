"""The exercise in a notebook: three widgets over one session.

`head`, `tasks` and `hand_in` each return a `Sheet`, the same class with another part to draw. The
page writes `proposed`, the kernel writes `state`; neither writes the other's. Without a kernel an
output is a question sheet to print, without any answer.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import traitlets

from kolkit.course.answers import MAX_BYTES
from kolkit.course.exercise import Exercise
from kolkit.course.printed import printed_head, printed_tasks
from kolkit.course.session import Session
from kolkit.errors import InputError
from kolkit.widgets import STATIC, Faces, page_file
from kolkit.words import LANGUAGES, html


class Sheet(Faces):
    """One part of the sheet: `head`, `tasks` or `hand_in`."""

    _esm = STATIC / "exercise.js"
    # Once a page, for front ends whose template does not bring the style.
    _css = page_file("kolkit.css")
    part = traitlets.Unicode().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    proposed = traitlets.Dict().tag(sync=True)
    heard = traitlets.Int(0).tag(sync=True)
    max_bytes = traitlets.Int(MAX_BYTES).tag(sync=True)

    def static_html(self) -> str:
        made = {"head": printed_head, "tasks": printed_tasks}.get(self.part)
        return made(self.state) if made else ""


class ExerciseSheet:
    """An open exercise: the session, and the parts of the sheet on show."""

    def __init__(self, exercise: Exercise, given: Mapping[str, str]) -> None:
        if given["language"] not in LANGUAGES:
            raise InputError(
                f"language must be one of {', '.join(LANGUAGES)}; got {given['language'][:40]}."
            )
        self.session = Session(
            exercise,
            class_key=given["class_key"].strip(),
            trainee=given["trainee"].strip(),
            language=given["language"],
        )
        self._parts: list[Sheet] = []

    def head(self) -> Sheet:
        """Title, who answers, and the language."""
        return self._part("head")

    def tasks(self) -> Sheet:
        """The tasks, one at a time."""
        return self._part("tasks")

    def hand_in(self) -> Sheet:
        """Points so far and the answer file."""
        return self._part("hand_in")

    def _part(self, name: str) -> Sheet:
        part = Sheet(part=name, state=self.session.state())
        part.observe(self._on_proposed, names="proposed")
        part.on_msg(self._on_message)
        self._parts.append(part)
        return part

    def _on_proposed(self, change: Mapping[str, Any]) -> None:
        self.session.take(change["new"])
        turn = change["new"].get("turn")
        self._show(change["owner"], turn if isinstance(turn, int) else 0)

    def _on_message(self, _widget: Any, content: Any, buffers: Any) -> None:
        load = isinstance(content, dict) and content.get("kind") == "load" and buffers
        # The page refuses larger files with a sentence; others did not come from our page.
        if load and len(buffers[0]) <= MAX_BYTES:
            self.session.load(bytes(buffers[0]))
            self._show()

    def _show(self, asked: Sheet | None = None, turn: int = 0) -> None:
        """Show the session in every part, and tell the part that asked that it was heard."""
        state = self.session.state()
        for part in self._parts:
            with part.hold_sync():
                part.state = state
                if part is asked:
                    part.heard = turn % 2**31


@contextmanager
def told_in_page() -> Iterator[None]:
    """Show a refused parameter as a sentence before it stops the notebook."""
    try:
        yield
    except InputError as error:
        from IPython.display import HTML, display

        display(HTML(f'<div class="kk-error">{html(str(error))}</div>'))
        raise
