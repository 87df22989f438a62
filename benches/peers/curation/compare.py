"""Near duplicates among the same sets, by our side and by datasketch, and the pairs that there are; prints one table.

`compare.py BENCH PYTHON ATTEMPTS` runs both; `compare.py --datasketch SETS THRESHOLD PAIRS` is datasketch alone.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict

THRESHOLD = 0.9
ROUNDS = 3


def run(command):
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def sets_of(path):
    with open(path, encoding="ascii") as lines:
        return [frozenset(map(int, line.split())) for line in lines]


def near(left, right, threshold):
    shared = len(left & right)
    return shared >= threshold * (len(left) + len(right) - shared)


def exact(sets, threshold):
    """All pairs: near sets share one of their rarest members, of as many as they may lack and one more."""
    counts = defaultdict(int)
    for one in sets:
        for member in one:
            counts[member] += 1
    index, pairs = defaultdict(list), set()
    for number, one in enumerate(sets):
        rare = sorted(one, key=lambda member: (counts[member], member))
        rare = rare[: len(one) - -(-len(one) * 9 // 10) + 1]
        for other in {other for member in rare for other in index[member]}:
            if near(one, sets[other], threshold):
                pairs.add((other, number))
        for member in rare:
            index[member].append(number)
    return pairs


def datasketch(path, threshold, pairs):
    from datasketch import MinHash, MinHashLSH

    sets = sets_of(path)
    spelled = [[member.to_bytes(8, "little") for member in one] for one in sets]
    begun, used = time.perf_counter(), time.process_time()
    # Bands that miss as few pairs as ours do; those of its default for this threshold miss more.
    index, found = MinHashLSH(num_perm=128, params=(16, 8)), []
    for number, hashes in enumerate(MinHash.generator(spelled, num_perm=128)):
        if not sets[number]:
            continue
        found += [(other, number) for other in index.query(hashes) if near(sets[number], sets[other], threshold)]
        index.insert(number, hashes)
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    with open(pairs, "w", encoding="ascii") as out:
        out.writelines(f"{left} {right}\n" for left, right in sorted(found))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(json.dumps({"seconds": seconds, "cpu_seconds": used, "pairs": len(found), "peak_mb": peak, "bands": index.b, "rows": index.r}))


def best(command):
    return min((run(command) for _ in range(ROUNDS)), key=lambda row: row["seconds"])


def main(bench, python, attempts):
    with tempfile.TemporaryDirectory() as folder:
        sets, one, other = (os.path.join(folder, name) for name in ("sets.txt", "ours.txt", "theirs.txt"))
        subprocess.run([bench, "--sets", sets, attempts], check=True)
        ours = best([bench, "--near", sets, str(THRESHOLD), one])
        theirs = best([python, "compare.py", "--datasketch", sets, str(THRESHOLD), other])
        pairs = exact(sets_of(sets), THRESHOLD)
        read = lambda path: {tuple(map(int, line.split())) for line in open(path, encoding="ascii")}
        recall = [len(read(path) & pairs) / max(len(pairs), 1) for path in (one, other)]
        assert read(one) <= pairs and read(other) <= pairs, "a pair was found that is none"
    print(f"{int(attempts):,} sets, threshold {THRESHOLD}, {len(pairs):,} pairs; the best of {ROUNDS} runs of each")
    print("| who | seconds | CPU seconds | recall | peak memory (MB) |")
    print("| --- | --- | --- | --- | --- |")
    rows = [("offseeker", ours, recall[0]), (f"datasketch ({theirs['bands']} bands of {theirs['rows']})", theirs, recall[1])]
    for who, row, found in rows:
        print(f"| {who} | {row['seconds']:.2f} | {row['cpu_seconds']:.2f} | {found:.4f} | {row['peak_mb']:,.0f} |")
    times = theirs["seconds"] / ours["seconds"], theirs["cpu_seconds"] / max(ours["cpu_seconds"], 0.01)
    print(f"times ours: {times[0]:.1f} by the clock, {times[1]:.1f} by the processor")


if __name__ == "__main__":
    if sys.argv[1] == "--datasketch":
        datasketch(sys.argv[2], float(sys.argv[3]), sys.argv[4])
    else:
        main(*sys.argv[1:])
