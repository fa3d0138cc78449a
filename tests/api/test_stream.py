"""Server-sent events: each output, perhaps an error, and `done`."""

import asyncio
import json
import re

import httpx
import msgspec
import pytest
from tests.api.calls import ECHO, ORIGIN, SKETCH, Api, problem

from safelight.prediction import Status

EVENT = re.compile(r"event: (\w+)\nid: (\d+:\d+)\n((?:data: .*\n)+)\n")


async def _events(api: Api, url: str) -> list[tuple[str, str]]:
    """All of a stream's events, asked for without a token."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api.engine.app), base_url=ORIGIN, timeout=30
    ) as stranger:
        answer = await stranger.get(url, headers={"accept": "text/event-stream"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    text = answer.text
    assert text.startswith(": hi\n\n")
    found = EVENT.findall(text)
    assert "".join(f"event: {n}\nid: {i}\n{d}\n" for n, i, d in found) == text[6:]
    numbers = [int(number.partition(":")[2]) for _, number, _ in found]
    assert numbers == sorted(set(numbers)), "each has an id of its own"
    return [(n, "\n".join(line[6:] for line in d.splitlines())) for n, _, d in found]


async def test_pictures_are_streamed_as_urls(api: Api) -> None:
    """One event each, then `done`, and the stream is closed."""
    value = {"prompt": "a", "num_outputs": 2, "width": 256, "height": 256}
    shown = (await api.create(SKETCH, value)).json()
    events = await _events(api, shown["urls"]["stream"])
    assert [name for name, _ in events] == ["output", "output", "done"]
    assert [data for _, data in events[:2]] == (await api.get(shown["id"]))["output"]
    assert events[2][1] == "{}"


async def test_everyone_is_told_of_files_where_they_reach_the_server(api: Api) -> None:
    """At once, and rendered once for all."""
    shown = await api.run(SKETCH, {"prompt": "a", "width": 256, "height": 256})
    hosts = ["one.test", "two.test:8080", "[::1]:9"]
    answers = await asyncio.gather(
        *[api.client.get(shown["urls"]["stream"], headers={"host": host}) for host in hosts]
    )
    for answer, host in zip(answers, hosts, strict=True):
        assert f"data: https://{host}/outputs/" in answer.text
        assert answer.text.count("https://") == 1


async def test_the_path_says_whether_it_is_files(api: Api) -> None:
    """JavaScript's client goes by it."""
    value = {"prompt": "a", "width": 256, "height": 256}
    files = (await api.create(SKETCH, value)).json()
    assert files["urls"]["stream"].startswith(f"{ORIGIN}/v1/files/bcwr-")
    assert (await api.echo())["urls"]["stream"].startswith(f"{ORIGIN}/v1/streams/bcwr-")


async def test_any_page_may_listen(api: Api) -> None:
    """The name is the whole secret, so a browser need not ask where the page is from."""
    shown = await api.run(ECHO, {"prompt": "a"})
    answer = await api.client.get(shown["urls"]["stream"])
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"] == "text/event-stream"


async def test_a_text_of_several_lines_stays_one_event(api: Api) -> None:
    """A `data:` line for each."""
    shown = await api.echo("one\ntwo\n\nfour")
    events = await _events(api, shown["urls"]["stream"])
    assert events == [("output", "one\ntwo\n\nfour"), ("done", "{}")]


@pytest.mark.parametrize("text", ["a\revent: done\rdata: {}", "a\r\n\r\nevent: done", "\r", "a\r"])
async def test_no_text_can_forge_an_event(api: Api, text: str) -> None:
    """A carriage return ends a line as well."""
    shown = await api.echo(text)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api.engine.app), base_url=ORIGIN
    ) as stranger:
        raw = (await stranger.get(shown["urls"]["stream"])).text
    lines = raw.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [line for line in lines if line.startswith("event:")] == [
        "event: output",
        "event: done",
    ]


async def test_a_failure_is_an_error_and_then_done(api: Api) -> None:
    """The detail is JSON; `done` says why."""
    shown = await api.echo("[[fail: no luck]]")
    events = await _events(api, shown["urls"]["stream"])
    assert [name for name, _ in events] == ["error", "done"]
    assert json.loads(events[0][1]) == {"detail": "no luck"}
    assert json.loads(events[1][1]) == {"reason": "error"}


