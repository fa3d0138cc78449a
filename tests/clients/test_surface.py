"""Every operation that Replicate describes has a place here."""

import json
import re
from collections.abc import Generator

import pytest
from tests.clients.wire import Caller, calling
from tests.serving import Server
from tests.support.checking import DOCUMENT

PATHS: dict[str, dict[str, object]] = json.loads(DOCUMENT.read_bytes())["paths"]
NAMES = [f"{method.upper()} {path}" for path, methods in PATHS.items() for method in methods]


@pytest.fixture(scope="module")
def caller(server: Server) -> Generator[Caller]:
    """A caller of the server that all tests share."""
    with calling(server) as made:
        yield made


def test_the_document_has_all_that_is_known() -> None:
    """So that nothing is missing because it was not looked for."""
    assert len(PATHS) == 26
    assert len(NAMES) == 37


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_has_a_place(caller: Caller, name: str) -> None:
    """Its path can be asked with its method: another method is told so."""
    method, path = name.split(" ")
    somewhere = "/v1" + re.sub(r"\{[^}]+\}", "a", path)
    answer = caller.http.request("TRACE", somewhere)
    assert answer.status_code == 405, answer.text
    assert method in answer.headers["allow"].split(", ")


@pytest.mark.parametrize("name", [name for name in NAMES if "/download" not in name])
def test_an_operation_needs_a_token(caller: Caller, name: str) -> None:
    """Whatever else is wrong with the request."""
    method, path = name.split(" ")
    somewhere = "/v1" + re.sub(r"\{[^}]+\}", "a", path)
    answer = caller.stranger.request(method, somewhere, content=b"x")
    assert answer.status_code == 401, answer.text
    assert answer.json()["title"] == "Unauthenticated"


@pytest.mark.parametrize("name", [name for name in NAMES if "{" in name])
def test_what_is_not_there_is_told(caller: Caller, name: str) -> None:
    """In a problem document, and in no other way."""
    method, path = name.split(" ")
    somewhere = "/v1" + re.sub(r"\{[^}]+\}", "a", path)
    answer = caller.http.request(method, somewhere, json={} if method != "GET" else None)
    assert answer.status_code in {404, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
