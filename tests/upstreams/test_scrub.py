"""Scrubbing: no key, and no part of one, in what a provider says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.upstreams.scrub import scrub

KEY = "sk-proj-Zq81tWm3LkYv92RbXc47"


@pytest.mark.parametrize(
    "said",
    [
        f"Incorrect API key provided: {KEY}.",
        "Incorrect API key provided: sk-proj-********************Xc47. You can find it.",
        f"The part {KEY[9:15]} is wrong.",
        "Not AIzaSyA9x81mKq20ZbWv nor sk_live_8a7b6c5d4e nor r8_abcdefghijkl nor sk-other-1234567.",
        f"header: Bearer {KEY}",
        f"\u2022\u2022\u2022\u2022{KEY[-4:]}",
    ],
)
def test_key_like_text_is_redacted(said: str) -> None:
    """Whole, cut short, masked, or somebody else's."""
    clean = scrub(said, KEY)
    assert "[REDACTED]" in clean
    for secret in ("Zq81", "Xc47", KEY[9:15], "AIza", "live_8a7", "abcdef", "other-12"):
        assert secret not in clean


@settings(deadline=None)
@given(st.text(), st.integers(0, len(KEY) - 6), st.text())
def test_no_six_characters_of_the_key_survive(before: str, at: int, after: str) -> None:
    """Wherever they stand in the text."""
    clean = scrub(before + KEY[at : at + 6] + after, KEY)
    assert not any(KEY[i : i + 6] in clean for i in range(len(KEY) - 5))


def test_a_short_key_is_redacted_whole() -> None:
    """Local engines take any word for a key."""
    assert scrub("the key abc is bad", "abc") == "the key [REDACTED] is bad"


def test_other_words_stay() -> None:
    """A message without a key is shown as it is, on one line, and not for ever."""
    said = "Invalid size '9x9'.\nWidth and height must both be divisible by 16; ask-me, task_1."
    assert scrub(said, KEY) == said.replace("\n", " ")
    assert len(scrub("word " * 1000, KEY)) == 500
