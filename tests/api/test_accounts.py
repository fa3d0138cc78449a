"""Accounts over the API: who one is, and that others' things do not exist."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import pytest
from tests.api.calls import Api, Json, Running, problem
from tests.api.deploying import deployed
from tests.api.others import made, stranger, with_version
from tests.api.stepping import HANDS, STEPPER, Hand
from tests.api.test_scopes import NEEDS, every
from tests.api.training import CREATE, MODELS, create
from tests.standins.receiver import Receiver
from tests.support.making import eventually
from tests.support.own_checking import routes_of

from safelight.account import Account, issue

HIDDEN: Final[dict[str, str]] = {
    "deployments.delete": "/v1/deployments/safelight/app",
    "deployments.get": "/v1/deployments/safelight/app",
    "deployments.predictions.create": "/v1/deployments/safelight/app/predictions",
    "deployments.update": "/v1/deployments/safelight/app",
    "files.delete": "/v1/files/{file}",
    "files.get": "/v1/files/{file}",
    "models.delete": "/v1/models/safelight/unseen",
    "models.estimate": "/v1/models/safelight/unseen/estimate",
    "models.examples.list": "/v1/models/safelight/unseen/examples",
    "models.get": "/v1/models/safelight/unseen",
    "models.predictions.create": "/v1/models/safelight/unseen/predictions",
    "models.readme.get": "/v1/models/safelight/unseen/readme",
    "models.update": "/v1/models/safelight/unseen",
    "models.versions.delete": "/v1/models/safelight/unseen/versions/{version}",
    "models.versions.get": "/v1/models/safelight/unseen/versions/{version}",
    "models.versions.list": "/v1/models/safelight/unseen/versions",
    "predictions.cancel": "/v1/predictions/{prediction}/cancel",
    "predictions.delete": "/v1/predictions/{prediction}",
    "predictions.get": "/v1/predictions/{prediction}",
    "tokens.delete": "/v1/tokens/{token}",
    "trainings.cancel": "/v1/trainings/{training}/cancel",
    "trainings.create": "/v1/models/safelight/unseen/versions/{version}/trainings",
    "trainings.get": "/v1/trainings/{training}",
    "webhooks.deliveries.get": "/v1/webhooks/deliveries/{delivery}",
    "webhooks.deliveries.replay": "/v1/webhooks/deliveries/{delivery}/replay",
}
"""Each operation that names an object, and an object of the account `safelight` to name."""
PUBLIC: Final = frozenset({"collections.get"})
"""Names what belongs to nobody."""
LISTS: Final[dict[str, str]] = {
    "deployments.list": "'app'",
    "files.list": "{file}",
    "models.list": "'unseen'",
    "models.search": "'unseen'",
    "predictions.list": "{prediction}",
    "search": "'unseen'",
    "tokens.list": "{token}",
    "trainings.list": "{training}",
    "webhooks.deliveries.list": "{delivery}",
}
"""Each list, and what stands in it when its owner asks."""
SHARED: Final = frozenset({"collections.list", "hardware.list"})
"""The same for everybody."""
ASKED: Final = {"search": {"params": {"query": "unseen"}}, "models.search": {"content": b"unseen"}}
BODIES: Final[dict[str, Json]] = {
    "deployments.predictions.create": {"input": {"prompt": "theirs"}},
    "deployments.update": {"max_instances": 7},
    "models.estimate": {"input": {"prompt": "theirs"}},
    "models.predictions.create": {"input": {"prompt": "theirs"}},
    "models.update": {"description": "theirs"},
    "trainings.create": {"destination": "stranger/own", "input": {"style": "theirs"}},
}


@dataclass(frozen=True)
class Owned:
    """An API in which the account `safelight` has one of everything, and a stranger has nothing."""

    api: Api
    names: Mapping[str, str]
    theirs: dict[str, str]
    """The stranger's header."""

    async def seen(self) -> list[tuple[str, int, str]]:
        """All that the owner sees of what there is, one by one and in lists."""
        methods = {name: method for name, (method, _) in every(self.api).items()}
        ones = {name: path.format(**self.names) for name, path in HIDDEN.items()}
        paths = [path for name, path in ones.items() if methods[name] == "GET"]
        lists = [every(self.api)[name][1] for name in LISTS if name not in ASKED]
        answers = [(path, await self.api.client.get(path)) for path in [*paths, *lists]]
        return [(path, answer.status_code, answer.text) for path, answer in answers]


