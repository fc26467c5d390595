#!/usr/bin/env bash
# A tracker at full rate with the service down for half of the time: memory over time as a Markdown table. Fails where
# it is not flat, the account does not add up, or an accepted event is missing.
#
# Usage: scripts/soak.sh [SECONDS]      600 by default
set -euo pipefail
cd "$(dirname "$0")/.."
cargo run --locked --quiet --release -p talent-events-benches --features runtime --bin soak -- "$@"
