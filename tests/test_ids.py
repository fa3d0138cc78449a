"""Ids, tokens and references."""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.ids import Reference, api_token, in_order, prediction_id, read_reference

HEX = "0123456789abcdef" * 4


@given(st.binary(min_size=23, max_size=23))
def test_prediction_ids_have_the_shape_of_replicates(noise: bytes) -> None:
    """26 characters without i, l, o and u; an `r` at the 11th place, `0c` at the 14th."""
    minted = prediction_id(noise)
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{26}", minted)
    assert (minted[10], minted[13:15]) == ("r", "0c")


def test_prediction_ids_use_all_of_their_randomness() -> None:
    """Each of the 23 bytes decides a letter; the three fixed places take none."""
    base = prediction_id(bytes(23))
    changed = {prediction_id(bytes(n) + b"\x01" + bytes(22 - n)) for n in range(23)}
    assert len(changed | {base}) == 24


def test_prediction_ids_do_not_repeat() -> None:
    """Ten thousand of them, all different."""
    noise = random.Random(1)
    assert len({prediction_id(noise.randbytes(23)) for _ in range(10_000)}) == 10_000


@given(st.integers(0, 10**8), st.integers(1, 10**8), st.binary(min_size=32, max_size=32))
def test_ids_in_order_rise_with_time(since: int, later: int, noise: bytes) -> None:
    """What is made a second later, or more, comes later in an index, too."""
    first = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=since)
    second = first + timedelta(seconds=later)
    ids = [
        prediction_id(in_order(at, part))
        for at, part in ((first, noise[:16]), (second, noise[16:]))
    ]
    assert ids == sorted(ids)
    assert len(set(ids)) == 2


@given(st.binary(min_size=32, max_size=32))
def test_tokens_are_forty_characters_and_say_their_mode(noise: bytes) -> None:
    """Letters and digits after the prefix, as clients and secret scanners expect."""
    assert re.fullmatch(r"r8_[A-Za-z0-9]{37}", api_token(noise, test=False))
    assert re.fullmatch(r"r8_test_[A-Za-z0-9]{32}", api_token(noise, test=True))


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("openai/gpt-image-1", Reference("openai", "gpt-image-1", None)),
        (f"a/b:{HEX}", Reference("a", "b", HEX)),
        ("a/b:latest", Reference("a", "b", "latest")),
        ("a/b:anything at all", Reference("a", "b", "anything at all")),
        ("a/b:c/d:e", Reference("a", "b", "c/d:e")),
        (HEX, Reference(None, None, HEX)),
        ("A_1.x/b-2", Reference("A_1.x", "b-2", None)),
    ],
)
def test_a_reference_is_read_in_every_spelling(text: str, reference: Reference) -> None:
    """By name, by name and version, by version alone."""
    assert read_reference(text) == reference


@pytest.mark.parametrize(
    "text",
    ["", "a", "a/", "/b", "a/b/c", "a/b:", ":x", "a b/c", HEX[1:], HEX.upper(), HEX + "0", "a/b\n"],
)
def test_what_is_no_reference_is_none(text: str) -> None:
    """Half a name, three parts, a version that is too short, too long or in capitals."""
    assert read_reference(text) is None


def test_a_reference_tells_the_model_it_names() -> None:
    """`owner/name`, and nothing when only a version was given."""
    assert Reference("a", "b", HEX).model == "a/b"
    assert Reference(None, None, HEX).model is None
