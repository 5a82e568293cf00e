"""Exercises without a browser: variants, reading, hints, answer files, marking, command line."""

import json
import math
import os
import re
import string
import subprocess
import sys
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolkit import course
from kolkit.course import answers, marking
from kolkit.course.questions import ChoiceQuestion, NumberQuestion, OrderQuestion
from kolkit.course.reading import MAX_NAME, Unreadable, number_of, same_person
from kolkit.course.session import Session
from kolkit.course.sheet import ExerciseSheet
from kolkit.course.variants import variant_of
from kolkit.errors import InputError
from kolkit.words import Words

ROOT = Path(__file__).resolve().parents[1]
EX01 = course.declared("ex01")
EN = Words("en")
KEY = "spring 26"
NAMES = [f"trainee {i}" for i in range(500)]
known_variant = cache(variant_of)


def typed_truth(question, values) -> str:
    """The right answer as a trainee would type it, rounded to four digits."""
    if isinstance(question, NumberQuestion):
        return f"{question.truth(values):.4g}"
    return (
        question.right if isinstance(question, ChoiceQuestion) else ",".join(question.truth(values))
    )


def session(name: str = "Li Na", key: str = KEY) -> Session:
    return Session(EX01, class_key=key, trainee=name)


def solved(name: str = "Li Na", key: str = KEY) -> Session:
    one = session(name, key)
    for question in EX01.questions:
        one.attempt(question.key, typed_truth(question, one.variant.values))
    return one


def task(one: Session, key: str) -> dict:
    return next(t for t in one.state()["tasks"] if t["key"] == key)


# --- variants -----------------------------------------------------------------------------------


def test_variants_differ_between_trainees_and_repeat_for_one():
    drawn = {json.dumps(dict(known_variant(EX01, KEY, name).values)) for name in NAMES[:100]}
    assert len(drawn) == 100
    assert variant_of(EX01, KEY, "Li Na") == variant_of(EX01, KEY, "Li Na")
    assert variant_of(EX01, KEY, "Li Na") != variant_of(EX01, "autumn 26", "Li Na")


def test_the_variant_is_the_same_on_every_machine():
    """Hash and generator must not drift between versions: files are marked elsewhere."""
    values = variant_of(EX01, "fixed key", "Fixed Name").values
    assert (values["friends"], values["likes"], values["price_usd"]) == (420, 66, 290)


@pytest.mark.parametrize("spelled", ["li na", "LI  NA ", "Ｌｉ Ｎａ", "\u200bLi\u00a0Na"])
def test_spellings_of_one_name_give_one_variant(spelled):
    assert variant_of(EX01, KEY, spelled) == variant_of(EX01, KEY, "Li Na")


@given(st.text(max_size=100), st.text(max_size=100))
def test_name_and_key_never_run_into_each_other(a, b):
    try:
        same = same_person(a), same_person(b)
    except InputError:
        return
    if same[0] != same[1]:
        assert variant_of(EX01, a, b).values != variant_of(EX01, b, a).values


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * (MAX_NAME + 1), None, 7, ["a"]])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(InputError, match="visible characters"):
        Session(EX01).sign_in(KEY, name)


@pytest.mark.parametrize("question", EX01.questions, ids=lambda q: q.key)
def test_rounded_truths_are_right_and_no_misconception_is_in_500_variants(question):
    for name in NAMES:
        values = known_variant(EX01, KEY, name).values
        assert question.is_right(question.read(EN, typed_truth(question, values)), values)
        if isinstance(question, ChoiceQuestion):
            continue
        wrong = question.misconceptions
        if isinstance(question, NumberQuestion):
            assert math.isfinite(question.truth(values))
            assert question.truth(values) > 0
            wrong = question.all_misconceptions()
        for one in wrong:
            answer = one.answer(values)
            assert not question.is_right(answer, values), (name, one.key)
            assert question.diagnosed(answer, values)[0] == one.key


def test_shares_of_a_variant_stay_shares_and_the_story_holds():
    for name in NAMES[:200]:
        values = known_variant(EX01, KEY, name).values
        assert 0 < EX01.question("rate").truth(values) < 1
        assert 0.12 <= EX01.question("tie").truth(values) <= 0.7
        shown = known_variant(EX01, KEY, name).shown["ranking"]
        assert shown != EX01.question("ranking").truth(values)


