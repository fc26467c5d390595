#!/usr/bin/env bash
# Random faults and random operations against a model of the tracker (tests/tests/faults/storm). The suite runs some
# dozens of seeds; this is the long run, and one seed again.
#
# Usage: scripts/storm.sh [SEEDS] [FIRST]      1,000 seeds from 0 on by default
set -euo pipefail
cd "$(dirname "$0")/.."
export STORM_SEEDS="${1:-1000}" STORM_FIRST="${2:-0}"
cargo test --locked -p talent-events-tests --test faults storm:: -- --nocapture
