"""What those who run a server look at: request ids, health, metrics, CORS."""

import asyncio
import re
import sqlite3

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.api.calls import ECHO, ORIGIN, SKETCH, Api, Running, problem
from tests.support.making import eventually

PAGE = "https://app.example.com"


def metric(text: str, name: str, **labels: str) -> float:
    """The value of one sample, 0 if there is none."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return 0.0


async def metrics(api: Api) -> str:
    """The page that Prometheus reads."""
    answer = await api.client.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


async def preflight(api: Api, path: str) -> httpx.Response:
    """What a browser asks before it lets a page post; Replicate has no such operation."""
    transport = httpx.ASGITransport(api.engine.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://safelight.test") as browser:
        wanted = "authorization,content-type,prefer"
        return await browser.options(
            path,
            headers={
                "origin": PAGE,
                "access-control-request-method": "POST",
                "access-control-request-headers": wanted,
            },
        )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/account", 200),
        ("GET", "/v1/predictions/nope", 404),
        ("GET", "/nowhere", 404),
        ("DELETE", "/v1/account", 405),
        ("GET", "/healthz", 200),
        ("GET", f"/outputs/{'a' * 49}/x.png", 404),
    ],
)
async def test_every_answer_carries_an_id(api: Api, method: str, path: str, status: int) -> None:
    """Errors too: it is what a caller quotes to the operator."""
    answers = [await api.client.request(method, path) for _ in range(2)]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert [answer.status_code for answer in answers] == [status, status]
    assert all(re.fullmatch(r"req_[0-9a-f]{24}", request_id) for request_id in ids)
    assert ids[0] != ids[1]


async def test_without_a_token_there_is_an_id_all_the_same(api: Api) -> None:
    """Who is refused may ask why."""
    del api.client.headers["authorization"]
    assert "x-request-id" in (await api.client.get("/v1/account")).headers


@pytest.mark.parametrize("given", ["a", "b7d6f0c2-8c1e-4a53-9b52-9a3b0f6f9e10", "Root=1:x_y.z"])
async def test_a_callers_own_id_is_kept(api: Api, given: str) -> None:
    """So that one id leads through all of its systems."""
    answer = await api.client.get("/v1/account", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "a\tb", 'a"b', b"\xff\xfe"])
async def test_an_unsafe_id_is_replaced(api: Api, given: str | bytes) -> None:
    """It goes into logs and headers, where it must not mean anything else."""
    answer = await api.client.get("/v1/account", headers={"x-request-id": given})
    assert answer.headers["x-request-id"].startswith("req_")


async def test_alive_is_told_without_a_token(api: Api) -> None:
    """A container's health check has none."""
    del api.client.headers["authorization"]
    answer = await api.client.get("/healthz")
    assert answer.json() == {"status": "ok"}
    assert answer.headers["cache-control"] == "no-store"


async def test_ready_is_told_while_the_store_takes_writes(api: Api) -> None:
    """Asked twice in a second, it writes once."""
    del api.client.headers["authorization"]
    for _ in range(2):
        assert (await api.client.get("/readyz")).json() == {"status": "ready"}


async def test_not_ready_says_why_when_the_store_cannot_be_written(api: Api) -> None:
    """The table that is written is gone: any refusal of the database looks like this."""
    with sqlite3.connect(api.settings.database) as connection:
        connection.execute("DROP TABLE checks")
    connection.close()
    answer = await api.client.get("/readyz")
    document = problem(answer, 503)
    assert "checks" in document["detail"]
    assert (await api.client.get("/healthz")).status_code == 200


