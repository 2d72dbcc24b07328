# The system packages that a build needs, and how to get them. Debian and Ubuntu only; elsewhere the
# list is printed for a person to translate.
# shellcheck shell=bash

build_packages=(
  ca-certificates ccache cmake g++ git ninja-build pkg-config python3 python3-pip
  libcli11-dev libspdlog-dev nlohmann-json3-dev libssl-dev libgtest-dev
  libopencv-core-dev libopencv-imgproc-dev
  libexiv2-dev libgif-dev libheif-dev libjpeg-dev liblcms2-dev libpng-dev libtiff-dev libwebp-dev
)
# libomp: clang-tidy reads omp.h through LibTorch's headers.
check_packages=(clang-format-14 clang-tidy-14 libomp-14-dev shellcheck)
fuzz_packages=(clang libclang-rt-14-dev)

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null |
      grep -qx installed || printf '%s\n' "$package"
  done
}

# install_packages NAME...: installs what is missing, as root or through sudo.
install_packages() {
  local missing as_root=()
  if ! has_command dpkg-query || ! has_command apt-get; then
    say "this is not Debian or Ubuntu: these packages, by their Debian names, must be there: $*"
    return 0
  fi
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    has_command sudo || fail "missing packages and no sudo; as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing with apt-get: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq >&2 || say "apt-get update failed; going on with the lists at hand"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet --no-install-recommends "${missing[@]}" >"$cache_dir/apt.log" 2>&1 || {
    tail -n 5 "$cache_dir/apt.log" >&2
    fail "apt-get could not install: ${missing[*]} (whole log: $cache_dir/apt.log)"
  }
}
