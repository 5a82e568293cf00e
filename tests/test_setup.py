"""Set-up on machines we pretend to have, and the files that must say the same thing."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from kolkit.machine import at_least

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())
CONDA_NAMES = {"playwright-python": "playwright"}
SPECIFIER = re.compile(r"([\w.-]+)(?:>=([\d.]+))?")


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def floors(lines: list[str]) -> dict[str, str]:
    """{name: lowest version, "" if any} of requirement lines, all of the form name or name>=x."""
    found = {}
    for line in lines:
        match = SPECIFIER.fullmatch(line)
        assert match, f"{line!r} is neither `name` nor `name>=version`"
        name = normalised(match[1])
        found[CONDA_NAMES.get(name, name)] = match[2] or ""
    return found


def project_floors() -> dict[str, str]:
    return floors(PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"])


# --- one list of packages, written three times --------------------------------------------------


def test_conda_environment_names_the_same_packages_with_the_same_floors():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip_section = entries.pop()
    assert pip_section["pip"][-1] == "-e ."
    conda = [entry for entry in entries if entry not in ("pip", "python=3.11")]
    assert len(entries) - len(conda) == 2
    assert floors(conda + pip_section["pip"][:-1]) == project_floors()


def locked_versions() -> dict[str, list[str]]:
    versions: dict[str, list[str]] = {}
    for package in LOCK["package"]:
        versions.setdefault(package["name"], []).append(package["version"])
    return versions


def test_every_direct_dependency_is_locked_at_its_floor_or_above():
    versions = locked_versions()
    for name, floor in project_floors().items():
        assert name in versions, name
        if floor:
            assert all(at_least(version, floor) for version in versions[name]), name


def test_lock_was_made_from_this_pyproject():
    own = next(package for package in LOCK["package"] if package["name"] == "kolkit")
    recorded = own["metadata"]["requires-dist"] + own["metadata"]["requires-dev"]["dev"]
    lines = [entry["name"] + entry.get("specifier", "") for entry in recorded]
    plain = [line for line, entry in zip(lines, recorded, strict=True) if "marker" not in entry]
    assert floors(plain) == project_floors()
    assert LOCK["requires-python"] == PROJECT["project"]["requires-python"]


def test_uv_finds_the_lock_current_without_a_network():
    own = ROOT / ".tools" / "uv" / "bin" / "uv"
    uv = str(own) if own.exists() else shutil.which("uv")
    if uv is None or subprocess.run([uv, "--version"], capture_output=True).returncode:
        pytest.skip("uv is not on this machine; the tests above read the lock themselves")
    answer = subprocess.run(
        [uv, "lock", "--check", "--offline", "--python", sys.executable],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr


def test_lock_takes_packages_from_pypi_only():
    registries = {p["source"]["registry"] for p in LOCK["package"] if "registry" in p["source"]}
    others = [p["name"] for p in LOCK["package"] if "registry" not in p["source"]]
    assert registries == {"https://pypi.org/simple"}
    assert others == ["kolkit"]
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text()))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_slow_grammar_package_is_overridden_and_absent_from_the_environment():
    assert PROJECT["tool"]["uv"]["override-dependencies"] == [
        "rfc3987-syntax ; sys_platform == 'never'"
    ]
    assert LOCK["manifest"]["overrides"] == [
        {"name": "rfc3987-syntax", "marker": "sys_platform == 'never'"}
    ]
    if Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("only an environment made from uv.lock has the override")
    code = "import sys, nbformat; print('rfc3987_syntax' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "False", answer.stderr


@pytest.mark.parametrize(
    ("package", "safe"),
    [
        ("voila", "0.5.6"),  # served files outside its folders before
        ("jupyter-server", "2.21"),  # stored scripts in notebooks, path compared by prefix before
        ("nbconvert", "7.17.1"),  # embedding images read any file before
        ("ipywidgets", "8"),  # descriptions were HTML before
        ("defusedxml", "0.7"),
        ("openpyxl", "3.1"),
        ("xlsxwriter", "3"),
    ],
)
def test_floor_is_above_the_known_incidents(package, safe):
    assert at_least(project_floors()[package], safe)


# --- make and CI --------------------------------------------------------------------------------


def recipe(target: str) -> str:
    """The commands that `make <target>` would run."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    answer = subprocess.run(
        ["make", "-n", target], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return answer.stdout


def test_ci_runs_the_whole_of_make_test_and_stops_at_the_first_failure():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = [line for line in script.read_text().splitlines() if not line.startswith("#")]
    assert lines == [
        "set -euo pipefail",
        'cd "$(dirname "${BASH_SOURCE[0]}")/.."',
        "make test",
    ]


