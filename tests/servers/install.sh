#!/usr/bin/env bash
# install.sh DIR: installs the three SCIM servers of the tests into DIR. Quick where they are there.
set -euo pipefail
if [ $# -ne 1 ]; then
    echo "usage: $0 DIR" >&2
    exit 64
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)

# stamp NAME FILE..: whether NAME was installed from these very files; writes nothing.
stamp() {
    local name=$1
    shift
    sum=$(cat "$@" | sha256sum)
    [ "$(cat "$dir/$name/.installed" 2>/dev/null || true)" = "$sum" ]
}

python_server() {
    local name=$1
    if stamp "$name" "$here/$name/requirements.txt"; then return; fi
    echo "installing $name" >&2
    rm -rf "${dir:?}/$name"
    if ! python3 -m venv "$dir/$name/venv"; then
        echo "$name needs Python 3.11 with venv (on Debian: apt-get install python3-venv)" >&2
        exit 69
    fi
    "$dir/$name/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
        --requirement "$here/$name/requirements.txt"
    echo "$sum" > "$dir/$name/.installed"
}

node_server() {
    local name=$1 files=("$here/$1/package.json" "$here/$1/package-lock.json" "$here/$1/server.mjs")
    if stamp "$name" "${files[@]}"; then return; fi
    echo "installing $name" >&2
    rm -rf "${dir:?}/$name"
    mkdir -p "$dir/$name"
    # The server stands beside its modules: that is where node looks for them.
    cp "${files[@]}" "$dir/$name/"
    (cd "$dir/$name" && npm ci --silent --ignore-scripts --no-fund --no-audit)
    echo "$sum" > "$dir/$name/.installed"
}

python_server scim2-server
node_server scimmy
python_server django-scim2
