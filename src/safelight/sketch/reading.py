"""From a prompt in words to a Brief."""

import re
import unicodedata
from dataclasses import dataclass, field

from safelight.sketch.brief import Brief, Lettering, Thing
from safelight.sketch.colours import NAMED, Colour, rgb
from safelight.sketch.letters import find_lettering
from safelight.sketch.lexicon import LONGEST_PHRASE, Meaning, vocabulary

_MOST_CHARACTERS = 6000  # what is read of a long prompt
_MOST_THINGS = 6
_WORD = re.compile(r"[a-z0-9&'-]+|[,.;:()]")
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "single": 1, "two": 2, "pair": 2, "couple": 2, "both": 2, "three": 3, "trio": 3,
    "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "dozen": 12, "dozens": 14,
    "twelve": 12, "several": 5, "many": 9, "few": 3, "some": 3, "group": 5, "herd": 8, "flock": 9, "school": 9,
    "bunch": 6, "crowd": 10, "hundreds": 16, "lots": 10, "pack": 5, "swarm": 14, "fleet": 6, "row": 6, "family": 4,
    "basket": 5, "bowl": 5, "pile": 7, "colony": 8, "eleven": 11, "twenty": 16, "countless": 14, "numerous": 9,
}  # fmt: skip
_SIZES = {
    "tiny": 0.5, "small": 0.7, "little": 0.75, "miniature": 0.5, "baby": 0.65, "big": 1.3, "large": 1.3, "huge": 1.6,
    "giant": 1.8, "enormous": 1.8, "gigantic": 1.9, "massive": 1.7, "tall": 1.2, "colossal": 1.9,
}  # fmt: skip
_RELATIONS = (
    "riding", "on top of", "in front of", "next to", "beside", "leaning against", "flying", "above", "over", "under",
    "below", "behind", "inside", "holding", "wearing", "with", "on", "in", "and", "near", "against", "playing", "reading",
    "driving", "eating", "drinking", "carrying", "sleeping", "sitting", "standing", "running", "swimming", "floating",
)  # fmt: skip
_NOT = {"no", "without", "not", "never", "except"}


@dataclass(slots=True)
class _Notes:
    """What has been understood so far."""

    first: dict[str, str] = field(default_factory=dict[str, str])
    features: set[str] = field(default_factory=set[str])
    things: list[Thing] = field(default_factory=list[Thing])
    palette: list[Colour] = field(default_factory=list[Colour])
    count: int = 0  # 0: not said
    colour: Colour | None = None
    size: float = 1.0
    relation: str = ""
    words: set[str] = field(default_factory=set[str])
    negated: int = 0

    def forget(self) -> None:
        """A noun has been served: what was said before it is not for the next."""
        self.count, self.colour, self.size, self.relation, self.negated = 0, None, 1.0, "", 0
        self.words = set()


def read(prompt: str, *, transparent: bool = False) -> Brief:
    """Read a prompt of any length and script; never fails, an empty Brief when nothing is understood."""
    text = unicodedata.normalize("NFKC", prompt[:_MOST_CHARACTERS]).replace("\u2019", "'")
    lettering, rest = find_lettering(text)
    spoken = rest.lower()
    if not spoken.strip(" .,:;<>"):
        spoken = text.lower()
    words = _WORD.findall(_asciified(spoken))
    notes = _walk(words)
    return _brief(
        notes, lettering, frozenset(words), transparent=transparent or "transparent" in words
    )


def _asciified(text: str) -> str:
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()


def _walk(words: list[str]) -> _Notes:
    notes, known, at = _Notes(), vocabulary(), 0
    while at < len(words):
        length, meanings = _longest(words, at, known)
        if meanings:
            _take(notes, meanings, words[at : at + length])
        else:
            _hear(notes, words, at)
        at += max(1, length)
    if notes.colour is not None:
        notes.palette.append(notes.colour)
    return notes