def test_the_books_numbers_come_out_as_printed():
    """Dudarenok & Engholm (2020): 30 likes of 300 friends, 10 % against 0.4 %, CPM 6.67."""
    values = {
        "likes": 30, "friends": 300, "koc_rate": 0.10, "big_rate": 0.004,
        "price_usd": 200, "cny_per_usd": 1, "followers": 30_000,
    }  # fmt: skip
    assert EX01.question("rate").truth(values) == 0.1
    ratio = next(q for q in EX01.quantities if q.name == "ratio")
    assert ratio.of(values) == pytest.approx(25)
    assert EX01.question("naive_cpm").truth(values) == pytest.approx(6.67, abs=0.005)


def test_the_tie_makes_both_offers_cost_the_same():
    for name in NAMES[:50]:
        values = known_variant(EX01, KEY, name).values
        s = EX01.question("tie").truth(values)
        assert values["tie_star"] / (1 - s) == pytest.approx(values["tie_micro"] / (1 - s / 2))


# --- declaration --------------------------------------------------------------------------------


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("question", EX01.questions, ids=lambda q: q.key)
def test_prompts_and_hints_name_given_numbers_only(question):
    given = {p.name for p in EX01.parameters}
    everything = given | {q.name for q in EX01.quantities}
    said = [question.prompt, question.nudge]
    if isinstance(question, ChoiceQuestion):
        assert sum(not option.hint for option in question.options) == 1
        said += [option.hint for option in question.options]
    else:
        said += [wrong.hint for wrong in question.misconceptions]
    assert all(fields(text) <= given for text in said)
    assert all(fields(text) <= given | set(question.told) for _, text in question.entries())
    assert fields(question.solution) <= everything


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_text_is_there_in_both_languages(language):
    one = solved()
    one.take({"language": language})
    said = json.dumps(one.state() | {"words": {}}, ensure_ascii=False)
    assert not re.search(r"\{[a-z_]+\}", said)
    if language == "zh":
        state = one.state()
        tasks = [[t["title"], t["prompt"], t["feedback"], t["solution"]] for t in state["tasks"]]
        shown = json.dumps(
            [state["title"], state["intro"], state["case"], tasks], ensure_ascii=False
        )
        assert re.findall(r"[A-Za-z]{4,}", shown) == []


def test_an_exercise_that_is_never_fair_says_so():
    broken = type(EX01)(**{**vars(EX01), "makes_sense": lambda values: False})
    with pytest.raises(RuntimeError, match="no fair variant"):
        variant_of(broken, KEY, "Li Na")


