#!/usr/bin/env bash
# Renews the compiler's words in tests/ui. Read the difference as a user would before you commit it.
set -euo pipefail
cd "$(dirname "$0")/.."
TRYBUILD=overwrite cargo test --locked -p talent-events-tests --test ui -- "$@"
