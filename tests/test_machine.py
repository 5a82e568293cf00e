"""What kolkit says about the machine it runs on, on machines that we only pretend to have."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from kolkit import machine
from kolkit.errors import EnvironmentFault


def program(path: Path, body: str = "exit 0") -> Path:
    """An executable shell script at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A Linux machine with an empty PATH (its only folder) and an empty home; returns the former.

    The usual places outside PATH and home are those of a real machine, which is why they are
    emptied by name.
    """
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "downloads"))
    monkeypatch.delenv("KOLKIT_BROWSER", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    usual = machine._usual_places
    inside = lambda: (p for p in usual() if p.is_relative_to(tmp_path))  # noqa: E731
    monkeypatch.setattr(machine, "_usual_places", inside)
    return folder


def test_importing_it_brings_no_package_along():
    code = (
        "import sys, kolkit.machine;"
        "print(sorted({'jupyter_core', 'psutil', 'nbformat', 'pandas', 'plotly', 'playwright'}"
        " & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "[]"


# --- browser ------------------------------------------------------------------------------------


def test_a_machine_without_browser_has_none(bare):
    assert machine.find_browser() is None


@pytest.mark.parametrize("name", machine.BROWSER_NAMES)
def test_every_usual_name_on_path_is_found(bare, name):
    browser = program(bare / name)
    assert machine.find_browser() == browser


def test_chromium_is_preferred_to_edge(bare):
    program(bare / "microsoft-edge")
    chromium = program(bare / "chromium")
    assert machine.find_browser() == chromium


def test_newest_browser_that_playwright_downloaded_is_the_last_resort(bare, tmp_path):
    program(tmp_path / "downloads/chromium-1100/chrome-linux/chrome")
    newest = program(tmp_path / "downloads/chromium-1200/chrome-linux64/chrome")
    assert machine.find_browser() == newest


def test_named_browser_wins_and_a_wrong_name_is_not_replaced_silently(bare, monkeypatch):
    program(bare / "chromium")
    mine = program(bare.parent / "my browser")
    monkeypatch.setenv("KOLKIT_BROWSER", str(mine))
    assert machine.find_browser() == mine
    monkeypatch.setenv("KOLKIT_BROWSER", str(bare / "chromiun"))
    assert machine.find_browser() is None
    with pytest.raises(EnvironmentFault, match=r"KOLKIT_BROWSER must name .* got '.*chromiun'"):
        machine.require_browser()


@pytest.mark.parametrize(
    ("platform", "wanted"),
    [
        ("darwin", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        ("win32", "C:/Program Files/Google/Chrome/Application/chrome.exe"),
    ],
)
def test_usual_folders_of_macos_and_windows_are_looked_at(monkeypatch, platform, wanted):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("PROGRAMFILES", "C:/Program Files")
    assert Path(wanted) in list(machine._usual_places())


def test_missing_browser_is_one_sentence_that_says_how_to_get_one(bare):
    with pytest.raises(EnvironmentFault) as caught:
        machine.require_browser()
    said = str(caught.value)
    assert "apt-get install chromium" in said
    assert "KOLKIT_BROWSER" in said
    assert "\n" not in said


@pytest.mark.parametrize(("user", "sandboxed"), [(0, False), (1000, True)])
def test_the_sandbox_is_given_up_for_root_only(monkeypatch, user, sandboxed):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    assert ("--no-sandbox" not in machine.browser_flags()) is sandboxed
    assert set(machine.BROWSER_FLAGS) <= set(machine.browser_flags())


def test_a_browser_that_does_not_start_is_told_by_doctor(bare, monkeypatch):
    stub = program(bare / "chromium-browser", "echo 'please install the snap' >&2; exit 1")
    assert machine.browser_version(stub) is None
    check = machine._check_browser()
    assert not check.ok
    assert f"{stub} does not start" in check.repair


def test_the_browser_of_this_machine_says_its_version(browser_path):
    assert any(char.isdigit() for char in machine.browser_version(browser_path) or "")


# --- font ---------------------------------------------------------------------------------------


def test_font_is_missing_without_fc_list_and_where_fc_list_names_none(bare):
    assert not machine.has_cjk_font()
    program(bare / "fc-list")
    assert not machine.has_cjk_font()
    with pytest.raises(EnvironmentFault, match="fonts-noto-cjk"):
        machine.require_cjk_font()


def test_font_is_found_where_fc_list_names_one(bare):
    program(bare / "fc-list", '[ "$1" = :lang=zh ] && echo "Noto Sans CJK SC"')
    assert machine.has_cjk_font()


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_macos_and_windows_ship_chinese_fonts(bare, monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    assert machine.has_cjk_font()


# --- what set-up asks ---------------------------------------------------------------------------


def test_setup_is_told_the_debian_packages_and_a_sentence_for_each_lack(bare, capsys):
    assert machine.main() == 1
    said = capsys.readouterr()
    assert said.out.split() == ["chromium", "fontconfig", "fonts-noto-cjk"]
    assert len(said.err.strip().splitlines()) == 2


def test_setup_installs_no_browser_for_a_mistyped_name(bare, monkeypatch):
    program(bare / "fc-list", "echo font")
    monkeypatch.setenv("KOLKIT_BROWSER", "/nowhere/chromium")
    packages, sentences = machine.missing_parts()
    assert packages == []
    assert "/nowhere/chromium" in sentences[0]


def test_setup_hears_nothing_where_nothing_is_missing(bare, capsys):
    program(bare / "fc-list", "echo font")
    program(bare / "chromium")
    assert machine.main() == 0
    said = capsys.readouterr()
    assert (said.out.strip(), said.err) == ("", "")


# --- memory -------------------------------------------------------------------------------------


@pytest.fixture
def memory(tmp_path, monkeypatch):
    """A machine with 8,000 MB available; returns a function that sets the container's limits."""
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(f"MemTotal: 16000000 kB\nMemAvailable:   {8000 * 1024} kB\n")
    group = tmp_path / "cgroup"
    group.mkdir()
    monkeypatch.setattr(machine, "_PROC_MEMINFO", meminfo)
    monkeypatch.setattr(machine, "_CGROUP", group)

    def limit(most: str, used_mb: int, cached_mb: int) -> None:
        (group / "memory.max").write_text(most)
        (group / "memory.current").write_text(str(used_mb * 2**20))
        (group / "memory.stat").write_text(f"anon 5\ninactive_file {cached_mb * 2**20}\n")

    return limit


