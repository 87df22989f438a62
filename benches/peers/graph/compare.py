"""The same relations and names through our graph, networkx, igraph and datasketch; prints one table.

networkx and datasketch get a tenth of the size, because they do not fit at the whole one or take hours; ours is measured
at both sizes, and each is compared at its own.
"""

import json
import subprocess
import sys
import tempfile

DRAWN = 100_000


def run(command):
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def line(size, what, who, seconds, peak, ours):
    times = "" if ours is None else f"{seconds / ours[0]:.1f}, {peak / ours[1]:.1f}"
    print(f"| {size:,} | {what} | {who} | {seconds:.2f} | {peak:,.0f} | {times} |", flush=True)


def compared(bench, python, size, peer, share):
    """Our side and one peer at one size; the peer draws only a share, and its time is counted up."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([bench, "--make", folder, str(size)], check=True)
        built = run([bench, "--build", folder])
        ours = run([bench, "--draw", folder, str(DRAWN)])
        theirs = run([python, "engine.py", peer, folder, str(DRAWN // share), str(DRAWN // share)])
    for what, name in [("walks", "walk"), ("samples", "sample")]:
        mine, other = ours[f"{name}_seconds"], theirs[f"{name}_seconds"] * share
        line(size, f"{DRAWN:,} {what}", "offseeker", mine, ours["peak_mb"], None)
        said = peer if share == 1 else f"{peer} ({DRAWN // share:,} drawn, counted up)"
        line(size, f"{DRAWN:,} {what}", said, other, theirs["peak_mb"], (mine, ours["peak_mb"]))
    line(size, "build", "offseeker, into a file", built["seconds"], built["peak_mb"], None)
    line(size, "build", f"{peer}, in memory", theirs["seconds"], theirs["peak_mb"], (built["seconds"], built["peak_mb"]))


def main(bench, python, size="1000000"):
    size = int(size)
    print("| entities | what | who | seconds | peak memory (MB) | times ours: seconds, memory |")
    print("| --- | --- | --- | --- | --- | --- |")
    compared(bench, python, size, "igraph", 1)
    compared(bench, python, size // 10, "networkx", 10)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([bench, "--make", folder, str(size)], check=True)
        whole = run([bench, "--merge", folder, str(size)])
        line(size, f"merge {size:,} names", f"offseeker ({whole['merged']:,} merged)", whole["seconds"], whole["peak_mb"], None)
        tenth = size // 10
        ours = run([bench, "--merge", folder, str(tenth)])
        theirs = run([python, "engine.py", "datasketch", folder, str(tenth)])
    what = f"merge {tenth:,} names"
    line(tenth, what, f"offseeker ({ours['merged']:,} merged)", ours["seconds"], ours["peak_mb"], None)
    said = f"datasketch ({theirs['merged']:,} merged)"
    line(tenth, what, said, theirs["seconds"], theirs["peak_mb"], (ours["seconds"], ours["peak_mb"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
