#!/usr/bin/env bash
# The documents and queries of `cargo bench --bench search` through bm25s and SQLite's FTS5 too, in one run. Needs Python
# 3.11 or newer, whose SQLite has FTS5, and about 2 GB of disk.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with 'bm25s|numba|numpy|scipy'
bench=$(bench_of search)
"$python" compare.py "$bench" "$python"