# --- reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "unit", "number"),
    [
        ("12.5 %", "share", 0.125), (".125", "share", 0.125), ("１２.５％", "share", 0.125),
        ("12.5\u202f%", "share", 0.125), ("1.2万", "CNY", 12_000), ("¥1,234.5", "CNY", 1234.5),
        ("￥ 1 234", "CNY", 1234), ("1234 RMB", "CNY", 1234), ("1234元", "CNY", 1234),
        ("1.5k", "CNY", 1500), ("US$6.67", "USD", 6.67), ("25x", "ratio", 25),
        ("25 倍", "ratio", 25),
        ("2e3", "CNY", 2000), ("-5", "CNY", -5), ("−5", "CNY", -5), ("5.", "CNY", 5),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(typed, unit, number):
    assert number_of(EN, typed, unit) == pytest.approx(number)


@pytest.mark.parametrize(
    "typed",
    ["", "many", "nan", "inf", "-inf", "1e400", "1e999", "1e16", "30/300", "1+1", "1,5", "1.2.3",
     "12,34", "__import__('os')", "=1+1", "<script>", "0x10", "1_000", "٣", "½", "1" * 61,
     "10 20%%", "$5", "5%", "1j", "True", "None"],
)  # fmt: skip
def test_what_is_no_single_number_of_that_unit_costs_no_try(typed):
    one = session()
    if typed != "٣":  # an Arabic digit is a digit, and wrong
        with pytest.raises(Unreadable):
            number_of(EN, typed, "CNY")
    one.attempt("cost", typed)
    shown = task(one, "cost")
    assert shown["status"] in ("open", "tried")
    if typed != "٣":
        assert shown["attempts"] == []
        assert shown["tone"] == "note"


@given(st.text(max_size=70), st.sampled_from(["share", "CNY", "USD", "ratio", "count"]))
def test_any_text_gives_a_finite_number_or_is_refused(text, unit):
    try:
        number = number_of(EN, text, unit)
    except Unreadable:
        return
    assert math.isfinite(number)


# --- a session ----------------------------------------------------------------------------------


def test_a_wrong_answer_is_named_by_its_misconception():
    one = session()
    labour = next(m for m in EX01.question("cost").misconceptions if m.key == "forgot_labour")
    one.attempt("cost", f"{labour.answer(one.variant.values):.2f}")
    shown = task(one, "cost")
    assert shown["tone"] == "wrong"
    assert "You left out the hours" in shown["feedback"]
    assert (shown["status"], shown["left"], shown["solution"]) == ("tried", 2, "")


def test_per_cent_typed_as_a_bare_number_is_named():
    one = session()
    truth = EX01.question("rate").truth(one.variant.values)
    for factor in (100, 93):
        one.attempt("rate", f"{truth * factor:.4f}")
        assert "1 means all" in task(one, "rate")["feedback"]
    one.attempt("rate", f"{truth:.2%}")
    assert task(one, "rate")["status"] == "right"
    assert task(one, "rate")["points"] == [1, 3]


def test_points_fall_with_each_try_and_the_solution_comes_after_the_third():
    one = session()
    for number in ("1", "2", "3", "4"):
        one.attempt("naive_cpm", number)
    shown = task(one, "naive_cpm")
    assert shown["attempts"] == ["1", "2", "3"]
    assert shown["status"] == "shown"
    assert shown["points"] == [0, 3]
    assert "divided by" in shown["solution"]
    assert solved().marks == 24


def test_the_same_answer_twice_costs_one_try():
    one = session()
    for text in ("5", "5.0", "¥5"):
        one.attempt("naive_cpm", text)
    assert task(one, "naive_cpm")["attempts"] == ["5"]
    assert "already" in task(one, "naive_cpm")["feedback"]


def test_the_page_learns_no_truth_before_a_question_is_closed():
    one = session()
    before = one.state()
    assert all(t["solution"] == "" for t in before["tasks"])
    assert before["case"][-1][1] == "result of task 4"
    sent = json.dumps(before, ensure_ascii=False)
    for question in EX01.questions:
        if isinstance(question, NumberQuestion) and question.key != "rate":
            assert f"{question.truth(one.variant.values):.2f}" not in sent
    one.attempt("cost", typed_truth(EX01.question("cost"), one.variant.values))
    assert one.state()["case"][-1][1].startswith("¥")


def test_answers_are_restored_and_judged_again():
    done = solved()
    again = session("LI NA")
    again.take({"answers": done.state()["answers"]})
    assert again.marks == 24
    again.take({"answers": {"rate": ["0.9", "0.8"]}})
    assert again.marks == 24, "fewer or other tries never replace what is there"


@pytest.mark.parametrize(
    "proposal",
    [
        {}, {"question": "nope", "text": "1"}, {"question": ["rate"], "text": "1"},
        {"question": "rate", "text": 7}, {"question": "rate", "text": None}, {"answers": "x"},
        {"answers": {"rate": "0.1", "cost": [1, None], "cpe": ["1"] * 1000}}, {"language": "xx"},
        {"language": ["zh"]}, {"marks": 99}, {"question": "ratio", "text": "<b>"},
        {"question": "ranking", "text": "kol,kol,kol"}, {"question": "ranking", "text": "," * 9999},
    ],
)  # fmt: skip
def test_whatever_a_page_proposes_is_checked(proposal):
    one = session()
    one.take(proposal)
    assert (one.marks, one.language) == (0, "en")
    assert all(not t["attempts"] for t in one.state()["tasks"])


def test_nobody_answers_without_a_name_and_a_refused_name_says_so():
    one = Session(EX01)
    one.take({"question": "rate", "text": "0.1"})
    assert one.state()["phase"] == "sign_in"
    one.take({"trainee": " ", "class_key": KEY})
    assert "Enter your name" in one.state()["notice"]
    one.take({"trainee": "李娜", "class_key": KEY})
    assert one.state()["phase"] == "tasks"
    one.take({"leave": True})
    assert one.state()["phase"] == "sign_in"


# --- the widget ---------------------------------------------------------------------------------


def test_the_three_parts_follow_one_session():
    sheet = course.exercise({"trainee": "Li Na", "class_key": KEY}, "ex01")
    head, tasks, hand_in = sheet.head(), sheet.tasks(), sheet.hand_in()
    tasks.proposed = {"question": "rate", "text": "0.9", "turn": 1}
    assert tasks.heard == 1
    assert hand_in.state["tasks"][0]["status"] == "tried"
    head.proposed = {"language": "zh", "turn": 1}
    assert "正确" not in tasks.state["tasks"][0]["feedback"]
    assert tasks.state["words"]["check"] == "检查"
    data, _ = head._repr_mimebundle_()
    assert {"text/html", "application/vnd.jupyter.widget-view+json"} <= data.keys()


def test_the_printed_sheet_has_every_question_and_no_answer():
    sheet = course.exercise({"trainee": "<b>Li</b>", "class_key": KEY}, "ex01")
    printed = sheet.head().static_html() + sheet.tasks().static_html()
    assert "<b>Li" not in printed
    for number, shown in enumerate(sheet.session.state()["tasks"], start=1):
        assert f"<h3>{number}. " in printed
        assert shown["title"].replace("’", "’") in printed
    assert "Worked out" not in printed
    assert printed.count("____") > 5
    assert "Name: ____" in course.exercise({}, "ex01").tasks().static_html()


@pytest.mark.parametrize(
    ("namespace", "message"),
    [
        ({"trainee": "Li Na"}, "go together"),
        ({"class_key": KEY}, "go together"),
        ({"trainee": 7, "class_key": KEY}, "must be text"),
        ({"language": "fr"}, "one of en, zh"),
        ({"trainne": "Li Na"}, "is not a parameter"),
        ({"trainee": "\u200b", "class_key": KEY}, "visible characters"),
    ],
)
def test_wrong_parameters_are_one_sentence(namespace, message, capsys):
    with pytest.raises(InputError, match=message):
        course.exercise(namespace, "ex01")
    capsys.readouterr()


def test_unknown_exercises_are_refused():
    with pytest.raises(InputError, match="one of ex01"):
        course.declared("../../etc")


def test_the_notebook_is_the_one_that_is_generated():
    source = ROOT / "workbooks" / f"{course.EXERCISES['ex01']}.py"
    notebook = json.loads(source.with_suffix(".ipynb").read_text("utf-8"))
    code = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    assert course.parameters_cell() in code
    assert all(piece in source.read_text("utf-8") for piece in code)
    assert len(code) == 5
    assert notebook["metadata"]["voila"]["template"] == "kolkit"


def test_the_sheet_starts_without_plotly_or_pandas():
    check = (
        "import sys; from kolkit.course import exercise; exercise({}, 'ex01').tasks(); "
        "print([m for m in ('plotly', 'pandas', 'papermill', 'pydantic') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


# --- answer files -------------------------------------------------------------------------------


def handed_in(folder: Path, one: Session, name: str = "") -> Path:
    file = one.state()["file"]
    path = folder / (name or file["name"])
    path.write_text(file["text"], encoding="utf-8")
    return path


def edited(path: Path, *, sealed: bool = False, **changes) -> Path:
    content = json.loads(path.read_text("utf-8")) | changes
    if sealed:
        content["checksum"] = answers.checksum(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def marked(*paths: Path, key: str = KEY) -> pd.DataFrame:
    return marking.mark(EX01, marking.answer_files(paths), class_key=key).frame()


def test_an_answer_file_brings_the_answers_to_another_machine(tmp_path):
    one = solved("李 娜")
    path = handed_in(tmp_path, one)
    assert path.name == "ex01-李-娜.json"
    other = Session(EX01)
    other.load(path.read_bytes())
    assert (other.trainee, other.marks) == ("李 娜", 24)
    other.load(edited(path, trainee="李 娜").read_bytes()[:-9])
    assert "nothing was changed" in other.notice
    assert other.marks == 24


def test_the_file_says_that_its_checksum_proves_no_identity():
    content = json.loads(solved().state()["file"]["text"])
    assert "proves no identity" in content["note"]
    assert content["checksum"] == answers.checksum(content)


def test_marking_recomputes_whatever_the_file_claims(tmp_path):
    one = session()
    one.attempt("rate", "0.99")
    path = handed_in(tmp_path, one)
    honest = marked(path).iloc[0]
    edited(path, marks={q.key: 3 for q in EX01.questions}, sealed=True)
    claimed = marked(path).iloc[0]
    assert honest["marks"] == claimed["marks"] == 0
    assert claimed["remarks"] == ""


def test_marks_equal_what_the_sheet_showed(tmp_path):
    one = session("Ada")
    for question in EX01.questions[:4]:
        one.attempt(question.key, typed_truth(question, one.variant.values))
    one.attempt("true_cpm", "7")
    row = marked(handed_in(tmp_path, one)).iloc[0]
    assert row["marks"] == one.marks == 12
    assert row["true_cpm attempts"] == 1
    assert row["true_cpm misconception"] == "not recognised"
    assert row["counted"] == "yes"


@pytest.mark.parametrize(
    ("changes", "sealed", "remark", "has_marks"),
    [
        ({"note": "x"}, False, "checksum does not match", True),
        ({"class_key": "other"}, True, "another class key", False),
        ({"exercise": "ex99"}, True, "wrong exercise (ex99)", False),
        ({"exercise": None}, True, "wrong exercise (none named)", False),
        ({"extra": 1}, True, "unknown fields: extra", True),
        ({"answers": {"nope": ["1"]}}, True, "unknown questions: nope", True),
        ({"answers": {"rate": "1"}}, True, "unreadable answers: rate", True),
        ({"answers": {"rate": ["NaN", "1e400"]}}, True, "unreadable answers: rate", True),
        ({"answers": []}, True, "no answers", True),
        ({"trainee": "Someone Else"}, True, "other numbers", True),
        ({"trainee": ""}, True, "not marked", False),
        ({"trainee": 5}, True, "not marked", False),
        ({"format": "x"}, True, "no answer file", False),
    ],
)
def test_what_is_wrong_with_a_file_stands_in_its_row(tmp_path, changes, sealed, remark, has_marks):
    path = edited(handed_in(tmp_path, solved()), sealed=sealed, **changes)
    row = marked(path).iloc[0]
    assert remark in row["remarks"]
    assert pd.notna(row["marks"]) == has_marks


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b"[" * 100_000, b'{"format": NaN}',
        b" " * 10_000_000, b"1" * 200_000, b'{"a": ' + b"9" * 5000 + b"}", b'{"a": 1e400}',
    ],
    ids=range(11),
)  # fmt: skip
def test_hostile_files_are_a_row_with_a_remark(tmp_path, data):
    (tmp_path / "x.json").write_bytes(data)
    row = marked(handed_in(tmp_path, solved()), tmp_path / "x.json")
    assert row["marks"].tolist()[0] == 24
    assert "not marked" in row["remarks"].tolist()[1]


def test_of_a_trainees_files_the_fullest_counts(tmp_path):
    first = session()
    first.attempt("rate", "0.99")
    handed_in(tmp_path, first, "a.json")
    handed_in(tmp_path, solved("li  NA"), "b.json")
    frame = marked(tmp_path).set_index("file")
    assert frame["counted"].to_dict() == {"a.json": "no", "b.json": "yes"}
    assert "also in b.json" in frame.loc["a.json", "remarks"]


def test_the_class_summary_names_what_the_class_got_wrong(tmp_path):
    for name in ("Ada", "Bo", "Cy"):
        one = session(name)
        labour = EX01.question("cost").misconceptions[0].answer(one.variant.values)
        one.attempt("cost", f"{labour:.2f}")
        handed_in(tmp_path, one)
    handed_in(tmp_path, solved("Di"))
    marks = marking.mark(EX01, marking.answer_files([tmp_path]), class_key=KEY)
    assert marks.commonest()[0] == ("What the post really costs", "Forgot labour", 3)
    assert marks.distribution() == [("0-6", 3), ("7-12", 0), ("13-18", 0), ("19-24", 1)]


def test_nothing_to_mark_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="no answer files"):
        marking.answer_files([tmp_path])
    with pytest.raises(InputError, match="nothing at"):
        marking.answer_files([tmp_path / "none"])


