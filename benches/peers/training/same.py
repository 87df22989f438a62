"""Says whether fixtures that were made again are those that are committed: `same.py MADE COMMITTED`. Numbers may differ by
rounding, as they do from one CPU to another; all else may not."""

import json
import sys
from pathlib import Path

from safetensors.torch import load_file

MADE, COMMITTED = Path(sys.argv[1]), Path(sys.argv[2])
# The difference of two numbers over the larger of their magnitude and 1, and of two tensors over the largest magnitude.
MOST = {".json": 1e-4, ".safetensors": 1e-5}


def off_json(place, made, kept):
    """How far the numbers of two values are off at most. What is no number is the same."""
    if isinstance(kept, dict):
        assert made.keys() == kept.keys(), (place, made.keys() ^ kept.keys())
        # A model that has not moved yet is ahead of itself by rounding only.
        skipped = "rewards/accuracies" if kept.get("step", 3) < 3 else None
        return max((off_json(f"{place}.{key}", made[key], it) for key, it in kept.items() if key != skipped), default=0.0)
    if isinstance(kept, list) and all(isinstance(it, str) for it in kept):
        assert sorted(made) == sorted(kept), (place, made, kept)
        return 0.0
    if isinstance(kept, list):
        assert len(made) == len(kept), place
        return max((off_json(f"{place}[{at}]", a, b) for at, (a, b) in enumerate(zip(made, kept))), default=0.0)
    if isinstance(kept, float):
        return abs(made - kept) / max(1.0, abs(kept))
    assert made == kept, (place, made, kept)
    return 0.0


def off_tensors(file):
    made, kept = load_file(MADE / file), load_file(COMMITTED / file)
    assert made.keys() == kept.keys(), (file, made.keys() ^ kept.keys())
    assert all(made[name].shape == it.shape and made[name].dtype == it.dtype for name, it in kept.items()), file
    return max(((made[name].double() - it.double()).abs().max() / it.double().abs().max()).item() for name, it in kept.items())


def main():
    files = {root: {it.relative_to(root) for it in root.rglob("*") if it.is_file()} for root in (MADE, COMMITTED)}
    assert files[MADE] == files[COMMITTED] - {Path("README.md")}, files[MADE] ^ files[COMMITTED]
    worst = dict.fromkeys(MOST, 0.0)
    for file in sorted(files[MADE]):
        if file.suffix == ".json":
            off = off_json(str(file), *(json.loads((root / file).read_text()) for root in (MADE, COMMITTED)))
        else:
            off = off_tensors(file)
        assert off <= MOST[file.suffix], (file, off)
        worst[file.suffix] = max(worst[file.suffix], off)
    said = ", ".join(f"{suffix} at most {off:.1e} off" for suffix, off in worst.items())
    print(f"{COMMITTED.name}: {len(files[MADE])} files made again, {said}")


main()
