"""A Cog runner's signature as an OpenAPI document, and JSON checked against it."""

import collections.abc
import copy
import enum
import inspect
import itertools
import json
import pathlib
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any, is_typeddict

import cog
import jsonschema_rs

from safelight.errors import InvalidField, InvalidInput

Json = dict[str, Any]

REDACTED = "[REDACTED]"
"""What stands wherever a secret input is stored, logged, sent or shown."""

_REF = "#/components/schemas/"
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
        return {**schema, "items": {"$ref": _REF + name}}
    return {"allOf": [{"$ref": _REF + name}]}


def _choices(hint: Any) -> list[object]:  # noqa: ANN401 - an annotation can be any object
    """What a Literal or an Enum allows, also inside a list."""
    if typing.get_origin(hint) is typing.Literal:
        return list(typing.get_args(hint))
    if isinstance(hint, enum.EnumType):
        return list(hint)
    return _choices(typing.get_args(hint)[0]) if typing.get_origin(hint) is list else []


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
        return {"anyOf": [_type_schema(member) for member in arguments]}
    if origin is list:
        return {"type": "array", "items": _type_schema(arguments[0])}
    if origin is typing.Literal or isinstance(core, enum.EnumType):
        return {"type": _json_type(_plain(_choices(core)[0]))}
    if _is_subclass(core, pathlib.PurePath):
        return dict(_URI)
    scalar: object = dict if origin is dict or is_typeddict(core) else core
    if scalar not in _SCALARS:
        raise TypeError(f"{core} cannot be sent as JSON")
    return copy.deepcopy(_SCALARS[scalar])


def _output(hint: Any) -> Json:  # noqa: ANN401 - an annotation can be any object
    origin = typing.get_origin(hint)
    if origin in _ITERATORS:
        display = {"x-cog-array-display": "concatenate"} if origin in _CONCATENATED else {}
        items = _type_schema(typing.get_args(hint)[0])
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


def _json_type(value: object) -> str:
    """A value's type in the words of gojsonschema, to which 5.0 is an integer."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return _JSON_TYPES.get(type(value), "object")


def _enumeration(title: str, values: list[Any]) -> Json:
    kind = _json_type(values[0])
    return {"type": kind, "title": title, "enum": values, "description": "An enumeration."}


def _record(title: str, **properties: Json) -> Json:
    named = {name: {"title": _title(name), **schema} for name, schema in properties.items()}
    return {"type": "object", "title": title, "properties": named}


_STRING: Json = {"type": "string"}
_TIME: Json = {"type": "string", "format": "date-time"}
_STATUSES = ["starting", "processing", "succeeded", "canceled", "failed"]
_EVENTS = ["start", "output", "logs", "completed"]
_FIXED: Json = {
    "Status": _enumeration("Status", _STATUSES),
    "WebhookEvent": _enumeration("WebhookEvent", _EVENTS),
    "ValidationError": _record(
        "ValidationError",
        loc={"type": "array", "items": {"anyOf": [_STRING, {"type": "integer"}]}},
        msg=_STRING,
        type=_STRING,
    ),
    "HTTPValidationError": _record(
        "HTTPValidationError",
        detail={"type": "array", "items": {"$ref": f"{_REF}ValidationError"}},
    ),
    "PredictionRequest": _record(
        "PredictionRequest",
        id=_STRING,
        input={"$ref": f"{_REF}Input"},
        webhook={**_URI, "minLength": 1, "maxLength": 65536},
        created_at=_TIME,
        output_file_prefix=_STRING,
        webhook_events_filter={"type": "array", "items": {"$ref": f"{_REF}WebhookEvent"}},
    ),
    "PredictionResponse": _record(
        "PredictionResponse",
        id=_STRING,
        version=_STRING,
        status={"$ref": f"{_REF}Status"},
        input={"$ref": f"{_REF}Input"},
        output={"$ref": f"{_REF}Output"},
        error=_STRING,
        logs={**_STRING, "default": ""},
        metrics={"type": "object"},
        created_at=_TIME,
        started_at=_TIME,
        completed_at=_TIME,
    ),
}

_FETCHABLE = r"^(?:[hH][tT][tT][pP][sS]?://[^/\s?#]|[dD][aA][tT][aA]:[^,]{0,1000},)"
"""What `format: uri` means for an input: a web address or a data URI, however sloppy.

