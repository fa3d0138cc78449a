"""Replicate's contract as scenarios on the wire: what the official clients do by themselves."""

import json
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.clients.conftest import Run
from tests.clients.pictures import form, picture
from tests.clients.wire import ECHO, Caller, calling, eventually
from tests.serving import Server


@pytest.fixture(scope="module")
def caller(server: Server) -> Generator[Caller]:
    """A caller of the server that all tests share."""
    with calling(server) as made:
        yield made


PYTHON = """
import json, io, replicate
def tell(value): print(json.dumps(value))
"""
PICTURE = f"picture = bytes.fromhex({picture().hex()!r})\n"


def test_scenario_07_a_versioned_run_reads_its_version(caller: Caller, run_python: Run) -> None:
    """Python's client does, after the create; it needs both of these to be there."""
    latest = caller.get(f"/v1/models/{ECHO}")["latest_version"]["id"]
    version = caller.get(f"/v1/models/{ECHO}/versions/{latest}")
    assert version["cog_version"] is not None
    assert {"Input", "Output"} <= version["openapi_schema"]["components"]["schemas"].keys()
    reference = f"{ECHO}:{latest}"
    done = run_python(f'{PYTHON}tell(replicate.run("{reference}", input={{"prompt": "a"}}))')
    assert done.value == "a"


def test_scenario_08_an_open_file_is_uploaded_by_python(caller: Caller, run_python: Run) -> None:
    """The answer has a name and a tag, which the client demands; its address is an input."""
    done = run_python(f"""{PYTHON}{PICTURE}
open("cat.png", "wb").write(picture)
value = {{"prompt": "a", "input_images": [open("cat.png", "rb")]}}
tell(replicate.run("openai/gpt-image-2", input=value)[0].url)
""")
    assert form(caller.stranger.get(done.value).content) == "WEBP"
    newest = caller.get("/v1/files")["results"][0]
    assert (newest["name"], newest["content_type"]) == ("cat.png", "image/png")
    assert newest["etag"]


def test_scenario_09_a_buffer_is_uploaded_by_javascript(caller: Caller, js: Run) -> None:
    """Its metadata comes as a part that is a file."""
    told: Any = js(f"""
        const picture = Buffer.from("{picture().hex()}", "hex");
        const input = {{ prompt: "a", input_images: [picture] }};
        tell((await replicate.run("openai/gpt-image-2", {{ input }}))[0].url().href);
    """)
    assert form(caller.stranger.get(told).content) == "WEBP"
    newest = caller.get("/v1/files")["results"][0]
    assert newest["name"].startswith("buffer_")
    assert newest["metadata"] == {}


def test_scenario_10_metadata_comes_in_brackets_from_python_2(python: Run) -> None:
    """A field for each key."""
    told: Any = python("""
tell(client.files.create(content=b"a", metadata={"a": 1}).to_dict()["metadata"])
""")
    assert told in ({"a": 1}, {"a": "1"})


def test_scenario_12_streams_of_pictures_end(caller: Caller, run_python: Run, js: Run) -> None:
    """Addresses as `output`, then `done`, then the connection closes."""
    value = {"prompt": "a", "width": 256, "height": 256, "num_outputs": 2}
    done = run_python(f"""{PYTHON}
tell([[event.event.value, str(event.data)] for event in
      replicate.stream("safelight/sketch", input={value!r})])
""")
    told: Any = js(f"""
        const seen = [];
        const input = {json.dumps(value)};
        for await (const {{ event, data }} of replicate.stream("safelight/sketch", {{ input }}))
          seen.push([event, `${{data}}`]);
        tell(seen);
    """)
    for seen in (done.value, told):
        assert [event for event, _ in seen] == ["output", "output", "done"]
        assert all(data.startswith("https://") for _, data in seen[:2])
    made = caller.made("safelight/sketch", value)
    assert urlsplit(made["urls"]["stream"]).path.startswith("/v1/files/")


@contextmanager
def _breaking(caller: Caller, prompt: str, times: int) -> Generator[str]:
    """An address that passes creates on, and hangs up on the first ones once they have arrived."""
    there = urlsplit(caller.server.http)
    listener = socket.create_server(("127.0.0.1", 0))
    passed: list[threading.Thread] = []

    def has_arrived() -> bool:
        listed = caller.get("/v1/predictions")["results"]
        return any(one["input"].get("prompt") == prompt for one in listed)

    def serve() -> None:
        for count in range(1_000):
            try:
                here, _ = listener.accept()
            except OSError:
                return
            above = socket.create_connection((there.hostname, there.port))
            up = threading.Thread(target=_pass, args=(here, above))
            up.start()
            passed.append(up)
            if count < times:
                eventually(has_arrived)
                _hang_up(above, here)
            else:
                down = threading.Thread(target=_pass, args=(above, here))
                down.start()
                passed.append(down)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        _hang_up(listener)
        for one in (thread, *passed):
            one.join()


def _pass(source: socket.socket, sink: socket.socket) -> None:
    try:
        while content := source.recv(65536):
            sink.sendall(content)
    except OSError:
        pass
    _hang_up(source, sink)


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@pytest.mark.parametrize("times", [1, 3])
def test_scenario_18_a_create_that_is_sent_again_is_one_prediction(
    caller: Caller, js: Run, times: int
) -> None:
    """JavaScript's client sends it up to six times when the connection breaks."""
    prompt = f"broken {times} [[delay: 300ms]]"
    with _breaking(caller, prompt, times) as base_url:
        told: Any = js(
            f'tell(await replicate.run("{ECHO}", {{ input: {{ prompt: "{prompt}" }} }}));',
            REPLICATE_BASE_URL=base_url,
        )
    assert told == f"broken {times}"
    listed = caller.get("/v1/predictions")["results"]
    assert len([one for one in listed if one["input"].get("prompt") == prompt]) == 1


def test_the_same_create_as_often_as_it_is_meant_is_as_many_predictions(js: Run) -> None:
    """At once and one after the other, while no connection breaks."""
    told: Any = js("""
        const create = (wait) => replicate.predictions.create({
          model: "safelight/echo", input: { prompt: "the same" }, wait });
        const made = [];
        for (const wait of [false, true]) for (let batch = 0; batch < 5; batch++)
          made.push(...await Promise.all(Array.from({ length: 20 }, () => create(wait))));
        tell([made.length, new Set(made.map(({ id }) => id)).size]);
    """)
    assert told == [200, 200]


def test_scenario_23_the_vocabulary_of_the_vercel_sdk_is_taken(caller: Caller) -> None:
    """It is sent to every model; what a model lacks is ignored."""
    vocabulary = {"prompt": "a", "size": "1024x1024", "seed": 7, "num_outputs": 1}
    for model in ("openai/gpt-image-2", "google/imagen-4-fast", "safelight/sketch"):
        shown = caller.made(model, vocabulary | {"aspect_ratio": "1:1"}, prefer="wait")
        output = shown["output"]
        url = output[0] if isinstance(output, list) else output
        assert form(caller.stranger.get(url).content)
