"""Routes: which upstream answers for a model, and which are tried after it."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple, Self

import msgspec

SKETCH: Final = "sketch"
"""Calls nobody: the last resort of a model, if one of its routes names it."""
PROVIDERS = ("openai", "google", "jigsawstack", SKETCH)
_FORM = "owner/name=provider:model"
_PROVIDERS_TEXT = ", ".join(PROVIDERS)


class InvalidRoute(ValueError):
    """A route cannot be read; the message says which, and how one is written."""


class Route(msgspec.Struct, frozen=True):
    """One way to have a model answered: a provider and its own name for the model."""

    provider: str
    model: str

    def __str__(self) -> str:
        """Write it as `provider:model`, which parse() reads."""
        return f"{self.provider}:{self.model}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `provider:model`; `sketch` alone will do for the sketch.

        Raises:
            InvalidRoute: The provider is not known, or no model is named.
        """
        provider, _, model = (part.strip() for part in text.partition(":"))
        if provider not in PROVIDERS:
            raise InvalidRoute(
                f"{provider!r} is no provider: write {_FORM} with one of {_PROVIDERS_TEXT}."
            )
        if provider == SKETCH:
            return cls(provider, model or SKETCH)
        if not model or any(character.isspace() or character in "=:" for character in model):
            raise InvalidRoute(f"{text.strip()!r} names no model of {provider}: write {_FORM}.")
        return cls(provider, model)


DEFAULT_ROUTES: Mapping[str, tuple[Route, ...]] = MappingProxyType(
    {
        "openai/gpt-image-1": (Route("openai", "gpt-image-2"),),
        "openai/gpt-image-2": (Route("openai", "gpt-image-2"),),
        "google/imagen-4-fast": (Route("google", "gemini-3.1-flash-image"),),
        "jigsawstack/image-generation": (Route("jigsawstack", "image_generation"),),
    }
)
"""The upstreams that serve now; a retired one is replaced by the successor its provider names."""


class Retirement(NamedTuple):
    """Who shuts a model down, when, and what to name in its place."""

    by: str
    on: date
    successor: str
    """As `provider:model`."""


_GPT_IMAGE: Final = "openai:gpt-image-2"
_DECEMBER: Final = Retirement("OpenAI", date(2026, 12, 1), _GPT_IMAGE)
RETIREMENTS: Mapping[str, Retirement] = MappingProxyType(
    {
        "openai:dall-e-2": Retirement("OpenAI", date(2026, 5, 12), _GPT_IMAGE),
        "openai:dall-e-3": Retirement("OpenAI", date(2026, 5, 12), _GPT_IMAGE),
        "openai:gpt-image-1": Retirement("OpenAI", date(2026, 10, 23), _GPT_IMAGE),
        "openai:gpt-image-1-mini": _DECEMBER,
        "openai:gpt-image-1.5": _DECEMBER,
        "openai:chatgpt-image-latest": _DECEMBER,
        "google:imagen-4.0-fast-generate-001": Retirement(
            "Google", date(2026, 8, 17), "google:gemini-3.1-flash-image"
        ),
    }
)
"""The dates that providers have published, by `provider:model`."""


def parse_routes(text: str) -> Mapping[str, tuple[Route, ...]]:
    """Read `a/b=openai:x|google:y,c/d=...`: for each model, the routes in the order to try.

    Only what the text names is in the result; lay it over DEFAULT_ROUTES.

    Raises:
        InvalidRoute: An entry cannot be read, or a model is named twice.
    """
    routes: dict[str, tuple[Route, ...]] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        model, equals, targets = (part.strip() for part in entry.partition("="))
        if not equals or not _is_model(model):
            raise InvalidRoute(f"{entry!r} is no route: write {_FORM}.")
        if model in routes:
            raise InvalidRoute(
                f"{model} has two routes: join them with |, the first is tried first."
            )
        routes[model] = tuple(Route.parse(target) for target in targets.split("|"))
    return MappingProxyType(routes)


def _is_model(text: str) -> bool:
    owner, slash, name = text.partition("/")
    return bool(owner and slash and name) and not any(c.isspace() or c in "/:" for c in name)
