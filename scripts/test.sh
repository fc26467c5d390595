#!/usr/bin/env bash
# Everything: what the README names and CI runs. Needs Rust; what else is missing it installs with apt where it may.
#
# Usage: scripts/test.sh [STEP ...]      without a step all of them, in order; `scripts/test.sh --list` names them
set -euo pipefail
cd "$(dirname "$0")/.."

# One lock file, warnings are errors, and the same flags everywhere, so that nothing is built twice.
export RUSTDOCFLAGS="-D warnings"
locked=(--locked)

step_tools() {
  command -v cargo >/dev/null || { echo "cargo is missing: install Rust 1.95 or later (https://rustup.rs)" >&2; exit 1; }
  command -v cc >/dev/null || apt_install gcc libc6-dev
}

step_fmt() { cargo fmt --all --check; }

step_clippy() { cargo clippy "${locked[@]}" --workspace --all-targets --all-features -- -D warnings; }

# Unit tests, integration tests, compile-fail fixtures, examples, doctests. The client's tests with all features, as an
# app has them by default, and then what only exists in other forms of the crate.
step_test() { cargo test "${locked[@]}" --workspace; }

# A crate that only describes its events.
step_domain() {
  # By itself, so that no other crate's features help the derive: what depends on it has nothing else.
  cargo check "${locked[@]}" -p talent-events-tests-renamed
  cargo test "${locked[@]}" -p talent-events --no-default-features --features derive
  local tree
  tree=$(cargo tree "${locked[@]}" -p talent-events --no-default-features --features derive --edges normal --prefix none)
  if grep -E '^(tokio|tonic|hyper|rustls)( |-)' <<<"$tree"; then
    echo "the crates above are in the tree of a crate that only describes its events" >&2
    return 1
  fi
}

# Without a crypto provider of its own the client answers with an error, never with a panic.
step_providers() {
  cargo test "${locked[@]}" -p talent-events --no-default-features --features client --test no_provider
  cargo test "${locked[@]}" -p talent-events --no-default-features --features tls-ring --test no_provider --test ring_provider
}

# The console as a browser shows it.
step_browser() {
  command -v chromedriver >/dev/null && command -v chromium >/dev/null ||
    apt_install chromium chromium-driver fonts-dejavu-core
  cargo test "${locked[@]}" -p talent-events-tests --test console -- --ignored --nocapture
}

# The queue and the flush handshake under every schedule.
step_loom() { scripts/loom.sh; }

# Google's own clients against the emulator, and our client against Google's own classes.
step_google() {
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3 python3-venv
  local python
  python=$(scripts/python_venv.sh)
  "$python" -m ruff check --quiet tests/python
  "$python" -m ruff format --check --quiet tests/python
  command -v npm >/dev/null || apt_install nodejs npm
  local node
  node=$(scripts/node_modules.sh)
  TALENT_TEST_PYTHON=$python TALENT_TEST_NODE=$node cargo test "${locked[@]}" -p talent-events-tests --features google-client \
    --test google_clients --test google_rust -- --include-ignored
}

step_doc() {
  cargo doc "${locked[@]}" --workspace --all-features --no-deps
  scripts/public_items.sh --check
}

steps=(tools fmt clippy test domain providers loom browser google doc)

apt_install() {
  if [ "$(id -u)" = 0 ]; then local sudo=(); else local sudo=(sudo -n); fi
  command -v apt-get >/dev/null || { echo "please install: $*" >&2; exit 1; }
  "${sudo[@]}" apt-get update -qq && "${sudo[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    { echo "please install: $*" >&2; exit 1; }
}

if [ "${1:-}" = --list ]; then printf '%s\n' "${steps[@]}"; exit; fi
[ $# -gt 0 ] || set -- "${steps[@]}"
for step in "$@"; do
  declare -F "step_$step" >/dev/null || { echo "no step '$step': scripts/test.sh --list names them" >&2; exit 2; }
done
for step in "$@"; do
  echo "== $step"
  began=$SECONDS
  "step_$step"
  echo "== $step passed in $((SECONDS - began)) s"
done
echo "== all passed in $SECONDS s"
