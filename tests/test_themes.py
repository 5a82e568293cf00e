"""Themes: an adapted folder reaches every file of a report, and mistakes are sentences."""

import asyncio
import json
import pickle
import re
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import openpyxl
import pytest
from jupyter_core.utils import ensure_event_loop
from nbformat.v4 import new_code_cell, new_notebook
from pypdf import PdfReader
from typer.testing import CliRunner

from kolkit import theme_cli
from kolkit.brief import load_brief
from kolkit.chapter import ALL_INPUTS, results
from kolkit.cli import app
from kolkit.errors import EnvironmentFault, InputError
from kolkit.inputs import Look
from kolkit.report import families
from kolkit.report.own_chapter import read_own, run_own
from kolkit.report.pdf import Printer
from kolkit.report.pdf_checks import squeezed
from kolkit.report.render import render
from kolkit.report.spec import read_spec
from kolkit.report.theme import OwnChapter, Theme
from kolkit.report.theme_css import FONT_BYTES, problems
from kolkit.report.theme_folder import load_theme, new_theme
from kolkit.report.verify import verify
from kolkit.workbook import parameters

ROOT = Path(__file__).resolve().parents[1]
BRIEFS = ROOT / "reports" / "briefs"
EXAMPLE = ROOT / "reports" / "themes" / "harbour"


def write(folder: Path, name: str, *changes: tuple[str, str]) -> None:
    """Change a text file of a theme."""
    text = (folder / name).read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / name).write_text(text, encoding="utf-8")


def notebook(*cells: str) -> str:
    """A notebook whose first cell is tagged `parameters`."""
    made = new_notebook(cells=[new_code_cell(source) for source in cells])
    made.cells[0].metadata["tags"] = ["parameters"]
    return nbformat.writes(made)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return new_theme(tmp_path / "ours")


@pytest.fixture(scope="module")
def adapted(tmp_path_factory):
    """The example adapted; its folder is gone before a report is rendered and printed."""
    out = tmp_path_factory.mktemp("themed")
    folder = new_theme(out / "ours")
    write(folder, "theme.yaml", ("#12324a", "#203040"), ("  - livestream\n", ""),
          ("  - private_pool\n  - tier_mix\n", "  - tier_mix\n  - private_pool\n"))  # fmt: skip
    write(folder, "theme.css", ("h2 { font-weight: 400; }", "h2 { font-style: italic; }"))
    (folder / "glossary.html.j2").write_text(
        "<section class='page'><h2>Our own words</h2><p>{{ spec.client }}</p></section>"
    )
    theme = pickle.loads(pickle.dumps(load_theme(folder)))
    shutil.rmtree(folder)
    spec = read_spec(BRIEFS / "nordlys.yaml", out=out, theme=theme)
    with Printer() as printer:
        made = render(pickle.loads(pickle.dumps(spec)), printer=printer)
    page = (made.folder / f"{spec.stem}.html").read_text("utf-8")
    return spec, made, page, [page.extract_text() for page in PdfReader(made.pdf).pages]


def test_chapters_come_in_the_themes_order_and_a_dropped_one_is_not_printed(adapted):
    _, _, page, pages = adapted
    starts = ["Plan", "The first ninety days", "Tier mix", "Private pool", "Assumptions"]
    at = [next(i for i, p in enumerate(pages) if start in p.splitlines()[:3]) for start in starts]
    assert at == sorted(at)
    assert 'id="private_pool"' in page
    assert 'id="livestream"' not in page
    assert "Our own words" in pages[-1] + pages[-2]


def test_the_term_sheet_that_the_answer_names_is_printed_without_its_chapter(adapted):
    _, _, _, pages = adapted
    assert "(term sheet)" in pages[1]
    assert any("Guaranteed sales" in page for page in pages[2:])


def test_figures_are_numbered_one_after_the_other(adapted):
    _, _, page, _ = adapted
    numbers = [int(n) for n in re.findall(r'<figure class="[^"]*" id="figure-(\d+)"', page)]
    assert numbers == list(range(1, len(numbers) + 1))
    own = page[page.index("chapter own") :]
    assert re.findall(r'id="figure-(\d+)"', own[: own.index("</section>")]) == ["5", "6", "7"]


