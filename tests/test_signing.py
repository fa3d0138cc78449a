"""Signatures as receivers check them, with validators that others wrote, and secrets at rest."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from replicate.webhook import Webhooks, WebhookSigningSecret
from standardwebhooks import Webhook, WebhookVerificationError
from tests.support.engine import VAULT

from safelight.errors import SecretLost
from safelight.signing import Signing, new_secret, signature
from safelight.stores.sqlite import SqliteStore
from safelight.vault import Vault

BODY = '{"id":"x","output":"ä"}'.encode()
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """Where secrets lie."""
    store = SqliteStore(tmp_path / "safelight.db")
    yield store
    await store.close()


@pytest.fixture
def signing(store: SqliteStore) -> Signing:
    """What signs."""
    return Signing(store.outbox, VAULT)


def is_valid(secret: str, headers: dict[str, str], body: bytes = BODY) -> bool:
    """Whether both validators, the standard's and Replicate's, accept it; they must agree."""
    try:
        Webhook(secret).verify(body, headers)
        by_standard = True
    except WebhookVerificationError:
        by_standard = False
    key = WebhookSigningSecret(key=secret)
    try:
        Webhooks.validate(headers=headers, body=body.decode(), secret=key)
        by_replicate = True
    except ValueError:
        by_replicate = False
    assert by_standard is by_replicate
    return by_standard


def everything_in(folder: Path) -> bytes:
    """All bytes of all files."""
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_the_signature_of_the_specification_is_ours() -> None:
    """The example that Standard Webhooks and Svix give."""
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("random", [bytes(24), b"\xff" * 24, b"\xfb\xff\xbf" * 8])
def test_a_secret_has_one_underscore_and_no_padding(random: bytes) -> None:
    """Clients split it there, so its base64 is the standard one."""
    secret = new_secret(random)
    assert secret.count("_") == 1
    assert len(secret) == len("whsec_") + 32
    assert base64.b64decode(secret.removeprefix("whsec_"), validate=True) == random


async def test_others_accept_what_is_signed_and_nothing_else(signing: Signing) -> None:
    """Another body, id or secret is found out."""
    now = datetime.now(UTC)
    secret = await signing.secret("me", now)
    headers = await signing.headers("me", "msg_1", BODY, now)
    assert headers["webhook-id"] == "msg_1"
    assert headers["webhook-timestamp"] == str(int(now.timestamp()))
    assert is_valid(secret, headers)
    assert not is_valid(secret, headers, BODY + b" ")
    assert not is_valid(secret, headers | {"webhook-id": "msg_2"})
    assert not is_valid(await signing.secret("you", now), headers)


async def test_a_secret_is_made_once_and_stays(signing: Signing, store: SqliteStore) -> None:
    """For each account its own, also after a restart."""
    now = datetime.now(UTC)
    secret = await signing.secret("me", now)
    again = Signing(store.outbox, VAULT)
    assert await again.secret("me", now + 365 * DAY) == secret
    assert await again.secret("you", now) != secret


async def test_while_secrets_overlap_both_are_accepted(signing: Signing) -> None:
    """The old one no longer when its time is over."""
    now = datetime.now(UTC)
    old = await signing.secret("me", now)
    new = await signing.rotate("me", 2 * SECOND, now)
    assert await signing.secret("me", now) == new != old
    headers = await signing.headers("me", "msg_1", BODY, now + SECOND)
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert is_valid(old, headers)
    assert is_valid(new, headers)
    headers = await signing.headers("me", "msg_1", BODY, now + 2 * SECOND)
    assert not is_valid(old, headers)
    assert is_valid(new, headers)


async def test_a_secret_that_leaked_ends_at_once(signing: Signing) -> None:
    """So do those that it had replaced itself, whatever they were promised."""
    now = datetime.now(UTC)
    first = await signing.secret("me", now)
    second = await signing.rotate("me", DAY, now)
    third = await signing.rotate("me", timedelta(), now)
    headers = await signing.headers("me", "msg_1", BODY, now)
    valid = [is_valid(secret, headers) for secret in (first, second, third)]
    assert valid == [False, False, True]


async def test_rotating_twice_keeps_all_that_still_overlap(signing: Signing) -> None:
    """A second rotation does not cut the first one short."""
    now = datetime.now(UTC)
    secrets = [await signing.secret("me", now)]
    secrets += [await signing.rotate("me", DAY, now) for _ in range(2)]
    headers = await signing.headers("me", "msg_1", BODY, now)
    assert [is_valid(secret, headers) for secret in secrets] == [True] * 3


async def test_a_first_rotation_makes_the_first_secret(signing: Signing) -> None:
    """There is nothing to overlap with."""
    now = datetime.now(UTC)
    secret = await signing.rotate("me", DAY, now)
    assert await signing.secret("me", now) == secret


async def test_a_secret_does_not_lie_in_clear(
    signing: Signing, store: SqliteStore, tmp_path: Path
) -> None:
    """It is sealed with the key beside the database."""
    secret = await signing.secret("me", datetime.now(UTC))
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    await store.close()
    content = everything_in(tmp_path)
    assert secret.removeprefix("whsec_").encode() not in content
    assert raw not in content


async def test_a_secret_whose_key_is_lost_says_so_until_it_is_rotated(
    signing: Signing, store: SqliteStore
) -> None:
    """A new one in silence would break every receiver without a word."""
    now = datetime.now(UTC)
    await signing.secret("me", now)
    other = Signing(store.outbox, Vault(b"o" * 32))
    with pytest.raises(SecretLost, match="Rotate it"):
        await other.secret("me", now)
    with pytest.raises(SecretLost):
        await other.headers("me", "msg_1", BODY, now)
    secret = await other.rotate("me", DAY, now)
    assert is_valid(secret, await other.headers("me", "msg_1", BODY, now))
