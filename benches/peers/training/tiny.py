"""Small Qwen3 models that `transformers` makes from a seed, and words that are tokens."""

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

PAD, END = 0, 1


def model_of(seed, **more):
    """A model whose normalisations are not all ones, as in a trained one; wide enough that every weight counts."""
    torch.manual_seed(seed)
    config = Qwen3Config(pad_token_id=None, bos_token_id=None, eos_token_id=END, attention_dropout=0.0, **more)
    model = Qwen3ForCausalLM(config).float().eval()
    model.generation_config.eos_token_id = END
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name:
                weight.add_(0.2 * torch.randn(weight.shape))
    return model


def word(token):
    return f"t{token:03}"


def text(ids):
    return " ".join(word(token) for token in ids)


def tokenizer_of(vocabulary):
    """Each token is a word: what is written out is read back as it was."""
    known = {word(token): token for token in range(vocabulary)}
    tokenizer = Tokenizer(models.WordLevel(known))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=word(PAD), eos_token=word(END))