def test_colours_style_and_words_reach_the_page_and_nothing_loads_from_outside(adapted):
    spec, _, page, pages = adapted
    assert spec.look.ink == "#203040"
    assert "--ink: #203040; --accent: #c4622d;" in page
    assert page.index("h2 { font-style: italic; }") > page.index("font-size: 20pt")
    assert "A plan for social commerce in China" in pages[0]
    assert not re.findall(
        r"(?:src|href)=[\"'](?!data:|#)|url\((?![\"']?data:)", page.split("<script>")[0]
    )
    assert len(page) < 6_000_000


def test_the_own_chapter_says_what_the_engine_says_in_pdf_sheet_and_manifest(adapted):
    spec, made, _, pages = adapted
    told = results(dict(spec.given))
    figures = json.loads((made.folder / "manifest.json").read_text("utf-8"))["figures"]
    members = float(told.plan.pool.growth.members[0, 2])
    assert figures["first_ninety_days"]["members_day_90"] == pytest.approx(members)
    assert set(figures) >= {"livestream", "private_pool"}
    assert figures["plan"] == pytest.approx(dict(told.figures["plan"]))
    assert figures["tier_mix"] == pytest.approx(dict(told.figures["tier_mix"]))
    whole = squeezed("".join(pages))
    assert squeezed(f"The pool has {told.words.count(members)} members on day 90") in whole
    book = openpyxl.load_workbook(made.folder / f"{spec.stem}.xlsx")
    rows = list(book["Calendar of ninety days"].values)
    assert rows[0] == ("Weeks", "What", "How much", "Who", "Done when")
    assert squeezed(rows[1][1]) in whole


def test_the_example_is_in_the_reports_language_and_currency(tmp_path):
    brief = tmp_path / "brief.yaml"
    text = (BRIEFS / "hearthline.yaml").read_text("utf-8")
    brief.write_text(f"{text}  currency: USD\n", encoding="utf-8")
    spec = read_spec(brief, out=tmp_path / "out", theme=load_theme(EXAMPLE))
    made = render(spec, printer=None)
    page = (made.folder / f"{spec.stem}.html").read_text("utf-8")
    own = page[page.index("前九十天</p>") :]
    own = re.sub(r"<script.*?</script>|<[^>]+>", " ", own[: own.index("</section>")], flags=re.S)
    assert "九十天日程表" in own
    assert re.findall(r"[A-Za-z]{4,}|[¥元]", own) == []
    assert "坑位费US$" in own


def test_what_a_brief_says_about_its_look_counts_before_the_theme():
    theme = load_theme(EXAMPLE)
    look = theme.dressed(Look(accent="#0000ff", agency="Ours"))
    assert (look.accent, look.agency, look.ink) == ("#0000ff", "Ours", "#12324a")


def test_a_themed_report_verifies_with_its_theme_only(adapted):
    spec, made, _, _ = adapted
    assert verify(made.folder, theme=spec.theme).follows
    assert "made with the theme Harbour" in verify(made.folder).words[0]


def test_a_report_follows_from_the_themes_content(copied, tmp_path):
    before = read_spec(BRIEFS / "nordlys.yaml", out=tmp_path, theme=load_theme(copied))
    write(copied, "theme.css", ("7mm", "8mm"))
    after = read_spec(BRIEFS / "nordlys.yaml", out=tmp_path, theme=load_theme(copied))
    plain = replace(before, theme=None)
    assert len({before.content, after.content, plain.content}) == 3
    assert before.hash == after.hash


