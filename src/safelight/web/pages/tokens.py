"""Tokens: all of them, a new one that is shown once, and the end of one."""

from typing import Any, Final

import msgspec
from starlette.responses import Response

from safelight.account import Mode, Scope
from safelight.web.caller import Refused
from safelight.web.pages.confirming import confirm
from safelight.web.pages.webhooks import lacking
from safelight.web.sessions import Session
from safelight.web.visitor import Page, Visitor

Json = dict[str, Any]
MEANINGS: Final = (
    (Scope.READ, "See predictions, files, models, deployments and usage."),
    (Scope.RUN, "Create and cancel predictions, upload files. Live tokens spend money with it."),
    (Scope.WRITE, "Create, change and delete models, deployments, predictions and files; train."),
    (Scope.ADMIN, "Make, see and revoke tokens; webhook secret and deliveries; check providers."),
)
"""What each scope allows; each stands for itself, none includes another."""
_USUAL: Final = frozenset({Scope.READ, Scope.RUN})
"""What a client needs that makes pictures."""


async def tokens(visitor: Visitor) -> Response:
    """`GET /tokens`."""
    try:
        found = await _all(visitor)
    except Refused as error:
        return lacking(visitor, error)
    named = next((one for one in found if one["id"] == visitor.query.get("revoked")), None)
    return visitor.page(
        "tokens.html",
        tokens=[one for one in found if one["revoked_at"] is None],
        revoked=[one for one in found if one["revoked_at"] is not None],
        done=named,
    )


async def new(visitor: Visitor) -> Response:
    """`GET /tokens/new`."""
    given = {"name": "", "runs_on": visitor.session.mode.value, "scopes": _USUAL}
    return await _new(visitor, given)


async def create(visitor: Visitor) -> Response:
    """`POST /tokens/new`: the answer shows the secret, this once; it is in no address."""
    chosen = [one for one in visitor.form.getlist("scopes") if isinstance(one, str)]
    given: Json = {
        "name": visitor.field("name"),
        "runs_on": visitor.field("runs_on"),
        "scopes": chosen,
    }
    body = {"name": given["name"], "mode": given["runs_on"], "scopes": chosen}
    try:
        made = await visitor.api.post("/v1/tokens", body)
    except Refused as error:
        if error.status == 401:
            raise
        return await _new(visitor, given, error)
    return visitor.page("token_made.html", status=201, token=made)


async def revoke(visitor: Visitor) -> Response:
    """`POST /tokens/{id}/revoke`: asks first; whoever is signed in with it is signed out."""
    name = visitor.path["id"]
    try:
        found = next((one for one in await _all(visitor) if one["id"] == name), None)
    except Refused as error:
        return lacking(visitor, error)
    if found is None:
        raise Refused(404, {"detail": f"There is no token {name}."})
    if not visitor.field("sure"):
        return confirm(
            visitor,
            title=f"Revoke {found['name'] or '…' + found['hint']}?",
            text="Requests with it are refused from now on, for good." + _besides(found),
            verb="Revoke token",
            back="/tokens",
        )
    answer = await visitor.api.call("DELETE", f"/v1/tokens/{name}")
    answer.json()
    return _after(visitor, found)


def _besides(token: Json) -> str:
    """What it means for the session."""
    if token["rest"] == "":
        return " You are signed in with it: you will be signed out."
    if token["rest"] is not None:
        return f" You are signed in with it: you stay signed in with your {token['rest']} token."
    return ""


def _after(visitor: Visitor, token: Json) -> Response:
    """The session without the token, if it was one of its own."""
    response = visitor.to(f"/tokens?revoked={token['id']}")
    if token["rest"] is None:
        return response
    kept = _without(visitor.session, Mode(token["mode"]))
    if kept is None:
        response = visitor.to("/enter")
        visitor.sessions.end(visitor.request, response)
    else:
        visitor.sessions.write(kept, visitor.request, response)
    return response


def _without(session: Session, mode: Mode) -> Session | None:
    """The session with its other token alone; None when that was the only one."""
    other = Mode.TEST if mode is Mode.LIVE else Mode.LIVE
    if session.token_of(other) is None:
        return None
    return msgspec.structs.replace(session, **{mode.value: None}, mode=other)


async def _all(visitor: Visitor) -> list[Json]:
    """All, each with `rest`: the mode that is left without it, "" for none, None for no loss."""
    results: list[Json] = (await visitor.api.get("/v1/tokens"))["results"]
    return [one | {"rest": _rest(visitor.session, one)} for one in results]


def _rest(session: Session, token: Json) -> str | None:
    mode = Mode(token["mode"])
    ours = session.token_of(mode)
    is_ours = token["current"] or (ours is not None and ours.endswith(token["hint"]))
    if not is_ours or token["revoked_at"] is not None:
        return None
    kept = _without(session, mode)
    return "" if kept is None else kept.mode.value


async def _new(visitor: Visitor, given: Json, error: Refused | None = None) -> Response:
    try:
        found = await _all(visitor)
    except Refused as lack:
        return lacking(visitor, lack)
    own: Json = next(one for one in found if one["current"])
    faults: list[Json] = error.problem.get("invalid_fields", []) if error else []
    return visitor.page(
        "token_new.html",
        status=error.status if error else 200,
        given=given,
        own=own,
        meanings=MEANINGS,
        error=str(error) if error else None,
        wrong={one["field"].split(".")[0]: one["description"] for one in faults},
    )


PAGES: Final = (
    Page("GET", "/tokens", tokens),
    Page("GET", "/tokens/new", new),
    Page("POST", "/tokens/new", create),
    Page("POST", "/tokens/{id}/revoke", revoke),
)
