"""What is sent of a prediction is, to the byte, what JavaScript would write of it."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.support.making import NOW, made

from safelight.capability import Capabilities
from safelight.outbox import Attempt, Delivery, State
from safelight.webhook import Event
from safelight.wire import Wire, delivery, webhook_body

WIRE = Wire(Capabilities(b"c" * 32), shows_aborted=False)


def sent(**facts: Any) -> bytes:
    """The body that tells of a prediction."""
    return webhook_body(WIRE, made(**{"origin": "https://safelight.test"} | facts))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e-06, "0.000001"),
        (1.5e-05, "0.000015"),
        (1e-07, "1e-7"),
        (-2.5e-10, "-2.5e-10"),
        (5e-324, "5e-324"),
        (1e16, "10000000000000000"),
        (1.2345678901234568e20, "123456789012345680000"),
        (1e21, "1e+21"),
        (-1.5e300, "-1.5e+300"),
        (7, "7"),
        (float("nan"), "null"),
    ],
)
def test_numbers_are_written_as_javascript_writes_them(number: float, text: str) -> None:
    """Its client checks a parsed body by writing it anew."""
    body = sent(input={"prompt": [{"x": number}]}, metrics={})
    assert f'{{"x":{text}}}'.encode() in body


def test_texts_are_written_as_javascript_writes_them() -> None:
    """Escaped where they must be, and nowhere else."""
    text = 'ä😀 / \u2028 "\\\b\f\n\r\t\x00\x1f\x7f'
    body = sent(input={"prompt": text})
    written = r'"ä😀 / ' + "\u2028" + r" \"\\\b\f\n\r\t\u0000\u001f" + '\x7f"'
    assert written.encode() in body
    assert json.loads(body)["input"]["prompt"] == text


def test_a_training_is_told_as_a_training() -> None:
    """With its destination, at its own address."""
    shown = json.loads(sent(destination="me/mine"))
    assert shown["destination"] == "me/mine"
    assert "/v1/trainings/" in shown["urls"]["get"]


def test_a_delivery_shows_only_what_there_is() -> None:
    """What has not come yet is left out."""
    second = timedelta(seconds=1)
    pending = Delivery(
        id="msg_1",
        account="me",
        prediction="p",
        event=Event.COMPLETED,
        url="https://hooks.test/",
        created_at=NOW,
        due_at=NOW + second,
    )
    moment = "2025-04-28T15:15:42.634000Z"
    plain = {
        "id": "msg_1",
        "prediction": "p",
        "event": "completed",
        "url": "https://hooks.test/",
        "host": "hooks.test",
        "status": "pending",
        "attempt_count": 0,
        "created_at": moment,
    }
    assert delivery(pending) == plain | {"next_attempt_at": "2025-04-28T15:15:43.634000Z"}
    settled = msgspec.structs.replace(
        pending, state=State.FAILED, attempts=2, due_at=None, settled_at=NOW
    )
    attempts = [
        Attempt(at=NOW, took=timedelta(microseconds=1234), status=500),
        Attempt(at=NOW, took=second, error="the connection was cut"),
    ]
    assert delivery(settled, attempts) == plain | {
        "status": "failed",
        "attempt_count": 2,
        "settled_at": moment,
        "attempts": [
            {"at": moment, "duration_ms": 1.2, "response_status": 500},
            {"at": moment, "duration_ms": 1000.0, "error": "the connection was cut"},
        ],
    }
    assert delivery(pending, last=attempts[0])["last_attempt"] == {
        "at": moment,
        "duration_ms": 1.2,
        "response_status": 500,
    }
