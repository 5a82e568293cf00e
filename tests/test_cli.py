"""The command line: help with examples, one-line errors, exit codes, nothing half-written."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from rich.cells import cell_len
from rich.console import Console

from kolkit import cli
from kolkit.brief import load_brief
from kolkit.inputs import Brief
from kolkit.listing import sources_table

ROOT = Path(__file__).resolve().parents[1]
BRIEFS = ROOT / "reports" / "briefs"
COMMANDS = ("new", "check", "report", "serve", "course mark", "sources", "doctor")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
NORDLYS = (BRIEFS / "nordlys.yaml").read_text("utf-8")


def kolkit(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command as a person would, on a wide terminal."""
    command = Path(sys.executable).with_name("kolkit")
    plain = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "CLICOLOR_FORCE")}
    return subprocess.run(
        [command, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**plain, "COLUMNS": "200", "NO_COLOR": "1", **environment},
    )


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """Run the command in this process, which is much faster; it must refuse in one sentence."""

    def run(*arguments: object) -> str:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["kolkit", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        assert ended.value.code == 2, told.err
        assert told.out == ""
        sentence = ANSI.sub("", told.err).strip()
        assert len(sentence.splitlines()) == 1
        return sentence

    return run


def brief(folder: Path, text: str = NORDLYS) -> Path:
    path = folder / "brief.yaml"
    path.write_text(text.replace("orders_nordlys", f"{BRIEFS}/orders_nordlys"), encoding="utf-8")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_stands_in_the_readme(command, tmp_path):
    told = kolkit(*command.split(), "--help", cwd=tmp_path)
    assert told.returncode == 0
    assert f"Example: kolkit {command}" in told.stdout
    assert f"kolkit {command}" in (ROOT / "README.md").read_text("utf-8")


def test_new_writes_a_brief_that_check_accepts_and_never_overwrites(tmp_path):
    made = kolkit("new", "Ä 客户 & Co", "--folder", "briefs", cwd=tmp_path)
    path = tmp_path / made.stdout.strip()
    assert made.returncode == 0
    assert load_brief(path).brief == Brief(client="Ä 客户 & Co", brand={"category": "beauty"})
    checked = kolkit("check", path, cwd=tmp_path)
    assert checked.returncode == 0
    before = path.read_bytes()
    again = kolkit("new", "Ä 客户 & Co", "--folder", "briefs", cwd=tmp_path)
    assert again.returncode == 2
    assert "exists already" in again.stderr
    assert path.read_bytes() == before


def test_a_starter_states_every_input_and_its_default(tmp_path):
    made = kolkit("new", "Acme", cwd=tmp_path)
    text = (tmp_path / made.stdout.strip()).read_text("utf-8")
    uncommented = "\n".join(
        line.replace("# ", "", 1) if line.strip().startswith("# ") and ":" in line else line
        for line in text.splitlines()
        if not line.startswith("# ")
    )
    content = yaml.safe_load(uncommented)
    given = Brief.model_validate(content)
    assert given == Brief(client="Acme")
    fields = set(type(given.livestream).model_fields)
    assert content["livestream"].keys() == fields - {"orders_counted"}


@pytest.mark.parametrize("name", ["<b>x</b>", "../etc", "a/b", ""])
def test_new_refuses_a_client_name_that_is_no_name(name, tmp_path, refused):
    assert "client must be a plain name" in refused("new", name)
    assert not (tmp_path / "reports").exists()


def test_check_prints_every_input_with_value_source_and_grade(tmp_path):
    told = kolkit("check", BRIEFS / "nordlys.yaml", cwd=tmp_path, COLUMNS="80")
    assert told.returncode == 0
    lines = {line.split()[1]: line for line in told.stdout.splitlines() if line.startswith(" *")}
    assert "62\u202f%" in lines["brand.gross_margin"]
    assert "client’s figure" in lines["brand.gross_margin"]
    assert "counted in the order file" in lines["livestream.return_rate_observed"]
    assert "livestream.self_return_rate" in told.stdout
    assert "85–100\u202f%" in told.stdout
    assert "unsourced (U)" in told.stdout
    # In a pipe nobody counts columns: every input stays on its line.
    assert "livestream range, widened by ten points; no category source found" in told.stdout


@pytest.mark.parametrize("columns", [40, 80, 170])
def test_a_terminal_of_any_width_shows_every_word(columns):
    shown, _ = sources_table("")
    printed = Console(file=io.StringIO(), width=columns)
    printed.print(shown)
    told = printed.file.getvalue()
    assert max(map(cell_len, told.splitlines())) <= columns
    words = {word for column in shown.columns for cell in column.cells for word in cell.split()}
    assert {word for word in words if len(word) <= 24} - {"–"} <= set(told.split())
    assert "livestream.commission_rate" in told


def test_sources_lists_filters_and_counts(tmp_path):
    everything = kolkit("sources", cwd=tmp_path)
    filtered = kolkit("sources", "commission", cwd=tmp_path)
    graded = kolkit("sources", "--grade", "B", cwd=tmp_path)
    assert "assumptions are unsourced (U)." in everything.stdout
    assert "livestream.commission_rate" in filtered.stdout
    assert "category.beauty" not in filtered.stdout
    assert "category.all_categories" in graded.stdout
    assert kolkit("sources", "--grade", "X", cwd=tmp_path).returncode == 2


def test_sources_prints_the_other_tables(tmp_path):
    channels = kolkit("sources", "--table", "channels", cwd=tmp_path)
    unsourced = kolkit("sources", "--unsourced", cwd=tmp_path)
    refused = kolkit("sources", "--table", "brands", cwd=tmp_path)
    assert "6.67" in channels.stdout
    assert "livestream.commission_rate" not in unsourced.stdout
    assert refused.returncode == 2
    assert "--table must be one of" in refused.stderr


def test_doctor_finds_this_machine_fit(tmp_path):
    told = kolkit("doctor", cwd=tmp_path)
    assert told.returncode == 0, told.stdout


def test_doctor_without_a_browser_says_how_to_get_one(tmp_path):
    told = kolkit("doctor", cwd=tmp_path, KOLKIT_BROWSER=str(tmp_path / "none"))
    assert told.returncode == 1
    assert "browser" in told.stdout


ORDERS = "订单编号,总金额,订单创建时间,订单付款时间,退款金额\n"
BAD = {
    "broken YAML": ("client: a\n brand: {", "brief.yaml, line 2: this is not valid YAML"),
    "unknown key": (
        NORDLYS.replace("commission_rate", "comission_rate"),
        "livestream.comission_rate is not an input. Did you mean commission_rate?",
    ),
    "20 for 0.20": (
        NORDLYS.replace("0.20", "20"),
        "commission_rate must be a share between 0 and 1; got 20. Did you mean 0.20?",
    ),
    "NaN": (NORDLYS.replace("0.20", ".nan"), "got NaN"),
    "infinity": (NORDLYS.replace("2000000", ".inf"), "got Infinity"),
    "negative budget": (NORDLYS.replace("2000000", "-2000000"), "Did you mean 2000000?"),
    "a tag": (NORDLYS.replace("0.20", "!!python/name:os.system"), "the tag"),
    "an alias": (NORDLYS.replace("0.20", "&a 0.2"), "anchors (&) and aliases (*)"),
    "HTML in the name": (NORDLYS.replace("Nordlys\n", "<script>x</script>\n"), "plain name"),
    "a path as name": (NORDLYS.replace("client: Nordlys", "client: ../up"), "plain name"),
    "a logo that is none": (NORDLYS + "  logo: brief.yaml\n", "report.logo must be a PNG, JPEG"),
    "a missing logo": (NORDLYS + "  logo: none.png\n", "report.logo must be a picture"),
    "a missing order file": (NORDLYS.replace("orders_nordlys_sample", "none"), "none.csv"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_brief_is_one_sentence_and_leaves_everything_untouched(case, tmp_path, refused):
    text, message = BAD[case]
    earlier = tmp_path / "out" / "nordlys" / "livestream-as-offered" / "earlier.txt"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("kept")
    assert message in refused("report", brief(tmp_path, text), "--out", "out")
    found = [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert found == ["earlier.txt"]


BAD_ORDERS = {
    "empty": (b"", "empty"),
    "header only": (ORDERS.encode(), "no"),
    "refund above the amount": (
        (ORDERS + "1,100,2026-10-18 20:00:00,2026-10-18 20:01:00,120\n").encode(),
        "120",
    ),
    "formula": (
        (ORDERS + "1,=1+1,2026-10-18 20:00:00,2026-10-18 20:01:00,0\n").encode(),
        "row 2" ,
    ),
    "words for numbers": (
        (ORDERS + "1,many,2026-10-18 20:00:00,2026-10-18 20:01:00,0\n").encode(),
        "many",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ORDERS)
def test_a_bad_order_file_is_one_sentence_that_names_brief_line_and_row(case, tmp_path, refused):
    content, message = BAD_ORDERS[case]
    (tmp_path / "orders.csv").write_bytes(content)
    text = NORDLYS.replace("orders_nordlys_sample.csv", "orders.csv")
    path = tmp_path / "brief.yaml"
    path.write_text(text, encoding="utf-8")
    told = refused("report", path)
    assert "livestream.orders_file" in told
    assert "brief.yaml, line 21" in told
    assert message in told


def test_a_refusal_by_the_installed_command_is_its_sentence_and_exit_code_alone(tmp_path):
    told = kolkit("report", brief(tmp_path, BAD["20 for 0.20"][0]), cwd=tmp_path)
    assert told.returncode == 2
    assert BAD["20 for 0.20"][1] in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_a_gbk_order_file_gives_the_same_answer(tmp_path):
    source = (BRIEFS / "orders_nordlys_sample.csv").read_text("utf-8-sig")
    for name, encoding in (("utf8", "utf-8"), ("gbk", "gbk")):
        (tmp_path / f"{name}.csv").write_bytes(source.encode(encoding))
        text = NORDLYS.replace("orders_nordlys_sample", name)
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    told = [kolkit("check", f"{n}.yaml", cwd=tmp_path).stdout for n in ("utf8", "gbk")]
    assert "1,394 paid orders" in told[0]
    assert told[0].replace("utf8.csv", "") == told[1].replace("gbk.csv", "")


def test_without_a_browser_nothing_is_written_and_the_way_out_is_named(tmp_path):
    told = kolkit(
        "report", BRIEFS / "nordlys.yaml", "--out", "out", cwd=tmp_path,
        KOLKIT_BROWSER=str(tmp_path / "none"),
    )  # fmt: skip
    assert told.returncode == 1
    assert "--no-pdf" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "out").exists()


def test_an_unwritable_output_folder_is_a_failure_with_a_sentence(tmp_path):
    (tmp_path / "out").write_text("a file where the folder should be")
    told = kolkit("report", BRIEFS / "nordlys.yaml", "--out", "out", "--no-pdf", cwd=tmp_path)
    assert told.returncode == 1
    assert "cannot be written" in told.stderr
    assert "Traceback" not in told.stderr
    assert (tmp_path / "out").read_text() == "a file where the folder should be"


def test_serve_refuses_what_is_no_notebook(tmp_path):
    told = kolkit("serve", tmp_path, cwd=tmp_path)
    assert told.returncode == 2
    assert "holds no notebook" in told.stderr


REFUSED = {
    "rising survival": (
        'private_pool:\n  survival_table: "100, 80, 85, 60"',
        "private_pool.survival_table: row 3: survivors cannot rise",
        "write 80 or less",
    ),
    "words in a pasted table": (
        'private_pool:\n  survival_table: "100\\n80\\nn/a\\n60"',
        "private_pool.survival_table: row 3: 'n/a' is not a number",
        "delete the row",
    ),
    "retention that rises": (
        "private_pool:\n  retained_after_1_month: 0.3\n  retained_after_12_months: 0.5",
        "private_pool.retained_after_12_months",
        "Lower it",
    ),
    "zero universe": (
        "tier_mix:\n  universe_people: 0",
        "line 3: tier_mix.universe_people must be a whole number between",
        "got 0",
    ),
    "locks above the budget": (
        "brand:\n  budget_cny: 100000\ntier_mix:\n  lock_celebrity: 2",
        "tier_mix, locks: the locked tiers cost at least",
        "lower the lock on celebrity to 0",
    ),
    "locks above supply": (
        "tier_mix:\n  lock_celebrity: 50",
        "50 collaborations with tier celebrity are locked",
        "lower the lock to",
    ),
    "locks above the hours": (
        "tier_mix:\n  hours_cap: 10\n  lock_kol: 20",
        "the locked tiers take at least",
        "raise it by",
    ),
    "a goal out of reach": (
        "private_pool:\n  goal: profit\n  goal_cny: 50000000",
        "private_pool.goal_cny: a profit of 50,000,000 RMB by month 12 cannot be reached",
        "Lower it to",
    ),
    "a goal after the plan": (
        "private_pool:\n  goal: revenue\n  goal_month: 20",
        "private_pool.goal_month must not exceed",
        "set brand.horizon_months to 20",
    ),
    "a target out of reach": (
        "tier_mix:\n  target_reach_people: 19000000",
        "tier_mix.target_reach_people: 19,000,000 people are more than",
        "lower the target",
    ),
    "shares above one": (
        "plan:\n  share_tier_mix: 0.8\n  share_livestream: 0.5",
        "plan.share_tier_mix: the shares of the budget add up to 1.30",
        "Lower it by 0.30",
    ),
    "nothing left in the plan": (
        "plan:\n  include_tier_mix: false\n  include_private_pool: false\n"
        "  include_livestream: false",
        "plan: every journey is left out",
        "to true",
    ),
    "per cent for a share": (
        "tier_mix:\n  view_rate: 30",
        "tier_mix.view_rate must be a share",
        "Did you mean 0.30?",
    ),
    "an unknown platform": (
        "tier_mix:\n  cells:\n    - {tier: kol, platform: weibbo}",
        "line 3: tier_mix.cells: row 1: platform must be one of",
        "Did you mean weibo?",
    ),
    "half a cell": (
        "tier_mix:\n  cells:\n    - {tier: kol, platform: weibo, price_cny: 1000}",
        "tier_mix.cells: row 1 (kol, weibo) has no sourced followers",
        "Give price_cny and followers",
    ),
    "words in a cell": (
        "tier_mix:\n  cells:\n    - {tier: kol, platform: weibo, price_cny: many, followers: 9}",
        "price_cny must be a number; got many",
        "",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_one_sentence_with_the_smallest_repair(case, tmp_path, refused):
    text, named, repair = REFUSED[case]
    path = tmp_path / "brief.yaml"
    path.write_text(f"client: Ada\n{text}\n", encoding="utf-8")
    told = refused("check", path)
    assert told.startswith("brief.yaml")
    assert named in told
    assert repair in told
