"""Reads what the example `curate` wrote as those do who train on it.

TRL's `data_utils.py` runs as it is shipped. It asks `transformers` for the names of two types only, so a stand-in with these
names takes its place: neither torch nor transformers is needed.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path

from datasets import load_dataset

MADE, TRL = Path(sys.argv[1]), Path(sys.argv[2])

ODD = ("human", "observation")
EVEN = ("gpt", "function_call")


def trl_data_utils():
    named = types.ModuleType("transformers")
    named.PreTrainedTokenizerBase = named.ProcessorMixin = type("Named", (), {})
    sys.modules["transformers"] = named
    spec = importlib.util.spec_from_file_location("trl_data_utils", TRL / "trl" / "data_utils.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load(name):
    return load_dataset("json", data_files=str(MADE / name), split="train")


def preferences(trl):
    rows = load("preferences.jsonl")
    for row in rows:
        assert trl.is_conversational(row), row.keys()
        # TRL finds the prompt again where both sides are given whole: ours is no shorter than what they share.
        whole = {side: row["prompt"] + row[side] for side in ("chosen", "rejected")}
        found = trl.extract_prompt(whole)
        assert found["prompt"][: len(row["prompt"])] == row["prompt"]
        assert trl.maybe_extract_prompt(row)["prompt"] == row["prompt"]
        assert row["prompt"][-1]["role"] in ("user", "tool")
        for side in ("chosen", "rejected"):
            assert row[side][0]["role"] == "assistant" and row[side][-1]["role"] == "assistant"
        assert row["chosen"] != row["rejected"]
        json.loads(row["tools"])
    unpaired = trl.unpair_preference_dataset(rows)
    assert len(unpaired) == 2 * len(rows) and sum(unpaired["label"]) == len(rows)
    return len(rows)


def conversations():
    """LLaMA-Factory's rule: instructions apart, then sides in turn, `human` or `observation` first, the model last."""
    rows = load("sft.jsonl")
    for row in rows:
        turns = row["conversations"]
        assert turns and len(turns) % 2 == 0, len(turns)
        for place, turn in enumerate(turns):
            assert turn["from"] in (ODD, EVEN)[place % 2], (place, turn["from"])
            assert isinstance(turn["value"], str) and turn["value"]
        assert isinstance(row["system"], str)
        if row["tools"]:
            json.loads(row["tools"])
    return len(rows)


def groups():
    count = 0
    for line in (MADE / "groups.jsonl").read_text().splitlines():
        members = json.loads(line)["members"]
        advantages = [member["advantage"] for member in members if member.get("advantage") is not None]
        assert len(advantages) < 2 or abs(sum(advantages)) < 1e-9
        count += 1
    return count


def main():
    trl = trl_data_utils()
    print(f"preferences.jsonl: {preferences(trl)} rows, as TRL {TRL.name.removeprefix('trl-')} has them")
    print(f"sft.jsonl: {conversations()} rows in LLaMA-Factory's order")
    print(f"groups.jsonl: {groups()} groups whose advantages come to nought")


main()
