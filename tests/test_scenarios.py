"""Saved scenarios: nothing is lost, nobody is overwritten, no other file is touched."""

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
from test_soak import KNOB_SECTIONS, positions

from kolkit import scenarios
from kolkit.brief_text import changed_text
from kolkit.contents import Content, brief_bytes, brief_of, inputs_of_brief, link, read_upload
from kolkit.errors import EnvironmentFault, InputError
from kolkit.locking import locked
from kolkit.scenarios import Conflict, NotThere, Store
from kolkit.starter import write_starter

BY_HAND = """\
# Told on the phone; to be confirmed.
client: "Nordlys"   # the Danish one
scenario: First year

# The session as reported
livestream:
  gmv_reported_cny: 5_000_000   # before returns

  # The contract on the table
  slot_fee_cny: 600000
  commission_rate: 0.20  # of gross

brand: {gross_margin: 0.62, category: beauty}
plan:
  # nothing fixed yet
report:
  ink: "#102030"
  language: en
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "briefs")


@pytest.fixture
def by_hand(store: Store) -> Path:
    store.folder.mkdir()
    path = store.folder / "nordlys.yaml"
    path.write_text(BY_HAND, encoding="utf-8")
    return path


def ada(**inputs: object) -> Content:
    return Content("Ada", "Base case", inputs=inputs)


def files(store: Store) -> dict[str, bytes]:
    found = (p for p in store.folder.rglob("*") if p.is_file() and p.name != ".lock")
    return {p.relative_to(store.folder).as_posix(): p.read_bytes() for p in found}


# -- what is saved is what was sent --------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_inputs_come_back_as_they_were_sent(store: Store, seed: int) -> None:
    rng = np.random.default_rng(seed)
    moved = positions(KNOB_SECTIONS["plan"], rng)
    inputs = {name: value for section in moved.values() for name, value in section.items()}
    content = Content("炉边 & Söhne", "方案 #1", str(rng.choice(["en", "zh"])), inputs)
    saved = store.create(content)
    assert saved.content == content
    assert read_upload(brief_bytes(content)) == (content, "")
    again = positions(KNOB_SECTIONS["plan"], rng)
    other = {name: value for section in again.values() for name, value in section.items()}
    replaced = store.replace(saved.listed.id, ada(**other), saved.listed.version)
    default = inputs_of_brief(brief_of(Content("a", "b")))
    assert default == {}
    kept = replaced.content.inputs
    assert {n: v for n, v in other.items() if n in kept} == kept
    # Only what went back to its default may have been taken out.
    values = parameters_of(Content("a", "b"))
    assert all(values[name] == other[name] for name in other.keys() - kept.keys())


def parameters_of(content: Content) -> dict[str, object]:
    brief = brief_of(content)
    return {n: getattr(getattr(brief, s), n) for n, s in scenarios.SECTION_OF.items()}


@pytest.mark.parametrize(
    "value",
    ["yes", "no", "1e5", "1:30", "null", "~", "- a", "a: b", "# a", "", " a", "'", '"', "a\tb",
     "1\n2\n3", "1 \n2", "月份  留存\n0  100%\n1  84%\n", "\n", "a\r\nb", "a # b\nc", "x" * 500],
)  # fmt: skip
def test_any_text_reads_back(store: Store, value: str) -> None:
    """Words that YAML takes for a switch, a number or a comment stay text."""
    saved = store.create(ada(survival_table=value, commission_rate=1e-05))
    assert saved.content.inputs == {"survival_table": value, "commission_rate": 1e-05}
    other = store.replace(saved.listed.id, ada(survival_table=f"1{value}"), saved.listed.version)
    assert other.content.inputs == {"survival_table": f"1{value}"}


@pytest.mark.parametrize("name", ["No", "2026", "1e3", "null", "0x10", "- Ada", "A # B", "A, [B]"])
def test_a_client_may_be_called_anything_plain(store: Store, name: str) -> None:
    saved = store.create(Content(name, name))
    assert (saved.content.client, saved.content.scenario) == (name, name)


def test_a_hand_written_brief_keeps_comments_and_order(store: Store, by_hand: Path) -> None:
    before = store.read("nordlys")
    inputs = dict(before.content.inputs)
    del inputs["slot_fee_cny"]
    inputs |= {"commission_rate": 0.25, "gross_margin": 0.6, "guarantee_cny": 1e6}
    content = Content("Nordlys", "Second year", "zh", inputs | {"sessions_cap": 2})
    store.replace("nordlys", content, before.listed.version)
    expected = (
        BY_HAND.replace("First", "Second")
        .replace("  slot_fee_cny: 600000\n", "")
        .replace("0.20  # of gross\n", "0.25  # of gross\n  guarantee_cny: 1000000.0\n")
        .replace("brand: {gross_margin: 0.62, category: beauty}", "brand:\n  gross_margin: 0.6\n"
                 "  category: beauty")
        .replace("plan:\n", "plan:\n  sessions_cap: 2\n")
        .replace("language: en", "language: zh")
    )  # fmt: skip
    assert by_hand.read_text("utf-8") == expected
    assert store.read("nordlys").content == content


def test_saving_what_is_there_changes_no_byte(store: Store, by_hand: Path) -> None:
    for text in (BY_HAND, BY_HAND.replace("\n", "\r\n"), BY_HAND.rstrip()):
        by_hand.write_bytes(text.encode())
        seen = store.read("nordlys")
        store.replace("nordlys", seen.content, seen.listed.version)
        assert by_hand.read_bytes() == text.encode()


def test_an_input_back_at_its_default_leaves_the_file(store: Store, by_hand: Path) -> None:
    seen = store.read("nordlys")
    inputs = {**seen.content.inputs, "gross_margin": 0.55}
    saved = store.replace("nordlys", Content("Nordlys", "First year", inputs=inputs),
                          seen.listed.version)  # fmt: skip
    assert "gross_margin" not in by_hand.read_text("utf-8")
    # Beauty is the default too, but the author had said so.
    assert saved.content.inputs["category"] == "beauty"


def test_line_ends_of_windows_stay(store: Store, by_hand: Path) -> None:
    by_hand.write_bytes(BY_HAND.replace("\n", "\r\n").encode())
    seen = store.read("nordlys")
    content = Content("Nordlys", "First year", inputs={**seen.content.inputs, "goal": "profit"})
    store.replace("nordlys", content, seen.listed.version)
    assert b"\n" not in by_hand.read_bytes().replace(b"\r\n", b"")


def test_an_order_file_stays_named_while_its_counts_are_sent_back(store: Store) -> None:
    source = Path(__file__).resolve().parents[1] / "reports" / "briefs"
    store.folder.mkdir()
    for name in ("nordlys.yaml", "orders_nordlys_sample.csv"):
        (store.folder / name).write_bytes((source / name).read_bytes())
    seen = store.read("nordlys")
    assert seen.content.inputs["orders_counted"]["orders_placed"] == 1500
    assert "orders_file" not in seen.content.inputs
    store.replace("nordlys", seen.content, seen.listed.version)
    assert (store.folder / "nordlys.yaml").read_bytes() == (source / "nordlys.yaml").read_bytes()
    without = {n: v for n, v in seen.content.inputs.items() if n != "orders_counted"}
    content = Content("Nordlys", "First year", inputs=without)
    version = store.read("nordlys").listed.version
    assert "orders_counted" not in store.replace("nordlys", content, version).content.inputs
    assert "orders_file" not in (store.folder / "nordlys.yaml").read_text("utf-8")


def test_a_brief_in_braces_is_refused_and_stays(store: Store) -> None:
    store.folder.mkdir()
    path = store.folder / "flow.yaml"
    path.write_text('{client: Ada, scenario: "Base case"}')
    with pytest.raises(InputError, match="braces"):
        store.replace("flow", ada(gross_margin=0.5), store.read("flow").listed.version)
    assert path.read_text() == '{client: Ada, scenario: "Base case"}'


def test_a_link_opens_with_the_same_values() -> None:
    inputs = {"goal": "profit", "count_labour": False, "lock_koc": None, "budget_cny": 1.5e6}
    content = Content("炉边", "A & B", "zh", {**inputs, "cells": [{"tier": "koc"}]})
    told = dict(parse_qsl(link(content, id="x-y", version="1f").removeprefix("#")))
    assert (told.pop("k"), told.pop("s"), told.pop("v")) == ("2", "x-y", "1f")
    assert [told.pop(n) for n in ("client", "scenario", "language")] == ["炉边", "A & B", "zh"]
    assert told["budget_cny"] == "1500000"
    assert int(told.pop("z")) == len(content.inputs) + 1
    assert {name: json.loads(value) for name, value in told.items()} == content.inputs


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (ada(gross_margin=20), "gross_margin must be a share"),
        (ada(gross_margn=0.5), "Did you mean gross_margin"),
        (ada(orders_file="../../etc/passwd"), "orders_file"),
        (ada(ink="#ffffff"), "ink is not an input"),
        (Content("<script>", "a"), "client must be a plain name"),
        (Content("", "a"), "client must be a plain name"),
        (Content("a", "b", "fr"), "language must be one of en, zh"),
        (ada(goal=["a"]), "goal must be"),
    ],
)
def test_what_no_brief_may_say_is_refused(store: Store, content: Content, says: str) -> None:
    with pytest.raises(InputError, match=says):
        store.create(content)
    assert not store.folder.exists() or files(store) == {}


@pytest.mark.parametrize(
    "id",
    ["..", "../x", "..%2fx", "/etc/passwd", "a/b", "a\\b", ".hidden", "", "C:x", "x\0", "x" * 300,
     "../briefsx/x"],
)  # fmt: skip
def test_no_id_leads_out_of_the_folder(store: Store, id: str) -> None:
    store.folder.mkdir()
    beside = store.folder.with_name("briefsx")
    beside.mkdir()
    for folder in (beside, store.folder.parent):
        (folder / "x.yaml").write_text("client: Ada\n")
    for act in (
        lambda: store.read(id),
        lambda: store.delete(id, "1"),
        lambda: store.restore(id),
        lambda: store.replace(id, ada(), "1"),
    ):
        with pytest.raises(NotThere):
            act()


def test_a_link_in_the_folder_that_leads_out_is_no_scenario(store: Store, tmp_path: Path) -> None:
    (tmp_path / "briefsx").mkdir()
    (tmp_path / "briefsx" / "x.yaml").write_text("client: Ada\n")
    store.folder.mkdir()
    (store.folder / "x.yaml").symlink_to(tmp_path / "briefsx" / "x.yaml")
    with pytest.raises(NotThere):
        store.read("x")
    assert store.all() == []


def test_a_file_that_is_no_brief_is_listed_with_the_reason(store: Store, by_hand: Path) -> None:
    (store.folder / "broken.yaml").write_text("client: [")
    (store.folder / "tagged.yaml").write_text("client: !!python/object:os.system x\n")
    listed = {entry.id: entry.broken for entry in store.all()}
    assert listed["nordlys"] == ""
    assert "not valid YAML" in listed["broken"]
    assert "tag" in listed["tagged"]


# -- two at once ---------------------------------------------------------------------------------


def test_the_second_writer_of_one_version_is_told(store: Store) -> None:
    first = store.create(ada(gross_margin=0.5))
    theirs = store.replace(first.listed.id, ada(gross_margin=0.6), first.listed.version)
    with pytest.raises(Conflict) as refused:
        store.replace(first.listed.id, ada(gross_margin=0.7), first.listed.version)
    assert refused.value.theirs == theirs.listed
    with pytest.raises(Conflict):
        store.delete(first.listed.id, first.listed.version)
    assert store.read(first.listed.id).content.inputs == {"gross_margin": 0.6}


def test_of_many_writers_one_wins(store: Store) -> None:
    first = store.create(ada())
    won: list[float] = []

    def write(value: float) -> None:
        try:
            store.replace(first.listed.id, ada(gross_margin=value), first.listed.version)
            won.append(value)
        except Conflict:
            pass

    writers = [threading.Thread(target=write, args=(0.1 + n / 20,)) for n in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [store.read(first.listed.id).content.inputs["gross_margin"]] == won


def test_of_many_creators_one_wins(store: Store) -> None:
    code = (
        "import sys; from pathlib import Path; from kolkit.scenarios import *\n"
        "try: Store(Path(sys.argv[1])).create(Content('Ada', 'Base case')); print('won')\n"
        "except Conflict: print('late')"
    )
    command = [sys.executable, "-c", code, str(store.folder)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert sorted(p.communicate()[0].strip() for p in started) == ["late", "late", "won"]
    assert list(files(store)) == ["ada-base-case.yaml"]


def test_a_writer_that_dies_with_the_lock_stands_in_nobodys_way(store: Store) -> None:
    store.folder.mkdir()
    code = (
        "import sys, os; from pathlib import Path; from kolkit.locking import locked\n"
        "with locked(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, store.folder / ".lock"], check=False)
    assert store.create(ada()).listed.id == "ada-base-case"


def test_a_writer_that_holds_the_lock_for_long_is_named(tmp_path: Path) -> None:
    with (
        locked(tmp_path / ".lock"),
        pytest.raises(EnvironmentFault, match="try again"),
        locked(tmp_path / ".lock", wait_seconds=0.05),
    ):
        pass


def test_names_that_make_the_same_file_do_not_meet(store: Store) -> None:
    store.create(Content("A-B", "C"))
    assert store.create(Content("A", "B-C")).listed.id == "a-b-c-2"
    with pytest.raises(Conflict, match="exists already"):
        store.create(Content("A", "B-C"))
    other = store.create(Content("A", "D"))
    with pytest.raises(Conflict, match="exists already"):
        store.replace(other.listed.id, Content("A", "B-C"), other.listed.version)
    renamed = store.replace(other.listed.id, Content("A", "E"), other.listed.version)
    assert (renamed.listed.id, renamed.content.scenario) == (other.listed.id, "E")


# -- setting aside, and machines that fail -------------------------------------------------------


def test_what_is_deleted_comes_back(store: Store) -> None:
    first = store.create(ada(gross_margin=0.5))
    store.delete(first.listed.id, first.listed.version)
    assert store.all() == []
    second = store.create(ada(gross_margin=0.6))
    with pytest.raises(Conflict):
        store.restore(first.listed.id)
    store.delete(second.listed.id, second.listed.version)
    assert {d.id for d in store.deleted()} == {"ada-base-case", "ada-base-case~2"}
    assert store.restore("ada-base-case~2").content.inputs == {"gross_margin": 0.6}
    assert store.all()[0].id == "ada-base-case"


def test_a_full_disk_loses_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = store.create(ada(gross_margin=0.5))
    before = files(store)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFault, match="No space left on device"):
        store.replace(saved.listed.id, ada(gross_margin=0.6), saved.listed.version)
    with pytest.raises(EnvironmentFault):
        store.create(Content("B", "C"))
    assert files(store) == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="--briefs"):
        Store(tmp_path / "file" / "briefs").create(ada())
    assert Store(tmp_path / "nowhere").all() == []


def test_a_write_that_does_not_read_back_changes_nothing(
    store: Store, by_hand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = store.read("nordlys")
    monkeypatch.setattr(scenarios, "changed_text", lambda *_: BY_HAND)
    with pytest.raises(InputError, match="by hand"):
        store.replace("nordlys", Content("Nordlys", "Other"), seen.listed.version)
    assert by_hand.read_text("utf-8") == BY_HAND


def test_an_upload_leaves_its_order_file_behind(tmp_path: Path) -> None:
    told = b"client: Ada\nlivestream:\n  orders_file: ../../etc/passwd\n  commission_rate: 0.1\n"
    content, missing = read_upload(told)
    assert content.inputs == {"commission_rate": 0.1}
    assert missing == "../../etc/passwd"


def test_a_starter_can_be_filled_on_a_page(store: Store) -> None:
    path = write_starter("Ada", "Base case", "beauty", store.folder)
    comments = path.read_text("utf-8").count("#")
    seen = store.read(path.stem)
    content = ada(category="beauty", gross_margin=0.5, slot_fee_cny=1000, budget_cny=5e6)
    store.replace(path.stem, content, seen.listed.version)
    assert store.read(path.stem).content == content
    assert path.read_text("utf-8").count("#") == comments


def test_a_section_that_loses_all_its_inputs_stays_valid() -> None:
    text = "client: Ada\nbrand:\n  gross_margin: 0.5\n  # kept\nplan:\n  sessions_cap: 2\n"
    before = {"client": "Ada", "brand": {"gross_margin": 0.5}, "plan": {"sessions_cap": 2}}
    told = changed_text(text, before, {"client": "Ada", "plan": {"sessions_cap": 2}})
    assert told == "client: Ada\nbrand:\n  # kept\nplan:\n  sessions_cap: 2\n"
