"""Deployments: all of them, a new one, and one with its form, its code and its next release."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec
from starlette.responses import Response

from safelight.web import forms
from safelight.web.caller import Caller, Refused
from safelight.web.deploying import code_for
from safelight.web.forms import Field, Kind
from safelight.web.pages.confirming import confirm
from safelight.web.pages.explore import with_price
from safelight.web.pages.models import REDACTED, posted
from safelight.web.visitor import Page, Visitor

Json = dict[str, Any]
LATEST: Final = "latest"
_INSTANCES: Final = ("min_instances", "max_instances")
_SETTINGS: Final = ("hardware", *_INSTANCES)
_MOST_PAGES: Final = 8
"""Of models that are offered: what is not among them can be typed in."""


async def deployments(visitor: Visitor) -> Response:
    """`GET /deployments`."""
    page = await visitor.api.get("/v1/deployments", {"cursor": visitor.query.get("cursor")})
    return visitor.page("deployments.html", page=page, query=visitor.query)


async def new(visitor: Visitor) -> Response:
    """`GET /deployments/new`; `?model=` and `?version=` are filled in."""
    wanted = {name: visitor.query.get(name, "") for name in ("model", "version")}
    return await _new(visitor, wanted)


async def create(visitor: Visitor) -> Response:
    """`POST /deployments/new`: its first release."""
    given = _given(visitor, ("name", "model", "version", *_SETTINGS))
    try:
        version = await _version(visitor.api, given["model"], given["version"])
        wish = {"name": given["name"], "model": given["model"], "version": version}
        made = await visitor.api.post("/v1/deployments", wish | _settings(given))
    except Refused as error:
        return await _new(visitor, given, error)
    return visitor.to(f"/deployments/{made['owner']}/{made['name']}?made=1")


async def deployment(visitor: Visitor) -> Response:
    """`GET /deployments/{owner}/{name}`."""
    return await _one(visitor)


async def named(visitor: Visitor) -> Response:
    """`GET /deployments/{name}`: one of the account's own, as its predictions name it."""
    return visitor.to(f"/deployments/{visitor.session.username}/{quote(visitor.path['name'])}")


async def release(visitor: Visitor) -> Response:
    """`POST /deployments/{owner}/{name}`: the next release, of what was changed."""
    now = (await visitor.api.get(_api(visitor)))["current_release"]
    given = _given(visitor, ("version", *_SETTINGS))
    try:
        version = await _version(visitor.api, now["model"], given["version"])
        wanted = {"version": version} | _settings(given)
        before = {"version": now["version"]} | now["configuration"]
        changed = {name: value for name, value in wanted.items() if value != before[name]}
        if not changed:
            return visitor.to(f"{_here(visitor)}?same=1")
        (await visitor.api.call("PATCH", _api(visitor), body=changed)).json()
    except Refused as error:
        return await _one(visitor, error.status, edit=given, refused=_faults(error))
    return visitor.to(f"{_here(visitor)}?released=1")


async def run(visitor: Visitor) -> Response:
    """`POST /deployments/{owner}/{name}/run`: its form, without JavaScript."""
    current = (await visitor.api.get(_api(visitor)))["current_release"]
    fields = forms.fields_of(await _schema(visitor.api, current))
    given = forms.read(fields, await posted(visitor, fields))
    try:
        made = await visitor.api.post(f"{_api(visitor)}/predictions", {"input": given})
    except Refused as error:
        return await _one(visitor, error.status, given=given, failed=_faults(error))
    return visitor.to(f"/p/{made['id']}")


async def delete(visitor: Visitor) -> Response:
    """`POST /deployments/{owner}/{name}/delete`: asks first; a refusal is told beside it."""
    path = visitor.path
    if not visitor.field("sure"):
        await visitor.api.get(_api(visitor))
        return confirm(
            visitor,
            title=f"Delete {path['owner']}/{path['name']}?",
            text="Creates that name it will be answered 404. Its predictions stay.",
            verb="Delete deployment",
            back=_here(visitor),
        )
    answer = await visitor.api.call("DELETE", _api(visitor))
    if answer.status == 409:
        return await _one(visitor, 409, stays=msgspec.json.decode(answer.body)["detail"])
    answer.json()
    return visitor.to(f"/deployments?deleted={path['name']}")


async def _new(visitor: Visitor, given: Json, error: Refused | None = None) -> Response:
    return visitor.page(
        "deployment_new.html",
        status=error.status if error else 200,
        given=given,
        models=await _models(visitor.api),
        hardware=await visitor.api.get("/v1/hardware"),
        fault=_faults(error) if error else None,
    )