A pattern, because a Python callback would be given a copy of a data URI of many megabytes."""

_MOST_PROBLEMS = 100
"""Of a list of a million wrong items, only so many are named."""

_LONG = 65_536
"""Characters of a string that are looked at when explaining what is wrong with it."""

_PROBLEMS = {
    "minimum": ("number_gte", "Must be greater than or equal to {}"),
    "maximum": ("number_lte", "Must be less than or equal to {}"),
    "exclusiveMinimum": ("number_gt", "Must be greater than {}"),
    "exclusiveMaximum": ("number_lt", "Must be less than {}"),
    "multipleOf": ("multiple_of", "Must be a multiple of {}"),
    "minLength": ("string_gte", "String length must be greater than or equal to {}"),
    "maxLength": ("string_lte", "String length must be less than or equal to {}"),
    "pattern": ("pattern", "Does not match pattern '{}'"),
    "minItems": ("array_min_items", "Array must have at least {} items"),
    "maxItems": ("array_max_items", "Array must have at most {} items"),
    "anyOf": ("number_any_of", "Must validate at least one schema (anyOf)"),
    "oneOf": ("number_one_of", "Must validate one and only one schema (oneOf)"),
}
"""JSON Schema keyword -> Replicate's `type` and text (gojsonschema's stock messages)."""


class InputSchema:
    """The inputs of one version, ready to check what a caller sent; built once, then shared."""

    def __init__(self, document: Json) -> None:
        """Compile the `Input` component of an OpenAPI document.

        Raises:
            ValueError: The document is not a valid schema, e.g. a pattern does not compile.
        """
        schemas = document["components"]["schemas"]
        raw: dict[str, Json] = schemas["Input"].get("properties", {})
        ordered = sorted(raw.items(), key=lambda item: item[1].get("x-order", 0))
        self._properties = {name: _inlined(schema, schemas) for name, schema in ordered}
        self._behind_all_of = frozenset(name for name in raw if "allOf" in raw[name])
        self._required = frozenset(schemas["Input"].get("required", ()))
        self._integers = tuple(n for n, s in self._properties.items() if _holds(s, type="integer"))
        self._valid = jsonschema_rs.Draft7Validator(
            {
                "type": "object",
                "properties": self._properties,
                "required": sorted(self._required),
            },
            validate_formats=False,
        ).is_valid
        optional = [(n, s) for n, s in self._properties.items() if n not in self._required]
        self._absent: Json = {name: schema.get("default") for name, schema in optional}
        mutable = any(isinstance(default, list | dict) for default in self._absent.values())
        self._fresh_absent = copy.deepcopy if mutable else dict[str, Any]
        files = {n: s for n, s in self._properties.items() if _holds(s, format="uri")}
        self.file_names = frozenset(files)
        """Inputs that are a file or a list of files."""
        self.file_list_names = frozenset(name for name, s in files.items() if "items" in s)
        """Those of them that are lists."""
        self.secret_names = frozenset(
            name for name, s in self._properties.items() if s.get("x-cog-secret")
        )
        output = schemas.get("Output", {})
        fields: dict[str, Json] = output.get("properties", {})
        self.output_is_file = any(_holds(s, format="uri") for s in (output, *fields.values()))
        """True when the output is a file, a list of files or has a field that is one."""

    def check(self, value: object) -> Json:
        """Give back the known inputs of a request; no defaults are filled in, nothing long copied.

        Raises:
            InvalidInput: It names every bad field, and shows no value.
        """
        if not isinstance(value, dict):
            raise InvalidInput([_wrong_type("input", "object", value)])
        given = typing.cast("Json", value)
        known, required = self._properties, self._required
        kept = {
            name: item
            for name, item in given.items()
            if name in known and (item is not None or name in required)
        }
        if not self._valid(kept):
            raise InvalidInput(list(itertools.islice(self._explain(kept), _MOST_PROBLEMS)))
        for name in self._integers:
            if name in kept and not isinstance(kept[name], int):
                kept[name] = _whole(kept[name])
        return kept

    def complete(self, value: Json) -> Json:
        """Add what a runner takes for granted: each default, and None for an optional input."""
        return self._fresh_absent(self._absent) | value

    def split_secrets(self, value: Json) -> tuple[Json, dict[str, str]]:
        """Separate a checked input into what may be shown and what may not."""
        secrets = {name: value[name] for name in self.secret_names if name in value}
        return {**value, **dict.fromkeys(secrets, REDACTED)}, secrets

    def _explain(self, kept: Json) -> Iterator[InvalidField]:
        """Say what is wrong, lazily; missing inputs first, then in the order of the signature."""
        for name in self._properties:
            if name in self._required and name not in kept:
                yield InvalidField("required", "input", f"{name} is required")
        for name, schema in self._properties.items():
            if name in kept:
                yield from self._explain_one(name, schema, kept[name])

    def _explain_one(self, name: str, schema: Json, item: object) -> Iterator[InvalidField]:
        path = f"input.{name}"
        clean = True
        for problem in _problems(path, schema, item):
            clean = False
            yield problem
        if not clean and name in self._behind_all_of:
            yield InvalidField("number_all_of", path, "Must validate all the schemas (allOf)")


def _inlined(schema: Json, components: Json) -> Json:
    """A copy without references, for a validator of plain JSON Schema."""
    if "$ref" in schema:
        return _inlined(components[schema["$ref"].removeprefix(_REF)], components)
    plain = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema.get("allOf", ()):
        plain = {**_inlined(part, components), **plain}
    if "items" in plain:
        plain["items"] = _inlined(plain["items"], components)
    if plain.get("format") == "uri":
        plain["pattern"] = _FETCHABLE
    return plain


def _holds(schema: Json, **fact: str) -> bool:
    """True when the schema, or that of its items, has this keyword with this value."""
    ((keyword, value),) = fact.items()
    return value in (schema.get(keyword), schema.get("items", {}).get(keyword))


def _whole(value: Any) -> Any:  # noqa: ANN401 - any input that passed as integer or list of them
    """Integral floats as the integers that they stand for."""
    if isinstance(value, list):
        return [_whole(item) for item in typing.cast("list[Any]", value)]
    return int(value) if isinstance(value, float) else value


def _wrong_type(path: str, expected: str, value: object) -> InvalidField:
    text = f"Invalid type. Expected: {expected}, given: {_json_type(value)}"
    return InvalidField("invalid_type", path, text)


def _problems(path: str, schema: Json, value: Any) -> Iterator[InvalidField]:  # noqa: ANN401 - from JSON
    """What is wrong with one value; once its type is wrong, nothing else is said of it."""
    itself = {keyword: limit for keyword, limit in schema.items() if keyword != "items"}
    try:
        validator = jsonschema_rs.Draft7Validator(itself, validate_formats=False)
        errors = list(validator.iter_errors(_shortened(value, schema)))
    except UnicodeEncodeError:
        yield InvalidField("format", path, "Must be Unicode text without lone surrogates")
        return
    if any(error.kind.name == "type" for error in errors):
        yield _wrong_type(path, schema["type"], value)
        return
    yield from (_problem(path, error.kind) for error in errors)
    if isinstance(value, list) and "items" in schema:
        passes = jsonschema_rs.Draft7Validator(schema["items"], validate_formats=False).is_valid
        for index, item in enumerate(typing.cast("list[Any]", value)):
            if not passes(item):
                yield from _problems(f"{path}.{index}", schema["items"], item)


def _problem(path: str, kind: jsonschema_rs.ValidationErrorKind) -> InvalidField:
    limit = kind.value
    if kind.name == "enum":
        choices = ", ".join(json.dumps(choice, ensure_ascii=False) for choice in limit)
        name = path.removeprefix("input.")
        return InvalidField("enum", path, f"{name} must be one of the following: {choices}")
    if limit == _FETCHABLE:
        return InvalidField("format", path, "Does not match format 'uri'")
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)
    name, text = _PROBLEMS.get(kind.name, ("invalid", "Does not match the schema"))
    return InvalidField(name, path, text.format(limit))


def _shortened(value: Any, schema: Json) -> Any:  # noqa: ANN401 - any JSON value
    """The part of a long string that decides its fate; an error holds a copy of its value."""
    if not isinstance(value, str) or schema.get("pattern", _FETCHABLE) != _FETCHABLE:
        return value
    return value[: max(_LONG, schema.get("maxLength", 0) + 1, schema.get("minLength", 0))]
