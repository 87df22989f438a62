#!/usr/bin/env bash
# Checks the tools against the official Python SDK of the Model Context Protocol, in both directions: its client calls
# our server, our client calls its server. Needs Python 3.10 or later and PyPI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../python.sh

python_with mcp
cargo build --release --example tools_over_mcp --manifest-path ../../../Cargo.toml
target=$(cargo metadata --format-version 1 --no-deps --manifest-path ../../../Cargo.toml |
    "$python" -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
example=$target/release/examples/tools_over_mcp

echo "== their client, our server"
"$python" client.py "$example"
echo "== our client, their server"
printf '%s\n' 'add {"a": 2, "b": 40}' 'river {"mill": "Karlin mill"}' 'river {"mill": "none"}' 'add {"a": "two"}' |
    "$example" --use "$python" "$PWD/server.py" | "$python" check.py
