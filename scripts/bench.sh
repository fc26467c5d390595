#!/usr/bin/env bash
# scripts/bench.sh <name>: one measurement, beside what it is compared with, as a Markdown table. BENCH_ROUNDS says how
# often each is measured (7).
#   clean_build  a clean build, beside google-cloud-talent-v4's
#   compile   what the derive adds to `cargo check`, beside thiserror and serde
#   mapping   from the struct to the bytes, beside prost by hand
#   enqueue   handing an event to the queue, beside OpenTelemetry's batch log processor and emit_batcher
#   memory    what a queued event takes, and what is allocated
#   delivery  events per second and CPU per event, beside raw tonic and google-cloud-talent-v4
#   emulator  calls a second beside an empty tonic server, memory for each recorded event, time to the first answer
# All but the first two are built with what they are compared with, which takes some minutes the first time.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -ne 1 ] || [ ! -f "benches/src/bin/$1.rs" ]; then
    echo "usage: scripts/bench.sh <name>, one of:" >&2
    basename -s .rs benches/src/bin/*.rs >&2
    exit 2
fi
case "$1" in
    clean_build | compile) features= ;;
    delivery) features=google ;;
    emulator) features=emulator ;;
    *) features=runtime ;;
esac
cargo run --locked --quiet --release -p talent-events-benches --features "$features" --bin "$1"
