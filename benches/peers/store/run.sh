#!/usr/bin/env bash
# The attempts of `cargo bench --bench store` in Parquet files of pyarrow too, in one run. Needs Python 3.10 or newer, PyPI
# and about 4 GB of disk; `run.sh COUNT` makes another number of attempts than 10,000.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with pyarrow
bench=$(bench_of store --no-default-features --features "${FEATURES:-embedded parquet}")
# Beside the program, which is on a disk; what keeps temporary files may be none.
folder=$(mktemp -d -p "$(dirname "$bench")")
trap 'rm -rf "$folder"' EXIT
"$python" compare.py "$bench" "$folder" "${1:-10000}"