def test_free_memory_is_what_the_kernel_calls_available(memory):
    assert machine.free_memory_mb() == 8000
    memory("max", 100, 0)
    assert machine.free_memory_mb() == 8000


def test_a_containers_limit_counts_and_its_file_cache_does_not(memory):
    memory(str(2048 * 2**20), 1000, 600)
    assert machine.free_memory_mb() == 2048 - (1000 - 600)
    memory(str(2048 * 2**20), 2100, 0)
    assert machine.free_memory_mb() == 0


def test_sessions_at_140_mb_each(memory):
    assert machine.fits_sessions(139) == 0
    assert machine.fits_sessions(30 * 140) == 30
    assert machine.fits_sessions() == 8000 // 140
    memory(str(100 * 2**20), 0, 0)
    check = machine._check_memory()
    assert not check.ok
    assert "room for 0" in check.detail


# --- packages, templates, folders ---------------------------------------------------------------


def test_numbers_of_a_version_are_compared_as_numbers():
    assert machine.at_least("2.21", "2.21.0")
    assert machine.at_least("2.100", "2.21")
    assert not machine.at_least("2.9.9", "2.21")
    assert not machine.at_least(None, "1")


def test_a_package_below_its_floor_is_named_with_what_is_needed(monkeypatch):
    actual = metadata.version
    lowered = {"voila": "0.5.5", "nbconvert": "7.16.6"}
    monkeypatch.setattr(metadata, "version", lambda name: lowered.get(name) or actual(name))
    check = machine._check_packages()
    assert not check.ok
    assert "voila 0.5.5 (needs 0.5.13)" in check.detail
    assert "nbconvert 7.16.6 (needs 7.17.1)" in check.detail
    assert "jupyter-server" not in check.detail


def test_versions_of_the_exposed_packages_are_told_when_all_is_well():
    check = machine._check_packages()
    assert check.ok, check.detail
    for name in ("voila", "jupyter-server", "nbconvert"):
        assert f"{name} {metadata.version(name)}" in check.detail


def test_templates_missing_stale_and_equal(tmp_path):
    source, installed = tmp_path / "share", tmp_path / "installed"
    for folder in (source, installed):
        (folder / "static").mkdir(parents=True)
        (folder / "static" / "page.css").write_text("body {}")
    name = "voila template"
    assert not machine._check_template(name, None, source).ok
    assert machine._check_template(name, installed, source).ok
    (source / "static" / "page.css").write_text("body { color: #1c2330 }")
    (installed / "left_over.html").write_text("old")
    stale = machine._check_template(name, installed, source)
    assert not stale.ok
    assert stale.detail.endswith("left_over.html, static/page.css")
    assert "remove or rename" in stale.repair, "a copy outside the environment hides ours"


def test_without_a_checkout_an_installed_template_is_enough(tmp_path):
    assert machine._check_template("voila template", tmp_path, tmp_path / "no checkout").ok


def test_output_folder_need_not_exist_but_must_be_possible(tmp_path):
    assert machine._check_output(tmp_path / "reports" / "out").ok
    assert not (tmp_path / "reports").exists(), "looking leaves nothing behind"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "reports").write_text("a file in the way")
    check = machine._check_output(tmp_path / "reports" / "out")
    assert not check.ok
    assert str(tmp_path / "reports") in check.repair


def test_doctor_has_a_repair_for_every_fault_and_none_for_what_is_well(tmp_path):
    found = machine.checks(tmp_path)
    assert [check.name for check in found] == [
        "python",
        "packages",
        "browser",
        "chinese font",
        "voila template",
        "nbconvert template",
        "output folder",
        "memory",
    ]
    assert all(bool(check.repair) is not check.ok for check in found)
