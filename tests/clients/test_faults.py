"""What goes wrong in the clients themselves: if one of these fails, a client was mended."""

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from replicate.client import Client
from replicate.version import Version
from replicate.webhook import Webhooks
from tests.clients.conftest import Run
from tests.clients.faults import KNOWN_FAULTS
from tests.clients.wire import ECHO, SKETCH, calling
from tests.serving import Server, serving

HERE = Path(__file__).parent


def test_every_known_fault_is_shown_by_a_test() -> None:
    """The table is not hearsay."""
    for fault in KNOWN_FAULTS:
        file, name = fault.test.split("::")
        assert re.search(rf"^(async )?def {name}\(", (HERE / file).read_text(), re.MULTILINE), fault


def test_python_drops_a_wait(client: Client) -> None:
    """It goes on without the header."""
    made = client.predictions.create(model=ECHO, input={"prompt": "a [[delay: 5s]]"}, wait=True)
    assert made.status == "starting"
    made.cancel()


def test_python_cannot_print_a_file_event(client: Client) -> None:
    """The data of the event is there."""
    event = next(iter(client.stream(SKETCH, input={"prompt": "a", "width": 256})))
    with pytest.raises(TypeError, match="returned non-string"):
        str(event)
    assert str(event.data).startswith("https://")


def test_python_cannot_pass_an_output_on(client: Client) -> None:
    """Its address can be."""
    (file,) = client.run(SKETCH, input={"prompt": "a", "width": 256, "height": 256})
    edit = {"prompt": "b", "input_images": [file]}
    with pytest.raises(TypeError, match="FileOutput is not JSON serializable"):
        client.run("openai/gpt-image-2", input=edit)
    (edited,) = client.run("openai/gpt-image-2", input=edit | {"input_images": [file.url]})
    assert edited.url != file.url


def test_python_takes_a_secret_for_headers(client: Client) -> None:
    """The order that its own types declare is not the one it has."""
    secret = client.webhooks.default.secret()
    request = httpx.Request("POST", "http://localhost", headers={"webhook-id": "a"}, content=b"a")
    with pytest.raises(ValueError, match="Missing webhook signing secret"):
        Webhooks.validate(request, secret)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """A server that runs nothing and says `aborted`."""
    folder = tmp_path_factory.mktemp("honest")
    with serving(folder, SAFELIGHT_MAX_RUNNING="0", SAFELIGHT_SHOW_ABORTED="true") as started:
        yield started


def test_python_cannot_read_aborted(client: Client, honest: Server) -> None:
    """Its model of a prediction has five statuses."""
    with calling(honest) as caller:
        made = caller.made(ECHO, {"prompt": "a"}, cancel_after="5s")
        assert caller.until(made["id"])["status"] == "aborted"
    other = Client(api_token=honest.test_token, base_url=honest.http)
    with pytest.raises(ValueError, match="unexpected value; permitted: 'starting'"):
        other.predictions.get(made["id"])
    other._client.close()


def test_python_reloads_a_version_as_a_dictionary(client: Client) -> None:
    """It copies what it got by way of plain values."""
    model = client.models.get(ECHO)
    assert isinstance(model.latest_version, Version)
    model.reload()
    assert isinstance(model.latest_version, dict)


def test_python_2_refuses_a_bare_version(python: Run) -> None:
    """In words of its own."""
    told: Any = python("""
version = client.models.get(model_owner="safelight", model_name="echo").to_dict()
try:
    client.run(version["latest_version"]["id"], input={"prompt": "a"})
except ValueError as error:
    tell(str(error))
""")
    assert "owner/name" in told


def test_python_2_cannot_use_a_model_through_a_client(python: Run) -> None:
    """It takes the client for its class."""
    told: Any = python("""
def fails(used):
    try: used.use("safelight/echo")
    except TypeError as error: return str(error)
tell([fails(client), fails(later)])
""")
    assert told == ["issubclass() arg 1 must be a class"] * 2


def test_python_2_cannot_pass_an_output_on(python: Run) -> None:
    """Its address can be."""
    told: Any = python("""
(file,) = client.run("safelight/sketch", input={"prompt": "a", "width": 256, "height": 256})
edit = lambda image: {"prompt": "b", "input_images": [image]}
try:
    client.run("openai/gpt-image-2", input=edit(file))
except TypeError as error:
    tell([str(error), len(client.run("openai/gpt-image-2", input=edit(file.url)))])
""")
    assert told == ["Object of type FileOutput is not JSON serializable", 1]


def test_javascript_cannot_pass_an_output_on(js: Run) -> None:
    """Its address can be."""
    told: Any = js("""
        const drawn = { prompt: "a", width: 256, height: 256 };
        const [file] = await replicate.run("safelight/sketch", { input: drawn });
        const edit = (image) => replicate.run("openai/gpt-image-2",
          { input: { prompt: "b", input_images: [image] } });
        try { await edit(file); } catch (error) {
          tell([error.response.status, error.message, (await edit(file.url())).length]);
        }
    """)
    status, message, count = told
    assert (status, count) == (422, 1)
    assert "input_images.0: Invalid type. Expected: string, given: object" in message
