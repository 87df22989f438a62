#!/usr/bin/env bash
# Checks our server of models against the official Python client of OpenAI: the client asks the example `serve_model`,
# which serves a small untrained model. Needs Python 3.10 or later and PyPI. PROFILE=dev takes a quicker build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with openai
profile=${PROFILE:-release}
cargo build --profile "$profile" --example serve_model --manifest-path ../../../Cargo.toml
target=$(cargo metadata --format-version 1 --no-deps --manifest-path ../../../Cargo.toml |
    "$python" -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
folder=$profile
[[ $profile == dev ]] && folder=debug

"$python" client.py "$target/$folder/examples/serve_model"
