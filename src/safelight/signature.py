"""A Cog runner's signature as an OpenAPI document."""

import collections.abc
import copy
import enum
import inspect
import pathlib
import types
import typing
from collections.abc import Callable
from typing import Any, is_typeddict

import cog

Json = dict[str, Any]

REF = "#/components/schemas/"
_URI: Json = {"type": "string", "format": "uri"}
_SECRET: Json = {"type": "string", "format": "password", "writeOnly": True, "x-cog-secret": True}
_SCALARS: dict[object, Json] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    dict: {"type": "object"},
    list: {"type": "array", "items": {}},
    cog.File: _URI,
    cog.Secret: _SECRET,
    Any: {},
}
_JSON_TYPES: dict[type, str] = {
    types.NoneType: "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_CONCATENATED = (cog.ConcatenateIterator, cog.AsyncConcatenateIterator)
_ITERATORS = (
    *_CONCATENATED,
    collections.abc.Iterator,
    collections.abc.AsyncIterator,
    collections.abc.Generator,
    collections.abc.AsyncGenerator,
)


def openapi_schema(runner: type) -> Json:
    """Describe a runner class as Cog's `openapi.json` does, without `paths`.

    Raises:
        TypeError: An annotation is missing or cannot cross JSON; the message names the input.
    """
    method = _entry_point(runner)
    hints = typing.get_type_hints(method, include_extras=True)
    properties: Json = {}
    enums: Json = {}
    for order, parameter in enumerate(list(inspect.signature(method).parameters.values())[1:]):
        name = parameter.name
        if name not in hints:
            raise TypeError(f"{runner.__name__}: input {name} has no type annotation")
        schema = _property(name, hints[name], parameter.default, enums)
        properties[name] = {**schema, "x-order": order}
    schemas: Json = {
        "Input": {"type": "object", "title": "Input", "properties": properties},
        "Output": {"title": "Output", **_output(hints.get("return", Any))},
    }
    required = [n for n, p in properties.items() if "default" not in p and "nullable" not in p]
    if required:
        schemas["Input"]["required"] = required
    return {
        "openapi": "3.0.2",
        "info": {"title": "Cog", "version": "0.1.0"},
        "components": {"schemas": {**schemas, **enums, **copy.deepcopy(_FIXED)}},
    }


def _entry_point(runner: type) -> Callable[..., object]:
    """`run`, or `predict` as it was called until 2026; the base class's own do not count."""
    for name in ("run", "predict"):
        method = getattr(runner, name, None)
        if inspect.isfunction(method) and method is not getattr(cog.BaseRunner, name):
            return method
    raise TypeError(f"{runner.__name__} has neither run() nor predict()")


def _property(name: str, hint: object, default: object, enums: Json) -> Json:
    if not isinstance(default, cog.FieldInfo):
        default = cog.FieldInfo(None if default is inspect.Parameter.empty else default)
    core, nullable = _without_none(hint)
    try:
        schema = {**_type_schema(core), "title": _title(name)}
    except TypeError as error:
        raise TypeError(f"input {name}: {error}") from error
    if choices := list(default.choices or ()) or _choices(core):
        schema = _enumerated(schema, name, [_plain(choice) for choice in choices], enums)
    facts = {
        "description": default.description,
        "default": _plain(default.default),
        "minimum": default.ge,
        "maximum": default.le,
        "minLength": default.min_length,
        "maxLength": default.max_length,
        "pattern": default.regex,
        "deprecated": default.deprecated,
        "x-cog-accept": default.accept,
        "nullable": nullable or None,
    }
    return schema | {key: value for key, value in facts.items() if value is not None}


def _enumerated(schema: Json, name: str, values: list[Any], enums: Json) -> Json:
    """Move the choices to a component of their own, to which the property refers."""
    enums[name] = _enumeration(name, values)
    if schema["type"] == "array":
        return {**schema, "items": {"$ref": REF + name}}
    return {"allOf": [{"$ref": REF + name}]}


def _choices(hint: Any) -> list[object]:  # noqa: ANN401 - an annotation can be any object
    """What a Literal or an Enum allows, also inside a list."""
    if typing.get_origin(hint) is typing.Literal:
        return list(typing.get_args(hint))
    if isinstance(hint, enum.EnumType):
        return list(hint)
    arguments = typing.get_args(hint)
    return _choices(arguments[0]) if typing.get_origin(hint) is list and arguments else []


def _without_none(hint: Any) -> tuple[Any, bool]:  # noqa: ANN401 - an annotation can be any object
    """Take `| None` and Annotated metadata off an annotation; True when there was a None."""
    if typing.get_origin(hint) is typing.Annotated:
        inner, *metadata = typing.get_args(hint)
        core, nullable = _without_none(inner)
        return (Any if cog.Opaque in metadata else core), nullable
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint, False
    members = tuple(m for m in typing.get_args(hint) if m is not types.NoneType)
    return typing.Union[members], len(members) < len(typing.get_args(hint))  # noqa: UP007 - known only when it runs


def _type_schema(hint: Any) -> Json:  # noqa: ANN401 - an annotation can be any object
    core, nullable = _without_none(hint)
    return {**_core_schema(core), "nullable": True} if nullable else _core_schema(core)


def _core_schema(core: Any) -> Json:  # noqa: ANN401 - an annotation can be any object
    origin, arguments = typing.get_origin(core), typing.get_args(core)
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_unmarked(member, "a union") for member in arguments]}
    if origin is list:
        (item,) = arguments or (Any,)
        return {"type": "array", "items": _unmarked(item, "a list", but="uri")}
    if origin is typing.Literal or isinstance(core, enum.EnumType):
        return {"type": json_type(_plain(_choices(core)[0]))}
    if _is_subclass(core, pathlib.PurePath):
        return dict(_URI)
    scalar: object = dict if origin is dict or is_typeddict(core) else core
    if scalar not in _SCALARS:
        raise TypeError(f"{core} cannot be sent as JSON")
    return copy.deepcopy(_SCALARS[scalar])


