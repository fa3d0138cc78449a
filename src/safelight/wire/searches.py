"""What is searched for and found, and collections, as Replicate shows them."""

from collections.abc import Sequence

import msgspec

from safelight.errors import Malformed
from safelight.model import Collection
from safelight.wire.encoding import Json, page


def read_search(body: bytes) -> str:
    """The text that is searched for; some clients send it as it is, others as JSON.

    Raises:
        Malformed: It is not text.
    """
    try:
        text = body.decode().strip()
    except UnicodeDecodeError as error:
        raise Malformed("The request body is not UTF-8.") from error
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        try:
            return msgspec.json.decode(text, type=str)
        except msgspec.DecodeError:  # quotes that somebody typed
            return text[1:-1]
    return text


def found_models(models: Sequence[Json]) -> Json:
    """A page of what was found: here a description is always a text."""
    shown = [model | {"description": model["description"] or ""} for model in models]
    return page(shown, None, None)


def found_model(model: Json, score: float, tags: Sequence[str]) -> Json:
    """One model that was found; the tags are the collections that it is in."""
    metadata = {"generated_description": None, "tags": list(tags), "score": round(score, 4)}
    return {"model": model, "metadata": metadata}


def findings(query: str, models: Sequence[Json], collections: Sequence[Collection]) -> Json:
    """All that was found."""
    return {
        "query": query,
        "models": list(models),
        "collections": [collection(one) | {"models": list(one.models)} for one in collections],
        "pages": [],
    }


def collection(collection: Collection) -> Json:
    """A collection as lists show it."""
    return {
        "name": collection.name,
        "slug": collection.slug,
        "description": collection.description,
    }


def whole_collection(whole: Collection, models: Sequence[Json]) -> Json:
    """A collection with its models."""
    shown = collection(whole)
    return shown | {"full_description": whole.full_description, "models": list(models)}
