"""Tokens over HTTP: made, listed, revoked, and never more than the one that asks."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest
from tests.api.calls import Api, Json, problem
from tests.api.others import stranger

from safelight.account import Mode, Scope, token_hash
from safelight.ledger import Period, SpendLimit

ALL: Final = "/v1/tokens"


async def made(api: Api, headers: dict[str, str] | None = None, **body: Any) -> Json:
    answer = await api.client.post(ALL, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    shown: Json = answer.json()
    return shown


async def listed(api: Api, headers: dict[str, str] | None = None) -> list[Json]:
    answer = await api.client.get(ALL, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    results: list[Json] = answer.json()["results"]
    return results


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


async def test_a_token_is_made_and_works(api: Api) -> None:
    """Its secret is in this answer alone."""
    shown = await made(api, name="ci \U0001f600", mode="test", scopes=["run", "read"])
    secret = shown.pop("token")
    created_at = shown.pop("created_at")
    assert abs(datetime.fromisoformat(created_at) - datetime.now(UTC)).total_seconds() < 60
    assert secret.startswith("r8_test_")
    assert len(secret) == 40
    assert shown == {
        "id": token_hash(secret).hex()[:12],
        "name": "ci \U0001f600",
        "hint": secret[-4:],
        "mode": "test",
        "scopes": ["read", "run"],
        "revoked_at": None,
        "current": False,
        "spend_limit": None,
    }
    first, *_ = await listed(api)
    assert first == {**shown, "created_at": created_at}
    answer = await api.client.get("/v1/predictions", headers=bearer(secret))
    assert answer.status_code == 200
    problem(await api.client.get(ALL, headers=bearer(secret)), 403)


async def test_a_live_token_makes_live_and_test_tokens(api: Api) -> None:
    """By default what it is itself, with all its scopes."""
    like = await made(api, api.live)
    assert (like["mode"], like["scopes"]) == ("live", ["read", "run", "write", "admin"])
    assert not like["token"].startswith("r8_test_")
    assert (await made(api, api.live, mode="test"))["mode"] == "test"


async def test_the_list_tells_which_one_asks(api: Api) -> None:
    """Newest first; those that are revoked say when."""
    new = await made(api)
    first, *_ = await listed(api)
    assert first["id"] == new["id"]
    assert [one["current"] for one in await listed(api, bearer(new["token"]))] == [
        True,
        *[False] * (len(await listed(api)) - 1),
    ]
    (asks,) = [one for one in await listed(api) if one["current"]]
    assert asks["hint"] == api.test_token[-4:]
    assert (await api.client.delete(f"{ALL}/{new['id']}")).status_code == 204
    first, *_ = await listed(api)
    assert first["revoked_at"].endswith("Z")


async def test_no_answer_holds_a_secret_or_its_hash(api: Api) -> None:
    """But for the one that made it."""
    new = await made(api)
    text = (await api.client.get(ALL)).text
    for secret in (new["token"], api.live_token, api.test_token):
        assert secret not in text
        assert token_hash(secret).hex() not in text


async def test_a_spend_limit_is_shown_with_what_is_spent(api: Api) -> None:
    """Of the token's own limit, not of the account's."""
    new = await made(api)
    ledger = api.engine.store.ledger
    await ledger.limit_account("safelight", SpendLimit(Decimal(9), Period.EVER))
    await ledger.limit_token(new["id"], SpendLimit(Decimal("2.5"), Period.DAY))
    shown = {one["id"]: one["spend_limit"] for one in await listed(api)}
    limit = {"limit_usd": 2.5, "per": "day", "spent_usd": 0.0, "held_usd": 0.0}
    assert shown.pop(new["id"]) == limit
    assert set(shown.values()) == {None}


async def test_a_token_gives_no_scope_that_it_lacks(api: Api) -> None:
    """The refusal names what it lacks; nothing is made."""
    headers = await stranger(api, scopes=frozenset({Scope.ADMIN, Scope.READ}))
    answer = await api.client.post(ALL, json={"scopes": ["read", "run", "write"]}, headers=headers)
    detail = problem(answer, 403)["detail"]
    assert "`run`, `write`" in detail
    assert len(await listed(api, headers)) == 1
    assert (await made(api, headers, scopes=["read"]))["scopes"] == ["read"]
    assert (await made(api, headers))["scopes"] == ["read", "admin"]


async def test_a_test_token_makes_no_live_one(api: Api) -> None:
    """What costs nothing cannot give what does."""
    assert "test token" in problem(await api.post(ALL, {"mode": "live"}), 403)["detail"]


async def test_a_spend_limit_is_not_left_by_making_another_token(api: Api) -> None:
    """A live one would have none."""
    new = await made(api, api.live)
    limit = SpendLimit(Decimal(1), Period.MONTH)
    await api.engine.store.ledger.limit_token(new["id"], limit)
    headers = bearer(new["token"])
    answer = await api.client.post(ALL, json={"name": "more"}, headers=headers)
    assert "spend limit" in problem(answer, 403)["detail"]
    assert (await made(api, headers, mode="test"))["mode"] == Mode.TEST


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": 7}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"mode": "both"}, "mode"),
        ({"scopes": []}, "scopes"),
        ({"scopes": "read"}, "scopes"),
        ({"scopes": ["read", "fly"]}, "scopes.1"),
        ({"scopes": ["read", None]}, "scopes.1"),
        ({"account": "other"}, ""),
    ],
)
async def test_a_body_that_is_none_is_refused(api: Api, body: Json, field: str) -> None:
    """The field is named."""
    before = len(await listed(api))
    document = problem(await api.post(ALL, body), 422)
    assert [fault["field"] for fault in document["invalid_fields"]] == [field]
    assert len(await listed(api)) == before


async def test_a_revoked_token_opens_nothing(api: Api) -> None:
    """From the answer on; to revoke it again changes nothing."""
    new = await made(api)
    headers = bearer(new["token"])
    assert (await api.client.get(ALL, headers=headers)).status_code == 200
    answer = await api.client.delete(f"{ALL}/{new['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    problem(await api.client.get(ALL, headers=headers), 401)
    revoked_at = (await listed(api))[0]["revoked_at"]
    assert (await api.client.delete(f"{ALL}/{new['id']}")).status_code == 204
    assert (await listed(api))[0]["revoked_at"] == revoked_at


async def test_a_token_may_revoke_itself(api: Api) -> None:
    """That is the last that it does."""
    new = await made(api)
    headers = bearer(new["token"])
    answer = await api.client.delete(f"{ALL}/{new['id']}", headers=headers)
    assert answer.status_code == 204
    problem(await api.client.get("/v1/account", headers=headers), 401)
