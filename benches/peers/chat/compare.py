"""Runs the same load through our client and through the openai Python client, in turn, and prints the ratios."""

import json
import subprocess
import sys

BENCH, PYTHON = sys.argv[1], sys.argv[2]
HERE = __file__.rsplit("/", 1)[0]


def measured(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def line(name, values):
    print(
        f"{name:<26} {values['requests_per_second']:>10.0f} {values['requests_per_cpu_second']:>14.0f} "
        f"{values['own_p50_ms']:>9.2f} {values['own_p99_ms']:>9.2f} {values['peak_rss_mb']:>8.1f}",
        flush=True,
    )


for latency in ("0", "20"):
    server = subprocess.Popen([BENCH, "--serve", latency], stdout=subprocess.PIPE, text=True)
    try:
        base = server.stdout.readline().strip()
        for mode in ("whole", "stream"):
            print(f"\nlatency {latency} ms, replies {mode}: 2,000 requests, 256 at once")
            print(f"{'':<26} {'requests/s':>10} {'requests/CPU-s':>14} {'own p50':>9} {'own p99':>9} {'RSS MB':>8}")
            ours = measured([BENCH, "--load", base, latency, mode])
            line("offseeker", ours)
            for kind in ("aiohttp", "default"):
                theirs = measured([PYTHON, f"{HERE}/load.py", base, latency, mode, kind])
                line(f"openai, {kind} transport", theirs)
                print(
                    f"{'':>6}ratio: {ours['requests_per_second'] / theirs['requests_per_second']:.1f} x requests/s, "
                    f"{ours['requests_per_cpu_second'] / theirs['requests_per_cpu_second']:.1f} x requests per second of "
                    f"processor time, {theirs['peak_rss_mb'] / ours['peak_rss_mb']:.1f} x less memory",
                    flush=True,
                )
    finally:
        server.kill()
