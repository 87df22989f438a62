#!/usr/bin/env bash
# The relations and names of `cargo bench --bench graph` through networkx, igraph and datasketch too, in one run. Needs
# Python 3.11 or newer, PyPI, about 8 GB of memory and 4 GB of disk; `run.sh ENTITIES` takes another number than 1,000,000.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with 'networkx|igraph|datasketch|numpy'
bench=$(bench_of graph)
"$python" compare.py "$bench" "$python" "${1:-1000000}"
