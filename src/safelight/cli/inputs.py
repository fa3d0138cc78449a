"""Reads `key=value` arguments by the input schema of a model's version."""

import base64
import difflib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, cast

from safelight.cli.client import Client, media_type_of
from safelight.cli.failing import Misuse

Json = dict[str, Any]
LARGEST_INLINE: Final = 256_000
"""Bytes up to which a file goes within the prediction; a larger one is uploaded before."""
_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})


class InvalidArgument(Misuse):
    """Arguments that do not fit the model's inputs; each is named."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))


def input_properties(openapi: Json) -> dict[str, Json]:
    """Each input's own schema in the model's order, references resolved."""
    schemas: Json = openapi["components"]["schemas"]
    properties: dict[str, Json] = schemas["Input"].get("properties", {})
    ordered = sorted(properties.items(), key=lambda item: item[1].get("x-order", 0))
    return {name: _resolved(schema, schemas) for name, schema in ordered}


def read_inputs(arguments: Iterable[str], properties: dict[str, Json]) -> Json:
    """The `input` of a prediction; a key given again adds to a list.

    A large file is left as its path: see `with_uploads`.

    Raises:
        InvalidArgument: Some cannot be read, or name what the model does not have.
    """
    faults: list[str] = []
    values: Json = {}
    for argument in arguments:
        name, equals, text = argument.partition("=")
        try:
            if not equals:
                raise ValueError("inputs are written key=value, e.g. prompt='a harbour at dawn'")
            schema = _known(name, properties)
            if schema.get("type") == "array":
                values.setdefault(name, []).extend(_items(text, schema))
            elif name in values:
                raise ValueError("given twice, and it is not a list")
            else:
                values[name] = _value(text, schema)
        except ValueError as error:
            faults.append(f"{name}: {error}")
    if faults:
        raise InvalidArgument(faults)
    return values


async def with_uploads(inputs: Json, client: Client) -> Json:
    """The inputs with each path among them uploaded, and its address put in its place."""
    return {name: await _uploaded(value, client) for name, value in inputs.items()}


async def _uploaded(value: object, client: Client) -> object:
    if isinstance(value, Path):
        return (await client.upload(value))["urls"]["get"]
    if isinstance(value, list):
        return [await _uploaded(item, client) for item in cast("list[object]", value)]
    return value


def _known(name: str, properties: dict[str, Json]) -> Json:
    if name in properties:
        return properties[name]
    close = difflib.get_close_matches(name, properties, 1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(properties)}."
    raise ValueError(f"the model has no such input; {hint}")


def _resolved(schema: Json, schemas: Json) -> Json:
    """*schema* with what it refers to laid under it."""
    merged: Json = {}
    parts: list[Json] = [*schema.get("allOf", ())]
    parts += [part for part in schema.get("anyOf", ()) if part.get("type") != "null"][:1]
    if "$ref" in schema:
        parts.append(schemas[schema["$ref"].rsplit("/", 1)[-1]])
    for part in parts:
        merged |= _resolved(part, schemas)
    merged |= {key: value for key, value in schema.items() if key not in ("allOf", "anyOf", "$ref")}
    return merged


def _items(text: str, schema: Json) -> list[Any]:
    if text.startswith("["):
        return cast("list[Any]", _json(text, list, "a JSON list"))
    return [_value(text, schema.get("items", {}))]


def _value(text: str, schema: Json) -> Any:  # noqa: ANN401 - any JSON
    kind = schema.get("type")
    if kind == "string":
        return _file(text) if schema.get("format") == "uri" else text
    if kind == "integer":
        return _number(text, int, "a whole number")
    if kind == "number":
        return _number(text, float, "a number")
    if kind == "boolean":
        return _boolean(text)
    if kind == "object":
        return _json(text, dict, "a JSON object")
    return _untyped(text)


def _number(text: str, kind: type[int] | type[float], expected: str) -> float:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{text!r} is not {expected}") from None


def _boolean(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ValueError(f"{text!r} is not true or false")
    return text.lower() in _TRUE


def _json(text: str, kind: type[Any], expected: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError as error:
        raise ValueError(f"not {expected}: {error}") from None
    if not isinstance(value, kind):
        raise ValueError(f"{text!r} is not {expected}")  # noqa: TRY004 - a fault of the text
    return value


def _untyped(text: str) -> object:
    if text.startswith("@"):
        return _file(text)
    try:
        return json.loads(text)
    except ValueError:
        return text


def _file(text: str) -> str | Path:
    """`@path` as a data URI, or as a path when it is large; a URL stays."""
    if not text.startswith("@"):
        if "://" not in text and not text.startswith("data:"):
            raise ValueError(f"{text!r} is not a URL; a local file is written @{text}")
        return text
    path = Path(text[1:]).expanduser()
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_INLINE + 1)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST_INLINE:
        return path
    return f"data:{media_type_of(path)};base64,{base64.b64encode(content).decode()}"
