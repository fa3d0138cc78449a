"""Replicate's official MCP server, which is a client of the API: each of its tools."""

import ssl
import uuid
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.clients.mcp import Mcp, ToolFailed, mcp_server
from tests.clients.trainable import STYLE, client_environment, server

__all__ = ["client_environment", "server"]

ECHO = {"model_owner": "safelight", "model_name": "echo"}
TOOLS = {
    *("get_account", "list_hardware", "get_default_webhooks_secret"),
    *("list_collections", "get_collections"),
    *("create_files", "list_files", "get_files", "delete_files", "download_files"),
    *("create_models", "list_models", "get_models", "delete_models", "search_models"),
    *("list_models_examples", "get_models_readme", "create_models_predictions"),
    *("list_models_versions", "get_models_versions", "delete_models_versions"),
    *("create_predictions", "list_predictions", "get_predictions", "cancel_predictions"),
    *("create_deployments", "list_deployments", "get_deployments", "update_deployments"),
    *("delete_deployments", "create_deployments_predictions"),
    *("create_trainings", "list_trainings", "get_trainings", "cancel_trainings"),
}
"""All that it has; each one is called below."""
SILENT = {
    *("get_models", "create_models", "delete_models", "search_models"),
    *("list_models_examples", "list_models_versions", "get_models_versions"),
    *("delete_models_versions", "list_collections", "get_collections"),
    *("delete_deployments", "delete_files"),
}
"""Those that keep the answer to themselves, by their own fault."""
SAID = "Successful tool call"
Read = Callable[..., Any]


@pytest.fixture
def mcp(
    node: str, node_modules: Path, client_environment: dict[str, str], tmp_path: Path
) -> Generator[Mcp]:
    """A session with a server that was started as its documentation says."""
    program = node_modules / "replicate-mcp" / "index.js"
    with mcp_server((node, str(program), "--tools=all"), client_environment, tmp_path) as session:
        session.start()
        yield session


@pytest.fixture
def api(client_environment: dict[str, str]) -> Generator[Callable[..., Any]]:
    """Reads what the silent tools do not tell."""
    token = client_environment["REPLICATE_API_TOKEN"]
    with httpx.Client(
        base_url=client_environment["REPLICATE_BASE_URL"],
        headers={"authorization": f"Bearer {token}"},
        verify=ssl.create_default_context(cafile=client_environment["SSL_CERT_FILE"]),
    ) as client:
        yield lambda path: client.get(path).raise_for_status().json()


def _mine() -> str:
    return f"mine-{uuid.uuid4().hex[:8]}"


def test_it_has_a_tool_for_every_operation(mcp: Mcp) -> None:
    """Those that are tested here, and no other."""
    listed = mcp.ask("tools/list")["tools"]
    assert {tool["name"] for tool in listed} == TOOLS


def test_a_prediction_is_made_read_listed_and_canceled(mcp: Mcp, api: Read) -> None:
    """By version and by model."""
    version = _version(api)
    made = mcp.call("create_predictions", version=version, input={"prompt": "a"}, Prefer="wait")
    assert (made["status"], made["output"]) == ("succeeded", "a")
    assert mcp.call("get_predictions", prediction_id=made["id"]) == made
    named = mcp.call(
        "create_models_predictions", **ECHO, input={"prompt": "[[timeout]]"}, Prefer="wait=1"
    )
    assert named["status"] == "starting"
    listed = mcp.call("list_predictions")
    assert [one["id"] for one in listed["results"]][:2] == [named["id"], made["id"]]
    assert mcp.call("cancel_predictions", prediction_id=named["id"])["status"] == "canceled"


def test_a_picture_is_made(mcp: Mcp) -> None:
    """Its address is what a chat shows."""
    made = mcp.call(
        "create_models_predictions",
        model_owner="google",
        model_name="imagen-4-fast",
        input={"prompt": "a red fox"},
        Prefer="wait",
    )
    assert made["output"].startswith("https://127.0.0.1:")


def test_models_are_read(mcp: Mcp, api: Read) -> None:
    """All are listed; the rest is asked for, but the tools keep what they get."""
    listed = mcp.call("list_models")["results"]
    assert "gpt-image-2" in [one["name"] for one in listed]
    box = {"model_owner": "openai", "model_name": "gpt-image-2"}
    which = box | {"version_id": api("models/openai/gpt-image-2")["latest_version"]["id"]}
    assert mcp.call("search_models", body="imagen") == SAID
    assert mcp.call("get_models", **box) == SAID
    assert mcp.call("list_models_versions", **box) == SAID
    assert mcp.call("get_models_versions", **which) == SAID
    assert mcp.call("list_models_examples", **box) == SAID
    assert mcp.call("get_models_readme", **box).startswith("#")
    with pytest.raises(ToolFailed, match="403"):
        mcp.call("delete_models_versions", **which)


