# Downloads Python wheels as plain archives: pip fetches and checks them, nothing is installed.
# shellcheck shell=bash

wheels_dir=$cache_dir/wheels

# Sets `pip_command`. pip may be missing altogether; a virtual environment then brings its own.
find_pip() {
  if python3 -m pip --version >/dev/null 2>&1; then
    pip_command=(python3 -m pip)
    return
  fi
  if [ ! -x "$cache_dir/venv/bin/pip" ]; then
    say "python3 has no pip: making a private one in $cache_dir/venv"
    python3 -m venv "$cache_dir/venv" >&2 ||
      fail "no pip and no venv module: install python3-pip (Debian, Ubuntu: apt install python3-pip)"
  fi
  pip_command=("$cache_dir/venv/bin/pip")
}

# One --platform flag per glibc version of the pinned wheels; pip does not infer them.
platform_flags() {
  local machine glibc
  machine=$(uname -m)
  for glibc in 28 27 26 25 24 23 22 21 20 19 18 17; do
    printf -- '--platform\nmanylinux_2_%s_%s\n' "$glibc" "$machine"
  done
  printf -- '--platform\nmanylinux2014_%s\n' "$machine"
}

# fetch_wheels PINS: every wheel of a pins file into $wheels_dir, each checked against its hash.
# The interpreter's own version is of no matter: cp311 wheels are asked for whatever runs pip.
# A wheel that is there already costs no network.
fetch_wheels() {
  local pins=$1 common
  find_pip
  mkdir -p "$wheels_dir"
  mapfile -t common < <(platform_flags)
  common+=(--quiet --disable-pip-version-check --no-cache-dir --no-deps --require-hashes
    --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 --abi abi3 --abi none
    --dest "$wheels_dir" --find-links "$wheels_dir" -r "$pins")
  # Two tries: what is there already (no index), then the index.
  "${pip_command[@]}" download --no-index "${common[@]}" >/dev/null 2>&1 && return
  "${pip_command[@]}" download "${common[@]}" >&2
}

# wheel_path NAME VERSION: the file that fetch_wheels left for it.
wheel_path() {
  local found
  found=$(find "$wheels_dir" -maxdepth 1 -name "${1//-/_}-$2-*.whl" | grep -E "(-any|$(uname -m))\.whl$" | head -n 1)
  [ -n "$found" ] && printf '%s\n' "$found"
}

# pinned PINS: "name version" of each line of a pins file.
pinned() { sed -n 's/^\([a-z0-9-]*\)==\([0-9.]*\).*/\1 \2/p' "$1"; }
