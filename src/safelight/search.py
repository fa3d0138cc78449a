"""Full-text search: which documents answer a query, best first."""

import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec

_WORD: Final = re.compile(r"[^\W_]+")
_MOST_CHARACTERS: Final = 2000
_MOST_WORDS: Final = 32
"""A longer query is cut: what it asks for has been said by then."""
_MOST_READ: Final = 4000
"""Characters of each text of a document that can be found: what it is about stands there."""
_SAYING_NOTHING: Final = frozenset(
    {"a", "an", "and", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)
_SHORTEST_PREFIX: Final = 2
_NAME, _TEXT, _EXTRA = 8.0, 3.0, 1.0
_PREFIX: Final = 0.6
"""What a word that only begins like the one asked for counts, beside the word itself."""

_Weights = Mapping[str, float]
_AFTER_ALL: Final = chr(0x10FFFF)
"""No word goes on with it."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be found."""

    key: str
    """What it is to whoever searches; not searched itself."""
    name: str
    """Weighs most, e.g. `owner/name`."""
    text: str = ""
    """Its description."""
    extra: str = ""
    """Anything longer that may be found in, too: a readme, tags."""


def ranked(query: str, documents: Iterable[Document]) -> list[tuple[Document, float]]:
    """The documents that answer *query*, best first, each with a score above 0.

    Case and diacritics do not matter, and a word also finds those that begin with it. Documents
    with all words of the query are given; when there are none, those with any. Documents that
    score the same keep their order.
    """
    asked = _asked(query)
    known = list(documents)
    if not asked or not known:
        return []
    found = [_fits(asked, _read(document)) for document in known]
    rarity = _rarity(found)
    scored = [
        (document, _score(fits, rarity) * (1 + _closeness(asked, document)))
        for document, fits in zip(known, found, strict=True)
        if fits
    ]
    whole = [len(fits) == len(asked) for fits in found if fits]
    if any(whole):
        scored = [pair for pair, is_whole in zip(scored, whole, strict=True) if is_whole]
    return sorted(scored, key=lambda pair: -pair[1])


def _asked(query: str) -> list[str]:
    words = list(dict.fromkeys(_words(query[:_MOST_CHARACTERS])))
    return [word for word in words if word not in _SAYING_NOTHING][:_MOST_WORDS] or words


def _words(text: str) -> list[str]:
    # Twice: folding the case of a letter can bring forth a mark, as in the Turkish İ.
    plain = _without_marks(_without_marks(text).casefold())
    return _WORD.findall(plain)


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


class _Read:
    """Each word of a document, in order, and the weight of the best place that it stands in."""

    def __init__(self, document: Document) -> None:
        d, found = document, dict[str, float]()
        for text, weight in ((d.extra, _EXTRA), (d.text, _TEXT), (d.name, _NAME)):
            found.update(dict.fromkeys(_words(text[:_MOST_READ]), weight))
        for part in d.name.split("/"):
            found["".join(_words(part))] = _NAME  # so that gptimage1 finds gpt-image-1
        self.words = sorted(found)
        self.weights = [found[word] for word in self.words]


_read: Final = lru_cache(maxsize=1024)(_Read)  # that takes far longer than searching it


def _fits(asked: Sequence[str], read: _Read) -> _Weights:
    """How well a document answers each word that was asked for; words it lacks are left out."""
    fits = {word: _fit(word, read) for word in asked}
    return {word: fit for word, fit in fits.items() if fit > 0}


def _fit(word: str, read: _Read) -> float:
    at = bisect_left(read.words, word)
    is_there = at < len(read.words) and read.words[at] == word
    exact = read.weights[at] if is_there else 0.0
    if len(word) < _SHORTEST_PREFIX:
        return exact
    begun = read.weights[at : bisect_left(read.words, word + _AFTER_ALL, at)]
    return max(exact, _PREFIX * max(begun, default=0.0))


def _rarity(found: Sequence[_Weights]) -> _Weights:
    """A word that few documents have says more."""
    counts: dict[str, int] = {}
    for fits in found:
        for word in fits:
            counts[word] = counts.get(word, 0) + 1
    return {word: math.log(1 + len(found) / count) for word, count in counts.items()}


def _score(fits: _Weights, rarity: _Weights) -> float:
    return sum(fit * rarity[word] for word, fit in fits.items())


def _closeness(asked: Sequence[str], document: Document) -> float:
    """How much of the name was asked for, 0 to 1: `imagen-4` is nearer than `imagen-4-fast`."""
    name = set(_words(document.name))
    return len(name & set(asked)) / len(name) if name else 0.0
