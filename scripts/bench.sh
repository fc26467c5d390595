#!/usr/bin/env bash
# scripts/bench.sh <name> [row ...]: one measurement, beside what it is compared with, as a Markdown table. BENCH_ROUNDS says how
# often each is measured (7).
#   clean_build  a clean build, beside google-cloud-talent-v4's
#   compile   what the derive adds to `cargo check`, beside thiserror and serde
#   mapping   from the struct to the bytes, beside prost by hand
#   enqueue   handing an event to the queue, beside OpenTelemetry's batch log processor and emit_batcher
#   memory    what a queued event takes, and what is allocated
#   delivery  events per second and CPU per event, beside raw tonic and google-cloud-talent-v4
#   resilience  delivery under faults, beside the same run without; takes names of its rows: random poison hang stream sends
#            outage shutdown silent quota room
#   emulator  calls a second beside an empty tonic server, memory for each recorded event, time to the first answer
# All but the first two are built with what they are compared with, which takes some minutes the first time.
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:-}
if [ ! -f "benches/src/bin/$name.rs" ] && [ ! -f "benches/src/bin/$name/main.rs" ]; then
    echo "usage: scripts/bench.sh <name> [row ...], one of:" >&2
    basename -a -s .rs benches/src/bin/* >&2
    exit 2
fi
shift
case "$name" in
    clean_build | compile) features= ;;
    delivery) features=google ;;
    emulator) features=emulator ;;
    *) features=runtime ;;
esac
cargo run --locked --quiet --release -p talent-events-benches --features "$features" --bin "$name" -- "$@"
