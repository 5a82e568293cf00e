"""Puts the executed workbooks' steps into one self-contained HTML document."""

import json
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from kolkit.report.chapters import printed
from kolkit.report.dressing import lettered, naming_the_part, template_loader
from kolkit.report.frame import contents, explained, heads
from kolkit.report.links import Links
from kolkit.report.notebooks import Chapter
from kolkit.report.picture import is_pale
from kolkit.report.references import References
from kolkit.report.since import since_last_sent
from kolkit.report.spec import ReportSpec
from kolkit.report.theme import JOURNEYS
from kolkit.resources import shipped
from kolkit.text.parts import Table
from kolkit.text.widths import breakable, cut
from kolkit.widgets import page_file
from kolkit.words import Words, html, unbroken


def _inline_json(content: Any) -> Markup:
    """JSON inside a script element: no character can end the element."""
    told = json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
    return Markup(told)  # noqa: S704 - every < is escaped above


def _css_string(text: str) -> Markup:
    """A CSS string literal: every character that could end it is written as a code point."""
    safe = "".join(c if c.isalnum() or c in " ·-–,.…" else f"\\{ord(c):06x}" for c in text)
    return Markup(f'"{safe}"')  # noqa: S704 - escaped above


@lru_cache(maxsize=4)
def _environment(partials: frozenset[tuple[str, str]]) -> SandboxedEnvironment:
    """The template with a theme's own parts; kept, so that a batch compiles it once."""
    environment = SandboxedEnvironment(
        loader=template_loader(dict(partials)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: unbroken(value) if type(value) is str else value,
    )
    environment.filters |= {
        "inline_json": _inline_json,
        "css_string": _css_string,
        "fitting": cut,
        "page_name": lambda place: f"page-{place.replace('_', '-')}",
    }
    return environment


def _scrolling(table: str, name: str) -> Markup:
    """A table that scrolls sideways on a narrow screen, also by keyboard; it escapes its cells."""
    cells = breakable(table)
    told = f'<div class="scroll" tabindex="0" role="region" aria-label="{html(name)}">{cells}</div>'
    return Markup(told)  # noqa: S704


def _table(t: Words, links: Links | None, data: dict[str, Any], rows: int | None = None) -> Markup:
    """A table, or its first rows with a line that says where the others are.

    `links` lead from inputs' names to the ledger.
    """
    whole = Table.of(data)
    count = len(whole.rows())

    def told_of(part: Table) -> str:
        return links.cells(part.html(t)) if links else part.html(t)

    if rows is None or count <= rows:
        return _scrolling(told_of(whole), whole.name)
    first = {name: cells[:rows] for name, cells in whole.columns.items()}
    told = t("The first {n} of {all}; all of them are in the spreadsheet.", n=rows, all=count)
    shown = told_of(Table(whole.name, first, whole.formats))
    return _scrolling(shown, whole.name) + Markup('<p class="first-rows">{}</p>').format(told)


def build_document(spec: ReportSpec, chapters: list[Chapter], *, made_on: date) -> str:
    """The report as HTML: charts live, nothing loaded from anywhere."""
    t, theme = Words.of(spec.given), spec.theme
    chapters = lettered(chapters, theme)
    shown = printed(spec, chapters)
    changes = since_last_sent(t, spec, chapters)
    parts = contents(t, shown, lead=chapters[-1], changed=bool(changes))
    links = Links.of(t, chapters)
    own = frozenset(theme.partials.items()) if theme else frozenset()
    template = _environment(own).get_template("report.html.j2")
    with naming_the_part(theme):
        return template.render(
            t=t,
            spec=spec,
            look=spec.look,
            chapters=chapters,
            printed=shown,
            contents=parts,
            heads=heads(t, parts),
            glossary=explained(t, chapters),
            links=links,
            journeys=JOURNEYS,
            refs=References.of(t, chapters),
            changes=changes,
            theme_styles=Markup(theme.css if theme else ""),  # noqa: S704 - checked when read
            cover_line=theme.settings.cover.get(t.language, "") if theme else "",
            lead=chapters[-1],
            pale_logo=is_pale(spec.logo),
            made_on=format_date(made_on, "long", locale="zh_CN" if t.language == "zh" else "en_GB"),
            table=lambda data, rows=None, linked=True: _table(
                t, links if linked else None, data, rows
            ),
            styles=Markup((shipped("template") / "report.css").read_text("utf-8")),  # noqa: S704 - ours
            plotly=Markup(page_file("plotly-basic.min.js").read_text("utf-8")),  # noqa: S704 - ours
            draw=Markup(page_file("draw.js").read_text("utf-8")),  # noqa: S704 - ours
        )


def expected_texts(spec: ReportSpec, chapters: list[Chapter]) -> list[str]:
    """What a printed report must contain: headlines, findings, captions and chart labels."""
    lead = chapters[-1].steps["answer"]
    texts: list[str] = [lead["headline"], *(row[1] for row in lead["half_page"])]
    for chapter in printed(spec, chapters):
        told = chapter.steps["answer"]
        texts.append(told["found" if chapter is chapters[-1] else "headline"])
        for name, chart in chapter.charts.items():
            texts += [chart["title"], chart["source"]]
            if chapter.journey in JOURNEYS:
                layout = chapter.figures[name]["layout"]
                texts += [_plain(a["text"]) for a in layout.get("annotations", [])]
    return [text for text in texts if text]


def _plain(markup: str) -> str:
    for tag in ("<b>", "</b>", "<br>"):
        markup = markup.replace(tag, "")
    return markup.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
