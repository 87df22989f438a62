"""Our store and exports, and Parquet files that pyarrow makes of the same lines; prints one table."""

import json
import os
import resource
import subprocess
import sys
import time

import pyarrow.json
import pyarrow.parquet


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def line(row):
    def number(name, decimals):
        return "" if row.get(name) is None else f"{row[name]:,.{decimals}f}"

    numbers = [
        number("seconds", 2),
        number("cpu_seconds", 2),
        number("mb_per_second", 0) if row.get("mb_per_second") else "",
        number("per_second", 0),
        number("mb", 1),
    ]
    print(f"| {row['what']} | {' | '.join(numbers)} |", flush=True)


def measured(what, count, bytes, work, file=None):
    before, begun = cpu(), time.perf_counter()
    result = work()
    seconds = time.perf_counter() - begun
    line(
        {
            "what": what,
            "seconds": seconds,
            "cpu_seconds": cpu() - before,
            "mb_per_second": bytes / 1e6 / seconds,
            "per_second": count / seconds,
            "mb": os.path.getsize(file) / 1e6 if file else None,
        }
    )
    return result


def main(bench, folder, count):
    print("| | seconds | CPU-s | MB/s | attempts/s | MB on disk |")
    print("| --- | --- | --- | --- | --- | --- |")
    ours = subprocess.Popen([bench, "--into", folder, count], stdout=subprocess.PIPE, text=True)
    for row in ours.stdout:
        line(json.loads(row))
    if ours.wait() != 0:
        sys.exit("the bench failed")
    bytes = os.path.getsize(os.path.join(folder, "offseeker.jsonl"))
    for name in ("offseeker", "openai"):
        lines = os.path.join(folder, f"{name}.jsonl")
        file = os.path.join(folder, f"{name}.pyarrow.parquet")
        options = pyarrow.json.ReadOptions(block_size=64 << 20)
        table = measured(f"pyarrow, read {name}.jsonl", int(count), bytes, lambda: pyarrow.json.read_json(lines, options))
        measured(
            f"pyarrow, write {name}.parquet (zstd)",
            int(count),
            bytes,
            lambda: pyarrow.parquet.write_table(table, file, compression="zstd"),
            file,
        )
        del table
        measured(f"pyarrow, read {name}.parquet", int(count), bytes, lambda: pyarrow.parquet.read_table(file))


if __name__ == "__main__":
    main(*sys.argv[1:])
