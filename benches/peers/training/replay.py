"""Trains again what TRL trained, by a plain loop that reads nothing but the files that `trl_curves.py` wrote:
`replay.py FOLDER`. That it comes to the same curves shows that the files say everything."""

import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import AutoModelForCausalLM

FOLDER = Path(sys.argv[1])
# How far a step may be from TRL's: the difference over the larger of the value and 1.
MOST = 1e-4


def log_probabilities(model, ids):
    """Of each token after the first, given those before it. One sequence at a time: nothing is padded."""
    logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, :-1]
    return logits.log_softmax(-1).gather(-1, torch.tensor(ids[1:])[:, None])[:, 0]


def weighted_sum(model, sequence):
    """The log-probability of the tokens that count, together."""
    weights = torch.tensor(sequence["weights"][1:], dtype=model.dtype)
    return (log_probabilities(model, sequence["ids"]) * weights).sum()


def sft(model, sequences, settings):
    """The mean over all tokens that count in the whole step, however many sequences they lie in."""
    counted = sum(sum(it["weights"][1:]) for it in sequences)
    loss = 0.0
    for it in sequences:
        part = -weighted_sum(model, it) / counted
        part.backward()
        loss += part.item()
    return {"loss": loss}


def dpo(model, pairs, settings):
    """The mean over the pairs of the whole step. What the reference says stands in the file."""
    names = ("loss", "rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies", "logps/chosen", "logps/rejected")
    sums = dict.fromkeys(names, 0.0)
    for it in pairs:
        chosen, rejected = (weighted_sum(model, it[side]) for side in ("chosen", "rejected"))
        rewards = [settings["beta"] * (own - it[side]["reference"]) for side, own in (("chosen", chosen), ("rejected", rejected))]
        loss = -F.logsigmoid(rewards[0] - rewards[1])
        (loss / len(pairs)).backward()
        found = (loss, *rewards, rewards[0] - rewards[1], rewards[0] > rewards[1], chosen, rejected)
        for name, value in zip(names, found):
            sums[name] += value.item() / len(pairs)
    return sums


def learning_rate(step, settings):
    """Of a step, the first of which is 0: it learns nothing."""
    warm, steps = settings["warmup_steps"], settings["max_steps"]
    if step < warm:
        return settings["learning_rate"] * step / warm
    done = (step - warm) / (steps - warm)
    left = 1 - done if settings["lr_scheduler_type"] == "linear" else 0.5 * (1 + math.cos(math.pi * done))
    return settings["learning_rate"] * left


def clip(weights, most):
    norm = torch.sqrt(sum((weight.grad**2).sum() for weight in weights)).item()
    for weight in weights:
        weight.grad *= min(1.0, most / (norm + 1e-6))
    return norm


class AdamW:
    def __init__(self, model, decays, settings):
        self.named, self.decays, self.settings = dict(model.named_parameters()), set(decays), settings
        self.moments = {name: (torch.zeros_like(weight), torch.zeros_like(weight)) for name, weight in self.named.items()}
        self.count = 0

    @torch.no_grad()
    def step(self, rate):
        self.count += 1
        first, second, epsilon, decay = (self.settings[name] for name in ("adam_beta1", "adam_beta2", "adam_epsilon", "weight_decay"))
        for name, weight in self.named.items():
            mean, square = self.moments[name]
            mean.mul_(first).add_((1 - first) * weight.grad)
            square.mul_(second).add_((1 - second) * weight.grad**2)
            if name in self.decays:
                weight.mul_(1 - rate * decay)
            mean, square = mean / (1 - first**self.count), square / (1 - second**self.count)
            weight.sub_(rate * mean / (square.sqrt() + epsilon))
            weight.grad = None


def replayed(file, rows, loss_of, dtype):
    said = json.loads((FOLDER / file).read_text())
    settings, rows = said["settings"], said[rows]
    model = AutoModelForCausalLM.from_pretrained(FOLDER / "start", dtype=dtype, attn_implementation="eager")
    optimizer = AdamW(model, said["decays"], settings)
    size = settings["per_device_train_batch_size"] * settings["gradient_accumulation_steps"]
    worst = {}
    for step, expected in enumerate(said["steps"]):
        batch = [rows[(step * size + at) % len(rows)] for at in range(size)]
        found = loss_of(model, batch, settings)
        found["grad_norm"] = clip(list(model.parameters()), settings["max_grad_norm"])
        found["learning_rate"] = learning_rate(step, settings)
        optimizer.step(found["learning_rate"])
        if step < 2:
            # The model is still the reference: which side is ahead is a matter of rounding.
            found.pop("rewards/accuracies", None)
        for name, value in found.items():
            off = abs(value - expected[name]) / max(1.0, abs(expected[name]))
            worst[name] = max(worst.get(name, 0.0), off)
    for name, weight in model.named_parameters():
        off = abs(weight.double().norm().item() / said["final"][name]["norm"] - 1)
        worst["norms of the last weights"] = max(worst.get("norms of the last weights", 0.0), off)
    offs = ", ".join(f"{name} {off:.1e}" for name, off in worst.items())
    print(f"{file} again in {dtype}, {len(said['steps'])} steps, at most off: {offs}")
    assert max(worst.values()) <= MOST, worst


def main():
    torch.set_num_threads(1)
    for dtype in (torch.float32, torch.float64):
        replayed("sft.json", "sequences", sft, dtype)
        replayed("dpo.json", "pairs", dpo, dtype)


main()
