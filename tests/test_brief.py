"""Briefs are data: every bad one is refused in a sentence with its line."""

import pytest

from kolkit.brief import MAX_BYTES, load_brief
from kolkit.errors import InputError


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
