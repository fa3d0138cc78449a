"""What a waiting prediction says of its queue does not disturb the official clients."""

from collections.abc import Generator
from typing import Any

import pytest
from replicate.client import Client
from tests.clients.conftest import Run
from tests.serving import Server, serving

ECHO = "safelight/echo"
REASON = "This server runs 1 at once; there is no room for more."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """A server that runs one prediction at a time."""
    with serving(tmp_path_factory.mktemp("narrow"), SAFELIGHT_MAX_RUNNING="1") as started:
        yield started


@pytest.fixture(scope="module")
def client_environment(server: Server) -> dict[str, str]:
    """What a client's process is given to reach it, in test mode."""
    return server.client_environment()


async def test_pythons_client_waits_in_line(client: Client) -> None:
    """Reloaded, waited for, canceled: it reads on what it knows."""
    first = client.predictions.create(model=ECHO, input={"prompt": "[[timeout]]"})
    waiting = client.predictions.create(model=ECHO, input={"prompt": "a"})
    waiting.reload()
    assert waiting.status == "starting"
    first.cancel()
    waiting.wait()
    assert waiting.output == "a"


def test_pythons_next_client_waits_in_line(python: Run) -> None:
    """It hands on what it does not know."""
    told: Any = python("""
echo = "safelight/echo"
first = client.predictions.create(version=echo, input={"prompt": "[[timeout]]"})
while client.predictions.get(prediction_id=first.id).status != "processing": pass
made = client.predictions.create(version=echo, input={"prompt": "a"})
waiting = client.predictions.get(prediction_id=made.id)
client.predictions.cancel(prediction_id=first.id)
tell([waiting, client.predictions.wait(made.id)])
""")
    waiting, ended = told
    assert waiting["queue"]["place"] == 1
    assert ended["output"] == "a"


def test_javascripts_client_waits_in_line(js: Run) -> None:
    """It shows what it was sent."""
    told: Any = js("""
const create = (prompt) =>
  replicate.predictions.create({ model: "safelight/echo", input: { prompt } });
const first = await create("[[timeout]]");
while ((await replicate.predictions.get(first.id)).status !== "processing");
const made = await create("a");
const waiting = await replicate.predictions.get(made.id);
await replicate.predictions.cancel(first.id);
tell([waiting, await replicate.wait(made)]);
""")
    waiting, ended = told
    assert waiting["queue"] == {"place": 1, "reason": REASON}
    assert ended["output"] == "a"
