"""Python's next official client, a pre-release of 2.0: predictions and deployments."""

import uuid
from typing import Any

from tests.clients.conftest import Run

ECHO = """
echo = dict(model_owner="safelight", model_name="echo")
version = client.models.get(**echo).to_dict()["latest_version"]["id"]
"""


def _mine() -> str:
    return f"mine-{uuid.uuid4().hex[:8]}"


def test_a_prediction_is_made_followed_listed_and_canceled(python: Run) -> None:
    """By version, by name and by model."""
    told: Any = python(f"""{ECHO}
made = client.predictions.create(version=version, input={{"prompt": "a"}})
ended = client.predictions.wait(made.id)
got = client.predictions.get(prediction_id=made.id)
named = client.predictions.create(
    version="safelight/echo", input={{"prompt": "b"}}, prefer="wait", cancel_after="1m")
modelled = client.models.predictions.create(**echo, input={{"prompt": "c"}}, prefer="wait=5")
listed = client.predictions.list().results[:3]
since = list(client.predictions.list(created_after=named.created_at))
until = list(client.predictions.list(created_before=made.created_at))
slow = client.predictions.create(version=version, input={{"prompt": "[[timeout]]"}})
canceled = client.predictions.cancel(prediction_id=slow.id)
tell([made, ended, got, named, modelled, listed, [one.id for one in since],
      [one.id for one in until], canceled])
""")
    made, ended, got, named, modelled, listed, since, until, canceled = told
    assert made["status"] == "starting"
    assert ended == got
    assert (ended["status"], ended["output"]) == ("succeeded", "a")
    assert (named["output"], modelled["output"]) == ("b", "c")
    assert named["deadline"]
    assert listed == [modelled, named, got]
    assert since == [modelled["id"], named["id"]]
    assert not {made["id"], named["id"], modelled["id"]} & set(until)
    assert canceled["status"] == "canceled"


def test_the_same_asynchronously(python: Run) -> None:
    """The same requests."""
    told: Any = python(f"""{ECHO}
async def main():
    made = await later.predictions.create(version=version, input={{"prompt": "a"}})
    ended = await later.predictions.wait(made.id)
    got = await later.predictions.get(prediction_id=made.id)
    other = await later.models.predictions.create(**echo, input={{"prompt": "c"}}, prefer="wait")
    listed = (await later.predictions.list()).results[:2]
    slow = await later.predictions.create(version=version, input={{"prompt": "[[timeout]]"}})
    tell([ended, got, other, listed, await later.predictions.cancel(prediction_id=slow.id)])
asyncio.run(main())
""")
    ended, got, other, listed, canceled = told
    assert ended == got
    assert listed == [other, got]
    assert canceled["status"] == "canceled"


def test_all_pages_are_listed(python: Run) -> None:
    """Each prediction once, through an iterator that follows `next`."""
    told: Any = python(f"""{ECHO}
for _ in range(101):
    client.predictions.create(version=version, input={{"prompt": "a"}})
ids = [one.id for one in client.predictions.list()]
async def main(): return [one.id async for one in later.predictions.list()]
tell([ids, asyncio.run(main()), len(client.predictions.list().results)])
""")
    ids, later, first = told
    assert first == 100
    assert len(ids) == len(set(ids)) > 100
    assert ids == later


def test_run_use_and_stream_have_two_forms_each(python: Run) -> None:
    """Text and files, blocking and not; a failure raises in both."""
    told: Any = python("""
from replicate.lib._predictions_run import ModelError
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
said = "".join(map(str, replicate.stream("safelight/echo", input={"prompt": "hello"})))
small = dict(prompt="a", width=256, height=256, num_outputs=2)
streamed = [str(path) for path in replicate.use("safelight/sketch", streaming=True)(**small)]
running = replicate.use("safelight/echo").create(prompt="hello")
async def main():
    echo = replicate.use("safelight/echo", use_async=True)
    run = await echo.create(prompt="hello")
    text = await later.run("safelight/echo", input={"prompt": "hello"})
    try:
        await later.run("safelight/echo", input={"prompt": "[[fail: no luck]]"})
    except ModelError as error:
        return [await echo(prompt="hello"), await run.output(), await run.logs(), text, str(error)]
tell([said, len(streamed), running.output(), running.logs(), asyncio.run(main())])
""")
    assert told == [
        "hello",
        2,
        "hello",
        told[3],
        ["hello", "hello", told[4][2], "hello", "no luck"],
    ]


def test_a_deployment_is_made_run_changed_and_deleted(python: Run) -> None:
    """Each change is a release with the next number."""
    told: Any = python(f"""{ECHO}
mine = dict(deployment_owner="safelight", deployment_name="{(name := _mine())}")
wanted = dict(model="safelight/echo", version=version, hardware="cpu",
              min_instances=0, max_instances=1)
made = client.deployments.create(name="{name}", **wanted)
got = client.deployments.get(**mine)
listed = client.deployments.list().results[0]
changed = client.deployments.update(**mine, max_instances=2)
ran = client.deployments.predictions.create(**mine, input={{"prompt": "a"}}, prefer="wait")
client.deployments.create(name="{name}-b", **wanted)
unused = mine | dict(deployment_name="{name}-b")
client.deployments.delete(**unused)
gone = refused(lambda: client.deployments.get(**unused))
tell([made, got, listed, changed, ran, gone[0]])
""")
    made, got, listed, changed, ran, gone = told
    assert got == listed == made
    assert changed["current_release"]["number"] == 2
    assert changed["current_release"]["configuration"]["max_instances"] == 2
    assert ran["output"] == "a"
    assert ran["deployment"] == name
    assert gone == 404


def test_a_deployment_asynchronously(python: Run) -> None:
    """The same requests."""
    told: Any = python(f"""{ECHO}
async def main():
    mine = dict(deployment_owner="safelight", deployment_name="{_mine()}")
    made = await later.deployments.create(
        name=mine["deployment_name"], model="safelight/echo", version=version, hardware="cpu",
        min_instances=0, max_instances=1)
    got = await later.deployments.get(**mine)
    listed = (await later.deployments.list()).results[0]
    changed = await later.deployments.update(**mine, min_instances=1)
    ran = await later.deployments.predictions.create(**mine, input={{"prompt": "a"}})
    await later.predictions.wait(ran.id)
    other = dict(deployment_owner="safelight", deployment_name=mine["deployment_name"] + "-b")
    await later.deployments.create(
        name=other["deployment_name"], model="safelight/echo", version=version, hardware="cpu",
        min_instances=0, max_instances=1)
    await later.deployments.delete(**other)
    tell([made, got, listed, changed])
asyncio.run(main())
""")
    made, got, listed, changed = told
    assert got == listed == made
    assert changed["current_release"]["number"] == 2


def test_the_webhook_secret_can_be_read(python: Run) -> None:
    """Blocking and not: the same one."""
    told: Any = python("""
async def main(): return await later.webhooks.default.secret.get()
tell([client.webhooks.default.secret.get(), asyncio.run(main())])
""")
    assert told[0] == told[1]
    assert told[0]["key"].startswith("whsec_")
