#!/usr/bin/env bash
# Makes the Python environment of the tests with Google's own Python client, and prints the path of its interpreter.
# It is made anew when tests/python/requirements.txt has changed.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "${CARGO_TARGET_DIR:-target}"
venv=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/python
wanted=tests/python/requirements.txt
if ! cmp -s "$wanted" "$venv/requirements.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv" >&2
  # All of them are named with their versions: nothing else is to come along.
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$wanted" >&2
  "$venv/bin/python" -m pip check --disable-pip-version-check >&2
  # Last: what was left half-way is made again.
  cp "$wanted" "$venv/requirements.txt"
fi
echo "$venv/bin/python"
