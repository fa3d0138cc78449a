"""The HTTP surface, tried with what its own document allows and with what it forbids."""

import copy
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.api.test_scopes import NEEDS, OPEN
from tests.serving import Server, serving

Json = dict[str, Any]

EXAMPLES: Final = 30
"""Requests to each operation, half of them as its document forbids."""
SEED: Final = 20260101
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
KINDS: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
ECHO: Final = "safelight/echo"
OUT_OF_REACH: Final = frozenset(
    {"files.download", "models.versions.delete", "trainings.cancel"}
    | {"trainings.create", "trainings.get"}
)
"""Chance signs no links, and no model in the box can be trained."""
HEADERS: Final = {
    "Prefer": ["wait", "wait=1", "respond-async", "wait=1, x=y"],
    "Cancel-After": ["5s", "90", "1h30m45s"],
    "Range": ["bytes=0-1", "bytes=-1", "bytes=0-", "bytes=0-0,2-2", "bytes=999999999-", "bytes=x"],
}
"""Those that are more than text."""
ORDER: Final = sorted([*NEEDS, *OPEN, "metrics"], key=lambda name: (name.endswith("delete"), name))
"""What deletes comes last, so that the others find something."""


@dataclass(frozen=True)
class Target:
    """A server with one of everything, and its own document made for it."""

    server: Server
    document: Json
    session: requests.Session
    answered: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    """The statuses that each operation was answered with."""

    def operation(self, name: str) -> Any:
        """One operation, as schemathesis knows it."""
        schema = schemathesis.openapi.from_dict(self.document)
        return schema.find_operation_by_id(name)

    def ask(self, name: str, case: Case) -> None:
        """Send it, and compare the answer with the document."""
        answer = case.call_and_validate(
            base_url=self.server.http, session=self.session, checks=CHECKS, timeout=30
        )
        self.answered.setdefault(name, set()).add(answer.status_code)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Generator[Target]:
    """Of its own: what is fuzzed is not what other tests count."""
    with (
        serving(tmp_path_factory.mktemp("fuzzed"), SAFELIGHT_MAX_RUN_TIME="5s") as server,
        requests.Session() as session,
    ):
        session.headers["authorization"] = f"Bearer {server.test_token}"
        document = requests.get(f"{server.http}/openapi.json", timeout=30).json()
        yield Target(server, _made_for(document, _known(server)), session)


def _known(server: Server) -> dict[str, dict[str, list[str]]]:
    """What there is to be named, by the beginnings of paths."""
    authorization = {"authorization": f"Bearer {server.test_token}"}
    with httpx.Client(base_url=f"{server.http}/v1", headers=authorization) as client:
        echo = client.get(f"/models/{ECHO}").json()["latest_version"]["id"]
        made = client.post(
            f"/models/{ECHO}/predictions",
            json={"input": {"prompt": "a"}, "webhook": "http://127.0.0.1:9/"},
            headers={"prefer": "wait"},
        ).json()
        file = client.post("/files", files={"content": b"a"}).json()
        model = {"owner": "safelight", "name": "mine", "visibility": "private", "hardware": "cpu"}
        assert client.post("/models", json=model).status_code == 201
        deployment = {"name": "app", "model": ECHO, "version": echo, "hardware": "cpu"}
        deployment |= {"min_instances": 0, "max_instances": 1}
        assert client.post("/deployments", json=deployment).status_code == 200
        collection = client.get("/collections").json()["results"][0]["slug"]
        delivery = client.get("/webhooks/deliveries").json()["results"][0]["id"]
        painted = client.post(
            "/models/safelight/sketch/predictions",
            json={"input": {"prompt": "a"}},
            headers={"prefer": "wait"},
        ).json()
        token = client.post("/tokens", json={"scopes": ["read"]}).json()["id"]
    opened = made["urls"]["stream"].rsplit("bcwr-", 1)[-1]
    output, file_name = painted["output"][0].split("/")[-2:]
    return {
        "/collections/": {"slug": [collection]},
        "/covers/": {"owner": ["safelight"], "name": ["sketch"]},
        "/deployments/": {"owner": ["safelight"], "name": ["app"]},
        "/files/bcwr-": {"capability": [opened]},
        "/files/{id}": {"id": [file["id"]]},
        "/models/": {"owner": ["safelight"], "name": ["echo", "mine"], "id": [echo]},
        "/outputs/": {"capability": [output], "name": [file_name]},
        "/predictions/": {"id": [made["id"]]},
        "/tokens/": {"id": [token]},
        "painted": {"id": [painted["id"]]},
        "/streams/": {"capability": [opened]},
        "/webhooks/deliveries/": {"id": [delivery]},
    }


