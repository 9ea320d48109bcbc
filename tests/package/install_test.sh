#!/usr/bin/env bash
# What is installed, and what a package brings, is there and runs: install_test.sh BUILD_DIRECTORY
set -euo pipefail
build=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

check() {  # check PREFIX: what lies under it is whole
  local prefix=$1 file
  for file in bin/paxbank share/paxbank/Testcases.csv share/doc/paxbank/LICENSE share/man/man1/paxbank.1 \
    share/zsh/site-functions/_paxbank; do
    [ -s "$prefix/$file" ] || { echo "$file is missing under $prefix" >&2; exit 1; }
  done
  # Sections of symbols are gone.
  ! readelf -S "$prefix/bin/paxbank" | grep -q '\.symtab'
  grep -q 'base.-port' "$prefix/share/man/man1/paxbank.1"
  "$prefix/bin/paxbank" sim --seed 1 >/dev/null
  PATH=$prefix/bin:$PATH bash -c '
    source "$1/share/bash-completion/completions/paxbank"
    COMP_WORDS=(paxbank sim --see); COMP_CWORD=2; _paxbank
    [ "${COMPREPLY[*]}" = "--seed --seeds" ] || { echo "completed: ${COMPREPLY[*]}" >&2; exit 1; }' - "$prefix"
}

cmake --install "$build" --prefix "$place/installed" >/dev/null
check "$place/installed"
(cd "$build" && cpack -G DEB -B "$place/packed" >/dev/null)
dpkg-deb -x "$place"/packed/*.deb "$place/unpacked"
check "$place/unpacked/usr"
echo "installed and packed: whole, and running"
