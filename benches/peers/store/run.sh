#!/usr/bin/env bash
# The attempts of `cargo bench --bench store` in Parquet files of pyarrow too, in one run. Needs Python 3.10 or newer, PyPI
# and about 4 GB of disk; `run.sh COUNT` makes another number of attempts than 10,000.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v python3 >/dev/null; then
    echo "there is no python3 here, so nothing was compared" >&2
    exit 1
fi
venv=.venv
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --requirement requirements.txt

features=(--no-default-features --features "${FEATURES:-embedded parquet}")
cargo bench --bench store "${features[@]}" --no-run
bench=$(cargo bench --bench store "${features[@]}" --no-run --message-format json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*\/store-[^"]*\)".*/\1/p' | tail -n 1)
# Beside the program, which is on a disk; what keeps temporary files may be none.
folder=$(mktemp -d -p "$(dirname "$bench")")
trap 'rm -rf "$folder"' EXIT
"$venv/bin/python" --version
"$venv/bin/pip" list 2>/dev/null | grep -E '^pyarrow '
"$venv/bin/python" compare.py "$bench" "$folder" "${1:-10000}"
