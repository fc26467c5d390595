#!/usr/bin/env bash
# Changes the delivery's rules one place at a time (cargo-mutants) and prints each change that no test of the delivery notices.
# It takes from minutes to hours, and is no part of scripts/test.sh.
#
# Usage: scripts/mutants.sh [ROOM ...]      the rooms of talent-events/src/delivery: verdict throttle backoff queue ledger
set -euo pipefail
cd "$(dirname "$0")/.."
version=27.1.0
[ $# -gt 0 ] || set -- verdict throttle backoff queue ledger

files=()
for room in "$@"; do
  found=0
  for file in "talent-events/src/delivery/$room.rs" "talent-events/src/delivery/$room"/*.rs; do
    if [ -f "$file" ]; then
      files+=(--file "$file")
      found=1
    fi
  done
  [ "$found" = 1 ] || { echo "there is no room '$room' in talent-events/src/delivery: has it been renamed?" >&2; exit 2; }
done

tools="${CARGO_TARGET_DIR:-target}/tools"
mutants="$tools/bin/cargo-mutants"
if [ "$("$mutants" --version 2>/dev/null)" != "cargo-mutants $version" ]; then
  cargo install --locked --quiet --root "$tools" --version "$version" cargo-mutants
fi

# Its own exit code says whether any survived, too: they are printed first.
out="${CARGO_TARGET_DIR:-target}"
status=0
"$mutants" mutants --package talent-events "${files[@]}" --output "$out" --colors never --no-times \
  -- --locked --lib delivery:: || status=$?
survivors="$out/mutants.out/missed.txt"
if [ -s "$survivors" ]; then
  echo "changes that no test notices:"
  cat "$survivors"
fi
exit "$status"
