# Prepares, configures and builds one CMake preset. Needs common.sh and packages.sh.
# shellcheck shell=bash

# prepare_build PACKAGE...: installs missing system packages and LibTorch.
prepare_build() {
  has_command python3 || has_command apt-get || fail "python3 is missing: install it and run again"
  mkdir -p "$cache_dir"
  install_packages "$@"
  if [ -n "${LIBTORCH_ROOT:-}" ]; then
    say "using LibTorch in $LIBTORCH_ROOT (LIBTORCH_ROOT)"
  else
    libtorch=$("$repo_root/scripts/fetch_libtorch") || exit
  fi
}

# Prints the build folder of a preset.
build_folder() {
  case "$1" in
    default) printf '%s\n' "$repo_root/build/release" ;;
    *) printf '%s\n' "$repo_root/build/$1" ;;
  esac
}

# build_preset PRESET [TARGET]: configures and builds.
build_preset() {
  local folder log target=${2:-all}
  folder=$(build_folder "$1")
  log=$folder/configure.log
  mkdir -p "$folder"
  if ! (cd "$repo_root" &&
    cmake --preset "$1" "-DLIBTORCH_ROOT=${LIBTORCH_ROOT:-${libtorch:-}}" >"$log" 2>&1); then
    cat "$log" >&2
    fail "cmake could not configure; the reason is above (whole log: $log)"
  fi
  cmake --build "$folder" --target "$target" >&2 || fail "the build failed; the compiler's words are above"
}
