# What the scripts of the peers share; each sources it from its own folder.

# Makes sure of the Python packages in requirements.txt, in a folder of their own, and says which ones count.
python_with() {
    if ! command -v python3 >/dev/null; then
        echo "skipped: there is no python3" >&2
        exit 0
    fi
    [[ -x .venv/bin/python ]] || python3 -m venv .venv
    .venv/bin/pip install --quiet --requirement requirements.txt
    python=$PWD/.venv/bin/python
    "$python" --version
    "$python" -m pip list 2>/dev/null | grep -E "^($1) "
}

# Compiles a bench, with further arguments of cargo, and says where the program is.
bench_of() {
    local name=$1
    shift
    cargo bench --bench "$name" "$@" --no-run >&2
    cargo bench --bench "$name" "$@" --no-run --message-format json 2>/dev/null |
        sed -n "s/.*\"executable\":\"\\([^\"]*\\/$name-[^\"]*\\)\".*/\\1/p" | tail -n 1
}
