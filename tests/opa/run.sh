#!/usr/bin/env bash
# Every guardrail under real OPA and under muster: run.sh FOLDER_OF_SERVERS
set -euo pipefail
cd "$(dirname "$0")/../.."
tests/opa/install.sh "$1"
# As the tests built it: with other features of what it depends on it would be built again.
cargo test --features real-servers --test servers --no-run
target=${CARGO_TARGET_DIR:-target}
PYTHONPATH=$1/opa python3 tests/opa/parity.py "$target/debug/muster" policies examples
