"""What a picture counts in tokens, by OpenAI's tables and formulas."""

import math

Size = tuple[int, int]
"""Width and height in pixels."""

_SQUARE, _PORTRAIT, _LANDSCAPE = range(3)
_OUTPUT = {
    "low": (272, 408, 400),
    "medium": (1056, 1584, 1568),
    "high": (4160, 6240, 6208),
}
"""Of gpt-image-1, 1-mini and 1.5, per picture: square, portrait, landscape."""
_FACTORS = {"low": 16, "medium": 48, "high": 96}
_HIGH_FIDELITY = (4160, 6240, 6240)
_TILE = 512
_INPUT_OF_2 = 361
"""Per input picture of gpt-image-2; the rule is not published, this one figure is."""
_HIDDEN = 32
"""Text tokens that an edit adds for each input picture."""
_PREAMBLE = 8
_PARTIAL = 100


def text_tokens(prompt: str, pictures: int) -> int:
    """An estimate: a token for four characters, and what the service adds of its own.

    A character outside of ASCII counts for what it takes beyond its first byte: in Chinese each can
    be a token, and an emoji is several.
    """
    beyond = len(prompt.encode(errors="surrogatepass")) - len(prompt)
    return _PREAMBLE + math.ceil(len(prompt) / 4) + beyond + _HIDDEN * pictures


def output_tokens(model: str, size: Size, quality: str) -> int:
    """Tokens of one picture; quality `auto` means what the service has been seen to choose."""
    if model.startswith("gpt-image-2"):
        return _formula(size, _FACTORS.get(quality, _FACTORS["medium"]))
    return _OUTPUT.get(quality, _OUTPUT["high"])[_shape(size)]


def partial_tokens(count: int) -> int:
    """What so many unfinished pictures add to the tokens of a picture."""
    return _PARTIAL * count


def input_tokens(model: str, size: Size, fidelity: str | None) -> int:
    """Tokens of one input picture."""
    if model.startswith("gpt-image-2"):
        return _INPUT_OF_2
    scale = _TILE / min(size)
    tiles = math.ceil(size[0] * scale / _TILE) * math.ceil(size[1] * scale / _TILE)
    extra = _HIGH_FIDELITY[_shape(size)] if fidelity == "high" else 0
    return 65 + 129 * tiles + extra


def _shape(size: Size) -> int:
    width, height = size
    if width == height:
        return _SQUARE
    return _LANDSCAPE if width > height else _PORTRAIT


def _formula(size: Size, factor: int) -> int:
    """The formula of gpt-image-2, which third parties measured; it reproduces the price list."""
    long, short = max(size), min(size)
    steps = (2 * factor * short + long) // (2 * long)
    return -(-factor * steps * (2_000_000 + long * short) // 4_000_000)