def _unmarked(hint: object, where: str, but: str | None = None) -> Json:
    """The schema of a part; a secret or file that a server would overlook there is refused."""
    schema = _type_schema(hint)
    if schema.get("format", but) != but:
        raise TypeError(f"{where} cannot hold {hint}")
    return schema


def _output(hint: Any) -> Json:  # noqa: ANN401 - an annotation can be any object
    origin = typing.get_origin(hint)
    if origin in _ITERATORS:
        display = {"x-cog-array-display": "concatenate"} if origin in _CONCATENATED else {}
        items = _type_schema((typing.get_args(hint) or (Any,))[0])
        return {"type": "array", "items": items, "x-cog-array-type": "iterator", **display}
    pydantic_fields = getattr(hint, "model_fields", None)
    if pydantic_fields is None and not _is_subclass(hint, cog.BaseModel):
        return _type_schema(hint)
    members = typing.get_type_hints(hint, include_extras=True)
    names = members if pydantic_fields is None else pydantic_fields
    properties = {name: {**_type_schema(members[name]), "title": _title(name)} for name in names}
    required = [name for name, schema in properties.items() if "nullable" not in schema]
    return {"type": "object", "properties": properties, "required": required}


def _is_subclass(hint: object, parent: type) -> bool:
    return isinstance(hint, type) and issubclass(hint, parent)


def _title(name: str) -> str:
    return name.replace("_", " ").title()


def _plain(value: Any) -> Any:  # noqa: ANN401 - a default can be any JSON value
    """The JSON form of a default or a choice."""
    if isinstance(value, enum.Enum):
        return value.value
    return str(value) if isinstance(value, pathlib.PurePath) else value


def json_type(value: object) -> str:
    """A value's type in the words of gojsonschema, to which 5.0 is an integer."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return _JSON_TYPES.get(type(value), "object")


def _enumeration(title: str, values: list[Any]) -> Json:
    kind = json_type(values[0])
    return {"type": kind, "title": title, "enum": values, "description": "An enumeration."}


def _record(title: str, **properties: Json) -> Json:
    named = {
        name: schema if "$ref" in schema else {"title": _title(name), **schema}
        for name, schema in properties.items()
    }
    return {"type": "object", "title": title, "properties": named}


_STRING: Json = {"type": "string"}
_TIME: Json = {"type": "string", "format": "date-time"}
_STATUSES = ["starting", "processing", "succeeded", "canceled", "failed"]
_EVENTS = ["start", "output", "logs", "completed"]
_LOCATION: Json = {"type": "array", "items": {"anyOf": [_STRING, {"type": "integer"}]}}
_FIXED: Json = {
    "Status": _enumeration("Status", _STATUSES),
    "WebhookEvent": _enumeration("WebhookEvent", _EVENTS),
    "ValidationError": {
        **_record(
            "ValidationError",
            loc={**_LOCATION, "title": "Location"},
            msg={**_STRING, "title": "Message"},
            type={**_STRING, "title": "Error Type"},
        ),
        "required": ["loc", "msg", "type"],
    },
    "HTTPValidationError": _record(
        "HTTPValidationError",
        detail={"type": "array", "items": {"$ref": f"{REF}ValidationError"}},
    ),
    "PredictionRequest": _record(
        "PredictionRequest",
        id=_STRING,
        input={"$ref": f"{REF}Input"},
        webhook={**_URI, "minLength": 1, "maxLength": 65536},
        created_at=_TIME,
        output_file_prefix=_STRING,
        webhook_events_filter={
            "type": "array",
            "items": {"$ref": f"{REF}WebhookEvent"},
            "default": _EVENTS,
        },
    ),
    "PredictionResponse": _record(
        "PredictionResponse",
        id=_STRING,
        version=_STRING,
        status={"$ref": f"{REF}Status"},
        input={"$ref": f"{REF}Input"},
        output={"$ref": f"{REF}Output"},
        error=_STRING,
        logs={**_STRING, "default": ""},
        metrics={"type": "object"},
        created_at=_TIME,
        started_at=_TIME,
        completed_at=_TIME,
    ),
}
