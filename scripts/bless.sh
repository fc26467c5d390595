#!/usr/bin/env bash
# Renews what is checked in of the derive's words and code: the compiler's words in tests/ui and the version of the
# compiler, the gallery made from them, and the golden expansions. Read the difference as a user would before you commit
# it. Arguments name fixtures: scripts/bless.sh trybuild=missing_comma
set -euo pipefail
cd "$(dirname "$0")/.."
TRYBUILD=overwrite cargo test --locked -p talent-events-tests --test ui -- misuse "$@"
BLESS=1 cargo test --locked -p talent-events-tests --test ui -- gallery
INSTA_UPDATE=always cargo test --locked -p talent-events-derive -- golden incomplete
