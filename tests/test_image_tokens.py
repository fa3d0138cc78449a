"""OpenAI's token counts, against the published tables."""

import pytest

from safelight.image_tokens import input_tokens, output_tokens, text_tokens

QUALITIES = ("low", "medium", "high")


@pytest.mark.parametrize(
    ("size", "counts"),
    [
        ((1024, 1024), (272, 1056, 4160)),
        ((1024, 1536), (408, 1584, 6240)),
        ((1536, 1024), (400, 1568, 6208)),
    ],
)
def test_gpt_image_1_counts_by_its_table(size: tuple[int, int], counts: tuple[int, ...]) -> None:
    """And auto has been seen to mean high."""
    assert tuple(output_tokens("gpt-image-1", size, quality) for quality in QUALITIES) == counts
    assert output_tokens("gpt-image-1", size, "auto") == counts[2]


@pytest.mark.parametrize(
    ("size", "counts"),
    [
        ((1024, 1024), (196, 1756, 7024)),
        ((1536, 1024), (158, 1372, 5488)),
        ((1024, 1536), (158, 1372, 5488)),
        ((1536, 864), (120, 1078, 4312)),
        ((2048, 1152), (157, 1413, 5650)),
        ((2048, 2048), (397, 3568, 14272)),
        ((3840, 2160), (371, 3336, 13342)),
    ],
)
def test_gpt_image_2_counts_by_its_formula(size: tuple[int, int], counts: tuple[int, ...]) -> None:
    """And auto has been seen to mean medium."""
    assert tuple(output_tokens("gpt-image-2", size, quality) for quality in QUALITIES) == counts
    assert output_tokens("gpt-image-2", size, "auto") == counts[1]


@pytest.mark.parametrize(
    ("model", "size", "fidelity", "count"),
    [
        ("gpt-image-1", (900, 900), "low", 194),
        ("gpt-image-1", (1536, 1024), "low", 323),
        ("gpt-image-1", (1024, 1024), "high", 4354),
        ("gpt-image-1", (1024, 1536), "high", 6563),
        ("gpt-image-2", (1024, 1536), None, 361),
    ],
)
def test_an_input_picture_counts_by_its_tiles(
    model: str, size: tuple[int, int], fidelity: str | None, count: int
) -> None:
    """A square is one tile, a rectangle two; high fidelity adds a fixed number."""
    assert input_tokens(model, size, fidelity) == count


def test_text_is_estimated_from_its_length() -> None:
    """Four characters a token, a preamble, and what an edit adds for each picture."""
    assert text_tokens("", 0) == 8
    assert text_tokens("x" * 41, 2) == 8 + 11 + 64
