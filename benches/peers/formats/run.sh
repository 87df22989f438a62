#!/usr/bin/env bash
# Made attempts in every format, read by the `datasets` Python library from local files. Needs Python 3.10 or newer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with 'datasets|pandas|pyarrow'
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
count=1500
cargo run --quiet --package offseeker-trajectory-store --no-default-features --features parquet --example formats -- \
    "$made" "$count" >/dev/null
HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 HF_HOME="$made/home" "$python" check.py "$made" "$count"
