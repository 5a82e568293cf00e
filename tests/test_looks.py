"""What a brief says about its report's looks and names is refused or cut before it is printed."""

import io
from pathlib import Path

import pytest
from PIL import Image

from kolkit.charts import compare
from kolkit.errors import InputError
from kolkit.inputs import Look
from kolkit.report import glyphs
from kolkit.report.colours import contrast, unreadable
from kolkit.report.picture import is_pale, picture
from kolkit.report.spec import STEM_BYTES, read_spec
from kolkit.text.widths import breakable, cut, width

BRIEF = """\
client: {client}
plan:
  include_tier_mix: false
  include_private_pool: false
report:
  agency: Harbour
  ink: "{ink}"
  accent: "{accent}"
"""


def spec(folder: Path, *, client: str = "Nordlys", ink: str = "#1c2330", accent: str = "#b8402a"):
    told = BRIEF.format(client=client, ink=ink, accent=accent)
    (folder / "brief.yaml").write_text(told, encoding="utf-8")
    return read_spec(folder / "brief.yaml", out=folder / "out")


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    ("colours", "told"),
    [
        ({"ink": "#ffffff"}, "line 7: report.ink must have a contrast of 4.5 or more with white"),
        ({"ink": "#777777"}, "#777777 has 4.48. Try #"),
        ({"ink": "#6b6b6b"}, "with the pale text on the cover"),
        ({"accent": "#ffff00"}, "line 8: report.accent must have a contrast of 3 or more with whi"),
        ({"accent": "#1c2330"}, "of 1.5 or more with the ink of the cover; #1c2330 has 1.00. Try"),
    ],
)
def test_a_colour_that_cannot_be_read_is_refused_and_a_readable_one_suggested(
    tmp_path, colours, told
):
    with pytest.raises(InputError) as refused:
        spec(tmp_path, **colours)
    assert told in str(refused.value)
    better = str(refused.value).rpartition("Try ")[2].rstrip(".")
    (name,) = colours
    assert list(unreadable(Look(**{name: better}), str)) == []


def test_a_character_that_no_font_here_draws_is_named_with_its_input(tmp_path, monkeypatch):
    monkeypatch.setattr(glyphs, "drawn_here", lambda: frozenset(map(ord, "Łódź炉边")))
    glyphs.check_glyphs(spec(tmp_path, client="Łódź 炉边"))
    with pytest.raises(InputError, match=r"client has the character “🍜” \(U\+1F35C, steam"):
        glyphs.check_glyphs(spec(tmp_path, client="Emoji 🍜"))
    # Where fonts cannot be listed, only the printed page tells.
    monkeypatch.setattr(glyphs, "drawn_here", frozenset)
    glyphs.check_glyphs(spec(tmp_path, client="Emoji 🍜"))
    assert glyphs.refused(spec(tmp_path, client="Emoji 🍜"), missing={"🍜"})


def test_file_names_stay_short_enough_for_a_file_system(tmp_path):
    brief = f"client: {'运' * 60}\nscenario: {'营' * 60}\n"
    (tmp_path / "brief.yaml").write_text(brief, encoding="utf-8")
    made = read_spec(tmp_path / "brief.yaml", out=tmp_path)
    assert len(made.stem.encode()) <= STEM_BYTES
    assert made.stem.startswith("运" * 60 + "-营")


@pytest.mark.parametrize("name", ["W" * 60, "二" * 60, "half the budget, " * 6])
def test_names_are_cut_to_their_room(name):
    told = cut(name, 20.0)
    assert told.endswith("…")
    assert 17 < width(told) <= 20
    lines = compare._broken(name).split("<br>")
    assert len(lines) == 2
    assert all(width(line) <= compare.LINE for line in lines)


def test_a_line_may_end_inside_a_word_that_no_column_holds():
    long = "W" * 30
    assert breakable(f'<td class="{long}">{long} ab</td>') == (
        f'<td class="{long}">{"W" * 12}<wbr>{"W" * 12}<wbr>{"W" * 6} ab</td>'
    )


CLEAR, WHITE, INK = (0, 0, 0, 0), (255, 255, 255, 255), (20, 30, 60, 255)


def logo(ground: tuple[int, ...], drawn: tuple[int, ...]) -> bytes:
    made = io.BytesIO()
    picture_of = Image.new("RGBA", (120, 40), ground)
    picture_of.paste(drawn, (20, 10, 70, 30))
    picture_of.save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "pale"),
    [
        (logo(CLEAR, WHITE), True),
        (logo(CLEAR, INK), False),
        (logo(WHITE, INK), False),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><path fill='#fff' stroke='none'/></svg>", True),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'><path style='fill:red; stroke:#fff'/></svg>",
            False,
        ),
    ],
)
def test_a_logo_that_white_would_swallow_is_set_on_the_covers_ink(data, pale):
    assert is_pale(picture("report.logo", "logo", data)) is pale


def test_a_logo_that_shows_nothing_is_refused():
    for ground in (CLEAR, WHITE):
        with pytest.raises(InputError, match=r"logo must show something; l\.png is white or clear"):
            picture("logo", "l.png", logo(ground, ground))
