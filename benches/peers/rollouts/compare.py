"""The same attempts in our loop, smolagents and inspect_ai, in turn against one server; prints a table with ratios."""

import json
import statistics
import subprocess
import sys

BENCH, PYTHON = sys.argv[1], sys.argv[2]
ROUNDS = 3

LOOPS = {
    "offseeker, 64 at once": ([BENCH, "--ask"], "500", "64"),
    "offseeker, 8 at once": ([BENCH, "--ask"], "200", "8"),
    "smolagents, 8 threads": ([PYTHON, "loop_smolagents.py"], "40", "8"),
    "inspect_ai, 64 at once": ([PYTHON, "loop_inspect.py"], "64", "64"),
}


def run(base, command, attempts, at_once):
    done = subprocess.run([*command, base, attempts, at_once], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{command} failed:\n{done.stdout}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def main():
    server = subprocess.Popen([BENCH, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        base = server.stdout.readline().strip()
        rounds = {name: [] for name in LOOPS}
        for _ in range(ROUNDS):
            for name, (command, attempts, at_once) in LOOPS.items():
                rounds[name].append(run(base, command, attempts, at_once))
    finally:
        server.kill()
    print(f"\n20 steps an attempt, a server that answers at once; medians of {ROUNDS} rounds")
    print("| loop | attempts | steps/s | CPU-s per 1,000 steps | steps per CPU-s | memory an attempt (kB) | times ours |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    ours = None
    for name, (_, attempts, _) in LOOPS.items():
        median = lambda key: statistics.median(measured[key] for measured in rounds[name])
        rate = median("steps_per_cpu_second")
        ours = ours or rate
        print(
            f"| {name} | {attempts} | {median('steps_per_second'):,.0f} | {median('cpu_us_per_step') / 1e3:.3f} "
            f"| {rate:,.0f} | {median('bytes_in_flight') / 1e3:,.0f} | {ours / rate:.1f} |"
        )


if __name__ == "__main__":
    main()
