"""What the benches of loops measure of themselves, as the Rust side does: prints one line of JSON."""

import json
import resource
import time


def _used():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _resident():
    with open("/proc/self/status", encoding="utf-8") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def measured(work, steps, in_flight):
    """Runs `work`, and tells how fast `steps` steps were; everything is imported and warm before."""
    resident, cpu, begun = _resident(), _used(), time.perf_counter()
    work()
    seconds, cpu = time.perf_counter() - begun, _used() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        json.dumps(
            {
                "steps": steps,
                "seconds": seconds,
                "steps_per_second": steps / seconds,
                "steps_per_cpu_second": steps / cpu,
                "cpu_us_per_step": cpu * 1e6 / steps,
                "bytes_in_flight": (peak - resident) / in_flight,
                "peak_rss_mb": peak / (1 << 20),
            }
        )
    )
