"""What a prompt asks for, once it has been read."""

from dataclasses import dataclass
from typing import Literal

from safelight.sketch.colours import Colour

Role = Literal["text", "title", "caption", "artist", "account", "says"]


@dataclass(frozen=True, slots=True)
class Lettering:
    """Words to set in the picture, and what the prompt says they are."""

    text: str
    role: Role = "text"


@dataclass(frozen=True, slots=True)
class Thing:
    """A subject: a name of the subject list, how many, and what was said about it.

    `size` multiplies its natural size. `relation` says where it is, to the thing before it in the prompt.
    """

    name: str
    count: int = 1
    colour: Colour | None = None
    size: float = 1.0
    relation: str = ""
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything the painters look at. Empty strings and tuples where the prompt is silent."""

    place: str = ""
    weather: str = ""
    hour: str = ""
    style: str = ""
    palette: tuple[Colour, ...] = ()
    things: tuple[Thing, ...] = ()
    lettering: tuple[Lettering, ...] = ()
    carrier: str = ""  # what carries the lettering: sign, neon, screen, shirt, card ...
    features: frozenset[str] = (
        frozenset()
    )  # aurora, stars, moon, reflection, plants, rainbow, lights ...
    words: frozenset[str] = frozenset()  # every word of the prompt, lower case
    transparent: bool = False

    def has(self, *features: str) -> bool:
        """Whether any of the features was asked for."""
        return not self.features.isdisjoint(features)
