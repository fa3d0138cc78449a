"""Creates that come again: under a key, as a retry, and after a broken connection."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from tests.api.calls import ECHO, Api, Running, problem
from tests.serving import PATIENCE, Server, serving
from tests.support.making import eventually

SLOW = {"input": {"prompt": "[[delay: 20s]] again"}}
CREATE = f"/v1/models/{ECHO}/predictions"


async def test_the_same_key_and_body_give_the_same_prediction(api: Api) -> None:
    """However often, and the answer says that it is not new."""
    first = await api.create(ECHO, {"prompt": "a"}, idempotency_key="k1")
    again = await api.create(ECHO, {"prompt": "a"}, idempotency_key="k1", prefer="wait")
    assert again.status_code == 201
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["output"] == "a"
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len((await api.client.get("/v1/predictions")).json()["results"]) == 1


async def test_many_at_once_under_one_key_make_one_prediction(api: Api) -> None:
    """The key is kept in the transaction that accepts the prediction."""
    creates = [api.create(ECHO, {"prompt": "a"}, idempotency_key="k1") for _ in range(20)]
    answers = await asyncio.gather(*creates)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_key_for_another_body_is_refused(api: Api) -> None:
    """And nothing is made."""
    await api.create(ECHO, {"prompt": "a"}, idempotency_key="k1")
    refused = problem(await api.create(ECHO, {"prompt": "b"}, idempotency_key="k1"), 409)
    assert "Idempotency-Key" in refused["detail"]
    assert len((await api.client.get("/v1/predictions")).json()["results"]) == 1


async def test_a_key_belongs_to_its_token(api: Api) -> None:
    """Two programs may choose the same."""
    first = await api.create(ECHO, {"prompt": "a"}, idempotency_key="k1")
    other = await api.create(ECHO, {"prompt": "a"}, idempotency_key="k1", **api.live)
    assert other.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_that_is_none_is_refused(api: Api, key: str) -> None:
    """Before anything is made."""
    problem(await api.create(ECHO, {"prompt": "a"}, idempotency_key=key), 422)


async def test_a_key_survives_a_restart(running: Running) -> None:
    """It lies in the database."""
    async with running() as api:
        first = await api.create(ECHO, {"prompt": "a"}, idempotency_key="k1")
    async with running() as api:
        again = await api.create(ECHO, {"prompt": "a"}, idempotency_key="k1")
    assert again.json()["id"] == first.json()["id"]


async def test_the_same_body_twice_is_two_wishes(api: Api) -> None:
    """Without a key, and answered, it is asked for once more."""
    ids = {(await api.echo("a"))["id"] for _ in range(3)}
    assert len(ids) == 3


async def test_an_answered_create_is_not_what_a_retry_means(api: Api) -> None:
    """The client has its id: what it retries is something else, that was refused."""
    first = await api.create(ECHO, {"prompt": "a"})
    retry = await api.create(ECHO, {"prompt": "a"}, x_stainless_retry_count="1")
    assert retry.json()["id"] != first.json()["id"]


async def test_a_retry_after_a_restart_finds_what_the_first_try_made(running: Running) -> None:
    """The connection broke with the server, and nobody remembers having answered."""
    async with running() as api:
        first = await api.create(ECHO, {"prompt": "a"})
        other = await api.create(ECHO, {"prompt": "b"})
    async with running() as api:
        retry = await api.create(ECHO, {"prompt": "a"}, x_stainless_retry_count="1")
    assert retry.json()["id"] == first.json()["id"] != other.json()["id"]


async def test_a_retry_of_a_create_that_was_refused_is_a_create(api: Api) -> None:
    """Nothing came of the first one."""
    problem(await api.create(ECHO, {}), 422)
    problem(await api.create(ECHO, {}, x_stainless_retry_count="1"), 422)
    retry = await api.create(ECHO, {"prompt": "a"}, x_stainless_retry_count="2")
    assert retry.status_code == 201


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, as these tests count predictions."""
    with serving(tmp_path_factory.mktemp("repeats")) as started:
        yield started


