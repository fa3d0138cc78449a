"""Python's official client, 1.0.7: webhooks, from its own create to its own check of them."""

import json
import time

import httpx
import pytest
from replicate.client import Client
from replicate.webhook import (
    InvalidSignatureError,
    InvalidTimestampError,
    MissingWebhookHeaderError,
    Webhooks,
)
from tests.clients.receiving import Received, receiving

ECHO = "safelight/echo"


def _request(received: Received) -> httpx.Request:
    return httpx.Request(
        "POST", "http://localhost/hook", headers=received.headers, content=received.body
    )


async def test_the_secret_has_the_form_that_clients_take_apart(client: Client) -> None:
    """One underscore, then base64; it stays the same."""
    secret = client.webhooks.default.secret()
    assert secret.key.startswith("whsec_")
    assert secret.key.count("_") == 1
    assert await client.webhooks.default.async_secret() == secret


def test_a_webhook_is_the_prediction_and_its_signature_is_valid(client: Client) -> None:
    """As the client checks it: by the request, and by its parts."""
    secret = client.webhooks.default.secret()
    with receiving() as receiver:
        made = client.models.predictions.create(
            ECHO,
            {"prompt": "a ü"},
            webhook=f"{receiver.url}?mine=1",
            webhook_events_filter=["completed"],
        )
        received = receiver.wait_for(1)[0]
    made.wait()
    assert received.path == "/hook?mine=1"
    assert received.headers["content-type"].startswith("application/json")
    assert json.loads(received.body) == client._client.get(f"/v1/predictions/{made.id}").json()
    Webhooks.validate(request=_request(received), secret=secret, tolerance=60)
    Webhooks.validate(headers=received.headers, body=received.body.decode(), secret=secret)


def test_a_changed_webhook_is_found_out(client: Client) -> None:
    """Its body, its time, its secret, its headers."""
    secret = client.webhooks.default.secret()
    with receiving() as receiver:
        client.models.predictions.create(ECHO, {"prompt": "a"}, webhook=receiver.url, wait=True)
        received = receiver.wait_for(1)[0]
    headers, body = received.headers, received.body.decode()
    old = headers | {"webhook-timestamp": str(int(time.time()) - 3600)}
    for ask, error in (
        (lambda: Webhooks.validate(headers=headers, body=body + " ", secret=secret), None),
        (lambda: Webhooks.validate(headers=old, body=body, secret=secret), None),
        (
            lambda: Webhooks.validate(headers=old, body=body, secret=secret, tolerance=300),
            InvalidTimestampError,
        ),
        (
            lambda: Webhooks.validate(headers={"a": "b"}, body=body, secret=secret),
            MissingWebhookHeaderError,
        ),
    ):
        with pytest.raises(error or InvalidSignatureError):
            ask()


def test_the_events_that_are_asked_for_are_sent(client: Client) -> None:
    """Start and end; the payload tells them apart."""
    with receiving() as receiver:
        made = client.models.predictions.create(
            ECHO,
            {"prompt": "a"},
            webhook=receiver.url,
            webhook_events_filter=["start", "completed"],
        )
        bodies = [json.loads(received.body) for received in receiver.wait_for(2)]
    assert {body["id"] for body in bodies} == {made.id}
    assert sorted(body["status"] for body in bodies) == ["processing", "succeeded"]


def test_the_old_name_of_the_parameter_sends_the_end(client: Client) -> None:
    """`webhook_completed`, which the client still has."""
    with receiving() as receiver:
        client.models.predictions.create(ECHO, {"prompt": "a"}, webhook_completed=receiver.url)
        bodies = [json.loads(received.body) for received in receiver.wait_for(1)]
    assert bodies[-1]["status"] in {"processing", "succeeded"}


def test_a_failure_and_a_cancel_are_sent(client: Client) -> None:
    """They are ends, too."""
    with receiving() as receiver:
        hook = {"webhook": receiver.url, "webhook_events_filter": ["completed"]}
        client.models.predictions.create(ECHO, {"prompt": "[[fail: no luck]]"}, **hook)
        client.models.predictions.create(ECHO, {"prompt": "[[timeout]]"}, **hook).cancel()
        bodies = [json.loads(received.body) for received in receiver.wait_for(2)]
    assert {(body["status"], body["error"]) for body in bodies} == {
        ("failed", "no luck"),
        ("canceled", None),
    }
