"""Predictions are narrowed and deleted from the command line."""

import json
from typing import Any


def made(served: Any, prompt: str) -> str:
    """A prediction that has ended."""
    assert served.run("run", "safelight/echo", f"prompt={prompt}").returncode == 0
    newest, *_ = listed(served)
    return newest


def listed(served: Any, *options: str) -> list[str]:
    done = served.run("predictions", "list", "--json", *options)
    assert done.returncode == 0, done.stderr
    return [one["id"] for one in json.loads(done.stdout)]


def test_a_list_is_narrowed(served: Any) -> None:
    """By status and by model; what is no status is told."""
    one = made(served, "hello")
    assert one in listed(served, "--status", "succeeded,failed", "--model", "safelight/echo")
    assert listed(served, "--status", "failed") == []
    assert listed(served, "--model", "safelight/sketch") == []
    refused = served.run("predictions", "list", "--status", "done")
    assert refused.returncode == 1
    assert "status can be starting, processing" in refused.stderr


def test_a_prediction_is_deleted(served: Any) -> None:
    """Once; then there is none by that id."""
    one = made(served, "goodbye")
    done = served.run("predictions", "delete", one)
    assert (done.returncode, done.stdout) == (0, f"{one} is deleted.\n")
    assert one not in listed(served)
    again = served.run("predictions", "delete", one)
    assert again.returncode == 1
    assert f"there is no prediction {one}" in again.stderr