@pytest.fixture
async def caller(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A caller in test mode."""
    headers = {"authorization": f"Bearer {server.test_token}"}
    async with httpx.AsyncClient(base_url=server.http, headers=headers, timeout=PATIENCE) as client:
        yield client


async def hang_up_on_a_blocking_create(
    server: Server,
    caller: httpx.AsyncClient,
    body: dict[str, Any],
    *headers: str,
    path: str = CREATE,
) -> str:
    """Send it, see it accepted, and close the connection before the answer; gives its id."""
    before = {p["id"] for p in (await caller.get("/v1/predictions")).json()["results"]}
    url = httpx.URL(server.http)
    _, writer = await asyncio.open_connection(url.host, url.port)
    content = json.dumps(body, separators=(",", ":")).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {url.netloc.decode()}\r\nprefer: wait\r\n"
        f"authorization: Bearer {server.test_token}\r\ncontent-length: {len(content)}\r\n"
    )
    head += "".join(f"{header}\r\n" for header in (*headers, ""))
    writer.write(head.encode() + content)

    async def accepted() -> str | None:
        listed = (await caller.get("/v1/predictions")).json()["results"]
        return next((p["id"] for p in listed if p["id"] not in before), None)

    prediction_id = await eventually(accepted)
    writer.close()
    await writer.wait_closed()
    return prediction_id


async def test_a_storm_after_a_broken_connection_makes_nothing_more(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """JavaScript's client posts again, six times at once, with no word about it."""
    first = await hang_up_on_a_blocking_create(server, caller, SLOW)
    answers = await asyncio.gather(*(caller.post(CREATE, json=SLOW) for _ in range(6)))
    assert {answer.json()["id"] for answer in answers} == {first}
    await caller.post(f"/v1/predictions/{first}/cancel")


async def test_a_counted_retry_joins_a_create_that_is_still_waiting(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """Python 2's client gives up after a minute and counts; ours is still at it."""
    slow = {"input": {"prompt": "[[delay: 20s]] once"}}
    waiting = asyncio.create_task(caller.post(CREATE, json=slow, headers={"prefer": "wait"}))

    async def first() -> str | None:
        listed = (await caller.get("/v1/predictions")).json()["results"]
        return next((p["id"] for p in listed if p["input"] == slow["input"]), None)

    accepted = await eventually(first)
    retry = await caller.post(CREATE, json=slow, headers={"x-stainless-retry-count": "1"})
    assert retry.json()["id"] == accepted
    await caller.post(f"/v1/predictions/{accepted}/cancel")
    assert (await waiting).json()["id"] == accepted


async def test_a_second_wait_for_what_runs_already_says_starting(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """Clients take any other status for the end."""
    slow = {"input": {"prompt": "[[delay: 20s]] twice"}}
    first = await hang_up_on_a_blocking_create(server, caller, slow)

    async def runs() -> bool:
        return (await caller.get(f"/v1/predictions/{first}")).json()["status"] == "processing"

    await eventually(runs)
    shown = (await caller.post(CREATE, json=slow, headers={"prefer": "wait=1"})).json()
    assert (shown["id"], shown["status"], shown["output"]) == (first, "starting", None)
    assert "started_at" not in shown
    await caller.post(f"/v1/predictions/{first}/cancel")


async def test_another_body_after_a_broken_connection_is_a_new_wish(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """Only the same bytes are the same."""
    slow = {"input": {"prompt": "[[delay: 20s]] mine"}}
    first = await hang_up_on_a_blocking_create(server, caller, slow)
    other = (await caller.post(CREATE, json={"input": {"prompt": "other"}})).json()
    assert other["id"] != first
    await caller.post(f"/v1/predictions/{first}/cancel")


async def test_another_key_is_another_wish_whatever_broke_before(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """Whoever sends a key says by it what is the same; the key itself finds its own."""
    slow = {"input": {"prompt": "[[delay: 20s]] keyed"}}
    first = await hang_up_on_a_blocking_create(server, caller, slow, "idempotency-key: one")
    answers = [
        (await caller.post(CREATE, json=slow, headers={"idempotency-key": key})).json()["id"]
        for key in ("two", "one")
    ]
    assert answers[0] != first == answers[1]
    for name in answers:
        await caller.post(f"/v1/predictions/{name}/cancel")


async def test_a_storm_on_a_deployment_makes_nothing_more(
    server: Server, caller: httpx.AsyncClient
) -> None:
    """Nor does the same body through another route find what came through this one."""
    latest = (await caller.get(f"/v1/models/{ECHO}")).json()["latest_version"]["id"]
    asked = {"hardware": "cpu", "min_instances": 0, "max_instances": 1}
    wanted = {"name": "storm", "model": ECHO, "version": latest, **asked}
    assert (await caller.post("/v1/deployments", json=wanted)).status_code == 200
    path = "/v1/deployments/safelight/storm/predictions"
    slow = {"input": {"prompt": "[[delay: 20s]] deployed"}}
    first = await hang_up_on_a_blocking_create(server, caller, slow, path=path)
    answers = await asyncio.gather(*(caller.post(path, json=slow) for _ in range(6)))
    assert {answer.json()["id"] for answer in answers} == {first}
    direct = (await caller.post(CREATE, json=slow)).json()["id"]
    assert direct != first
    for name in (first, direct):
        await caller.post(f"/v1/predictions/{name}/cancel")