async def test_many_who_ask_whether_it_is_ready_share_one_answer(api: Api) -> None:
    """A database that is locked is waited for once, not by each of them in turn."""
    lock = sqlite3.connect(api.settings.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    asking = [asyncio.create_task(api.client.get("/readyz")) for _ in range(20)]
    await asyncio.sleep(0)
    lock.execute("ROLLBACK")
    lock.close()
    answers = await asyncio.gather(*asking)
    assert {answer.status_code for answer in answers} == {200}
    with sqlite3.connect(api.settings.database) as connection:
        connection.execute("DROP TABLE checks")
    connection.close()
    answers = await asyncio.gather(*(api.client.get("/readyz") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {503}


async def test_not_ready_while_the_server_stops(api: Api) -> None:
    """Whoever balances the load sends no more here."""
    assert (await api.client.get("/readyz")).status_code == 200
    api.engine.store.stop_waiting()
    assert problem(await api.client.get("/readyz"), 503)["title"] == "Stopping"


async def test_metrics_count_requests_by_operation_and_status(api: Api) -> None:
    """With how long each took."""
    await api.client.get("/v1/account")
    await api.client.get("/v1/predictions/nope")
    await api.client.get("/nowhere")
    text = await metrics(api)
    name = "safelight_request_duration_seconds_count"
    assert metric(text, name, operation="account.get", status="200") == 1
    assert metric(text, name, operation="predictions.get", status="404") == 1
    assert metric(text, name, operation="none", status="404") == 1


async def test_metrics_tell_of_predictions_and_our_own_share_of_their_time(api: Api) -> None:
    """From the create to the start, and from the end to the answer."""
    await api.run(ECHO, {"prompt": "x"})
    await api.run(SKETCH, {"prompt": "[[fail: on purpose]] x"})
    text = await metrics(api)
    name = "safelight_predictions_total"
    assert metric(text, name, model=ECHO, mode="test", status="succeeded") == 1
    assert metric(text, name, model=SKETCH, mode="test", status="processing") == 1
    assert metric(text, "safelight_overhead_seconds_count", stage="start") == 2
    assert metric(text, "safelight_overhead_seconds_count", stage="end") == 2
    assert metric(text, "safelight_store_commit_duration_seconds_count") >= 2
    assert metric(text, "safelight_predictions_running") == 0


async def test_metrics_tell_how_many_wait(running: Running) -> None:
    """The length of the queue."""
    async with running(SAFELIGHT_MAX_RUNNING="0") as api:
        for _ in range(3):
            await api.echo()
        text = await metrics(api)
        assert metric(text, "safelight_predictions_waiting") == 3
        assert metric(text, "safelight_predictions_running") == 0


async def test_metrics_tell_how_many_listen_to_streams(running: Running) -> None:
    """For as long as they do."""
    async with running(SAFELIGHT_MAX_RUNNING="0") as api:
        stream = (await api.echo())["urls"]["stream"].removeprefix(ORIGIN)

        async def listeners(count: int) -> bool:
            return metric(await metrics(api), "safelight_stream_listeners") == count

        listening = asyncio.create_task(api.client.get(stream))
        assert await eventually(lambda: listeners(1))
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        assert await eventually(lambda: listeners(0))


async def test_metrics_tell_about_the_process(api: Api) -> None:
    """Memory, CPU, open files."""
    assert metric(await metrics(api), "process_resident_memory_bytes") > 0


async def test_metrics_from_elsewhere_need_a_token(api: Api) -> None:
    """They tell what is run here, and how much."""
    del api.client.headers["authorization"]
    problem(await api.client.get("/metrics"), 401)


@pytest.mark.parametrize(
    ("peer", "host", "headers", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8484", {}, 200),
        ("::1", "localhost:8484", {}, 200),
        ("10.0.0.7", "127.0.0.1:8484", {}, 401),
        ("127.0.0.1", "evil.example.com", {}, 401),
        ("127.0.0.1", "127.0.0.1:8484", {"x-forwarded-for": "203.0.113.9"}, 401),
        ("127.0.0.1", "127.0.0.1:8484", {"forwarded": "for=203.0.113.9"}, 401),
        ("127.0.0.1", "127.0.0.1:8484", {"x-forwarded-proto": "https"}, 401),
        ("127.0.0.1", "127.0.0.1:8484", {"origin": PAGE}, 401),
        ("127.0.0.1", "127.0.0.1:8484", {"sec-fetch-site": "cross-site"}, 401),
    ],
)
async def test_metrics_are_open_only_to_this_machine_itself(
    api: Api, peer: str, host: str, headers: dict[str, str], status: int
) -> None:
    """Not to whoever comes through a proxy on it, nor to a page that its browser shows."""
    transport = httpx.ASGITransport(api.engine.app, client=(peer, 5000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        assert (await client.get("/metrics", headers=headers)).status_code == status


async def test_without_the_setting_no_other_origin_is_let_in(api: Api) -> None:
    """As at Replicate."""
    answer = await api.client.get("/v1/account", headers={"origin": PAGE})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_page_of_an_allowed_origin_can_call_and_read_the_headers(running: Running) -> None:
    """Its browser asks first, and then lets it see what clients need."""
    async with running(SAFELIGHT_CORS_ORIGINS=f"{PAGE}, https://b.example.com") as api:
        asked = await preflight(api, f"/v1/models/{ECHO}/predictions")
        assert asked.status_code == 200
        assert asked.headers["access-control-allow-origin"] == PAGE
        assert "prefer" in asked.headers["access-control-allow-headers"]
        answer = await api.create(ECHO, {"prompt": "x"}, origin=PAGE)
        assert answer.headers["access-control-allow-origin"] == PAGE
        exposed = answer.headers["access-control-expose-headers"]
        for name in ("Location", "x-request-id", "ratelimit-remaining", "ratelimit-reset"):
            assert name in exposed


async def test_a_page_of_another_origin_stays_out(running: Running) -> None:
    """Its browser is not told that it may."""
    async with running(SAFELIGHT_CORS_ORIGINS=PAGE) as api:
        answer = await api.client.get("/v1/account", headers={"origin": "https://c.example.com"})
        assert "access-control-allow-origin" not in answer.headers


async def test_a_star_lets_every_origin_in(running: Running) -> None:
    """Tokens are in a header, never in a cookie: nothing is sent along unasked."""
    async with running(SAFELIGHT_CORS_ORIGINS="*") as api:
        answer = await api.client.get("/v1/account", headers={"origin": PAGE})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
