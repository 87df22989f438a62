"""Small models of `transformers`, with the logits, the losses and the gradients that it works out for two sequences:
`fixtures.py FOLDER`. One of them has an adapter of `peft` too. What each file holds stands in
`crates/language-model/tests/fixtures/transformers/README.md`."""

import copy
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file

from tiny import PAD, model_of

FOLDER = Path(sys.argv[1])
LENGTHS = (41, 23)
SHAPE = dict(
    hidden_size=32,
    intermediate_size=48,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=16,
    max_position_embeddings=64,
    initializer_range=0.2,
)
# Positions up to 40, where the network was made for 16: what YaRN does to the angles counts.
YARN = dict(rope_type="yarn", rope_theta=1e6, factor=4.0, original_max_position_embeddings=16)
MODELS = {
    "tied": dict(vocab_size=97, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=1e6)),
    "untied": dict(vocab_size=131, tie_word_embeddings=False, rope_parameters=dict(rope_type="default", rope_theta=1e4)),
    "yarn": dict(vocab_size=97, tie_word_embeddings=True, rope_parameters=YARN),
}


def sequences(vocabulary):
    """Tokens, and how much each counts: 0, 1/2 or 1, the first of them 0."""
    for number, length in enumerate(LENGTHS):
        yield torch.randint(2, vocabulary, (length,)), torch.tensor([0.0, *((at + number) % 3 / 2 for at in range(1, length))])


def padded(rows, filler):
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=filler)


def worked_out(model, rows, dtype):
    """Both sequences at once, padded: logits, log-probabilities, loss, gradients."""
    model = copy.deepcopy(model).to(dtype)
    ids = padded([ids for ids, _ in rows], PAD)
    weights = padded([weights for _, weights in rows], 0.0)[:, 1:].to(dtype)
    mask = padded([torch.ones_like(ids) for ids, _ in rows], 0)
    logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits
    log_probabilities = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    loss = -(weights * log_probabilities).sum() / weights.sum()
    loss.backward()
    out = {"loss": loss.detach().reshape(1)}
    for at, (ids, _) in enumerate(rows):
        out[f"logits.{at}"] = logits[at, : len(ids)].detach().contiguous()
        out[f"log_probabilities.{at}"] = log_probabilities[at, : len(ids) - 1].detach().contiguous()
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            out[f"gradient.{name.replace('.default', '')}"] = weight.grad
    return out


def expect(model, rows, file):
    single, double = (worked_out(model, rows, dtype) for dtype in (torch.float32, torch.float64))
    noise = {name: ((single[name] - it).abs().max() / it.abs().max()).item() for name, it in double.items()}
    worst = max(noise, key=noise.get)
    print(f"{file.parent.name}/{file.name}: f32 is at most {noise[worst]:.1e} off f64, for {worst}")
    given = {f"{name}.{at}": it for at, row in enumerate(rows) for name, it in zip(("tokens", "weights"), row)}
    save_file({**given, **single}, file)


def main():
    for seed, (name, more) in enumerate(MODELS.items()):
        folder = FOLDER / name
        model = model_of(seed, **SHAPE, **more)
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink()
        (folder / "model.safetensors").chmod(0o644)
        rows = list(sequences(model.config.vocab_size))
        expect(model, rows, folder / "expected.safetensors")
        if name == "untied":
            about = LoraConfig(
                r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"], init_lora_weights=False, task_type="CAUSAL_LM"
            )
            about.base_model_name_or_path = name
            adapted = get_peft_model(model, about)
            adapted.save_pretrained(folder / "adapter")
            (folder / "adapter" / "README.md").unlink(missing_ok=True)
            (folder / "adapter" / "adapter_model.safetensors").chmod(0o644)
            expect(adapted, rows, folder / "adapter" / "expected.safetensors")


main()
