"""Trains a small model by TRL's `SFTTrainer` and `DPOTrainer`, 50 steps each, and writes down everything that went in and
came out: `trl_curves.py FOLDER`. What each field means stands in `crates/trainer/tests/fixtures/trl/README.md`."""

import importlib.metadata
import json
import random
import sys
import tempfile
from pathlib import Path

from datasets import Dataset
from transformers import AutoModelForCausalLM, PrinterCallback
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

from tiny import END, model_of, text, tokenizer_of

FOLDER = Path(sys.argv[1])
VOCABULARY, COUNT, FIRST_WORD = 128, 64, 8
SHARED = dict(
    max_steps=50,
    per_device_train_batch_size=4,
    gradient_accumulation_steps=2,
    train_sampling_strategy="sequential",
    warmup_steps=5,
    adam_beta1=0.9,
    adam_beta2=0.999,
    adam_epsilon=1e-8,
    weight_decay=0.1,
    max_grad_norm=1.0,
    optim="adamw_torch",
    max_length=None,
    seed=42,
    bf16=False,
    gradient_checkpointing=False,
    use_cpu=True,
    logging_steps=1,
    save_strategy="no",
    report_to="none",
    disable_tqdm=True,
)
SFT = dict(learning_rate=1e-3, lr_scheduler_type="linear")
DPO = dict(learning_rate=5e-4, lr_scheduler_type="cosine", beta=0.1, loss_type=["sigmoid"])


class Chain:
    """Tokens of which each is followed by one of three others: something that can be learnt."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        words = range(FIRST_WORD, VOCABULARY)
        self.after = {word: self.draw.sample(words, 3) for word in words}

    def go_on(self, token, count):
        out = []
        for _ in range(count):
            token = self.draw.choices(self.after.get(token) or self.after[FIRST_WORD], (6, 3, 1))[0]
            out.append(token)
        return out


def conversation(chain, draw):
    """A prompt, then turns and observations by turns. The model learns the turns, each with the token that ends it."""
    ids = [2, *chain.go_on(draw.randrange(FIRST_WORD, VOCABULARY), draw.randint(4, 9))]
    weights = [0] * len(ids)
    for turn in range(draw.randint(1, 3)):
        if turn > 0:
            seen = [3, *(draw.randrange(FIRST_WORD, VOCABULARY) for _ in range(draw.randint(2, 6)))]
            ids, weights = ids + seen, weights + [0] * len(seen)
        said = [4, *chain.go_on(ids[-1], draw.randint(9, 11)), END]
        ids, weights = ids + said, weights + [0] + [1] * (len(said) - 1)
    return {"ids": ids, "weights": weights}


def pair(chain, other, draw):
    prompt = [2, *chain.go_on(draw.randrange(FIRST_WORD, VOCABULARY), draw.randint(6, 14)), 4]
    sides = {side: by.go_on(prompt[-2], draw.randint(8, 30)) + [END] for side, by in (("chosen", chain), ("rejected", other))}
    return {
        "prompt": prompt,
        **{side: {"ids": prompt + ids, "weights": [0] * len(prompt) + [1] * len(ids)} for side, ids in sides.items()},
    }


def trained(trainer, start):
    """What the trainer logged at each step, and how far each tensor came."""
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    tensors = {}
    for name, weight in trainer.model.state_dict().items():
        weight, before = weight.double(), start[name].double()
        tensors[name] = {"norm": weight.norm().item(), "moved": (weight - before).norm().item()}
    dropped = ("epoch", "num_tokens")
    steps = [{key: value for key, value in row.items() if key not in dropped} for row in trainer.state.log_history if "loss" in row]
    assert [step["step"] for step in steps] == list(range(1, SHARED["max_steps"] + 1))
    decays = trainer.get_decay_parameter_names(trainer.model)
    return {"steps": steps, "final": tensors, "decays": decays}


def sft(model, scratch):
    draw, chain = random.Random(1), Chain(2)
    sequences = [conversation(chain, draw) for _ in range(COUNT)]
    rows = [
        {
            "input_ids": it["ids"],
            "labels": [token if weight else -100 for token, weight in zip(it["ids"], it["weights"])],
        }
        for it in sequences
    ]
    start = {name: weight.clone() for name, weight in model.state_dict().items()}
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(output_dir=scratch, **SHARED, **SFT),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer_of(VOCABULARY),
    )
    assert [row["input_ids"] for row in trainer.train_dataset] == [it["ids"] for it in sequences]
    return {"sequences": sequences, **trained(trainer, start)}


def dpo(model, scratch):
    draw, chain, other = random.Random(3), Chain(4), Chain(5)
    pairs = [pair(chain, other, draw) for _ in range(COUNT)]
    rows = []
    for it in pairs:
        cut = len(it["prompt"])
        rows.append({"prompt": text(it["prompt"]), **{side: " " + text(it[side]["ids"][cut:]) for side in ("chosen", "rejected")}})
    start = {name: weight.clone() for name, weight in model.state_dict().items()}
    trainer = DPOTrainer(
        model=model,
        args=DPOConfig(output_dir=scratch, precompute_ref_log_probs=True, precompute_ref_batch_size=4, **SHARED, **DPO),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer_of(VOCABULARY),
    )
    for it, row in zip(pairs, trainer.train_dataset):
        for side in ("chosen", "rejected"):
            assert it[side]["ids"] == row["prompt_ids"] + row[f"{side}_ids"], "TRL reads the tokens that were meant"
            it[side]["reference"] = row[f"ref_{side}_logps"]
    return {"pairs": pairs, **trained(trainer, start)}


def write(name, settings, found):
    """One line a row, so that a difference can be seen."""
    versions = {name: importlib.metadata.version(name) for name in ("torch", "transformers", "trl")}
    kept = ("use_cpu", "logging_steps", "save_strategy", "report_to", "disable_tqdm")
    settings = {key: value for key, value in settings.items() if key not in kept}
    fields = []
    for key, value in {"versions": versions, "settings": settings, **found}.items():
        if isinstance(value, list):
            value = "[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]"
        elif key == "final":
            value = "{\n" + ",\n".join(f"{json.dumps(at)}: {json.dumps(row)}" for at, row in value.items()) + "\n}"
        else:
            value = json.dumps(value)
        fields.append(f'"{key}": {value}')
    (FOLDER / name).write_text("{\n" + ",\n".join(fields) + "\n}\n")
    losses = [step["loss"] for step in found["steps"]]
    clipped = sum(step["grad_norm"] > settings["max_grad_norm"] for step in found["steps"])
    print(f"{name}: loss {losses[0]:.4f} to {losses[-1]:.4f}, {clipped} of {len(losses)} steps clipped")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    model = model_of(
        42,
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=24,
        max_position_embeddings=128,
        rope_theta=1e6,
        initializer_range=0.08,
        tie_word_embeddings=False,
    )
    model.save_pretrained(FOLDER / "start")
    (FOLDER / "start" / "model.safetensors").chmod(0o644)
    (FOLDER / "start" / "generation_config.json").unlink()
    for name, settings, run in (("sft.json", SFT, sft), ("dpo.json", DPO, dpo)):
        with tempfile.TemporaryDirectory() as scratch:
            model = AutoModelForCausalLM.from_pretrained(FOLDER / "start", dtype="float32")
            write(name, {**SHARED, **settings}, run(model, scratch))


main()
