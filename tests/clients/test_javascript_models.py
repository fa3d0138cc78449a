"""JavaScript's official client, 1.4.0: models, collections, deployments."""

import uuid
from typing import Any

import pytest
from tests.clients.conftest import Run

NAME = "safelight/echo"


def _mine() -> str:
    return f"mine-{uuid.uuid4().hex[:8]}"


def test_a_model_is_made_and_found(js: Run) -> None:
    """Private, without a version; another owner's is refused."""
    told: Any = js(f"""
        const options = {{ visibility: "private", hardware: "cpu", description: "Of my own" }};
        const made = await replicate.models.create("safelight", "{(name := _mine())}", options);
        const got = await replicate.models.get("safelight", "{name}");
        const other = await refused(() => replicate.models.create("other", "a", options));
        tell([made, got, other[0]]);
    """)
    made, got, other = told
    assert got == made
    assert (made["owner"], made["name"], made["visibility"]) == ("safelight", name, "private")
    assert made["description"] == "Of my own"
    assert made["latest_version"] is None
    assert other == 403


def test_models_are_listed_and_searched(js: Run) -> None:
    """The client puts quotes around what it searches for."""
    told: Any = js("""
        const listed = [];
        for await (const page of replicate.paginate(replicate.models.list)) listed.push(...page);
        const found = await replicate.models.search("imagen");
        const none = await replicate.models.search("zzzzzz");
        const names = ({ owner, name }) => `${owner}/${name}`;
        tell([listed.map(names), found.results.map(names), none.results]);
    """)
    listed, found, none = told
    assert {NAME, "openai/gpt-image-1", "google/imagen-4-fast"} <= set(listed)
    assert found[0] == "google/imagen-4-fast"
    assert none == []


def test_collections_can_be_read(js: Run) -> None:
    """Each of the list, with its models."""
    told: Any = js("""
        const listed = [];
        for await (const page of replicate.paginate(replicate.collections.list))
          listed.push(...page);
        const got = await Promise.all(listed.map(({ slug }) => replicate.collections.get(slug)));
        tell([listed, got, (await refused(() => replicate.collections.get("nope")))[0]]);
    """)
    listed, got, missing = told
    assert [item["slug"] for item in listed] == [one["slug"] for one in got]
    assert all(set(item) == {"name", "slug", "description"} for item in listed)
    assert all(one["models"] for one in got)
    assert missing == 404


def test_a_deployment_is_made_run_changed_and_deleted(js: Run) -> None:
    """Each change is a release with the next number."""
    told: Any = js(f"""
        const {{ latest_version: {{ id: version }} }} =
          await replicate.models.get("safelight", "echo");
        const name = "{(name := _mine())}", owner = "safelight";
        const wanted = {{
          name, model: "{NAME}", version, hardware: "cpu", min_instances: 0, max_instances: 1,
        }};
        const made = await replicate.deployments.create(wanted);
        const got = await replicate.deployments.get(owner, name);
        const listed = (await replicate.deployments.list()).results[0];
        const changed = await replicate.deployments.update(owner, name, {{ max_instances: 2 }});
        const unused = await replicate.deployments.create({{ ...wanted, name: name + "-b" }});
        const deleted = await replicate.deployments.delete(owner, unused.name);
        const gone = await refused(() => replicate.deployments.get(owner, unused.name));
        const run = (options) => replicate.deployments.predictions.create(owner, name, options);
        const input = {{ prompt: "a" }};
        const ran = [await run({{ input, wait: true }}), await run({{ input, wait: 5 }})];
        const later = await replicate.wait(await run({{ input }}), {{ interval: 50 }});
        tell([made, got, listed, changed, deleted, gone[0], [...ran, later]]);
    """)
    made, got, listed, changed, is_deleted, gone, ran = told
    assert got == listed == made
    assert (made["owner"], made["name"]) == ("safelight", name)
    assert made["current_release"]["number"] == 1
    assert changed["current_release"]["number"] == 2
    assert changed["current_release"]["configuration"]["max_instances"] == 2
    assert (is_deleted, gone) == (True, 404)
    assert [one["output"] for one in ran] == ["a"] * 3
    assert all(one["deployment"] == name for one in ran)


@pytest.mark.parametrize("reading", ["hardware.list", "accounts.current"])
def test_what_has_no_parameters_can_be_read_again(js: Run, reading: str) -> None:
    """It does not change by being read."""
    told: Any = js(f"tell([await replicate.{reading}(), await replicate.{reading}()]);")
    assert told[0] == told[1]