def test_a_brief_cannot_name_a_theme(tmp_path):
    path = tmp_path / "brief.yaml"
    path.write_text("client: Nordlys\nreport:\n  theme: harbour\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"report\.theme is not an input"):
        load_brief(path)


MISTAKES = {
    "chapter": ("theme.yaml", "- tier_mix", "- tier_mxi", "Did you mean tier_mix?"),
    "twice": ("theme.yaml", "- tier_mix", "- plan", "chapters: plan is given twice"),
    "colour": ("theme.yaml", '"#12324a"', "navy", "theme.yaml: ink must be a colour such as"),
    "pale": ("theme.yaml", '"#12324a"', '"#cccccc"', "theme.yaml: ink must have a contrast of 4.5"),
    "key": ("theme.yaml", "accent:", "acent:", "acent is not known here. Known: name, ink"),
    "logo": ("theme.yaml", "logo.svg", "../logo.svg", "logo names ../logo.svg, which is not in"),
    "font": ("theme.yaml", "name: H", "fonts: [{family: A, file: a.t}]\nname: H", "must end in ."),
    "yaml": ("theme.yaml", "name: H", "name: [H", "theme.yaml, line 5: this is not valid YAML"),
    "outside": ("theme.css", "7mm", "url(https://a.example/b.png)", "loads nothing from outside"),
    "import": ("theme.css", ".cover {", "@import 'a.css';\n.cover {", "@import loads another file"),
    "style": ("theme.css", "7mm", "</style>", "which would end the style"),
    "braces": ("theme.css", "7mm", "7mm)", "is not valid CSS"),
    "input": ("chapters/first_ninety_days.ipynb", "client: str", "clint: str",
              "clint in the cell tagged `parameters` is not an input. Did you mean client?"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_before_anything_runs(copied, mistake):
    name, old, new, told = MISTAKES[mistake]
    write(copied, name, (old, new))
    with pytest.raises(InputError, match=re.escape(told)) as refused:
        load_theme(copied)
    assert str(refused.value).startswith("ours/")


def test_files_that_are_wrong_are_named(copied):
    (copied / "covr.html.j2").write_text("{{ x }}")
    (copied / "report.html.j2").write_text("")
    (copied / "answer.html.j2").write_text("{% for %}")
    (copied / "chapters" / "plan.ipynb").write_text("{}")
    (copied / "chapters" / "first_ninety_days.ipynb").write_text("{")
    (copied / "big.woff2").write_bytes(b"wOF2" + bytes(FONT_BYTES))
    write(copied, "theme.yaml", ("name: H", "fonts: [{family: A, file: big.woff2}]\nname: H"))
    with pytest.raises(InputError) as refused:
        load_theme(copied)
    for told in (
        "covr.html.j2 replaces no part of the report. Did you mean cover.html.j2?",
        "report.html.j2 holds the page together",
        "answer.html.j2, line 1: this is not a valid template",
        "plan.ipynb: an own chapter is named by letters",
        "first_ninety_days.ipynb is not a notebook",
        "together they must be at most 1.5 MB, as every report carries them; they have 1.5 MB",
    ):
        assert told in str(refused.value)


def test_links_and_large_folders_are_refused(copied, monkeypatch):
    secret = copied.parent / "secret"
    secret.mkdir()
    (copied / "fonts").symlink_to(secret)
    with pytest.raises(InputError, match="ours/fonts is a link"):
        load_theme(copied)
    (copied / "fonts").unlink()
    monkeypatch.setattr("kolkit.report.theme_folder.THEME_BYTES", 1000)
    with pytest.raises(InputError, match="a theme travels with every report"):
        load_theme(copied)
    with pytest.raises(InputError, match="there is no theme at"):
        load_theme(secret)


def test_a_font_is_embedded_and_charts_are_lettered_in_it(copied):
    (copied / "a.woff2").write_bytes(b"wOF2" + bytes(100))
    write(copied, "theme.yaml", ("name: H", "fonts: [{family: Ours, file: a.woff2}]\nname: H"),
          ('text: ""', "text: Ours"))  # fmt: skip
    css = load_theme(copied).css
    assert '@font-face { font-family: "Ours"' in css
    assert "src: url(data:font/woff2;base64,d09GMgAA" in css
    assert "html { font-family: Ours, Inter" in css
    assert "Noto Sans CJK SC" in css


@pytest.mark.parametrize("css", [
    "a { background: u\\72l(//a.example/b.png) }",
    "a { background: image-set('https://a.example/b.png' 1x) }",
    "@media print { a { list-style: url('file:///etc/passwd') } }",
    "@font-face { src: url(a.woff2) }",
])  # fmt: skip
def test_every_way_of_loading_is_seen(css):
    assert "loads nothing from outside" in problems(css, "theme.css")[0]


def test_a_style_may_hold_pictures_and_words():
    assert (
        problems("a::after { content: 'https://a.example'; mask: url(data:,) }", "theme.css") == []
    )


def test_cells_are_numbered_as_in_the_themes_notebook(tmp_path):
    made = new_notebook(cells=[new_code_cell("x = 1"), new_code_cell("1 / 0")])
    chapter = OwnChapter("ours", nbformat.writes(made), ())
    with pytest.raises(InputError, match=r"the theme's ours\.ipynb stopped in cell 2 with Zero"):
        run_own(chapter, {}, tmp_path)
    made.cells.append(new_code_cell("", metadata={"tags": ["parameters"]}))
    with pytest.raises(InputError, match="stopped in cell 2 with Zero"):
        run_own(OwnChapter("ours", nbformat.writes(made), ()), {}, tmp_path)


def test_a_cell_that_does_not_end_is_ended(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("kolkit.report.own_chapter.SECONDS", 1)
    with pytest.raises(InputError, match="has a cell that takes longer than 1 seconds"):
        own(tmp_path, "while True: pass")
    assert asyncio.all_tasks(ensure_event_loop()) == set()  # each would complain at the end
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("end", "fault", "told"), [
    ("os._exit(3)", InputError, r"ended by itself \(exit code 3\): remove"),
    ("os.kill(os.getpid(), 9)", EnvironmentFault, "was killed by the system"),
])  # fmt: skip
def test_a_notebook_that_ends_its_process_is_named_and_at_fault_unless_killed(
    tmp_path, end, fault, told, capfd
):
    with pytest.raises(fault, match=rf"the theme's ours\.ipynb, in cell 2, lost .* {told}"):
        own(tmp_path, f"import os\n{end}")
    assert capfd.readouterr().err == ""


def test_a_chapter_may_leave_itself_out(tmp_path):
    cells = ("from kolkit.chapter import leave_out\nleave_out('nothing to do')", TITLE)
    assert own(tmp_path, *cells) is None


TITLE = "from kolkit.chapter import Chapter\npage = Chapter(title='T', headline='H')"


def own(tmp_path: Path, *cells: str, **given):
    """An own chapter, run alone."""
    source = notebook("language: str = 'en'", *cells)
    values = parameters("plan") | {"currency": "CNY"} | given
    chapter = OwnChapter("ours", source, ("language",))
    return read_own(run_own(chapter, values, tmp_path), "ours")


def test_a_raising_notebook_says_its_own_cell_and_keeps_the_earlier_report(copied, tmp_path):
    spec = read_spec(BRIEFS / "hearthline.yaml", out=tmp_path / "out")
    spec.folder.mkdir(parents=True)
    (spec.folder / "kept.txt").write_text("x")
    (copied / "chapters" / "first_ninety_days.ipynb").write_text(
        notebook("language: str = 'en'", "x = 1", "raise ValueError('no such week')")
    )
    broken = replace(spec, theme=load_theme(copied), books=spec.books[-1:])
    with pytest.raises(
        InputError,
        match=r"first_ninety_days\.ipynb stopped in cell 3 with ValueError: no such week",
    ):
        render(broken, printer=None)
    assert [path.name for path in spec.folder.parent.rglob("*") if path.is_file()] == ["kept.txt"]


def test_words_of_an_own_notebook_stay_text(tmp_path):
    hostile = "<script>alert(1)</script>"
    made = own(
        tmp_path, TITLE,
        f"import pandas as pd\npage.table(pd.DataFrame({{'=1+1': ['{hostile}', None]}}), 'Mine')",
        f"import plotly.graph_objects as go\n"
        f"page.figure(go.Figure(go.Bar(x=[1, 2], y=[3, 4])), title='{hostile}', why='{hostile}')",
        f"page.limit('{hostile}')\npage.number('n', 2)\nprint('<b>not printed</b>')",
    )  # fmt: skip
    assert made is not None
    assert made.charts["figure-1"]["why"] == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert made.steps["method"]["limits"] == [hostile]
    assert made.steps["answer"]["figures"] == {"n": 2.0}
    assert made.tables[0]["columns"] == [["=1+1", [hostile, None]]]
    assert made.figures["figure-1"]["layout"]["font"]["color"] == "#1c2330"
    theme = Theme({"theme.yaml": b"name: x\nchapters: [plan]"})
    assert theme.own == ()


@pytest.mark.parametrize(("cell", "told"), [
    ("pass", "prints nothing: begin with"),
    ("import plotly.graph_objects as go\npage.figure(go.Figure(go.Surface()), title='F')",
     "the figure 'F' draws surface; a report can draw bar, pie, scatter"),
    (
        "import pandas as pd\npage.table(pd.DataFrame({'a': [1]}), 'M')\npage.formula('J1', '')",
        "calls a formula J1, as one of the report's is called: give it another letter",
    ),
    ("page.figure('x', title='F')", "the figure 'F' must be plotly's; got str"),
    ("import os\nos.path.join(1)", "stopped in cell 3 with TypeError"),
])  # fmt: skip
def test_a_notebook_that_cannot_be_printed_says_why(tmp_path, cell, told):
    with pytest.raises(InputError, match=re.escape(told)):
        own(tmp_path, TITLE, cell)


def test_results_are_those_of_all_inputs_whatever_the_notebook_declares():
    given = parameters("plan") | {"budget_cny": 800_000}
    assert results({ALL_INPUTS: given, "language": "zh"}).given["budget_cny"] == 800_000
    assert results({ALL_INPUTS: given, "language": "zh"}).words.language == "zh"
    assert results({ALL_INPUTS: given, "budget_cny": 1}).given["budget_cny"] == 1
    assert results({}).given == parameters("plan")
    dollars = results({ALL_INPUTS: given | {"currency": "USD", "cny_per_usd": 7.0}})
    assert dollars.words.money(7_000_000) == "US$1.00m"


def test_the_command_line_copies_and_tries_a_theme(tmp_path, monkeypatch, browser_path):
    brief = tmp_path / "brief.yaml"
    brief.write_text(SMALL, encoding="utf-8")
    monkeypatch.setattr(theme_cli, "TRIED_ON", (brief,))
    monkeypatch.setenv("KOLKIT_BROWSER", "none")
    run, folder = CliRunner(), str(tmp_path / "ours")
    assert run.invoke(app, ["theme", "new", folder]).exit_code == 0
    again = run.invoke(app, ["theme", "new", folder])
    assert isinstance(again.exception, InputError)
    path = tmp_path / "ours" / "chapters" / "first_ninety_days.ipynb"
    path.write_text(notebook("language: str = 'en'", "{'en': 1}[language]"))
    (tmp_path / "ours" / "glossary.html.j2").write_text("{{ nothing }}")
    tried = run.invoke(app, ["theme", "check", folder])
    assert "stopped in cell 2 with KeyError: 'zh' (tried in the language zh)" in str(
        tried.exception
    )
    write(tmp_path / "ours", "theme.yaml", ("  - first_ninety_days\n", ""))
    tried = run.invoke(app, ["theme", "check", folder])
    assert "glossary.html.j2, line 1, cannot be filled in: 'nothing' is undefined" in str(
        tried.exception
    )
    monkeypatch.setenv("KOLKIT_BROWSER", str(browser_path))
    (tmp_path / "ours" / "glossary.html.j2").unlink()
    (tmp_path / "ours" / "theme.css").write_text("td { color: #fff }")
    tried = run.invoke(app, ["theme", "check", folder])
    assert "the theme Harbour hides “" in str(tried.exception)


SMALL = """\
client: Nordlys
report:
  language: zh
plan:
  include_tier_mix: false
  include_private_pool: false
"""


def test_families_that_are_neither_embedded_nor_installed_are_told(copied, monkeypatch):
    monkeypatch.setattr(families, "installed", lambda: frozenset({"georgia"}))
    assert list(families.lacking_families(load_theme(copied))) == []
    (copied / "a.woff2").write_bytes(b"wOF2" + bytes(100))
    write(copied, "theme.yaml", ("name: H", "fonts: [{family: Ours, file: a.woff2}]\nname: H"),
          ('text: ""', "text: Ours"), ("Georgia, 'Times New Roman', ", "'No Such', "))  # fmt: skip
    (told,) = families.lacking_families(load_theme(copied))
    assert told.startswith(
        "theme.yaml: headings: 'No Such', 'Songti SC', 'Noto Serif CJK SC' is ne"
    )
    monkeypatch.setattr(families, "installed", frozenset)
    assert list(families.lacking_families(load_theme(copied))) == []
