"""Lets `transformers` and the example `write_and_continue` go on with the same texts, greedily, from the same folders:
`roundtrip.py EXAMPLE FOLDER`. Half of the folders are written there, half here; in one file or in shards, in f32 or bf16; each has an adapter."""

import json
import subprocess
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import safe_open
from transformers import AutoModelForCausalLM, AutoTokenizer

from tiny import model_of

EXAMPLE, FOLDER = sys.argv[1], Path(sys.argv[2])
SHARD = 60_000
TOKENS = 64


def continued(folder, *more):
    subprocess.run([EXAMPLE, folder, *map(str, more)], check=True, stdout=subprocess.DEVNULL)
    return [json.loads(line) for line in (folder / "continued.jsonl").open()]


def write_theirs(folder, tokenizer, dtype, shard):
    """A model that `transformers` makes, an adapter that `peft` makes, and the tokenizer as `transformers` writes it."""
    size = dict(hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2)
    more = dict(head_dim=16, max_position_embeddings=4096, initializer_range=0.2, tie_word_embeddings=False)
    model = model_of(11, vocab_size=len(tokenizer), **size, **more)
    model.config.eos_token_id = model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.to(dtype).save_pretrained(folder, max_shard_size=shard)
    tokenizer.save_pretrained(folder)
    about = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    get_peft_model(model, about).save_pretrained(folder / "adapter")


def goes_on(model, tokenizer, row):
    """The tokens, and how far the two likeliest were apart at each."""
    ids = tokenizer(row["prompt"])["input_ids"]
    assert ids == row["prompt_ids"], (row["prompt"], ids, row["prompt_ids"])
    out = model.generate(
        input_ids=torch.tensor([ids]),
        max_new_tokens=TOKENS,
        do_sample=False,
        output_logits=True,
        return_dict_in_generate=True,
        pad_token_id=tokenizer.pad_token_id,
    )
    best = torch.stack(out.logits)[:, 0].topk(2).values
    return out.sequences[0, len(ids) :].tolist(), (best[:, 0] - best[:, 1]).tolist()


@torch.no_grad()
def compare(folder, rows):
    """Tokens and texts are the same, without the adapter and with it."""
    plain = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    margin, count, said = float("inf"), 0, {False: [], True: []}
    for adapted in (False, True):
        model = PeftModel.from_pretrained(plain, folder / "adapter") if adapted else plain
        for row in (row for row in rows if row["adapter"] == adapted):
            theirs, margins = goes_on(model, tokenizer, row)
            if theirs != row["ids"]:
                at = next(at for at, (a, b) in enumerate(zip(theirs, row["ids"])) if a != b)
                raise AssertionError(f"{folder}: {row['prompt']!r} differs at {at}, where the two likeliest are {margins[at]} apart")
            assert tokenizer.decode(theirs) == row["text"], (folder, row["text"])
            margin, count = min(margin, *margins), count + len(theirs)
            said[adapted].append(theirs)
    assert len(said[False]) == len(said[True]) and said[False] != said[True], "the adapter changes something"
    files = len(list(folder.glob("*.safetensors")))
    kind = {str(weight.dtype).removeprefix("torch.") for weight in stored(folder)}
    print(f"{folder.name} ({files} files, {', '.join(kind)}): {len(rows)} texts, {count} tokens alike; nearest margin {margin:.1e}")


def stored(folder):
    for file in folder.glob("*.safetensors"):
        with safe_open(file, "pt") as tensors:
            yield from (tensors.get_tensor(name) for name in tensors.keys())


def main():
    torch.set_num_threads(1)
    for name, more in {"ours": ("f32",), "ours-sharded": ("f32", SHARD), "ours-bf16": ("bf16",), "ours-bf16-sharded": ("bf16", SHARD)}.items():
        compare(FOLDER / name, continued(FOLDER / name, *more))
    tokenizer = AutoTokenizer.from_pretrained(FOLDER / "ours")
    for name, dtype, shard in (
        ("theirs", torch.float32, "1GB"),
        ("theirs-sharded", torch.float32, SHARD),
        ("theirs-bf16", torch.bfloat16, "1GB"),
        ("theirs-bf16-sharded", torch.bfloat16, SHARD),
    ):
        write_theirs(FOLDER / name, tokenizer, dtype, shard)
        compare(FOLDER / name, continued(FOLDER / name))


main()
