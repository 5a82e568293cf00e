"""Briefs are data: every bad one is refused in a sentence with its line."""

import io

import pytest
from PIL import Image
from typer.testing import CliRunner

from kolkit.brief import MAX_BYTES, load_brief
from kolkit.cli import app
from kolkit.errors import InputError
from kolkit.listing import inputs_table
from kolkit.report.picture import picture
from kolkit.report.spec import read_spec


def refused(tmp_path, text: str) -> str:
    path = tmp_path / "brief.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_brief(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("client: a\nlivestream:\n  commission_rate: 20\n",
         "brief.yaml, line 3: livestream.commission_rate must be a share between 0 and 1; got 20."),
        ("client: a\nlivestream:\n  comission: 0.2\n", "line 3: livestream.comission is not"),
        ("client: a\nbudget: 3\n", "line 2: budget is not an input. Did you mean brand.budget_cny"),
        ("client: a\n brand: x: 2\n", "line 2: this is not valid YAML"),
        ("client: a\nbrand: {budget_cny: .inf}\n", "got Infinity"),
        ("client: a\nbrand: {budget_cny: .nan}\n", "got NaN"),
        ("client: a\nbrand: {budget_cny: -1}\n", "got -1. Did you mean 1?"),
        ("client: a\nlivestream: {commission_rate: '0,2'}\n", "got 0,2. Did you mean 0.20?"),
        ("a: &x [1]\nb: [*x, *x]\n", "line 1: anchors (&) and aliases (*) are not used"),
        ("client: !!python/object/apply:os.system ['true']\n", "line 1: the tag"),
        ("client: !ENV x\n", "line 1: the tag"),
        ("client: a\nclient: b\n", "line 2: client is given twice"),
        ("client: <b>x</b>\n", "line 1: client must be a plain name"),
        ("client: ../../etc\n", "line 1: client must be a plain name"),
        ("client: 'a\\b'\n", "line 1: client must be a plain name"),
        ("client: 12\n", "line 1: client must be a plain name"),
        ("scenario: x\n", "client is missing"),
        ("", "beginning with client:"),
        ("- a\n- b\n", "beginning with client:"),
        ("client: a\nbrand: 3\n", "line 2: brand must be a list"),
        ("client: \x07a\n", "this is not valid YAML"),
        ("[" * 5000, "YAML"),
    ],
)  # fmt: skip
def test_a_bad_brief_is_refused_with_its_line(tmp_path, text, message):
    assert message in refused(tmp_path, text)


def test_an_alias_bomb_is_refused_before_it_expands(tmp_path):
    lines = ["a: &a [x, x]"] + [f"b{i}: &b{i} [*a, *a, *a]" for i in range(30)]
    assert "aliases" in refused(tmp_path, "\n".join(lines))


def test_a_brief_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "brief.yaml"
    path.write_bytes("client: 诺迪斯护肤品".encode("gbk"))
    with pytest.raises(InputError, match="not UTF-8"):
        load_brief(path)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "brief.yaml"
    path.write_text("# " + "x" * MAX_BYTES)
    with pytest.raises(InputError, match="larger than 256 KB"):
        load_brief(path)


def test_a_missing_brief_names_the_command_that_writes_one(tmp_path):
    with pytest.raises(InputError, match="kolkit new"):
        load_brief(tmp_path / "none.yaml")


def test_an_empty_section_is_no_mistake(tmp_path):
    path = tmp_path / "brief.yaml"
    path.write_text("client: Ä 客户\nbrand:\nlivestream:\n")
    assert load_brief(path).brief.client == "Ä 客户"


# -- what `kolkit check` finds besides ------------------------------------------------------------


def checked(tmp_path, text: str):
    path = tmp_path / "brief.yaml"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["check", str(path)])


def points(size: tuple[int, int], kind: str = "PNG", **how: object) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size).save(drawn, kind, **how)
    return drawn.getvalue()


def drawing(attributes: str, space: str = 'xmlns="http://www.w3.org/2000/svg"') -> bytes:
    return f"<svg {space} {attributes}/>".encode()


ON_ITS_SIDE = Image.Exif()
ON_ITS_SIDE[0x112] = 6
LOGOS = {
    "a sliver": (points((30, 600)), "8 times as high as wide; it has 30 × 600 pixels"),
    "a speck": (points((20, 40)), "at least 24 pixels either way; it has 20 × 40"),
    "turned by its camera": (points((480, 30), "JPEG", exif=ON_ITS_SIDE), "it has 30 × 480 pixels"),
    "damaged": (points((90, 30))[:-30], "must be a whole picture; logo is damaged"),
    "far too many pixels": (points((12_000, 8_000)), "too many pixels"),
    "another kind": (points((90, 30), "BMP"), "must be a PNG, JPEG, GIF, WebP or SVG picture"),
    "a drawn sliver": (drawing('width="100%" viewBox="0,0,130,10"'), "it has 130 × 10 units"),
    "drawn without a width": (drawing('width="0" height="20"'), "it has 0 × 20 units"),
    "no drawing to a browser": (drawing('width="80" height="20"', space=""), "is none of them"),
}


@pytest.mark.parametrize("case", LOGOS)
def test_check_refuses_a_logo_that_cannot_be_printed(case, tmp_path):
    data, message = LOGOS[case]
    (tmp_path / "logo").write_bytes(data)
    told = str(checked(tmp_path, "client: a\nreport:\n  logo: logo\n").exception)
    assert told.startswith("brief.yaml, line 3: report.logo must")
    assert message in told


@pytest.mark.parametrize(
    "data",
    [
        points((90, 30), "GIF"), points((90, 30), "WEBP"), drawing('viewBox="0 0 120 10"'),
        drawing('width="100" height="8.34"'), drawing('width="8cm" height="20mm"'),
    ],
)  # fmt: skip
def test_a_logo_of_any_usual_kind_and_shape_passes(data, tmp_path):
    assert picture("report.logo", "logo", data).startswith("data:image/")


def test_check_computes_every_scenario_of_a_brief(tmp_path):
    text = "client: a\nscenarios:\n  - name: Half\n    brand: {budget_cny: 1000000}\n"
    assert checked(tmp_path, text).exit_code == 0
    _, note = inputs_table(read_spec(tmp_path / "brief.yaml", out=tmp_path))
    assert "\nHalf: Of ¥1.00m, plan " in note
    locked = text.replace("1000000}", "100000}\n    tier_mix: {lock_celebrity: 2}")
    told = str(checked(tmp_path, locked).exception)
    assert told.startswith("brief.yaml, line 3: Half: tier_mix, locks: the locked tiers cost")
