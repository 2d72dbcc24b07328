# The system packages that a build needs, and their installation. Debian and Ubuntu only; elsewhere the
# list is printed.
# shellcheck shell=bash

build_packages=(
  ca-certificates ccache cmake g++ git ninja-build pkg-config python3 python3-pip
  libcli11-dev libspdlog-dev nlohmann-json3-dev libtomlplusplus-dev libssl-dev libgtest-dev
  libopencv-core-dev libopencv-imgproc-dev
  libdeflate-dev libseccomp-dev libzip-dev
  libexiv2-dev libgif-dev libheif-dev libjpeg-dev liblcms2-dev libpng-dev libtiff-dev libwebp-dev
)
# A|- is left out where apt does not have A: newer systems than Debian 12 and Ubuntu 22.04 have other
# versions of LLVM only. scripts/check says then which of its checks it leaves out.
# libomp: clang-tidy reads omp.h through LibTorch's headers.
check_packages=('clang-format-14|-' 'clang-tidy-14|-' 'libomp-14-dev|-' shellcheck)
# For the test of scripts/slurm-array.
cluster_packages=(slurm-wlm munge)
# For the tests of the report's page, of the completions and of the manual page.
page_packages=('chromium|chromium-browser' fonts-dejavu-core fish zsh man-db mandoc)
# The sanitizers' run-time for clang: a package of its own from clang 14 on; on Ubuntu 22.04 it is a
# part of clang's common files.
fuzz_packages=(clang 'libclang-rt-dev|libclang-rt-14-dev|libclang-common-14-dev')

is_installed() {
  dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# missing_packages NAME...: prints those not installed. A|B counts as installed when either one is.
missing_packages() {
  local wanted name names
  for wanted in "$@"; do
    IFS='|' read -ra names <<<"$wanted"
    for name in "${names[@]}"; do
      is_installed "$name" && continue 2
    done
    printf '%s\n' "$wanted"
  done
}

apt_has() { [ -n "$(apt-cache policy "$1" 2>/dev/null | sed -n '/Candidate: [^(]/p')" ]; }

# offered_packages NAME...: of each A|B the first that apt knows; the first where it knows none, so
# that apt says so. Of A|-, nothing then.
offered_packages() {
  local wanted name names offered
  for wanted in "$@"; do
    IFS='|' read -ra names <<<"$wanted"
    offered=${names[0]}
    for name in "${names[@]}"; do
      if [ "$name" = - ] || apt_has "$name"; then
        offered=$name
        break
      fi
    done
    if [ "$offered" = - ]; then
      say "apt has no ${names[0]}; going on without it"
    else
      printf '%s\n' "$offered"
    fi
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
    if ! has_command sudo; then
      mapfile -t missing < <(offered_packages "${missing[@]}")
      [ "${#missing[@]}" -eq 0 ] && return 0
      fail "missing packages and no sudo; as root: apt-get install ${missing[*]}"
    fi
    as_root=(sudo)
  fi
  say "installing with apt-get: ${missing[*]//|-/}"
  "${as_root[@]}" apt-get update -qq >&2 || say "apt-get update failed; going on with the lists at hand"
  mapfile -t missing < <(offered_packages "${missing[@]}")
  [ "${#missing[@]}" -eq 0 ] && return 0
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet --no-install-recommends "${missing[@]}" >"$cache_dir/apt.log" 2>&1 || {
    tail -n 5 "$cache_dir/apt.log" >&2
    fail "apt-get could not install: ${missing[*]} (whole log: $cache_dir/apt.log)"
  }
}
