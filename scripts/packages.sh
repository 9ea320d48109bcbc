# Sourced by run and test: sees to it that what the build needs is there.
# On Debian and Ubuntu it installs what is missing; elsewhere it says what to install.

build_packages=(g++ cmake ninja-build nlohmann-json3-dev libasio-dev libcli11-dev libedit-dev libsimdjson-dev
                libcpp-httplib-dev)
test_packages=(libgtest-dev libgmock-dev help2man dpkg-dev)

# need PACKAGE...: installs those that are missing.
need() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    command -v cmake >/dev/null && return  # CMake names what it does not find
    echo "paxbank needs a C++20 compiler, CMake 3.25, Ninja, nlohmann/json 3.11, standalone Asio 1.22," >&2
    echo "CLI11 2.1, simdjson 3.0, cpp-httplib 0.11 and libedit (for the tests: GoogleTest). Install them, or use vcpkg.json." >&2
    exit 2
  fi
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "paxbank needs these packages: apt-get install ${missing[*]}" >&2
      exit 2
    fi
    as_root=(sudo)
  fi
  quietly "reading the list of packages" "${as_root[@]}" apt-get update -qq
  quietly "installing ${missing[*]}" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
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
