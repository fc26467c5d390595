#!/usr/bin/env bash
# Tries the derive on generated items, valid, mutated and nonsense: 100,000, or as many as PROPTEST_CASES says.
set -euo pipefail
cd "$(dirname "$0")/.."
PROPTEST_CASES="${PROPTEST_CASES:-100000}" cargo test --locked -p talent-events-derive -- any_item_is_answered_with_items
