#!/usr/bin/env bash
# Installs real OPA (1.20.2, as a Python package) into a folder, for tests/opa/parity.py.
set -euo pipefail
place=$1/opa
if [ ! -d "$place/opa_bindings" ]; then
    python3 -m pip install --quiet --ignore-requires-python --no-deps --target "$place" \
        opa-golib-python-bindings==0.4.4
fi