@pytest.fixture
async def owned(running: Running) -> AsyncIterator[Owned]:
    """A running prediction and training, a file, a deployment, a private model, a delivery."""
    HANDS["mine"] = Hand()
    async with running((*MODELS, STEPPER)) as api, Receiver() as receiver:
        await made(api, name="unseen", readme="Mine alone.")
        version = await with_version(api, "safelight/unseen")
        await deployed(api)
        training = await create(api, "hang", destination="safelight/unseen")
        await api.until(training["id"], "processing")
        prediction = await api.post(
            "/v1/models/tests/stepper/predictions",
            {
                "input": {"ticket": "mine"},
                "webhook": receiver.url,
                "webhook_events_filter": ["start"],
            },
        )
        await api.until(prediction.json()["id"], "processing")
        file = await api.client.post("/v1/files", files={"content": ("mine.txt", b"mine")})
        names = {
            "delivery": await _delivered(api),
            "file": file.json()["id"],
            "prediction": prediction.json()["id"],
            "token": (await api.engine.store.accounts.tokens("safelight"))[0].id,
            "training": training["id"],
            "version": version.id,
        }
        yield Owned(api, names, await stranger(api))


async def _delivered(api: Api) -> str:
    async def look() -> str | None:
        (delivery,) = (await api.client.get("/v1/webhooks/deliveries")).json()["results"]
        return str(delivery["id"]) if delivery["status"] == "delivered" else None

    return await eventually(look)


def test_every_operation_that_names_or_lists_stands_in_a_table(owned: Owned) -> None:
    """Whoever adds one has to say here whose things it shows."""
    routes = [route for route in routes_of(owned.api.engine.app) if route.name in NEEDS]
    named = {route.name for route in routes if "{" in route.path}
    assert named == HIDDEN.keys() | PUBLIC
    lists = {route.name for route in routes if route.name.endswith((".list", "search"))}
    assert lists - named == LISTS.keys() | SHARED


async def test_what_others_have_does_not_exist(owned: Owned) -> None:
    """Every operation that names it says 404, as for what never was, and changes nothing."""
    before = await owned.seen()
    assert {status for _, status, _ in before} == {200}
    for name, path in HIDDEN.items():
        method, nowhere = every(owned.api)[name]
        body = BODIES.get(name)
        answer = await owned.api.client.request(
            method, path.format(**owned.names), json=body, headers=owned.theirs
        )
        assert answer.status_code == 404, f"{name}: {answer.text}"
        never = await owned.api.client.request(method, nowhere, json=body, headers=owned.theirs)
        assert never.status_code == 404, f"{name}: {never.text}"
    assert await owned.seen() == before


async def test_lists_show_ones_own(owned: Owned) -> None:
    """What the owner finds there a stranger does not."""
    for name, pattern in LISTS.items():
        method, path = every(owned.api)[name]
        mine = pattern.format(**owned.names)
        asked: dict[str, Any] = ASKED.get(name, {})
        found = await owned.api.client.request(method, path, **asked)
        assert mine in _results(found), name
        answer = await owned.api.client.request(method, path, headers=owned.theirs, **asked)
        assert mine not in _results(answer), name


def _results(answer: httpx.Response) -> str:
    """What was found, as Python writes it; without what was looked for."""
    assert answer.status_code == 200, answer.text
    return str({**answer.json(), "query": ""})


