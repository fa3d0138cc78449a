"""Sealed secret inputs: only the right key and the right prediction open them."""

import pytest

from safelight.errors import RunFailed
from safelight.vault import Vault

KEY = b"k" * 32
SECRETS = {"openai_api_key": "sk-very-secret", "other": "päss\nwörd"}
UNREADABLE = "The secret inputs cannot be read"


def test_what_is_sealed_opens_again() -> None:
    """With the same key, also in another process."""
    assert Vault(KEY).open(Vault(KEY).seal(SECRETS, "p1"), "p1") == SECRETS


def test_nothing_of_a_secret_shows_in_what_is_stored() -> None:
    """Neither values nor names."""
    sealed = Vault(KEY).seal(SECRETS, "p1")
    assert not any(word in sealed for word in (b"very-secret", b"openai_api_key", b"other"))


def test_the_same_secrets_are_sealed_differently_each_time() -> None:
    """Nobody can tell from the rows that two callers share a key."""
    assert len({Vault(KEY).seal(SECRETS, "p1") for _ in range(100)}) == 100


def test_another_key_does_not_open_them_and_the_error_says_what_to_do() -> None:
    """HOME's key was replaced while the prediction waited."""
    sealed = Vault(KEY).seal(SECRETS, "p1")
    with pytest.raises(RunFailed, match=r"SAFELIGHT_HOME has changed.*Create it again"):
        Vault(b"x" * 32).open(sealed, "p1")


def test_secrets_open_for_their_own_prediction_alone() -> None:
    """A row copied over another's gives nothing away."""
    sealed = Vault(KEY).seal(SECRETS, "p1")
    with pytest.raises(RunFailed, match=UNREADABLE):
        Vault(KEY).open(sealed, "p2")


@pytest.mark.parametrize("place", [0, 11, 12, 20, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    """In the nonce, the text or the tag."""
    sealed = bytearray(Vault(KEY).seal(SECRETS, "p1"))
    sealed[place] ^= 1
    with pytest.raises(RunFailed, match=UNREADABLE):
        Vault(KEY).open(bytes(sealed), "p1")


@pytest.mark.parametrize("length", [0, 1, 7, 12, 20, 27])
def test_a_cut_seal_is_unreadable_like_any_other(length: int) -> None:
    """However little is left of it."""
    sealed = Vault(KEY).seal(SECRETS, "p1")
    with pytest.raises(RunFailed, match=UNREADABLE):
        Vault(KEY).open(sealed[:length], "p1")
