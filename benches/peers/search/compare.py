"""Builds and asks three engines over the same documents, each in a process of its own, and prints a table."""

import json
import subprocess
import sys
import tempfile

KINDS = ["short", "wordy"]


def run(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.splitlines()[-1])


def main(bench, python):
    engines = {
        "offseeker": [bench],
        "bm25s, numba": [python, "engine.py", "bm25s"],
        "SQLite FTS5": [python, "engine.py", "fts5"],
    }
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([bench, "--make", folder], check=True)
        print("| engine | build (s) | on disk (MB) | peak memory, building (MB) |")
        print("| --- | --- | --- | --- |")
        for name, command in engines.items():
            built = run([*command, "--build", folder])
            print(f"| {name} | {built['seconds']:.1f} | {built['index_mb']:.0f} | {built['peak_mb']:.0f} |", flush=True)
        print()
        print("| queries | engine | threads | queries/s | p50, p99 (ms) | MRR | memory, own (MB) | times ours |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for kind in KINDS:
            for threads in ["1", "2"]:
                ours = None
                for name, command in engines.items():
                    asked = run([*command, "--ask", folder, threads, kind])
                    rate = asked["queries_per_second"]
                    ours = ours or rate
                    print(
                        f"| {kind} | {name} | {threads} | {rate:,.0f} | {asked['p50_ms']:.2f}, {asked['p99_ms']:.2f} "
                        f"| {asked['mrr']:.4f} | {asked['memory_mb']:.0f}, {asked['own_mb']:.0f} | {ours / rate:.1f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main(*sys.argv[1:])
