"""The checker of answers: what it lets pass and what it does not."""

import json
from typing import Any

import pytest
from tests.support.checking import CORRECTIONS, Broken, check_answer, operation_of

JSON = "application/json; charset=UTF-8"
PROBLEM = "application/problem+json"
PREDICTION: dict[str, Any] = {
    "id": "66fb5tq3n9rma0cpfkvs4ay9sm",
    "model": "acme/img",
    "version": "hidden",
    "input": {"prompt": "a cat"},
    "output": None,
    "data_removed": False,
    "error": None,
    "status": "starting",
    "created_at": "2025-04-28T15:15:42.634Z",
    "urls": {"web": "https://a/p/1", "get": "https://a/v1/1", "cancel": "https://a/v1/1/cancel"},
}


def _check(value: object, *, method: str = "GET", path: str = "/v1/predictions/1") -> None:
    check_answer(method, path, 200, JSON, json.dumps(value).encode())


def test_an_answer_as_declared_passes() -> None:
    """With properties that are not declared, and with a version of its own."""
    _check(PREDICTION)
    _check({**PREDICTION, "test": True, "version": "a" * 64})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"status": "successful"}, "status: "),
        ({"error": {"detail": "no"}}, "error: "),
        ({"logs": None}, "logs: "),
        ({"created_at": "yesterday"}, "created_at: "),
        ({"urls": {"get": "https://a", "cancel": "https://a"}}, '"web" is a required property'),
        ({"urls": PREDICTION["urls"] | {"stream": None}}, "urls/stream: "),
        ({"source": "cli"}, "source: "),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], fault: str) -> None:
    """By its place in the body."""
    with pytest.raises(Broken, match=fault):
        _check(PREDICTION | change)


def test_every_required_field_is_missed() -> None:
    """One by one."""
    for name in PREDICTION:
        with pytest.raises(Broken, match=f'"{name}" is a required property'):
            _check({key: value for key, value in PREDICTION.items() if key != name})


def test_items_of_a_page_are_checked() -> None:
    """Through the references between schemas."""
    page = {"next": None, "previous": None, "results": [PREDICTION]}
    _check(page, path="/v1/predictions")
    page["results"] = [PREDICTION, PREDICTION | {"status": 1}]
    with pytest.raises(Broken, match="results/1/status: "):
        _check(page, path="/v1/predictions")


def test_the_doubled_prefix_is_the_same_operation() -> None:
    """As an old client writes it."""
    with pytest.raises(Broken, match=r"models\.get"):
        _check({"visibility": "secret"}, path="/v1/v1/models/a/b")


def test_a_path_that_is_no_operation_may_not_succeed() -> None:
    """A route that no client knows."""
    with pytest.raises(Broken, match="no operation"):
        _check({}, path="/v1/nope")
    with pytest.raises(Broken, match="no operation"):
        _check({}, method="PATCH")


def test_a_status_must_be_declared() -> None:
    """A create answers 201 or 202, a delete 204 and no more than that."""
    body = json.dumps(PREDICTION).encode()
    check_answer("POST", "/v1/predictions", 201, JSON, body)
    with pytest.raises(Broken, match="declared are 201, 202"):
        check_answer("POST", "/v1/predictions", 200, JSON, body)
    check_answer("DELETE", "/v1/files/a", 204, "", b"")
    with pytest.raises(Broken, match="with a body"):
        check_answer("DELETE", "/v1/files/a", 204, JSON, b"{}")


def test_a_content_type_must_be_declared() -> None:
    """A readme is text, a prediction is JSON."""
    check_answer("GET", "/v1/models/a/b/readme", 200, "text/plain; charset=utf-8", b"# a")
    with pytest.raises(Broken, match="declared are text/plain"):
        check_answer("GET", "/v1/models/a/b/readme", 200, "text/html", b"# a")


def test_a_refusal_is_a_problem_document_that_knows_its_status() -> None:
    """Wherever it comes from, known path or not."""
    good = b'{"detail": "No.", "status": 404}'
    for path in ("/v1/predictions/1", "/v1/nope"):
        check_answer("GET", path, 404, PROBLEM, good)
        with pytest.raises(Broken, match="not as a problem document"):
            check_answer("GET", path, 404, JSON, good)
        with pytest.raises(Broken, match="that is none"):
            check_answer("GET", path, 404, PROBLEM, b'{"detail": "", "status": 404}')
        with pytest.raises(Broken, match="that is none"):
            check_answer("GET", path, 400, PROBLEM, good)
        with pytest.raises(Broken, match="no client expects"):
            check_answer("GET", path, 418, PROBLEM, b'{"detail": "No.", "status": 418}')


def test_paths_in_words_are_told_from_paths_with_blanks() -> None:
    """And methods from each other, the uncommon one too."""
    found = operation_of("query", "/models")
    assert found is not None
    assert found["operationId"] == "models.search"
    assert operation_of("get", "/webhooks/default/secret") is not None
    assert operation_of("get", "/models/a/b/c/d") is None


def test_every_correction_says_why() -> None:
    """A table of exceptions without reasons would be a way to pass."""
    assert all(len(correction.reason) > 20 for correction in CORRECTIONS)
