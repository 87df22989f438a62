#!/usr/bin/env bash
# Made attempts in every format, read by the `datasets` Python library from local files. Needs Python 3.10 or newer.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v python3 >/dev/null; then
    echo "there is no python3 here, so nothing was checked" >&2
    exit 1
fi
venv=.venv
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --requirement requirements.txt

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
count=1500
cargo run --quiet --package offseeker-trajectory-store --no-default-features --features parquet --example formats -- \
    "$made" "$count" >/dev/null
"$venv/bin/python" --version
"$venv/bin/pip" list 2>/dev/null | grep -E '^(datasets|pandas|pyarrow) '
HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 HF_HOME="$made/home" "$venv/bin/python" check.py "$made" "$count"
