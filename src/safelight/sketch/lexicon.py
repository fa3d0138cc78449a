"""The words the illustrator knows, read from the lists in `data`."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Kind = Literal["place", "hour", "weather", "style", "feature", "carrier", "thing"]
Meaning = tuple[Kind, str]

LONGEST_PHRASE = 5  # words


@dataclass(frozen=True, slots=True)
class Subject:
    """One row of the subject list: its picture, its natural height in metres, and where it is at home."""

    name: str
    picture: str
    height: float
    habitat: str


def data_text(name: str) -> str:
    """Return a text file of the package's data."""
    return (files("safelight.sketch") / "data" / name).read_text(encoding="utf-8")


def _rows(name: str) -> list[tuple[str, list[str]]]:
    rows: list[tuple[str, list[str]]] = []
    for line in data_text(name).splitlines():
        if line and not line.startswith("#"):
            head, _, tail = line.partition(":")
            rows.append((head.strip(), [word.strip() for word in tail.split(",") if word.strip()]))
    return rows


@cache
def subjects() -> dict[str, Subject]:
    """Return every subject by name."""
    found: dict[str, Subject] = {}
    for head, _ in _rows("subjects.txt"):
        name, picture, height, habitat = (part.strip() for part in head.split("|"))
        found[name] = Subject(name, picture, float(height), habitat)
    return found


def plural(word: str) -> str:
    """Return the regular English plural of a word or of a phrase's last word."""
    if word.endswith(("s", "x", "ch", "sh", "z")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in set("aeiou"):
        return word[:-1] + "ies"
    if word.endswith("fe"):
        return word[:-2] + "ves"
    if word.endswith("man"):
        return word[:-3] + "men"
    return word + "s"


@cache
def vocabulary() -> dict[str, tuple[Meaning, ...]]:
    """Return every phrase (lower case, words parted by one space) with all it can mean."""
    found: dict[str, list[Meaning]] = {}
    for head, words in _rows("places.txt"):
        for word in words:
            found.setdefault(word, []).append(("place", head))
    for head, words in _rows("words.txt"):
        kind, name = head.split(" ")
        for word in words:
            found.setdefault(word, []).append((_kind(kind), name))
    for head, words in _rows("subjects.txt"):
        name = head.split("|")[0].strip()
        for word in {name, *words}:
            for form in {word, plural(word)}:
                found.setdefault(form, []).append(("thing", name))
    return {phrase: tuple(meanings) for phrase, meanings in found.items()}


def _kind(word: str) -> Kind:
    kinds: dict[str, Kind] = {
        "hour": "hour", "weather": "weather", "style": "style", "feature": "feature", "carrier": "carrier",
    }  # fmt: skip
    return kinds[word]
