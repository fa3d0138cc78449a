"""Keys are taken out of whatever a provider says, before anybody sees it."""

import re

_HIDDEN = "[REDACTED]"
_SHORTEST = 6  # characters: a shorter part of a key tells nothing, and is in ordinary words
_READ = 4000
_LONGEST = 500
_KEY_LIKE = re.compile(
    r"\b(?:sk-|sk_|pk_|rk_|r8_|AIza|AQ\.|ya29\.|Bearer\s+)[^\s'\",;)}\]]+|[*\u2022]{3,}[^\s'\",;]*"
)


def scrub(text: str, key: str) -> str:
    """Give the text on one line of at most 500 characters, without `key`, its parts, or others.

    A part is any six characters in a row: providers quote keys cut short or masked.
    """
    text = text[:_READ]
    hidden = [False] * len(text)
    parts = {key[at : at + _SHORTEST] for at in range(len(key) - _SHORTEST + 1)} or {key}
    for part in filter(None, parts):
        for found in re.finditer(f"(?={re.escape(part)})", text):
            hidden[found.start() : found.start() + len(part)] = [True] * len(part)
    for found in _KEY_LIKE.finditer(text):
        hidden[found.start() : found.end()] = [True] * (found.end() - found.start())
    return " ".join(_without(text, hidden).split())[:_LONGEST]


def _without(text: str, hidden: list[bool]) -> str:
    pieces: list[str] = []
    for at, character in enumerate(text):
        if not hidden[at]:
            pieces.append(character)
        elif at == 0 or not hidden[at - 1]:
            pieces.append(_HIDDEN)
    return "".join(pieces)
