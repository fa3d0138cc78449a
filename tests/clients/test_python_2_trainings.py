"""Python's next official client, a pre-release of 2.0: trainings."""

import uuid
from typing import Any

from tests.clients.conftest import Run
from tests.clients.trainable import client_environment, server

__all__ = ["client_environment", "server"]

STYLE = """
style = dict(model_owner="tests", model_name="style")
version = client.models.get(**style).to_dict()["latest_version"]["id"]
wanted = dict(**style, version_id=version)
def mine():
    client.models.create(owner="safelight", name=NAME, visibility="private", hardware="cpu")
    return f"safelight/{NAME}"
"""


def _named() -> str:
    return f'NAME = "mine-{uuid.uuid4().hex[:8]}"\n{STYLE}'


def test_a_training_leaves_a_version_that_can_be_run_and_deleted(python: Run) -> None:
    """Its weights are those that were trained."""
    told: Any = python(f"""{_named()}
import time
made = client.trainings.create(**wanted, destination=mine(), input={{"style": "loud"}})
while (got := client.trainings.get(training_id=made.id)).status in ("starting", "processing"):
    time.sleep(0.05)
output = got.to_dict()["output"]
said = client.run(output["version"], input={{"prompt": "hello"}})
which = dict(model_owner="safelight", model_name=NAME, version_id=output["version"][-64:])
client.models.versions.delete(**which)
gone = refused(lambda: client.models.versions.get(**which))
tell([made, got, said, gone[0]])
""")
    made, got, said, gone = told
    assert made["id"] == got["id"]
    assert got["status"] == "succeeded"
    assert set(got["output"]) == {"version", "weights"}
    assert said == "hello (loud)"
    assert gone == 404


def test_a_training_is_made_read_and_canceled(python: Run) -> None:
    """Its destination has to exist, and its model has to have a trainer."""
    told: Any = python(f"""{_named()}
never = dict(**wanted, input={{"style": "never"}})
made = client.trainings.create(**never, destination=mine())
got = client.trainings.get(training_id=made.id)
listed = [one.id for one in client.trainings.list()]
canceled = client.trainings.cancel(training_id=made.id)
lost = refused(lambda: client.trainings.create(**never, destination="safelight/nope"))
missing = refused(lambda: client.trainings.get(training_id="nope"))
tell([made, got, made.id in listed, canceled, lost, missing[0]])
""")
    made, got, is_listed, canceled, lost, missing = told
    assert made["id"] == got["id"] == canceled["id"]
    assert is_listed
    assert canceled["status"] == "canceled"
    assert lost[0] == missing == 404
    assert lost[1]["detail"] == "The specified training destination does not exist"


def test_the_same_asynchronously(python: Run) -> None:
    """The same requests."""
    told: Any = python(f"""{_named()}
async def main():
    made = await later.trainings.create(
        **wanted, input={{"style": "never"}}, destination=mine())
    got = await later.trainings.get(training_id=made.id)
    listed = [one.id async for one in later.trainings.list()]
    canceled = await later.trainings.cancel(training_id=made.id)
    return [made.id, got.id, canceled.id, made.id in listed]
tell(asyncio.run(main()))
""")
    assert told[0] == told[1] == told[2]
    assert told[3]
