#!/usr/bin/env bash
# The load of `cargo bench --bench chat` beside the openai Python client, in one run. Needs Python 3.10 or newer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with 'openai|http[^ ]*|aiohttp|pydantic'
bench=$(bench_of chat)
"$python" compare.py "$bench" "$python"
