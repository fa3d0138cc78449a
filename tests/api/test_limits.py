"""Rate limits as callers meet them."""

import httpx
from tests.api.calls import ECHO, Api, Running, problem

from safelight.limits import is_create

TIGHT = "creates=2,others=5"


async def test_without_the_setting_nothing_is_limited_nor_told(api: Api) -> None:
    """The default is one's own machine."""
    for _ in range(30):
        answer = await api.client.get("/v1/account")
        assert answer.status_code == 200
    assert "ratelimit-remaining" not in answer.headers


async def test_one_create_too_many_is_told_when_to_come_back(running: Running) -> None:
    """In the body and in the header, as clients read the one or the other."""
    async with running(SAFELIGHT_RATE_LIMITS=TIGHT) as api:
        for remaining in ("1", "0"):
            answer = await api.create(ECHO, {"prompt": "x"})
            assert answer.status_code == 201
            assert answer.headers["ratelimit-remaining"] == remaining
        answer = await api.create(ECHO, {"prompt": "x"})
        assert answer.status_code == 429
        assert answer.headers["content-type"] == "application/problem+json"
        wait = int(answer.headers["retry-after"])
        assert answer.json() == {
            "detail": f"Request was throttled. Your rate limit resets in ~{wait}s.",
            "status": 429,
            "retry_after": wait,
        }
        assert answer.headers["ratelimit-remaining"] == "0"
        assert int(answer.headers["ratelimit-reset"]) >= wait >= 1


async def test_a_throttled_create_makes_nothing(running: Running) -> None:
    """Refused means that there is no prediction."""
    async with running(SAFELIGHT_RATE_LIMITS=TIGHT) as api:
        for _ in range(6):
            await api.create(ECHO, {"prompt": "x"})
        listed = (await api.client.get("/v1/predictions")).json()
        assert len(listed["results"]) == 2


async def test_other_requests_go_on_and_have_a_limit_of_their_own(running: Running) -> None:
    """Who has created too much can still look."""
    async with running(SAFELIGHT_RATE_LIMITS=TIGHT) as api:
        for _ in range(3):
            await api.create(ECHO, {"prompt": "x"})
        statuses = [(await api.client.get("/v1/account")).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]


async def test_each_token_has_its_own_limit(running: Running) -> None:
    """One program does not use up another's."""
    async with running(SAFELIGHT_RATE_LIMITS=TIGHT) as api:
        for _ in range(6):
            answer = await api.client.get("/v1/account")
        assert answer.status_code == 429
        assert (await api.client.get("/v1/account", headers=api.live)).status_code == 200


async def test_errors_count_and_carry_the_headers_too(running: Running) -> None:
    """Every answer to a known caller says where it stands."""
    async with running(SAFELIGHT_RATE_LIMITS=TIGHT) as api:
        answer = await api.client.get("/v1/predictions/nope")
        problem(answer, 404)
        assert answer.headers["ratelimit-remaining"] == "4"


async def test_those_without_a_token_are_told_so_not_throttled(running: Running) -> None:
    """They have no bucket that could run dry."""
    async with running(SAFELIGHT_RATE_LIMITS=TIGHT) as api:
        del api.client.headers["authorization"]
        answers = [await api.client.get("/v1/account") for _ in range(10)]
        assert {answer.status_code for answer in answers} == {401}


async def test_every_route_that_creates_counts_as_a_create(api: Api) -> None:
    """However it is named: what runs something shares one limit."""
    paths = (await api.client.get("/openapi.json")).json()["paths"]
    creating = {
        operations["post"]["operationId"]
        for path, operations in paths.items()
        if path.endswith(("/predictions", "/trainings")) and "post" in operations
    }
    assert len(creating) == 4
    assert all(is_create(name) for name in creating)


async def test_a_browser_that_asks_first_is_not_counted(running: Running) -> None:
    """It has no token yet."""
    page = {"origin": "https://a.test", "access-control-request-method": "POST"}
    async with running(SAFELIGHT_RATE_LIMITS=TIGHT, SAFELIGHT_CORS_ORIGINS="*") as api:
        transport = httpx.ASGITransport(api.engine.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as browser:
            for _ in range(6):
                answer = await browser.options("/v1/predictions", headers=page)
                assert answer.status_code == 200
        assert (await api.create(ECHO, {"prompt": "x"})).headers["ratelimit-remaining"] == "1"
