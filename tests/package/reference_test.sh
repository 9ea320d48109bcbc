#!/usr/bin/env bash
# docs/reference.md names every option of every command, and every command of the prompt:
# reference_test.sh PROGRAM REFERENCE
set -euo pipefail
program=$1
reference=$2
missing=0
for command in "" sim view bench data; do
  # shellcheck disable=SC2086  # no command is no argument
  for option in $("$program" $command --help | grep -oE '^ +(-[a-z],)?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
    case $option in --help | --version) continue ;; esac
    grep -qF -- "$option" "$reference" || { echo "$command $option is not in $reference"; missing=1; }
  done
done
for word in $("$program" --base-port 0 --format jsonl <<<help | grep -oE '"command":"[a-z]+' | cut -d'"' -f4); do
  grep -qE "\`$word( |\`)" "$reference" || { echo "the command $word is not in $reference"; missing=1; }
done
exit $missing
