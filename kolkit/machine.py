"""What this machine offers: a browser, Chinese glyphs, memory, the right packages.

Looks only at the standard library's view of the machine, so that the command line can import it
without waiting for a kernel's worth of packages. Memory is in MB (2**20 bytes).

- `find_browser`, `require_browser`, `browser_flags`: the Chromium-family browser that prints PDFs.
- `has_cjk_font`, `require_cjk_font`: without such a font a PDF shows boxes for Chinese text.
- `free_memory_mb`, `fits_sessions`: how many people can have a live dashboard at once.
- `checks`: everything above and the installed packages, one line each, for `kolkit doctor`.
- `python -m kolkit.machine`: what set-up asks; prints the Debian packages that are missing.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from kolkit.errors import EnvironmentFault

BROWSER_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
)
BROWSER_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The largest RSS of five sessions behind `kolkit serve`, one per workbook, their sliders moved for
# 40 seconds in a browser: 116 to 140 MB, 82 to 105 of it unshared. Whoever sends or takes away a
# table loads pandas, some 60 MB more.
SESSION_MB = 140
"""Resident memory of one live dashboard's kernel, in MB."""

BROWSER_HELP = (
    "install one (Debian: apt-get install chromium; Fedora: dnf install chromium; macOS or "
    "Windows: Chrome or Edge; without administrator rights: .venv/bin/playwright install "
    "chromium) or name it in KOLKIT_BROWSER"
)
FONT_HELP = (
    "install one (Debian: apt-get install fontconfig fonts-noto-cjk; Fedora: dnf install "
    "google-noto-sans-cjk-fonts; without administrator rights: copy a Noto Sans SC file to "
    "~/.local/share/fonts and run fc-cache)"
)
ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = {
    "voila template": Path("voila/templates/kolkit"),
    "nbconvert template": Path("nbconvert/templates/kolkit"),
}
_PROC_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Check:
    """One line of `kolkit doctor`: what was looked at, whether it is well, and what to do if not.

    `repair` is empty when `ok`.
    """

    name: str
    ok: bool
    detail: str
    repair: str = ""


# --- browser ------------------------------------------------------------------------------------


def find_browser() -> Path | None:
    """The Chromium-family browser to print with, or None.

    KOLKIT_BROWSER (a path or a name on PATH), when set, is the only place looked at: a typing
    mistake there must not print with some other browser. Otherwise PATH, then the usual folders
    of macOS and Windows, then a browser that Playwright downloaded for this user.
    """
    wanted = os.environ.get("KOLKIT_BROWSER", "").strip()
    if wanted:
        named = shutil.which(Path(wanted).expanduser())
        return Path(named) if named else None
    for name in BROWSER_NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return next((path for path in _usual_places() if path.is_file()), None)


def require_browser() -> Path:
    """The browser's path; raises `EnvironmentFault` with one sentence on how to get one."""
    browser = find_browser()
    if browser is None:
        raise EnvironmentFault(_browser_missing())
    return browser


def browser_flags() -> tuple[str, ...]:
    """`BROWSER_FLAGS`, and `--no-sandbox` for root only: Chromium refuses to start there else."""
    geteuid = getattr(os, "geteuid", None)
    as_root = geteuid is not None and geteuid() == 0
    return (*BROWSER_FLAGS, "--no-sandbox") if as_root else BROWSER_FLAGS


def browser_version(browser: Path) -> str | None:
    """What the browser calls itself, or None if it does not start. Not for Windows."""
    try:
        answer = subprocess.run(
            [browser, "--version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None


def _usual_places() -> Iterator[Path]:
    home = Path.home()
    if sys.platform == "darwin":
        apps = ("Google Chrome", "Chromium", "Microsoft Edge")
        for folder in (Path("/Applications"), home / "Applications"):
            yield from (folder / f"{app}.app" / "Contents" / "MacOS" / app for app in apps)
        downloads = home / "Library" / "Caches" / "ms-playwright"
        pattern = "chromium-*/chrome-mac*/*.app/Contents/MacOS/*"
    elif sys.platform == "win32":
        programs = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
        local = os.environ.get("LOCALAPPDATA", str(home / "AppData" / "Local"))
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)"):
            if folder_name := os.environ.get(variable):
                yield from (Path(folder_name) / program for program in programs)
        yield from (Path(local) / program for program in programs)
        downloads = Path(local) / "ms-playwright"
        pattern = "chromium-*/chrome-win*/chrome.exe"
    else:
        yield Path("/snap/bin/chromium")
        downloads = home / ".cache" / "ms-playwright"
        pattern = "chromium-*/chrome-linux*/chrome"
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or downloads)
    yield from sorted(downloads.glob(pattern), reverse=True)


