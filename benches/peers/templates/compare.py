"""Renders what the example `render_dialogues` wrote with `transformers`, and compares the tokens."""

import json
import sys
from collections import Counter
from pathlib import Path

from transformers import AutoTokenizer

MADE = Path(sys.argv[1])


def ids_of(tokenizer, row, messages, **more):
    return tokenizer.apply_chat_template(
        messages,
        tools=row["tools"],
        chat_template=row["template"],
        tokenize=True,
        return_dict=False,
        **row["variables"],
        **more,
    )


def first_difference(tokenizer, ours, theirs):
    at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
    around = slice(max(0, at - 8), at + 8)
    return f"token {at}: ours {tokenizer.decode(ours[around])!r}, theirs {tokenizer.decode(theirs[around])!r}"


def main():
    tokenizer = AutoTokenizer.from_pretrained(MADE)
    texts = json.loads((MADE / "texts.json").read_text())
    for row in texts:
        theirs = tokenizer.encode(row["text"], add_special_tokens=False)
        assert row["ids"] == theirs, (row["text"], row["ids"], theirs)
        assert tokenizer.decode(row["ids"]) == row["text"]
    print(f"AutoTokenizer ({type(tokenizer).__name__}, {len(tokenizer)} tokens): {len(texts)} texts encoded alike")

    same, tokens, texts_alike, refused, differ = Counter(), Counter(), Counter(), Counter(), Counter()
    by_dialogue = {}
    for line in (MADE / "dialogues.jsonl").open():
        row = json.loads(line)
        name = " ".join([row["name"], *row["variables"]])
        if "ids" not in row:
            outcome = text_of(tokenizer, row)
            (texts_alike if outcome == "alike" else refused if outcome == "refused" else differ)[name] += 1
            if outcome not in ("alike", "refused") and differ[name] == 1:
                print(f"{name}: {outcome}")
            continue
        theirs = ids_of(tokenizer, row, row["messages"])
        assert row["ids"] == theirs, (name, first_difference(tokenizer, row["ids"], theirs))
        prompt = ids_of(tokenizer, row, row["messages"][:-1], add_generation_prompt=True)
        assert row["prompt"] == prompt, (name, first_difference(tokenizer, row["prompt"], prompt))
        same[name] += 1
        tokens[name] += len(theirs)
        by_dialogue.setdefault(row["dialogue"], {})[name] = theirs
    for name, count in same.items():
        print(f"{name}: {count} dialogues and {count} prompts, {tokens[name]} tokens, all alike")
    alike = sum(ids["qwen"] == ids["qwen3.jinja"] for ids in by_dialogue.values())
    print(f"our template against Qwen3's own: {alike} of {len(by_dialogue)} dialogues give the same tokens")
    names = texts_alike.keys() | refused.keys() | differ.keys()
    print(
        f"{len(names)} further templates, text: {sum(texts_alike.values())} dialogues alike, "
        f"{sum(refused.values())} refused by both, {sum(differ.values())} otherwise {dict(differ) or ''}"
    )
    assert alike == len(by_dialogue)


def text_of(tokenizer, row):
    """Whether both make the same text, or neither makes any."""
    try:
        theirs = tokenizer.apply_chat_template(
            row["messages"],
            tools=row["tools"],
            chat_template=row["template"],
            tokenize=False,
            add_generation_prompt=True,
        )
    except Exception as error:
        return "refused" if "refused" in row else f"only theirs refused: {error!r}"
    if "refused" in row:
        return f"only ours refused: {row['refused']}"
    ours = row["text"]
    if ours == theirs:
        return "alike"
    at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
    return f"at {at}: ours {ours[at - 20 : at + 30]!r}, theirs {theirs[at - 20 : at + 30]!r}"


main()