def test_a_model_is_made_and_deleted(mcp: Mcp, api: Read) -> None:
    """Of the caller's own."""
    name = _mine()
    wanted = {"owner": "safelight", "name": name, "visibility": "private", "hardware": "cpu"}
    assert mcp.call("create_models", **wanted) == SAID
    mine = {"model_owner": "safelight", "model_name": name}
    assert api(f"models/safelight/{name}")["visibility"] == "private"
    assert mcp.call("delete_models", **mine) == SAID
    with pytest.raises(ToolFailed, match="404"):
        mcp.call("get_models", **mine)


def test_what_has_no_parameters_can_be_read(mcp: Mcp, api: Read) -> None:
    """The account, the hardware, the collections, the secret of webhooks."""
    assert mcp.call("get_account")["username"] == "safelight"
    assert "cpu" in [one["sku"] for one in mcp.call("list_hardware")]
    assert mcp.call("get_default_webhooks_secret")["key"].startswith("whsec_")
    assert mcp.call("list_collections") == SAID
    slug = api("collections")["results"][0]["slug"]
    assert mcp.call("get_collections", collection_slug=slug) == SAID
    with pytest.raises(ToolFailed, match="404"):
        mcp.call("get_collections", collection_slug="nope")


def test_a_file_is_made_read_and_deleted(mcp: Mcp) -> None:
    """Its content is sent as a field, without a name."""
    made = mcp.call(
        "create_files", content="hello", filename="a.txt", type="text/plain", metadata={"a": "b"}
    )
    assert (made["name"], made["content_type"], made["size"]) == ("a.txt", "text/plain", 5)
    assert made["metadata"] == {"a": "b"}
    assert mcp.call("get_files", file_id=made["id"]) == made
    assert made["id"] in [one["id"] for one in mcp.call("list_files")["results"]]
    with pytest.raises(ToolFailed, match="404"):
        mcp.call(
            "download_files", file_id=made["id"], owner="safelight", expiry=1, signature="nope"
        )
    mcp.call("delete_files", file_id=made["id"])
    with pytest.raises(ToolFailed, match="404"):
        mcp.call("get_files", file_id=made["id"])


def test_a_deployment_is_made_run_changed_and_deleted(mcp: Mcp, api: Read) -> None:
    """Each change is a release with the next number."""
    name, other = _mine(), _mine()
    version = _version(api)
    wanted = {
        "model": "safelight/echo",
        "version": version,
        "hardware": "cpu",
        "min_instances": 0,
        "max_instances": 1,
    }
    mine = {"deployment_owner": "safelight", "deployment_name": name}
    made = mcp.call("create_deployments", name=name, **wanted)
    assert mcp.call("get_deployments", **mine) == made
    assert made in mcp.call("list_deployments")["results"]
    changed = mcp.call("update_deployments", **mine, max_instances=2)
    assert changed["current_release"]["number"] == 2
    ran = mcp.call("create_deployments_predictions", **mine, input={"prompt": "a"}, Prefer="wait")
    assert ran["output"] == "a"
    mcp.call("create_deployments", name=other, **wanted)
    mcp.call("delete_deployments", deployment_owner="safelight", deployment_name=other)
    with pytest.raises(ToolFailed, match="404"):
        mcp.call("get_deployments", deployment_owner="safelight", deployment_name=other)


def test_a_training_is_made_read_and_canceled(mcp: Mcp, api: Read) -> None:
    """Its destination has to exist."""
    name = _mine()
    mcp.call("create_models", owner="safelight", name=name, visibility="private", hardware="cpu")
    version = _version(api, STYLE)
    wanted = {
        "model_owner": "tests",
        "model_name": "style",
        "version_id": version,
        "input": {"style": "never"},
    }
    made = mcp.call("create_trainings", **wanted, destination=f"safelight/{name}")
    assert mcp.call("get_trainings", training_id=made["id"])["id"] == made["id"]
    assert made["id"] in [one["id"] for one in mcp.call("list_trainings")["results"]]
    assert mcp.call("cancel_trainings", training_id=made["id"])["status"] == "canceled"
    with pytest.raises(ToolFailed, match="training destination does not exist"):
        mcp.call("create_trainings", **wanted, destination="safelight/nope")


def _version(api: Read, name: str = "safelight/echo") -> str:
    found: str = api(f"models/{name}")["latest_version"]["id"]
    return found
