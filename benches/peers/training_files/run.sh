#!/usr/bin/env bash
# The files of the example `curate`, read by those who train on them: the preferences by TRL's own data functions, the
# conversations by the rule of LLaMA-Factory. Needs Python 3.10 or newer and PyPI, but no torch: of TRL the file with its data
# functions is taken, which needs none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with 'datasets|pyarrow'
trl=1.16.0
if [[ ! -d .venv/trl-$trl ]]; then
    .venv/bin/pip download --quiet --no-deps --dest .venv "trl==$trl"
    "$python" -m zipfile -e .venv/trl-$trl-*.whl ".venv/trl-$trl"
fi
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
cargo run --quiet --release --example curate -- "$made" >/dev/null
HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 HF_HOME="$made/home" "$python" check.py "$made" ".venv/trl-$trl"