def test_make_test_sets_up_strictly_then_lints_types_and_tests():
    commands = recipe("test").splitlines()
    assert commands == [
        "bash tools/setup.sh --need-browser",
        ".venv/bin/ruff check .",
        ".venv/bin/ruff format --check .",
        ".venv/bin/mypy -p kolkit",
        '.venv/bin/python -m pytest -n 2 --dist loadfile -m "not soak" tests kolkit',
    ]


@pytest.mark.parametrize("target", ["setup", "report", "test", "soak", "bench", "serve"])
def test_every_target_sets_up_by_itself(target):
    assert recipe(target).startswith("bash tools/setup.sh")


def test_make_clean_keeps_rendered_reports():
    assert "reports" not in recipe("clean")


# --- tools/setup.sh with pretended commands -----------------------------------------------------

FAKES = {
    # Says its version, and makes an environment whose python runs `machine` below.
    "uv": """
        [ "$1" = --version ] && { echo "uv ${FAKE_UV:-0.99.1} (somewhere)"; exit; }
        echo "uv $*" >>"$CALLS"
        [ -z "${FAKE_UV_FAILS:-}" ] || { echo "no registry today" >&2; exit 2; }
        mkdir -p .venv/bin; cp "$FAKES/machine" .venv/bin/python
    """,
    # Stands for `python -m kolkit.machine`.
    "machine": """
        [ -n "${FAKE_LACKS:-}" ] && [ ! -e "$CALLS.installed" ] || exit 0
        echo "$FAKE_LACKS"; echo "No browser: get one." >&2; exit 1
    """,
    # `python3 -m venv --clear DIR`: an environment whose pip brings a new uv.
    "python3": """
        [ "$1" = -m ] || { [ -z "${FAKE_BARE:-}" ]; exit; }
        echo "python3 $*" >>"$CALLS"
        mkdir -p "$4/bin"; cp "$FAKES/pip" "$4/bin/python"
    """,
    "pip": """
        echo "pip $5" >>"$CALLS"
        # The one it brings is new, whatever FAKE_UV says of the one on PATH.
        sed 's/FAKE_UV:-/NOTHING:-/' "$FAKES/uv" >"${0%/*}/uv"; chmod +x "${0%/*}/uv"
    """,
    "apt-get": """
        echo "apt-get $*" >>"$CALLS"
        [ -z "${FAKE_APT_FAILS:-}" ] || { echo "E: no network" >&2; exit 100; }
        case "$*" in *install*) touch "$CALLS.installed" ;; esac
    """,
    "id": 'echo "${FAKE_USER:-0}"',
    "sudo": """
        [ -n "${FAKE_SUDO:-}" ] || exit 1
        shift; echo "sudo $1" >>"$CALLS"; exec "$@"
    """,
}
NEEDED = "bash sh env cat sed sort head tail find touch mkdir rm cp chmod dirname printf true"


class Machine:
    """A checkout on a machine that has the commands of `FAKES` and little else."""

    def __init__(self, folder: Path):
        self.checkout = folder / "checkout"
        self.bin, self.fakes = folder / "bin", folder / "fakes"
        self.calls_file = folder / "calls"
        for place in (self.bin, self.fakes, self.checkout / "tools", self.checkout / "share"):
            place.mkdir(parents=True)
        for name in ("tools/setup.sh", "pyproject.toml", "uv.lock"):
            shutil.copy(ROOT / name, self.checkout / name)
        (self.checkout / "share" / "page.html").write_text("<p>")
        for name in NEEDED.split():
            os.symlink(shutil.which(name) or f"/bin/{name}", self.bin / name)
        for name, body in FAKES.items():
            (self.fakes / name).write_text(f"#!/bin/sh\n{body}\n")
            (self.fakes / name).chmod(0o755)
            if name not in ("machine", "pip"):
                os.symlink(self.fakes / name, self.bin / name)

    def setup(self, *arguments: str, **pretend: str) -> subprocess.CompletedProcess[str]:
        self.calls_file.unlink(missing_ok=True)
        places = {"PATH": str(self.bin), "FAKES": str(self.fakes), "CALLS": str(self.calls_file)}
        return subprocess.run(
            ["bash", str(self.checkout / "tools" / "setup.sh"), *arguments],
            env=places | pretend,
            capture_output=True,
            text=True,
        )

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []


SYNC = "uv sync --frozen --reinstall-package kolkit"


@pytest.fixture
def clean(tmp_path) -> Machine:
    return Machine(tmp_path)


def test_setup_syncs_the_frozen_lock_once_and_then_says_nothing(clean):
    first = clean.setup()
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines() == ["setup: installing packages from uv.lock"]
    assert clean.calls == [SYNC]
    again = clean.setup()
    assert (again.stdout, again.stderr, clean.calls) == ("", "", [])


