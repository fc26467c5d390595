#!/usr/bin/env bash
# Counts what the index of `cargo doc` shows of talent-events, by kind. --check fails above 20 traits: what users neither
# write nor call is hidden. Needs the output of `cargo doc --all-features --no-deps`.
set -euo pipefail
cd "$(dirname "$0")/.."
index=${CARGO_TARGET_DIR:-target}/doc/talent_events/all.html
items() { { grep -o "href=\"[^\"]*$1\\.[A-Za-z_]*\\.html\"" "$index" || true; } | sort -u; }
for kind in trait struct enum fn macro type constant static derive attr union; do
  count=$(items "$kind" | grep -c . || true)
  [ "$count" -eq 0 ] || printf '%-9s %4d\n' "$kind" "$count"
done
if [ "${1:-}" = --check ]; then
  traits=$(items trait | grep -c . || true)
  # An index without any trait is not the index.
  if [ "$traits" -eq 0 ] || [ "$traits" -gt 20 ]; then
    echo "the index shows $traits traits, and should show 1 to 20:" >&2
    items trait >&2
    exit 1
  fi
fi