async def test_a_cancel_ends_the_stream(api: Api) -> None:
    """`done` says why."""
    shown = await api.echo("[[timeout]]")
    await api.until(shown["id"], "processing")
    streaming = asyncio.create_task(_events(api, shown["urls"]["stream"]))
    await api.client.post(shown["urls"]["cancel"])
    assert await streaming == [("done", '{"reason":"canceled"}')]


async def test_who_comes_late_gets_all_from_the_beginning(api: Api) -> None:
    """Long after the end."""
    shown = await api.run(ECHO, {"prompt": "a"})
    assert await _events(api, shown["urls"]["stream"]) == [("output", "a"), ("done", "{}")]


async def test_a_token_is_tolerated(api: Api) -> None:
    """Python's client sends one."""
    shown = await api.run(ECHO, {"prompt": "a"})
    assert (await api.client.get(shown["urls"]["stream"])).status_code == 200


@pytest.mark.parametrize("name", ["x", "bcwr-", "bcwr-x", "bcwr-" + "0" * 52, "%00"])
@pytest.mark.parametrize("kind", ["files", "streams"])
async def test_a_wrong_name_opens_nothing(api: Api, kind: str, name: str) -> None:
    """Not even with a token."""
    problem(await api.client.get(f"/v1/{kind}/{name}"), 404)


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE"])
async def test_a_stream_can_only_be_got(api: Api, method: str) -> None:
    """HEAD would have to wait for the end."""
    shown = await api.echo()
    answer = await api.client.request(method, shown["urls"]["stream"])
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


async def test_nothing_is_left_to_hear_once_its_data_is_removed(api: Api) -> None:
    """As for the files."""
    shown = await api.run(ECHO, {"prompt": "a"})
    ended = await api.engine.store.get(shown["id"], None)
    removed = msgspec.structs.replace(ended, output=None, data_removed=True)
    await api.engine.store.save(removed, was=Status.SUCCEEDED)
    problem(await api.client.get(shown["urls"]["stream"]), 404)


async def test_a_changed_name_opens_nothing(api: Api) -> None:
    """Nor does that of the prediction, nor that of its files."""
    shown = await api.run(ECHO, {"prompt": "a"})
    name = shown["urls"]["stream"].rsplit("/", 1)[1]
    for wrong in (name[:-1] + ("0" if name[-1] != "0" else "1"), shown["id"], name[:31], name[5:]):
        problem(await api.client.get(f"/v1/files/{wrong}"), 404)


@pytest.mark.parametrize("prompt", ["a", "[[fail: no luck]]"])
async def test_who_comes_back_gets_only_what_is_left(api: Api, prompt: str) -> None:
    """By `Last-Event-ID`, after each event in turn."""
    shown = await api.run(ECHO, {"prompt": prompt})
    url = shown["urls"]["stream"]
    whole = EVENT.findall((await api.client.get(url)).text)
    assert len(whole) == 2
    for number, (_, last, _) in enumerate(whole[:-1], 1):
        rest = await api.client.get(url, headers={"last-event-id": last})
        assert [name for name, _, _ in EVENT.findall(rest.text)] == [
            name for name, _, _ in whole[number:]
        ]


@pytest.mark.parametrize("prompt", ["a", "[[fail: no luck]]"])
async def test_who_has_had_all_is_told_not_to_come_back(api: Api, prompt: str) -> None:
    """204 is what stops a browser, which would ask again for ever."""
    url = (await api.run(ECHO, {"prompt": prompt}))["urls"]["stream"]
    last = EVENT.findall((await api.client.get(url)).text)[-1][1]
    answer = await api.client.get(url, headers={"last-event-id": last})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_an_event_has_the_same_id_for_everyone(api: Api) -> None:
    """Whenever they come, and however often."""
    url = (await api.run(ECHO, {"prompt": "a"}))["urls"]["stream"]
    heard = [(await api.client.get(url)).text for _ in range(2)]
    assert heard[0] == heard[1]


@pytest.mark.parametrize("last", ["", "x", "1:x", ":", "9" * 100, "1:9999999999", "1:" + "9" * 100])
async def test_an_id_that_is_not_ours_is_the_beginning(api: Api, last: str) -> None:
    """Nothing is left out for a caller who cannot say what it has."""
    shown = await api.run(ECHO, {"prompt": "a"})
    again = await api.client.get(shown["urls"]["stream"], headers={"last-event-id": last})
    assert [name for name, _, _ in EVENT.findall(again.text)] == ["output", "done"]
