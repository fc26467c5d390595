#!/usr/bin/env bash
# Goes through every order in which threads can meet in the queue (talent-events/src/delivery/tests/orders.rs).
set -euo pipefail
cd "$(dirname "$0")/.."
export RUSTFLAGS="${RUSTFLAGS:-} --cfg talent_loom"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/loom"
export LOOM_MAX_PREEMPTIONS="${LOOM_MAX_PREEMPTIONS:-3}"
cargo test --locked -p talent-events --lib delivery::tests::orders -- "$@"
