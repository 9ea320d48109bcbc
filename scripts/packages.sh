# Sourced by run and test: sees to it that what the build needs is there.
# On Debian and Ubuntu it installs what is missing; elsewhere it says what to install.

build_packages=(g++ cmake ninja-build nlohmann-json3-dev libasio-dev libcli11-dev libedit-dev libsimdjson-dev
  zlib1g-dev libcpp-httplib-dev librocksdb-dev)
test_packages=(libgtest-dev libgmock-dev help2man dpkg-dev)
# For the tests of the page; where they cannot be had, those tests are skipped.
page_packages=(nodejs chromium chromium-driver)

# need PACKAGE...: installs those that are missing.
need() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    command -v cmake >/dev/null && return  # CMake names what it does not find
    echo "paxbank needs a C++20 compiler, CMake 3.25, Ninja, nlohmann/json 3.11, standalone Asio 1.22," >&2
    echo "CLI11 2.1, simdjson 3.0, cpp-httplib 0.11, RocksDB 7.8, libedit and zlib (for the tests: GoogleTest). Install" >&2
    echo "them, or use vcpkg.json." >&2
    exit 2
  fi
  local missing=()
  mapfile -t missing < <(not_installed "$@")
  [ ${#missing[@]} -eq 0 ] && return
  as_root || {
    echo "paxbank needs these packages: apt-get install ${missing[*]}" >&2
    exit 2
  }
  quietly "reading the list of packages" "${as_root[@]}" apt-get update -qq
  quietly "installing ${missing[*]}" install_packages "${missing[@]}"
}

# want WHAT PACKAGE...: the same for what can be done without; says what is then left out.
want() {
  local what=$1 missing=()
  shift
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0
  mapfile -t missing < <(not_installed "$@")
  [ ${#missing[@]} -eq 0 ] && return
  echo "installing ${missing[*]} …" >&2
  if as_root; then "${as_root[@]}" apt-get update -qq >/dev/null 2>&1 || true; fi
  local package
  for package in "${missing[@]}"; do  # one by one: one that is not to be had is no reason against the others
    { as_root && install_packages "$package" >/dev/null 2>&1; } || echo "$package cannot be installed: $what" >&2
  done
}

not_installed() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# Sets as_root to what a command is put behind to be run as root. Fails if there is nothing.
as_root() {
  as_root=()
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null || return 1
  as_root=(sudo)
}

install_packages() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# build ARGUMENT...: cmake --build with these arguments. At a terminal one line counts the steps; what the
# build says is shown only if it fails.
build() {
  local output line
  output=$(mktemp)
  [ -t 2 ] || echo "building …" >&2
  if ! NINJA_STATUS='[%f/%t] ' cmake --build "$@" 2>&1 | tee "$output" |
    while IFS= read -r line; do
      if [ -t 2 ] && [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
        printf '\rbuilding: %s of %s ' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
      fi
    done; then
    cat "$output" >&2
    rm -f "$output"
    exit 2
  fi
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  rm -f "$output"
}

# quietly WHAT COMMAND...: shows the command's output only if it fails.
quietly() {
  local what=$1 output
  shift
  echo "$what …" >&2
  if ! output=$("$@" 2>&1); then
    printf '%s\n' "$output" >&2
    exit 2
  fi
}
