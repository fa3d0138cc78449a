"""The description of our own API: whole, valid, and no less than Replicate's."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import schemathesis
from tests.api.calls import ORIGIN, Api, Json
from tests.api.test_scopes import ELSEWHERE, NEEDS, OPEN
from tests.support.checking import DOCUMENT, Broken
from tests.support.own_checking import check_own, own_document, routes_of

REPLICATES: Final[Json] = json.loads(DOCUMENT.read_bytes())
METHODS: Final = ("get", "post", "patch", "delete", "x-query")


@pytest.fixture
async def document() -> Json:
    """As it is served."""
    return await own_document()


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Method, path and operation."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def nodes(node: object) -> Iterator[Json]:
    """Every object in a document."""
    if isinstance(node, list):
        for item in node:
            yield from nodes(item)
    elif isinstance(node, dict):
        yield node
        for item in node.values():
            yield from nodes(item)


def without_names(path: str) -> str:
    """A path in which what stands for a name has no name itself."""
    return re.sub(r"\{\w+\}", "{}", path)


async def test_it_is_served_to_everybody(api: Api) -> None:
    """At the root, and below `/v1` once or twice, whichever base URL a tool was given."""
    for path in ("/openapi.json", "/v1/openapi.json", "/v1/v1/openapi.json"):
        answer = await api.client.get(path, headers={"authorization": ""})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.json() == await own_document()


def test_it_is_a_valid_document(document: Json) -> None:
    """By the schema that the OpenAPI Initiative publishes for 3.1."""
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(document).validate()


async def test_every_route_is_in_it_and_nothing_else(api: Api, document: Json) -> None:
    """With its method and its name."""
    described = {
        ((path if "servers" in document["paths"][path] else f"/v1{path}"), method, is_open(found))
        for method, path, found in operations(document)
    }
    served = {
        (route.path, method.lower() if method != "QUERY" else "x-query", route.name not in NEEDS)
        for route in routes_of(api.engine.app)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert described == served - {("/v1/openapi.json", "get", True)}
    names = {found["operationId"].split("-")[0] for _, _, found in operations(document)}
    assert names == NEEDS.keys() | OPEN | ELSEWHERE


def is_open(operation: Json) -> bool:
    """Whether it says that it needs no token."""
    return operation["security"] == []


def test_it_tells_the_scope_of_every_operation(document: Json) -> None:
    """The one that is checked; and that a token without it is refused."""
    for _, _, operation in operations(document):
        needs = NEEDS.get(operation["operationId"])
        assert operation.get("x-scope") == (None if needs is None else needs.value)
        assert ("403" in operation["responses"]) is (
            needs is not None or operation["operationId"] in ELSEWHERE
        )


def test_every_reference_leads_somewhere_and_nothing_lies_about(document: Json) -> None:
    """Each component is there once, and is used."""
    used = {node["$ref"] for node in nodes(document) if "$ref" in node}
    kinds = ("parameters", "responses", "schemas")
    there = {f"#/components/{k}/{name}" for k in kinds for name in document["components"][k]}
    assert used == there


def test_every_operation_is_told_in_one_sentence(document: Json) -> None:
    """Under a name that no other has."""
    found = [operation for _, _, operation in operations(document)]
    assert all(re.fullmatch(r"[A-Z`][^\n]{8,}\.", o["summary"]) for o in found)
    ids = [operation["operationId"] for operation in found]
    assert len(set(ids)) == len(ids)


def test_replicates_operations_are_all_there(document: Json) -> None:
    """Under the same ids, at the same paths, with at least one answer that succeeds as theirs."""
    ours = {
        found["operationId"]: (method.removeprefix("x-"), path, found)
        for method, path, found in operations(document)
    }
    for path, item in REPLICATES["paths"].items():
        for method, theirs in item.items():
            our_method, our_path, found = ours[theirs["operationId"]]
            assert (our_method, without_names(our_path)) == (method, without_names(path))
            succeeding = {status for status in theirs["responses"] if status < "300"}
            assert succeeding & found["responses"].keys(), theirs["operationId"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("schemas_prediction_response", "Prediction"),
        ("schemas_training_response", "Training"),
        ("schemas_model_response", "Model"),
        ("schemas_version_response", "Version"),
        ("schemas_file_response", "File"),
        ("schemas_deployment_response", "Deployment"),
        ("schemas_collection_response", "Collection"),
        ("schemas_search_response", "Findings"),
        ("schemas_version_prediction_request", "PredictionCreate"),
        ("schemas_prediction_request", "NamedPredictionCreate"),
        ("schemas_training_request", "TrainingCreate"),
    ],
)
def test_our_objects_have_every_field_of_replicates(document: Json, theirs: str, ours: str) -> None:
    """What they require of an answer ours has; what they allow in a body ours allows."""
    their, our = (
        REPLICATES["components"]["schemas"][theirs],
        document["components"]["schemas"][ours],
    )
    assert their["properties"].keys() <= our["properties"].keys()
    assert theirs.endswith("request") or set(their.get("required", ())) <= set(our["required"])
    assert theirs.endswith("response") or set(our["required"]) <= set(their["required"])


def _answer(method: str, path: str, status: int, content: object, kind: str) -> httpx.Response:
    request = httpx.Request(method, f"{ORIGIN}{path}")
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return httpx.Response(status, content=body, headers={"content-type": kind}, request=request)


@pytest.mark.parametrize(
    ("path", "status", "content", "kind", "fault"),
    [
        ("/v1/account", 200, {"type": "user"}, "application/json", "required"),
        ("/v1/hardware", 200, [{"name": "", "sku": "", "x": 1}], "application/json", "unexpected"),
        ("/v1/hardware", 200, b"[]", "text/html", "as 'text/html'"),
        ("/v1/hardware", 201, b"[]", "application/json", "our own document says 200"),
        ("/v1/files/a", 404, {"status": 404}, "application/problem+json", "detail"),
        ("/v1/nowhere", 200, {}, "application/json", "no operation"),
    ],
)
async def test_an_answer_that_is_otherwise_is_caught(  # noqa: PLR0917 - a row of the table
    document: Json, path: str, status: int, content: Any, kind: str, fault: str
) -> None:
    """Every answer to these tests is compared with the document: this is what compares."""
    check = check_own(document)
    await check(_answer("GET", "/v1/hardware", 200, [], "application/json; charset=UTF-8"))
    with pytest.raises(Broken, match=re.escape(fault)):
        await check(_answer("GET", path, status, content, kind))


def test_the_data_is_one_row_an_operation() -> None:
    """None is left of one that is gone."""
    folder = Path(__file__).parents[2] / "src" / "safelight" / "api" / "description"
    rows: Json = json.loads((folder / "operations.json").read_bytes())
    assert rows.keys() == NEEDS.keys() | OPEN | ELSEWHERE
