#!/usr/bin/env bash
# Renews the checked-in protobuf code from talent-events/proto.
set -euo pipefail
cd "$(dirname "$0")/.."
GENERATE=1 cargo test --locked -p talent-events-tests --test generated
