#!/usr/bin/env bash
# The attempts of `cargo bench --bench rollouts` in smolagents and inspect_ai too, against one server on loopback, in one
# run. Needs Python 3.10 or newer and PyPI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with 'smolagents|inspect_ai|openai|httpx'
bench=$(bench_of rollouts --no-default-features --features "embedded openai")
"$python" compare.py "$bench" "$python"
