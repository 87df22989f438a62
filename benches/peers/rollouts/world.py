"""The tool of benches/rollouts/world.rs: two kilobytes of made words, others for each number."""

import random

_DICE = random.Random(42)
_WORDS = ["".join(_DICE.choice("bdfgklmnprtvz") + _DICE.choice("aeiou") for _ in range(1 + n % 4)) for n in range(20_000)]


def _block():
    text = ""
    while len(text) < 250:
        text += _WORDS[min(int(_DICE.paretovariate(0.5)), len(_WORDS)) - 1] + " "
    return text


_BLOCKS = [_block() for _ in range(256)]


def text(number):
    places = ((number * 7 + number // 256 * (2 * block + 1) + block * 13) % 256 for block in range(8))
    return f"mill {number}: " + "".join(_BLOCKS[place] for place in places)
