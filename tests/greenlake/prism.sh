#!/usr/bin/env bash
# prism.sh DIR: installs Prism, which validates HTTP against OpenAPI, into DIR. Quick where it is
# there.
set -euo pipefail
if [ $# -ne 1 ]; then
    echo "usage: $0 DIR" >&2
    exit 64
fi
here=$(cd "$(dirname "$0")" && pwd)/prism
mkdir -p "$1"
dir=$(cd "$1" && pwd)/prism
sum=$(cat "$here/package.json" "$here/package-lock.json" | sha256sum)
if [ "$(cat "$dir/.installed" 2> /dev/null || true)" = "$sum" ]; then exit 0; fi
if ! command -v npm > /dev/null; then
    echo "prism needs Node 20 with npm (on Debian: apt-get install nodejs npm)" >&2
    exit 69
fi
echo "installing prism" >&2
rm -rf "${dir:?}"
mkdir -p "$dir"
cp "$here/package.json" "$here/package-lock.json" "$dir/"
(cd "$dir" && npm ci --silent --ignore-scripts --no-fund --no-audit)
echo "$sum" > "$dir/.installed"
