"""One open workbook without a browser: what moves, what follows, what every output carries."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kolkit.errors import InputError
from kolkit.widgets import PLOTLY, Chart, Panel
from kolkit.workbook import STEP, Workbook, parameters, start

ROOT = Path(__file__).resolve().parents[1]
ORDERS = ROOT / "reports" / "briefs" / "orders_nordlys_sample.csv"


@pytest.fixture
def opened():
    """A workbook with every step on show, and its widgets by name."""
    book = start({"client": "Ada", "commission_rate": 0.25}, journey="livestream")
    shown = {"head": book.head(), "answer": book.answer(), "knobs": book.knobs()}
    shown |= {name: book.chart(name) for name in book.book.figures}
    shown |= {"assumptions": book.assumptions(), "method": book.method()}
    return book, shown


def test_a_moved_knob_changes_sentence_charts_notes_and_hash(opened):
    book, shown = opened
    before, figure, was = shown["answer"].html, shown["decomposition"].figure, book.hash
    shown["knobs"].moved = {"gmv_reported_cny": 6_000_000}
    assert "¥6.0m" in shown["answer"].html
    assert shown["answer"].html != before
    assert shown["decomposition"].figure != figure
    assert shown["decomposition"].seq == 1
    assert shown["knobs"].notes["gmv_reported_cny"]["tone"] == "client"
    assert book.hash != was


def test_putting_everything_back_gives_the_opened_answer(opened):
    book, shown = opened
    before, was = shown["answer"].html, book.hash
    shown["knobs"].moved = {"slot_fee_cny": 900_000, "commission_base": "net"}
    shown["knobs"].moved = {}
    assert shown["answer"].html == before
    assert book.hash == was
    assert shown["knobs"].values["commission_rate"] == 0.25


def test_an_input_that_follows_keeps_following_until_it_is_set(opened):
    _, shown = opened
    for fee in (1_200_000, 300_000, 250_000):
        shown["knobs"].moved = {"slot_fee_cny": fee}
        assert shown["knobs"].values["guarantee_cny"] == fee
    shown["knobs"].moved = {"slot_fee_cny": 250_000, "guarantee_cny": 800_000}
    shown["knobs"].moved = {"slot_fee_cny": 500_000, "guarantee_cny": 800_000}
    assert shown["knobs"].values["guarantee_cny"] == 800_000


def test_another_category_brings_its_own_return_rate(opened):
    _, shown = opened
    shown["knobs"].moved = {"category": "womenswear"}
    assert shown["knobs"].values["base_return_rate"] == 0.55


@pytest.mark.parametrize(
    "value", [20, -1, float("nan"), "many", None, [1], {"a": 1}, True, "<script>"]
)
def test_whatever_a_browser_sends_is_checked_and_refused_at_the_knob(opened, value):
    _, shown = opened
    before = shown["answer"].html
    shown["knobs"].moved = {"commission_rate": value}
    assert shown["answer"].html == before
    note = shown["knobs"].notes["commission_rate"]
    assert note["tone"] == "error"
    assert "Commission must be a share between 0 and 1" in note["text"]
    shown["knobs"].moved = {"commission_rate": 0.1}
    assert shown["knobs"].notes["commission_rate"]["tone"] == "client"


def test_unknown_names_from_a_browser_are_ignored(opened):
    _, shown = opened
    before = shown["answer"].html
    shown["knobs"].moved = {"orders_file": "/etc/passwd", "client": "x", "__class__": 1}
    assert shown["answer"].html == before


def sentence_of(shown) -> str:
    return shown["answer"].html.partition("</h1>")[0]


def send_file(knobs, name: str, data: bytes) -> None:
    """What the page does with a file: it sends it, and moves to what was counted in it."""
    answers = []
    knobs.send = lambda message, buffers=None: answers.append(message)
    knobs._handle_custom_msg({"kind": "upload", "name": name}, [memoryview(data)])
    for answer in answers:
        assert answer["kind"] == "counted"
        knobs.moved = knobs.moved | {"orders_counted": answer["counts"]}


def test_an_uploaded_file_is_counted_and_a_bad_one_changes_nothing(opened):
    book, shown = opened
    send_file(shown["knobs"], "orders.csv", ORDERS.read_bytes())
    assert book.case.counts.orders_paid == 1394
    assert shown["knobs"].notes["return_rate_observed"]["tone"] == "file"
    kept = shown["answer"].html
    send_file(shown["knobs"], "bad.csv", b"")
    assert "empty" in shown["knobs"].upload["error"]
    assert shown["answer"].html == kept
    assert book.case.counts.orders_paid == 1394


def test_a_file_that_is_removed_gives_the_opened_answer_back(opened):
    book, shown = opened
    told = sentence_of(shown)
    send_file(shown["knobs"], "orders.csv", ORDERS.read_bytes())
    assert sentence_of(shown) != told
    assert shown["knobs"].upload["loaded"]
    shown["knobs"].moved = {"orders_counted": {}}
    assert sentence_of(shown) == told
    assert not shown["knobs"].upload["loaded"]
    assert book.case.counts is None


def test_an_upload_beyond_the_limit_is_ignored_in_the_kernel_too(opened):
    book, shown = opened
    send_file(shown["knobs"], "big.csv", b"x" * (shown["knobs"].upload["max_bytes"] + 1))
    assert book.case.counts is None


def test_every_output_carries_every_face(opened):
    _, shown = opened
    for name, widget in shown.items():
        data, _ = widget._repr_mimebundle_()
        assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.model_id
        assert data["text/html"]
        assert data[STEP]["step"] == ("chart" if isinstance(widget, Chart) else name)
        json.dumps(data[STEP])
    assert json.dumps(shown["contracts"]._repr_mimebundle_()[0][PLOTLY])


def test_names_and_labels_cannot_end_a_script_or_become_markup():
    hostile = "</script><script>alert(1)</script>"
    chart = Chart(name="x", title=hostile, subtitle=hostile, figure={"data": [], "note": hostile})
    assert "<script>alert" not in chart.static_html()
    book = start({"client": hostile}, journey="livestream")
    assert "<script>" not in book.head().html
    assert Panel(html="", css_class='"><script>').static_html().count("<script>") == 0


def test_a_language_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="language must be one of en, zh; got de"):
        start({"language": "de"}, journey="livestream")


def test_the_bundle_is_sent_once_asked_for(opened):
    _, shown = opened
    sent = []
    shown["contracts"].send = lambda content, buffers=None: sent.append((content, buffers))
    shown["contracts"]._handle_custom_msg({"kind": "bundle"}, [])
    shown["contracts"]._handle_custom_msg({"kind": "else"}, [])
    assert len(sent) == 1
    assert b"plotly.js" in sent[0][1][0][:200]


@pytest.mark.parametrize(
    ("journey", "moved", "told"),
    [
        ("tier_mix", {"lock_celebrity": 50}, "lower the lock to"),
        ("tier_mix", {"target_reach_people": 19_000_000}, "lower the target"),
        ("tier_mix", {"cells": [{"tier": "kol", "platform": "weibo"}]}, "Give price_cny"),
        ("private_pool", {"survival_table": "100\n80\n85"}, "survivors cannot rise"),
        ("private_pool", {"goal": "profit", "goal_cny": 9e9}, "cannot be reached"),
        ("plan", {"share_tier_mix": 0.8, "share_livestream": 0.4}, "add up to 1.20"),
    ],
)
def test_what_cannot_be_is_said_at_the_knob_and_changes_nothing(journey, moved, told):
    book = start({}, journey=journey)
    answer, knobs = book.answer(), book.knobs()
    before, was = answer.html, book.hash
    knobs.moved = moved
    for name in moved:
        assert knobs.notes[name]["tone"] == "error"
        assert told in knobs.notes[name]["text"]
    assert (answer.html, book.hash) == (before, was)
    knobs.moved = {}
    assert all(note["tone"] != "error" for note in knobs.notes.values())


def test_a_pasted_table_and_a_cell_of_ones_own_reach_the_answer():
    pool = start({}, journey="private_pool")
    chart, knobs = pool.chart("retention"), pool.knobs()
    knobs.moved = {"survival_table": "月\t留存\n0\t100%\n1\t90%\n2\t84%\n3\t80%"}
    assert pool.case.cohort is not None
    assert chart.seq == 1
    mix = start({}, journey="tier_mix")
    knobs = mix.knobs()
    own = {"tier": "kol", "platform": "douyin", "price_cny": 3_000, "followers": 400_000}
    knobs.moved = {"cells": [own]}
    row = next(r for r in knobs.tables["cells"]["rows"] if r["own"])
    assert (row["key"], row["on"]) == ({"tier": "kol", "platform": "douyin"}, True)
    assert any(cell.platform == "douyin" for cell in mix.case.active)


def test_a_refused_knob_stands_in_nobodys_way():
    book = start({}, journey="tier_mix")
    book.answer()
    knobs = book.knobs()
    knobs.moved = {"lock_celebrity": 10}
    knobs.moved = {"lock_celebrity": 10, "fake_view_share": 0.1}
    assert book.case.facts["fake_view_share"] == 0.1
    assert book.case.facts["lock_celebrity"] is None
    assert knobs.notes["lock_celebrity"]["tone"] == "error"
    assert knobs.notes["fake_view_share"]["tone"] == "client"
    knobs.moved = {"lock_celebrity": 10, "fake_view_share": 0.1, "view_rate": 5.0}
    assert {n for n, note in knobs.notes.items() if note["tone"] == "error"} == {
        "lock_celebrity",
        "view_rate",
    }
    cells = [{"tier": "celebrity", "platform": "weibo", "supply": 20}]
    rich = {"cells": cells, "budget_cny": 30_000_000}
    knobs.moved = {"lock_celebrity": 10, "fake_view_share": 0.1, **rich}
    assert book.case.facts["lock_celebrity"] == 10, "something else made room for it"
    assert all(note["tone"] != "error" for note in knobs.notes.values())


def test_an_optional_knob_can_be_set_free_again():
    book = start({"lock_kol": 3, "set_by_client": ["lock_kol"]}, journey="tier_mix")
    knobs = book.knobs()
    spec = {knob["name"]: knob for group in knobs.spec for knob in group["knobs"]}
    assert spec["lock_kol"]["optional"]
    assert not spec["budget_cny"]["optional"]
    knobs.moved = {"lock_kol": None}
    assert book.case.facts["lock_kol"] is None
    knobs.moved = {}
    assert book.case.facts["lock_kol"] == 3


def test_what_cannot_be_put_back_stays_and_is_said():
    book = Workbook(parameters("private_pool"), journey="private_pool")
    knobs = book.knobs()
    told = []
    knobs.send = lambda message, buffers=None: told.append(message)
    knobs.moved = {"retained_after_1_month": 0.95, "retained_after_12_months": 0.9}
    knobs.moved = {"retained_after_1_month": 0.95}
    assert told[-1]["kind"] == "kept"
    assert told[-1]["inputs"] == {"retained_after_12_months": 0.9}
    assert "Still there after 12 months: the share" in told[-1]["note"]
    assert book.screen.given["retained_after_12_months"] == 0.9


def test_no_workbook_loads_what_only_a_clients_own_table_needs():
    code = (
        "import sys, kolkit.workbook\n"
        "from kolkit.books import BOOKS\n"
        "for journey in BOOKS:\n"
        "    book = kolkit.workbook.start({}, journey=journey)\n"
        "    book.head(), book.answer(), book.knobs(), book.comparison()\n"
        "    book.assumptions(), book.method(), [book.chart(name) for name in book.book.figures]\n"
        "heavy = {'pandas', 'pyarrow', 'scipy.optimize'} & set(sys.modules)\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
