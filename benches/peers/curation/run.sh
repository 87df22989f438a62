#!/usr/bin/env bash
# The sets of calls of `cargo bench --bench curation`, joined where they are nearly the same, through datasketch too, in one
# run; and how many of all such pairs each finds. Needs Python 3.11 or newer and PyPI; `run.sh ATTEMPTS` takes another number
# than 50,000.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with 'datasketch|numpy'
bench=$(bench_of curation)
"$python" compare.py "$bench" "$python" "${1:-50000}"
