#!/usr/bin/env bash
# scripts/mutate.sh [COUNT] [SEED]: makes COUNT (400) single-token mistakes at random in valid items, and counts those that
# rustc answers with exactly one error on the line of the mistake, for our derives, thiserror's and serde's. Prints every
# mistake of ours that falls short, and the table. SEED is the commit's hash unless it is given. The kinds of mistake and
# their weights are in tests/tests/mistakes/mistake.rs.
set -euo pipefail
cd "$(dirname "$0")/.."
MISTAKES="${1:-400}" SEED="${2:-$(git rev-parse HEAD)}" \
  cargo test --locked --quiet -p talent-events-tests --test mistakes -- --ignored --nocapture table
