"""Loads what the example `formats` wrote with `datasets`, and checks the rows by the rules of those who read them."""

import json
import sys
from pathlib import Path

import pyarrow.parquet
from datasets import load_dataset

MADE = Path(sys.argv[1])
COUNT = int(sys.argv[2])

ODD = ("human", "observation")
EVEN = ("gpt", "function_call")
ROLES = ("system", "user", "assistant", "tool")


def is_conversation(messages):
    """What TRL takes for a conversation: messages with a role, the model among those that speak."""
    return bool(messages) and all(m["role"] in ROLES and isinstance(m["content"], str) for m in messages)


def openai(row):
    assert is_conversation(row["messages"])
    told = {call["id"] for m in row["messages"] for call in m.get("tool_calls") or []}
    answered = {m["tool_call_id"] for m in row["messages"] if m["role"] == "tool"}
    assert told == answered, (told, answered)
    for m in row["messages"]:
        for call in m.get("tool_calls") or []:
            assert isinstance(json.loads(call["function"]["arguments"]), dict)


def tools(row):
    """TRL and LLaMA-Factory read the tools from a text."""
    found = json.loads(row["tools"])
    assert found[0].get("function", found[0])["name"] == "search"


def trl(row):
    openai(row)
    tools(row)


def trl_pair(row):
    tools(row)
    for side in ("chosen", "rejected"):
        assert is_conversation(row[side]) and row[side][0]["role"] == "assistant"
    assert is_conversation(row["prompt"]) and row["prompt"][-1]["role"] in ("user", "tool")
    assert row["chosen"] != row["rejected"]


def trl_unpaired(row):
    assert is_conversation(row["prompt"]) and is_conversation(row["completion"])
    assert isinstance(row["label"], bool)


def turns(row, ranking):
    """LLaMA-Factory's rule: sides in turn, the model last in a row to imitate and not last in one to prefer by."""
    for place, turn in enumerate(row["conversations"]):
        assert turn["from"] in (ODD, EVEN)[place % 2], (place, turn["from"])
        if turn["from"] == "function_call":
            calls = json.loads(turn["value"].split("</think>\n\n")[-1])
            for call in calls if isinstance(calls, list) else [calls]:
                assert call["name"] and isinstance(call["arguments"], dict)
    assert len(row["conversations"]) % 2 == int(ranking)
    tools(row)


def sharegpt_pair(row):
    turns(row, True)
    for side in ("chosen", "rejected"):
        assert row[side]["from"] in EVEN and isinstance(row[side]["value"], str)


def tagged(messages):
    assert is_conversation(messages) and messages[-1]["role"] == "assistant"
    assert not any(m["role"] == "tool" for m in messages)


def verl(row):
    assert is_conversation(row["prompt"])
    assert row["reward_model"]["ground_truth"]["target"] == ["the Orsa"]
    assert row["extra_info"]["split"] == "train"


def parquet_messages(row):
    openai(row)
    json.loads(row["json"])


CHECKS = {
    "offseeker.jsonl": lambda row: row["nodes"][0]["message"]["role"],
    "openai.jsonl": openai,
    "trl.jsonl": trl,
    "trl_pairs.jsonl": trl_pair,
    "trl_unpaired.jsonl": trl_unpaired,
    "sharegpt.jsonl": lambda row: turns(row, False),
    "sharegpt_pairs.jsonl": sharegpt_pair,
    "offseeker_result.jsonl": lambda row: [tagged(session) for session in row["trajectory"]],
    "offseeker_run.jsonl": lambda row: tagged(row["conversations"]),
    "tongyi.jsonl": lambda row: tagged(row["messages"]),
    "open_seeker.jsonl": lambda row: row["trace"][0]["content"]["content"],
    "open_researcher.jsonl": openai,
    "web_dancer.jsonl": openai,
    "samples.jsonl": lambda row: row["body"]["value"]["messages"],
    "pairs.jsonl": lambda row: row["chosen"]["body"]["value"]["messages"],
    "verl.jsonl": verl,
    "attempts.parquet": parquet_messages,
    "samples.parquet": parquet_messages,
    "pairs.parquet": trl_pair,
    "verl.parquet": verl,
}


def load(path):
    kind = "parquet" if path.suffix == ".parquet" else "json"
    return load_dataset(kind, data_files=str(path), split="train")


def main():
    files = sorted(path for path in MADE.iterdir() if path.suffix in (".jsonl", ".parquet"))
    assert {path.name for path in files} == set(CHECKS), [path.name for path in files]
    info = json.loads((MADE / "dataset_info.json").read_text())
    for entry in info.values():
        columns = set(load(MADE / entry["file_name"]).column_names)
        assert set(entry["columns"].values()) <= columns, (entry, columns)
    for path in files:
        rows = load(path)
        expected = 2 * COUNT if path.stem == "trl_unpaired" else COUNT
        assert len(rows) == expected, (path, len(rows))
        for row in rows:
            CHECKS[path.name](row)
        note = ""
        if path.suffix == ".parquet":
            groups = pyarrow.parquet.ParquetFile(path).metadata
            packed = groups.row_group(0).column(0).compression
            assert packed == "ZSTD" and groups.row_group(0).num_rows <= 1000
            note = f"{groups.num_row_groups} row groups, {packed}"
        print(f"{path.name:24} {len(rows):6} rows  {note}")
    print(f"{len(files)} files: all loaded, all rows as they should be")


main()