# --- command line -------------------------------------------------------------------------------


def mark_command(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    run = "from kolkit.course.cli import app; app()"
    return subprocess.run(
        [sys.executable, "-c", run, "mark", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"},
    )  # fmt: skip


def test_kolkit_course_mark_writes_safe_csv_and_a_summary(tmp_path):
    hostile = ["=cmd|'/c calc'!A1", "<script>alert(1)</script>", "[red]x[/red]", "+1", "李娜", "@x"]
    for number, name in enumerate(hostile):
        handed_in(tmp_path, solved(name), f"{number}.json")
    told = mark_command(tmp_path, "--key", KEY, "--out", "out.csv", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "6 trainees, 6 files; median 24 of 24 points" in told.stdout
    raw = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert not re.search(r"(^|,)\"?[=+@]", raw, re.MULTILINE)
    frame = pd.read_csv(tmp_path / "out.csv", encoding="utf-8-sig")
    assert frame["marks"].tolist() == [24] * 6
    assert "李娜" in frame["trainee"].tolist()


def test_kolkit_course_mark_has_help_with_an_example(tmp_path):
    told = mark_command("--help", cwd=tmp_path)
    assert told.returncode == 0
    assert "Example: kolkit course mark" in told.stdout


def test_an_order_question_needs_a_truth_per_variant():
    ranking = EX01.question("ranking")
    assert isinstance(ranking, OrderQuestion)
    orders = {ranking.truth(known_variant(EX01, KEY, name).values) for name in NAMES[:100]}
    assert len(orders) > 1


def test_the_sheet_is_told_of_a_wrong_language():
    given = {"trainee": "", "class_key": "", "language": "fr"}
    with pytest.raises(InputError, match="language must be"):
        ExerciseSheet(EX01, given)
