#!/usr/bin/env bash
# The attempts of `cargo bench --bench rollouts` in smolagents and inspect_ai too, against one server on loopback, in one
# run. Needs Python 3.10 or newer and PyPI.
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

features=(--no-default-features --features "embedded openai")
cargo bench --bench rollouts "${features[@]}" --no-run
bench=$(cargo bench --bench rollouts "${features[@]}" --no-run --message-format json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*\/rollouts-[^"]*\)".*/\1/p' | tail -n 1)
"$venv/bin/python" --version
"$venv/bin/pip" list 2>/dev/null | grep -E '^(smolagents|inspect_ai|openai|httpx) '
"$venv/bin/python" compare.py "$bench" "$venv/bin/python"
