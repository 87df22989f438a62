#!/usr/bin/env bash
# The documents and queries of `cargo bench --bench search` through bm25s and SQLite's FTS5 too, in one run. Needs Python
# 3.11 or newer, whose SQLite has FTS5, and about 2 GB of disk.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v python3 >/dev/null; then
    echo "skipped: there is no python3" >&2
    exit 0
fi
venv=.venv
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --requirement requirements.txt

cargo bench --bench search --no-run
bench=$(cargo bench --bench search --no-run --message-format json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*\/search-[^"]*\)".*/\1/p' | tail -n 1)
"$venv/bin/python" --version
"$venv/bin/pip" list 2>/dev/null | grep -E '^(bm25s|numba|numpy|scipy) '
"$venv/bin/python" compare.py "$bench" "$venv/bin/python"
