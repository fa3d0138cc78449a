"""A model's page: its form, its code, its examples, its readme, its versions."""

import re
from collections.abc import Mapping
from statistics import median
from typing import Any, Final

import msgspec
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, PlainTextResponse, Response

from safelight.account import Mode
from safelight.web import forms
from safelight.web.caller import Refused
from safelight.web.forms import Field, Kind
from safelight.web.markdown import markup
from safelight.web.notation import Variable
from safelight.web.pages.explore import with_price
from safelight.web.pages.runs import with_facts
from safelight.web.snippets import (
    LANGUAGES,
    Subject,
    cancel,
    follow,
    setup,
    snippets,
    webhook,
)
from safelight.web.uploading import uploaded
from safelight.web.visitor import Page, Visitor

Json = dict[str, Any]
REDACTED: Final = "[REDACTED]"
_SHORT: Final = 100
"""Bytes of texts that nobody reads: of those runs only the times count."""
_LARGE: Final = 1_000_000
"""Bytes of one input."""
_TOO_LARGE: Final = "What this run was given is too large for a form: give it again."
_VAGUE: Final = frozenset({"api_key", "api_token", "key", "token"})
_TABS: Final = (
    ("", "Playground"),
    ("/api", "API"),
    ("/examples", "Examples"),
    ("/readme", "Readme"),
    ("/versions", "Versions"),
)


async def playground(visitor: Visitor) -> Response:
    """`GET /{owner}/{name}`: the form; with `?prediction=`, of that run, beside the run itself."""
    model = await _model(visitor)
    run, given = await _run(visitor, model)
    return await _playground(visitor, model, run, given)


async def run(visitor: Visitor) -> Response:
    """`POST /{owner}/{name}`: the form without JavaScript."""
    model = await _model(visitor)
    fields = _fields(model)
    given = forms.read(fields, await posted(visitor, fields))
    try:
        made = await visitor.api.post(*_create(model, given))
    except Refused as error:
        shown = {name: value for name, value in given.items() if name not in _secret(fields)}
        return await _playground(visitor, model, None, shown, error)
    return visitor.to(f"{_path(model)}?prediction={made['id']}")


async def code(visitor: Visitor) -> Response:
    """`GET /{owner}/{name}/api`."""
    model = await _model(visitor)
    _, given = await _run(visitor, model)
    language = visitor.query.get("lang", "node")
    language = language if language in LANGUAGES else "node"
    subject = _subject(visitor, model, given, is_here=visitor.query.get("for") != "replicate")
    output = _output(model)
    return _page(
        visitor,
        model,
        "model_api.html",
        subject=subject,
        language=language,
        wanted=visitor.query.get("prediction"),
        code={
            "setup": setup(subject, language),
            "run": LANGUAGES[language](subject),
            "follow": follow(subject, language),
            "cancel": cancel(subject, language),
            "webhook": webhook(subject, language),
        },
        origin=f"{visitor.request.url.scheme}://{visitor.request.url.netloc}",
        fields=_fields(model),
        output=output,
        output_says=forms.says(output),
        schema=_document(model),
    )


async def write_code(visitor: Visitor) -> Response:
    """`POST /{owner}/{name}/code`: the code for the input that is in the form just now, as JSON."""
    model = await _model(visitor)
    try:
        given = msgspec.json.decode(visitor.field("input") or "{}", type=dict[str, Any])
    except msgspec.DecodeError as error:
        return PlainTextResponse(str(error), 400)
    is_here = visitor.field("for") != "replicate"
    return JSONResponse(snippets(_subject(visitor, model, given, is_here=is_here)))


async def examples(visitor: Visitor) -> Response:
    """`GET /{owner}/{name}/examples`."""
    model = await _model(visitor)
    cursor = {"cursor": visitor.query.get("cursor")}
    page = await visitor.api.get(f"{_api(model)}/examples", cursor)
    shown = [await with_facts(visitor.api, one) for one in page["results"]]
    return _page(visitor, model, "model_examples.html", examples=shown, following=page["next"])


async def readme(visitor: Visitor) -> Response:
    """`GET /{owner}/{name}/readme`."""
    model = await _model(visitor)
    answer = await visitor.api.call("GET", f"{_api(model)}/readme")
    text = answer.body.decode() if answer.status == 200 else ""
    return _page(visitor, model, "model_readme.html", readme=markup(text))


async def versions(visitor: Visitor) -> Response:
    """`GET /{owner}/{name}/versions`."""
    model = await _model(visitor)
    cursor = {"cursor": visitor.query.get("cursor")}
    page = await visitor.api.get(f"{_api(model)}/versions", cursor)
    shown = {"versions": page["results"], "following": page["next"]}
    return _page(visitor, model, "model_versions.html", **shown)


async def _model(visitor: Visitor) -> Json:
    path = visitor.path
    model = await visitor.api.get(f"/v1/models/{path['owner']}/{path['name']}")
    return await with_price(visitor.api, model)


async def _run(visitor: Visitor, model: Json) -> tuple[Json | None, Json]:
    """The run that the page is about, if one is named, and the input to begin with."""
    wanted = visitor.query.get("prediction")
    if wanted is not None:
        run = await with_facts(visitor.api, await visitor.api.get(f"/v1/predictions/{wanted}"))
        return run, _usable(run["input"])
    example = model["default_example"]
    return None, _usable(example["input"]) if example else {}


