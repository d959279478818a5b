#!/usr/bin/env bash
# start.sh NAME DIR PORT: runs one installed server in the foreground on 127.0.0.1:PORT, empty.
# The bearer token is $TOKEN. It ends with the process that started it, where setpriv is to be had.
set -euo pipefail
if [ $# -ne 3 ] || [ -z "${TOKEN:-}" ]; then
    echo "usage: TOKEN=.. $0 scim2-server|scimmy|django-scim2 DIR PORT" >&2
    exit 64
fi
here=$(cd "$(dirname "$0")" && pwd)
name=$1 dir=$(cd "$2" && pwd)
export PORT=$3 TOKEN STATE="$dir/state/$1-$3"
if [ ! -f "$dir/$name/.installed" ]; then
    echo "$name is not installed; run: $here/install.sh $dir" >&2
    exit 69
fi
rm -rf "$STATE"
mkdir -p "$STATE"
tied=()
if command -v setpriv > /dev/null; then tied=(setpriv --pdeathsig TERM --); fi

case $name in
scim2-server)
    exec "${tied[@]}" "$dir/$name/venv/bin/python" "$here/$name/serve.py"
    ;;
scimmy)
    exec "${tied[@]}" node "$dir/$name/server.mjs"
    ;;
django-scim2)
    export PYTHONPATH="$here/$name" PYTHONDONTWRITEBYTECODE=1
    export DJANGO_SETTINGS_MODULE=project.settings
    "$dir/$name/venv/bin/python" -m django migrate --run-syncdb --verbosity 0
    exec "${tied[@]}" "$dir/$name/venv/bin/gunicorn" --bind "127.0.0.1:$PORT" \
        --workers 2 --threads 4 --log-level warning project.settings:application
    ;;
*)
    echo "unknown server \`$name\`" >&2
    exit 64
    ;;
esac