async def test_bodies_cannot_name_what_others_have(owned: Owned) -> None:
    """A private model's versions cannot be run, deployed or trained into."""
    version = owned.names["version"]
    before = await owned.seen()
    for reference in (version, "safelight/unseen", f"safelight/unseen:{version}"):
        body = {"version": reference, "input": {"prompt": "theirs"}}
        answer = await owned.api.client.post("/v1/predictions", json=body, headers=owned.theirs)
        problem(answer, 422)
    deployment = {
        "name": "theirs",
        "model": "safelight/unseen",
        "version": version,
        "hardware": "cpu",
        "min_instances": 0,
        "max_instances": 1,
    }
    post = owned.api.client.post
    problem(await post("/v1/deployments", json=deployment, headers=owned.theirs), 422)
    training = {"destination": "safelight/unseen", "input": {"style": "theirs"}}
    problem(await post(CREATE, json=training, headers=owned.theirs), 404)
    assert await owned.seen() == before


async def test_a_model_cannot_be_made_for_another_account(owned: Owned) -> None:
    """The refusal says whose token it is."""
    body = {"owner": "safelight", "name": "x", "visibility": "public", "hardware": "cpu"}
    answer = await owned.api.client.post("/v1/models", json=body, headers=owned.theirs)
    assert "stranger" in problem(answer, 403)["detail"]
    problem(await owned.api.client.get("/v1/models/safelight/x"), 404)


async def test_each_account_has_a_signing_secret_of_its_own(owned: Owned) -> None:
    """Rotating one leaves the other."""
    path = "/v1/webhooks/default/secret"
    mine = (await owned.api.client.get(path)).json()
    theirs = (await owned.api.client.get(path, headers=owned.theirs)).json()
    assert mine != theirs
    rotated = await owned.api.client.post(f"{path}/rotate", headers=owned.theirs)
    assert rotated.json() not in (mine, theirs)
    assert (await owned.api.client.get(path)).json() == mine


async def test_an_idempotency_key_is_an_accounts_own(owned: Owned) -> None:
    """Another's prediction is not answered under it."""
    mine = await owned.api.echo(idempotency_key="one")
    answer = await owned.api.client.post(
        "/v1/models/safelight/echo/predictions",
        json={"input": {"prompt": "hello"}},
        headers={"idempotency-key": "one", **owned.theirs},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["id"] != mine["id"]


ANN: Final = Account(username="ann", name="Ann \U0001f600")
ACME: Final = Account(
    username="acme",
    name="Acme Ltd.",
    type="organization",
    github_url="https://github.com/acme",
    avatar_url="https://acme.test/a.png",
)


@pytest.mark.parametrize(
    ("account", "shown"),
    [
        (ANN, {"type": "user", "username": "ann", "name": "Ann \U0001f600"}),
        (
            ACME,
            {
                "type": "organization",
                "username": "acme",
                "name": "Acme Ltd.",
                "github_url": "https://github.com/acme",
                "avatar_url": "https://acme.test/a.png",
            },
        ),
    ],
)
async def test_a_token_is_told_whom_it_speaks_for(api: Api, account: Account, shown: Json) -> None:
    """What an account has not got is left out: clients take null for a fault."""
    accounts = api.engine.store.accounts
    await accounts.add(account)
    secret = "r8_" + "a" * 37
    facts: dict[str, Any] = {"token_id": "hers", "name": "", "account": account.username}
    await accounts.add_token(issue(secret, now=datetime.now(UTC), **facts))
    for scheme in ("Bearer", "Token", "bearer"):
        headers = {"authorization": f"{scheme} {secret}"}
        answer = await api.client.get("/v1/account", headers=headers)
        assert answer.json() == shown


async def test_one_account_may_have_tokens_of_both_modes(api: Api) -> None:
    """They see the same predictions; each runs on what its own mode says."""
    tested = await api.echo()
    live = await api.client.get(f"/v1/predictions/{tested['id']}", headers=api.live)
    assert live.json()["test"] is True
    answer = await api.client.post(
        "/v1/models/safelight/echo/predictions",
        json={"input": {"prompt": "hello"}},
        headers=api.live,
    )
    assert "test" not in answer.json()