def _browser_missing() -> str:
    wanted = os.environ.get("KOLKIT_BROWSER", "").strip()
    if wanted:
        return (
            f"KOLKIT_BROWSER must name a browser that can be run; got {wanted!r}. "
            "Correct it, or unset it to look in the usual places."
        )
    return f"No Chromium-family browser found, so no PDF can be printed: {BROWSER_HELP}."


# --- font ---------------------------------------------------------------------------------------


def has_cjk_font() -> bool:
    """Whether Chinese text has glyphs here. macOS and Windows ship them; elsewhere fc-list says."""
    if sys.platform in ("darwin", "win32"):
        return True
    try:
        answer = subprocess.run(
            ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return bool(answer.stdout.strip())


def require_cjk_font() -> None:
    """Raises `EnvironmentFault` with one sentence on how to get a font that has Chinese glyphs."""
    if not has_cjk_font():
        raise EnvironmentFault(_font_missing())


def _font_missing() -> str:
    return f"No font with Chinese glyphs found, so Chinese text would print as boxes: {FONT_HELP}."


# --- memory -------------------------------------------------------------------------------------


def free_memory_mb() -> int:
    """Memory that new processes can take without swapping, in MB; a container's limit counts."""
    if not _PROC_MEMINFO.exists():
        # ipykernel brings psutil along; /proc answers without it where there is one.
        import psutil  # type: ignore[import-untyped]

        return int(psutil.virtual_memory().available) // 2**20
    free = int(re.findall(r"MemAvailable:\s+(\d+)", _PROC_MEMINFO.read_text())[0]) // 1024
    limit = _read(_CGROUP / "memory.max")
    if not limit.isdigit():
        return free
    # Cached file pages count as used in a container, but the kernel gives them back on demand.
    cached = re.findall(r"^inactive_file (\d+)", _read(_CGROUP / "memory.stat"), re.MULTILINE)
    used = int(_read(_CGROUP / "memory.current") or 0) - int(cached[0] if cached else 0)
    return min(free, max(0, int(limit) - used) // 2**20)


def fits_sessions(free_mb: int | None = None) -> int:
    """How many live dashboards fit into `free_mb` (MB; None: what is free now).

    >>> fits_sessions(4_300)
    30
    """
    return max(0, free_memory_mb() if free_mb is None else free_mb) // SESSION_MB


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


# --- doctor -------------------------------------------------------------------------------------


def checks(output: Path = Path("reports/out")) -> list[Check]:
    """All checks, in the order in which a person would repair them. `output`: report folder."""
    return [
        _check_python(),
        _check_packages(),
        _check_browser(),
        _check_font(),
        *_check_templates(),
        _check_output(output),
        _check_memory(),
    ]


def _check_python() -> Check:
    ok = sys.version_info >= (3, 11)
    repair = "" if ok else "Use Python 3.11 or newer; `make setup` finds one."
    return Check("python", ok, f"{sys.version.split()[0]} at {sys.executable}", repair)


def _check_packages() -> Check:
    """Every package kolkit asks for, against the floor it declares (known incidents lie below)."""
    try:
        wanted = metadata.requires("kolkit") or []
    except metadata.PackageNotFoundError:
        repair = "Run `make setup`, or `pip install -e .` in the checkout."
        return Check("packages", False, "kolkit itself is not installed", repair)
    floors = {found[1]: found[2] for line in wanted if (found := _FLOOR.match(line))}
    versions = {name: _version(name) for name in floors}
    low = [
        f"{name} {versions[name] or 'missing'} (needs {floor})"
        for name, floor in floors.items()
        if not at_least(versions[name], floor)
    ]
    if low:
        return Check("packages", False, "; ".join(low), "Run `make setup`, or upgrade these.")
    told = ", ".join(f"{name} {versions[name]}" for name in _EXPOSED if name in versions)
    return Check("packages", True, f"{len(floors)} at or above their floors ({told})")


_FLOOR = re.compile(r"^([\w.-]+)>=([\d.]+)$")
_EXPOSED = ("voila", "jupyter-server", "nbconvert")
"""Packages that face a network or a client's file: their versions are worth reading aloud."""


def at_least(version: str | None, floor: str) -> bool:
    """Whether `version` reaches `floor`, comparing leading numbers; a missing version does not.

    >>> at_least("7.17.2", "7.17.1"), at_least("7.9", "7.17.1"), at_least("8.0.0rc1", "8")
    (True, False, True)
    """
    if version is None:
        return False
    have, need = ([int(part) for part in re.findall(r"\d+", text)] for text in (version, floor))
    width = len(need)
    return (have + [0] * width)[:width] >= need


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _check_browser() -> Check:
    browser = find_browser()
    if browser is None:
        return Check("browser", False, "none found", _browser_missing())
    if sys.platform == "win32":  # asking for the version there opens a window
        return Check("browser", True, str(browser))
    version = browser_version(browser)
    if version is None:
        repair = f"{browser} does not start: {BROWSER_HELP}."
        return Check("browser", False, f"{browser} does not start", repair)
    return Check("browser", True, f"{version} at {browser}")


def _check_font() -> Check:
    if has_cjk_font():
        return Check("chinese font", True, "found")
    return Check("chinese font", False, "none found", _font_missing())


def _check_templates() -> list[Check]:
    from jupyter_core.paths import jupyter_path

    found = []
    for name, relative in TEMPLATES.items():
        installed = next((p for p in map(Path, jupyter_path(*relative.parts)) if p.is_dir()), None)
        found.append(_check_template(name, installed, ROOT / "share" / "jupyter" / relative))
    return found


def _check_template(name: str, installed: Path | None, source: Path) -> Check:
    """The copy that Jupyter finds; in a checkout it must equal `source`, or edits do nothing."""
    if installed is None:
        repair = "Install kolkit again: `make setup` in a checkout, else `pip install`."
        return Check(name, False, "not on the Jupyter path", repair)
    if source.is_dir():
        differing = differing_files(source, installed)
        if differing:
            shown = ", ".join(differing[:3]) + (" ..." if len(differing) > 3 else "")
            repair = "Run `make setup` to install the checkout's copy."
            if not installed.is_relative_to(sys.prefix):
                repair = f"{installed} hides the environment's own copy: remove or rename it."
            return Check(name, False, f"{installed} differs from the checkout: {shown}", repair)
    return Check(name, True, str(installed))


def differing_files(source: Path, installed: Path) -> list[str]:
    """Relative names of files that only one of two folders has, or whose bytes differ; sorted."""
    left, right = _files(source), _files(installed)
    same = {n for n in left.keys() & right.keys() if left[n].read_bytes() == right[n].read_bytes()}
    return sorted((left.keys() | right.keys()) - same)


def _files(folder: Path) -> dict[str, Path]:
    return {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}


def _check_output(folder: Path) -> Check:
    """Whether reports can be written: tried on the folder, or on the parent that would hold it."""
    target = folder.absolute()
    place = next(p for p in (target, *target.parents) if p.exists())
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        repair = f"Make {place} writable, or start kolkit in a folder that is."
        return Check("output folder", False, f"{place}: {error.strerror or error}", repair)
    free_gb = shutil.disk_usage(place).free / 2**30
    return Check("output folder", True, f"{target}, {free_gb:.1f} GB free")


def _check_memory() -> Check:
    free = free_memory_mb()
    count = fits_sessions(free)
    detail = f"{free} MB free, room for {count} live dashboards at {SESSION_MB} MB each"
    return Check("memory", count > 0, detail, "" if count else "Close other programs.")


def missing_parts() -> tuple[list[str], list[str]]:
    """Debian packages that would supply what printing lacks, and a sentence on each lack.

    A browser named in KOLKIT_BROWSER that cannot be run is a typing mistake that no package
    repairs: it has a sentence and no package.
    """
    packages, sentences = [], []
    if find_browser() is None:
        sentences.append(_browser_missing())
        if not os.environ.get("KOLKIT_BROWSER", "").strip():
            packages.append("chromium")
    if not has_cjk_font():
        sentences.append(_font_missing())
        packages += ["fontconfig", "fonts-noto-cjk"]
    return packages, sentences


def main() -> int:
    """Packages to standard output, sentences to standard error; 1 if anything is missing."""
    packages, sentences = missing_parts()
    print(*packages)
    print(*sentences, sep="\n", end="\n" if sentences else "", file=sys.stderr)
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
