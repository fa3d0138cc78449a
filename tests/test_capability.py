"""Unguessable names: each opens its own prediction, and no forged one opens any."""

import random
import re

import pytest

from safelight.capability import Capabilities
from safelight.ids import prediction_id

KEY = b"k" * 32
ID = prediction_id(random.Random(1).randbytes(23))
OTHER = prediction_id(random.Random(2).randbytes(23))
OURS = Capabilities(KEY)


def test_names_have_the_shape_of_replicates() -> None:
    """`bcwr-` and 52 characters for a stream, 49 characters for files."""
    assert re.fullmatch(r"bcwr-[a-z0-9]{52}", OURS.stream(ID))
    assert re.fullmatch(r"[a-z0-9]{49}", OURS.output(ID))


def test_a_name_opens_the_prediction_it_was_made_for() -> None:
    """Also after a restart: the key is all that is needed."""
    again = Capabilities(KEY)
    assert again.read_stream(OURS.stream(ID)) == ID
    assert again.read_output(OURS.output(ID)) == ID


@pytest.mark.parametrize("place", range(49))
def test_no_changed_character_goes_unnoticed(place: int) -> None:
    """Neither in the id nor in its MAC."""
    name = OURS.output(ID)
    letter = "0" if name[place] != "0" else "1"
    assert OURS.read_output(name[:place] + letter + name[place + 1 :]) is None


def test_the_mac_of_one_prediction_does_not_open_another() -> None:
    """The id is part of what is signed."""
    assert OURS.read_output(OTHER + OURS.output(ID)[26:]) is None
    assert OURS.read_stream("bcwr-" + OTHER + OURS.stream(ID)[31:]) is None


def test_a_stream_name_does_not_open_files_nor_the_other_way_round() -> None:
    """Each purpose has its own MAC."""
    assert OURS.read_output(OURS.stream(ID)[5:54]) is None
    assert OURS.read_stream("bcwr-" + OURS.output(ID) + "000") is None


def test_a_name_under_another_key_is_refused() -> None:
    """Another server's name, or ours after the key was replaced."""
    assert Capabilities(b"x" * 32).read_stream(OURS.stream(ID)) is None


@pytest.mark.parametrize(
    "name",
    [
        *("", "bcwr-", "é", "\ud800", "0" * 49, "bcwr-" + "0" * 52, "0" * 100_000),
        *(OURS.output(ID)[:-1], OURS.output(ID) + "0", OURS.output(ID).upper()),
        *(OURS.stream(ID)[:-1] + "é", OURS.stream(ID)[5:], " " + OURS.stream(ID)),
    ],
)
def test_whatever_else_is_written_in_a_url_opens_nothing(name: str) -> None:
    """Empty, short, long, not ASCII: refused, never an exception."""
    assert OURS.read_stream(name) is None
    assert OURS.read_output(name) is None
