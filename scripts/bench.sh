#!/usr/bin/env bash
# scripts/bench.sh <name>: one measurement, beside what it is compared with, as a Markdown table. BENCH_ROUNDS says how
# often each is measured (7).
#   compile   what the derive adds to `cargo check`, beside thiserror and serde
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -ne 1 ] || [ ! -f "benches/src/bin/$1.rs" ]; then
    echo "usage: scripts/bench.sh <name>, one of:" >&2
    basename -s .rs benches/src/bin/*.rs >&2
    exit 2
fi
cargo run --locked --quiet --release -p talent-events-benches --bin "$1"