async def _one(visitor: Visitor, status: int = 200, **told: Any) -> Response:  # noqa: ANN401 - what its forms were told
    """The page; *told* is what one of its forms was given and refused with."""
    found = await visitor.api.get(_api(visitor))
    release: Json = found["current_release"]
    model = await _model(visitor.api, release["model"])
    fields = forms.fields_of(await _schema(visitor.api, release))
    begin = _beginning(model, fields)
    secret = {field.name for field in fields if field.kind is Kind.SECRET}
    needed = [field.name for field in fields if field.name in secret and field.is_required]
    given = told.get("given", begin)
    shown: Json = {
        "edit": {"version": release["version"]} | release["configuration"],
        **dict.fromkeys(("failed", "refused", "stays")),
        **told,
        "given": {name: value for name, value in given.items() if name not in secret},
    }
    return visitor.page(
        "deployment.html",
        status=status,
        deployment=found,
        release=release,
        model=model,
        fields=fields,
        versions=await _versions(visitor.api, release),
        hardware=await visitor.api.get("/v1/hardware"),
        root=_here(visitor),
        code=code_for(found, begin | dict.fromkeys(needed, REDACTED)),
        query=visitor.query,
        **shown,
    )


def _beginning(model: Json | None, fields: list[Field]) -> Json:
    """The input that the form and the code begin with: that of the model's example."""
    example: Json = (model or {}).get("default_example") or {}
    given: Json = example.get("input", {})
    known = {field.name for field in fields}
    return {name: value for name, value in given.items() if name in known and value != REDACTED}


async def _model(api: Caller, name: str) -> Json | None:
    """The model, with its price; None when it cannot be seen any more."""
    try:
        return await with_price(api, await api.get(f"/v1/models/{name}"))
    except Refused:
        return None


async def _schema(api: Caller, release: Json) -> Json:
    try:
        path = f"/v1/models/{release['model']}/versions/{release['version']}"
        version = await api.get(path)
    except Refused:
        return {}
    return version["openapi_schema"] or {}


async def _models(api: Caller) -> list[Json]:
    found: list[Json] = []
    query: dict[str, str | None] = {}
    for _ in range(_MOST_PAGES):
        page = await api.get("/v1/models", query)
        found += page["results"]
        if page["next"] is None:
            break
        query = dict(parse_qsl(urlsplit(str(page["next"])).query))
    return [one for one in found if one["latest_version"] is not None]


async def _versions(api: Caller, release: Json) -> list[Json]:
    """Those of its model, the newest first; its own is always among them."""
    try:
        found: list[Json] = (await api.get(f"/v1/models/{release['model']}/versions"))["results"]
    except Refused:
        found = []
    own = {"id": release["version"], "created_at": None}
    return found if any(one["id"] == own["id"] for one in found) else [*found, own]


async def _version(api: Caller, model: str, wanted: str) -> str:
    """The id of a version, for which `latest` or nothing may stand.

    Raises:
        Refused: There is no such model, or none of its versions is there to run.
    """
    if wanted not in ("", LATEST):
        return wanted
    if model.count("/") != 1 or not all(model.split("/")):
        raise Refused(422, _problem("model", "A model is named owner/name."))
    try:
        found = await api.get(f"/v1/models/{quote(model)}")
    except Refused as error:
        if error.status != 404:
            raise
        raise Refused(422, _problem("model", f"There is no model {model}.")) from error
    if found["latest_version"] is None:
        raise Refused(422, _problem("model", f"{model} has no version to deploy yet."))
    return found["latest_version"]["id"]


def _problem(field: str, text: str) -> Json:
    return {"detail": text, "invalid_fields": [{"field": field, "description": text}]}


def _given(visitor: Visitor, names: Sequence[str]) -> Json:
    return {name: visitor.field(name) for name in names}


def _settings(given: Json) -> Json:
    """What the API is told of hardware and instances; what is no number it refuses itself."""
    return {name: given[name] for name in _SETTINGS} | {
        name: int(given[name]) for name in _INSTANCES if given[name].isdecimal()
    }


def _faults(error: Refused) -> Json:
    """What was wrong, in all and by field; a name that is taken is a fault of the name."""
    wrong = dict(forms.faults_of(error.problem))
    if error.status == 409:
        wrong["name"] = {"field": "name", "description": str(error)}
    return {"detail": str(error), "wrong": wrong}


def _here(visitor: Visitor) -> str:
    return "/deployments/{owner}/{name}".format(**visitor.path)


def _api(visitor: Visitor) -> str:
    return f"/v1{_here(visitor)}"


PAGES: Final = (
    Page("GET", "/deployments", deployments),
    Page("GET", "/deployments/new", new),
    Page("POST", "/deployments/new", create),
    Page("GET", "/deployments/{name}", named),
    Page("GET", "/deployments/{owner}/{name}", deployment),
    Page("POST", "/deployments/{owner}/{name}", release),
    Page("POST", "/deployments/{owner}/{name}/run", run, runs=True),
    Page("POST", "/deployments/{owner}/{name}/delete", delete),
)
