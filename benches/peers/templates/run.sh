#!/usr/bin/env bash
# 200 made dialogues rendered here and by `apply_chat_template` of `transformers`, with the template of this repository and
# with those that TRL brings; the tokenizer is one that was trained and saved here. Needs Python 3.10 or newer and
# PyPI; `run.sh COUNT` takes another number of dialogues.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with 'jinja2|Jinja2|tokenizers|transformers'
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
# Only for its templates: what TRL itself needs is not installed.
"$python" -m pip download --quiet --no-deps --dest "$made" trl==1.16.0
"$python" -m zipfile --extract "$made"/trl-*.whl "$made/trl"
cargo run --quiet --package offseeker-language-model --example render_dialogues -- \
    "$made/model" "${1:-200}" "$made"/trl/trl/chat_templates/*.jinja
HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error "$python" compare.py "$made/model"
