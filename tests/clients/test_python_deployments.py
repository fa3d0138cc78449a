"""Python's official client, 1.0.7: deployments."""

import uuid
from typing import Any

import pytest
import replicate
from replicate.client import Client
from replicate.deployment import Deployment
from replicate.exceptions import ReplicateError

ECHO = "safelight/echo"
JIGSAW = "jigsawstack/image-generation"


def _wanted(client: Client, **changes: Any) -> dict[str, Any]:
    latest = client.models.get(ECHO).latest_version
    assert latest is not None
    usual = {
        "name": f"mine-{uuid.uuid4().hex[:8]}",
        "model": ECHO,
        "version": latest.id,
        "hardware": "cpu",
        "min_instances": 0,
        "max_instances": 1,
    }
    return usual | changes


def _check(made: Deployment, wanted: dict[str, Any], number: int) -> None:
    assert made.id == f"safelight/{wanted['name']}"
    release = made.current_release
    assert release is not None
    assert (release.number, release.model, release.version) == (number, ECHO, wanted["version"])
    assert release.created_by is not None
    assert release.created_by.username == "safelight"
    configuration = release.configuration
    for name in ("hardware", "min_instances", "max_instances"):
        assert getattr(configuration, name) == wanted[name]


def test_a_deployment_is_made_changed_and_deleted(client: Client) -> None:
    """Each change is a release with the next number."""
    wanted = _wanted(client)
    made = client.deployments.create(**wanted)
    _check(made, wanted, 1)
    assert client.deployments.get(made.id) == made
    changed = client.deployments.update(made.owner, made.name, min_instances=1, max_instances=3)
    _check(changed, wanted | {"min_instances": 1, "max_instances": 3}, 2)
    assert client.deployments.get(made.id) == changed
    assert client.deployments.delete(made.owner, made.name) is True
    for ask in (
        lambda: client.deployments.get(made.id),
        lambda: client.deployments.delete(made.owner, made.name),
        lambda: client.deployments.update(made.owner, made.name, min_instances=0),
        lambda: client.deployments.predictions.create(made.id, {"prompt": "a"}),
    ):
        with pytest.raises(ReplicateError) as caught:
            ask()
        assert caught.value.status == 404


async def test_the_same_asynchronously(client: Client) -> None:
    """The same requests."""
    wanted = _wanted(client)
    made = await client.deployments.async_create(**wanted)
    _check(made, wanted, 1)
    assert await client.deployments.async_get(made.id) == made
    changed = await client.deployments.async_update(made.owner, made.name, max_instances=2)
    _check(changed, wanted | {"max_instances": 2}, 2)
    assert changed in await client.deployments.async_list()
    assert await client.deployments.async_delete(made.owner, made.name) is True


def test_deployments_are_listed_newest_first(client: Client) -> None:
    """As pages."""
    made = [client.deployments.create(**_wanted(client)).id for _ in range(2)]
    listed = [one.id for page in replicate.paginate(client.deployments.list) for one in page]
    assert [one for one in listed if one in made] == made[::-1]


def test_every_way_to_run_a_deployment_is_answered(client: Client) -> None:
    """The prediction says what it was made through, and what ran."""
    made = client.deployments.create(**_wanted(client))
    latest = made.current_release
    assert latest is not None
    runs = client.deployments.predictions
    for prediction in (
        made.predictions.create({"prompt": "a"}, wait=True),
        runs.create(made, {"prompt": "a"}, wait=True),
        runs.create(made.id, {"prompt": "a"}, wait=5),
        runs.create((made.owner, made.name), {"prompt": "a"}, wait=True),
        client.predictions.create(deployment=made, input={"prompt": "a"}),
    ):
        prediction.wait()
        assert prediction.output == "a"
        assert prediction.model == ECHO
        assert prediction.version == latest.version
        shown = client._client.get(f"/v1/predictions/{prediction.id}").json()
        assert shown["deployment"] == made.name


async def test_every_way_to_run_one_asynchronously_is_answered(client: Client) -> None:
    """The same requests."""
    made = await client.deployments.async_create(**_wanted(client))
    for prediction in (
        await made.predictions.async_create({"prompt": "a"}, wait=True),
        await client.deployments.predictions.async_create(made, {"prompt": "a"}, wait=True),
        await client.predictions.async_create(deployment=made.id, input={"prompt": "a"}),
    ):
        await prediction.async_wait()
        assert prediction.output == "a"


def test_an_update_changes_what_runs(client: Client) -> None:
    """The next prediction is of the new version."""
    versions = client.models.get(JIGSAW).versions.list().results
    assert len(versions) > 1
    wanted = _wanted(client, model=JIGSAW, version=versions[1].id)
    made = client.deployments.create(**wanted)
    value = {"prompt": "a", "api_key": "none"}
    first = made.predictions.create(value)
    client.deployments.update(made.owner, made.name, version=versions[0].id)
    second = made.predictions.create(value)
    assert first.version == versions[1].id
    assert second.version == versions[0].id
    first.cancel()
    second.cancel()


@pytest.mark.parametrize(
    ("wrong", "detail"),
    [
        ({"version": "0" * 64}, "version"),
        ({"model": "nope/nope"}, "version"),
        ({"hardware": "abacus"}, "hardware"),
        ({"min_instances": 3, "max_instances": 1}, "min_instances"),
        ({"min_instances": -1}, "min_instances"),
        ({"name": ""}, "name"),
        ({"name": "not a name"}, "name"),
    ],
)
def test_a_deployment_that_cannot_be_is_refused(
    client: Client, wrong: dict[str, Any], detail: str
) -> None:
    """With a reason, and nothing is made."""
    before = [one.id for page in replicate.paginate(client.deployments.list) for one in page]
    with pytest.raises(ReplicateError) as caught:
        client.deployments.create(**_wanted(client, **wrong))
    assert caught.value.status == 422
    assert caught.value.detail is not None
    assert detail in caught.value.detail
    after = [one.id for page in replicate.paginate(client.deployments.list) for one in page]
    assert after == before


def test_a_name_can_be_taken_once(client: Client) -> None:
    """The second one is refused, the first one stays."""
    wanted = _wanted(client)
    made = client.deployments.create(**wanted)
    with pytest.raises(ReplicateError) as caught:
        client.deployments.create(**wanted)
    assert caught.value.status == 409
    assert client.deployments.get(made.id) == made