def _longest(
    words: list[str], at: int, known: dict[str, tuple[Meaning, ...]]
) -> tuple[int, tuple[Meaning, ...]]:
    for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
        meanings = known.get(" ".join(words[at : at + length]))
        if meanings:
            return length, meanings
    return 0, ()


def _take(notes: _Notes, meanings: tuple[Meaning, ...], phrase: list[str]) -> None:
    if notes.negated > 0:
        notes.forget()
        return
    thing = ""
    for kind, name in meanings:
        if kind == "feature":
            notes.features.add(name)
        elif kind == "thing":
            thing = thing or name
        else:
            notes.first.setdefault(kind, name)
    if any(kind in {"place", "thing"} for kind, _ in meanings):
        _serve(notes, thing, phrase)


def _serve(notes: _Notes, thing: str, phrase: list[str]) -> None:
    """Bind count, colour and size to the thing just named (a place takes the colour for the palette)."""
    if not thing:
        if notes.colour is not None:
            notes.palette.append(notes.colour)
    elif all(other.name != thing or other.colour != notes.colour for other in notes.things):
        count = notes.count or _unsaid_count(phrase[-1], thing)
        notes.things.append(
            Thing(thing, count, notes.colour, notes.size, notes.relation, frozenset(notes.words))
        )
    notes.forget()


def _unsaid_count(noun: str, thing: str) -> int:
    """How many are meant when no number is said: one, or a few when the noun is a plural."""
    if noun in {"fish", "sheep", "people", "men", "women", "children", "mice", "geese"}:
        return 4
    is_plural = (
        noun.endswith("s")
        and not noun.endswith(("ss", "us"))
        and noun != thing.rsplit(" ", maxsplit=1)[-1]
    )
    return 3 if is_plural else 1


def _hear(notes: _Notes, words: list[str], at: int) -> None:
    """Note a word that is not a name: a number, colour, size, relation or anything else."""
    word = words[at]
    notes.negated = max(0, notes.negated - 1)
    if word in _NOT:
        notes.negated = 3
    elif word in NAMED:
        if notes.colour is not None:
            notes.palette.append(notes.colour)
        notes.colour = rgb(NAMED[word])
    elif word in _SIZES:
        notes.size = _SIZES[word]
    elif word in _NUMBERS:
        notes.count = max(notes.count, _NUMBERS[word])
    elif word.isdigit() and 0 < int(word[:4]) <= 40 and len(word) < 3:
        notes.count = int(word)
    elif word in {",", ".", ";", ":"}:
        if notes.colour is not None:
            notes.palette.append(notes.colour)
        notes.forget()
    else:
        joined = " ".join(words[at : at + 3])
        notes.relation = next(
            (name for name in _RELATIONS if (joined + " ").startswith(name + " ")), notes.relation
        )
        notes.words.add(word)


def _brief(
    notes: _Notes, lettering: tuple[Lettering, ...], words: frozenset[str], *, transparent: bool
) -> Brief:
    first = notes.first
    _fill_from_words(first, words)
    return Brief(
        place=first.get("place", ""),
        weather=_weather(first, notes.features),
        hour=first.get("hour", ""),
        style=first.get("style", ""),
        palette=tuple(dict.fromkeys(notes.palette))[:3],
        things=tuple(notes.things[:_MOST_THINGS]),
        lettering=lettering,
        carrier=first.get("carrier", ""),
        features=frozenset(notes.features),
        words=words,
        transparent=transparent,
    )


def _fill_from_words(first: dict[str, str], words: frozenset[str]) -> None:
    """Take hour and weather from single words that a longer phrase has swallowed ("rainy window")."""
    known = vocabulary()
    for word in sorted(words):
        for kind, name in known.get(word, ()):
            if kind in {"hour", "weather"}:
                first.setdefault(kind, name)


def _weather(first: dict[str, str], features: set[str]) -> str:
    """Return the weather; "snowy" under a starry sky or an aurora is a clear night on snow."""
    weather = first.get("weather", "")
    sky_shows = not features.isdisjoint({"aurora", "stars", "milkyway"})
    return "" if weather == "snow" and sky_shows else weather
