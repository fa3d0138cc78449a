"""A version's schema as a form: its inputs in their order, and what was filled in as JSON."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, cast

import msgspec

Json = dict[str, Any]
PREFIX: Final = "input."
"""Before the name of each input in what a form posts."""


_PROMPT: Final = "A red fox in a snowy forest at dawn"
_PICTURE: Final = "https://example.com/picture.png"


class Kind(StrEnum):
    """How an input is asked for."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - a kind of input
    CHOICE = "choice"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    FILE = "file"
    FILES = "files"
    TEXTS = "texts"
    """One a line."""
    OTHER = "other"
    """Whatever else: as JSON."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One input."""

    name: str
    kind: Kind
    description: str = ""
    is_required: bool = False
    default: Any = None
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def is_range(self) -> bool:
        """Whether it has both ends, so that a slider makes sense."""
        is_number = self.kind in (Kind.INTEGER, Kind.NUMBER)
        return is_number and self.minimum is not None and self.maximum is not None

    @property
    def says(self) -> str:
        """Its type and bounds, in a word or two."""
        names = {Kind.FILES: "file[]", Kind.TEXTS: "string[]", Kind.CHOICE: "string"}
        names |= {Kind.TEXT: "string", Kind.OTHER: "json"}
        name = names.get(self.kind, self.kind.value)
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        told = [f"{word}: {bound:g}" for word, bound in bounds.items() if bound is not None]
        return f"{name} ({', '.join(told)})" if told else name


def fields_of(schema: Json) -> list[Field]:
    """The inputs of an OpenAPI document, in their `x-order`."""
    schemas: Json = schema.get("components", {}).get("schemas", {})
    wanted: Json = schemas.get("Input", {})
    properties = cast("dict[str, Json]", wanted.get("properties", {}))
    required = frozenset(cast("list[str]", wanted.get("required", [])))
    ordered = sorted(properties.items(), key=lambda pair: pair[1].get("x-order", 0))
    return [_field(name, _resolved(p, schemas), name in required) for name, p in ordered]


def says(schema: Json) -> str:
    """What a schema promises, in a word or two: `uri[]`, `string`."""
    kind = str(schema.get("format") or schema.get("type") or "any")
    if kind != "array":
        return kind
    items: Json = schema.get("items", {})
    return f"{says(items)}[]"


def sample(fields: list[Field]) -> Json:
    """A value for each input that has to be there and is no secret: something to begin with."""
    wanted = (field for field in fields if field.is_required and field.kind is not Kind.SECRET)
    return {field.name: _sample(field) for field in wanted}


def _sample(field: Field) -> Any:  # noqa: ANN401, PLR0911 - any JSON; a line each
    match field.kind:
        case Kind.CHOICE:
            return field.choices[0]
        case Kind.INTEGER | Kind.NUMBER:
            return field.minimum if field.minimum is not None else 1
        case Kind.BOOLEAN:
            return False
        case Kind.FILE:
            return _PICTURE
        case Kind.FILES:
            return [_PICTURE]
        case Kind.TEXTS:
            return [_PROMPT]
        case Kind.TEXT:
            return _PROMPT
        case _:
            return {}


def _resolved(one: Json, schemas: Mapping[str, Json]) -> Json:
    """A property with what it refers to."""
    whole = dict(one)
    parts: list[Json] = one.get("allOf", [])
    for part in (*parts, one):
        name = str(part.get("$ref", "")).rpartition("/")[2]
        whole = {**schemas.get(name, {}), **whole}
    return whole


def _field(name: str, one: Json, required: bool) -> Field:
    return Field(
        name=name,
        kind=_kind(one),
        description=str(one.get("description", "")),
        is_required=required and one.get("default") is None,
        default=one.get("default"),
        choices=tuple(one.get("enum", ())),
        minimum=one.get("minimum"),
        maximum=one.get("maximum"),
    )


def _kind(one: Json) -> Kind:  # noqa: PLR0911 - a line each
    if one.get("enum"):
        return Kind.CHOICE
    match one.get("type"), one.get("format"):
        case "string", "password":
            return Kind.SECRET
        case "string", "uri":
            return Kind.FILE
        case "string", _:
            return Kind.TEXT
        case "array", _:
            items: Json = one.get("items", {})
            texts = Kind.TEXTS if items.get("type") == "string" else Kind.OTHER
            return Kind.FILES if items.get("format") == "uri" else texts
        case "integer" | "number" | "boolean" as name, _:
            return Kind(name)
        case _:
            return Kind.OTHER


def faults_of(problem: Mapping[str, Any]) -> Mapping[str, Json]:
    """What the API finds wrong, by the input that it is about."""
    found: list[Json] = problem.get("invalid_fields", [])
    return {_place(one): one for one in found}


def _place(fault: Json) -> str:
    if fault["field"] == "input" and fault.get("type") == "required":  # `prompt is required`
        return str(fault["description"]).partition(" ")[0]
    return str(fault["field"]).removeprefix("input.").partition(".")[0]


def read(fields: list[Field], posted: Mapping[str, list[str]]) -> Json:
    """The input that a form means: what was left empty, or as it is by itself, is left out."""
    filled: Json = {}
    for field in fields:
        value = _value(field, posted.get(PREFIX + field.name, []))
        if value is not None and (value != field.default or field.is_required):
            filled[field.name] = value
    return filled


def _value(field: Field, texts: list[str]) -> Any:  # noqa: ANN401 - any JSON
    text = texts[-1] if texts else ""
    if field.kind is Kind.BOOLEAN:
        return "true" in texts
    if field.kind is Kind.FILES:
        return [line for one in texts for line in one.split()] or None
    return None if text.strip() == "" else _read(field, text)


def _read(field: Field, text: str) -> Any:  # noqa: ANN401 - any JSON
    match field.kind:
        case Kind.TEXTS:
            return [line for line in text.splitlines() if line]
        case Kind.INTEGER | Kind.NUMBER | Kind.OTHER:
            return _json(text)
        case Kind.CHOICE:
            return next((choice for choice in field.choices if str(choice) == text), text)
        case Kind.TEXT:
            return text.replace("\r\n", "\n")
        case _:
            return text.strip()


def _json(text: str) -> Any:  # noqa: ANN401 - what it says; the API says what is wrong with it
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
