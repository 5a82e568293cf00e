#!/usr/bin/env bash
# Makes .venv from uv.lock and looks for what printing a PDF needs. Called by every make target;
# does nothing, quickly, when nothing changed. One line per stage, details only on failure.
#
#   tools/setup.sh                  a missing browser or font is said, and set-up goes on
#   tools/setup.sh --need-browser   a missing browser or font is a failure
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

root=$PWD
tools=.tools
log=$tools/setup.log
stamp=.venv/.kolkit-ready
mkdir -p "$tools"

export UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=.venv
unset PYTHONDONTWRITEBYTECODE VIRTUAL_ENV

say() { printf 'setup: %s\n' "$*"; }
fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}
# Runs a command with its output in the log; shows the log's end if it fails.
quietly() {
  "$@" >"$log" 2>&1 || {
    tail -n 25 "$log" >&2
    return 1
  }
}

as_root() { if [ "$(id -u)" = 0 ]; then env "$@"; else sudo -n env "$@"; fi; }
can_apt() {
  command -v apt-get >/dev/null 2>&1 || return 1
  [ "$(id -u)" = 0 ] || sudo -n true >/dev/null 2>&1
}
apt_install() {
  # A machine that updates itself at boot holds the lock for a while: wait for it.
  local apt=(DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300)
  quietly as_root "${apt[@]}" update && quietly as_root "${apt[@]}" install --no-install-recommends "$@"
}

# --- uv: the one on PATH if new enough, else our own --------------------------------------------
floor=$(sed -n 's/^required-version = ">=\([0-9.]*\)".*/\1/p' pyproject.toml)
new_enough() {
  local version
  version=$("$1" --version 2>/dev/null | sed -n 's/^uv \([0-9.]*\).*/\1/p') || return 1
  [ -n "$version" ] && [ "$(printf '%s\n' "$floor" "$version" | sort -V | head -n 1)" = "$floor" ]
}
make_own_uv() {
  python3 -m venv --clear "$tools/uv" && "$tools/uv/bin/python" -m pip install -q "uv>=$floor"
}
get_uv() {
  uv=uv
  new_enough "$uv" && return
  uv=$root/$tools/uv/bin/uv
  new_enough "$uv" && return
  say "installing uv into $tools"
  command -v python3 >/dev/null 2>&1 || fail "python3 not found: install Python 3.11 or newer"
  if ! python3 -c 'import ensurepip' 2>/dev/null && can_apt; then
    # Debian ships Python without the part that makes environments.
    apt_install python3-venv || fail "could not install python3-venv"
  fi
  quietly make_own_uv ||
    fail "could not install uv: install it by hand (https://docs.astral.sh/uv), then try again"
}

# --- packages: exactly the lock, never rewriting it ---------------------------------------------
# The stamp names the folder, since an environment that was moved or copied does not run. share/
# is installed as a copy, so an edit there needs a new install too.
ready() {
  [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$root" ] &&
    [ -z "$(find uv.lock pyproject.toml share -newer "$stamp" 2>/dev/null)" ]
}
if ! ready; then
  get_uv
  say "installing packages from uv.lock"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" != "$root" ]; then
    rm -rf .venv
  fi
  # The time of the stamp is that of the start: an edit made meanwhile is picked up next time.
  touch "$tools/started"
  quietly "$uv" sync --frozen --reinstall-package kolkit ||
    fail "packages could not be installed (is a package registry reachable?)"
  printf '%s\n' "$root" >"$stamp"
  touch -r "$tools/started" "$stamp"
fi

# --- browser and font, for PDF ------------------------------------------------------------------
lacks() { .venv/bin/python -m kolkit.machine 2>/dev/null || true; }
packages=$(lacks)
if [ -n "$packages" ] && can_apt; then
  say "installing $packages"
  # shellcheck disable=SC2086  # a list of package names, to be split
  apt_install $packages || say "apt-get could not install $packages"
fi
if ! sentences=$(.venv/bin/python -m kolkit.machine 2>&1 >/dev/null); then
  [ "${1:-}" != --need-browser ] || fail "$sentences"
  say "$sentences"
  say "going on without: HTML and XLSX work, PDF needs the above"
fi
