"""What each token may do: every operation, every scope, as one table."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import pytest
from starlette.routing import Route
from tests.api.calls import Api, problem
from tests.api.others import stranger
from tests.support.own_checking import routes_of

from safelight.account import Scope

READ, RUN, WRITE, ADMIN = Scope.READ, Scope.RUN, Scope.WRITE, Scope.ADMIN

NEEDS: Final[dict[str, Scope | None]] = {
    "account.get": None,
    "collections.get": READ,
    "collections.list": READ,
    "deployments.create": WRITE,
    "deployments.delete": WRITE,
    "deployments.get": READ,
    "deployments.list": READ,
    "deployments.predictions.create": RUN,
    "deployments.update": WRITE,
    "files.create": RUN,
    "files.delete": WRITE,
    "files.get": READ,
    "files.list": READ,
    "hardware.list": None,
    "models.create": WRITE,
    "models.delete": WRITE,
    "models.estimate": READ,
    "models.examples.list": READ,
    "models.get": READ,
    "models.list": READ,
    "models.predictions.create": RUN,
    "models.readme.get": READ,
    "models.search": READ,
    "models.update": WRITE,
    "models.versions.delete": WRITE,
    "models.versions.get": READ,
    "models.versions.list": READ,
    "predictions.archive": READ,
    "predictions.cancel": RUN,
    "predictions.create": RUN,
    "predictions.delete": WRITE,
    "predictions.get": READ,
    "predictions.list": READ,
    "search": READ,
    "tokens.create": ADMIN,
    "tokens.delete": ADMIN,
    "tokens.list": ADMIN,
    "trainings.cancel": WRITE,
    "trainings.create": WRITE,
    "trainings.get": READ,
    "trainings.list": READ,
    "upstreams.check": ADMIN,
    "upstreams.get": READ,
    "usage.get": READ,
    "webhooks.default.secret.get": ADMIN,
    "webhooks.default.secret.rotate": ADMIN,
    "webhooks.deliveries.get": ADMIN,
    "webhooks.deliveries.list": ADMIN,
    "webhooks.deliveries.replay": ADMIN,
}
"""The scope that each operation takes; written here, not read from where it is decided."""
OPEN: Final = frozenset(
    {
        *("streams.get", "outputs.get", "covers.get", "files.download"),
        *("health.live", "health.ready", "openapi.get"),
    }
)
"""What needs no token: its name opens it, or it tells nothing of anybody."""
ELSEWHERE: Final = frozenset({"metrics"})
"""Decides for itself, by where the caller is."""


def every(api: Api) -> dict[str, tuple[str, str]]:
    """Method and path of each operation that needs a token; its parameters name nothing."""
    return {
        route.name: (_method(route), re.sub(r"\{\w+\}", "nothing", route.path))
        for route in routes_of(api.engine.app)
        if route.name in NEEDS
    }


def _method(route: Route) -> str:
    (method,) = (route.methods or set()) - {"HEAD"}
    return method


async def refusals(api: Api, headers: Mapping[str, str | bytes]) -> dict[str, tuple[int, str]]:
    """The operations that refuse these headers, with status and detail."""
    found: dict[str, tuple[int, str]] = {}
    for name, (method, path) in every(api).items():
        answer = await api.client.request(method, path, headers=dict(headers))
        assert answer.status_code < 500, f"{name}: {answer.text}"
        if answer.status_code in {401, 403}:
            document = problem(answer, answer.status_code)
            found[name] = (answer.status_code, document["detail"])
    return found


def test_every_operation_stands_in_the_table(api: Api) -> None:
    """Whoever adds one has to say here what it takes."""
    names = {route.name for route in routes_of(api.engine.app)}
    assert names == NEEDS.keys() | OPEN | ELSEWHERE


async def test_what_stands_as_open_asks_for_no_token(api: Api) -> None:
    """And nothing else is open."""
    for route in routes_of(api.engine.app):
        path = re.sub(r"\{\w+\}", "nothing", route.path)
        answer = await api.client.request(_method(route), path, headers={"authorization": ""})
        is_refused = answer.status_code == 401
        assert is_refused is (route.name not in OPEN), route.name


@pytest.mark.parametrize("scope", Scope)
async def test_a_scope_allows_what_takes_it_and_nothing_else(api: Api, scope: Scope) -> None:
    """The refusal names the scope that is lacking; what needs none is allowed."""
    headers = await stranger(api, scopes=frozenset({scope}))
    refused = await refusals(api, headers)
    assert refused.keys() == {name for name, needs in NEEDS.items() if needs not in {None, scope}}
    for name, (status, detail) in refused.items():
        assert status == 403
        assert f"the scope `{NEEDS[name]}`" in detail
        assert name in detail


async def test_a_token_without_scopes_may_ask_who_it_is(api: Api) -> None:
    """And what there is to run on."""
    refused = await refusals(api, await stranger(api, scopes=frozenset()))
    assert NEEDS.keys() - refused.keys() == {"account.get", "hardware.list"}


async def test_a_token_with_all_scopes_is_refused_nothing(api: Api) -> None:
    """Whatever the names in the path: those are not found."""
    assert await refusals(api, await stranger(api)) == {}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer nobody",
        "Token r8_nobody",
        "Basic cjg6cjg=",
        "r8_nobody",
        f"Bearer {'r8_' * 4000}",
        b"Bearer r8_\x80\xff",
    ],
)
async def test_a_token_that_is_none_opens_nothing(api: Api, header: str | bytes) -> None:
    """Every operation says the same, whether what it names is there or not."""
    await api.echo()
    refused = await refusals(api, {"authorization": header})
    assert refused.keys() == NEEDS.keys()
    assert {status for status, _ in refused.values()} == {401}


async def test_a_revoked_token_opens_nothing(api: Api) -> None:
    """From the moment on, although it was used a moment ago."""
    headers = await stranger(api, "ann")
    assert await refusals(api, headers) == {}
    accounts = api.engine.store.accounts
    (token,) = await accounts.tokens("ann")
    await accounts.revoke_token(token.id, "ann", datetime.now(UTC))
    refused = await refusals(api, headers)
    assert refused.keys() == NEEDS.keys()
    assert {status for status, _ in refused.values()} == {401}


async def test_a_scope_that_is_lacking_comes_before_what_is_wrong_besides(api: Api) -> None:
    """So that a refusal tells nothing of what there is, and changes nothing."""
    shown = await api.echo()
    for method, path, body in (
        ("POST", "/v1/predictions", b"{"),
        ("POST", "/v1/files", b"--"),
        ("POST", f"/v1/predictions/{shown['id']}/cancel", b""),
        ("PATCH", "/v1/models/safelight/echo", b"{}"),
    ):
        headers = await stranger(api, scopes=frozenset({READ}))
        problem(await api.client.request(method, path, content=body, headers=headers), 403)
    assert len((await api.client.get("/v1/predictions")).json()["results"]) == 1
