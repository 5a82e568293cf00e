"""Colours of opposite meaning stay apart for every eye, in both themes; without colour words do."""

import re
from itertools import combinations

import pytest
from pages import ROOT
from sight import EYES, contrast, distance

from kolkit.books import BOOKS
from kolkit.charts import style
from kolkit.controls import build
from kolkit.words import Words
from kolkit.workbook import parameters

PALETTE = {name: value for name, value in vars(style).items() if re.match(r"^#", str(value))}
OPPOSITE = [("GENUINE", "UNEXPLAINED"), ("GENUINE_TINT", "UNEXPLAINED_TINT"),
            ("GENUINE", "SOURCED"), ("UNEXPLAINED", "SOURCED"), ("GENUINE", "GENUINE_TINT"),
            ("UNEXPLAINED", "UNEXPLAINED_TINT"), ("UNEXPLAINED", "MUTED")]  # fmt: skip
FAMILIES = (
    {style.GENUINE, style.GENUINE_TINT},
    {style.UNEXPLAINED, style.UNEXPLAINED_TINT},
)
CARD = {"light": "#ffffff", "dark": "#1b212b"}


def dark(colour: str) -> str:
    """A colour's counterpart on the dark page, as the page itself declares it."""
    told = (ROOT / "kolkit/static/chart.js").read_text("utf-8")
    pairs = dict(re.findall(r'"(#[0-9a-f]{6})": "(#[0-9a-f]{6})"', told))
    return pairs[colour]


def worn(name: str, theme: str) -> str:
    return PALETTE[name] if theme == "light" else dark(PALETTE[name])


@pytest.mark.parametrize("theme", CARD)
@pytest.mark.parametrize("eye", [eye for eye in EYES if eye != "grey"])
@pytest.mark.parametrize(("one", "other"), OPPOSITE)
def test_opposite_meanings_look_different(one, other, eye, theme):
    # Six times what can just be told apart side by side: marks stand apart on a page.
    assert distance(worn(one, theme), worn(other, theme), eye) > 14


@pytest.mark.parametrize("theme", CARD)
def test_words_and_marks_stand_out_from_their_card(theme):
    card = CARD[theme]
    assert worn("INK", theme) != worn("MUTED", theme)
    for name in ("INK", "MUTED", "GENUINE", "UNEXPLAINED"):
        assert contrast(worn(name, theme), card) >= 4.5, name
    for name in ("GENUINE", "UNEXPLAINED", "SOURCED"):
        assert contrast(worn(name, theme), card) >= 3, name


def test_red_and_green_of_a_common_palette_would_be_found():
    assert distance("#2ca02c", "#d62728", "all cones") > 100
    assert distance("#8fb04a", "#c08a2b", "deuteranopia") < 14


def colours(mark: object) -> list[str]:
    """Every colour that a trace or shape fills with, one a point where they differ."""
    return re.findall(r"#[0-9a-f]{6}", str(mark).lower())


def spoken_without_colour(trace: dict, layout: dict) -> bool:
    """Whether a trace says its meaning on each mark in words or by a hatch."""
    marks = len(trace.get("x", []))
    words = [told for told in layout.get("annotations", []) if told.get("text")]
    ticks = [text for axis in ("xaxis", "yaxis") for text in layout[axis].get("ticktext", ())]
    hatched = trace.get("marker", {}).get("pattern")
    return bool(trace.get("text") or hatched) or max(len(words), len(ticks)) >= marks


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_in_grey_every_mark_of_opposite_meaning_still_has_words(book):
    """In grey genuine and unexplained are one: such marks never mean by colour alone."""
    t = Words("en")
    case = book.run(build(book.key, parameters(book.key)), None)
    for name, figure in book.figures.items():
        drawn = figure.draw(t, case).to_plotly_json()
        for trace in drawn["data"]:
            if all(family & set(colours(trace.get("marker", {}))) for family in FAMILIES):
                assert spoken_without_colour(trace, drawn["layout"]), (name, trace)


def test_the_palette_has_no_twins():
    for one, other in combinations(PALETTE, 2):
        assert distance(PALETTE[one], PALETTE[other], "all cones") > 9, (one, other)
