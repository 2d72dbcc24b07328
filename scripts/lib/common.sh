# Shared by the scripts: messages, folders, checks. Meant to be sourced; it runs nothing.
# shellcheck shell=bash

repo_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
script_name=$(basename "$0")
# Cache of downloads and unpacked libraries; safe to delete at any time.
cache_dir=${XDG_CACHE_HOME:-$HOME/.cache}/styletransfer

say() { printf '%s: %s\n' "$script_name" "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

usage_error() {
  say "$* (see $script_name --help)"
  exit 2
}

# The comment at the head of a script is its help text.
print_help() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

has_command() { command -v "$1" >/dev/null 2>&1; }

sha256_of() { python3 -c 'import hashlib, sys
with open(sys.argv[1], "rb") as file:
    print(hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest")
          else hashlib.sha256(file.read()).hexdigest())' "$1"; }

# Runs a command and prints its duration: run_timed "what" command...
run_timed() {
  local what=$1 begin=$SECONDS
  shift
  say "$what"
  "$@" || return
  say "$what: done in $((SECONDS - begin)) s"
}