def _made_for(document: Json, known: Mapping[str, Mapping[str, list[str]]]) -> Json:
    """The document, so that what it allows names what there is; what it forbids does not."""
    made = copy.deepcopy(document)
    made["openapi"] = "3.2.0"  # it has a place for QUERY
    made["servers"] = [{"url": "/"}]
    paths = {path if "servers" in item else f"/v1{path}": item for path, item in _paths(made)}
    made["paths"] = paths
    for path, item in paths.items():
        item.pop("servers", None)
        if "x-query" in item:
            item["query"] = item.pop("x-query")
        inner = path.removeprefix("/v1")
        names = next((known[start] for start in known if inner.startswith(start)), {})
        for operation in item.values():
            del operation["security"]  # or it would be tried without the token time and again
            operation["parameters"] = [
                _parameter(made, reference, names) for reference in operation["parameters"]
            ]
    (echo,) = known["/models/"]["id"]
    _narrow(made["components"]["schemas"], echo)
    packed = made["components"]["schemas"]["ArchiveCreate"]["properties"]["ids"]
    packed["items"] = {"enum": known["painted"]["id"]}
    return made


def _paths(document: Json) -> list[tuple[str, Json]]:
    return list(document["paths"].items())


def _parameter(document: Json, reference: Json, names: Mapping[str, list[str]]) -> Json:
    found = copy.deepcopy(document["components"]["parameters"][reference["$ref"].rsplit("/")[-1]])
    if found["name"] in HEADERS:
        found["schema"] = {"enum": HEADERS[found["name"]]}
    if found["name"] in names:
        found["schema"] = {"enum": names[found["name"]]}
    return cast("Json", found)


def _narrow(schemas: Json, echo: str) -> None:
    """Nothing is painted, and nobody elsewhere is called."""
    for name in ("PredictionCreate", "NamedPredictionCreate", "TrainingCreate"):
        properties = schemas[name]["properties"]
        for hook in ("webhook", "webhook_completed"):
            properties[hook] = {"enum": ["", None, "http://127.0.0.1:9/"]}
    prompt = {"type": "object", "properties": {"prompt": {"type": "string"}}}
    prompt |= {"required": ["prompt"]}
    for name in ("PredictionCreate", "NamedPredictionCreate"):
        schemas[name]["properties"]["input"] = prompt
    for name, property_, allowed in (
        ("PredictionCreate", "version", [ECHO, f"{ECHO}:latest", echo, "safelight/mine", "x"]),
        ("DeploymentCreate", "model", [ECHO]),
        ("DeploymentCreate", "version", [echo]),
        ("DeploymentCreate", "hardware", ["cpu", "gpu-t4"]),
        ("DeploymentChange", "hardware", ["cpu", "gpu-t4"]),
        ("DeploymentChange", "version", [echo]),
        ("ModelCreate", "owner", ["safelight"]),
        ("ModelCreate", "hardware", ["cpu", "gpu-t4"]),
        ("TrainingCreate", "destination", ["safelight/mine"]),
    ):
        schemas[name]["properties"][property_] = {"enum": allowed}


@pytest.mark.parametrize("name", ORDER)
def test_every_answer_is_a_declared_one(target: Target, name: str) -> None:
    """No 5xx, no status, type or shape of body that the document does not tell of."""
    operation = target.operation(name)
    allowed, forbidden = (operation.as_strategy(generation_mode=kind) for kind in KINDS)

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=allowed | forbidden)
    def ask(case: Case) -> None:
        target.ask(name, case)

    ask()


def test_what_was_asked_was_worth_asking(target: Target) -> None:
    """Nearly every operation has done what it is for, and refused what it cannot do."""
    for name, statuses in target.answered.items():
        assert name in OUT_OF_REACH or any(status < 300 for status in statuses), name
    names = [name for name in NEEDS if name.endswith(".create")]
    refused = [name for name in names if 422 in target.answered.get(name, {422})]
    assert refused == names


def test_nothing_of_it_was_a_fault(target: Target) -> None:
    """The server's log has no traceback, and it still answers."""
    assert b"Traceback" not in target.server.printed
    assert target.session.get(f"{target.server.http}/readyz", timeout=30).status_code == 200
