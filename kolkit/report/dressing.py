"""Puts a theme on a document: its parts of the template, and its family on the charts."""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, FunctionLoader

from kolkit.errors import InputError
from kolkit.report.notebooks import Chapter
from kolkit.report.theme import Theme
from kolkit.report.theme_css import stack
from kolkit.resources import shipped


def template_loader(own: Mapping[str, str]) -> BaseLoader:
    """Where the template's parts come from: the theme's own first, then the package."""

    def found(name: str) -> tuple[str, str, None] | None:
        return (own[name], name, None) if name in own else None

    return ChoiceLoader([FunctionLoader(found), FileSystemLoader(shipped("template"))])


@contextmanager
def naming_the_part(theme: Theme | None) -> Iterator[None]:
    """What fails inside a theme's part of the template is an InputError with part and line."""
    try:
        yield
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        places = [f for f in frames if theme and f.filename in theme.partials]
        if theme is None or not places:
            raise
        raise InputError(
            f"the theme {theme.settings.name}: {places[-1].filename}, line {places[-1].lineno}, "
            f"cannot be filled in: {error}."
        ) from None


def lettered(chapters: list[Chapter], theme: Theme | None) -> list[Chapter]:
    """The chapters with their charts in the theme's family."""
    family = stack(theme.settings.text) if theme else ""
    if not family:
        return chapters
    return [
        replace(chapter, figures={n: _in_family(f, family) for n, f in chapter.figures.items()})
        for chapter in chapters
    ]


def _in_family(figure: Mapping[str, Any], family: str) -> dict[str, Any]:
    layout = figure["layout"]
    font = {**layout.get("font", {}), "family": family}
    return {**figure, "layout": {**layout, "font": font}}
