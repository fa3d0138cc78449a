"""Python's next official client, a pre-release of 2.0: models, collections and search."""

import uuid
from typing import Any

from tests.clients.conftest import Run

NAME = "safelight/echo"


def _mine() -> str:
    return f"mine-{uuid.uuid4().hex[:8]}"


def test_a_model_is_made_changed_and_deleted(python: Run) -> None:
    """What is not named in a change stays."""
    told: Any = python(f"""
mine = dict(model_owner="safelight", model_name="{(name := _mine())}")
made = client.models.create(owner="safelight", name="{name}", visibility="private",
    hardware="cpu", description="Of my own", paper_url="https://example.com/paper")
got = client.models.get(**mine)
changed = client.models.update(**mine, description="Changed", readme="# Mine\\n\\nWords.",
    github_url="https://example.com/code", weights_url="https://example.com/weights",
    license_url="https://example.com/license")
readme = client.models.readme.get(**mine)
examples = list(client.models.examples.list(**mine))
versions = client.models.versions.list(**mine).results
client.models.delete(**mine)
gone = [refused(lambda: ask(**mine))[0] for ask in (
    client.models.get, client.models.delete, client.models.update, client.models.readme.get)]
tell([made, got, changed, readme, examples, versions, gone])
""")
    made, got, changed, readme, examples, versions, gone = told
    assert got == made
    assert made["description"] == "Of my own"
    assert changed["description"] == "Changed"
    assert changed["paper_url"] == "https://example.com/paper"
    assert changed["github_url"] == "https://example.com/code"
    assert changed["license_url"] == "https://example.com/license"
    assert readme == "# Mine\n\nWords."
    assert (examples, versions) == ([], [])
    assert gone == [404] * 4


def test_the_same_asynchronously(python: Run) -> None:
    """The same requests."""
    told: Any = python(f"""
async def main():
    mine = dict(model_owner="safelight", model_name="{_mine()}")
    made = await later.models.create(
        owner="safelight", name=mine["model_name"], visibility="private", hardware="cpu")
    changed = await later.models.update(**mine, description="Changed", readme="# Mine")
    got = await later.models.get(**mine)
    readme = await later.models.readme.get(**mine)
    examples = [one async for one in later.models.examples.list(**mine)]
    versions = (await later.models.versions.list(**mine)).results
    await later.models.delete(**mine)
    tell([made, changed, got, readme, examples, versions])
asyncio.run(main())
""")
    made, changed, got, readme, examples, versions = told
    assert made["description"] is None or made["description"] == ""
    assert got == changed
    assert (readme, examples, versions) == ("# Mine", [], [])


def test_models_in_the_box_have_readme_versions_and_examples(python: Run) -> None:
    """Examples are predictions that succeeded; versions can be got but not deleted."""
    told: Any = python("""
box = dict(model_owner="openai", model_name="gpt-image-2")
readme = client.models.readme.get(**box)
examples = list(client.models.examples.list(**box))
versions = client.models.versions.list(**box).results
which = dict(**box, version_id=versions[0].id)
one = client.models.versions.get(**which)
kept = refused(lambda: client.models.versions.delete(**which))
async def main():
    examples = [one async for one in later.models.examples.list(**box)]
    one = await later.models.versions.get(**which)
    try:
        await later.models.versions.delete(**which)
    except replicate.APIStatusError as error:
        return [examples, one, error.status_code]
tell([readme, examples, versions, one, kept[0], asyncio.run(main())])
""")
    readme, examples, versions, one, kept, later = told
    assert readme.startswith("#")
    assert examples
    assert all(example["status"] == "succeeded" for example in examples)
    assert all(example["model"] == "openai/gpt-image-2" for example in examples)
    assert one["id"] == versions[0]["id"]
    assert kept == 403
    assert later == [examples, one, kept]


def test_models_are_listed_in_the_order_that_is_asked_for(python: Run) -> None:
    """By when they were made, and by when they were last changed, both ways."""
    told: Any = python("""
def names(**order): return [f"{one.owner}/{one.name}" for one in client.models.list(**order)]
async def main():
    return [f"{one.owner}/{one.name}" async for one in later.models.list()]
tell([
    names(),
    asyncio.run(main()),
    names(sort_by="model_created_at", sort_direction="asc"),
    names(sort_by="model_created_at", sort_direction="desc"),
    names(sort_by="latest_version_created_at", sort_direction="asc"),
])
""")
    usual, later, oldest, newest, least_changed = told
    assert NAME in usual
    assert usual == later
    assert set(usual) == set(oldest)
    assert oldest == newest[::-1]
    assert least_changed == usual[::-1]


def test_models_are_searched(python: Run) -> None:
    """The client puts quotes around the words, and calls them JSON."""
    told: Any = python("""
async def main():
    return [one.name async for one in later.models.search(body="imagen")]
tell([[one.name for one in client.models.search(body="imagen")], asyncio.run(main()),
      list(client.models.search(body="zzzzzz"))])
""")
    assert told[0][0] == "imagen-4-fast"
    assert told[1] == told[0]
    assert told[2] == []


def test_everything_is_searched(python: Run) -> None:
    """Models with what is known of them, collections, pages; no more models than are wanted."""
    told: Any = python("""
async def main():
    return await later.search(query="gpt image")
tell([client.search(query="gpt image"), asyncio.run(main()),
      client.search(query="image", limit=1), refused(lambda: client.search(query=""))])
""")
    found, later, one, refused = told
    assert found["query"] == "gpt image"
    first = found["models"][0]
    assert first["model"]["owner"] == "openai"
    assert first["model"]["name"].startswith("gpt-image")
    assert {"tags", "score"} <= first["metadata"].keys()
    assert isinstance(found["collections"], list)
    assert isinstance(found["pages"], list)
    assert later == found
    assert len(one["models"]) == 1
    assert refused[0] == 400


def test_collections_hardware_and_the_account_can_be_read(python: Run) -> None:
    """Blocking and not."""
    told: Any = python("""
listed = list(client.collections.list())
got = [client.collections.get(collection_slug=one.slug) for one in listed]
missing = refused(lambda: client.collections.get(collection_slug="nope"))
async def main():
    listed = [one async for one in later.collections.list()]
    first = await later.collections.get(collection_slug=listed[0].slug)
    return [first, await later.hardware.list(), await later.account.get()]
tell([listed, got, missing[0], [got[0], client.hardware.list(), client.account.get()],
      asyncio.run(main())])
""")
    listed, got, missing, now, later = told
    assert [one["slug"] for one in listed] == [one["slug"] for one in got]
    assert all(one["models"] for one in got)
    assert missing == 404
    assert now == later
    assert "cpu" in [one["sku"] for one in now[1]]
    assert now[2]["username"] == "safelight"