async def _playground(
    visitor: Visitor, model: Json, run: Json | None, given: Json, error: Refused | None = None
) -> Response:
    example = None
    if run is None and model["default_example"] is not None:
        example = await with_facts(visitor.api, model["default_example"])
    return _page(
        visitor,
        model,
        "model.html",
        200 if error is None else error.status,
        fields=_fields(model),
        given=given,
        run=run,
        example=example,
        takes=await _typical_seconds(visitor, model),
        error=str(error) if error else None,
        wrong=forms.faults_of(error.problem) if error else _left_out(run),
    )


def _page(
    visitor: Visitor,
    model: Json,
    template: str,
    status: int = 200,
    **values: Any,  # noqa: ANN401 - whatever the template shows
) -> Response:
    path = _path(model)
    tabs = [(path + end, name) for end, name in _TABS]
    return visitor.page(template, status=status, model=model, tabs=tabs, root=path, **values)


async def _typical_seconds(visitor: Visitor, model: Json) -> float | None:
    """The median of the last runs in this mode; None when there are none."""
    query = {"model": f"{model['owner']}/{model['name']}", "status": "succeeded"}
    try:
        mode = visitor.session.mode.value
        page = await visitor.api.brief("/v1/predictions", query | {"mode": mode}, _SHORT)
    except Refused:
        return None
    runs: list[Json] = page.json()["results"]
    metrics: list[Json] = [one.get("metrics", {}) for one in runs]
    took = [one.get("predict_time") for one in metrics]
    return median(known) if (known := [one for one in took if one is not None]) else None


def _document(model: Json) -> Json:
    latest: Json = model["latest_version"] or {}
    return latest.get("openapi_schema") or {}


def _fields(model: Json) -> list[Field]:
    return forms.fields_of(_document(model))


def _output(model: Json) -> Json:
    components: Json = _document(model).get("components", {})
    schemas: Json = components.get("schemas", {})
    return schemas.get("Output", {})


def _subject(visitor: Visitor, model: Json, given: Json, *, is_here: bool) -> Subject:
    fields = _fields(model)
    output = _output(model)
    gives = "files" if output.get("items", {}).get("format") == "uri" else "other"
    formats = (field.default for field in fields if field.name == "output_format")
    needed = {field.name for field in fields if field.is_required}
    whole = _with_variables(model, fields, forms.sample(fields) | given)
    return Subject(
        model=f"{model['owner']}/{model['name']}",
        version=_version(model),
        input=whole,
        brief={name: value for name, value in whole.items() if name in needed},
        gives="file" if output.get("format") == "uri" else gives,
        suffix=str(given.get("output_format") or next(formats, "png")),
        is_here=is_here,
        is_test=visitor.session.mode is Mode.TEST,
    )


def _with_variables(model: Json, fields: list[Field], given: Json) -> Json:
    """An input with a variable for each secret that is given, or has to be: code holds no keys."""
    held = {
        field.name: Variable(_variable(model, field.name))
        for field in fields
        if field.kind is Kind.SECRET and (field.is_required or field.name in given)
    }
    return given | held


def _variable(model: Json, name: str) -> str:
    """`OPENAI_API_KEY` for `openai_api_key`; what says nothing of the provider gets the owner."""
    whole = f"{model['owner']}_{name}" if name in _VAGUE else name
    return re.sub(r"[^A-Z0-9]+", "_", whole.upper())


def _create(model: Json, given: Json) -> tuple[str, Json]:
    version = _version(model)
    if version is None:
        return f"{_api(model)}/predictions", {"input": given}
    return "/v1/predictions", {"version": version, "input": given}


def _version(model: Json) -> str | None:
    """What a community model is called by; None for one that its name is enough for."""
    latest = model["latest_version"]
    return None if model["is_official"] or latest is None else latest["id"]


async def posted(visitor: Visitor, fields: list[Field]) -> Mapping[str, list[str]]:
    """What the form says, its files uploaded and their addresses in their places."""
    posted: dict[str, list[str]] = {}
    for field in fields:
        name = forms.PREFIX + field.name
        values = visitor.form.getlist(name)
        files = [one for one in values if isinstance(one, UploadFile) and one.filename]
        texts = [one for one in values if isinstance(one, str)]
        urls = [await uploaded(visitor.api, one) for one in files]
        posted[name] = [*(text for text in texts if text), *urls] or texts
    return posted


def _usable(given: Json) -> Json:
    """What of the input of a run a form can begin with."""
    kept = {name: value for name, value in given.items() if value != REDACTED}
    return {name: value for name, value in kept.items() if not _is_large(value)}


def _is_large(value: object) -> bool:
    """Whether it is more than a form holds well; a file in base64 may be."""
    return len(msgspec.json.encode(value)) > _LARGE


def _left_out(run: Json | None) -> Mapping[str, Json]:
    """What the form of a run says at the inputs that it begins without."""
    given: Json = run["input"] if run else {}
    return {name: {"description": _TOO_LARGE} for name in given if _is_large(given[name])}


def _secret(fields: list[Field]) -> frozenset[str]:
    return frozenset(field.name for field in fields if field.kind is Kind.SECRET)


def _path(model: Json) -> str:
    return f"/{model['owner']}/{model['name']}"


def _api(model: Json) -> str:
    return f"/v1/models{_path(model)}"


PAGES: Final = (
    Page("GET", "/{owner}/{name}", playground),
    Page("POST", "/{owner}/{name}", run, runs=True),
    Page("POST", "/{owner}/{name}/code", write_code),
    Page("GET", "/{owner}/{name}/api", code),
    Page("GET", "/{owner}/{name}/examples", examples),
    Page("GET", "/{owner}/{name}/readme", readme),
    Page("GET", "/{owner}/{name}/versions", versions),
)
