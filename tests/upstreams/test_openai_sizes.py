"""OpenAI's sizes: what is asked for in pixels or as a ratio becomes one that the model paints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.upstreams.openai_sizes import legal, size_for

SIDES = st.integers(1, 6000)


@pytest.mark.parametrize(
    ("model", "size", "ratio", "sent"),
    [
        ("gpt-image-2", (3840, 2160), "16:9", "3840x2160"),
        ("gpt-image-2", (768, 1408), "9:16", "768x1408"),
        ("gpt-image-2", (256, 256), "1:1", "816x816"),
        ("gpt-image-2", (1920, 400), "1:1", "1520x512"),
        ("gpt-image-2", None, "21:9", "1568x672"),
        ("gpt-image-2", None, "0:9", "auto"),
        ("gpt-image-1", (1280, 896), "4:3", "1536x1024"),
        ("gpt-image-1.5", None, "9:16", "1024x1536"),
        ("gpt-image-1", None, "auto", "auto"),
        ("z-image", (640, 480), "4:3", "640x480"),
        ("z-image", None, "3:2", "1536x1024"),
    ],
)
def test_a_size_becomes_one_that_the_model_paints(
    model: str, size: tuple[int, int] | None, ratio: str, sent: str
) -> None:
    """The older models have three; gpt-image-2 has rules; of others nothing is known."""
    assert size_for(model, size, ratio) == sent


@given(SIDES, SIDES)
def test_every_size_has_a_legal_one_near_it(width: int, height: int) -> None:
    """By the provider's published rules; what is legal stays as it is."""
    wide, tall = legal((width, height))
    assert wide % 16 == tall % 16 == 0
    assert max(wide, tall) <= min(3840, 3 * min(wide, tall))
    assert 655_360 <= wide * tall <= 8_294_400
    assert legal((wide, tall)) == (wide, tall)
