#!/usr/bin/env bash
# The load of `cargo bench --bench chat` beside the openai Python client, in one run. Needs Python 3.10 or newer.
set -euo pipefail
cd "$(dirname "$0")"

venv=.venv
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --requirement requirements.txt

cargo bench --bench chat --no-run
bench=$(cargo bench --bench chat --no-run --message-format json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*\/chat-[^"]*\)".*/\1/p' | tail -n 1)
"$venv/bin/python" --version
"$venv/bin/pip" list 2>/dev/null | grep -E '^(openai|http[^ ]*|aiohttp|pydantic) '
"$venv/bin/python" compare.py "$bench" "$venv/bin/python"