@pytest.mark.parametrize("changed", ["uv.lock", "pyproject.toml", "share/page.html"])
def test_setup_syncs_again_when_what_is_installed_changed(clean, changed):
    clean.setup()
    stamp = (clean.checkout / ".venv" / ".kolkit-ready").stat().st_mtime
    os.utime(clean.checkout / changed, (stamp + 5, stamp + 5))
    clean.setup()
    assert clean.calls == [SYNC]


def test_setup_makes_a_new_environment_in_a_checkout_that_was_moved(clean):
    clean.setup()
    (clean.checkout / ".venv" / "old").touch()
    clean.checkout = clean.checkout.rename(clean.checkout.with_name("elsewhere"))
    assert clean.setup().returncode == 0
    assert clean.calls == [SYNC]
    assert not (clean.checkout / ".venv" / "old").exists()


def test_failed_sync_shows_why_and_is_tried_again(clean):
    failed = clean.setup(FAKE_UV_FAILS="yes")
    assert failed.returncode == 1
    assert "no registry today" in failed.stderr
    assert "packages could not be installed" in failed.stderr
    assert clean.setup().returncode == 0
    assert clean.calls == [SYNC]


@pytest.mark.parametrize("found", ["none", "0.8.24"])
def test_without_a_new_enough_uv_one_is_installed_in_the_checkout(clean, found):
    fakes = {"FAKE_UV": found}
    if found == "none":
        (clean.bin / "uv").unlink()
    result = clean.setup(**fakes)
    assert result.returncode == 0, result.stderr
    assert "python3 -m venv --clear .tools/uv" in clean.calls
    assert clean.calls[-2:] == ["pip uv>=0.9", SYNC]
    (clean.checkout / "uv.lock").touch()
    clean.setup(**fakes)
    assert clean.calls == [SYNC], "the uv of the checkout is used again"


def test_debians_python_without_ensurepip_is_completed_first(clean):
    result = clean.setup(FAKE_UV="0.8.0", FAKE_BARE="yes")
    assert result.returncode == 0, result.stderr
    update, install, venv = clean.calls[:3]
    assert update.endswith(" update")
    assert install.endswith(" install --no-install-recommends python3-venv")
    assert venv.startswith("python3 -m venv")


@pytest.mark.parametrize("version", ["0.9.0", "0.10.2", "1.0"])
def test_new_enough_uv_is_used_as_it_is(clean, version):
    assert clean.setup(FAKE_UV=version).returncode == 0
    assert clean.calls == [SYNC]


def test_root_gets_what_is_missing_from_apt(clean):
    result = clean.setup("--need-browser", FAKE_LACKS="chromium fonts-noto-cjk")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "setup: installing chromium fonts-noto-cjk"
    update, install = clean.calls[-2:]
    assert update.endswith(" update")
    assert install.endswith(" install --no-install-recommends chromium fonts-noto-cjk")


def test_passwordless_sudo_serves_as_well(clean):
    result = clean.setup(FAKE_LACKS="chromium", FAKE_USER="1000", FAKE_SUDO="yes")
    assert result.returncode == 0
    assert any(call.startswith("apt-get") and "chromium" in call for call in clean.calls)
    assert "sudo env" in clean.calls


def test_without_rights_setup_says_how_and_goes_on_but_testing_stops(clean):
    plain = clean.setup(FAKE_LACKS="chromium", FAKE_USER="1000")
    assert plain.returncode == 0
    assert "setup: No browser: get one." in plain.stdout
    assert "HTML and XLSX work" in plain.stdout
    strict = clean.setup("--need-browser", FAKE_LACKS="chromium", FAKE_USER="1000")
    assert strict.returncode == 1
    assert strict.stderr == "setup: No browser: get one.\n"
    assert not any(call.startswith("apt-get") for call in clean.calls)


def test_apt_that_fails_shows_why_and_setup_goes_on(clean):
    result = clean.setup(FAKE_LACKS="chromium", FAKE_APT_FAILS="yes")
    assert result.returncode == 0
    assert "E: no network" in result.stderr
    assert "apt-get could not install chromium" in result.stdout
    assert "HTML and XLSX work" in result.stdout


# --- nothing from elsewhere ---------------------------------------------------------------------


def test_no_shipped_file_names_a_content_delivery_network():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "kolkit", "share", "workbooks", "reports/template"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    assert "kolkit/errors.py" in names
    bundle = re.compile(r"share/.*plotly[^/]*\.js")
    networks = re.compile(rb"cdn\.jsdelivr|unpkg\.com|cdnjs|googleapis", re.IGNORECASE)
    guilty = [
        name
        for name in names
        if not bundle.fullmatch(name) and networks.search((ROOT / name).read_bytes())
    ]
    assert guilty == []
