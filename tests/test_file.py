"""A signed link opens one file of one account, for a while; a file is kept for as long as said."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.making import NOW

from safelight.errors import NotFound
from safelight.file import DownloadLinks, FilePolicy

LINKS = DownloadLinks(b"k" * 32)
EXPIRY = 1_800_000_000
BEFORE, AT_LAST = (datetime.fromtimestamp(EXPIRY - early, UTC) for early in (1, 0))


def query(**changes: str) -> dict[str, str]:
    right = {
        "owner": "ann",
        "expiry": str(EXPIRY),
        "signature": LINKS.signature("ann", "f", EXPIRY),
    }
    return right | changes


def test_a_signed_link_opens_its_file_until_it_expires() -> None:
    """To the second."""
    assert LINKS.check("f", query(), BEFORE) == "ann"
    with pytest.raises(NotFound, match="File not found"):
        LINKS.check("f", query(), AT_LAST)


def test_a_signature_is_the_one_that_is_documented() -> None:
    """HMAC-SHA256 of owner, id and expiry with a secret of the owner's own."""
    secret = hmac.digest(b"k" * 32, b"ann", "sha256")
    mac = hmac.new(secret, f"ann f {EXPIRY}".encode(), hashlib.sha256).digest()
    assert query()["signature"] == base64.b64encode(mac).decode()


def test_a_plus_that_has_become_a_space_is_still_a_plus() -> None:
    """A caller who does not escape base64 is understood."""
    signed = (
        (expiry, signature)
        for expiry in range(EXPIRY, EXPIRY + 1000)
        if "+" in (signature := LINKS.signature("ann", "f", expiry))
    )
    expiry, signature = next(signed)
    spoilt = query(expiry=str(expiry), signature=signature.replace("+", " "))
    assert LINKS.check("f", spoilt, BEFORE) == "ann"


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": "bob"},
        {"owner": ""},
        {"expiry": str(EXPIRY + 1)},
        {"expiry": f"0{EXPIRY}"[:-1]},
        {"expiry": ""},
        {"expiry": "-1"},
        {"expiry": "soon"},
        {"expiry": "\u0663"},
        {"expiry": "9" * 5000},
        {"signature": ""},
        {"signature": "\u00e4"},
        {"signature": LINKS.signature("ann", "g", EXPIRY)},
        {"signature": DownloadLinks(b"x" * 32).signature("ann", "f", EXPIRY)},
    ],
)
def test_a_link_that_was_tampered_with_opens_nothing(changes: dict[str, str]) -> None:
    """It is told apart from no file at all by nothing."""
    with pytest.raises(NotFound, match="File not found"):
        LINKS.check("f", query(**changes), BEFORE)


@pytest.mark.parametrize("left_out", ["owner", "expiry", "signature"])
def test_a_link_needs_all_its_parts(left_out: str) -> None:
    """Each of the three."""
    parts = query()
    del parts[left_out]
    with pytest.raises(NotFound):
        LINKS.check("f", parts, BEFORE)


@pytest.mark.parametrize(
    ("kept_for", "end"),
    [
        (timedelta(hours=1), NOW + timedelta(hours=1)),
        (None, None),
        (timedelta(days=99_999_999), None),
    ],
)
def test_what_is_kept_longer_than_time_lasts_never_expires(
    kept_for: timedelta | None, end: datetime | None
) -> None:
    """An operator may write a very large number for `for ever`."""
    assert FilePolicy(limit_bytes=1, kept_for=kept_for).end(NOW) == end
