#!/usr/bin/env bash
# Models, adapters and training, here and by those whose words we use: `transformers`, `peft` and TRL, on torch, on the CPU.
# Makes the fixtures of the tests again and compares them with those that are committed, replays TRL's curves by a plain
# loop, lets both sides go on with the same texts from the same folders, and runs the tests that read the fixtures. Needs
# Python 3.10 or newer and PyPI; torch comes with libraries for GPUs that are not used here, some 6 GB on disk.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with 'accelerate|datasets|peft|safetensors|tokenizers|torch|transformers|trl'
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
export HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 HF_HOME="$made/home"
export TQDM_DISABLE=1 TRANSFORMERS_VERBOSITY=error PYTHONWARNINGS=ignore
crates=$PWD/../../../crates

"$python" fixtures.py "$made/transformers"
"$python" same.py "$made/transformers" "$crates/language-model/tests/fixtures/transformers"
"$python" trl_curves.py "$made/trl"
"$python" same.py "$made/trl" "$crates/trainer/tests/fixtures/trl"
"$python" replay.py "$crates/trainer/tests/fixtures/trl"

cargo build --quiet --package offseeker-language-model --example write_and_continue
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
"$python" roundtrip.py "$target/debug/examples/write_and_continue" "$made"

cargo test --package offseeker-language-model --test agrees_with_transformers -- --nocapture
cargo test --package offseeker-trainer --test agrees_with_trl -- --nocapture
